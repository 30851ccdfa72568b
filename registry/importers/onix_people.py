"""Contributors of ONIX products → people in their parts: names in natural order, numbers, years, other names."""

from __future__ import annotations

import re

from registry.importers import onix_codes as codes
from registry.importers.names import MAX_PEOPLE, turn_round
from registry.importers.onix_builder import Node
from registry.importers.onix_dates import read_date
from registry.importers.onix_nodes import first, nodes
from registry.importers.rows import Person
from registry.importers.values import MAX_NAME_CHARS, Remarks, check_identifier, check_text

_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
COLUMN = "Contributor"


def read_contributors(detail: Node, remarks: Remarks) -> tuple[Person, ...]:
    """The people whose roles are recorded, by their sequence numbers; each once in a role."""
    contributors = nodes(detail, "Contributor")
    if len(contributors) > MAX_PEOPLE:
        cause = f"the record names {len(contributors)} contributors; only the first {MAX_PEOPLE} were read"
        remarks.add(COLUMN, "", "W", "TOO_MANY_PEOPLE", cause)
        contributors = contributors[:MAX_PEOPLE]
    if len(contributors) > 1:
        contributors = sorted(contributors, key=_place)
    people: dict[Person, None] = {}
    for contributor in contributors:
        roles = _read_roles(contributor, remarks)
        if roles and (person := _read_person(contributor, roles[0], remarks)):
            people[person] = None
            for role in roles[1:]:
                people[Person(**{**vars(person), "role": role})] = None
    return tuple(people)


def _read_roles(contributor: Node, remarks: Remarks) -> list[str]:
    roles: dict[str, None] = {}
    for code in contributor.get("ContributorRole", ("",)):
        known = codes.ROLES.get(code)
        if known:
            roles.update(dict.fromkeys(known))
        elif code not in codes.OTHER_ROLES:
            cause = "not a code of list 17 that is known here; who had this part was left out"
            remarks.add(f"{COLUMN}/ContributorRole", str(code), "Q", "CODE_UNKNOWN", cause)
    return list(roles)


def _read_person(contributor: Node, role: str, remarks: Remarks) -> Person | None:
    name, key_names, kind = _read_name(contributor)
    if not name:
        if not first(contributor, "UnnamedPersons"):
            remarks.add(COLUMN, "", "W", "NAME_MISSING", "a contributor has no name", fix="give PersonName or KeyNames")
        return None
    name = check_text(name, f"{COLUMN}/PersonName", remarks, MAX_NAME_CHARS)
    if not name:
        return None
    dates = {
        first(date, "ContributorDateRole"): read_date(
            first(date, "Date"), first(date, "DateFormat"), f"{COLUMN}/ContributorDate", remarks
        )
        for date in nodes(contributor, "ContributorDate")
    }
    others = []
    for other in nodes(contributor, "AlternativeName"):
        if first(other, "NameType") in codes.ALTERNATIVE_NAMES and (other_name := _read_name(other)[0]) not in (
            "",
            name,
        ):
            others.append(check_text(other_name, f"{COLUMN}/AlternativeName", remarks, MAX_NAME_CHARS))
    return Person(
        name=name,
        role=role,
        kind=kind,
        key_names=key_names,
        born=dates.get(codes.BIRTH, ""),
        died=dates.get(codes.DEATH, ""),
        isni=_read_isni(contributor, remarks),
        other_names=tuple(dict.fromkeys(other for other in others if other)),
    )


def _read_name(node: Node) -> tuple[str, str, str]:
    """Name in natural order, its surname part, and whether a person or an organisation bears it."""
    key_names = first(node, "KeyNames")
    name = first(node, "PersonName")
    if not name and key_names:
        before, after = first(node, "NamesBeforeKey"), first(node, "NamesAfterKey")
        prefix, suffix = first(node, "PrefixToKey"), first(node, "SuffixToKey")
        if _EAST_ASIAN.fullmatch(key_names + before + after):
            return f"{key_names}{before}{after}", key_names, "person"
        name = " ".join(part for part in (before, prefix, key_names, after, suffix) if part)
    if name:
        return name, key_names, "person"
    if inverted := first(node, "PersonNameInverted"):
        name, surname = turn_round(inverted)
        return name, surname, "person"
    corporate = first(node, "CorporateName") or first(node, "CorporateNameInverted")
    return corporate, "", "organisation"


def _read_isni(contributor: Node, remarks: Remarks) -> str:
    for identifier in nodes(contributor, "NameIdentifier"):
        if first(identifier, "NameIDType") == codes.ISNI:
            return check_identifier("isni", first(identifier, "IDValue"), f"{COLUMN}/NameIdentifier", remarks)
    return ""


def _place(contributor: Node) -> int:
    number = first(contributor, "SequenceNumber")
    return int(number) if number.isdigit() and len(number) < 6 else 0
