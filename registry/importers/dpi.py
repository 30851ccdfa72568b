"""Summaries of the Data Provenance Initiative: JSON, one object of entries a file, a file a collection.

Field names are the initiative's own (its `data_summaries/_template.json`). What it lists under `Licenses` is kept as
said; the name of a provider of models there (OpenAI, Anthropic, Llama …) is a restriction by contract, not a licence.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from registry.importers import documents
from registry.importers.dataset_values import clean, cut, fault_row, is_address, name_remarks, slug
from registry.importers.rows import DatasetRow, FileHead, Message

FORMAT = "dpi"
UID, NAME = "Unique Dataset Identifier", "Dataset Name"
NO_DATA = "_template.json"
TEXT, LIST, LICENCES, METRICS, TEXT_OR_NOTHING = "text", "list", "licences", "metrics", "text or nothing"
FIELDS: Mapping[str, str] = {
    UID: TEXT, NAME: TEXT, "Paper Title": TEXT, "Collection": TEXT, "Collection URL": TEXT, "Dataset URL": TEXT,
    "GitHub URL": TEXT, "Hugging Face URL": TEXT, "ArXiv URL": TEXT, "Papers with Code URL": TEXT,
    "Languages": LIST, "Task Categories": LIST, "Format": LIST, "Text Sources": LIST, "Model Generated": LIST,
    "Derived from Datasets": LIST, "Creators": LIST, "Licenses": LICENCES, "License Notes": TEXT,
    "Human Annotation": TEXT_OR_NOTHING, "Text Metrics": METRICS,
}  # fmt: skip
IGNORED = {"Semantic Scholar Corpus ID", "License Verified By", "Dataset Filter IDs", "Inferred Metadata", "Bibtex"}
# names of providers where a licence is expected → whose terms they are
PROVIDERS = {
    "openai": "OpenAI", "anthropic": "Anthropic", "llama 2": "Meta", "llama": "Meta", "llama 3": "Meta",
    "meta llama3 community license": "Meta", "google cloud translation api": "Google", "cohere": "Cohere",
}  # fmt: skip
UNSTATED = {"unspecified", "no license", "none", "unknown", ""}
METRIC_FIGURES = (
    ("Num Dialogs", "dialogues", "dialogues"),
    ("Mean Inputs Length", "mean length of an input", "characters"),
    ("Mean Targets Length", "mean length of a target", "characters"),
)
ADDRESSES = ("Dataset URL", "Hugging Face URL", "GitHub URL", "ArXiv URL", "Papers with Code URL")
MAX_ITEMS, MAX_ITEM_CHARS = 1_000, 300
MAX_NUMBER = 10**15


def looks_like(head: bytes) -> bool:
    """Whether these first bytes (at least some kilobytes) are of such a file: its entries name their identifier."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and f'"{UID}"'.encode() in head


def read(path: Path) -> tuple[FileHead, Iterator[DatasetRow]]:
    """The entries of a file, or of a folder or zip of files (plain, gz, zst); a template among them is no data.

    A file that cannot be read is one row with a fatal message, and the others are read.
    """
    return FileHead(file_format=FORMAT, encoding="utf-8"), _rows(path)


def _rows(path: Path) -> Iterator[DatasetRow]:
    number = 0
    seen: dict[str, str] = {}
    for document in documents.documents(path):
        if document.name.split("/")[-1].split(".json")[0] + ".json" == NO_DATA:
            continue
        for key, entry, fault in _entries(document):
            number += 1
            yield fault_row(number, document.name, fault) if fault else _once(_row(number, key, entry), entry, seen)


def _entries(document: documents.Document) -> Iterator[tuple[str, Any, str]]:
    if document.fault:
        yield "", None, document.fault
    elif not isinstance(document.value, dict):
        yield "", None, "is not an object of entries"
    elif UID in document.value:
        yield "", document.value, ""
    else:
        for key, entry in document.value.items():
            yield (key, entry, "") if isinstance(entry, dict) else (key, None, f"entry “{key[:100]}” is not an object")


def _once(row: DatasetRow, entry: Mapping[str, Any], seen: dict[str, str]) -> DatasetRow:
    """The row with a remark where its identifier stood before: a warning if in the same words, else an error."""
    digest = hashlib.sha256(repr(sorted(entry.items())).encode("utf-8", "surrogatepass")).hexdigest()
    before = seen.setdefault(row.reference, digest)
    if before is digest or not row.reference:
        return row
    same = before == digest
    remark = Message(
        UID,
        row.reference,
        "W" if same else "E",
        "REFERENCE_REPEATED",
        "The same entry stands here a second time." if same else "Another entry before this one has this identifier.",
        "" if same else "Keep one of the two, or give this one an identifier of its own.",
    )
    return DatasetRow(row.number, row.reference, row.name, row.facts, (*row.messages, remark), row.raw)


def _row(number: int, key: str, entry: Mapping[str, Any]) -> DatasetRow:
    remarks: list[Message] = []
    said = {name: _value(name, shape, entry.get(name), remarks) for name, shape in FIELDS.items()}
    identifier = said[UID] or key.strip()
    if said[UID] and key and said[UID] != key:
        remarks.append(Message(UID, cut(said[UID]), "W", "REFERENCE_DIFFERS", f"The entry stands under “{cut(key)}”."))
    if not identifier:
        remarks.append(Message(UID, "", "E", "REFERENCE_MISSING", "The entry has no identifier.", f"Give its {UID}."))
    name = said[NAME] or identifier
    remarks.extend(name_remarks(NAME, name))
    for field in entry:
        if field not in FIELDS and field not in IGNORED:
            remarks.append(Message(cut(field), "", "I", "FIELD_UNKNOWN", "This field is not taken over."))
    facts = _facts(said, remarks)
    return DatasetRow(number, slug(identifier), cut(name), facts, tuple(remarks))


