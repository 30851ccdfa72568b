"""The names in a JSON-LD document, as far as policies need them: contexts are looked up here and never fetched; pure.

Source: JSON-LD 1.1. A context is the ODRL one, or an object of prefixes and terms; what an unknown one would mean is
not guessed: its names stay as they are written and match nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from licensing.formats.policy import Fault
from licensing.formats.untrusted import REPEATED, shown

ODRL = "http://www.w3.org/ns/odrl/2/"
VCARD = "http://www.w3.org/2006/vcard/ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ODRL_CONTEXTS = ("http://www.w3.org/ns/odrl.jsonld", "https://www.w3.org/ns/odrl.jsonld")
# The prefixes that the ODRL context declares
PREFIXES = {
    "odrl": ODRL,
    "vcard": VCARD,
    "xsd": XSD,
    "rdf": RDF,
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "http://schema.org/",
    "cc": "http://creativecommons.org/ns#",
}
ID, TYPE, CONTEXT, GRAPH = "@id", "@type", "@context", "@graph"
MAX_STEPS = 16  # from term to term until it is an address
MAX_NAME_CHARS = 2000
MAX_CONTEXTS, MAX_TERMS = 16, 500

Node = dict[str, list[Any]]  # by address of the property: its values


@dataclass(frozen=True)
class Names:
    """What prefixes and terms stand for."""

    terms: dict[str, str] = field(default_factory=dict)
    vocabulary: str = ""

    def within(self, context: Any, place: str, faults: list[Fault]) -> "Names":
        """These names, and those of one more context."""
        names = self
        contexts = context if isinstance(context, list) else [context]
        if len(contexts) > MAX_CONTEXTS:
            faults.append(Fault("context_unknown", f"{place}/{CONTEXT}", f"more than {MAX_CONTEXTS}: none is read"))
            return Names()
        for one in contexts:
            if isinstance(one, str) and one in ODRL_CONTEXTS:
                names = Names({**names.terms, **PREFIXES, "uid": ID, "id": ID, "type": TYPE}, ODRL)
            elif isinstance(one, dict) and len(one) + len(names.terms) <= MAX_TERMS:
                names = names._with_object(one)
            elif isinstance(one, dict):
                faults.append(Fault("context_unknown", f"{place}/{CONTEXT}", f"more than {MAX_TERMS} terms: not read"))
            else:
                faults.append(Fault("context_unknown", f"{place}/{CONTEXT}", f"never fetched: {shown(one)}"))
        return names

    def _with_object(self, context: dict[str, Any]) -> "Names":
        terms = dict(self.terms)
        for name, said in context.items():
            meant = said.get(ID) if isinstance(said, dict) else said
            if name.startswith("@") or said is REPEATED:
                continue
            if isinstance(meant, str):
                terms[name] = meant
            elif meant is None and not isinstance(said, dict):
                terms.pop(name, None)
        vocabulary = context.get("@vocab", self.vocabulary)
        return Names(terms, self._address(vocabulary, terms) if isinstance(vocabulary, str) else "")

    def address(self, name: str) -> str:
        """The address that a name, a compact or a full one, stands for; the name itself where nothing is known."""
        return self._address(name, self.terms)

    def _address(self, name: str, terms: dict[str, str]) -> str:
        for _ in range(MAX_STEPS):
            if name.startswith("@") or len(name) > MAX_NAME_CHARS:
                return name
            if name in terms and terms[name] != name:
                name = terms[name]
                continue
            prefix, colon, rest = name.partition(":")
            if not colon:
                return self.vocabulary + name if self.vocabulary else name
            if rest.startswith("//") or prefix not in terms:
                return name
            name = terms[prefix] + rest
        return name

    def node(self, value: dict[str, Any]) -> Node:
        """An object by the addresses of its properties, each with all its values."""
        found: Node = {}
        for name, said in value.items():
            if name != CONTEXT:
                found.setdefault(self.address(name), []).extend(values(said))
        return found

    def reference(self, value: Any) -> str:
        """The address that a value names, as text or as object with an id; "" where it names none."""
        if isinstance(value, dict):
            found = [said for name, said in value.items() if self.address(name) == ID]
            value = found[0] if len(found) == 1 else None
        return self.address(value) if isinstance(value, str) else ""

    def types(self, node: Node) -> list[str]:
        """The addresses of a node's types."""
        return [self.address(one) for one in node.get(TYPE, []) if isinstance(one, str)]


def values(said: Any) -> Iterator[Any]:
    """The values of a property: one, several, or those of a list or set."""
    if isinstance(said, list):
        for one in said:
            yield from values(one)
    elif isinstance(said, dict) and len(said) == 1 and set(said) <= {"@list", "@set"}:
        yield from values(next(iter(said.values())))
    elif said is not None:
        yield said


def literal(value: Any) -> Any:
    """The value of a literal: text, number or truth, as it stands or in an object with @value; else None."""
    if isinstance(value, dict) and "@value" in value:
        value = value["@value"]
    return value if isinstance(value, str | int | float) else None
