"""A file of many records becomes works: looked at first, taken over whole or in part, sent again, taken back."""

import csv
import io
from xml.etree import ElementTree

import pytest
from django.db.models.functions import Now

from licensing.services import import_files, import_undo, ownership
from registry.actors import Actor, system
from registry.errors import Conflict, InvalidInput
from registry.models import (
    Entry,
    Import,
    ImportRow,
    Job,
    Organisation,
    Party,
    RightsClaim,
    SearchStale,
    Work,
    WorkRevision,
)
from registry.search import sync
from registry.services import organisations, work_merges, works, works_held
from tests.licensing.services.imported import ROWS, looked_at, table, taken_over

pytestmark = pytest.mark.django_db


@pytest.fixture
def press() -> Actor:
    organisation = organisations.create(slug="example-press", name="Example Press", actor=system("test"))
    return system("test", organisation)


def test_a_dry_run_says_what_would_happen_and_writes_no_work(press: Actor) -> None:
    batch = looked_at(table(*ROWS), press)
    assert batch.state == Import.State.CHECKED
    assert {name: batch.counts[name] for name in ("rows", "new", "refused")} == {"rows": 3, "new": 3, "refused": 0}
    assert batch.message_status == Import.MessageStatus.ACCEPTED
    assert not Work.objects.exists()


def test_a_file_is_taken_over_with_people_editions_identifiers_claims_and_one_log_entry(press: Actor) -> None:
    batch = taken_over(table(*ROWS), press)
    assert batch.state == Import.State.DONE
    first = Work.objects.get(record_reference="r1")
    assert first.title == "The First Book"
    assert first.author_names == "Ann Author"
    assert [str(row) for row in first.identifiers.all()] == ["isbn:9780141439518"]
    assert [(row.publisher, row.published) for row in first.editions.all()] == [("Example Press", "1998")]
    claims = RightsClaim.objects.filter(work=first)
    assert [(row.capacity, row.ai_rights, row.entry) for row in claims] == [("publisher", "silent", batch.entry)]
    assert Entry.objects.filter(kind="import.applied").count() == 1
    assert not Entry.objects.filter(kind="work.registered").exists()
    assert set(ImportRow.objects.values_list("work__record_reference", flat=True)) == {"r1", "r2", "r3"}


def test_works_written_in_bulk_are_those_that_are_registered_one_by_one(press: Actor) -> None:
    taken_over(table(*ROWS), press)
    for work in Work.objects.all():
        facts = works_held.held([work.pk])[work.pk].facts
        assert facts == works.logged_facts(work)
    written = list(Work.objects.order_by("pk").values_list("search_text", "search_tokens", "search_facets"))
    sync.refresh_many([*Work.objects.all(), *Party.objects.all()])
    for before, work in zip(written, Work.objects.order_by("pk"), strict=True):
        assert before[:2] == (work.search_text, work.search_tokens)
        assert set(before[2]) <= set(work.search_facets)  # what other tables say follows by a job
    assert sync.drift().columns == 0


def test_each_new_work_is_left_to_one_job_of_search_and_to_nobody_else(press: Actor) -> None:
    SearchStale.objects.all().delete()
    other = SearchStale.objects.create(kind="work", key=0)  # what was marked before is whoever follows it's
    Job.objects.all().delete()
    taken_over(table(*ROWS), press)
    queued = [key for job in Job.objects.filter(kind="search_index") for key in job.arguments["keys"]]
    assert sorted(queued) == sorted(Work.objects.values_list("pk", flat=True))
    assert list(SearchStale.objects.all()) == [other]


def test_the_same_file_again_changes_nothing(press: Actor) -> None:
    taken_over(table(*ROWS), press)
    before = (Entry.objects.count(), Work.objects.count(), WorkRevision.objects.count(), RightsClaim.objects.count())
    batch = taken_over(table(*ROWS), press)
    assert batch.counts["unchanged"] == 3
    assert batch.entry is None
    after = (Entry.objects.count(), Work.objects.count(), WorkRevision.objects.count(), RightsClaim.objects.count())
    assert after == before


def test_a_corrected_file_changes_the_works_it_is_about_and_keeps_what_was(press: Actor) -> None:
    taken_over(table(*ROWS), press)
    corrected = (ROWS[0].replace("The First Book", "The First Book of All"), *ROWS[1:])
    batch = taken_over(table(*corrected), press)
    assert {name: batch.counts[name] for name in ("new", "updated", "unchanged")} == {
        "new": 0,
        "updated": 1,
        "unchanged": 2,
    }
    work = Work.objects.get(record_reference="r1")
    assert (work.title, work.revision) == ("The First Book of All", 2)
    revision = work.revisions.get()
    assert (revision.change, revision.facts["title"], revision.entry) == ("imported", "The First Book", batch.entry)
    assert "first book of all" in work.search_text


def test_a_corrected_isbn_replaces_the_wrong_one(press: Actor) -> None:
    taken_over(table(ROWS[0]), press)
    taken_over(table(ROWS[0].replace("9780141439518", "9780140449136")), press)
    work = Work.objects.get()
    assert [str(row) for row in work.identifiers.all()] == ["isbn:9780140449136"]
    assert work.editions.count() == 1


