"""`manage.py link ROWS.csv --out FILE.jsonl`: which registered works the rows of a list are."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from licensing.services import linkage_files
from registry.actors import ANONYMOUS, Actor, system
from registry.errors import ColophonError
from registry.management.base import QuickCommand
from registry.models import Organisation
from registry.services import bulk_linking

NOTHING_DONE = 2


class Command(QuickCommand):
    help = (
        "Say for every row of a table (columns title, author, year, publisher, isbn; any may be missing) which "
        "registered work it is: match, review or none, with a probability. CSV, TSV or XLSX. "
        "Example: manage.py link titles.csv --out titles.jsonl"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rows", metavar="ROWS.csv")
        parser.add_argument("--out", required=True, metavar="FILE.jsonl", help="a JSON object for every row")
        parser.add_argument("--map", action="append", default=[], metavar="COLUMN=FIELD", help="name a column")
        parser.add_argument("--encoding", default="", help="where the detected one is wrong")
        parser.add_argument(
            "--organisation", metavar="SLUG", help="its drafts are candidates too (default: public works)"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object with the counts")

    def handle(self, *args: Any, **options: Any) -> None:
        path, out = Path(options["rows"]), Path(options["out"])
        if not path.is_file():
            raise CommandError(f"{path}: there is no such file.", returncode=NOTHING_DONE)
        columns = dict(pair.rpartition("=")[::2] for pair in options["map"])
        try:
            head, found = linkage_files.read_head(path, name=path.name, columns=columns, encoding=options["encoding"])
            rows = list(linkage_files.rows_of(path, name=path.name, head=head, columns=found))
            counts = self._write(rows, out, _actor(options["organisation"]))
        except ColophonError as error:
            raise CommandError(error.sentence, returncode=NOTHING_DONE) from None
        except OSError as error:
            raise CommandError(f"{out}: {error.strerror}.", returncode=NOTHING_DONE) from None
        if options["json"]:
            self.stdout.write(json.dumps({"rows": len(rows), **counts}))
        else:
            told = ", ".join(f"{number:,} {name}" for name, number in counts.items())
            self.stdout.write(f"{len(rows):,} rows: {told}. {out}")

    def _write(self, rows: list[linkage_files.Numbered], out: Path, actor: Actor) -> dict[str, int]:
        counts = {"match": 0, "review": 0, "none": 0}
        beside = out.with_name(f".{out.name}.part")
        try:
            with beside.open("w", encoding="utf-8", newline="\n") as file:
                for told in bulk_linking.link(rows, actor=actor, say=self._say):
                    counts[told["decision"]] += 1
                    file.write(json.dumps(_shown(told), ensure_ascii=False) + "\n")
            beside.replace(out)
        finally:
            beside.unlink(missing_ok=True)
        if sys.stderr.isatty():
            self.stderr.write("")
        return counts

    def _say(self, stage: str, done: int, total: int) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r{stage} {done:,} / {total:,}", ending="")


def _shown(told: dict[str, Any]) -> dict[str, Any]:
    """The line that is written; `note` and `reasons` are said besides what the contract names."""
    best = next((one for one in told["candidates"] if one["key"] == told["work"]), None)
    return {
        "row": told["row"],
        "decision": told["decision"],
        "work": best["work"] if best else None,
        "reference": best["reference"] if best else None,
        "probability": told["probability"],
        "by": told["by"],
        "note": told["note"],
        "candidates": [
            {name: one[name] for name in ("work", "reference", "probability", "by", "reasons")}
            for one in told["candidates"]
        ],
    }


def _actor(slug: str | None) -> Actor:
    if not slug:
        return ANONYMOUS
    organisation = Organisation.objects.filter(slug=slug).first()
    if organisation is None:
        raise CommandError(f"There is no organisation {slug}.", returncode=NOTHING_DONE)
    return system("link", organisation)
