"""What a clearance says of model output in its dataset: decided, stored, hashed, blocking, and looked at again."""

import datetime
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail

from ingest.models import Audit
from ingest.services import audit_subjects
from ingest.services.audit_subjects import Subject
from licensing.models import (
    Clearance,
    ClearanceOutput,
    GeneratedPart,
    OutputChange,
    UseDeclaration,
    Verdict,
    VerdictChange,
)
from licensing.selectors import answers
from licensing.services import (
    clearance_outputs,
    clearances,
    generated_parts,
    opinions,
    output_dependents,
    output_reevaluation,
    use_declarations,
)
from licensing.services.assertions import today
from licensing.services.generated_parts import Part
from registry.actors import Actor
from registry.merkle import tree
from registry.models import Entry
from registry.services import log
from tests import factories
from tests.ingest.audited import audited
from tests.licensing import asked, outputs, scanned

pytestmark = pytest.mark.django_db
DAY = datetime.date


@pytest.fixture
def lab() -> Actor:
    return factories.actor()


@pytest.fixture(autouse=True)
def terms() -> None:
    outputs.version("one", DAY(2023, 3, 14), "develop_competing_model", effective_to=DAY(2025, 12, 31))


def clearance(
    lab: Actor, share: str | None = "12.50", *, works: int = 0, acquired: str = "third_party", **question: Any
) -> Clearance:
    """A decided clearance of a private dataset; with a share, the talker wrote that much of it."""
    found = [(factories.work(), "copy") for _ in range(works)]
    scan = scanned.scan(lab, found, documents=max(1, works))
    if share is not None:
        said = Part(outputs.model(), acquired, share_percent=Decimal(share), generated_to=DAY(2024, 5, 1))
        generated_parts.record(scan.release.dataset, said, actor=lab)
    asked_: dict[str, Any] = {
        "use": "fine_tuning",
        "purpose": "commercial",
        "territory": "US",
        "competing": True,
    } | question
    made = clearances.request(scan=scan, actor=lab, **asked_)
    return clearances.decide(made.pk)


def codes(row: ClearanceOutput | OutputChange) -> list[str]:
    return [reason["code"] for reason in row.reasons]


def test_terms_that_reach_the_dataset_decide_and_block_beside_the_works(lab: Actor) -> None:
    made = clearance(lab)
    assert codes(made.output) == ["TOU_PRIVITY"]
    assert (made.output.verdict, made.output.blocks, made.blocks) == ("CONTESTED", True, True)
    assert made.totals["output"]["verdict"] == "CONTESTED"
    assert made.totals["output"]["declared_percent"] == "12.50"
    assert made.totals["blocking"] == 0
    assert answers.exit_code(made) == answers.FINDINGS


def test_what_is_not_known_of_output_does_not_block_and_is_not_clear(lab: Actor) -> None:
    made = clearance(lab, competing=None)
    assert codes(made.output) == ["TOU_USE_UNKNOWN"]
    assert (made.output.blocks, answers.exit_code(made)) == (False, answers.UNDETERMINED)


def test_nothing_on_record_is_no_answer(lab: Actor) -> None:
    made = clearance(lab, None)
    assert (made.output.verdict, made.output.reasons, made.blocks) == ("", [], False)
    assert made.totals["output"]["verdict"] is None


def test_its_leaf_is_in_the_log_entry_and_its_facts_give_it_again(lab: Actor) -> None:
    made = clearance(lab)
    stored = ClearanceOutput.objects.get(clearance=made)
    entry = Entry.objects.get(kind="clearance.decided")
    assert json.loads(bytes(entry.leaf))["facts"]["output"] == clearance_outputs.leaf(stored).hex()
    said = {"id": stored.public_id, "facts": stored.facts, "verdict": stored.verdict, "reasons": stored.reasons}
    assert tree.leaf_hash(log.canonical(said | {"blocks": stored.blocks})) == clearance_outputs.leaf(stored)
    again = clearance_outputs.recompute(stored, clearances.policy_of(made.policy))
    assert (again["verdict"], again["blocks"], again["reasons"]) == (stored.verdict, stored.blocks, stored.reasons)


def test_the_facts_cite_the_version_with_its_hash_the_record_and_the_opinion(lab: Actor) -> None:
    question = outputs.question("terms-privity", "TOU_PRIVITY")
    opinion = opinions.record(question, answer="no", reasoning="No contract.", signed_as="A. Counsel", actor=lab)
    facts = clearance(lab).output.facts
    (path,) = facts["paths"]
    assert path["generations"][0]["version"]["key"] == "one"
    assert path["part"]["share_percent"] == "12.50"
    assert [row["name"] for row in path["way"]] == ["Corpus", "Talker"]
    assert facts["questions"][0]["opinion"]["id"] == opinion.public_id


def test_a_dataset_that_one_model_wrote_altogether_limits_each_of_its_works(lab: Actor) -> None:
    made = clearance(lab, "100", works=2)
    rows = Verdict.objects.filter(clearance=made)
    assert {row.case["generated_by"]["terms"] for row in rows} == {"one"}
    for row in rows:
        assert "TOU_PRIVITY" in [reason["code"] for reason in row.reasons]
        assert row.status == "TERMS_RESTRICTED" or row.verdict == "NOT_CLEARED"
        again = clearances.recompute(row)
        assert (again["verdict"], again["reasons"]) == (row.verdict, row.reasons)


def test_a_part_of_a_dataset_limits_none_of_its_works(lab: Actor) -> None:
    made = clearance(lab, "99", works=1)
    assert [row.case["generated_by"] for row in Verdict.objects.filter(clearance=made)] == [None]


