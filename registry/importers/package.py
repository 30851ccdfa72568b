"""The metadata of an EPUB's package document: elements, what refines them, and meta entries of both versions."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

DC = "http://purl.org/dc/elements/1.1/"
OPF = "http://www.idpf.org/2007/opf"
MAX_ELEMENTS = 5000
MAX_RAW_CHARS = 64 * 1024


class Package:
    """One package document. Texts come with their spaces unified."""

    def __init__(self, root: etree._Element, data: bytes) -> None:
        self.root = root
        self.version = root.get("version", "")
        self._data = data
        metadata = next(root.iter("{*}metadata"), None)
        self._elements = [] if metadata is None else list(metadata.iter(etree.Element))[:MAX_ELEMENTS]
        self._refinements: dict[tuple[str, str], list[str]] = {}
        for node in self._elements:
            if target := node.get("refines"):
                key = (target.lstrip("#"), (node.get("property") or "").rpartition(":")[2])
                self._refinements.setdefault(key, []).append(text_of(node))

    def elements(self, name: str) -> Iterator[tuple[etree._Element, str]]:
        """The Dublin Core elements of a name, with their text."""
        for node in self._elements:
            if node.tag == f"{{{DC}}}{name}":
                yield node, text_of(node)

    def texts(self, name: str) -> list[str]:
        """The texts of the Dublin Core elements of a name that are not empty."""
        return [text for _, text in self.elements(name) if text]

    def refined(self, node: etree._Element, name: str) -> str:
        """What a `meta` says about an element, the first of its property."""
        return next(iter(self.all_refined(node, name)), "")

    def all_refined(self, node: etree._Element, name: str) -> list[str]:
        """Everything that entries of one property say about an element."""
        return self._refinements.get((node.get("id") or "", name), [])

    @staticmethod
    def attribute(node: etree._Element, name: str) -> str:
        """An attribute of EPUB 2, in its namespace or, as many books have it, without."""
        return (node.get(f"{{{OPF}}}{name}") or node.get(name) or "").strip()

    def meta(self, name: str) -> Iterator[tuple[etree._Element, str]]:
        """Entries by property (EPUB 3) or name (EPUB 2) about the whole book, with their value."""
        for node in self._elements:
            if etree.QName(node).localname != "meta" or node.get("refines"):
                continue
            if node.get("property") == name:
                yield node, text_of(node)
            elif node.get("name") == name:
                yield node, (node.get("content") or "").strip()

    def links(self, relation: str) -> list[str]:
        """Addresses of `link` entries with this relation."""
        return [
            node.get("href") or ""
            for node in self._elements
            if etree.QName(node).localname == "link" and relation in (node.get("rel") or "").split()
        ]

    def unique_identifier(self) -> str:
        """The identifier that the package itself calls its own."""
        wanted = self.root.get("unique-identifier")
        found = [(node.get("id"), text) for node, text in self.elements("identifier") if text]
        return next((text for each, text in found if each == wanted), found[0][1] if found else "")

    def metadata_text(self) -> str:
        """The metadata as they stood."""
        start, end = self._data.find(b"metadata"), self._data.rfind(b"metadata>")
        return self._data[max(0, start - 1) : end + 9].decode("utf-8", "replace")[:MAX_RAW_CHARS]


def text_of(node: etree._Element) -> str:
    """All text in an element."""
    return " ".join("".join(map(str, node.itertext())).split())
