"""A list of titles is linked; people settle what is unsure; what they decided is used again for equal rows only."""

import io
import json

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]

from licensing.services import linkage_files, linkages
from registry import jobs
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.linkage.facts import RowFacts
from registry.models import Linkage, LinkageDecision, LinkageRow, Work
from registry.services import bulk_linking, work_merges
from tests import factories

pytestmark = pytest.mark.django_db

HEAD = "title,author,year,publisher,isbn"
SURE, UNSURE, UNKNOWN = (
    'Pride & Prejudice,"Austen, Jane",,,',
    "Pride and Prejudice volume 1,Jane Austen,,,",
    "Nothing Like It,X Y,,,",
)


@pytest.fixture
def actor() -> Actor:
    return factories.actor()


@pytest.fixture
def novel() -> Work:
    identifiers = [("isbn", "9780141439518")]
    return factories.work("Pride and Prejudice", ["Jane Austen"], first_published="1813", identifiers=identifiers)


def linked(actor: Actor, *lines: str, head: str = HEAD, name: str = "list.csv") -> Linkage:
    content = "\n".join([head, *lines]) + "\n"
    made = linkages.take(file=io.BytesIO(content.encode()), file_name=name, actor=actor)
    linkages.run(made.pk)
    made.refresh_from_db()
    return made


def rows(linkage: Linkage) -> list[LinkageRow]:
    return list(LinkageRow.objects.filter(linkage=linkage).order_by("number"))


def test_every_row_is_a_work_or_to_be_looked_at_or_none(actor: Actor, novel: Work) -> None:
    found = linked(actor, SURE, UNSURE, UNKNOWN, "anything,,,,978-0-14-143951-8")
    assert found.state == Linkage.State.DONE
    assert [row.decision for row in rows(found)][:3] == ["match", "review", "none"]
    assert rows(found)[0].work == novel
    assert rows(found)[1].candidates[0]["work"] == novel.public_id
    assert found.counts["rows"] == 4
    assert found.method.startswith("linkage ")


def test_a_workbook_is_linked_as_a_text_is(actor: Actor, novel: Work) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ("No.", "Title", "Author"),
        (1, "Pride & Prejudice", "Austen, Jane"),
        (2, 'The "Nothing", quoted', "X Y"),
    ):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    made = linkages.take(file=io.BytesIO(content.getvalue()), file_name="list.xlsx", actor=actor)
    linkages.run(made.pk)
    found = rows(made)
    assert [(row.facts["title"], row.facts["author"]) for row in found] == [
        ("Pride & Prejudice", "Austen, Jane"),
        ('The "Nothing", quoted', "X Y"),
    ]
    assert found[0].work == novel


def test_a_heading_below_other_lines_is_not_a_row(actor: Actor, novel: Work) -> None:
    found = linked(actor, "title;author;year", "Pride & Prejudice;Austen, Jane;", head="Our list;;\n;;")
    assert [row.facts["title"] for row in rows(found)] == ["Pride & Prejudice"]
    assert rows(found)[0].work == novel