def test_a_part_that_is_taken_back_changes_the_answer_and_is_told(lab: Actor) -> None:
    made = clearance(lab, "100", works=1)
    part = GeneratedPart.objects.get()
    generated_parts.withdraw(part, actor=lab)
    asked.run_jobs(output_reevaluation.JOB)
    (change,) = OutputChange.objects.filter(clearance=made)
    assert (change.cause, change.verdict, change.blocks) == ("part", "", False)
    assert ClearanceOutput.objects.get(clearance=made).verdict == "CONTESTED"  # stays as it was given
    (followed,) = VerdictChange.objects.filter(clearance=made)
    assert (followed.cause, followed.case["generated_by"]) == ("output", None)
    assert Entry.objects.filter(kind="clearance.output_reevaluated", subject=f"clearance:{made.public_id}").count() == 1
    output_reevaluation.run("part", None)
    assert OutputChange.objects.count() == 1  # twice changes nothing


def test_an_audit_beside_it_is_evidence_and_finds_what_nobody_recorded(lab: Actor) -> None:
    made, audit = clearance(lab, None), audited(lab).audit
    audit_subjects.say(audit=audit, subject=Subject(made.scan.release.dataset), actor=lab)
    asked.run_jobs(output_reevaluation.JOB)
    (change,) = OutputChange.objects.filter(clearance=made)
    assert (change.cause, change.verdict) == ("audit", "UNKNOWN")
    assert change.reasons[0]["evidence"] == [f"audit:{audit.public_id}"]
    told = clearance_outputs.summary(change)
    assert told["audit"] == audit.public_id
    assert told["measured"]["interval"][0] < told["measured"]["rate"] < told["measured"]["interval"][1]


def test_only_what_depends_on_it_is_looked_at(lab: Actor) -> None:
    made, other = clearance(lab), clearance(factories.actor())
    node = f"dataset:{made.scan.release.dataset_id}"
    assert [row.clearance_id for row in output_reevaluation.depending([node], None)] == [made.pk]
    assert not output_reevaluation.depending([node], other.organisation_id)
    maker = f"provider:{outputs.provider().pk}"
    assert {row.clearance_id for row in output_reevaluation.depending([maker], None)} == {made.pk, other.pk}


def test_an_opinion_is_cited_from_now_on_and_changes_no_verdict(lab: Actor) -> None:
    question = outputs.question("terms-privity", "TOU_PRIVITY")
    made = clearance(lab)
    opinions.record(question, answer="no", reasoning="No contract.", signed_as="A. Counsel", actor=lab)
    asked.run_jobs(output_reevaluation.JOB)
    (change,) = OutputChange.objects.filter(clearance=made)
    assert (change.cause, change.verdict, change.reasons) == ("opinion", made.output.verdict, made.output.reasons)


def test_whoever_has_an_account_accepted_the_terms_unless_they_say_otherwise(lab: Actor) -> None:
    own = clearance(lab, acquired="own_api")
    assert (codes(own.output), own.output.verdict) == (["TOU_COMPETE"], "NOT_CLEARED")
    said = use_declarations.Declared(
        title="Answers", provider=outputs.provider(), purpose="synthetic_data", acceptance="not_accepted",
        destinations=["training"],
    )  # fmt: skip
    use_declarations.approve(use_declarations.draft(said, actor=lab), begins_on=today(), actor=lab)
    again = clearances.decide(clearances.request(
        scan=own.scan, actor=lab, use="fine_tuning", purpose="commercial", territory="US", competing=True
    ).pk)  # fmt: skip
    assert (codes(again.output), again.output.verdict) == (["TOU_PRIVITY"], "CONTESTED")


def test_a_declaration_counts_from_the_day_on_which_it_begins(lab: Actor) -> None:
    made, tomorrow = clearance(lab), today() + datetime.timedelta(days=1)
    said = use_declarations.Declared(
        title="Answers", provider=outputs.provider(), purpose="synthetic_data", acceptance="accepted",
        destinations=["training"], accepted_on=DAY(2024, 1, 1),
    )  # fmt: skip
    use_declarations.approve(use_declarations.draft(said, actor=lab), begins_on=tomorrow, actor=lab)
    asked.run_jobs(output_reevaluation.JOB)
    assert not OutputChange.objects.exists()
    assert output_dependents.follow_day(today()) == 0
    UseDeclaration.objects.update(begins_on=today())  # a day later
    assert output_dependents.follow_day(today()) == 1
    asked.run_jobs(output_reevaluation.JOB)
    (change,) = OutputChange.objects.filter(clearance=made)
    assert (change.cause, change.verdict, codes(change)) == ("declaration", "NOT_CLEARED", ["TOU_COMPETE"])


def test_somebody_else_s_audit_and_part_change_nothing(lab: Actor) -> None:
    made, stranger = clearance(lab, None), factories.actor()
    audit = audited(stranger).audit
    Audit.objects.filter(pk=audit.pk).update(dataset=made.scan.release.dataset)
    output_reevaluation.run("audit", None)
    assert not OutputChange.objects.exists()


def test_whoever_asked_is_written_to(lab: Actor) -> None:
    made = clearance(lab)
    Clearance.objects.filter(pk=made.pk).update(requested_by=factories.person("asker@lab.example", of=lab.organisation))
    generated_parts.withdraw(GeneratedPart.objects.get(), actor=lab)
    asked.run_jobs(output_reevaluation.JOB)
    (letter,) = mail.outbox
    assert made.public_id in letter.body
    assert "Nothing is on record of model output in it any more." in letter.body
