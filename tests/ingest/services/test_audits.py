"""An audit on the server: the sample is on record before anything is looked at, and comes out the same for whoever
repeats it; names of annotators are for owners alone, and the log says when they looked."""

import io
import json
import random

import pytest

from ingest import access, blobs
from ingest.models import Audit, OutputCorpus
from ingest.sampling.draws import Record, digest_of, draw
from ingest.sampling.intake import Fields
from ingest.selectors import audits as told
from ingest.services import audit_examples, audits, leftovers, output_corpora
from registry import jobs
from registry.actors import Actor, system
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Entry, Job, Membership
from tests.ingest.engine.texts import prose

OUTPUTS = [{"id": f"o{n}", "text": prose(1_000 + n, 90), "prompt": f"question {n}"} for n in range(40)]
PASTED = {"Nadia": 0.7, "Oleg": 0.6}
NAMES = [*sorted(PASTED), *(f"Worker {n}" for n in range(8))]


def rows() -> list[dict[str, str]]:
    """Ten annotators in two batches; two of them paste outputs."""
    chance = random.Random(8)
    found = []
    for number in range(160):
        name = NAMES[number % 10]
        text = prose(5_000 + number, 90)
        if chance.random() < PASTED.get(name, 0.0):
            text = chance.choice(OUTPUTS)["text"]
        found.append({"id": f"r{number}", "text": text, "batch": f"b{number % 2}", "annotator": name, "prompt": "q"})
    return found


def lines(records: list[dict[str, str]]) -> io.BytesIO:
    return io.BytesIO(b"".join(json.dumps(record).encode() + b"\n" for record in records))


def register(actor: Actor, records: list[dict[str, str]] = OUTPUTS, **about) -> OutputCorpus:
    said = output_corpora.About(**({"name": "Answers of a chatbot", "generator": "chatbot-1"} | about))
    return output_corpora.take(file=lines(records), file_name="outputs.jsonl", about=said, actor=actor)


@pytest.fixture
def corpus(firm, run_jobs) -> OutputCorpus:
    made = register(firm)
    run_jobs()
    made.refresh_from_db()
    return made


def ask(actor: Actor, corpus: OutputCorpus, records: list[dict[str, str]] | None = None, **options) -> Audit:
    file = lines(rows() if records is None else records)
    return audits.request(file=file, file_name="answers.jsonl", references=[corpus], actor=actor, **options)


def test_the_two_who_pasted_stand_out_under_numbers_and_the_log_has_sample_and_result(firm, corpus, run_jobs):
    audit = ask(firm, corpus, seed=5, sampled=70)
    assert run_jobs() == {"audit": "done"}
    audit.refresh_from_db()
    assert (audit.state, corpus.outputs) == ("done", 40)

    result = told.presented(audit)
    assert result is not None
    numbers = told.numbers(audit)
    flagged = {row["annotator"] for row in result["annotators"] if row["flagged"]}
    assert flagged == {told.pseudonym(numbers[name]) for name in PASTED}
    assert not any(name in json.dumps(result) for name in NAMES)

    sampled, concluded = Entry.objects.filter(subject=audit.public_id).order_by("id")
    assert (sampled.kind, concluded.kind) == ("audit.sampled", "audit.concluded")
    facts = json.loads(bytes(sampled.leaf))["facts"]
    assert (facts["sample"], facts["seed"], facts["sampled"], facts["records"]) == (audit.sample, 5, 140, 160)
    assert json.loads(bytes(concluded.leaf))["facts"]["result"] == audit.result_digest == audit_examples.digest(audit)
    assert not any(name.encode() in bytes(entry.leaf) for entry in (sampled, concluded) for name in NAMES)


def test_a_second_person_draws_the_same_sample_from_the_same_records(firm, corpus, run_jobs):
    audit = ask(firm, corpus, seed=9, sampled=20)
    run_jobs()
    audit.refresh_from_db()
    again = [
        Record(f"elsewhere#{row['id']}", row["text"], row["batch"], row["annotator"], "", row["prompt"])
        for row in reversed(rows())
    ]
    assert digest_of(draw(again, 9, 20).sample()) == audit.sample


def test_examples_stand_beside_the_output_that_they_are_copies_of(firm, corpus, run_jobs):
    audit = ask(firm, corpus)
    run_jobs()
    audit.refresh_from_db()
    assert audit.shown
    texts = {row["id"]: row["text"] for row in rows()}
    for name, example in audit.shown.items():
        passage = example["passages"][0]
        start, end = passage["document_chars"]
        assert passage["excerpt"] in texts[name.partition("#")[2]]
        assert passage["excerpt"][start : start + 20] == passage["work_excerpt"][:20]
        assert end > start
        assert example["generator"] == "chatbot-1"


