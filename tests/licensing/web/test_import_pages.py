"""Pages of imports: a file handed in, columns named, the report read and confirmed, the import taken back."""

import io
from typing import Any

import pytest
from django.test import Client

from licensing.services import import_apply, import_check, import_undo, imports
from registry.models import Import, Work
from tests import factories
from tests.licensing.services.imported import ROWS, looked_at, table, taken_over

pytestmark = pytest.mark.django_db


@pytest.fixture
def press() -> Any:
    return factories.actor()


@pytest.fixture
def editor(press: Any) -> Client:
    client = Client()
    client.force_login(factories.person("editor@example.org", of=press.organisation, role="editor"))
    return client


def hand_in(client: Client, data: bytes, name: str = "books.csv") -> Any:
    file = io.BytesIO(data)
    file.name = name
    form = {"file": file, "capacity": "publisher", "ai_rights": "retained", "visibility": "public"}
    return client.post("/imports/new", form)


def test_columns_are_named_once_and_remembered(editor: Client) -> None:
    data = table("Book of Examples,Ann Author", head="Spalte 1,Spalte 2")
    answer = hand_in(editor, data)
    batch = Import.objects.get()
    assert (answer.status_code, batch.state) == (302, "uploaded")
    page = editor.get(answer["Location"]).content.decode()
    assert "Which column is what?" in page
    assert "Book of Examples" in page
    refused = editor.post(f"/imports/{batch.public_id}/columns", {"column-0": "", "column-1": "author"})
    assert (refused.status_code, "One column has to be the title." in refused.content.decode()) == (422, True)
    assert '<option value="author" selected>' in refused.content.decode()
    editor.post(f"/imports/{batch.public_id}/columns", {"column-0": "title", "column-1": "author"})
    batch.refresh_from_db()
    assert [said["code"] for said in batch.head["messages"]] == ["REFERENCE_COLUMN_MISSING"], "the title is named now"
    assert (batch.state, batch.columns) == ("checking", {"Spalte 1": "title", "Spalte 2": "author"})
    import_check.check(batch.pk)
    hand_in(editor, table("Another Example,Ann Author", head="Spalte 1,Spalte 2"))
    assert Import.objects.latest("id").state == "checking"


def test_a_report_is_confirmed_and_the_import_taken_back(editor: Client, press: Any) -> None:
    batch = looked_at(table(*ROWS), press)
    page = editor.get(f"/imports/{batch.public_id}").content.decode()
    assert "Import all rows" in page
    editor.post(f"/imports/{batch.public_id}/apply")
    import_apply.apply(batch.pk, actor=press.name)
    page = editor.get(f"/imports/{batch.public_id}").content.decode()
    assert "The file is imported." in page
    assert "Receipt" in page
    assert "New works are withdrawn" in editor.get(f"/imports/{batch.public_id}/undo").content.decode()
    editor.post(f"/imports/{batch.public_id}/undo")
    assert "being taken back" in editor.get(f"/imports/{batch.public_id}").content.decode()
    import_undo.undo(batch.pk, actor=press.name)
    assert not Work.objects.filter(withdrawn_at__isnull=True).exists()


def test_refused_rows_are_shown_first_and_the_choice_is_offered(editor: Client, press: Any) -> None:
    batch = looked_at(table(*ROWS, "r4,,Nobody,2001,,,en"), press)
    page = editor.get(f"/imports/{batch.public_id}").content.decode()
    assert "Import the valid rows only" in page
    assert "The First Book" not in page
    assert "The First Book" in editor.get(f"/imports/{batch.public_id}?show=all").content.decode()
    assert "The First Book" in editor.get(f"/imports/{batch.public_id}?show=new").content.decode()
    editor.post(f"/imports/{batch.public_id}/apply")
    batch.refresh_from_db()
    assert batch.state == "checked"
    editor.post(f"/imports/{batch.public_id}/cancel")
    batch.refresh_from_db()
    assert batch.state == "cancelled"


def test_an_import_of_the_valid_rows_says_that_others_are_left(editor: Client, press: Any) -> None:
    batch = looked_at(table(*ROWS, "r4,,Nobody,2001,,,en"), press)
    editor.post(f"/imports/{batch.public_id}/apply", {"valid_rows_only": "1"})
    import_apply.apply(batch.pk, actor=press.name)
    page = editor.get(f"/imports/{batch.public_id}").content.decode()
    assert "The file is imported. Some rows are refused." in page
    assert "Upload the corrected file" in page