def _facts(said: Mapping[str, Any], remarks: list[Message]) -> dict[str, Any]:
    licences = said["Licenses"]
    named = [row["name"] for row in licences if row["kind"] == "licence"]
    return {
        "kind": "conversations" if any("dialog" in row.lower() for row in said["Format"]) else "instructions",
        "declared_licence": ", ".join(dict.fromkeys(named)),
        "licences": licences,
        "licence_note": said["License Notes"],
        "address": _first_address(said, remarks),
        "addresses": {name: said[name] for name in ADDRESSES if is_address(said[name])},
        "languages": said["Languages"],
        "creators": said["Creators"],
        "text_sources": said["Text Sources"],
        "tasks": said["Task Categories"],
        "formats": said["Format"],
        "paper": said["Paper Title"],
        "human_annotation": {"yes": True, "no": False}.get(said["Human Annotation"].lower()),
        "generated_by": said["Model Generated"],
        "derived_from": said["Derived from Datasets"],
        "collection": _collection(said),
        "figures": _figures(said["Text Metrics"]),
    }


def _collection(said: Mapping[str, Any]) -> dict[str, str] | None:
    name = said["Collection"]
    if not name:
        return None
    address = said["Collection URL"] if is_address(said["Collection URL"]) else ""
    return {"reference": slug(f"collection {name}"), "name": cut(name), "address": address}


def _figures(metrics: Mapping[str, float]) -> list[dict[str, Any]]:
    return [
        {"name": name, "value": metrics[field], "unit": unit}
        for field, name, unit in METRIC_FIGURES
        if field in metrics
    ]


def _first_address(said: Mapping[str, Any], remarks: list[Message]) -> str:
    given = said["Dataset URL"]
    if given and not is_address(given):
        remarks.append(
            Message("Dataset URL", cut(given), "W", "ADDRESS_INVALID", "This is no web address; it is left out.")
        )
    return next((said[name] for name in ADDRESSES if is_address(said[name])), "")


def _value(name: str, shape: str, given: Any, remarks: list[Message]) -> Any:
    """The value in its shape; one of another shape is left out and said so."""
    empty: dict[str, Any] = {TEXT: "", TEXT_OR_NOTHING: "", LIST: [], LICENCES: [], METRICS: {}}
    if given is None or given in ("", [], {}):
        return empty[shape]
    if shape in (TEXT, TEXT_OR_NOTHING) and isinstance(given, str):
        return clean(given)
    if shape == LIST and isinstance(given, list):
        return _texts(name, given, remarks)
    if shape == LICENCES and isinstance(given, list):
        return [row for row in (_licence(each, remarks) for each in given[:MAX_ITEMS]) if row]
    if shape == METRICS and isinstance(given, dict):
        return {field: number for field, number in given.items() if _is_number(field, number, remarks)}
    remarks.append(
        Message(name, cut(repr(given)), "W", "VALUE_SHAPE", f"A {shape} is expected here; the value is left out.")
    )
    return empty[shape]


def _texts(name: str, given: list[Any], remarks: list[Message]) -> list[str]:
    found: dict[str, None] = {}
    for each in given[:MAX_ITEMS]:
        if not isinstance(each, str) or len(each) > MAX_ITEM_CHARS:
            cause = (
                "A text is expected" if not isinstance(each, str) else f"At most {MAX_ITEM_CHARS} characters are kept"
            )
            remarks.append(Message(name, cut(repr(each)), "W", "VALUE_SHAPE", f"{cause}; the value is left out."))
        elif clean(each):
            found[clean(each)] = None
    if len(given) > MAX_ITEMS:
        remarks.append(Message(name, str(len(given)), "W", "TOO_MANY", f"Only the first {MAX_ITEMS} values are kept."))
    return list(found)


def _licence(given: Any, remarks: list[Message]) -> dict[str, str] | None:
    if not isinstance(given, dict) or not isinstance(given.get("License"), str):
        remarks.append(
            Message("Licenses", cut(repr(given)), "W", "VALUE_SHAPE", "It names no licence; it is left out.")
        )
        return None
    name = clean(given["License"])[:MAX_ITEM_CHARS]
    address = given.get("License URL")
    row = {"name": name, "kind": "licence", "address": address.strip() if isinstance(address, str) else ""}
    if not is_address(row["address"]):
        row["address"] = ""
    if name.lower() in PROVIDERS:
        row |= {"kind": "terms", "provider": PROVIDERS[name.lower()]}
        remarks.append(
            Message(
                "Licenses", name, "I", "TERMS_NOT_LICENCE", "A provider's terms: kept as a restriction, not a licence."
            )
        )
    elif name.lower() in UNSTATED:
        row["kind"] = "unstated"
    return row


def _is_number(field: str, given: Any, remarks: list[Message]) -> bool:
    if isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given < MAX_NUMBER:
        return True
    if given not in (None, ""):
        remarks.append(Message(f"Text Metrics/{cut(field)}", cut(repr(given)), "W", "NUMBER_INVALID", "It is no size."))
    return False
