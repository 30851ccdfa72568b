"""Names of MARC records (fields 100, 110, 111, 700, 710, 711) → people in their parts."""

from __future__ import annotations

import re

from pymarc import Field, Record

from registry.importers.marc_text import clean, linked
from registry.importers.names import turn_round
from registry.importers.rows import Person
from registry.importers.values import MAX_NAME_CHARS, Remarks, check_text

MAX_PEOPLE = 100
# MARC code list for relators, and the words that stand for them in $e
RELATORS = {
    **dict.fromkeys(("aut", "cre", "dub", "adp", "lyr", "lbt", "aus", "author", "creator", "joint author"), "author"),
    **dict.fromkeys(("edt", "com", "edc", "editor", "ed", "eds", "compiler", "comp", "joint ed"), "editor"),
    **dict.fromkeys(("trl", "translator", "tr", "trans"), "translator"),
}
_YEARS = re.compile(r"(?:b\. *)?([0-9]{4})?\??(?: *[-–] *(?:d\. *)?(?:ca\. *)?([0-9]{4})?\??)?")
_OTHER_PART = re.compile(
    r"illustr|foreword|preface|introduc|photogra|drawings|maps? by|afterword|notes by", re.IGNORECASE
)
_EDITED = re.compile(r"\bedit|\bed(?:s|\.)? by|herausgegeben|hrsg|compil|dirigid|sous la dir|编|編", re.IGNORECASE)
_TRANSLATED = re.compile(r"translat|\btr\. by|tradu|übers|överså?tt|译|譯|перев", re.IGNORECASE)
_WRITTEN = re.compile(r"(?:^|,) *(?:written )?(?:by|par|von)\b", re.IGNORECASE)
_PARTS = ((_WRITTEN, ("author",)), (_OTHER_PART, ()), (_EDITED, ("editor",)), (_TRANSLATED, ("translator",)))


def read_people(record: Record, remarks: Remarks) -> tuple[Person, ...]:
    """Main entry first. Who is named as maker of another work that is contained in this one ($t) is left out."""
    statement = " ".join((record.get("245") or Field("245")).get_subfields("c"))
    people: dict[tuple[str, str], Person] = {}
    for field in record.get_fields("100", "110", "111", "700", "710", "711")[:MAX_PEOPLE]:
        if field.get_subfields("t"):
            continue
        for role in _read_roles(field, statement):
            if person := _read_person(record, field, role, remarks):
                people.setdefault((person.name, role), person)
    return tuple(people.values())


def _read_roles(field: Field, statement: str) -> list[str]:
    """The recorded roles; without any, what the statement of responsibility says beside the name; else author."""
    said = [value[:3] if code == "4" else value for code in ("4", "e") for value in field.get_subfields(code)]
    words = [word.strip(" .,[]").casefold() for word in said]
    roles = list(dict.fromkeys(RELATORS[word] for word in words if word in RELATORS))
    if roles or words:
        return roles
    if field.tag.startswith("1"):
        return ["author"]
    surname = clean(field.get("a", "") or "").partition(",")[0]
    return _read_statement(statement, surname)


def _read_statement(statement: str, surname: str) -> list[str]:
    """The part that the statement of responsibility gives a name: the word that stands nearest before it, or after."""
    before, found, after = next(
        (split for part in statement.split(";") if surname and (split := part.partition(surname))[1]), ("", "", "")
    )
    marks = [(match.end(), roles) for pattern, roles in _PARTS for match in pattern.finditer(before)]
    if not marks and found:
        nearby = after.partition(",")[2][:30]
        marks = [(1, roles) for pattern, roles in _PARTS if pattern.match(nearby.strip())]
    return list(max(marks, default=(0, ("author",)))[1])


def _read_person(record: Record, field: Field, role: str, remarks: Remarks) -> Person | None:
    original = linked(record, field)
    name, key_names = _read_name(original or field)
    if not name:
        remarks.add(field.tag, "", "W", "NAME_MISSING", "the field holds no name")
        return None
    name = check_text(name, field.tag, remarks, MAX_NAME_CHARS)
    others = [_read_name(field)[0]] if original else []
    # $q writes out what $a abbreviates
    for fuller in field.get_subfields("q"):
        forenames = fuller.strip(" ,()")
        surname = clean(field.get("a", "") or "").partition(",")[0]
        if forenames and surname:
            others.append(f"{forenames} {surname}")
    born, died = _read_years(field)
    is_person = field.tag.endswith("00")
    return Person(
        name=name,
        role=role,
        kind="person" if is_person else "organisation",
        key_names=key_names,
        born=born,
        died=died,
        other_names=tuple(dict.fromkeys(other for other in others if other and other != name)),
    )


def _read_name(field: Field) -> tuple[str, str]:
    """Name in natural order and its surname part."""
    main = clean(re.sub(r"\[from old catalog\]", "", field.get("a", "") or ""))
    if field.tag.endswith("10") or (field.tag == "880" and field.get("6", "")[1:3] == "10"):
        return ". ".join(part.rstrip(".") for part in (main, *map(clean, field.get_subfields("b"))) if part), ""
    main = main.strip("[]")
    numeration = clean(field.get("b", "") or "")
    name, key_names = (main, "") if field.indicator1 == "0" else turn_round(main.replace("،", ","))
    return f"{name} {numeration}".strip(), key_names


def _read_years(field: Field) -> tuple[str, str]:
    text = re.sub(r"\[.*|[\],.\s]+$", "", field.get("d", "") or "").strip()
    match = _YEARS.fullmatch(text)
    return (match.group(1) or "", match.group(2) or "") if match else ("", "")
