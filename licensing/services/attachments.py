"""Files that go with a move of a negotiation: kept as bytes and never opened here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from ingest import blobs
from ingest.services import uploads
from licensing.models import Attachment, Step
from registry.errors import InvalidInput

MAX_FILES = 10
MAX_FILE_BYTES = 25 << 20
FOLDER = "attachments"


@dataclass(frozen=True)
class File:
    """A file that goes with a move: it is kept as it is and never opened here."""

    name: str
    content: IO[bytes]
    content_type: str = ""


def keep(files: Sequence[File], folder: str) -> list[tuple[File, blobs.Blob]]:
    """Put the files into the store, all or none. Raises InvalidInput for one that is empty or too large."""
    kept = []
    try:
        for number, file in enumerate(files):
            blob = blobs.put(uploads.Limited(file.content), folder)  # type: ignore[arg-type]
            kept.append((file, blob))
            if not 0 < blob.size_bytes <= MAX_FILE_BYTES:
                limit = f"{MAX_FILE_BYTES >> 20} MB"
                cause = "The file is empty." if not blob.size_bytes else f"A file has at most {limit}."
                raise InvalidInput(cause, errors=[{"pointer": f"/files/{number}", "cause": cause}])
    except BaseException:
        blobs.delete_folder(folder)
        raise
    return kept


def attach(step: Step, kept: Sequence[tuple[File, blobs.Blob]]) -> None:
    """Say which kept files go with a step."""
    Attachment.objects.bulk_create(
        Attachment(
            step=step,
            name=uploads.clean_name(file.name),
            content_type=file.content_type[:100],
            size_bytes=blob.size_bytes,
            sha256=blob.sha256,
            blob=blob.key,
        )
        for file, blob in kept
    )
