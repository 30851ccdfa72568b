"""From rows to cases: the facts about a work, as `licensing.rules` reads them and as a verdict keeps them."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from licensing.models import Grant, Offer, OpenLicence, Preference, Reservation
from licensing.models.assertions import Assertion
from licensing.rules.agreement_reading import NOBODY
from licensing.selectors import disputes, rival_grants
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
    product: str = ""
    model: str = ""

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
        question |= {name: said for name in ("product", "model") if (said := getattr(self, name))}
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
    facts = facts_of(
        (work.public_id, work.kind, work.authorship, work.first_published, work.country, work.renewed),
        [(row.party.name, row.party.died) for row in work.contributions.all() if row.role == Contribution.Role.AUTHOR],
        [row.value for row in work.identifiers.all() if row.scheme == "isbn"],
        [(row.office, row.date) for row in work.registrations.all() if row.date],
    )
    return as_found(facts, edition=edition, relation=relation, identity=identity)


def facts_of(
    work: tuple[str, str, str, str, str, bool | None],
    authors: Iterable[tuple[str, str]],
    isbn: list[str],
    registrations: Iterable[tuple[str, datetime.date]],
) -> Json:
    """The `work` of a case from columns: (public id, kind, authorship, first published, country, renewed), the authors'
    (name, died), ISBNs, (office, date)."""
    public_id, kind, authorship, first_published, country, renewed = work
    facts: Json = {
        "id": public_id,
        "kind": kind,
        "authorship": authorship,
        "authors": [{"name": name, "died": died or None} for name, died in authors],
        "isbn": isbn,
        "registrations": [{"office": office, "date": date.isoformat()} for office, date in registrations],
        "identity": "strong",
    }
    if first_published:
        facts["first_published"] = first_published
    if country:
        facts["country"] = country
    if renewed is not None:
        facts["renewed"] = renewed
    return facts


def as_found(facts: Json, *, edition: Edition | None = None, relation: str = "", identity: str = "strong") -> Json:
    """The facts of a work with how it was found: `relation`, and the translation that was matched."""
    facts["identity"] = identity
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
    settled = Settled(works)
    for work in works:
        for claim in work.rights_claims.all():
            found[work.pk].append(ownership(claim, settled))
    for model, say in STATEMENTS.items():
        rows = countable(model, licensee).filter(work__in=works)
        for row in rows.select_related("asserted_by", "work", *(["licensee"] if model is Grant else [])):
            found[row.work_id].append(say(row, settled))
    for pk, rivals in rival_grants.of_works([work.pk for work in works], licensee).items():
        found[pk] += rivals
    return found


def countable(model: type[Assertion], licensee: Organisation | None) -> QuerySet[Any]:
    """The statements of a kind that a question by this licensee may count: of grants those that reach it."""
    rows: QuerySet[Any] = model._default_manager.all()
    if model is not Grant:
        return rows
    if licensee is None:
        return rows.none()
    return rows.filter(Q(licensee=licensee) | Q(affiliates__contains=[licensee.slug]))


def case(
    question: Question, work: Json, copy: Json, assertions: Iterable[Json], generated_by: Json | None = None
) -> Json:
    """One case, ready for `licensing.rules.case.parse_case`. `generated_by`: of a text that a model wrote."""
    return {
        "question": question.to_json(),
        "work": work,
        "copy": copy,
        "generated_by": generated_by,
        "assertions": in_force(assertions),
    }


def in_force(assertions: Iterable[Json]) -> list[Json]:
    """The assertions in order of kind and id, without those that were withdrawn before their first day."""
    had_a_day = [said for said in assertions if not (said["valid_to"] or "9999") < (said["valid_from"] or "")]
    return sorted(had_a_day, key=lambda assertion: (assertion["kind"], assertion["id"]))


def _grant(row: Grant, settled: Settled) -> Json:
    facts = _scope(row, "grant", settled) | {"licensee": f"org:{row.licensee.slug}", "duties": row.duties}
    if row.affiliates:
        facts["affiliates"] = [slug if slug == NOBODY else f"org:{slug}" for slug in row.affiliates]
    narrowed = {
        "products": row.products,
        "editions": row.editions,
        "models": row.model_names,
        "licensee_kinds": row.licensee_kinds,
    }
    if row.exclusive:
        facts["exclusive"] = True
    return facts | {name: values for name, values in narrowed.items() if values}


def _reservation(row: Reservation, settled: Settled) -> Json:
    return _scope(row, "reservation", settled) | {"machine_readable": row.machine_readable}


def _preference(row: Preference, settled: Settled) -> Json:
    return _scope(row, "preference", settled) | {"signal": row.signal}


def _offer(row: Offer, settled: Settled) -> Json:
    return _scope(row, "offer", settled)


def _open_licence(row: OpenLicence, settled: Settled) -> Json:
    return _scope(row, "open_licence", settled) | {"licence": row.licence}


STATEMENTS: dict[type[Assertion], Callable[[Any, Settled], Json]] = {
    Grant: _grant,
    Reservation: _reservation,
    Preference: _preference,
    Offer: _offer,
    OpenLicence: _open_licence,
}


def _scope(row: Assertion, kind: str, settled: Settled) -> Json:
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
    if row.purposes:
        facts["purposes"] = row.purposes
    if row.territory:
        facts["territory"] = row.territory
    if row.source_format:
        facts["source_format"] = row.source_format
    return facts


def ownership(claim: RightsClaim, settled: Settled) -> Json:
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
