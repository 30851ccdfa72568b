"""Speaking with a registry's API: address, token, errors as sentences, waiting for jobs."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpx

from colophon.exits import CommandError

DEFAULT_REGISTRY = "http://127.0.0.1:8000"
TOKEN_VARIABLE, REGISTRY_VARIABLE = "COLOPHON_TOKEN", "COLOPHON_REGISTRY"
PATIENCE_SECONDS = 120.0
POLL_SECONDS = (0.2, 0.5, 1.0, 2.0)  # ever slower
RETRIES = 5
IDEMPOTENCY_KEY = "Idempotency-Key"
BUSY = (429, 503)
ENDED = ("done", "failed", "quarantined", "cancelled")

Json = dict[str, Any]


class Refusal(CommandError):
    """The registry's answer is an error: `status` of HTTP, `code` of the problem."""

    def __init__(self, sentence: str, status: int, code: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code


def credentials_path() -> Path:
    """Where tokens are kept, for this user alone."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "colophon" / "credentials.json"


def stored() -> Json:
    """What `auth login` kept: {"registry": the last one, "tokens": {address: token}}."""
    path = credentials_path()
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"registry": "", "tokens": {}}
    except (OSError, ValueError) as error:
        raise CommandError(f"{path}: cannot be read: {error}") from None
    if not isinstance(kept, dict) or not isinstance(kept.get("tokens"), dict):
        raise CommandError(f"{path}: is not what `colophon auth login` writes; delete it and sign in again.")
    return kept


def store(registry: str, token: str) -> Path:
    """Keep a token for a registry, readable by this user alone."""
    path = credentials_path()
    kept = stored()
    kept["registry"] = registry
    kept["tokens"][registry] = token
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(kept, file, indent=1)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def address_of(given: str | None) -> str:
    """The registry that is meant: the one given, else $COLOPHON_REGISTRY, else the last one signed in to."""
    address = given or os.environ.get(REGISTRY_VARIABLE) or stored()["registry"] or DEFAULT_REGISTRY
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CommandError(f"{address}: is not the address of a registry, like https://registry.example.org.")
    return f"{parts.scheme}://{parts.netloc}"


class Registry:
    """A registry's API under one address; a token is sent to the address it was given for and to no other."""

    def __init__(self, address: str | None = None, *, token: str | None = None) -> None:
        self.address = address_of(address)
        self.token = token or os.environ.get(TOKEN_VARIABLE) or stored()["tokens"].get(self.address, "")
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            self._http = httpx.Client(
                base_url=f"{self.address}/api/v1/", headers=headers, timeout=PATIENCE_SECONDS, follow_redirects=False
            )
        except (UnicodeEncodeError, ValueError):
            raise CommandError("The token holds characters that no token has.") from None

    def __enter__(self) -> Registry:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, **query: str | int) -> Json:
        """An object or a page of a list. Raises Refusal, or CommandError where the registry does not answer."""
        return self._ask("GET", path, params=query)

    def post(self, path: str, body: Json | None = None) -> Json:
        """Do something; the answer's object. It is done once, however often a busy registry has to be asked."""
        return self._ask("POST", path, json=body or {}, headers={IDEMPOTENCY_KEY: uuid.uuid4().hex})

    def patch(self, path: str, body: Json) -> Json:
        """Change some fields of an object; the answer is the object."""
        return self._ask("PATCH", path, json=body)

    def upload(self, path: str, file: Path, fields: dict[str, str]) -> Json:
        """Hand in a file, read piece by piece."""
        with file.open("rb") as stream:
            return self._ask("POST", path, files={"file": (file.name, stream)}, data=fields)

    def upload_many(self, path: str, name: str, files: Sequence[Path]) -> Json:
        """Hand in small files together, under one name of the form."""
        return self._ask("POST", path, files=[(name, (file.name, file.read_bytes())) for file in files])

    def download(self, path: str, target: Path, **query: str) -> None:
        """Write what an address gives to a file, all of it or nothing."""
        partial = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with self._guarded(), self._http.stream("GET", path, params=query) as answer:
                if answer.is_error or answer.is_redirect:
                    answer.read()
                    raise _refusal(answer)
                with partial.open("wb") as file:
                    for piece in answer.iter_bytes():
                        file.write(piece)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def pages(self, path: str, **query: str | int) -> Iterator[Json]:
        """Every result of a list, page after page."""
        answer = self.get(path, **query)
        while True:
            yield from answer["results"]
            following = answer.get("next")
            if not following:
                return
            parts = urlsplit(following)
            answer = self._ask("GET", f"{self.address}{parts.path}?{parts.query}")

    def wait(self, job: str, told: Callable[[Json], None]) -> Json:
        """Ask for a job until it has ended, telling of its progress; returns it."""
        for attempt in range(10**9):
            found = self.get(f"jobs/{job}")
            told(found)
            if found["state"] in ENDED:
                return found
            time.sleep(POLL_SECONDS[min(attempt // 5, len(POLL_SECONDS) - 1)])
        raise AssertionError("unreachable")

    def _ask(self, method: str, path: str, **options: Any) -> Json:
        for attempt in range(RETRIES):
            with self._guarded():
                answer = self._http.request(method, path, **options)
            is_last = attempt == RETRIES - 1
            is_safe = method == "GET" or IDEMPOTENCY_KEY in options.get("headers", {})
            if answer.status_code not in BUSY or not is_safe or is_last:
                break
            time.sleep(min(30.0, _retry_after(answer)))
        if answer.is_error or answer.is_redirect:
            raise _refusal(answer)
        if answer.status_code == httpx.codes.NO_CONTENT:
            return {}
        try:
            body = answer.json()
        except ValueError:
            raise CommandError(f"{self.address} answers, but not as a registry does.") from None
        return body if isinstance(body, dict) else {"results": body}

    def _guarded(self) -> _Guard:
        return _Guard(self.address)


class _Guard:
    """Network troubles as sentences."""

    def __init__(self, address: str) -> None:
        self._address = address

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, httpx.TimeoutException):
            raise CommandError(f"{self._address} does not answer in time.") from None
        if isinstance(error, httpx.HTTPError | httpx.InvalidURL):
            raise CommandError(f"{self._address} cannot be reached: {error or type(error).__name__}.") from None


def _retry_after(answer: httpx.Response) -> float:
    try:
        return max(0.5, float(answer.headers.get("Retry-After", "1")))
    except ValueError:
        return 1.0


def _refusal(answer: httpx.Response) -> Refusal:
    """The registry's problem (RFC 9457) as a sentence, with every fault that it names."""
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    code = str(problem.get("type", "")).rpartition("#")[2].rpartition("/")[2] or str(answer.status_code)
    sentence = str(problem.get("detail") or problem.get("title") or f"The registry answers {answer.status_code}.")
    faults = [str(fault.get("cause", "")) for fault in problem.get("errors", []) if isinstance(fault, dict)]
    more = [fault for fault in faults if fault and fault not in sentence]
    if more:
        sentence = f"{sentence} {'; '.join(more[:10])}"
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        sentence = f"{sentence} Sign in with `colophon auth login`, or set {TOKEN_VARIABLE}."
    return Refusal(sentence, answer.status_code, code)
