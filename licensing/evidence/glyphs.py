"""Which characters the fonts of the PDF can show; what they cannot is printed as [U+XXXXX], never left out."""

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FONT_FOLDER = Path(__file__).parent / "fonts"
REGULAR_FONTS = ("NotoSans-Regular.ttf", "NotoSansCJKsc-Regular.otf")


@cache
def drawn() -> frozenset[int]:
    """The code points that one of the regular fonts has a glyph for."""
    return frozenset(code for name in REGULAR_FONTS for code in code_points((FONT_FOLDER / name).read_bytes()))


def printable(text: str) -> str:
    """`text` with [U+XXXXX] for what cannot be drawn or seen; control characters and line breaks become spaces.

    Marks of direction are named, too: carried out, they could make a line read as another.
    """
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    if category != "Cf" and ord(character) in drawn():
        return character
    return " " if category == "Zs" else f"[U+{ord(character):04X}]"


def code_points(font: bytes) -> Iterator[int]:
    """The code points in the `cmap` table of an OpenType font (ISO/IEC 14496-22, subtable formats 4 and 12)."""
    tables = struct.unpack(">H", font[4:6])[0]
    for number in range(tables):
        tag, _, offset, _ = struct.unpack(">4s3L", font[12 + 16 * number : 28 + 16 * number])
        if tag == b"cmap":
            yield from _cmap(font, offset)


def _cmap(font: bytes, start: int) -> Iterator[int]:
    for number in range(struct.unpack(">H", font[start + 2 : start + 4])[0]):
        offset = struct.unpack(">L", font[start + 8 + 8 * number : start + 12 + 8 * number])[0] + start
        kind = struct.unpack(">H", font[offset : offset + 2])[0]
        if kind == 4:
            yield from _segments(font, offset)
        elif kind == 12:
            groups = struct.unpack(">L", font[offset + 12 : offset + 16])[0]
            for group in range(groups):
                first, last, _ = struct.unpack(">3L", font[offset + 16 + 12 * group : offset + 28 + 12 * group])
                yield from range(first, last + 1)


def _segments(font: bytes, offset: int) -> Iterator[int]:
    count = struct.unpack(">H", font[offset + 6 : offset + 8])[0] // 2

    def column(number: int, at: int) -> int:
        place = offset + 14 + 2 * number + (2 if at else 0) + 2 * count * at
        return int(struct.unpack(">H", font[place : place + 2])[0])

    for number in range(count):
        last, first, delta, reach = (column(number, at) for at in range(4))
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if reach:
                place = offset + 16 + 2 * (3 * count + number) + reach + 2 * (code - first)
                glyph = struct.unpack(">H", font[place : place + 2])[0]
                if not glyph:
                    continue
            if (glyph + delta) & 0xFFFF:
                yield code
