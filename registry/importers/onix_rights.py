"""What a product says about text and data mining and about licences → rights statements, never more than it says.

| element | becomes |
|---|---|
| usage constraint 11 (text and data mining), status 03 | reservation |
| … status 01 | preference: the sender allows mining; nobody is licensed by it |
| … status 02 | nothing: the list knows no limited mining; queried |
| licence whose address is a Creative Commons licence | open licence, by its SPDX id |
| licence expression 03, 04, 20, 21 (terms for mining, or a licence to be had besides) | offer |
| licence expression 01, 02, 10 elsewhere (the end user's licence) | nothing: only its reader knows what it says |
"""

from __future__ import annotations

import re

from registry.importers import onix_codes as codes
from registry.importers.onix_builder import Node
from registry.importers.onix_nodes import first, nodes
from registry.importers.rows import RightsStatement
from registry.importers.tdm import MINING
from registry.importers.values import Remarks, check_date

MINING_USES = MINING  # what 145/11 covers in our words: list 145 speaks of mining, training of models included
MAX_ADDRESS_CHARS = 500
_CREATIVE_COMMONS = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/licenses/(by(?:-nc)?(?:-nd|-sa)?)/([1-4]\.[05])(?:/([a-z]{2,3}(?:-[a-z]+)?))?"
    r"(?:/(?:deed|legalcode)(?:\.[a-z-]+)?)?/?",
    re.IGNORECASE,
)
_ZERO = re.compile(r"https?://(?:www\.)?creativecommons\.org/publicdomain/zero/1\.0(?:/.*)?", re.IGNORECASE)
_MARK = re.compile(r"https?://(?:www\.)?creativecommons\.org/publicdomain/mark/1\.0(?:/.*)?", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)


def read_rights(detail: Node, release: str, remarks: Remarks) -> tuple[RightsStatement, ...]:
    """The statements of one DescriptiveDetail, in order."""
    statements: list[RightsStatement] = []
    for constraint in nodes(detail, "EpubUsageConstraint"):
        if statement := _read_constraint(constraint, release, remarks):
            statements.append(statement)
    for licence in nodes(detail, "EpubLicense"):
        statements += _read_licence(licence, release, remarks)
    return tuple(statements)


def find_open_licence(address: str) -> str:
    """The SPDX id of the Creative Commons licence at an address, or ""; ported versions with their country."""
    if _ZERO.fullmatch(address):
        return "CC0-1.0"
    match = _CREATIVE_COMMONS.fullmatch(address)
    if not match:
        return ""
    kind, version, country = match.group(1).upper(), match.group(2), (match.group(3) or "").upper()
    # Versions 4.0 have no ports; "deed" and "legalcode" are pages of the licence, not countries
    ported = f"-{country}" if country and version != "4.0" and country not in ("DEED", "LEGALCODE") else ""
    return f"CC-{kind}-{version}{ported}"


def _read_constraint(constraint: Node, release: str, remarks: Remarks) -> RightsStatement | None:
    kind, status = first(constraint, "EpubUsageType"), first(constraint, "EpubUsageStatus")
    if kind not in codes.USAGE_TYPES:
        remarks.add(
            "EpubUsageConstraint/EpubUsageType", kind, "Q", "CODE_UNKNOWN", "not a code of list 145 that is known here"
        )
        return None
    if kind != codes.MINING:
        return None
    if status == codes.LIMITED:
        cause = "mining permitted within a limit is not foreseen by list 145 and was not interpreted"
        fix = "use status 01 or 03, and say the terms in EpubLicense"
        remarks.add("EpubUsageConstraint/EpubUsageStatus", status, "Q", "MINING_LIMITED", cause, fix=fix)
        return None
    if status not in (codes.UNLIMITED, codes.PROHIBITED):
        remarks.add("EpubUsageConstraint/EpubUsageStatus", status, "Q", "CODE_UNKNOWN", "not a code of list 146")
        return None
    is_reserved = status == codes.PROHIBITED
    return RightsStatement(
        kind="reservation" if is_reserved else "preference",
        uses=MINING_USES,
        statement=(
            "Text and data mining prohibited to the full extent allowed by law"
            if is_reserved
            else "Text and data mining permitted without limit"
        ),
        source_format="onix",
        source_version=release,
        raw=_raw(constraint),
    )


def _read_licence(licence: Node, release: str, remarks: Remarks) -> list[RightsStatement]:
    name = " ".join(first(licence, "EpubLicenseName").split())
    begins, ends = _read_period(licence, remarks)
    statements = []
    for expression in nodes(licence, "EpubLicenseExpression"):
        kind, address = first(expression, "EpubLicenseExpressionType"), first(expression, "EpubLicenseExpressionLink")
        column = "EpubLicense/EpubLicenseExpression"
        if kind not in codes.INTRINSIC_LICENCES | codes.TERMS_FOR_MINING:
            remarks.add(f"{column}/EpubLicenseExpressionType", kind, "Q", "CODE_UNKNOWN", "not a code of list 218")
            continue
        if len(address) > MAX_ADDRESS_CHARS or not _ADDRESS.fullmatch(address):
            cause = "this is no http or https address; the licence was left out"
            remarks.add(f"{column}/EpubLicenseExpressionLink", address, "W", "ADDRESS_INVALID", cause)
            continue
        open_licence = find_open_licence(address)
        if not open_licence and kind in codes.INTRINSIC_LICENCES:
            _remark_on_intrinsic(f"{column}/EpubLicenseExpressionLink", address, remarks)
            continue
        statements.append(
            RightsStatement(
                kind="open_licence" if open_licence else "offer",
                uses=() if open_licence else MINING_USES,
                valid_from=begins,
                valid_to=ends,
                licence=open_licence,
                address=address,
                statement=name,
                machine_readable=bool(open_licence) or kind in codes.MACHINE_READABLE,
                source_format="onix",
                source_version=release,
                raw=_raw(licence),
            )
        )
    # The same licence is often linked twice, for lay readers and for lawyers
    return list({(each.kind, each.licence or each.address): each for each in reversed(statements)}.values())[::-1]


def _remark_on_intrinsic(column: str, address: str, remarks: Remarks) -> None:
    if _MARK.fullmatch(address):
        cause = "the public domain mark is no licence; it was not taken for one"
        remarks.add(
            column, address, "Q", "PUBLIC_DOMAIN_MARK", cause, fix="give the facts: authors, years of death, dates"
        )
        return
    cause = "the end user's licence at this address was not interpreted"
    remarks.add(column, address, "I", "LICENCE_NOT_INTERPRETED", cause)


def _read_period(licence: Node, remarks: Remarks) -> tuple[str, str]:
    """First and last day, whole dates only."""
    period = {codes.LICENCE_BEGINS: "", codes.LICENCE_ENDS: ""}
    for date in nodes(licence, "EpubLicenseDate"):
        if (role := first(date, "EpubLicenseDateRole")) in period:
            read = check_date(first(date, "Date"), "EpubLicense/EpubLicenseDate", remarks)
            period[role] = read if len(read) == 10 else ""
    return period[codes.LICENCE_BEGINS], period[codes.LICENCE_ENDS]


def _raw(node: Node) -> bytes:
    raw = node.get("raw")
    return raw[0] if raw else b""
