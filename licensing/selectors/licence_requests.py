"""What pages and the API read of requests, negotiations, agreements and offers beside the rows themselves."""

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from licensing.models import (
    Agreement,
    Clearance,
    Grant,
    LicenceRequest,
    Negotiation,
    Offer,
    RequestedWork,
    Step,
    TermsTemplate,
    Verdict,
    VerdictChange,
)
from licensing.rules.lifecycle import BEFORE_GRANT, Side
from licensing.selectors.granting import SENTENCES
from licensing.selectors.natural import natural
from registry.models import Organisation, Work

OPEN = [state.value for state in BEFORE_GRANT]


@dataclass(frozen=True)
class Waiting:
    """What waits for an organisation: requests to answer as holder, offers to answer as firm, what is overdue."""

    as_holder: int
    as_firm: int
    overdue: int

    @property
    def total(self) -> int:
        return self.as_holder + self.as_firm


def waiting_for(organisation: Organisation, today: datetime.date) -> Waiting:
    """How many negotiations wait for this organisation, for its home page and the menu; in one query."""
    holder = Q(holder=organisation, waits_for=Side.HOLDER.value)
    firm = Q(request__organisation=organisation, waits_for=Side.FIRM.value)
    found = Negotiation.objects.filter(holder | firm, state__in=OPEN).aggregate(
        as_holder=Count("pk", filter=holder),
        as_firm=Count("pk", filter=firm),
        overdue=Count("pk", filter=Q(respond_by__lt=today)),
    )
    return Waiting(**found)


def inbox(organisation: Organisation) -> QuerySet[Negotiation]:
    """The negotiations in which an organisation is asked, those that wait for it first, then by their deadline."""
    rows = Negotiation.objects.filter(holder=organisation).exclude(state="enquiry")
    waits = Exists(Negotiation.objects.filter(pk=OuterRef("pk"), waits_for=Side.HOLDER.value, state__in=OPEN))
    rows = rows.annotate(is_waiting=waits).select_related("request__organisation", "agreement")
    return rows.order_by("-is_waiting", F("respond_by").asc(nulls_last=True), "-changed_at", "-pk")


def parts(request: LicenceRequest) -> QuerySet[Negotiation]:
    """The negotiations of a request: those that wait for the firm first, those that nobody can answer last."""
    firm = Exists(Negotiation.objects.filter(pk=OuterRef("pk"), waits_for=Side.FIRM.value))
    rows = request.negotiations.exclude(holder=None, works=0)  # for whose works somebody was found since
    rows = rows.select_related("holder", "party", "agreement").annotate(is_waiting=firm)
    return rows.order_by("-is_waiting", F("holder_id").asc(nulls_last=True), "pk")


def thread(negotiation: Negotiation) -> QuerySet[Step]:
    """The steps of a negotiation in order, each with its files and the person who made it."""
    rows = negotiation.steps.select_related("organisation", "user", "entry").prefetch_related("attachments")
    return rows.order_by("pk")


def works_of(negotiation: Negotiation) -> QuerySet[RequestedWork]:
    """The works of a negotiation, by title as people count.

    `left_out` says why one is not part of what was offered or granted.
    """
    rows = negotiation.requested_works.select_related("work").prefetch_related("work__contributions__party")
    return rows.order_by(natural("work__title"), "pk")


def sentence_of(why: str) -> str:
    """Why a work is asked of nobody or left out, in English; a holder's own words stay as they are."""
    return SENTENCES.get(why, why)


def left_out_counts(negotiation: Negotiation) -> dict[str, int]:
    """Reason → how many works of a negotiation were left out for it."""
    rows = negotiation.requested_works.exclude(left_out="").order_by().values_list("left_out")
    return dict(rows.annotate(works=Count("pk")))


def left_out_of(negotiations: Iterable[Negotiation]) -> dict[int, int]:
    """Key of a negotiation → how many of its works were left out, where any was; in one query."""
    rows = RequestedWork.objects.filter(negotiation__in=[row.pk for row in negotiations]).exclude(left_out="")
    return dict(rows.order_by().values_list("negotiation").annotate(works=Count("pk")))


def templates(organisation: Organisation) -> QuerySet[TermsTemplate]:
    """The latest version of each template of an organisation, by name."""
    rows = TermsTemplate.objects.filter(organisation=organisation, withdrawn_at__isnull=True)
    return rows.order_by("name", "-version").distinct("name")


def open_offers(work: Work, today: datetime.date) -> QuerySet[Offer]:
    """The offers for a work that can be accepted online now."""
    return Offer.objects.filter(acceptable(today), work=work).select_related("asserted_by")


def acceptable(today: datetime.date) -> Q:
    """Of offers those that can be accepted online on this day: they stand, have terms, and are not taken by others."""
    stands = Q(withdrawn_at__isnull=True, agreed_terms__isnull=False)
    left = Q(at_most__isnull=True) | Q(accepted__lt=F("at_most"))
    return stands & left & (Q(valid_to__isnull=True) | Q(valid_to__gte=today))


def grants_of(agreement: Agreement) -> QuerySet[Grant]:
    """The grants of an agreement with their works, by title."""
    rows = Grant.objects.filter(agreement=agreement).select_related("work", "asserted_by", "licensee")
    return rows.order_by(natural("work__title"), "pk")


# --- what became of answers --------------------------------------------------------------------------------------


def changes_of(clearance: Clearance) -> QuerySet[VerdictChange]:
    """The verdicts of a clearance that are different now: of each the latest change, if it still differs."""
    latest = VerdictChange.objects.filter(clearance=clearance).order_by("of_id", "-pk").distinct("of_id")
    rows = VerdictChange.objects.filter(pk__in=latest.values("pk"))
    same = Q(verdict=F("of__verdict"), status=F("of__status"), blocks=F("of__blocks"))
    return rows.exclude(same).select_related("of__work", "agreement__granted_by").order_by("pk")


def history_of(verdict: Verdict) -> QuerySet[VerdictChange]:
    """Everything that became of one verdict, in order."""
    return VerdictChange.objects.filter(of=verdict).select_related("agreement__granted_by", "entry").order_by("pk")


def totals_now(clearance: Clearance) -> dict[str, int]:
    """Verdict → works, as they would be answered by what is on record now."""
    by_verdict: Counter[str] = Counter()
    counted = Verdict.objects.filter(clearance=clearance).order_by().values_list("verdict")
    for word, number in counted.annotate(works=Count("pk")):
        by_verdict[word] += number
    for before, after in changes_of(clearance).values_list("of__verdict", "verdict"):
        by_verdict[before] -= 1
        by_verdict[after] += 1
    return {word: number for word, number in sorted(by_verdict.items()) if number}


def blocks_now(clearance: Clearance) -> int:
    """How many works of a clearance would block by what is on record now."""
    blocking = Verdict.objects.filter(clearance=clearance, blocks=True).count()
    changed: Iterable[tuple[bool, bool]] = changes_of(clearance).values_list("of__blocks", "blocks")
    return blocking + sum(int(after) - int(before) for before, after in changed)
