"""A dataset as Croissant 1.1: what is recorded about it, never more; pure.

Fields that Croissant requires and nobody recorded are left out and listed in `loss`. Provenance that its maker
disclosed, admitted or a court found is stated as prov:wasDerivedFrom; other claims stand beside with their status.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from licensing.formats.odrl import CONTEXT as ODRL_CONTEXT
from licensing.formats.schema_org import Party, party

Json = dict[str, Any]
VERSION = "http://mlcommons.org/croissant/1.1"
CONTEXT: Json = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
    **{name: value for name, value in ODRL_CONTEXT.items() if name != "dct"},
    "loss": {"@id": "colophon:loss", "@container": "@set"},
}
REQUIRED = ("description", "license", "url", "creator", "datePublished")


@dataclass(frozen=True)
class Dataset:
    """What is public about a dataset; `claims` are (relation, status, name, address of what it names)."""

    address: str
    name: str
    description: str = ""
    licences: Sequence[Mapping[str, str]] = ()  # as said: name, kind, address
    declared_licence: str = ""
    homepage: str = ""
    creators: Sequence[Party] = ()
    published: str = ""
    version: str = ""
    languages: Sequence[str] = ()
    keywords: Sequence[str] = ()
    citation: str = ""
    rai: Mapping[str, Sequence[str]] = field(default_factory=dict)
    parts: Sequence[tuple[str, str]] = ()  # name, address
    claims: Sequence[tuple[str, str, str, str]] = ()
    conditions: Sequence[Json] = ()  # ODRL policies
    loss: Sequence[str] = ()


STATED = ("disclosed", "admitted", "court_finding")
RAI_LISTS = (
    "dataCollectionType", "dataPreprocessingProtocol", "dataAnnotationProtocol", "dataAnnotationPlatform",
    "dataAnnotationAnalysis", "annotatorDemographics", "machineAnnotationTools", "dataBiases", "dataUseCases",
    "dataLimitations", "personalSensitiveInformation",
)  # fmt: skip


def dataset(said: Dataset) -> Json:
    """The dataset as a Croissant document."""
    about: Json = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",  # without an @id, which conditions would lead back to: mlcroissant walks round for ever
        "identifier": said.address,
        "conformsTo": VERSION,
        "name": said.name,
        "description": said.description,
        "license": _licences(said),
        "url": said.homepage or said.address,
        "sameAs": [said.address] if said.homepage else [],
        "creator": [_creator(one) for one in said.creators],
        "datePublished": said.published,
        "version": said.version,
        "inLanguage": list(said.languages),
        "keywords": list(said.keywords),
        "citeAs": said.citation,
        "hasPart": [{"@id": address, "name": name} for name, address in said.parts],
        "usageInfo": list(said.conditions),
    }
    about |= _provenance(said)
    about |= {f"rai:{name}": _rai(name, texts) for name, texts in said.rai.items() if texts}
    missing = [name for name in REQUIRED if not about.get(name)]
    loss = [*said.loss, *(f"{name} is required by Croissant and not recorded here." for name in missing)]
    if any(row["kind"] == "terms" for row in said.licences):
        loss.append("Terms of providers are conditions in usageInfo, not licences.")
    if said.parts:
        loss.append("Files and records are not described here: see the dataset's own address.")
    about["loss"] = loss
    return {name: value for name, value in about.items() if value not in (None, "", [], {})}


def _licences(said: Dataset) -> list[str]:
    """As declared: the address where there is one, else the name. What is unstated, and terms, are no licence."""
    named = [row.get("address") or row["name"] for row in said.licences if row["kind"] == "licence"]
    return named or ([said.declared_licence] if said.declared_licence else [])


def _creator(said: Party) -> Json:
    found = party(said)
    return found | {"@type": f"sc:{found['@type']}"}


def _rai(name: str, texts: Sequence[str]) -> Any:
    return list(texts) if name in RAI_LISTS else " ".join(texts)


def _provenance(said: Dataset) -> Json:
    """What its maker said it comes from, and apart from it what others say, with the status of the claim."""
    stated = [row for row in said.claims if row[0] in ("derived_from", "obtained_from") and row[1] in STATED]
    generators = [row for row in said.claims if row[0] == "generated_by" and row[1] in STATED]
    others = [row for row in said.claims if row[1] not in STATED]
    return {
        "prov:wasDerivedFrom": [{"@id": address, "name": name} for _r, _s, name, address in stated],
        "prov:wasGeneratedBy": [{"@id": address, "name": name} for _r, _s, name, address in generators],
        "colophon:claim": [
            {"colophon:relation": relation, "colophon:status": status, "name": name, "@id": address}
            for relation, status, name, address in others
        ],
    }