def test_few_rows_and_many_are_decided_alike(actor: Actor, novel: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [(1, RowFacts("Pride & Prejudice", "Austen, Jane")), (2, RowFacts("Nothing Like It", "X Y"))]
    few = list(bulk_linking.link(given, actor=actor))
    monkeypatch.setattr(bulk_linking, "FEW_ROWS", 0)
    said: list[str] = []
    many = list(bulk_linking.link(given, actor=actor, say=lambda stage, done, total: said.append(stage)))
    assert [(one["row"], one["decision"], one["work"], one["by"]) for one in many] == [
        (1, "match", novel.pk, "key"),
        (2, "none", None, "score"),
    ]
    assert [(one["decision"], one["work"]) for one in few] == [(one["decision"], one["work"]) for one in many]
    assert said[0] == "copying"
    assert said[-1] == "linking"


def test_drafts_of_others_and_withdrawn_works_are_never_candidates(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.work("The Hidden Manuscript", ["Ann Author"], by=factories.actor(), visibility=Work.Visibility.DRAFT)
    own = factories.work("The Hidden Manuscript", ["Ann Author"], by=actor, visibility=Work.Visibility.DRAFT)
    given = [(1, RowFacts("The Hidden Manuscript", "Ann Author"))]
    for few in (linkage_files.MAX_CELL_CHARS, 0):
        monkeypatch.setattr(bulk_linking, "FEW_ROWS", few)
        [mine] = bulk_linking.link(given, actor=actor)
        assert [one["key"] for one in mine["candidates"]] == [own.pk]
        [stranger] = bulk_linking.link(given, actor=factories.actor())
        assert stranger["candidates"] == []


def test_a_decision_settles_rows_that_say_the_same_now_and_in_later_lists_and_can_be_taken_back(
    actor: Actor, novel: Work
) -> None:
    found = linked(actor, UNSURE, SURE, UNSURE.upper())
    first, _, third = rows(found)
    assert linkages.decide(row=first, work=novel, actor=actor) == 2
    found.refresh_from_db()
    assert found.counts == {"rows": 3, "match": 3, "review": 0, "none": 0}
    later = linked(actor, UNSURE, UNSURE.replace("1", "2"))
    again, other = rows(later)
    assert linkage_files.as_json(again) | {"candidates": []} == {
        "row": 1,
        "decision": "match",
        "work": novel.public_id,
        "reference": novel.record_reference,
        "probability": again.probability,
        "by": "decision",
        "candidates": [],
    }
    assert not other.decided
    linkages.undo(row=again, actor=actor)
    assert not rows(later)[0].decided
    assert not LinkageDecision.objects.filter(withdrawn_at__isnull=True).exists()
    assert not rows(linked(actor, UNSURE))[0].decided
    assert rows(found)[0].decided == "match"  # what was settled in an earlier list stays as it was there
    assert third.facts["digest"] == first.facts["digest"]


def test_a_lone_carriage_return_in_a_table_stops_nothing(actor: Actor, novel: Work) -> None:
    unix = linked(actor, SURE, '"Pride and Prejudice","Jane\rAusten",,,')
    assert [row.decision for row in rows(unix)] == ["match", "match"]
    made = linkages.take(file=io.BytesIO(f"{HEAD}\r{SURE}\r".encode()), file_name="mac.csv", actor=actor)
    linkages.run(made.pk)
    assert [row.decision for row in rows(made)] == ["match"]


def test_of_a_merged_work_the_survivor_is_named(actor: Actor) -> None:
    owner = factories.actor()
    known = factories.work("Pride and Prejudice", ["Jane Austen"], by=owner)
    found = linked(actor, SURE, UNSURE)
    linkages.decide(row=rows(found)[1], work=known, actor=actor)
    kept = factories.work("Pride and Prejudice, the novel", by=owner)
    work_merges.merge(work=known, into=kept, actor=owner)
    assert [linkage_files.as_json(row)["work"] for row in linkages.results(found)] == [kept.public_id] * 2
    [again] = rows(linked(actor, UNSURE))
    assert (again.decided, again.decided_work) == ("match", kept)


def test_nobody_else_s_decisions_count_and_nobody_else_decides(actor: Actor, novel: Work) -> None:
    found = linked(actor, UNSURE)
    linkages.decide(row=rows(found)[0], work=None, actor=actor)
    assert rows(found)[0].decided == "none"
    stranger = factories.actor()
    assert not rows(linked(stranger, UNSURE))[0].decided
    with pytest.raises(NotAllowed):
        linkages.decide(row=rows(found)[0], work=novel, actor=stranger)


def test_a_row_is_no_work_that_cannot_be_seen(actor: Actor, novel: Work) -> None:
    found = linked(actor, UNSURE)
    hidden = factories.work("Hidden", by=factories.actor(), visibility=Work.Visibility.DRAFT)
    with pytest.raises(InvalidInput):
        linkages.decide(row=rows(found)[0], work=hidden, actor=actor)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 anything", "PDF"),
        (b"colour,size\nred,1\n", "title or isbn"),
        (b"\x00\x01\x02\x03\x04", "cannot be read"),
    ],
)
def test_what_is_no_list_is_refused_with_its_cause_and_not_kept(actor: Actor, content: bytes, cause: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        linkages.take(file=io.BytesIO(content), file_name="list.csv", actor=actor)
    assert cause in refused.value.sentence
    assert not Linkage.objects.exists()


def test_tables_come_in_other_encodings_with_other_columns_and_hostile_cells(actor: Actor, novel: Work) -> None:
    lines = "书名\t作者\n紅樓夢\t曹雪芹\n=HYPERLINK(1)\t@x\n\n\u202eevil\tA\0B\n"
    made = linkages.take(file=io.BytesIO(lines.encode("gb18030")), file_name="../../list.tsv", actor=actor)
    linkages.run(made.pk)
    found = rows(made)
    assert made.file_name == "list.tsv"
    assert [row.facts["title"] for row in found] == ["紅樓夢", "=HYPERLINK(1)", "\u202eevil"]
    text = b"".join(linkage_files.as_csv(linkages.results(made))).decode("utf-8-sig")
    assert "'=HYPERLINK(1),'@x" in text
    told = [json.loads(line) for line in b"".join(linkage_files.json_lines(linkages.results(made))).splitlines()]
    assert [one["row"] for one in told] == [1, 2, 3]


def test_a_list_that_is_stopped_or_whose_job_died_says_so(actor: Actor, novel: Work) -> None:
    made = linkages.take(file=io.BytesIO(f"{HEAD}\n{SURE}\n".encode()), file_name="list.csv", actor=actor)
    with pytest.raises(Conflict):
        linkages.decide(row=LinkageRow(linkage=made, facts={"digest": "x"}), work=None, actor=actor)
    linkages.cancel(linkage=made, actor=actor)
    assert made.state == Linkage.State.CANCELLED
    with pytest.raises(Conflict):
        linkages.cancel(linkage=made, actor=actor)
    other = linkages.take(file=io.BytesIO(f"{HEAD}\n{SURE}\n".encode()), file_name="list.csv", actor=actor)
    assert other.job is not None
    other.job.state = "quarantined"
    other.job.reason, other.job.error = jobs.said_of_fault(other.job), "worn out"
    other.job.save()
    assert linkages.close_broken() == 1
    other.refresh_from_db()
    assert other.state == Linkage.State.FAILED
    assert "worn out" not in other.reason
    assert f"(job {other.job.public_id})" in other.reason


def test_the_job_links_the_list(actor: Actor, novel: Work) -> None:
    made = linkages.take(file=io.BytesIO(f"{HEAD}\n{SURE}\n".encode()), file_name="list.csv", actor=actor)
    assert made.job is not None
    assert jobs.run(made.job.pk) == "done"
    made.refresh_from_db()
    assert made.counts == {"rows": 1, "match": 1, "review": 0, "none": 0}