def test_one_refused_row_keeps_the_whole_file_out_unless_the_valid_rows_are_asked_for(press: Actor) -> None:
    data = table(*ROWS, "r4,,Nobody,2001,Example Press,,en")
    batch = looked_at(data, press)
    assert (batch.counts["refused"], batch.message_status) == (1, "02")
    [row] = ImportRow.objects.filter(batch=batch, action="refused")
    assert row.number == 4
    assert row.faults
    assert all(row.faults[0][name] for name in ("severity", "code", "cause"))
    with pytest.raises(Conflict, match="1 row is refused"):
        taken_over(data, press)
    assert not Work.objects.exists()
    taken_over(data, press, valid_rows_only=True)
    assert Work.objects.count() == 3


def test_a_reference_given_twice_in_one_file_is_refused_the_second_time(press: Actor) -> None:
    batch = looked_at(table(*ROWS, "r1,Another Book,Ann Author,1999,Example Press,,en"), press)
    [row] = ImportRow.objects.filter(batch=batch, action="refused")
    assert (row.number, row.faults[-1]["code"]) == (4, "REFERENCE_REPEATED")
    assert "record 1" in row.faults[-1]["cause"]


def test_a_work_registered_by_hand_is_found_by_its_isbn(press: Actor) -> None:
    facts = works.WorkFacts("The First Book", identifiers=[("isbn", "9780141439518")])
    known = works.register(facts, actor=press)
    batch = taken_over(table(ROWS[0]), press)
    assert (batch.counts["new"], batch.counts["updated"]) == (0, 1)
    known.refresh_from_db()
    assert (known.record_reference, known.author_names) == ("r1", "Ann Author")
    assert taken_over(table(ROWS[0]), press).counts["unchanged"] == 1


def test_an_isbn_that_belongs_to_another_work_renames_nothing(press: Actor) -> None:
    taken_over(table(*ROWS), press)
    mixed_up = "r9,A Bridge Too Many,Cora Builder,2015,Example Press,9780141439518,en"
    batch = looked_at(table(mixed_up), press)
    [row] = ImportRow.objects.filter(batch=batch)
    assert (row.action, row.faults[0]["code"]) == ("refused", "ISBN_OF_ANOTHER_WORK")
    assert "“The First Book” by Ann Author (r1)" in row.faults[0]["cause"]
    renamed = "r9,Another Name,Ann Author,1998,Example Press,9780141439518,en"
    batch = taken_over(table(renamed), press)
    [row] = ImportRow.objects.filter(batch=batch)
    assert (row.action, row.faults[0]["code"]) == ("update", "TITLE_REPLACED")
    longer = "r9,Another Name: With a Subtitle,A. Author,1998,Example Press,9780141439518,en"
    assert not ImportRow.objects.get(batch=looked_at(table(longer), press)).faults


def test_columns_that_are_named_leave_the_others_as_they_are_recognised(press: Actor) -> None:
    data = table("The First Book,Ann Author,9780141439518", head="Werktitel,Author,ISBN")
    batch = looked_at(data, press, columns={"Werktitel": "title"})
    assert batch.columns == {"Werktitel": "title", "Author": "author", "ISBN": "isbn"}
    assert batch.counts["new"] == 1
    again = looked_at(table("The First Book,Ann Author,x", head="Title,Author,Notes"), press, columns={"Author": ""})
    assert "author" not in again.columns.values()


def test_another_organisations_works_are_not_touched(press: Actor) -> None:
    other = system("test", organisations.create(slug="other-press", name="Other Press", actor=system("test")))
    taken_over(table(*ROWS), other)
    batch = taken_over(table(*ROWS), press)
    assert batch.counts["new"] == 3
    assert Work.objects.count() == 6


def test_rows_without_reference_are_recognised_again(press: Actor) -> None:
    data = table("Untold,Ann Author,2001", "Retold,Ben Writer,2002", head="title,author,year")
    taken_over(data, press)
    assert taken_over(data, press).counts["unchanged"] == 2
    assert Work.objects.count() == 2


def test_undoing_withdraws_the_new_works_and_gives_the_others_their_facts_back(press: Actor) -> None:
    taken_over(table(ROWS[0]), press)
    corrected = ROWS[0].replace("The First Book", "Another Title").replace("Ann Author", "Anna Author")
    batch = taken_over(table(corrected, *ROWS[1:]), press)
    import_undo.begin(batch=batch, actor=press)
    batch = import_undo.undo(batch.pk, actor=press.name)
    assert batch.counts["undone"] == {"withdrawn": 2, "restored": 1, "left": 0}
    first = Work.objects.get(record_reference="r1")
    assert (first.title, first.author_names, first.withdrawn_at) == ("The First Book", "Ann Author", None)
    assert not Work.objects.exclude(pk=first.pk).filter(withdrawn_at__isnull=True).exists()
    assert batch.undo_entry is not None
    with pytest.raises(Conflict, match="taken back before"):
        import_undo.begin(batch=batch, actor=press)
    again = taken_over(table(corrected, *ROWS[1:]), press)
    assert again.counts["updated"] == 3
    assert not Work.objects.filter(withdrawn_at__isnull=False).exists()


