"""A licence that is taken back has only those answers looked at again that depend on it."""

import json
from typing import Any

import pytest
from django.db import connection

from licensing.models import Verdict, VerdictChange
from licensing.services import agreements, dependents, reevaluation
from registry.actors import Actor
from registry.models import Entry, Work
from tests.licensing import asked
from tests.licensing.asked import TERMS

pytestmark = pytest.mark.django_db
FREE = TERMS | {"fee": {"model": "free"}, "valid_from": "2026-01-01"}  # before the copies were made


def looked_at(subject: str) -> list[int]:
    """How many verdicts each re-evaluation of a clearance decided again, as the log says."""
    rows = Entry.objects.filter(kind="clearance.reevaluated", subject=subject).order_by("pk")
    return [json.loads(bytes(row.leaf))["facts"]["looked_at"] for row in rows]


def test_a_revocation_has_only_the_works_of_its_licence_decided_again(firm: Actor, press: Actor) -> None:
    works = asked.claimed(press, 6)
    kept, taken = works[:3], works[3:5]
    both, neither = asked.clearance(firm, works), asked.clearance(firm, [*kept, works[5]])
    asked.granted(press, firm, kept, FREE)
    agreement = asked.granted(press, firm, taken, FREE)
    asked.run_jobs(reevaluation.JOB)
    before = list(VerdictChange.objects.values_list("pk", flat=True))
    agreements.revoke(agreement, reason="Not paid.", actor=press)
    asked.run_jobs(reevaluation.JOB)
    new = VerdictChange.objects.exclude(pk__in=before)
    assert sorted(new.values_list("clearance", "of__work")) == sorted((both.pk, work.pk) for work in taken)
    assert looked_at(f"clearance:{both.public_id}")[-1] == len(taken)
    assert looked_at(f"clearance:{neither.public_id}") == [len(kept)]  # of the grant, not of what was taken back


def test_the_answer_about_a_merged_work_is_looked_at_with_its_survivor(firm: Actor, press: Actor) -> None:
    works = asked.claimed(press, 2)
    clearance = asked.clearance(firm, works)
    agreement = asked.granted(press, firm, works[:1], FREE)
    Work.objects.filter(pk=works[1].pk).update(merged_into=works[0])
    found = dependents.verdicts(agreement, None)
    assert set(found) == set(clearance.verdicts.all())
    assert set(dependents.verdicts(None, [works[0].pk])) == set(clearance.verdicts.all())


@pytest.mark.parametrize("named", [True, False], ids=["these works", "the licence's works"])
def test_answers_are_found_by_their_works_and_not_by_reading_all(firm: Actor, press: Actor, named: bool) -> None:
    works = asked.claimed(press, 2)
    agreement = asked.granted(press, firm, works, FREE)
    rows = dependents.verdicts(agreement, [work.pk for work in works] if named else None).values("pk")
    with connection.cursor() as cursor:  # few rows are read in a row anyway, unless that is expensive
        cursor.execute("SET LOCAL enable_seqscan = off")
    [plan] = json.loads(rows.explain(format="json"))
    scans = [node["Node Type"] for node in nodes(plan["Plan"]) if node.get("Relation Name") == Verdict._meta.db_table]
    assert scans
    assert "Seq Scan" not in scans


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """A plan's nodes, from the root down."""
    return [plan, *(node for below in plan.get("Plans", ()) for node in nodes(below))]
