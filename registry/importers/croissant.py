"""Croissant 0.8, 1.0 and 1.1: datasets described in JSON-LD with the words of schema.org.

Only what describes a dataset is taken over (MLCommons Croissant, "Dataset-level information"; RAI 1.0 for `rai:`); how
its files are laid out stays in the file. A schema.org Dataset that names no version of Croissant is read as well.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from registry.importers import documents
from registry.importers.dataset_values import clean, cut, fault_row, is_address, name_remarks, slug
from registry.importers.rows import DatasetRow, FileHead, Message

FORMAT = "croissant"
VERSIONS = {"0.8", "1.0", "1.1"}
MARKS = (b"mlcommons.org/croissant", b"mlcommons.org/schema", b"schema.org")
EXPECTED = ("description", "license", "url", "creator", "datePublished")  # required by 1.0 and 1.1
UNSTATED = {"", "none", "unknown", "undefined", "other", "n/a"}
RAI = re.compile(r"(?:rai:|https?://mlcommons\.org/croissant/RAI/)(\w+)$")
OLD_RAI = {"dataCollection", "dataBiases", "personalSensitiveInformation"}  # without a prefix in 0.8
PARTIAL_DATE = re.compile(r"(\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?)(?:[T ].*)?$")
MAX_TEXT, MAX_LIST, MAX_DEPTH = 20_000, 500, 12


def looks_like(head: bytes) -> bool:
    """Whether these first bytes are of JSON-LD that describes a dataset."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return start in (b"{", b"[") and b'"@context"' in head and any(mark in head for mark in MARKS)


def read(path: Path) -> tuple[FileHead, Iterator[DatasetRow]]:
    """The datasets of a file, or of a folder or zip of files; what cannot be read is a row with a fatal message."""
    first = next(iter(documents.documents(path)), documents.Document("", None))
    nodes = _nodes(first.value)
    return FileHead(FORMAT, _version(nodes[0]) if nodes else "", "utf-8"), _rows(path)


def _rows(path: Path) -> Iterator[DatasetRow]:
    number = 0
    seen: dict[str, str] = {}
    for document in documents.documents(path):
        nodes = _nodes(document.value)
        if document.fault or not nodes:
            number += 1
            yield fault_row(number, document.name, document.fault or "describes no dataset")
        for node in nodes:
            number += 1
            yield _row(number, node, seen)


def _nodes(value: Any) -> list[Mapping[str, Any]]:
    """The descriptions of datasets in a document: itself, the members of a list, or of its `@graph`."""
    if isinstance(value, dict) and isinstance(value.get("@graph"), list):
        value = value["@graph"]
    candidates = value if isinstance(value, list) else [value]
    return [_by_local_name(node) for node in candidates if isinstance(node, dict) and _is_dataset(node)]


def _is_dataset(node: Mapping[str, Any]) -> bool:
    kinds = node.get("@type", node.get("type"))
    return any(_local(str(kind)) == "Dataset" for kind in (kinds if isinstance(kinds, list) else [kinds]))


def _local(term: str) -> str:
    return re.split(r"[:/#]", term)[-1]


def _by_local_name(node: Mapping[str, Any]) -> dict[str, Any]:
    """Its fields without their prefix (`sc:name` → name); what belongs to RAI keeps `rai:`."""
    found: dict[str, Any] = {}
    for term, value in node.items():
        rai = RAI.match(term)
        name = f"rai:{rai[1]}" if rai else f"rai:{term}" if term in OLD_RAI else _local(term)
        found.setdefault(name, value)
    return found


def _version(node: Mapping[str, Any]) -> str:
    named = [_local(text) for text in _texts(node.get("conformsTo"))]
    return next((version for version in named if version in VERSIONS), "0.8" if not named else named[0][:20])


def _row(number: int, node: Mapping[str, Any], seen: dict[str, str]) -> DatasetRow:
    remarks: list[Message] = []
    name = clean(_text(node.get("name")))
    if not name:
        remarks.append(Message("name", "", "E", "NAME_MISSING", "The dataset has no name.", "Give its name."))
    remarks.extend(name_remarks("name", name))
    if (version := _version(node)) not in VERSIONS:
        cause = "This version of Croissant is not known; it is read like the latest one that is."
        remarks.append(Message("conformsTo", cut(version), "W", "VERSION_UNKNOWN", cause))
    address = _address(node, remarks)
    facts = _facts(node, address, remarks)
    reference = _reference(address, name) if name else ""
    remarks.extend(
        Message(field, "", "W", "FIELD_MISSING", "Croissant asks for this field.", "Add it where it is known.")
        for field in EXPECTED
        if not node.get(field)
    )
    digest = hashlib.sha256(repr(facts).encode("utf-8", "replace")).hexdigest()
    if reference and reference in seen:
        severity = "W" if seen[reference] == digest else "E"
        cause = "A description before this one is of the same dataset."
        remarks.append(Message("url", cut(address or name), severity, "REFERENCE_REPEATED", cause, "Keep one of them."))
    seen.setdefault(reference, digest)
    return DatasetRow(number, reference, cut(name), facts, tuple(remarks))


def _reference(address: str, name: str) -> str:
    """What the dataset is told from others by: its address, or its name where that leads to a whole site or nowhere."""
    place = re.sub(r"^https?://(www\.)?", "", address).strip("/")
    return slug(place if "/" in place else name)


def _facts(node: Mapping[str, Any], address: str, remarks: list[Message]) -> dict[str, Any]:
    licences = [_licence(value) for value in _many(node.get("license"))]
    files = [value for value in _many(node.get("distribution")) if isinstance(value, dict)]
    _check_digests(files, remarks)
    return {
        "kind": "corpus",
        "description": _text(node.get("description"))[:MAX_TEXT],
        "declared_licence": ", ".join(dict.fromkeys(row["name"] for row in licences if row["kind"] == "licence")),
        "licences": licences,
        "address": address,
        "addresses": {"sameAs": [text for text in _texts(node.get("sameAs")) if is_address(text)][:MAX_LIST]},
        "languages": [clean(text) for text in _texts(node.get("inLanguage"))][:MAX_LIST],
        "creators": list(dict.fromkeys(_names(node.get("creator")) or _names(node.get("publisher"))))[:MAX_LIST],
        "tasks": [],
        "keywords": [clean(text) for text in _texts(node.get("keywords"))][:MAX_LIST],
        "citation": _text(node.get("citeAs") or node.get("citation"))[:MAX_TEXT],
        "derived_from": list(dict.fromkeys(_names(node.get("wasDerivedFrom"))))[:MAX_LIST],
        "generated_by": [],
        "conditions": _bounded(node.get("usageInfo")),
        "rai": {key[4:]: _texts(value)[:MAX_LIST] for key, value in node.items() if key.startswith("rai:")},
        "release": _release(node, address, remarks),
        "figures": [{"name": "files described", "value": len(files), "unit": "files"}] if files else [],
    }


def _address(node: Mapping[str, Any], remarks: list[Message]) -> str:
    given = _text(node.get("url")).strip()
    if given and not is_address(given):
        cause = "This is no web address; it is left out."
        remarks.append(Message("url", cut(given), "W", "ADDRESS_INVALID", cause, "Give the dataset's page."))
    return given if is_address(given) else ""


def _release(node: Mapping[str, Any], address: str, remarks: list[Message]) -> dict[str, str] | None:
    version = clean(_text(node.get("version")))[:80]
    published = _text(node.get("datePublished")).strip()
    date = PARTIAL_DATE.match(published)
    if published and not date:
        cause = "This is no date; it is left out."
        remarks.append(Message("datePublished", cut(published), "W", "DATE_IMPOSSIBLE", cause, "Write 2026-05-31."))
    if not version and not date:
        return None
    return {"version": version or (date[1] if date else ""), "released_on": date[1] if date else "", "address": address}


def _licence(value: Any) -> dict[str, str]:
    """A licence by its name or address, or a CreativeWork with both; kept as said."""
    work = value if isinstance(value, dict) else {}
    fields = _by_local_name(work)
    name = clean(_text(fields.get("name")) or _text(fields.get("url")) or _text(work.get("@id")) or _text(value))[:300]
    address = next((text for text in (_text(fields.get("url")), _text(work.get("@id")), name) if is_address(text)), "")
    is_unstated = name.rstrip("/").rsplit("/", 1)[-1].lower() in UNSTATED
    return {"name": name, "kind": "unstated" if is_unstated else "licence", "address": address}


def _check_digests(files: list[dict[str, Any]], remarks: list[Message]) -> None:
    """A file's SHA-256 that is none is said; it is not what a check of a release could rely on."""
    for value in (_text(_by_local_name(row).get("sha256")) for row in files):
        if value and not re.fullmatch(r"[0-9a-fA-F]{64}", value):
            cause = "This is no SHA-256 of a file."
            remarks.append(Message("distribution/sha256", cut(value), "W", "DIGEST_INVALID", cause, "Compute it anew."))
            return


def _names(value: Any) -> list[str]:
    """The names of persons, organisations or datasets; where only an address stands, that."""
    found = []
    for each in _many(value):
        fields = _by_local_name(each) if isinstance(each, dict) else {}
        text = _text(fields.get("name")) or _text(fields.get("url")) or _text(fields.get("@id")) or _text(each)
        if clean(text):
            found.append(clean(text)[:300])
    return found


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _texts(value: Any) -> list[str]:
    return [text for text in (_text(each) for each in _many(value)) if text]


def _text(value: Any) -> str:
    """A text, a number, `{"@value": …}`, `{"@id": …}`, or the English one of a map of languages."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\x00", " ")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list):
        return _text(value[0]) if value else ""
    if isinstance(value, dict):
        for key in ("@value", "en", "name", "@id"):
            if isinstance(value.get(key), str):
                return _text(value[key])
        is_languages = value and all(isinstance(text, str) and not key.startswith("@") for key, text in value.items())
        return _text(next(iter(value.values()))) if is_languages else ""
    return ""


def _bounded(value: Any, depth: int = 0) -> Any:
    """A JSON value with nothing endless in it: what a description says about conditions is kept as it stands."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, dict):
        return {cut(str(key)): _bounded(inner, depth + 1) for key, inner in islice(value.items(), MAX_LIST)}
    if isinstance(value, list):
        return [_bounded(inner, depth + 1) for inner in value[:MAX_LIST]]
    return _text(value)[:MAX_TEXT] if isinstance(value, str) else value
