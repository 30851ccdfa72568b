"""Creators and contributors of an EPUB → people in their parts (MARC relators, as EPUB uses them)."""

from __future__ import annotations

from registry.importers.marc_people import MAX_PEOPLE, RELATORS
from registry.importers.names import turn_round
from registry.importers.package import Package
from registry.importers.rows import Person
from registry.importers.values import MAX_NAME_CHARS, Remarks, check_text


def read_people(package: Package, remarks: Remarks) -> tuple[Person, ...]:
    """Creators without a role are authors; contributors count where their role is recorded."""
    people: dict[tuple[str, str], Person] = {}
    for element, default in (("creator", "author"), ("contributor", "")):
        for node, text in list(package.elements(element))[:MAX_PEOPLE]:
            codes = package.all_refined(node, "role") or [package.attribute(node, "role")]
            roles = [RELATORS.get(code.casefold(), "") if code else default for code in codes]
            sorted_as = package.refined(node, "file-as") or package.attribute(node, "file-as")
            name, key_names = check_text(text, element, remarks, MAX_NAME_CHARS), ""
            if "," in name:
                name, key_names = turn_round(name)
            elif "," in sorted_as and turn_round(sorted_as)[1] in name:
                key_names = turn_round(sorted_as)[1]
            others = package.all_refined(node, "alternate-script")
            for role in dict.fromkeys(filter(None, roles)):
                if name:
                    person = Person(name=name, role=role, key_names=key_names, other_names=tuple(dict.fromkeys(others)))
                    people.setdefault((name, role), person)
    return tuple(people.values())
