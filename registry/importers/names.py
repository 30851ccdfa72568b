"""Names of people as tables write them: several in a cell, surname first, with their part in the work or their years.

A cell is cut at semicolons, bars, 、 and line ends, never at "and", "&" or "/", which stand in names of firms. What a
comma means is settled for the whole column (`are_inverted`): in "Austen, Jane" it turns the name round, in "Karl Marx,
Friedrich Engels" it separates two people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from registry.importers.rows import Person
from registry.importers.values import MAX_NAME_CHARS, Remarks, check_text

MAX_PEOPLE = 100
MAX_READ_CHARS = 1_000  # what is longer names nobody: the patterns, whose cost grows by the square, are spared it
_SEPARATORS = re.compile(r"[;|；｜、\n]")
_SUFFIX = re.compile(r"(?:Jr|Sr|Junior|Senior|[IVX]{2,4}|Ph\.? ?D|M\.?D|Esq)\.?", re.IGNORECASE)
_YEARS = re.compile(r",? *\(?\b([0-9]{4})?\??[-–]([0-9]{4})?\??\)?\.?$")
_BORN = re.compile(r",? *\(?(?:b\.|born|geb\.|生于) ?([0-9]{4})\)?$", re.IGNORECASE)
_BRACKETS = re.compile(r"[(（\[【〔]\s*([^)）\]】〕]*)\s*[)）\]】〕]")
_ROLE_WORDS = {
    **dict.fromkeys(("author", "writer", "aut", "著", "作者", "撰", "编著", "原著"), "author"),
    **dict.fromkeys(
        ("ed", "eds", "editor", "editors", "edt", "hrsg", "编", "主编", "编辑", "選編", "选编", "編", "主編"), "editor"
    ),
    **dict.fromkeys(("trans", "tr", "translator", "trl", "übers", "译", "翻译", "譯", "译者"), "translator"),
}
_OTHER_ROLES = frozenset(
    ("illustrator", "illustrations", "illus", "narrator", "foreword", "introduction", "绘", "插图", "序", "审校", "校")
)

_CHINESE_ROLE = re.compile(r"(?<=[\u4e00-\u9fff· 　])[ 　]*(编著|主编|选编|選編|主編|原著|著|撰|编|編|译|譯|翻译)$")
_ET_AL = re.compile(r"[,，]?\s*(?:et al\.?|and others|u\. ?a\.|等)$", re.IGNORECASE)


def are_inverted(cells: Sequence[str]) -> bool:
    """Whether the names of a column stand surname first: most of those that have a comma have one, after one word."""
    inverted = separated = 0
    for cell in cells:
        for part in _SEPARATORS.split(cell):
            plain = " ".join(part.split())
            if len(plain) > MAX_READ_CHARS:
                continue
            pieces = [piece.split() for piece in _YEARS.sub("", plain).split(",")]
            if len(pieces) < 2 or not all(pieces) or _SUFFIX.fullmatch(" ".join(pieces[-1])):
                continue
            if len(pieces) == 2 and (len(pieces[0]) == 1 or len(pieces[1]) == 1 or pieces[0][0].islower()):
                inverted += 1
            elif len(pieces) > 2 or len(pieces[0]) > 1:
                separated += 1
    return inverted > separated


def read_people(cell: str, role: str, column: str, remarks: Remarks, *, inverted: bool) -> list[Person]:
    """The people of one cell, in order. `inverted`: a comma stands between surname and forename."""
    people: list[Person] = []
    lines = (" ".join(line.split()) for line in cell.split("\n"))
    text = "\n".join(line for line in lines if line)
    if _ET_AL.search(text):
        text = _ET_AL.sub("", text)
        remarks.add(column, cell, "I", "PEOPLE_INCOMPLETE", "the cell says that there are others, without their names")
    for part in _SEPARATORS.split(text):
        pieces = [part] if inverted else _split_at_commas(part)
        people += [
            person
            for piece in pieces
            if piece.strip() and (person := _read_one(piece, role, column, remarks, inverted))
        ]
    if len(people) > MAX_PEOPLE:
        cause = f"the cell names {len(people)} people; at most {MAX_PEOPLE} are taken"
        remarks.add(column, cell, "E", "TOO_MANY_PEOPLE", cause, fix="name those that made the work")
        return []
    return people


def _split_at_commas(part: str) -> list[str]:
    """Names that commas separate; Jr., III and years stay with the name before them."""
    names: list[str] = []
    for piece in re.split(r"[,，]", part):
        text = piece.strip()
        if names and (_SUFFIX.fullmatch(text) or re.fullmatch(r"\(?[0-9]{4}\??[-–](?:[0-9]{4})?\??\)?\.?", text)):
            names[-1] += f", {text}"
        elif text:
            names.append(text)
    return names


def _read_one(text: str, role: str, column: str, remarks: Remarks, inverted: bool) -> Person | None:
    name, born, died = text.strip(), "", ""
    if len(name) <= MAX_READ_CHARS:
        name, role = _take_role(name, role, column, remarks)
        name, born, died = _take_years(name)
    if not name:
        return None
    name = check_text(name, column, remarks, MAX_NAME_CHARS)
    key_names = ""
    others: tuple[str, ...] = ()
    if inverted:
        name, others = _take_fuller_form(name)
        name, key_names = turn_round(name)
    if not name:
        return None
    return Person(name=name, role=role, key_names=key_names, born=born, died=died, other_names=others)


def _take_fuller_form(name: str) -> tuple[str, tuple[str, ...]]:
    """ "Young, E. H. (Emily Hilda)" → "Young, E. H." and the name written out, as libraries give it in brackets."""
    match = re.fullmatch(r"([^,()]+), ([^()]*\.) ?\(([^()]+)\)", name)
    if not match:
        return name, ()
    surname, initials, forenames = match.groups()
    return f"{surname}, {initials}", (f"{forenames} {surname}",)


def turn_round(name: str) -> tuple[str, str]:
    """ "Austen, Jane" → ("Jane Austen", "Austen"); a name without a comma as it is, without key names."""
    pieces = [piece.strip() for piece in re.split(r"[,，]", name) if piece.strip()]
    if len(pieces) < 2:
        return name.strip(" ,，"), ""
    surname, forenames, *rest = pieces
    if _SUFFIX.fullmatch(forenames):
        return ", ".join(pieces), ""
    suffix = "".join(f", {piece}" for piece in rest)
    return f"{forenames} {surname}{suffix}", surname


def _take_years(name: str) -> tuple[str, str, str]:
    if match := _BORN.search(name):
        return name[: match.start()], match.group(1), ""
    match = _YEARS.search(name)
    if match and (match.group(1) or match.group(2)):
        return name[: match.start()].rstrip(" ,"), match.group(1) or "", match.group(2) or ""
    return name, "", ""


def _take_role(text: str, role: str, column: str, remarks: Remarks) -> tuple[str, str]:
    """Name and role without what stands in brackets, or behind a Chinese name, about the role or nationality."""
    note = next(iter(_BRACKETS.findall(text)[-1:]), "")
    if note and text.endswith((")", "）", "]", "】", "〕")):
        word = note.strip().rstrip(".").casefold()
        if word in _ROLE_WORDS:
            role, text = _ROLE_WORDS[word], _BRACKETS.sub("", text)
        elif word in _OTHER_ROLES:
            cause = "people in this part are not recorded; the name was left out"
            remarks.add(column, text, "I", "ROLE_NOT_TAKEN", cause)
            return "", role
    if match := _CHINESE_ROLE.search(text):
        role, text = _ROLE_WORDS[match.group(1)], text[: match.start()]
    # Chinese catalogues put a foreign author's country before the name: [美] 海明威
    text = re.sub(r"^[(（\[【〔][\u4e00-\u9fff]{1,4}[)）\]】〕]\s*", "", text.strip())
    return " ".join(text.split()), role
