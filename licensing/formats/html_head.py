"""`meta`, `link` and `script` in the head of a page, as browsers with scripts find them; pure.

HTML Living Standard, §13.2.6.4 ("in head", "after head"): a head ends with a start tag that has no place in it, and
with any text; its end tag alone ends nothing, for browsers put what follows into it. What stands later may be a
reader's comment. Reading takes linear time whatever the bytes are; libxml2 takes a quarter of a minute for one tag with
40,000 attributes.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

VOID = frozenset({"html", "head", "meta", "link", "base", "basefont", "bgsound"})
RAW = frozenset({"title", "script", "style", "noscript", "noframes"})
ENDING = frozenset({"body", "html", "br"})
BLANKS = re.compile(r"[\s\ufeff]*")
TAG_NAME = re.compile(r"[A-Za-z][^\s/>]*")
ATTRIBUTE = re.compile(r"(=?[^\s/>=]+|=)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>][^\s>]*)|([\"'])))?")
COMMENT_END = re.compile(r"--!?>")
BETWEEN = re.compile(r"[\s/]*")
TAKEN = frozenset({"meta", "link", "script"})
Attributes = dict[str, str]


@dataclass(frozen=True)
class HeadElement:
    """One element of a head: its name and attributes in small letters, and the text of a script as it stands."""

    name: str
    attributes: Attributes
    text: str = ""


def elements(content: bytes) -> Iterator[HeadElement]:
    """The `meta`, `link` and `script` elements of the head, with their character references put in."""
    text, is_latin = _decode(content)
    repair = _repair if is_latin else str
    for one in _elements(text):
        attributes = {name: unescape(repair(value)) for name, value in one.attributes.items()}
        yield HeadElement(one.name, attributes, repair(one.text))


def metas(content: bytes) -> Iterator[tuple[str, str]]:
    """Name, in small letters, and content of each `meta` with a name."""
    for one in elements(content):
        name = one.attributes.get("name", "").strip().lower()
        if one.name == "meta" and name:
            yield name, one.attributes.get("content", "")


def _decode(content: bytes) -> tuple[str, bool]:
    """The text; byte by byte where no mark says UTF-16, for tags are ASCII in every other encoding of the web."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace"), False
    return content.removeprefix(codecs.BOM_UTF8).decode("latin-1"), True


def _repair(value: str) -> str:
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return value


def _elements(text: str) -> Iterator[HeadElement]:
    """The head's elements of TAKEN; those inside a `template` are of no document yet."""
    at, templates, after_head = 0, 0, False
    while (at := _next_tag(text, at, templates > 0)) >= 0:
        closing = text.startswith("</", at)
        name, attributes, at = _tag(text, at + 1 + closing)
        if name == "template":
            templates = max(0, templates + (-1 if closing else 1))
        elif closing and name in ENDING and not templates:
            return
        elif closing:
            after_head = after_head or (name == "head" and not templates)
        elif name == "noscript" and after_head and not templates:
            return
        elif name in RAW:
            start, at = at, _after_end_tag(text, name, at)
            if name in TAKEN and not templates and at >= 0:
                yield HeadElement(name, attributes, text[start : text.rindex("</", start, at)])
        elif not templates and name not in VOID:
            return
        elif not templates and name in TAKEN:
            yield HeadElement(name, attributes)
        if at < 0:
            return


def _next_tag(text: str, at: int, in_template: bool) -> int:
    """The place of the next tag, past blanks and comments; -1 where the head ends before, or the page."""
    while True:
        match = BLANKS.match(text, at)
        at = match.end() if match else at
        if not text.startswith("<", at):
            return text.find("<", at) if in_template else -1
        if text.startswith(("<!-->", "<!--->"), at):
            at = text.index(">", at) + 1
        elif text.startswith("<!--", at):
            ended = COMMENT_END.search(text, at + 4)
            at = ended.end() if ended else -1
        elif text.startswith(("<!", "<?"), at):
            at = _after(text, ">", at)
        else:
            return at
        if at < 0:
            return at


def _after(text: str, mark: str, at: int) -> int:
    """The place behind a mark, or -1 where it does not come."""
    found = text.find(mark, at)
    return -1 if found < 0 else found + len(mark)


def _tag(text: str, at: int) -> tuple[str, Attributes, int]:
    """Name in small letters, attributes, and the place behind the tag: -1 where it does not end, or is none."""
    match = TAG_NAME.match(text, at)
    if not match:
        return "", {}, _after(text, ">", at) if text.startswith("/", at - 1) else -1
    attributes: Attributes = {}
    at = match.end()
    while True:
        between = BETWEEN.match(text, at)
        at = between.end() if between else at
        if text.startswith(">", at):
            return match.group().lower(), attributes, at + 1
        found = ATTRIBUTE.match(text, at)
        if not found or found.group(5):  # the quote is never closed
            return match.group().lower(), {}, -1
        name, *values = found.groups()
        attributes.setdefault(name.lower(), next((value for value in values if value is not None), ""))
        at = found.end()


def _after_end_tag(text: str, name: str, at: int) -> int:
    """The place behind the end tag of an element whose content is text."""
    if at < 0:
        return at
    match = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(text, at)
    return _after(text, ">", match.end()) if match else -1
