"""MARC 21 bibliographic records → works: one record, one work with one edition (Library of Congress)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from pymarc import Field, Record

from registry.importers.marc_people import read_people
from registry.importers.marc_records import Parsed, read_binary, read_xml
from registry.importers.marc_text import clean, joined, linked, statement_end
from registry.importers.rows import DELETE, UPSERT, CatalogueRow, EditionRow, FileHead
from registry.importers.source import Source
from registry.importers.values import (
    MAX_DESCRIPTION_CHARS,
    MAX_NAME_CHARS,
    MAX_REFERENCE_CHARS,
    MAX_TITLE_CHARS,
    Remarks,
    Seen,
    check_date,
    check_identifier,
    check_language,
    check_text,
    check_title,
)

_YEAR = re.compile(r"(?<![0-9])(?:1[0-9]{3}|20[0-9]{2})(?![0-9])")
_OCLC = re.compile(r"(?:\(OCoLC\) *|oc[mn]|on(?=[0-9]))(?:oc[mn]|on)?0*([0-9]+)")
_NO_PUBLISHER = re.compile(r"\[?(?:s\. ?n\.?|publisher not identified|出版者不明)\.?\]?", re.IGNORECASE)
# Leader/06: what is not language material; the record is taken all the same, for scores and maps have texts too
_OTHER_MATERIAL = {
    "c": "notated music", "d": "notated music", "e": "a map", "f": "a map", "g": "a film", "i": "spoken sound",
    "j": "recorded music", "k": "a picture", "m": "a computer file", "o": "a kit", "r": "an object",
}  # fmt: skip


def open_binary(source: Source) -> tuple[FileHead, Iterator[CatalogueRow]]:
    """Head and rows of an ISO 2709 file."""
    return _open(source, "marc")


def open_xml(source: Source) -> tuple[FileHead, Iterator[CatalogueRow]]:
    """Head and rows of a MARCXML file. CatalogueError DOCTYPE_REFUSED, XML_BROKEN when it holds no record."""
    return _open(source, "marcxml")


def _open(source: Source, form: str) -> tuple[FileHead, Iterator[CatalogueRow]]:
    rows = _read(source, form)
    head = next(rows)
    assert isinstance(head, FileHead)
    return head, rows  # type: ignore[return-value]


def _read(source: Source, form: str) -> Iterator[FileHead | CatalogueRow]:
    with source.open() as stream:
        references = Seen()
        records = read_xml(stream, source.name) if form == "marcxml" else read_binary(stream)
        first = next(records, None)  # what is wrong with the file as a whole shows here
        yield FileHead(file_format=form, format_version="MARC 21")
        for parsed in chain([first] if first else [], records):
            if parsed.record is None:
                yield CatalogueRow(number=parsed.number, messages=tuple(parsed.messages), raw=parsed.raw)
            else:
                yield _read_record(parsed, parsed.record, references)


def _read_record(parsed: Parsed, record: Record, references: Seen) -> CatalogueRow:
    remarks = Remarks()
    remarks.messages += parsed.messages
    reference = _read_reference(record, parsed.number, references, remarks)
    if str(record.leader)[5] == "d":
        return CatalogueRow(parsed.number, reference, DELETE, messages=tuple(remarks.messages), raw=parsed.raw)
    if "245" not in record and "200" in record:
        cause = "this is UNIMARC or CNMARC, whose fields mean other things"
        remarks.add("200", "", "E", "UNIMARC", cause, fix="export MARC 21, or a table")
        return CatalogueRow(parsed.number, reference, messages=tuple(remarks.messages), raw=parsed.raw)
    _remark_on_material(record, remarks)
    title, romanised, subtitle = _read_title(record, remarks)
    language, original = _read_languages(record, remarks)
    people = read_people(record, remarks)
    uniform = _read_original_title(record)
    translated = bool(original and original != language) or bool(_language_of_uniform(record) and uniform)
    translated = translated or any(person.role == "translator" for person in people)
    is_other_title = bool(translated and uniform and uniform.casefold() != title.casefold())
    published, first_published = _read_dates(record, remarks)
    edition = EditionRow(
        title=title if is_other_title else romanised,
        published=published,
        publisher=_read_publisher(record, remarks),
        language=language,
        translation=translated,
        note=_read_note(record),
        identifiers=_read_identifiers(record, remarks),
    )
    return CatalogueRow(
        number=parsed.number,
        reference=reference,
        action=UPSERT,
        title=uniform if is_other_title else title,
        subtitle="" if is_other_title else subtitle,
        language=original if translated else language,
        kind="article" if str(record.leader)[7] in "ab" else "other" if str(record.leader)[7] == "s" else "book",
        first_published=first_published,
        description=_read_description(record, remarks),
        people=people,
        identifiers=_read_work_identifiers(record, remarks),
        editions=(edition,) if edition != EditionRow(language=language) else (),
        messages=tuple(remarks.messages),
        raw=parsed.raw,
    )


def _read_reference(record: Record, number: int, references: Seen, remarks: Remarks) -> str:
    control = record.get("001")
    reference = check_text((control.data or "") if control else "", "001", remarks, MAX_REFERENCE_CHARS, severity="E")
    if not reference:
        cause = "without a control number the record is matched by ISBN, or title and author, when it comes again"
        remarks.add("001", "", "I", "REFERENCE_MISSING", cause, fix="export field 001 too")
    elif earlier := references.first(reference, number):
        cause = f"record {earlier} of this file has the same control number; the first one stands"
        remarks.add("001", reference, "E", "DUPLICATE_REFERENCE", cause, fix="send each record once in a file")
    return reference


def _remark_on_material(record: Record, remarks: Remarks) -> None:
    material = str(record.leader)[6]
    if material in _OTHER_MATERIAL:
        cause = f"the record describes {_OTHER_MATERIAL[material]}, not a text"
        remarks.add("leader/06", material, "W", "NOT_A_TEXT", cause, fix="leave it out if no text is meant")


def _read_title(record: Record, remarks: Remarks) -> tuple[str, str, str]:
    """Title, its romanised form where another script is the original, and subtitle."""
    field = record.get("245")
    if field is None:
        uniform = _read_original_title(record)
        if uniform:
            cause = "there is no title (245); the uniform title was taken"
            remarks.add("245", uniform, "W", "TITLE_UNIFORM", cause, fix="give field 245")
        return check_title(uniform, "245", remarks), "", ""
    original = linked(record, field)
    title, subtitle = _title_parts(original or field)
    romanised = _title_parts(field)[0] if original else ""
    title = check_title(title, "245", remarks)
    return title, romanised[:MAX_TITLE_CHARS], check_text(subtitle, "245$b", remarks, MAX_TITLE_CHARS)


def _title_parts(field: Field) -> tuple[str, str]:
    main = clean(field.get("a", "") or "")
    parts = [clean(part) for code in ("n", "p") for part in field.get_subfields(code) if clean(part)]
    # What follows an equals sign is the same title in another language, not a subtitle
    is_parallel = (field.get("a", "") or "").rstrip().endswith("=")
    subtitle = "" if is_parallel else clean(" ".join(field.get_subfields("b")))
    return main, ", ".join(part for part in (subtitle, *parts) if part)


def _read_original_title(record: Record) -> str:
    """Of a translation: its uniform title, or the title of the entry for the original."""
    for tag, code in (("240", "a"), ("130", "a"), ("765", "t")):
        field = record.get(tag)
        if field and (title := clean((linked(record, field) or field).get(code, "") or "")):
            return title[:MAX_TITLE_CHARS]
    return ""


def _language_of_uniform(record: Record) -> str:
    field = record.get("240") or record.get("130")
    return clean(field.get("l", "") or "") if field else ""


def _read_languages(record: Record, remarks: Remarks) -> tuple[str, str]:
    """Language of the text, and the one that it was translated from, where the record says that it was."""
    fixed = record.get("008")
    code = (fixed.data or "")[35:38] if fixed else ""
    field = record.get("041")
    original = ""
    if field is not None:
        codes = [code.strip() for value in field.get_subfields("a") for code in re.findall("...", value)]
        code = code if code.strip(" |") else (codes[0] if codes else "")
        if field.indicator1 == "1" or field.get_subfields("h"):
            original = next((value[-3:] for value in field.get_subfields("h")), "")
    language = check_language(code, "008/35-37", remarks) if code.strip(" |") and len(code) == 3 else ""
    return language, check_language(original, "041$h", remarks) if original else ""


def _read_dates(record: Record, remarks: Remarks) -> tuple[str, str]:
    """Publication of this edition, and of the first one where this is a reprint."""
    fixed = record.get("008")
    data = (fixed.data or "") if fixed else ""
    kind, first, second = data[6:7], data[7:11], data[11:15]
    if fixed is not None and len(data) != 40:
        remarks.add(
            "008", data, "W", "MARC_FIXED_FIELD", f"the field has {len(data)} characters, not 40; it was not read"
        )
        kind = first = second = ""
    published = original = ""
    if kind and kind in "stmrecdpiku" and first.isdigit():
        published = check_date(first, "008/07-10", remarks)
    if kind == "r" and second.isdigit():
        original = check_date(second, "008/11-14", remarks)
    if not published:
        published = next(
            (match.group() for text in _publication(record, "c") if (match := _YEAR.search(text))),
            "",
        )
    return published, original


def _publication(record: Record, code: str) -> list[str]:
    """Subfields of the publication statement: 264 with second indicator 1 before the older 260."""
    fields = [field for field in record.get_fields("264") if field.indicator2 == "1"] or record.get_fields("260")
    return [value for field in fields for value in field.get_subfields(code)]


def _read_publisher(record: Record, remarks: Remarks) -> str:
    names = [clean(name) for name in _publication(record, "b")]
    name = next((name for name in names if name and not _NO_PUBLISHER.fullmatch(name)), "")
    return check_text(name.strip("[]"), "264$b", remarks, MAX_NAME_CHARS) if name else ""


def _read_note(record: Record) -> str:
    edition = [clean(value) for field in record.get_fields("250") for value in field.get_subfields("a")]
    series = [joined(field, "av") for field in record.get_fields("490") or record.get_fields("830", "800", "810")]
    return "; ".join(dict.fromkeys(part.strip("[]") for part in (*series, *edition) if part))[:300]


def _read_identifiers(record: Record, remarks: Remarks) -> tuple[tuple[str, str], ...]:
    found: dict[tuple[str, str], None] = {}

    def take(scheme: str, value: str, column: str) -> None:
        if value and (canonical := check_identifier(scheme, value, column, remarks)):
            found[scheme, canonical] = None

    for field in record.get_fields("020"):
        for value in field.get_subfields("a"):
            # A price, a binding or a volume often follows the number
            number = re.match(r"[0-9Xx -]*[0-9Xx]", value.strip())
            take("isbn", number.group() if number else value.strip(), "020$a")
        for value in field.get_subfields("z"):
            remarks.add(
                "020$z", value, "I", "ISBN_CANCELLED", "the record itself calls this ISBN invalid; it was left out"
            )
    for field in record.get_fields("010"):
        for value in field.get_subfields("a")[:1]:
            lccn = statement_end(value)
            take("lccn", lccn if re.search(r"[0-9]{8}", lccn) else "", "010$a")
    for value in _oclc_numbers(record):
        take("oclc", value, "035$a")
    return tuple(found)


def _oclc_numbers(record: Record) -> list[str]:
    control, origin = record.get("001"), record.get("003")
    values = [value for field in record.get_fields("035") for value in field.get_subfields("a")]
    number = (control.data or "").strip() if control else ""
    if origin is not None and (origin.data or "").strip() == "OCoLC" and number.isdigit():
        values.append(f"(OCoLC){number}")
    values.append(number)
    return list(dict.fromkeys(match.group(1) for value in values if (match := _OCLC.fullmatch(value.strip()))))


def _read_work_identifiers(record: Record, remarks: Remarks) -> tuple[tuple[str, str], ...]:
    found: dict[tuple[str, str], None] = {}
    for field in record.get_fields("024"):
        scheme = (field.get("2", "") or "").strip().lower()
        if field.indicator1 == "7" and scheme in ("doi", "iscc"):
            for value in field.get_subfields("a"):
                if canonical := check_identifier(scheme, value, "024$a", remarks):
                    found[scheme, canonical] = None
    if str(record.leader)[7] == "s":
        for value in (value for field in record.get_fields("022") for value in field.get_subfields("a")):
            if canonical := check_identifier("issn", value, "022$a", remarks):
                found["issn", canonical] = None
    return tuple(found)


def _read_description(record: Record, remarks: Remarks) -> str:
    text = next((value for field in record.get_fields("520") for value in field.get_subfields("a")), "")
    return check_text(text, "520$a", remarks, MAX_DESCRIPTION_CHARS) if text else ""
