"""Bytes that should be text: bounded, decoded, with what is wrong in them said; pure.

No byte makes this raise: what cannot be decoded or does not belong into a text is replaced and reported.
"""

import re

from licensing.formats.policy import Fault

MAX_BYTES = 1024 * 1024  # what is kept of one reading; RFC 9309 asks for at least 500 KiB
MAX_LINE = 8192
MAX_FAULTS = 200  # a hostile file has one fault a line; nobody reads more
MAX_RULES = 20_000  # of one file
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")


def decode(content: bytes) -> tuple[str, list[Fault]]:
    """The text of some bytes: UTF-8 (RFC 9309 §2.3), at most MAX_BYTES, cut at the end of a line."""
    faults: list[Fault] = []
    if len(content) > MAX_BYTES:
        cut = content.rfind(b"\n", 0, MAX_BYTES)
        content = content[: cut if cut > 0 else MAX_BYTES]
        faults.append(Fault("too_large", "", f"longer than {MAX_BYTES} bytes: read up to byte {len(content)}"))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = content.decode("utf-8-sig", "replace")
        faults.append(Fault("not_utf8", f"byte {error.start}", "not UTF-8: what cannot be read is shown as \ufffd"))
    found = CONTROL.search(text)
    if found:
        text = CONTROL.sub("\ufffd", text)
        line = text.count("\n", 0, found.start()) + 1
        faults.append(Fault("control_character", f"line {line}", "control characters, shown as \ufffd"))
    return text, faults


def is_markup(text: str) -> bool:
    """Whether a text file is an HTML or XML page: what servers send for an address they do not have."""
    return text.lstrip()[:1] == "<"


def bounded(faults: list[Fault]) -> tuple[Fault, ...]:
    """At most MAX_FAULTS of them, and how many more there are."""
    if len(faults) <= MAX_FAULTS:
        return tuple(faults)
    return (*faults[:MAX_FAULTS], Fault("more_faults", "", f"{len(faults) - MAX_FAULTS} more"))