def test_what_is_no_catalogue_is_said_beside_the_field(editor: Client, settings: Any) -> None:
    answer = hand_in(editor, b"%PDF-1.7", "paper.pdf")
    assert (answer.status_code, "PDF" in answer.content.decode()) == (422, True)
    settings.IMPORT_MAX_BYTES = 10
    answer = hand_in(editor, table(*ROWS))
    assert (answer.status_code, "10 bytes" in answer.content.decode()) == (413, True)
    assert not Import.objects.exists()


def test_the_empty_page_offers_an_example_that_can_be_imported(editor: Client, press: Any) -> None:
    assert "Try it with a small example" in editor.get("/imports").content.decode()
    answer = editor.post("/imports/sample")
    assert "Which column is what?" in editor.get(answer["Location"]).content.decode()
    assert Import.objects.get().visibility == "draft"


def test_a_viewer_reads_and_cannot_write(press: Any) -> None:
    client = Client()
    client.force_login(factories.person("viewer@example.org", of=press.organisation, role="viewer"))
    batch = taken_over(table(*ROWS), press)
    assert client.get(f"/imports/{batch.public_id}").status_code == 200
    assert client.get("/imports/new").status_code == 403
    assert client.post(f"/imports/{batch.public_id}/undo").status_code == 403
    assert client.post("/imports/sample").status_code == 403


def test_a_file_that_says_nothing_new_offers_nothing_to_import(editor: Client, press: Any) -> None:
    taken_over(table(*ROWS), press)
    batch = looked_at(table(*ROWS), press)
    page = editor.get(f"/imports/{batch.public_id}").content.decode()
    assert "Everything in this file is registered already." in page
    assert ("Import all rows" in page, "Discard this import" in page) == (False, True)


def test_the_page_of_an_imported_work_names_the_files_log_entry(client: Client, press: Any) -> None:
    taken_over(table(*ROWS), press)
    work = Work.objects.get(title="The First Book")
    assert "import.applied" in client.get(f"/works/{work.public_id}", follow=True).content.decode()


def test_a_remark_about_several_columns_is_said_once(editor: Client, press: Any) -> None:
    rows = ('r1,A Book,"Author, Ann","Writer, Ben"', 'r2,Another,"Maker, Carl","Turner, Dora"')
    batch = looked_at(table(*rows, head="record_reference,title,author,translator"), press)
    assert [said["code"] for said in batch.head["messages"]].count("NAMES_INVERTED") == 2
    page = editor.get(f"/imports/{batch.public_id}").content.decode()
    assert page.count("Names stand surname first") == 1


def test_a_value_that_turns_the_direction_of_writing_turns_nothing_beside_it(editor: Client, press: Any) -> None:
    batch = looked_at(table("r1,A Book \u202egnp.exe,Ann Author,1998,Example Press,,en"), press)
    page = editor.get(f"/imports/{batch.public_id}").content.decode()
    assert "“<bdi>A Book \u202egnp.exe</bdi>”" in page


def test_the_job_of_an_import_says_what_it_is_and_leads_to_the_import(editor: Client, press: Any) -> None:
    hand_in(editor, table(*ROWS))
    batch = Import.objects.get()
    imports.request_check(batch=batch, actor=press)
    batch.refresh_from_db()
    assert batch.job is not None
    page = editor.get(f"/jobs/{batch.job.public_id}").content.decode()
    assert "looking at a file to import" in page
    assert f'<a href="/imports/{batch.public_id}"><bdi>books.csv</bdi></a>' in page


@pytest.mark.parametrize("address", ["/imports", "/linkages", "/jobs"])
def test_the_navigation_marks_the_list_that_is_open(editor: Client, address: str) -> None:
    page = editor.get(address).content.decode()
    assert f'<a href="{address}" aria-current="page">' in page
    assert page.count("aria-current=") == 1


def test_the_form_begins_with_what_was_claimed_last(editor: Client, press: Any) -> None:
    assert '<option value="silent" selected>' in editor.get("/imports/new").content.decode()
    taken_over(table(*ROWS), press, capacity="agent", ai_rights="granted")
    page = editor.get("/imports/new").content.decode()
    assert '<option value="agent" selected>' in page
    assert '<option value="granted" selected>' in page
