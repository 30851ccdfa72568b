"""What an EPUB says about text and data mining (TDMRep, final report of 10 May 2024) and its licence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from registry.importers import tdm
from registry.importers.addresses import is_address
from registry.importers.onix_rights import MAX_ADDRESS_CHARS, find_open_licence
from registry.importers.package import Package
from registry.importers.rows import RightsStatement
from registry.importers.values import Remarks

_ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+[^\s<>\"')\].,;]")


def read_rights(package: Package, remarks: Remarks) -> tuple[RightsStatement, ...]:
    """Reservation or preference, the policy as an offer, and an open licence that `rights` or a link names."""
    return (*_read_reservation(package, remarks), *_read_licence(package, remarks))


def _read_reservation(package: Package, remarks: Remarks) -> list[RightsStatement]:
    said = tdm.read_metadata(package)
    if said.foreign:
        cause = "this prefix stands for something else than TDMRep; nothing under it was read"
        remarks.add("prefix", said.foreign, "Q", "PREFIX_UNKNOWN", cause)
    if not said.reservations:
        return []
    is_reserved = tdm.reserved(said.reservations)
    if is_reserved is None:
        cause = "the reservation is neither 0 nor 1, or both; it was not interpreted"
        values = ", ".join(sorted(set(said.reservations)))
        remarks.add("tdm:reservation", values, "Q", "RESERVATION_UNCLEAR", cause, fix="state 0 or 1 once")
        return []
    policy = _read_policy(said.policies, remarks) if is_reserved else ""  # 0 has no policy that counts
    statement = RightsStatement(
        kind="reservation" if is_reserved else "preference",
        uses=tdm.uses_of(is_reserved=is_reserved),
        address=policy,
        statement=f"tdm-reservation: {'1' if is_reserved else '0'}",
        source_format="tdmrep",
        source_version=tdm.VERSION,
        raw=said.raw,
    )
    # Of a policy is known that something may be had there, not for what: what mining means without doubt
    offer = replace(statement, kind="offer", statement="TDM policy", uses=tdm.MINING)
    return [statement, offer] if policy else [statement]


def _read_policy(policies: Sequence[str], remarks: Remarks) -> str:
    """The address of the policy; empty, and a remark, where several are named or it is none."""
    found = list(dict.fromkeys(policies))
    if len(found) > 1:
        remarks.add("tdm:policy", ", ".join(found), "Q", "POLICY_UNCLEAR", "several policies are named; none was taken")
    elif found and (len(found[0]) > MAX_ADDRESS_CHARS or not is_address(found[0])):
        remarks.add("tdm:policy", found[0], "W", "ADDRESS_INVALID", "this is no http or https address; it was left out")
    else:
        return found[0] if found else ""
    return ""


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
