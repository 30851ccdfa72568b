"""Identifiers of ONIX products and of the works that they are forms of."""

from __future__ import annotations

import re

from registry.importers import onix_codes as codes
from registry.importers.onix_builder import Node
from registry.importers.onix_nodes import first, first_node, nodes
from registry.importers.values import Remarks, check_identifier

_URN_ISBN = re.compile(r"urn:isbn:", re.IGNORECASE)


def read_identifiers(node: Node, remarks: Remarks) -> tuple[tuple[str, str], ...]:
    """Identifiers of the product, as far as the registry has their scheme."""
    found: dict[tuple[str, str], None] = {}
    for identifier in nodes(node, "ProductIdentifier"):
        kind, value = first(identifier, "ProductIDType"), first(identifier, "IDValue")
        scheme = codes.PRODUCT_IDENTIFIERS.get(kind, "")
        if kind == "22" and _URN_ISBN.match(value):
            scheme = "isbn"
        if kind == "03" and not value.startswith(("978", "979")):
            continue  # a trade item number that is no book's
        if kind == "34":
            continue  # an issue by the digits of its barcode, not the serial
        if scheme:
            canonical = check_identifier(scheme, value, f"ProductIdentifier/{kind}", remarks)
            if canonical:
                found[scheme, canonical] = None
        elif kind not in codes.OTHER_PRODUCT_IDENTIFIERS and kind != "22":
            remarks.add(
                "ProductIdentifier/ProductIDType",
                kind,
                "Q",
                "CODE_UNKNOWN",
                f"not a code of list 5 that is known: {value}",
            )
    return tuple(found)


def read_works(node: Node, remarks: Remarks) -> tuple[tuple[tuple[str, str], ...], str]:
    """Identifiers of the work that the product is a form of, and the key under which its products are one work."""
    identifiers: dict[tuple[str, str], None] = {}
    keys: list[str] = []
    for work in nodes(first_node(node, "RelatedMaterial"), "RelatedWork"):
        relation = first(work, "WorkRelationCode")
        if relation not in codes.WORK_RELATIONS:
            cause = "not a code of list 164 that is known here"
            remarks.add("RelatedWork/WorkRelationCode", relation, "Q", "CODE_UNKNOWN", cause)
        if relation not in codes.MANIFESTATION:
            continue
        for identifier in nodes(work, "WorkIdentifier"):
            kind, value = first(identifier, "WorkIDType"), first(identifier, "IDValue")
            scheme = codes.WORK_IDENTIFIERS.get(kind)
            if scheme is None:
                cause = f"not a code of list 16 that is known here: {value}"
                remarks.add("WorkIdentifier/WorkIDType", kind, "Q", "CODE_UNKNOWN", cause)
                continue
            if scheme in ("isbn", "doi", "iscc"):
                value = check_identifier(scheme, value, "WorkIdentifier", remarks)
                if value and scheme != "isbn":
                    identifiers[scheme, value] = None
            if value:
                name = f"{first(identifier, 'IDTypeName')}:" if scheme == "proprietary" else ""
                keys.append(f"{scheme}:{name}{value}"[:300])
    return tuple(identifiers), min(keys, default="")
