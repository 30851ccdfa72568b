"""The encoding of a text file: byte order mark, valid UTF-8, else what fits the lines that are not ASCII best."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass
from typing import BinaryIO

from charset_normalizer import from_bytes

from registry.importers.rows import CatalogueError, Message
from registry.importers.source import Source

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BLOCK_BYTES = 1 << 20
SAMPLE_BYTES = 96 * 1024
# Below this many foreign bytes statistics say nothing, and only patterns that leave no doubt are taken.
MIN_EVIDENCE_BYTES = 32
CANDIDATES = [
    *("gb18030", "big5", "cp932", "euc_jp", "cp949"),
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r", "mac_roman"),
]
FOREIGN = re.compile(rb"[\x80-\xff]+")
UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# Letters and typographic marks that Western text in Windows-1252 has; ÿ þ and unassigned codes are left out.
WESTERN_RUN = re.compile(
    rb"[\x80\x85\x8c\x91-\x97\x9a\x9c\x9e\xa0\xa1\xa3\xa7-\xab\xb0-\xb7\xba\xbb\xbf-\xd6\xd8-\xdd\xdf-\xf6\xf8-\xfd]+"
)
# First levels: the characters that make up nearly all running text in the two encodings of Chinese.
GB_COMMON = re.compile(rb"[\xb0-\xd7][\xa1-\xfe]")
BIG5_COMMON = re.compile(rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]")


@dataclass(frozen=True)
class Encoding:
    """Python's name of it, and what has to be said about how it was found."""

    name: str
    messages: tuple[Message, ...] = ()


def find_encoding(source: Source, given: str | None) -> Encoding:
    """The encoding to read a whole text file in: reads it once. CatalogueError ENCODING_UNKNOWN."""
    if given:
        return Encoding(check_name(given, source.name))
    with source.open() as stream:
        head = stream.read(BLOCK_BYTES)
        for bom, name in BOMS:
            if head.startswith(bom):
                return Encoding(name)
        wide = _guess_wide(head)
        if wide:
            return _told(wide, "UTF-16 without a byte order mark")
        if _is_utf8(head, stream):
            return Encoding("utf-8")
    return _guess(_gather_foreign_lines(source), source.name)


def encoding_of(content: bytes) -> Encoding | None:
    """The encoding of a text that is held as a whole; None where none fits beyond doubt."""
    for bom, name in BOMS:
        if content.startswith(bom):
            return Encoding(name)
    wide = _guess_wide(content)
    if wide:
        return _told(wide, "UTF-16 without a byte order mark")
    if _is_utf8(content[:BLOCK_BYTES], io.BytesIO(content[BLOCK_BYTES:])):
        return Encoding("utf-8")
    lines = b"".join(line for line in content.splitlines(keepends=True) if not line.isascii())
    try:
        return _guess(lines[:SAMPLE_BYTES], "")
    except CatalogueError:
        return None


def check_name(given: str, file: str) -> str:
    """The codec's own name for what a person called an encoding. CatalogueError ENCODING_UNKNOWN."""
    folded = given.strip().lower().replace("_", "-")
    name = {"gbk": "gb18030", "gb2312": "gb18030", "ansi": "cp1252", "utf-8": "utf-8-sig", "utf8": "utf-8-sig"}.get(
        folded, folded
    )
    try:
        info = codecs.lookup(name)
        if not getattr(info, "_is_text_encoding", True):
            raise LookupError(name)
    except (LookupError, ValueError) as error:
        raise CatalogueError(
            "ENCODING_UNKNOWN", file, 0, f"{given[:40]!r} is no encoding that is known here"
        ) from error
    return info.name


def _is_utf8(head: bytes, stream: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    block = head
    try:
        while block:
            decoder.decode(block)
            block = stream.read(BLOCK_BYTES)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _guess_wide(head: bytes) -> str | None:
    """UTF-16 shows as every second byte of an ASCII heading being zero."""
    sample = head[:512]
    for name, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if len(sample) >= 4 and zeros.count(0) > 0.6 * len(zeros):
            return name
    return None


def _gather_foreign_lines(source: Source) -> bytes:
    """Lines that hold bytes outside ASCII, from the whole file, as much as a guess can use."""
    gathered: list[bytes] = []
    size = 0
    with source.open() as stream:
        while size < SAMPLE_BYTES:
            line = stream.readline(SAMPLE_BYTES)
            if not line:
                break
            if not line.isascii():
                gathered.append(line)
                size += len(line)
    return b"".join(gathered)[:SAMPLE_BYTES]


def _guess(sample: bytes, file: str) -> Encoding:
    runs = FOREIGN.findall(sample)
    foreign_bytes = sum(map(len, runs))
    if sum(map(len, UTF8_SEQUENCE.findall(sample))) > 0.8 * foreign_bytes:
        return Encoding("utf-8", (_damaged_utf8(),))
    if max(map(len, runs), default=0) <= 4 and all(WESTERN_RUN.fullmatch(run) for run in runs):
        return _told("cp1252", "Windows-1252 (Western European)")
    chinese = _guess_chinese(sample, foreign_bytes)
    if chinese:
        return _told(
            chinese, {"gb18030": "GB18030 (simplified Chinese)", "big5hkscs": "Big5 (traditional Chinese)"}[chinese]
        )
    if foreign_bytes >= MIN_EVIDENCE_BYTES:
        best = from_bytes(sample, cp_isolation=CANDIDATES, preemptive_behaviour=False, enable_fallback=False).best()
        if best is not None and best.encoding in CANDIDATES:
            return _told(best.encoding, best.encoding)
    cause = "the text is not UTF-8, and no other encoding fits beyond doubt; say which one it is"
    raise CatalogueError("ENCODING_UNKNOWN", file, 0, cause)


def _guess_chinese(sample: bytes, foreign_bytes: int) -> str | None:
    """GB18030 or Big5, if the whole sample decodes as one and consists of its common characters."""
    scores: dict[str, float] = {}
    for name, common in (("gb18030", GB_COMMON), ("big5hkscs", BIG5_COMMON)):
        cut = sample[: sample.rfind(b"\n") + 1] or sample
        try:
            text = cut.decode(name)
        except UnicodeDecodeError:
            continue
        han = sum("\u4e00" <= character <= "\u9fff" for character in text)
        foreign = sum(not character.isascii() for character in text)
        if han > 0.6 * foreign and foreign_bytes >= 6:
            scores[name] = sum(_is_common(character, name, common) for character in text) / foreign
    if not scores:
        return None
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > 0.6 else None


def _is_common(character: str, name: str, common: re.Pattern[bytes]) -> bool:
    return not character.isascii() and common.fullmatch(character.encode(name)) is not None


def _told(name: str, shown: str) -> Encoding:
    cause = f"the file does not say its encoding; it was read as {shown}"
    fix = "choose another encoding if letters look wrong, or save the file as UTF-8"
    return Encoding(name, (Message("", name, "I", "ENCODING_DETECTED", cause, fix),))


def _damaged_utf8() -> Message:
    cause = "the file is UTF-8 with bytes in it that are not; the rows they stand in are refused"
    return Message("", "utf-8", "W", "ENCODING_DAMAGED", cause, "save the file as UTF-8 once more from its source")
