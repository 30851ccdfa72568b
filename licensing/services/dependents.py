"""Which answers depend on an agreement or on statements about works, and the job that looks at them again."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet

from licensing.models import Agreement, Clearance, Grant, Verdict
from licensing.models.policies import VerdictChange
from licensing.rules.agreement import parse_terms
from registry import jobs
from registry.models import Job, Work

JOB = "reevaluate"
TOGETHER = 100_000  # works that one job about statements looks at


def after_statements(works: Collection[int], cause: str = VerdictChange.Cause.STATED) -> Job | None:
    """Have the answers about these works (primary keys) looked at again, whoever asked; None where there are none.

    By a job that is enqueued in the caller's transaction. What waits already for the same cause takes these works with
    it, so that many readings at once are looked at once and told once.
    """
    if not works:
        return None
    depending = set(verdicts(None, works).order_by().values_list("work_id", flat=True).distinct())
    if not depending:
        return None
    same = Job.objects.filter(kind=JOB, arguments__cause=str(cause), arguments__agreement_id=None)
    waiting = same.filter(state=Job.State.QUEUED).select_for_update(no_key=True, skip_locked=True).order_by("id").last()
    if waiting is not None:
        together = depending.union(waiting.arguments["works"])
        if len(together) <= TOGETHER:
            Job.objects.filter(pk=waiting.pk).update(arguments=waiting.arguments | {"works": sorted(together)})
            return waiting
    return jobs.enqueue(JOB, agreement_id=None, cause=str(cause), works=sorted(depending))


def verdicts(agreement: Agreement | None, works: Collection[int] | None) -> QuerySet[Verdict]:
    """The verdicts that may depend on an agreement: of its works, for its licensee and the affiliates it names.

    Without one: all that are about these works.
    """
    if works is None:
        granted: Any = Grant.objects.filter(agreement=agreement).values("work")
        own, merged = Work.objects.filter(pk__in=granted), Work.objects.filter(merged_into__in=granted)
    else:
        own = Work.objects.filter(pk__any_of=list(works))
        merged = Work.objects.filter(merged_into__any_of=list(works))
    # a union, which the index of verdicts by work is asked for: "one or the other" would read them all
    about = own.order_by().values("pk").union(merged.order_by().values("pk"))
    rows = Verdict.objects.filter(work__in=about, clearance__state=Clearance.State.DECIDED)
    if agreement is None:
        return rows
    licensees = Q(clearance__licensee=agreement.licensee)
    if named := parse_terms(agreement.terms).affiliates:
        licensees |= Q(clearance__licensee__slug__in=sorted(named))
    return rows.filter(licensees)