def test_undoing_leaves_a_work_alone_that_somebody_changed_since(press: Actor) -> None:
    taken_over(table(ROWS[0]), press)
    batch = taken_over(table(ROWS[0].replace("The First Book", "Another Title")), press)
    taken_over(table(ROWS[0].replace("The First Book", "A Third Title")), press)
    batch = import_undo.undo(batch.pk, actor=press.name)
    assert batch.counts["undone"] == {"withdrawn": 0, "restored": 0, "left": 1}
    assert Work.objects.get().title == "A Third Title"


def test_undoing_revives_what_the_import_ended_and_nothing_that_a_person_withdrew(press: Actor) -> None:
    taken_over(table(*ROWS), press)
    by_import, by_hand, elsewhere = (
        RightsClaim.objects.get(work__record_reference=name) for name in ("r1", "r2", "r3")
    )
    ownership.withdraw(by_hand, reason="sold", actor=press)
    batch = taken_over(table(*ROWS[:2]), press, ai_rights=RightsClaim.AiRights.RETAINED)
    RightsClaim.objects.filter(pk=elsewhere.pk).update(withdrawn_at=Now())
    head = batch.head | {"applied_from": "2020-01-01T00:00:00+00:00"}
    Import.objects.filter(pk=batch.pk).update(head=head, ended_at=Now())
    by_import.refresh_from_db()
    assert by_import.withdrawn_at is not None
    import_undo.undo(batch.pk, actor=press.name)
    assert list(RightsClaim.objects.filter(withdrawn_at__isnull=True)) == [by_import]


def test_drafts_stay_drafts(press: Actor) -> None:
    taken_over(table(*ROWS), press, visibility="draft")
    assert set(Work.objects.values_list("visibility", flat=True)) == {"draft"}


def test_of_a_merged_work_the_report_names_the_survivor(press: Actor) -> None:
    batch = taken_over(table(*ROWS), press)
    first, second = (Work.objects.get(record_reference=name) for name in ("r1", "r2"))
    work_merges.merge(work=first, into=second, actor=press)
    told = b"".join(import_files.acknowledgement(batch, as_json=True).content).decode()
    assert first.public_id not in told
    assert told.count(second.public_id) == 2


def test_a_table_without_a_title_has_to_have_its_columns_named(press: Actor) -> None:
    data = table("Book of Examples,Ann Author", head="Spalte 1,Spalte 2")
    with pytest.raises(InvalidInput, match="title"):
        looked_at(data, press)
    batch = taken_over(data, press, columns={"Spalte 1": "title", "Spalte 2": "author"})
    assert batch.counts["new"] == 1
    assert looked_at(data, press).counts["unchanged"] == 1


def test_what_is_no_catalogue_is_refused_with_the_reason(press: Actor) -> None:
    for data in (b"", b"%PDF-1.7 not a table", b"\x00\x01\x02\x03" * 400):
        with pytest.raises(InvalidInput):
            looked_at(data, press)
    assert not Import.objects.exists()


def test_the_organisation_of_a_reader_cannot_import() -> None:
    organisation = Organisation.objects.create(slug="readers", name="Readers")
    reader = Actor("user:1", organisation=organisation, role="viewer")
    with pytest.raises(Exception, match="editor or owner"):
        looked_at(table(*ROWS), reader)


def test_a_lone_carriage_return_in_a_cell_breaks_neither_the_upload_nor_the_refused_rows(press: Actor) -> None:
    batch = looked_at(b'title;isbn;note\n"";"978";"one\rtwo"\n', press)
    assert batch.head["sample"] == [["", "978", "one\rtwo"]]
    content = b"".join(import_files.refused_rows(batch).content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content, newline="")))[1][:3] == ["", "978", "one\rtwo"]


def test_no_value_ends_the_comment_before_a_refused_product(press: Actor) -> None:
    said = "---&gt;&lt;Product/&gt;&lt;!-"
    feed = f"""<ONIXMessage release="3.0" xmlns="http://ns.editeur.org/onix/3.0/reference">
      <Header><Sender><SenderName>Example Press</SenderName></Sender><SentDateTime>20200101</SentDateTime></Header>
      <Product><RecordReference>r1</RecordReference><NotificationType>03</NotificationType>
      <ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>{said}</IDValue></ProductIdentifier></Product>
    </ONIXMessage>"""
    batch = looked_at(feed.encode(), press, name="feed.xml")
    ImportRow.objects.filter(batch=batch).update(
        faults=[{"column": "x", "value": "", "severity": "E", "code": "X", "cause": "“---><Product/><!-”", "fix": "-"}]
    )
    root = ElementTree.fromstring(b"".join(import_files.refused_rows(batch).content))
    assert [child.tag.rpartition("}")[2] for child in root] == ["Header", "Product"]
