"""`import_works` as scripts call it: exit codes, one JSON object, sentences on stderr."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.models import Organisation, Work
from tests.licensing.services.imported import ROWS, table

pytestmark = pytest.mark.django_db


def run(path: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of the command."""
    out = io.StringIO()
    try:
        call_command(
            "import_works", str(path), "--organisation", "example-press", "--json", *arguments, stdout=out, stderr=out
        )
    except SystemExit as end:
        return int(str(end.code)), json.loads(out.getvalue())
    except CommandError as error:
        return error.returncode, {"error": str(error)}
    return 0, json.loads(out.getvalue())


def test_a_good_file_is_imported_for_an_organisation_that_is_made(tmp_path: Path) -> None:
    path = tmp_path / "books.csv"
    path.write_bytes(table(*ROWS))
    code, said = run(path)
    assert (code, said["state"], said["counts"]["new"]) == (0, "done", 3)
    assert Organisation.objects.get(slug="example-press").works.count() == 3
    code, said = run(path)
    assert (code, said["counts"]["unchanged"]) == (0, 3)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "books.csv"
    path.write_bytes(table(*ROWS))
    code, said = run(path, "--dry-run")
    assert (code, said["state"], Work.objects.count()) == (0, "checked", 0)


def test_a_refused_row_means_nothing_is_done_unless_the_valid_rows_are_wanted(tmp_path: Path) -> None:
    path = tmp_path / "books.csv"
    path.write_bytes(table(*ROWS, "r4,,Nobody,2001,,,"))
    code, said = run(path)
    assert (code, Work.objects.count()) == (2, 0)
    assert [fault["row"] for fault in said["faults"] if fault["severity"] == "E"] == [4]
    code, said = run(path, "--dry-run")
    assert (code, Work.objects.count()) == (1, 0)
    refused = tmp_path / "refused.csv"
    code, said = run(path, "--valid-rows", "--refused", str(refused))
    assert (code, said["counts"]["new"], Work.objects.count()) == (1, 3, 3)
    assert "r4,,Nobody,2001" in refused.read_text("utf-8-sig")


def test_what_cannot_be_read_is_named_and_ends_with_2(tmp_path: Path) -> None:
    path = tmp_path / "books.csv"
    code, said = run(path)
    assert (code, "no such file" in said["error"]) == (2, True)
    path.write_bytes(b"%PDF-1.7")
    code, said = run(path)
    assert (code, "PDF" in said["error"]) == (2, True)
    path.write_bytes(table("x,y", head="a,b"))
    code, said = run(path)
    assert (code, "title" in said["error"]) == (2, True)
    code, said = run(path, "--map", "a=title", "--map", "b=author")
    assert (code, said["counts"]["new"]) == (0, 1)
