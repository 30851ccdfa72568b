"""Which format is this? By content first, by the name's ending where content says nothing (text has no magic)."""

from __future__ import annotations

import orjson

from ingest.readers.compression import MAGIC as COMPRESSION_MAGIC
from ingest.readers.decoding import BOMS, looks_binary
from ingest.readers.document import BadInput
from ingest.readers.source import Source
from ingest.readers.tar import BLOCK_BYTES, ZERO_BLOCK, is_tar_header

HEAD_BYTES = 64 * 1024
ENDINGS = {
    ".txt": "txt",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
}
BINARY_ENDINGS = {
    ".gz": "gz",
    ".tgz": "gz",
    ".bz2": "bz2",
    ".xz": "xz",
    ".zst": "zst",
    ".tar": "tar",
    ".zip": "zip",
    ".epub": "epub",
    ".parquet": "parquet",
}
COMPRESSION_ENDINGS = (".gz", ".bz2", ".xz", ".zst")
SKIPPABLE_FRAME = (b"\x2a\x4d\x18", range(0x50, 0x60))
NOT_SUPPORTED = (
    (b"%PDF-", "PDF"),
    (b"WARC/", "WARC"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Microsoft Office"),
    (b"\x04\x22\x4d\x18", "LZ4"),
    (b"ARROW1\0\0", "Arrow IPC"),
    (b"SQLite format 3\0", "SQLite"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"{\\rtf", "RTF"),
)
APPLE_DOUBLE = b"\x00\x05\x16\x07"


def detect_format(source: Source) -> str:
    """gz bz2 xz zst tar zip epub parquet txt jsonl json csv tsv, or `sidecar`: only a file system's metadata.

    Raises BadInput: empty_file, format_not_supported, wrong_format (the ending promises another content)."""
    head = source.stream.peek(BLOCK_BYTES)
    if not head:
        raise BadInput("empty_file", "the file is empty")
    binary = _detect_magic(head, source)
    if binary is not None:
        return binary
    ending = _ending_of(source.ending_name)
    if ending in BINARY_ENDINGS:
        if ending == ".tar" and not head.strip(b"\0"):
            return "tar"
        raise BadInput("wrong_format", f"the name ends in {ending} but the content is not of that format, or is cut")
    return _detect_text(source.stream.peek(HEAD_BYTES), ending)


def _detect_magic(head: bytes, source: Source) -> str | None:
    for kind, magic in COMPRESSION_MAGIC.items():
        if head.startswith(magic):
            return kind if kind != "bz2" or head[4:10] in (b"1AY&SY", b"\x17rE8P\x90") else None
    if head[1:4] == SKIPPABLE_FRAME[0] and head[0] in SKIPPABLE_FRAME[1]:
        return "zst"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _detect_zip_kind(head, source)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(APPLE_DOUBLE):
        return "sidecar"
    for magic, name in NOT_SUPPORTED:
        if head.startswith(magic):
            raise BadInput("format_not_supported", f"{name} files are not read")
    if is_tar_header(head[:BLOCK_BYTES]):
        return "tar"
    if head[:BLOCK_BYTES] == ZERO_BLOCK and _ending_of(source.ending_name) in (".tar", ".tgz"):
        return "tar"
    return None


def _detect_zip_kind(head: bytes, source: Source) -> str:
    """An EPUB says so in its first member (OCF 3.3, section 4.3); an ending .epub counts too."""
    if b"mimetypeapplication/epub+zip" in head[30:90] or _ending_of(source.ending_name) == ".epub":
        return "epub"
    if head[30:49] == b"[Content_Types].xml":
        raise BadInput("format_not_supported", "Microsoft Office files are not read")
    return "zip"


def _detect_text(head: bytes, ending: str) -> str:
    if looks_binary(head):
        raise BadInput("format_not_supported", "the content is neither text nor a known format")
    known = ENDINGS.get(ending)
    if known in ("txt", "jsonl", "csv", "tsv"):
        return known
    for bom, _ in BOMS:
        head = head.removeprefix(bom)
    body = head.lstrip()
    if known is None and not body.startswith(b"{"):
        return "txt"
    first, newline, rest = body.partition(b"\n")
    is_lines = newline and rest.strip() and body.startswith(b"{") and _is_object(first)
    if known == "json":
        return "jsonl" if is_lines else "json"
    return "jsonl" if is_lines or (not rest.strip() and _is_object(first)) else "txt"


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _ending_of(name: str) -> str:
    base = name.rpartition("/")[2].lower()
    stem, dot, ending = base.rpartition(".")
    return f".{ending}" if dot and stem else ""


def strip_compression(name: str) -> str:
    """The name a compressed file's content would have: book.txt.gz → book.txt, data.tgz → data.tar."""
    lowered = name.lower()
    if lowered.endswith(".tgz"):
        return name[:-4] + ".tar"
    for ending in COMPRESSION_ENDINGS:
        if lowered.endswith(ending):
            return name[: -len(ending)]
    return name
