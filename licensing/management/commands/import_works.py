"""`manage.py import_works FILE --organisation SLUG`: a catalogue file becomes registered works."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from ingest.management.operator import acting_for
from licensing.services import import_apply, import_check, import_files, import_states, import_turns, imports
from registry import jobs
from registry.actors import Actor
from registry.errors import ColophonError, InvalidInput
from registry.management.base import QuickCommand
from registry.models import Capacity, Import, ImportRow, RightsClaim, Work

FAULTS_SHOWN = 20
SOME_REFUSED, NOTHING_DONE = 1, 2


class Command(QuickCommand):
    help = (
        "Register the works of a file: ONIX, CSV, TSV, XLSX, MARC, EPUB, found out by its content. All, or none "
        "if a row is refused; --valid-rows takes the others. Sent again, a file updates and never doubles. "
        "Exit 0 all in, 1 some rows refused, 2 nothing done. "
        "Example: manage.py import_works books.onix.xml --organisation example-press --dry-run"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--organisation", required=True, metavar="SLUG", help="whose works they are; made if new")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--valid-rows", action="store_true", help="import the valid rows, leave the others out")
        parser.add_argument("--map", action="append", default=[], metavar="COLUMN=FIELD", help="name a table's column")
        parser.add_argument("--encoding", default="", help="of a table, where the detected one is wrong")
        parser.add_argument("--capacity", choices=Capacity.values, default=Capacity.PUBLISHER, help="who speaks")
        parser.add_argument("--ai-rights", choices=RightsClaim.AiRights.values, default=RightsClaim.AiRights.SILENT)
        parser.add_argument("--draft", action="store_true", help="new works are seen by the organisation alone")
        parser.add_argument("--refused", metavar="OUT", help="write the refused rows to this file")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        if not path.is_file():
            raise CommandError(f"{path}: there is no such file.", returncode=NOTHING_DONE)
        try:
            batch = self._run(path, options)
        except (ColophonError, OSError) as error:
            raise CommandError(_sentence(path, error), returncode=NOTHING_DONE) from None
        self._show(batch, options)
        if options["refused"] and batch.counts["refused"]:
            with Path(options["refused"]).open("wb") as target:
                target.writelines(import_files.refused_rows(batch).content)
        code = self._exit_code(batch, options["dry_run"])
        if code:
            raise SystemExit(code)

    def _run(self, path: Path, options: dict[str, Any]) -> Import:
        """Look at the file and, unless it was a dry run or a row is refused, take it over."""
        actor = acting_for(options["organisation"], "import_works")
        batch = imports.take(
            file=path,
            file_name=path.name,
            actor=actor,
            columns=_columns(options["map"]),
            encoding=options["encoding"],
            capacity=options["capacity"],
            ai_rights=options["ai_rights"],
            visibility=Work.Visibility.DRAFT if options["draft"] else Work.Visibility.PUBLIC,
        )
        with import_turns.working_on(batch):
            return self._take_over(batch, actor, options)

    def _take_over(self, batch: Import, actor: Actor, options: dict[str, Any]) -> Import:
        try:
            imports.begin_check(batch=batch, actor=actor)
            batch = import_check.check(batch.pk)
        except jobs.Refused:
            batch.refresh_from_db()
            return batch
        except BaseException as error:
            import_states.end(batch, Import.State.FAILED, str(error) or type(error).__name__)
            raise
        refused, rows = batch.counts["refused"], batch.counts["rows"]
        if options["dry_run"] or not rows or refused == rows or (refused and not options["valid_rows"]):
            return batch
        imports.begin_apply(batch=batch, actor=actor, valid_rows_only=options["valid_rows"])
        return import_apply.apply(batch.pk, actor=actor.name)

    def _exit_code(self, batch: Import, dry_run: bool) -> int:
        refused = batch.counts.get("refused", 0)
        if batch.state == Import.State.DONE or (dry_run and batch.state == Import.State.CHECKED):
            return SOME_REFUSED if refused else 0
        return NOTHING_DONE

    def _show(self, batch: Import, options: dict[str, Any]) -> None:
        faulty = ImportRow.objects.filter(batch=batch).exclude(severity="").order_by("number").defer("leaf", "raw")
        if options["json"]:
            facts = import_files.summary(batch) | {"faults": [fault for row in faulty for fault in _faults(row)]}
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
            return
        refused = faulty.filter(action=ImportRow.Action.REFUSED)
        for row in refused[:FAULTS_SHOWN]:
            for fault in _faults(row):
                where = f"row {fault['row']}" + (f" ({fault['reference']})" if fault["reference"] else "")
                column = f", {fault['column']}" if fault["column"] else ""
                self.stderr.write(f"{where}{column}: {fault['cause']}")
        if refused.count() > FAULTS_SHOWN:
            self.stderr.write(f"… and {refused.count() - FAULTS_SHOWN:,} more rows; --refused OUT writes all of them.")
        self.stdout.write(import_files.sentence(batch))


def _faults(row: ImportRow) -> list[dict[str, Any]]:
    return [{"row": row.number, "reference": row.reference} | fault for fault in row.faults]


def _columns(given: list[str]) -> dict[str, str] | None:
    """--map "Titel=title" as a mapping."""
    pairs = {}
    for text in given:
        column, equals, field = text.rpartition("=")
        if not equals:
            raise CommandError(f"--map {text}: write it as COLUMN=FIELD.", returncode=NOTHING_DONE)
        pairs[column] = field
    return pairs or None


def _sentence(path: Path, error: ColophonError | OSError) -> str:
    if isinstance(error, InvalidInput):
        return error.sentence
    return error.sentence if isinstance(error, ColophonError) else f"{path}: {error.strerror or error}"
