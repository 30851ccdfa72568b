"""Other tools on the same task: name the registered works that a document has text of.

Normalisation is the same for all: lower-case words without punctuation, a Han character being a word; what the tools
then make of it is theirs.
"""

from __future__ import annotations

import importlib
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

TOKEN = re.compile(r"[㐀-鿿]|[^\W_㐀-鿿]+")


def words_of(text: str) -> list[str]:
    """Lower-case words; Han characters singly."""
    return TOKEN.findall(text.lower())


class Rival(ABC):
    """One tool. It builds from {work: text} and answers a document with the set of works it finds ("?" where the method
    cannot name a work)."""

    name: ClassVar[str]
    module: ClassVar[str]  # what is imported, and installed with pip
    spans: ClassVar[str]  # what it says of where: none, window, document side, passage, exact runs, both sides
    most_catalogue_mb: ClassVar[float]  # more takes it too long or too much memory
    most_documents: ClassVar[int]

    @abstractmethod
    def build(self, texts: Mapping[str, str]) -> None:
        """Register the texts."""

    @abstractmethod
    def find(self, document: str) -> set[str]:
        """Works found in a document."""

    def index_bytes(self) -> int | None:
        """Bytes of the index; None where it is Python objects and no size on a disk."""
        return None

    def close(self) -> None:  # noqa: B027  most have none
        """Let go of files."""


def installed(rival: type[Rival]) -> bool:
    """Whether the tool's package can be imported here, with all that it needs."""
    try:
        importlib.import_module(rival.module)
    except ImportError:
        return False
    return True
