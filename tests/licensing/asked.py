"""A firm, rightsholders with verified claims, and the moves between them, for tests of requests and agreements."""

import datetime
from collections.abc import Sequence
from typing import Any

from licensing.models import Agreement, Clearance, LicenceRequest, Negotiation, Step
from licensing.services import (
    agreements,
    assertions,
    clearances,
    licence_requests,
    negotiations,
    ownership,
    splitting,
)
from licensing.services.licence_requests import Chosen
from licensing.services.terms_input import read_terms
from registry import jobs
from registry.actors import Actor
from registry.models import Job, Organisation, RightsClaim, Work
from tests import factories
from tests.licensing import scanned

TERMS: dict[str, Any] = {
    "uses": ["pretraining"],
    "purposes": ["commercial"],
    "territory": ["US"],
    "fee": {"model": "per_work", "amount": "2.50", "currency": "EUR"},
}


def today() -> datetime.date:
    """Today by the database's clock, as services see it."""
    return assertions.today()


def day(days: int) -> datetime.date:
    """So many days from today."""
    return today() + datetime.timedelta(days=days)


def of(actor: Actor) -> Organisation:
    """The organisation for which somebody acts."""
    return actor.require_writer()


def works(by: Actor, count: int = 1, *, name: str = "Title") -> list[Work]:
    """Registered works that nobody claims yet."""
    return [factories.work(f"{name} {number}", by=by) for number in range(count)]


def claimed(by: Actor, count: int = 1, *, verification: str = "document", **facts: Any) -> list[Work]:
    """Works that this organisation claims, by a claim that somebody verified."""
    made = works(by, count, name=f"{of(by).slug} title")
    claim(by, made, verification=verification, **facts)
    return made


def claim(by: Actor, made: Sequence[Work], *, verification: str = "document", **facts: Any) -> list[RightsClaim]:
    """Claims of this organisation to the works."""
    said: dict[str, Any] = {
        "capacity": "publisher",
        "ai_rights": "granted",
        "observed_at": today(),
        "evidence": "contracts",
    } | facts
    rows = ownership.claim_many(works=made, actor=by, **said)
    RightsClaim.objects.filter(pk__in=[row.pk for row in rows]).update(verification=verification)
    return rows


def asked(firm: Actor, made: Sequence[Work], terms: dict[str, Any] | None = None, **facts: Any) -> LicenceRequest:
    """A request for these works that was sent and split."""
    chosen = Chosen(works=[work.public_id for work in made])
    request = licence_requests.draft(title="For our model", terms=terms or TERMS, chosen=chosen, actor=firm, **facts)
    return sent(request, firm)


def sent(request: LicenceRequest, firm: Actor) -> LicenceRequest:
    """The draft, sent and split."""
    licence_requests.send(request, actor=firm)
    splitting.split(request.pk)
    request.refresh_from_db()
    return request


def part(request: LicenceRequest, holder: Actor) -> Negotiation:
    """The negotiation of a request with this holder, as it is now."""
    return request.negotiations.get(holder=of(holder))


def moved(found: Negotiation, move: str, actor: Actor, **facts: Any) -> Step:
    """A move by somebody who has just looked at the negotiation."""
    found.refresh_from_db()
    answer = negotiations.Answer(**facts) if facts else None
    return negotiations.move(found, move, actor, version=found.version, answer=answer)


def granted(holder: Actor, firm: Actor, made: Sequence[Work], terms: dict[str, Any] | None = None) -> Agreement:
    """An agreement about these works, as it was asked for."""
    found = part(asked(firm, made, terms), holder)
    moved(found, "grant", holder)
    found.refresh_from_db()
    assert found.agreement is not None
    return found.agreement


def passed_on(agreement: Agreement, firm: Actor, to: Organisation, terms: dict[str, Any] | None = None) -> Agreement:
    """A sub-licence of an agreement on its own terms, or narrower ones."""
    said = dict(agreement.terms) | {"sublicensing": "none"} | (terms or {})
    return agreements.sublicense(agreement, licensee=to, terms=read_terms(said), actor=firm).agreement


def clearance(firm: Actor, made: Sequence[Work], **facts: Any) -> Clearance:
    """A decided clearance of a scan that found these works, for pretraining in the United States."""
    scan = scanned.scan(firm, [(work, "copy") for work in made])
    question = {"use": "pretraining", "purpose": "commercial", "territory": "US"} | facts
    row = clearances.request(scan=scan, actor=firm, **question)
    return clearances.decide(row.pk)


def run_jobs(kind: str) -> int:
    """Run the jobs of this kind that wait; returns how many."""
    waiting = list(Job.objects.filter(state=Job.State.QUEUED, kind=kind).order_by("id"))
    for job in waiting:
        assert jobs.run(job.pk) == Job.State.DONE, Job.objects.get(pk=job.pk).reason
    return len(waiting)
