"""A firm asks once for 500 works; three rightsholders grant, counter and refuse; the clearance follows, and back."""

from collections import Counter

import pytest

from licensing.models import Clearance, VerdictChange
from licensing.selectors import licence_requests as reads
from licensing.services import agreements, clearances, licence_requests, reevaluation
from licensing.services.licence_requests import Chosen
from registry.actors import Actor
from registry.models import Entry
from registry.services import log
from tests import factories
from tests.licensing import asked

pytestmark = pytest.mark.django_db
TERMS = {
    "uses": ["pretraining"],
    "purposes": ["commercial"],
    "territory": ["CN"],
    "valid_from": "2026-01-01",
    "fee": {"model": "per_work", "amount": "2.50", "currency": "EUR"},
}
FREE = TERMS | {"fee": {"model": "free"}}


def publisher(slug: str) -> Actor:
    return factories.actor(factories.organisation(slug, slug.title()))


def now(clearance: Clearance) -> dict[str, int]:
    return reads.totals_now(clearance)


def test_a_firm_asks_once_for_500_works_three_holders_answer_and_the_clearance_follows() -> None:
    firm = publisher("acme")
    north, south, east = (publisher(name) for name in ("north", "south", "east"))
    ours, theirs, others = asked.claimed(north, 250), asked.claimed(south, 150), asked.claimed(east, 100)
    clearance = asked.clearance(firm, [*ours, *theirs, *others], territory="CN")
    assert now(clearance) == {"CONTESTED": 500}  # China knows no exception for this, and nobody has granted it

    request = licence_requests.draft(
        title="What is missing", terms=TERMS, chosen=Chosen(clearance=clearance), actor=firm
    )
    request = asked.sent(request, firm)
    assert request.counts["works_by_state"] == {"requested": 500}

    asked.moved(asked.part(request, north), "grant", north, terms=FREE)
    asked.moved(asked.part(request, south), "offer", south, terms=TERMS | {"attribution": True})
    asked.moved(asked.part(request, east), "refuse", east, message="Our authors decided against it.")
    asked.run_jobs(reevaluation.JOB)
    assert now(clearance) == {"CLEARED": 250, "CONTESTED": 250}

    asked.moved(asked.part(request, south), "counter", firm, terms=FREE | {"attribution": True})
    asked.moved(asked.part(request, south), "accept", south)
    asked.run_jobs(reevaluation.JOB)
    assert now(clearance) == {"CLEARED": 250, "CONDITIONAL": 150, "CONTESTED": 100}
    request.refresh_from_db()
    assert (request.state, request.counts["negotiations"]) == ("closed", {"granted": 2, "refused": 1})

    granted = asked.part(request, north).agreement
    assert granted is not None
    agreements.revoke(granted, reason="The fee for the other books was not paid.", actor=north)
    asked.run_jobs(reevaluation.JOB)
    # whoever had a licence and has it no more knew that one was needed
    assert now(clearance) == {"CONDITIONAL": 150, "CONTESTED": 100, "NOT_CLEARED": 250}
    assert reads.blocks_now(clearance) == 350

    given = Counter(clearance.verdicts.values_list("verdict", flat=True))
    assert given == {"CONTESTED": 500}  # what was answered stays as it was
    changed = VerdictChange.objects.filter(clearance=clearance, agreement=granted, cause="revoked")
    assert changed.count() == 250
    for change in changed.order_by("pk")[:3]:
        assert clearances.answer_of(change.case, clearance.policy)["verdict"] == change.verdict
    assert Entry.objects.filter(kind="clearance.reevaluated").count() == 3
    log.sequence_all()
    assert log.verify()["ok"]
