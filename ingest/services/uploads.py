"""How much of what an organisation hands in is kept, and for how long: files of imports, lists to be linked, audits.

What is over needs its file no more: rows and reports are in the database. So such files make room for new ones, the
oldest first, and go after 30 days in any case. An import that nobody confirmed by then is stopped.
"""

import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils import timezone

from ingest import blobs
from ingest.models import Audit, OutputCorpus
from registry.actors import Actor
from registry.errors import ColophonError, InvalidInput
from registry.models import Import, Linkage, Organisation

KEPT_FOR = datetime.timedelta(days=30)
OVER: dict[Any, list[str]] = {
    Import: [Import.State.DONE, Import.State.FAILED, Import.State.CANCELLED],
    Linkage: [Linkage.State.DONE, Linkage.State.FAILED, Linkage.State.CANCELLED],
    Audit: [Audit.State.DONE, Audit.State.FAILED, Audit.State.CANCELLED],
    OutputCorpus: [OutputCorpus.State.FAILED],  # one that was read stays until it is withdrawn
}
FOLDERS: dict[Any, str] = {Import: "imports", Linkage: "linkages", Audit: "audits", OutputCorpus: "outputs"}
Upload = Import | Linkage | Audit | OutputCorpus
UNCONFIRMED = f"Nobody confirmed it within {KEPT_FOR.days} days, so its file was removed. Upload it again."


class StorageFull(ColophonError):
    """The organisation keeps as many bytes in unfinished uploads as it may."""

    code = "STORAGE_FULL"
    status = 507


class FileTooLarge(ColophonError):
    """The file is larger than the registry takes."""

    code = "TOO_LARGE"
    status = 413


class Limited:
    """A stream that stops being read once it is larger than what is taken at once (IMPORT_MAX_BYTES)."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._taken = stream, 0

    def read(self, size: int = -1) -> bytes:
        """As a stream's; raises FileTooLarge."""
        piece = self._stream.read(size)
        self._taken += len(piece)
        require_size(self._taken)
        return piece


def require_size(size_bytes: int) -> None:
    """Raises FileTooLarge."""
    if size_bytes > settings.IMPORT_MAX_BYTES:
        limit = f"{settings.IMPORT_MAX_BYTES:,}"
        raise FileTooLarge(f"The file is larger than {limit} bytes, which is as much as is taken at once. Divide it.")


def clean_name(name: str) -> str:
    """A file's name as it is shown: without folders and without what nobody sees, 255 characters at most."""
    plain = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(char if char.isprintable() else "\ufffd" for char in plain)
    return plain.encode("utf-8", "replace").decode()[:255] or "unnamed"


def keep(file: IO[bytes] | Path, folder: str) -> blobs.Blob:
    """Store what is handed in; what is too large is refused before all of it is copied.

    Raises FileTooLarge, or InvalidInput for an empty file.
    """
    if isinstance(file, Path):
        require_size(file.stat().st_size)
    elif isinstance(size := getattr(file, "size", None), int):
        require_size(size)
    blob = blobs.put(file if isinstance(file, Path) else Limited(file), folder)  # type: ignore[arg-type]
    if not blob.size_bytes:
        raise InvalidInput("The file is empty.", errors=[{"pointer": "/file", "cause": "The file is empty."}])
    return blob


@transaction.atomic
def make_room(actor: Actor, size_bytes: int) -> None:
    """See to it that these bytes fit beside those that the organisation keeps (UPLOADS_KEPT_BYTES).

    Files of what is over go for it, the oldest first. Raises StorageFull where what is not over takes too much.
    The organisation's row is locked until the transaction ends. Operators' commands have no limit, and 0 sets none.
    """
    limit = settings.UPLOADS_KEPT_BYTES
    if not limit or actor.user is None or actor.organisation is None:
        return
    Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation.pk)
    kept = {model: model._default_manager.filter(organisation=actor.organisation).exclude(blob="") for model in OVER}
    taken = sum(rows.aggregate(total=Sum("size_bytes"))["total"] or 0 for rows in kept.values())
    over = [row for model, rows in kept.items() for row in rows.filter(state__in=OVER[model])]
    if taken - sum(row.size_bytes for row in over) + size_bytes > limit:
        raise StorageFull(
            "The files of imports, lists and audits that are not finished, and of registered outputs, may have"
            f" {limit:,} bytes together, and with this one they have more. Confirm, stop or withdraw some of them;"
            " the operator of this registry sets the limit.",
            limit_bytes=limit,
        )
    for row in sorted(over, key=lambda row: row.recorded_at):
        if taken + size_bytes <= limit:
            return
        taken -= row.size_bytes
        _remove(row)


def remove_old() -> int:
    """Delete the files of what has been over for 30 days, or was not confirmed in 30 days; returns how many."""
    limit = timezone.now() - KEPT_FOR
    waiting = Import.objects.filter(state__in=[Import.State.UPLOADED, Import.State.CHECKED], recorded_at__lt=limit)
    forgotten = list(waiting)
    stopped = [row for row in forgotten if waiting.filter(pk=row.pk).update(**_stopped())]
    rows: list[Upload] = list(stopped)
    for model, over in OVER.items():
        rows += model._default_manager.filter(state__in=over, ended_at__lt=limit).exclude(blob="")
    for row in rows:
        with transaction.atomic():
            _remove(row)
    return len(rows)


def _stopped() -> dict[str, object]:
    return {"state": Import.State.CANCELLED, "reason": UNCONFIRMED, "ended_at": Now()}


def _remove(row: Upload) -> None:
    """Let go of a file; it is deleted when that is committed."""
    folder = f"{FOLDERS[type(row)]}/{row.public_id}"
    if type(row)._default_manager.filter(pk=row.pk, state__in=OVER[type(row)]).update(blob=""):
        transaction.on_commit(lambda: blobs.delete_folder(folder))


def in_use(model: type[Upload], public_ids: list[str]) -> set[str]:
    """Of these ids those whose row still has a file."""
    rows = model._default_manager.filter(public_id__in=public_ids).exclude(blob="")
    return set(rows.values_list("public_id", flat=True))