def test_killed_before_the_result_it_finds_its_sample_on_record_and_goes_on(firm, corpus, run_jobs, monkeypatch):
    audit = ask(firm, corpus, sampled=30)

    def killed(*_arguments: object, **_names: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(audits, "_store", killed)
        with pytest.raises(SystemExit):
            jobs.run(audit.job_id or 0)
    audit.refresh_from_db()
    assert (audit.state, bool(audit.sample), audit.result) == ("running", True, None)

    Job.objects.filter(pk=audit.job_id or 0).update(state=Job.State.QUEUED, lease_until=None)
    run_jobs()
    audit.refresh_from_db()
    kinds = list(Entry.objects.filter(subject=audit.public_id).order_by("id").values_list("kind", flat=True))
    assert (audit.state, kinds) == ("done", ["audit.sampled", "audit.concluded"])


def test_names_are_for_owners_and_the_log_says_that_they_looked(firm, corpus, run_jobs):
    audit = ask(firm, corpus)
    with pytest.raises(Conflict):
        audits.show_names(audit=audit, actor=firm)
    run_jobs()
    audit.refresh_from_db()
    names = audits.show_names(audit=audit, actor=firm)
    assert sorted(names) == list(range(1, 11))
    assert set(names.values()) == set(NAMES)
    assert Entry.objects.filter(kind="audit.names_shown", subject=audit.public_id).count() == 1
    editor = Actor(name="user:1", organisation=firm.organisation, role=Membership.Role.EDITOR)
    with pytest.raises(NotAllowed):
        audits.show_names(audit=audit, actor=editor)


def test_two_audits_of_one_file_number_the_annotators_differently(firm, corpus, run_jobs):
    one, other = ask(firm, corpus, sampled=40), ask(firm, corpus, sampled=40)
    run_jobs()
    for audit in (one, other):
        audit.refresh_from_db()
    assert told.numbers(one) == told.numbers(one)
    assert told.numbers(one) != told.numbers(other)


def test_others_see_neither_the_audit_nor_a_corpus_that_is_not_shared(firm, publisher, corpus, run_jobs):
    audit = ask(firm, corpus)
    shared = register(firm, name="Shared", is_public=True)
    run_jobs()
    assert not access.audits(publisher).exists()
    assert list(access.output_corpora(publisher)) == [shared]
    assert set(access.output_corpora(firm)) == {shared, corpus}
    with pytest.raises(NotAllowed):
        audits.show_names(audit=audit, actor=publisher)
    with pytest.raises(NotAllowed):
        output_corpora.withdraw(corpus=shared, actor=publisher)


def test_every_fault_of_a_request_is_named_at_once(firm, corpus):
    with pytest.raises(InvalidInput) as refused:
        audits.request(
            file=lines(rows()), file_name="a.jsonl", references=[], actor=firm, seed=-1, sampled=0, limit=1.5
        )
    assert {fault["pointer"] for fault in refused.value.errors} == {"/references", "/seed", "/sampled", "/limit"}
    assert blobs.owners("audits") == []
    with pytest.raises(InvalidInput, match="needs a name"):
        register(firm, generator=" ")


def test_a_field_that_no_record_has_fails_with_its_name(firm, corpus, run_jobs):
    audit = ask(firm, corpus, fields=Fields(batch="lot"))
    run_jobs()
    audit.refresh_from_db()
    assert (audit.state, audit.reason) == (Audit.State.FAILED, "No record has anything in the field “lot”.")


def test_a_file_without_records_fails_with_the_reason(firm, corpus, run_jobs):
    audit = audits.request(file=io.BytesIO(b"{"), file_name="a.jsonl", references=[corpus], actor=firm)
    assert run_jobs()["audit"] == "failed"
    audit.refresh_from_db()
    assert audit.state == "failed"
    assert audit.reason
    empty = register(firm, [{"id": "1", "text": " "}])
    run_jobs()
    empty.refresh_from_db()
    assert (empty.state, empty.reason) == ("failed", "The file holds no record with text.")


def test_an_audit_is_stopped_and_one_that_lost_its_job_is_closed(firm, corpus):
    audit = ask(firm, corpus)
    audits.cancel(audit=audit, actor=firm)
    assert audit.state == "cancelled"
    lost = ask(firm, corpus)
    Job.objects.filter(pk=lost.job_id or 0).update(state=Job.State.QUARANTINED, reason="worn out")
    assert audits.close_broken() == 1
    lost.refresh_from_db()
    assert (lost.state, lost.reason) == ("failed", "worn out")


def test_a_withdrawn_corpus_is_deleted_and_no_audit_begins_with_it(
    firm, corpus, run_jobs, django_capture_on_commit_callbacks
):
    begun = ask(firm, corpus)
    with django_capture_on_commit_callbacks(execute=True):
        output_corpora.withdraw(corpus=corpus, actor=firm)
    corpus.refresh_from_db()
    assert blobs.owners("outputs") == []
    run_jobs()
    begun.refresh_from_db()
    assert begun.state == "failed"
    assert "was withdrawn" in begun.reason
    with pytest.raises(InvalidInput):
        ask(firm, corpus)
    assert leftovers.remove() == 0


def test_a_firm_s_editor_may_ask_and_a_viewer_may_not(firm, corpus):
    viewer = Actor(name="user:1", organisation=firm.organisation, role=Membership.Role.VIEWER)
    with pytest.raises(NotAllowed):
        ask(viewer, corpus)
    assert ask(system("test", firm.organisation), corpus).state == "running"
