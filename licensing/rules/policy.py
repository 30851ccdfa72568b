"""Policy profiles: which verdicts block. A policy never changes a verdict."""

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from licensing.rules.reasons import IDENTITY
from licensing.rules.terms import Verdict
from licensing.rules.verdict import Answer

FOLDER = Path(__file__).parent / "policies"
PROFILES = ("strict", "balanced", "research")
DEFAULT_PROFILE = "balanced"


# What a policy cannot do, and what it is told that tries.
_NO_VERDICT = "it says which verdicts block, and never changes one"
_NO_LICENCE = "only a verdict CLEARED authorises, and no policy makes one of something else"
OVERREACHING = {
    **dict.fromkeys(("verdict", "verdicts", "reason", "reasons", "rules", "status", "statuses"), _NO_VERDICT),
    **dict.fromkeys(("allows", "allow", "authorises", "authorizes", "clears", "overrides", "waives"), _NO_LICENCE),
}


class PolicyError(ValueError):
    """A policy that does not exist or cannot be read. `source` is its name or path, `cause` what is wrong."""

    code = "policy_invalid"

    def __init__(self, source: str, cause: str) -> None:
        super().__init__(f"policy {source}: {cause}")
        self.source = source
        self.cause = cause


@dataclass(frozen=True)
class Policy:
    """One version of a profile. `blocked` holds the verdicts that block; `quotations`: whether quotations count."""

    profile: str
    version: str
    blocked: frozenset[Verdict]
    quotations: bool = False

    @property
    def label(self) -> str:
        """As answers cite it: "balanced@1"."""
        return f"{self.profile}@{self.version}"

    @property
    def table(self) -> dict[str, bool]:
        """The `[blocks]` table, every verdict named."""
        return {verdict.value: verdict in self.blocked for verdict in Verdict}

    def counts(self, answer: Answer) -> bool:
        """Whether an answer counts at all: one about a mere quotation only where the policy says so."""
        return self.quotations or not answer.is_quotation

    def blocks(self, answer: Answer) -> bool:
        """Whether the answer blocks. Where quotations do not count, what the other axes found about one still does."""
        if self.counts(answer):
            return answer.verdict in self.blocked
        others = [reason for reason in answer.reasons if reason.axis != IDENTITY and not reason.superseded]
        return any(reason.verdict in self.blocked for reason in others)

    def authorises(self, answer: Answer) -> bool:
        """Whether the use may go ahead on this answer alone: CLEARED and not blocked. Never for UNKNOWN."""
        return answer.authorises and not self.blocks(answer)


def load(name_or_path: str | Path) -> Policy:
    """A profile by its name, or your own TOML file by its path. Raises PolicyError.

    Never hand a name that came over the network to this function: use `load_profile`.
    """
    if isinstance(name_or_path, str) and name_or_path in PROFILES:
        return load_profile(name_or_path)
    path = Path(name_or_path)
    if path.suffix != ".toml":
        raise PolicyError(str(name_or_path), f"unknown profile; known: {', '.join(PROFILES)}, or a .toml file")
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        raise PolicyError(str(name_or_path), getattr(error, "strerror", None) or str(error)) from error
    return read_policy(raw, str(name_or_path))


def load_profile(name: str) -> Policy:
    """One of the profiles that come with the product. Raises PolicyError for any other name."""
    if name not in PROFILES:
        raise PolicyError(name, f"unknown profile; known: {', '.join(PROFILES)}")
    return _read_own(_decode((FOLDER / f"{name}.toml").read_bytes(), name), name)


def read_policy(raw: bytes, source: str) -> Policy:
    """Your own policy from the bytes of a TOML file: a profile and what you block otherwise. Raises PolicyError.

    Its version is that of the file, else the profile's with the beginning of the file's SHA-256.
    """
    values = _decode(raw, source)
    base = load_profile(_typed(values, "profile", str, DEFAULT_PROFILE, source))
    blocks = base.table | _typed(values, "blocks", dict, {}, source)
    version = f"{base.version}+{hashlib.sha256(raw).hexdigest()[:12]}"
    complete = {"version": version, "quotations": base.quotations} | values
    return _read_own(complete | {"profile": base.profile, "blocks": blocks}, source)


def _decode(raw: bytes, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise PolicyError(source, f"not readable as TOML: {error}") from error


def _typed(values: dict[str, Any], name: str, kind: type, default: Any, source: str) -> Any:
    value = values.get(name, default)
    if not isinstance(value, kind):
        raise PolicyError(source, f"{name} has to be a {kind.__name__}, not {type(value).__name__}")
    return value


def _read_own(values: dict[str, Any], source: str) -> Policy:
    for name in sorted(values.keys() & OVERREACHING.keys()):
        raise PolicyError(source, f"asks for more than a policy may: {OVERREACHING[name]}")
    unknown = sorted(values.keys() - {"profile", "version", "quotations", "blocks"})
    if unknown:
        raise PolicyError(source, f"unknown entry {unknown[0]!r}; known: profile, version, quotations, [blocks]")
    blocks = _typed(values, "blocks", dict, {}, source)
    for name, value in blocks.items():
        if name not in Verdict.__members__:
            raise PolicyError(source, f"[blocks] {name!r} is not a verdict; known: {', '.join(Verdict)}")
        if not isinstance(value, bool):
            raise PolicyError(source, f"[blocks] {name} has to be true or false")
    return Policy(
        profile=_typed(values, "profile", str, DEFAULT_PROFILE, source),
        version=_typed(values, "version", str, "1", source),
        blocked=frozenset(Verdict(name) for name, value in blocks.items() if value),
        quotations=_typed(values, "quotations", bool, False, source),
    )


def blocks(answer: Answer, policy: Policy | None = None) -> bool:
    """Whether `answer` blocks under `policy`, by default the profile "balanced"."""
    return (policy or load_profile(DEFAULT_PROFILE)).blocks(answer)
