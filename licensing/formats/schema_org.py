"""Works, models and holders as schema.org in JSON-LD; pure. Policies come from `odrl`, losses stand in `loss`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from licensing.formats.odrl import CONTEXT as ODRL_CONTEXT

Json = dict[str, Any]
MEDIA_TYPE = "application/ld+json"
CONTEXT: Json = {
    "@vocab": "https://schema.org/",
    "schema": "https://schema.org/",
    **ODRL_CONTEXT,
    "loss": {"@id": "colophon:loss", "@container": "@set"},
    "hasPolicy": {"@id": "odrl:hasPolicy"},
    "sameAs": {"@type": "@id"},
    "url": {"@type": "@id"},
}
TYPES = {"book": "Book", "article": "Article", "poem": "CreativeWork", "play": "Play", "manual": "Book"}
ADDRESSES = {"doi": "https://doi.org/", "isni": "https://isni.org/isni/", "oclc": "https://www.worldcat.org/oclc/"}
ROLES = {"author": "author", "editor": "editor", "translator": "translator"}


@dataclass(frozen=True)
class Party:
    """A person or organisation; `address` is their page here."""

    name: str
    address: str = ""
    kind: str = "person"
    isni: str = ""
    other_names: Sequence[str] = ()
    born: str = ""
    died: str = ""


@dataclass(frozen=True)
class Edition:
    """A published form of a work."""

    address: str
    title: str = ""
    published: str = ""
    publisher: str = ""
    language: str = ""
    translator: Party | None = None
    identifiers: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Work:
    """A work with what is public about it. `claimants` claim a right in it; `policies` were made by `odrl.policy`."""

    address: str
    title: str
    subtitle: str = ""
    kind: str = "book"
    language: str = ""
    first_published: str = ""
    country: str = ""
    description: str = ""
    people: Sequence[tuple[str, Party]] = ()
    claimants: Sequence[Party] = ()
    identifiers: Sequence[tuple[str, str]] = ()
    editions: Sequence[Edition] = ()
    policies: Sequence[Json] = ()
    loss: Sequence[str] = field(default_factory=tuple)


def work(said: Work) -> Json:
    """The work as Book, Article, Play or CreativeWork, its editions as examples of it."""
    loss = list(said.loss)
    if said.claimants:
        loss.append(
            "Rights claims appear as copyrightHolder: their dates, territory, verification and disputes do not."
        )
    about: Json = {
        "@context": CONTEXT,
        "@id": said.address,
        "@type": TYPES.get(said.kind, "CreativeWork"),
        "url": said.address,
        "name": said.title,
        "alternativeHeadline": said.subtitle,
        "inLanguage": said.language,
        "datePublished": said.first_published,
        "countryOfOrigin": {"@type": "Country", "identifier": said.country} if said.country else None,
        "description": said.description,
        "copyrightHolder": [party(one) for one in said.claimants],
        "workExample": [_edition(one, said) for one in said.editions],
        "hasPolicy": list(said.policies),
        "loss": loss,
        **_identified(said.identifiers),
    }
    for role, name in ROLES.items():
        about[name] = [party(one) for played, one in said.people if played == role]
    return _without_empty(about)


def _edition(said: Edition, of: Work) -> Json:
    return _without_empty(
        {
            "@id": said.address,
            "@type": "Book" if of.kind in ("book", "manual", "poem", "play") else "CreativeWork",
            "exampleOfWork": {"@id": of.address},
            "name": said.title or of.title,
            "datePublished": said.published,
            "inLanguage": said.language,
            "publisher": {"@type": "Organization", "name": said.publisher} if said.publisher else None,
            "translator": party(said.translator) if said.translator else None,
            **_identified(said.identifiers),
        }
    )


def _identified(identifiers: Sequence[tuple[str, str]]) -> Json:
    """ISBN and ISSN have words of their own; every identifier is a PropertyValue, and an address where it has one."""
    found: Json = {
        "identifier": [
            {"@type": "PropertyValue", "propertyID": scheme, "value": value} for scheme, value in identifiers
        ],
        "sameAs": [f"{ADDRESSES[scheme]}{value}" for scheme, value in identifiers if scheme in ADDRESSES],
    }
    for scheme in ("isbn", "issn"):
        values = [value for name, value in identifiers if name == scheme]
        if values:
            found[scheme] = values[0] if len(values) == 1 else values
    return found


def party(said: Party) -> Json:
    """A Person or Organization."""
    about: Json = {
        "@id": said.address,
        "@type": "Person" if said.kind == "person" else "Organization",
        "name": said.name,
        "alternateName": list(said.other_names),
        "sameAs": [f"{ADDRESSES['isni']}{said.isni}"] if said.isni else [],
    }
    if said.kind == "person":
        about |= {"birthDate": said.born, "deathDate": said.died}
    return _without_empty(about)


def holder(said: Party, works: Sequence[tuple[str, str]], loss: Sequence[str] = ()) -> Json:
    """A holder's page: the party, and the works (address, title) that name it."""
    listed = [{"@type": "CreativeWork", "@id": address, "name": title} for address, title in works]
    return _without_empty(
        {"@context": CONTEXT, **party(said), "url": said.address, "subjectOf": listed, "loss": list(loss)}
    )


def claim(
    *, relation: str, status: str, about: str, name: str, sources: Sequence[tuple[str, str]], detail: str = ""
) -> Json:
    """Somebody's statement about provenance, with its status: a denial or an allegation is never stated as a fact."""
    return _without_empty(
        {
            "@type": "Claim",
            "additionalType": f"urn:colophon:claim:{relation}",
            "creativeWorkStatus": status,
            "about": {"@id": about, "name": name},
            "text": detail,
            "citation": [
                _without_empty({"@type": "CreativeWork", "name": title, "url": address}) for title, address in sources
            ],
        }
    )


def model(
    *,
    address: str,
    name: str,
    developer: Party,
    released_on: str,
    licence: str,
    description: str,
    claims: Sequence[Json],
) -> Json:
    """An AI model, for which schema.org has no type of its own."""
    return _without_empty(
        {
            "@context": CONTEXT,
            "@id": address,
            "@type": "CreativeWork",
            "additionalType": "urn:colophon:ai-model",
            "url": address,
            "name": name,
            "creator": party(developer),
            "datePublished": released_on,
            "license": licence,
            "description": description,
            "subjectOf": list(claims),
            "loss": ["schema.org has no type for AI models: additionalType says what it is."],
        }
    )


def _without_empty(about: Json) -> Json:
    return {name: value for name, value in about.items() if value not in (None, "", [], {})}
