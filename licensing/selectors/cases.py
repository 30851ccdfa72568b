"""From rows to cases: the facts about a work, as `licensing.rules` reads them and as a verdict keeps them."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q

from licensing.models import Grant, Offer, OpenLicence, Preference, Reservation
from licensing.models.assertions import Assertion
from licensing.selectors import disputes
from licensing.selectors.settled import Settled
from registry.models import Contribution, Edition, Organisation, RightsClaim, Work

Json = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """One question, for every work it is asked about."""

    use: str
    purpose: str
    territory: str
    on: datetime.date
    licensee: Organisation | None = None
    policy: str = "balanced"

    def to_json(self) -> Json:
        """The `question` of a case."""
        question: Json = {
            "use": self.use,
            "purpose": self.purpose,
            "territory": self.territory,
            "on": self.on.isoformat(),
            "policy": self.policy,
        }
        if self.licensee is not None:
            question["licensee"] = f"org:{self.licensee.slug}"
            question["licensee_kind"] = self.licensee.kind
        return question


def with_facts(works: Any) -> Any:
    """The queryset with everything prefetched that a case needs."""
    contributions = Contribution.objects.select_related("party")
    return works.prefetch_related(
        Prefetch("contributions", contributions),
        "identifiers",
        "registrations",
        "editions",
        "rights_claims__asserted_by",
        "rights_claims__set_aside_by",
        "rights_claims__counter_signatures__organisation",
    )


def work_facts(work: Work, *, edition: Edition | None = None, relation: str = "", identity: str = "strong") -> Json:
    """The `work` of a case. `edition` is the matched one: only a translation changes the facts of the text."""
    facts: Json = {
        "id": work.public_id,
        "kind": work.kind,
        "authorship": work.authorship,
        "authors": [
            {"name": row.party.name, "died": row.party.died or None}
            for row in work.contributions.all()
            if row.role == Contribution.Role.AUTHOR
        ],
        "isbn": [row.value for row in work.identifiers.all() if row.scheme == "isbn"],
        "registrations": [
            {"office": row.office, "date": row.date.isoformat()} for row in work.registrations.all() if row.date
        ],
        "identity": identity,
    }
    if work.first_published:
        facts["first_published"] = work.first_published
    if work.country:
        facts["country"] = work.country
    if work.renewed is not None:
        facts["renewed"] = work.renewed
    if relation:
        facts["relation"] = relation
    if edition is not None and edition.translation:
        translator = edition.translator
        facts["edition"] = {
            "id": edition.public_id,
            "translation": True,
            "published": edition.published or None,
            "authors": [{"name": translator.name, "died": translator.died or None}] if translator else [],
        }
    return facts


def assertions_about(works: Sequence[Work], licensee: Organisation | None) -> dict[int, list[Json]]:
    """Work pk → the assertions a question by this licensee may count: public ones and grants to the licensee."""
    found: dict[int, list[Json]] = defaultdict(list)
    about = Q(work__in=works)
    settled = Settled(works)
    for work in works:
        for claim in work.rights_claims.all():
            found[work.pk].append(_ownership(claim, settled))
    for grant in Grant.objects.filter(about, licensee=licensee).select_related("asserted_by", "licensee", "work"):
        scope = _scope(grant, "grant", grant.purposes, settled)
        found[grant.work_id].append(scope | {"licensee": f"org:{grant.licensee.slug}", "duties": grant.duties})
    for reservation in Reservation.objects.filter(about).select_related("asserted_by", "work"):
        said = _scope(reservation, "reservation", reservation.purposes, settled)
        found[reservation.work_id].append(said | {"machine_readable": reservation.machine_readable})
    for preference in Preference.objects.filter(about).select_related("asserted_by", "work"):
        said = _scope(preference, "preference", preference.purposes, settled)
        found[preference.work_id].append(said | {"signal": preference.signal})
    for offer in Offer.objects.filter(about).select_related("asserted_by", "work"):
        found[offer.work_id].append(_scope(offer, "offer", offer.purposes, settled))
    for declared in OpenLicence.objects.filter(about).select_related("asserted_by", "work"):
        said = _scope(declared, "open_licence", declared.purposes, settled)
        found[declared.work_id].append(said | {"licence": declared.licence})
    return found


def case(question: Question, work: Json, copy: Json, assertions: Iterable[Json]) -> Json:
    """One case, ready for `licensing.rules.case.parse_case`."""
    return {
        "question": question.to_json(),
        "work": work,
        "copy": copy,
        "generated_by": None,
        "assertions": in_force(assertions),
    }


def in_force(assertions: Iterable[Json]) -> list[Json]:
    """The assertions in order of kind and id, without those that were withdrawn before their first day."""
    had_a_day = [said for said in assertions if not (said["valid_to"] or "9999") < (said["valid_from"] or "")]
    return sorted(had_a_day, key=lambda assertion: (assertion["kind"], assertion["id"]))


def _scope(row: Assertion, kind: str, purposes: Sequence[str], settled: Settled) -> Json:
    facts: Json = {
        "id": row.public_id,
        "kind": kind,
        "asserted_by": f"org:{row.asserted_by.slug}",
        "capacity": row.capacity,
        "verification": row.verification,
        "valid_from": row.valid_from.isoformat() if row.valid_from else None,
        "valid_to": _last_day(row, settled),
        "observed_at": row.observed_at.isoformat(),
    }
    if row.licensor:
        facts["licensor"] = row.licensor
    if row.uses:
        facts["uses"] = row.uses
    if purposes:
        facts["purposes"] = list(purposes)
    if row.territory:
        facts["territory"] = row.territory
    if row.source_format:
        facts["source_format"] = row.source_format
    return facts


def _ownership(claim: RightsClaim, settled: Settled) -> Json:
    facts: Json = {
        "id": claim.public_id,
        "kind": "ownership",
        "asserted_by": f"org:{claim.asserted_by.slug}",
        "capacity": claim.capacity,
        "verification": claim.verification,
        "exclusive": claim.exclusive,
        "ai_rights": claim.ai_rights,
        "valid_from": claim.valid_from.isoformat() if claim.valid_from else None,
        "valid_to": _last_day(claim, settled),
        "observed_at": claim.observed_at.isoformat(),
    }
    if claim.territory:
        facts["territory"] = claim.territory
    if related := disputes.related(claim):
        facts["related"] = list(related)
    return facts


def _last_day(row: Assertion | RightsClaim, settled: Settled) -> str | None:
    """A withdrawn statement, and one that a decision set aside, ends on the day before; it still counts until then."""
    days = [row.valid_to] if row.valid_to else []
    if row.withdrawn_at:
        days.append(row.withdrawn_at.date() - datetime.timedelta(days=1))
    if set_aside := settled.last_day(row):
        days.append(set_aside)
    return min(days).isoformat() if days else None
