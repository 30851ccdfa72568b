"""What an EPUB says about text and data mining (TDMRep, final report of 10 May 2024) and its licence."""

from __future__ import annotations

import re

from lxml import etree

from registry.importers.onix_rights import MAX_ADDRESS_CHARS, MINING_USES, find_open_licence
from registry.importers.package import Package
from registry.importers.rows import RightsStatement
from registry.importers.values import Remarks

TDMREP = "2024-05-10"
_ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+[^\s<>\"')\].,;]")


def read_rights(package: Package, remarks: Remarks) -> tuple[RightsStatement, ...]:
    """Reservation or preference, the policy as an offer, and an open licence that `rights` or a link names."""
    return (*_read_reservation(package, remarks), *_read_licence(package, remarks))


def _read_reservation(package: Package, remarks: Remarks) -> list[RightsStatement]:
    reservations, policies = list(package.meta("tdm:reservation")), list(package.meta("tdm:policy"))
    if not reservations:
        return []
    values = {value for _, value in reservations}
    if len(values) > 1 or not values <= {"0", "1"}:
        cause = "the reservation is neither 0 nor 1, or both; it was not interpreted"
        remarks.add(
            "tdm:reservation", ", ".join(sorted(values)), "Q", "RESERVATION_UNCLEAR", cause, fix="state 0 or 1 once"
        )
        return []
    raw = b"".join(etree.tostring(node, with_tail=False) for node, _ in (*reservations, *policies))
    policy = next((value for _, value in policies), "")
    if policy and (len(policy) > MAX_ADDRESS_CHARS or not _ADDRESS.fullmatch(policy)):
        remarks.add("tdm:policy", policy, "W", "ADDRESS_INVALID", "this is no http or https address; it was left out")
        policy = ""
    is_reserved = values == {"1"}
    statement = RightsStatement(
        kind="reservation" if is_reserved else "preference",
        uses=MINING_USES,
        address=policy,
        statement=f"tdm-reservation: {'1' if is_reserved else '0'}",
        source_format="tdmrep",
        source_version=TDMREP,
        raw=raw,
    )
    if not (is_reserved and policy):
        return [statement]
    offer = {"kind": "offer", "statement": "TDM policy"}
    return [statement, RightsStatement(**{**vars(statement), **offer})]


def _read_licence(package: Package, remarks: Remarks) -> list[RightsStatement]:
    rights = package.texts("rights")
    addresses = [*package.links("cc:license"), *package.links("license")]
    addresses += [address for text in rights for address in _ADDRESS.findall(text)]
    for address in addresses:
        if licence := find_open_licence(address):
            return [
                RightsStatement(
                    kind="open_licence",
                    licence=licence,
                    address=address,
                    statement=" ".join(rights)[:1000],
                    source_format="epub",
                    source_version=package.version,
                    raw="\n".join([*rights, address]).encode(),
                )
            ]
    if rights:
        cause = "the statement of rights is in words and was not interpreted"
        remarks.add("rights", " ".join(rights), "I", "RIGHTS_NOT_INTERPRETED", cause)
    return []
