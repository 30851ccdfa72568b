"""ONIX for Books 3.0 and 3.1 → works: one product, one record, one edition (EDItEUR specification; docs/imports.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.importers import onix_codes as codes
from registry.importers.names import turn_round
from registry.importers.onix_builder import Fault, Message, Node, Product
from registry.importers.onix_dates import read_date
from registry.importers.onix_identifiers import read_identifiers, read_works
from registry.importers.onix_messages import read_message
from registry.importers.onix_nodes import first, first_node, nodes
from registry.importers.onix_people import read_contributors
from registry.importers.onix_rights import read_rights
from registry.importers.onix_titles import Title, read_collections, read_title
from registry.importers.rows import DELETE, UPDATE, UPSERT, CatalogueRow, EditionRow, FileHead
from registry.importers.rows import Message as Remark
from registry.importers.source import Source
from registry.importers.values import (
    MAX_DESCRIPTION_CHARS,
    MAX_NAME_CHARS,
    MAX_REFERENCE_CHARS,
    Remarks,
    Seen,
    check_language,
    check_text,
    check_title,
)

_MARKUP = re.compile(r"<[^<>]{0,500}>")
_SENT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T.*)?|([0-9]{4})-([0-9]{2})-([0-9]{2}).*")


def open_message(source: Source, encoding: str | None) -> tuple[FileHead, Iterator[CatalogueRow]]:
    """Head and rows of a message. CatalogueError as `read_message` before the first product."""
    rows = _read(source, encoding)
    head = next(rows)
    assert isinstance(head, FileHead)
    return head, rows  # type: ignore[return-value]


def _read(source: Source, encoding: str | None) -> Iterator[FileHead | CatalogueRow]:
    with source.open() as stream:
        reader = _Reader()
        number = 0
        for part in read_message(stream, source.name, encoding):
            if isinstance(part, Product):
                number = part.number
                yield reader.read(part)
            elif isinstance(part, Message):
                reader.release = part.release
                yield _read_head(part)
            else:
                yield _end(part, number + 1)


def _end(fault: Fault, number: int) -> CatalogueRow:
    cause = f"{fault.cause}; records from {number} on were not read"
    return CatalogueRow(number=number, messages=(Remark("", "", "F", fault.code, cause, fault.fix),))


def _read_head(message: Message) -> FileHead:
    remarks = Remarks()
    sender = first_node(message.header, "Sender")
    sent = first(message.header, "SentDateTime")
    match = _SENT.fullmatch(sent)
    sent_on = "-".join(part for part in match.groups() if part) if match else ""
    if not sender:
        cause = "the header does not say who sends the message"
        remarks.add("Header/Sender", "", "W", "SENDER_MISSING", cause, fix="add Sender/SenderName")
    if not sent_on:
        cause = "the header does not say when the message was sent, so its statements bear the day of the upload"
        remarks.add("Header/SentDateTime", sent, "W", "SENT_DATE_MISSING", cause, fix="add SentDateTime")
    if message.release not in codes.RELEASES:
        cause = "a release of ONIX 3 that is not known here; it was read as 3.1"
        remarks.add("ONIXMessage/@release", message.release, "Q", "RELEASE_UNKNOWN", cause)
    return FileHead(
        file_format="onix",
        format_version=message.release + (" short" if message.is_short else ""),
        encoding=message.encoding,
        sender=check_text(first(sender, "SenderName"), "Header/Sender", remarks, MAX_NAME_CHARS),
        sent_on=sent_on,
        messages=tuple(remarks.messages),
    )


class _Reader:
    """Reads the products of one message."""

    def __init__(self) -> None:
        self.release = ""
        self._references = Seen()

    def read(self, product: Product) -> CatalogueRow:
        """One record, whatever state it is in."""
        remarks = Remarks()
        node = product.node
        raw = product.raw.decode("utf-8", "replace")
        for path, value, size in product.too_long:
            cause = f"the element has {size}; it was not read"
            remarks.add(path, value, "E", "VALUE_TOO_LONG", cause, fix="texts of works do not belong here")
        if product.is_too_large:
            cause = f"the record that begins in line {product.line} is larger than any record can be"
            remarks.add("Product", "", "E", "RECORD_TOO_LARGE", cause, fix="shorten its elements")
        reference = self._read_reference(node, product.number, remarks)
        action = self._read_action(node, remarks)
        if action == DELETE:
            # a faulty number is no reason to keep what is to go
            edition = EditionRow(identifiers=read_identifiers(node, Remarks()))
            messages = tuple(remarks.messages)
            return CatalogueRow(product.number, reference, DELETE, editions=(edition,), messages=messages, raw=raw)
        return self._read_work(node, remarks, number=product.number, reference=reference, action=action, raw=raw)

    def _read_reference(self, node: Node, number: int, remarks: Remarks) -> str:
        reference = first(node, "RecordReference")
        if not reference:
            cause = "without a reference of its own a record cannot be updated later"
            remarks.add(
                "RecordReference", "", "E", "REFERENCE_MISSING", cause, fix="give each product one that never changes"
            )
            return ""
        reference = check_text(reference, "RecordReference", remarks, MAX_REFERENCE_CHARS, severity="E")
        if earlier := self._references.first(reference, number):
            cause = f"record {earlier} of this message has the same reference; the first one stands"
            fix = "send each product once in a message"
            remarks.add("RecordReference", reference, "E", "DUPLICATE_REFERENCE", cause, fix=fix)
        return reference

    def _read_action(self, node: Node, remarks: Remarks) -> str:
        kind = first(node, "NotificationType")
        if kind in codes.NEW_OR_CONFIRMED:
            return UPSERT
        if kind == codes.DELETION:
            return DELETE
        if kind in codes.TESTS:
            remarks.add(
                "NotificationType", kind, "E", "TEST_RECORD", "the record says that it is a test; it is not taken"
            )
        elif kind == codes.SOLD:
            cause = "the record says that the product was sold to another publisher; claims to it stay as they are"
            remarks.add("NotificationType", kind, "W", "PRODUCT_SOLD", cause, fix="end your claim where it has ended")
        elif kind not in codes.PARTIAL:
            cause = "not a code of list 1, so what is to be done with the record is not known"
            remarks.add("NotificationType", kind, "E", "CODE_UNKNOWN", cause, fix="use 03 for a complete record")
        return UPDATE

    def _read_work(
        self, node: Node, remarks: Remarks, *, number: int, reference: str, action: str, raw: str
    ) -> CatalogueRow:
        detail = first_node(node, "DescriptiveDetail")
        publishing = first_node(node, "PublishingDetail")
        title = read_title(detail, remarks)
        text = title.text
        if text or action == UPSERT:
            text = check_title(text, "TitleDetail", remarks)
        people = read_contributors(detail, remarks)
        language, original = _read_languages(detail, remarks)
        translated = bool(original and original != language) or any(person.role == "translator" for person in people)
        dates = _read_dates(publishing, remarks)
        identifiers, work_key = read_works(node, remarks)
        _remark_on_status(publishing, remarks)
        is_original = bool(translated and title.original)
        edition = EditionRow(
            title=text if is_original else "",
            published=dates.get(codes.PUBLICATION, ""),
            publisher=_read_publisher(publishing, remarks),
            language=language,
            translation=translated,
            note=_read_note(detail, publishing, title),
            identifiers=read_identifiers(node, remarks),
        )
        begun = (
            dates.get(codes.FIRST_IN_ORIGINAL_LANGUAGE, "") if translated else dates.get(codes.FIRST_PUBLICATION, "")
        )
        return CatalogueRow(
            number=number,
            reference=reference,
            action=action,
            work_key=work_key,
            title=title.original if is_original else text,
            subtitle="" if is_original else title.subtitle,
            language=original if translated else language,
            first_published=begun,
            description=_read_description(node, remarks),
            people=people,
            identifiers=identifiers,
            editions=(edition,) if edition != EditionRow() else (),
            holder=_read_holder(publishing, remarks),
            statements=read_rights(detail, self.release, remarks),
            messages=tuple(remarks.messages),
            raw=raw,
        )


def _read_languages(detail: Node, remarks: Remarks) -> tuple[str, str]:
    """Language of the text, and the one that it was translated from."""
    language = original = ""
    for entry in nodes(detail, "Language"):
        role, code = first(entry, "LanguageRole"), first(entry, "LanguageCode")
        if role in codes.TEXT_LANGUAGES:
            language = language or check_language(code, "Language/LanguageCode", remarks)
        elif role in codes.ORIGINAL_LANGUAGES:
            original = original or check_language(code, "Language/LanguageCode", remarks)
        elif role not in codes.OTHER_LANGUAGE_ROLES:
            cause = "not a code of list 22 that is known here"
            remarks.add("Language/LanguageRole", role, "Q", "CODE_UNKNOWN", cause)
    return language, original


def _read_dates(publishing: Node, remarks: Remarks) -> dict[str, str]:
    """Role → date, of the roles that are recorded, the first of each."""
    dates: dict[str, str] = {}
    for entry in nodes(publishing, "PublishingDate"):
        role = first(entry, "PublishingDateRole")
        if role in (codes.PUBLICATION, codes.FIRST_PUBLICATION, codes.FIRST_IN_ORIGINAL_LANGUAGE) and role not in dates:
            dates[role] = read_date(first(entry, "Date"), first(entry, "DateFormat"), f"PublishingDate/{role}", remarks)
    return dates


def _read_publisher(publishing: Node, remarks: Remarks) -> str:
    publishers = nodes(publishing, "Publisher")
    chosen = next((each for each in publishers if first(each, "PublishingRole") in (codes.PUBLISHER, "")), None)
    name = first(chosen, "PublisherName") if chosen else ""
    name = name or first(first_node(publishing, "Imprint"), "ImprintName")
    return check_text(name, "Publisher/PublisherName", remarks, MAX_NAME_CHARS) if name else ""


def _read_note(detail: Node, publishing: Node, title: Title) -> str:
    imprint = first(first_node(publishing, "Imprint"), "ImprintName")
    parts = [*read_collections(detail), title.collection, first(detail, "EditionStatement")]
    number = first(detail, "EditionNumber")
    if number and not first(detail, "EditionStatement"):
        parts.append(f"edition {number}")
    if imprint and any(first(each, "PublisherName") not in ("", imprint) for each in nodes(publishing, "Publisher")):
        parts.append(f"imprint {imprint}")
    return "; ".join(dict.fromkeys(" ".join(part.split()) for part in parts if part))[:300]


def _remark_on_status(publishing: Node, remarks: Remarks) -> None:
    status = first(publishing, "PublishingStatus")
    if status in codes.DOUBTFUL_STATUSES:
        code, cause = codes.DOUBTFUL_STATUSES[status]
        remarks.add(
            "PublishingStatus", status, "W", code, cause, fix="delete the record if the work is not yours to register"
        )
    elif status and status not in codes.STATUSES:
        remarks.add("PublishingStatus", status, "Q", "CODE_UNKNOWN", "not a code of list 64 that is known here")


def _read_holder(publishing: Node, remarks: Remarks) -> str:
    """Whom the copyright statements name; rights in recordings and databases are other rights."""
    owners: dict[str, None] = {}
    for statement in nodes(publishing, "CopyrightStatement"):
        if first(statement, "CopyrightType") not in ("", "C"):
            continue
        for owner in nodes(statement, "CopyrightOwner"):
            name = first(owner, "PersonName") or first(owner, "CorporateName")
            inverted = first(owner, "PersonNameInverted") or first(owner, "CorporateNameInverted")
            if name or inverted:
                owners[name or turn_round(inverted)[0]] = None
    return check_text("; ".join(owners), "CopyrightStatement", remarks, MAX_NAME_CHARS) if owners else ""


def _read_description(node: Node, remarks: Remarks) -> str:
    texts: dict[str, str] = {}
    for content in nodes(first_node(node, "CollateralDetail"), "TextContent"):
        kind = first(content, "TextType")
        if kind in ("03", "02") and kind not in texts:
            texts[kind] = first(content, "Text")
    text = texts.get("03") or texts.get("02") or ""
    if "<" in text:
        text = _MARKUP.sub(" ", text)
    return check_text(text, "CollateralDetail/TextContent", remarks, MAX_DESCRIPTION_CHARS) if text else ""
