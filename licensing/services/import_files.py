"""What is handed back of an import: its summary, the refused rows in the format they came in, the acknowledgement."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.db.models import QuerySet

from registry.importers.cells import read_line, spreadsheet_safe, write_line
from registry.importers.rows import TABLES
from registry.models import Import, ImportRow

XML_TYPE, CSV_TYPE, JSON_TYPE = "application/xml", "text/csv; charset=utf-8", "application/json"
ONIX_NAMESPACE = "http://ns.editeur.org/onix/3.0/"
CAUSE, FIX = "colophon_cause", "colophon_fix"
ROW_STATUS = {"new": "00", "update": "00", "unchanged": "00", "delete": "00", "refused": "03"}  # as of messages
ACTIONS = (
    ("new", "new"),
    ("updated", "changed"),
    ("unchanged", "unchanged"),
    ("deleted", "withdrawn"),
    ("refused", "refused"),
)


@dataclass(frozen=True)
class Download:
    """A file to hand out: what to call it, what it is, and its bytes piece by piece."""

    name: str
    media_type: str
    content: Iterator[bytes]


def summary(batch: Import) -> dict[str, Any]:
    """An import in a few facts, for commands and hooks."""
    return {
        "import": batch.public_id,
        "organisation": batch.organisation.slug,
        "file": batch.file_name,
        "sha256": batch.sha256,
        "format": batch.file_format,
        "encoding": batch.encoding,
        "columns": batch.columns,
        "state": batch.state,
        "message_status": batch.message_status,
        "counts": {name: batch.counts.get(name, 0) for name in ("rows", *(name for name, _ in ACTIONS), "warnings")},
        "entry": batch.entry.public_id if batch.entry else None,
        "reason": batch.reason,
        "messages": batch.head.get("messages", []),
    }


def sentence(batch: Import) -> str:
    """How an import stands, in one sentence for a terminal."""
    if batch.state == Import.State.FAILED:
        return f"{batch.file_name}: nothing was imported. {batch.reason}"
    counts = ", ".join(f"{batch.counts.get(name, 0):,} {word}" for name, word in ACTIONS)
    done = "imported" if batch.state == Import.State.DONE else "looked at, nothing imported"
    return f"{batch.file_name}: {done}. {batch.counts.get('rows', 0):,} rows: {counts}. Import {batch.public_id}."


def refused_rows(batch: Import) -> Download:
    """The refused rows, to be corrected and uploaded again: a table as CSV, ONIX as ONIX, anything else as JSON."""
    rows = ImportRow.objects.filter(batch=batch, action=ImportRow.Action.REFUSED).order_by("number").defer("leaf")
    stem = PurePath(batch.file_name).stem[:80] or "import"
    if batch.file_format in TABLES:
        return Download(f"{stem}-refused.csv", CSV_TYPE, _as_table(batch, rows))
    if batch.file_format == "onix":
        return Download(f"{stem}-refused.xml", XML_TYPE, _as_onix(batch, rows))
    return Download(f"{stem}-refused.json", JSON_TYPE, _as_json(rows))


def _as_table(batch: Import, rows: QuerySet[ImportRow]) -> Iterator[bytes]:
    """The cells as they stood, with cause and fix behind them; what a spreadsheet would run is quoted."""
    columns = list(batch.head.get("columns", []))
    yield b"\xef\xbb\xbf" + _line([*columns, CAUSE, FIX])
    separator = batch.head.get("separator") or ","
    for row in rows.iterator(chunk_size=500):
        cells = read_line(row.raw, separator)
        yield _line([*cells, *[""] * (len(columns) - len(cells)), *_causes(row)])


def _causes(row: ImportRow) -> tuple[str, str]:
    faults = [fault for fault in row.faults if fault["severity"] in "EF"] or row.faults
    causes = "; ".join(f"{fault['column']}: {fault['cause']}".lstrip(": ") for fault in faults)
    return causes, "; ".join(dict.fromkeys(fault["fix"] for fault in faults if fault["fix"]))


def _line(cells: list[str]) -> bytes:
    return write_line([spreadsheet_safe(cell) for cell in cells], end="\r\n").encode("utf-8", "replace")


def _as_onix(batch: Import, rows: QuerySet[ImportRow]) -> Iterator[bytes]:
    """A message of the refused products as they stood, each with a comment that says why."""
    short = _is_short(rows)
    root, header, sender, name, sent = (
        ("ONIXmessage", "header", "sender", "x298", "x307")
        if short
        else ("ONIXMessage", "Header", "Sender", "SenderName", "SentDateTime")
    )
    release = batch.format_version if batch.format_version in ("3.0", "3.1") else "3.0"
    namespace = ONIX_NAMESPACE + ("short" if short else "reference")
    said = escape(batch.sender or str(batch.organisation))
    day = batch.sent_on.replace("-", "") or batch.recorded_at.strftime("%Y%m%d")
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} release="{release}" xmlns="{namespace}">\n'
        f"<{header}><{sender}><{name}>{said}</{name}></{sender}><{sent}>{day}</{sent}></{header}>\n"
    ).encode()
    for row in rows.iterator(chunk_size=100):
        causes = re.sub("-(?=-)", "- ", "; ".join(part for part in _causes(row) if part))  # two would end the comment
        yield f"<!-- record {row.number}: {_xml_text(causes)} -->\n".encode()
        if row.raw.lstrip().startswith("<"):
            yield row.raw.strip().encode("utf-8", "replace") + b"\n"
    yield f"</{root}>\n".encode()


def _is_short(rows: QuerySet[ImportRow]) -> bool:
    raw = next((row.raw for row in rows[:20] if row.raw.strip()), "")
    return raw.lstrip().startswith("<product")


def _xml_text(text: str) -> str:
    """The text without what XML has no characters for."""
    shown = "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text)
    return shown.rstrip("-")


def _as_json(rows: QuerySet[ImportRow]) -> Iterator[bytes]:
    yield b"["
    for number, row in enumerate(rows.iterator(chunk_size=500)):
        facts = {"row": row.number, "reference": row.reference, "faults": row.faults, "raw": row.raw}
        yield (b"," if number else b"") + b"\n" + json.dumps(facts, ensure_ascii=False).encode("utf-8", "replace")
    yield b"\n]\n"


def acknowledgement(batch: Import, as_json: bool = False) -> Download:
    """What became of every record, in the terms of the ONIX Acknowledgement message."""
    rows = (
        ImportRow.objects.filter(batch=batch)
        .order_by("number")
        .defer("leaf", "raw")
        .select_related("work__merged_into")
    )
    stem = PurePath(batch.file_name).stem[:80] or "import"
    if as_json:
        return Download(f"{stem}-acknowledgement.json", JSON_TYPE, _acknowledged_json(batch, rows))
    return Download(f"{stem}-acknowledgement.xml", XML_TYPE, _acknowledged_xml(batch, rows))


def _acknowledged_json(batch: Import, rows: QuerySet[ImportRow]) -> Iterator[bytes]:
    head = json.dumps(summary(batch), ensure_ascii=False)
    yield head[:-1].encode() + b', "records": ['
    for number, row in enumerate(rows.iterator(chunk_size=1000)):
        facts = {
            "row": row.number,
            "reference": row.reference,
            "status": ROW_STATUS[row.action],
            "action": row.action,
            "work": row.work.survivor.public_id if row.work else None,
            "faults": row.faults,
        }
        yield (b"," if number else b"") + b"\n" + json.dumps(facts, ensure_ascii=False).encode("utf-8", "replace")
    yield b"\n]}\n"


def _acknowledged_xml(batch: Import, rows: QuerySet[ImportRow]) -> Iterator[bytes]:
    """Element names follow the ONIX Acknowledgement message (EDItEUR, version 1.0); codes are its severities."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ONIXMessageAcknowledgement release="3.0">\n'
        f"<MessageStatus>{batch.message_status}</MessageStatus>\n"
        f"<MessageReference>{escape(batch.public_id)}</MessageReference>\n"
        f"<OriginalMessage name={quoteattr(_xml_text(batch.file_name))} sha256={quoteattr(batch.sha256)}/>\n"
    ).encode()
    for row in rows.iterator(chunk_size=1000):
        work = f"<RecordStatusDetail>work:{row.work.survivor.public_id}</RecordStatusDetail>" if row.work else ""
        notes = "".join(_annotation(fault) for fault in row.faults)
        yield (
            f"<RecordAcknowledgement number={quoteattr(str(row.number))}>"
            f"<RecordReference>{escape(_xml_text(row.reference))}</RecordReference>"
            f"<RecordStatus>{ROW_STATUS[row.action]}</RecordStatus><Action>{row.action}</Action>{work}{notes}"
            "</RecordAcknowledgement>\n"
        ).encode("utf-8", "replace")
    yield b"</ONIXMessageAcknowledgement>\n"


def _annotation(fault: dict[str, str]) -> str:
    parts = (
        ("ElementReference", fault["column"]),
        ("Value", fault["value"]),
        ("Code", fault["code"]),
        ("Cause", fault["cause"]),
        ("Fix", fault["fix"]),
    )
    inner = "".join(f"<{name}>{escape(_xml_text(text))}</{name}>" for name, text in parts if text)
    return f"<StatusDetail severity={quoteattr(fault['severity'])}>{inner}</StatusDetail>"
