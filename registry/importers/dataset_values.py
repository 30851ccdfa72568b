"""Values of rows about datasets, whichever format they come from: references, names, addresses."""

import hashlib
import re
import unicodedata

from registry.importers.rows import DatasetRow, Message

MAX_CHARS = 200  # of a name, and of a value shown in a message
BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_HALF_OF_A_PAIR = range(0xD800, 0xE000)


def slug(identifier: str) -> str:
    """A permanent reference made of an identifier, at most 80 characters of a-z, 0-9, hyphen and underscore.

    Two identifiers that differ in more than case and punctuation never share one: a hash tells them apart.
    """
    spelt = identifier.strip().lower()
    plain = re.sub(r"[^a-z0-9_]+", "-", spelt.replace("#", "-sharp").replace("+", "-plus")).strip("-")
    if plain and len(plain) <= 80 and re.fullmatch(r"[a-z0-9_ .,()&'#+/-]*", spelt):
        return plain
    digest = hashlib.sha256(identifier.encode("utf-8", "replace")).hexdigest()[:6]
    return f"{plain[:73].strip('-') or 'dataset'}-{digest}"


def is_address(value: str) -> bool:
    """Whether it is a web address that a column can hold."""
    return len(value) <= 500 and re.fullmatch(r"https?://[^\s/]+\.\S+", value) is not None


def clean(value: str) -> str:
    """Without what a database or a page cannot hold: no controls, no half pairs, white space as one space."""
    kept = (" " if unicodedata.category(sign) == "Cc" else sign for sign in value if ord(sign) not in _HALF_OF_A_PAIR)
    return " ".join("".join(kept).split())


def cut(value: str) -> str:
    """The beginning of a value, as a message shows it."""
    return value.encode("utf-8", "replace").decode()[:MAX_CHARS]


def name_remarks(column: str, name: str) -> list[Message]:
    """What is wrong with a dataset's name: too long, or written so that it reads as another one."""
    remarks = []
    if len(name) > MAX_CHARS:
        cause = f"It has more than {MAX_CHARS} characters."
        remarks.append(Message(column, cut(name), "E", "VALUE_TOO_LONG", cause, "Give a shorter name."))
    if BIDI_CONTROLS & set(name):
        cause = "It holds signs that turn the direction of writing, so that it can read as another name."
        remarks.append(Message(column, cut(name), "W", "BIDI_CONTROL", cause, "Write it without them."))
    return remarks


def fault_row(number: int, file: str, cause: str) -> DatasetRow:
    """The row that stands for a document nobody could read."""
    message = Message("", cut(file), "F", "FILE_UNREADABLE", cut(f"{file} {cause}."), "Send the file again, whole.")
    return DatasetRow(number, messages=(message,))
