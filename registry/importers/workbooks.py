"""XLSX (ISO/IEC 29500): values by calamine, formulas told apart by openpyxl. Nothing is ever calculated here."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from registry.importers.cells import Cells, drop_long_cells, write_line
from registry.importers.rows import CatalogueError, CatalogueRow, FileHead, Message
from registry.importers.source import MEBIBYTE, Source, open_zip
from registry.importers.tables import read_table

# Calamine holds the sheet as a whole: what a workbook of a million rows unpacks to
MAX_UNPACKED_BYTES = 384 * MEBIBYTE
SCANNED_BYTES = MEBIBYTE
RAW_SEPARATOR = "\t"  # of a row as it is shown in reports
MAX_RAW_CELL_CHARS = 1_000


def open_workbook(source: Source, mapping: Mapping[str, str] | None) -> tuple[FileHead, Iterator[CatalogueRow]]:
    """Head and rows of the first sheet that holds any. CatalogueError WORKBOOK_BROKEN and those of `read_table`."""
    rows = _read(source, mapping)
    head = next(rows)
    assert isinstance(head, FileHead)
    return head, rows  # type: ignore[return-value]


def _read(source: Source, mapping: Mapping[str, str] | None) -> Iterator[FileHead | CatalogueRow]:
    with source.open_seekable() as file:
        has_formulas = _check_package(file, source.name)
        file.seek(0)
        try:
            workbook = CalamineWorkbook.from_object(file)
            sheet, messages = _choose_sheet(workbook, source.name)
        except (CalamineError, OSError) as error:
            raise CatalogueError("WORKBOOK_BROKEN", source.name, 0, f"the workbook cannot be read: {error}") from error
        formulas = _read_formulas(file, sheet.name) if has_formulas else iter(())
        table = read_table(_read_cells(sheet, formulas), source.name, mapping)
        yield FileHead(
            file_format="xlsx",
            columns=table.columns,
            separator=RAW_SEPARATOR,
            heading=table.heading,
            proposed=table.proposed,
            messages=(*messages, *table.messages),
        )
        yield from table.rows


def _check_package(file: BinaryIO, name: str) -> bool:
    """Whether any sheet holds formulas. CatalogueError for what is too large, or has a document type."""
    file.seek(0)
    with open_zip(file, name) as package:
        members = package.infolist()
        if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
            cause = f"the workbook unpacks to more than {MAX_UNPACKED_BYTES // MEBIBYTE} MiB; save the table as CSV"
            raise CatalogueError("FILE_TOO_LARGE", name, 0, cause)
        if not any(member.filename.startswith("xl/") for member in members):
            cause = "an Office file that is no workbook; save the table as XLSX or CSV"
            raise CatalogueError("FORMAT_REFUSED", name, 0, f"this is {cause}")
        try:
            return max(_holds_formulas(package, member, name) for member in members)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
            raise CatalogueError("WORKBOOK_BROKEN", name, 0, f"the workbook cannot be unpacked: {error}") from error


def _holds_formulas(package: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bool:
    if not member.filename.endswith((".xml", ".rels")):
        return False
    is_sheet = member.filename.startswith("xl/worksheets/")
    with package.open(member) as stream:
        block = stream.read(SCANNED_BYTES)
        if b"<!DOCTYPE" in block[:4096] or b"<!ENTITY" in block[:4096]:
            raise CatalogueError("DOCTYPE_REFUSED", name, 0, f"{member.filename!r} in the workbook has a DOCTYPE")
        left = member.file_size
        while is_sheet and block:
            if b"<f>" in block or b"<f " in block:
                return True
            left -= len(block)
            if left < 0:
                raise ValueError("a member is larger than the directory says")
            tail = block[-3:]
            block = stream.read(SCANNED_BYTES)
            block = tail + block if block else b""
            left += len(tail)
    return False


def _choose_sheet(workbook: CalamineWorkbook, name: str) -> tuple[CalamineSheet, list[Message]]:
    """The first visible sheet that holds anything, with word of the others that do."""
    filled = []
    for index, sheet in enumerate(workbook.sheets_metadata):
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            candidate = workbook.get_sheet_by_index(index)
            if candidate.height:
                filled.append(candidate)
    if not filled:
        raise CatalogueError("TABLE_EMPTY", name, 0, "the workbook has no visible sheet with rows")
    if len(filled) == 1:
        return filled[0], []
    others = ", ".join(sheet.name for sheet in filled[1:6])
    cause = f"only the sheet {filled[0].name!r} was read; there are others: {others}"
    return filled[0], [Message("", others, "W", "SHEETS_NOT_READ", cause, "hand each sheet in as a file of its own")]


def _read_formulas(file: BinaryIO, sheet_name: str) -> Iterator[dict[int, str]]:
    """Row by row, the cells that are formulas: place → formula."""
    # Imported where it is needed: it takes longer to load than all other formats together
    from openpyxl import load_workbook  # type: ignore[import-untyped]  # noqa: PLC0415

    file.seek(0)
    workbook = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    try:
        sheet = workbook[sheet_name]
        sheet.reset_dimensions()
        for row in sheet.iter_rows():
            yield {place: str(cell.value) for place, cell in enumerate(row) if cell.data_type == "f"}
    finally:
        workbook.close()


def _read_cells(sheet: CalamineSheet, formulas: Iterator[dict[int, str]]) -> Iterator[Cells]:
    first_column = sheet.start[1] if sheet.start else 0  # calamine leaves out columns before it, openpyxl does not
    for row in sheet.iter_rows():
        cells = Cells([_as_text(value) for value in row])
        for column, formula in (next(formulas, None) or {}).items():
            cause = "the cell is a formula; the value that the spreadsheet had calculated was taken"
            remark = Message("", formula, "W", "FORMULA_CELL", cause, "paste values in place of formulas")
            cells.messages[column - first_column] = [remark]
        cells.raw = write_line([value[:MAX_RAW_CELL_CHARS] for value in cells.values], RAW_SEPARATOR)
        yield drop_long_cells(cells)


def _as_text(value: Any) -> str:
    """A cell as text: whole numbers without decimals, dates as ISO 8601."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    return str(value)
