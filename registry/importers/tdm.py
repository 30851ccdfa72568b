"""TDMRep in the metadata of a book: what stands there and which of our uses it means; one reading for all who ask.

Source: W3C TDM Reservation Protocol, final community group report of 10 May 2024. Catalogues are imported and signals
are read with it, so that the same book says the same either way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from registry.importers.package import Package

VERSION = "2024-05-10"
PREFIX, NAMESPACE = "tdm", "http://www.w3.org/ns/tdmrep#"
MINING = ("pretraining", "fine_tuning", "preference_tuning")  # what mining means without doubt
ROUGHLY_MINING = ("rag_grounding", "evaluation", "search_index", "research_experiment")  # our reading of it


@dataclass(frozen=True)
class Metadata:
    """What a package document says: the values as they stand, and what tdm means there, where that is not TDMRep."""

    reservations: list[str]
    policies: list[str]
    foreign: str = ""
    raw: bytes = b""  # the elements


def read_metadata(package: Package) -> Metadata:
    """The entries of every prefix that stands for TDMRep: tdm too where nothing is declared, as in EPUB 2."""
    words = (package.root.get("prefix") or "").split()
    bound = {name.removesuffix(":"): address for name, address in zip(words[::2], words[1::2], strict=False)}
    meant = bound.setdefault(PREFIX, NAMESPACE)
    prefixes = [name for name, address in bound.items() if address == NAMESPACE]
    found = {
        name: [each for prefix in prefixes for each in package.meta(f"{prefix}:{name}")]
        for name in ("reservation", "policy")
    }
    reservations, policies = ([value.strip() for _, value in entries] for entries in found.values())
    raw = b"".join(etree.tostring(node, with_tail=False) for entries in found.values() for node, _ in entries)
    return Metadata(reservations, policies, "" if meant == NAMESPACE else meant, raw)


def reserved(reservations: Sequence[str]) -> bool | None:
    """Whether mining is reserved; None where that is not said, or not the same everywhere, or neither 0 nor 1."""
    values = set(reservations)
    return values == {"1"} if values in ({"0"}, {"1"}) else None


def uses_of(*, is_reserved: bool) -> tuple[str, ...]:
    """A refusal is read as all that it may mean, a wish that allows as what it means without doubt."""
    return (*MINING, *ROUGHLY_MINING) if is_reserved else MINING
