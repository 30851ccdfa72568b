"""No character gets lost on its way into the PDF."""

import struct

import pytest

from licensing.evidence import glyphs
from licensing.evidence.glyphs import FONT_FOLDER, code_points, drawn, printable
from licensing.evidence.wording import wording


@pytest.mark.parametrize(
    "text", ["Plain text – “quoted”, naïve, Ωμέγα, Жизнь", "简体与繁體：劉鶚《老殘遊記》", "カタカナ・ひらがな"]
)
def test_common_scripts_are_drawn_as_they_are(text: str) -> None:
    assert printable(text) == text


def test_what_no_font_has_is_named() -> None:
    assert printable("a\U00020bb7b🙂ع") == "a[U+20BB7]b[U+1F642][U+0639]"


def test_control_characters_and_odd_spaces_become_spaces() -> None:
    assert printable("a\tb\x00c\u2028d\x1b[31m") == "a b c d [31m"


def test_what_cannot_be_seen_is_named() -> None:
    assert printable("a\u200bb\u202ec\u00add\u00a0e") == "a[U+200B]b[U+202E]c[U+00AD]d\u00a0e"


def test_all_of_gb_2312_is_drawn() -> None:
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                character = bytes([row, cell]).decode("gb2312")
            except UnicodeDecodeError:
                continue
            assert ord(character) in drawn()


def test_the_bold_font_has_every_character_of_the_chinese_messages() -> None:
    bold = set(code_points((FONT_FOLDER / "NotoSansCJKsc-Bold.otf").read_bytes()))
    bold |= set(code_points((FONT_FOLDER / "NotoSans-Bold.ttf").read_bytes()))
    words = "".join(str(value) for section in wording("zh-hans").messages.values() for value in section.values())
    assert {character for character in words if ord(character) not in bold} == set()


def test_a_table_of_character_groups_is_read_as_well() -> None:
    groups = struct.pack(">HHLLL", 12, 0, 40, 0, 2) + struct.pack(">6L", 65, 67, 1, 0x20BB7, 0x20BB8, 4)
    cmap = struct.pack(">HHHHL", 0, 1, 3, 10, 12) + groups
    font = b"OTTO" + struct.pack(">4H", 1, 0, 0, 0) + struct.pack(">4s3L", b"cmap", 0, 28, len(cmap)) + cmap
    assert list(code_points(font)) == [65, 66, 67, 0x20BB7, 0x20BB8]


def test_fonts_travel_with_their_licence() -> None:
    assert "SIL OPEN FONT LICENSE" in (glyphs.FONT_FOLDER / "OFL.txt").read_text(encoding="utf-8")
