"""`Idempotency-Key`: a creating request that is sent again gets the same reply for a day and creates nothing again.

The reply is written in the transaction of what it created: either both are there or neither. Source: IETF draft
"The Idempotency-Key HTTP Header Field" (draft-ietf-httpapi-idempotency-key-header-07), with our rule that refusals are
not remembered, as they created nothing.
"""

import hashlib
import json
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models.functions import Now
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from registry import sealing
from registry.actors import Actor
from registry.api.problems import InvalidHeader
from registry.errors import ColophonError
from registry.models import Reply
from registry.services.replies import KEPT

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
LONGEST_KEY = 255
PURPOSE = "replies"  # some hold a secret that is shown once
KEPT_HEADERS = ("Content-Type", "Location", "ETag", "Cache-Control")


class KeyReused(ColophonError):
    """The key came with another request before."""

    code = "IDEMPOTENCY_KEY_REUSED"
    status = 422


class InFlight(ColophonError):
    """The first request with this key has not been answered yet."""

    code = "IDEMPOTENCY_KEY_IN_FLIGHT"
    status = 409


class Replay(Exception):
    """Carries the stored reply past the view."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


class Attempt:
    """One request with a key, inside the transaction that its view writes in."""

    def __init__(self, request: Request, actor: Actor) -> None:
        self.key = _key(request)
        self.owner = f"{actor.name}/{actor.organisation.slug if actor.organisation else ''}"
        self.digest = _digest(request)

    def begin(self) -> None:
        """Go on when the key is new; raises Replay with the stored reply, KeyReused or InFlight."""
        _lock(f"{self.owner}\n{self.key}")
        stored = Reply.objects.filter(owner=self.owner, key=self.key).first()
        if stored is None:
            return
        if Reply.objects.filter(pk=stored.pk, recorded_at__lt=Now() - KEPT).exists():
            stored.delete()
            return
        if stored.request_digest != self.digest:
            raise KeyReused(f"The key {self.key!r} came with another request before: use a new one for this.")
        response = HttpResponse(
            sealing.unseal(bytes(stored.body), purpose=PURPOSE), status=stored.status, headers=stored.headers
        )
        response[REPLAYED] = "true"
        raise Replay(response)

    def finish(self, response: HttpResponseBase) -> None:
        """Keep the reply of a request that succeeded; take back whatever one that failed had written."""
        if response.status_code >= 400:
            transaction.set_rollback(True)
            return
        if not isinstance(response, HttpResponse):
            raise TypeError("a reply that streams cannot be kept")
        if isinstance(response, Response):
            response.render()
        headers = {name: response[name] for name in KEPT_HEADERS if name in response}
        Reply.objects.create(
            owner=self.owner,
            key=self.key,
            request_digest=self.digest,
            status=response.status_code,
            headers=headers,
            body=sealing.seal(response.content, purpose=PURPOSE),
        )


def _key(request: Request) -> str:
    key = request.headers[HEADER].strip()
    if not (1 <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise InvalidHeader(HEADER, f"has to be 1 to {LONGEST_KEY} printable ASCII characters")
    return key


def _lock(name: str) -> None:
    """Hold the key until the transaction ends; raises InFlight when another request holds it."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise InFlight("The first request with this key has not been answered yet: ask again in a moment.")


def _digest(request: Request) -> str:
    """SHA-256 over the method, the address and the content: the same for the same request, however it is encoded."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    data: Any = request.data
    if not isinstance(data, QueryDict):
        digest.update(json.dumps(data, sort_keys=True, ensure_ascii=True).encode())
        return digest.hexdigest()
    for name, values in sorted(data.lists()):
        for value in values:
            digest.update(f"{name}\n".encode())
            if isinstance(value, UploadedFile):
                _update_with_file(digest, value)
            else:
                digest.update(hashlib.sha256(str(value).encode("utf-8", "surrogatepass")).digest())
    return digest.hexdigest()


def _update_with_file(digest: Any, file: UploadedFile) -> None:
    inner = hashlib.sha256((file.name or "").encode("utf-8", "surrogatepass") + b"\n")
    for chunk in file.chunks():
        inner.update(chunk)
    file.seek(0)
    digest.update(inner.digest())
