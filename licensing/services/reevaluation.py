"""What new facts change about answers that were given: looked at again for those who rely on them.

A verdict stays as it was given, for its day. Where today's records give another answer, a `VerdictChange` says which,
from which case, why and since when; the case keeps what was found of the work and takes its statements anew. Of an
agreement, or its end, only verdicts about its works are looked at, and only in clearances for its licensees; of what
was stated about works, or verified, those of every clearance, because everybody may rely on it.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from licensing.models import Agreement, Clearance, Verdict
from licensing.models.policies import VerdictChange
from licensing.rules.verdict import rules_version
from licensing.selectors import cases
from licensing.services import assertions, channel_events, clearance_outputs, clearances, dependents
from licensing.services.dependents import JOB
from registry import jobs
from registry.actors import system
from registry.merkle import tree
from registry.models import Job, Work
from registry.services import log, mail

BATCH = 1_000  # verdicts that one transaction looks at
MAIL = "licensing/email/clearance_changed"
Json = dict[str, Any]


def after(agreement: Agreement, cause: str, works: Collection[int] | None = None) -> Job | None:
    """Have the answers that depend on these works (primary keys; None: all of the agreement's) looked at again.

    By a job that is enqueued in the caller's transaction; None where no answer depends on them.
    """
    if not dependents.verdicts(agreement, works).exists():
        return None
    arguments: Json = {"agreement_id": agreement.pk, "cause": str(cause)}
    if works is not None:
        arguments["works"] = sorted(works)
    return jobs.enqueue(JOB, **arguments)


def after_once(agreement: Agreement, cause: str) -> int:
    """The same, where it was not done before; returns how many jobs that made (0 or 1)."""
    done = Job.objects.filter(kind=JOB, arguments__agreement_id=agreement.pk, arguments__cause=str(cause))
    return 0 if done.exists() else int(after(agreement, cause) is not None)


def run(
    agreement_id: int | None, cause: str, works: Sequence[int] | None = None, claim: jobs.Claim | None = None
) -> int:
    """Look at the answers again, clearance by clearance; returns how many are different now. Twice changes nothing.

    Without an agreement what was stated about `works` is the reason, and every clearance is looked at.
    """
    agreements = Agreement.objects.select_related("granted_by", "licensee")
    agreement = agreements.get(pk=agreement_id) if agreement_id is not None else None
    rows = dependents.verdicts(agreement, works)
    by_clearance: dict[int, list[int]] = defaultdict(list)
    for pk, of in rows.order_by("clearance_id", "pk").values_list("pk", "clearance_id"):
        by_clearance[of].append(pk)
    total, seen, changed = sum(map(len, by_clearance.values())), 0, 0
    for clearance_id, pks in by_clearance.items():
        clearance = Clearance.objects.select_related("organisation", "licensee", "requested_by").get(pk=clearance_id)
        found = 0
        for start in range(0, len(pks), BATCH):
            batch = pks[start : start + BATCH]
            with transaction.atomic():
                if claim is not None:
                    claim.guard()
                found += len(_look_again(clearance, batch, agreement, cause))
            seen += len(batch)
            if claim is not None:
                claim.progress("looking again", seen, total)
        changed += found
        if found:
            _write(clearance, agreement, cause, found)
    return changed


def of_clearance(clearance: Clearance, cause: str) -> int:
    """Look at every verdict of one clearance again, in the caller's transaction; returns how many are different now."""
    pks = list(Verdict.objects.filter(clearance=clearance).order_by("pk").values_list("pk", flat=True))
    return sum(len(_look_again(clearance, pks[at : at + BATCH], None, cause)) for at in range(0, len(pks), BATCH))


def _look_again(
    clearance: Clearance, pks: Sequence[int], agreement: Agreement | None, cause: str
) -> list[VerdictChange]:
    """The verdicts that are different now, with their changes written down under one log entry."""
    rows = list(Verdict.objects.filter(pk__in=pks).select_related("work").order_by("pk"))
    as_of = max(clearance.as_of, assertions.today())
    latest = latest_of(rows)
    version = rules_version()
    changes = []
    for row, case in _cases(rows, clearance, as_of):
        answer = clearances.answer_of(case, clearance.policy)
        before = latest.get(row.pk, row)
        if _shown(before) == (answer["verdict"], answer["status"], answer["blocks"], _counted(answer["reasons"])):
            continue
        changes.append(
            VerdictChange(
                clearance=clearance,
                of=row,
                cause=cause,
                agreement=agreement,
                case=case,
                verdict=answer["verdict"],
                status=answer["status"],
                reasons=answer["reasons"],
                blocks=answer["blocks"],
                rules_version=version,
                as_of=as_of,
            )
        )
    if changes:
        _keep(clearance, changes, agreement, cause, as_of, looked_at=len(rows))
    return changes


def latest_of(verdicts: Iterable[Verdict]) -> dict[int, VerdictChange]:
    """Verdict pk → its latest change, for those that have one."""
    rows = VerdictChange.objects.filter(of__in=[row.pk for row in verdicts]).order_by("of_id", "-pk")
    return {row.of_id: row for row in rows.distinct("of_id")}


def _shown(row: Verdict | VerdictChange) -> tuple[str, str, bool, list[tuple[str, str]]]:
    return row.verdict, row.status, row.blocks, _counted(row.reasons)


def _counted(reasons: Iterable[Json]) -> list[tuple[str, str]]:
    """What the reasons that count say: a verdict that stays for another reason is another answer."""
    return [(row["code"], row["sentence"]) for row in reasons if not row["superseded"]]


def _cases(rows: Sequence[Verdict], clearance: Clearance, as_of: datetime.date) -> Iterator[tuple[Verdict, Json]]:
    """Each verdict with its case as it is on that day: what was found stays, the statements are today's, and so is
    which model wrote the text, where one wrote all of the dataset."""
    survivors = {row.work.merged_into_id or row.work_id for row in rows}
    works = list(cases.with_facts(Work.objects.filter(pk__in=survivors)))
    about = cases.assertions_about(works, clearance.licensee)
    output = clearance_outputs.latest(clearance)
    generated_by = clearance_outputs.of_every_text(output.facts) if output is not None else None
    for row in rows:
        said = about.get(row.work.merged_into_id or row.work_id, [])
        question = row.case["question"] | {"on": as_of.isoformat()}
        statements = cases.in_force(said)
        yield row, row.case | {"question": question, "assertions": statements, "generated_by": generated_by}


def change_leaf(row: VerdictChange) -> bytes:
    """The canonical JSON of one change: what is hashed under the root in the log's entry."""
    said = {name: getattr(row, name) for name in ("case", "verdict", "reasons", "blocks")}
    return log.canonical(said | {"id": row.public_id, "of": row.of.public_id, "before": row.of.verdict})


def _keep(
    clearance: Clearance,
    changes: Sequence[VerdictChange],
    agreement: Agreement | None,
    cause: str,
    as_of: datetime.date,
    *,
    looked_at: int,
) -> None:
    entry = log.stage(
        "clearance.reevaluated",
        subject=f"clearance:{clearance.public_id}",
        facts={
            "cause": cause,
            "agreement": agreement.public_id if agreement else None,
            "as_of": as_of.isoformat(),
            "looked_at": looked_at,
            "changed": len(changes),
            "root": tree.root(tree.leaf_hash(change_leaf(row)) for row in changes).hex(),
        },
        actor=system("reevaluation", clearance.organisation),
    )
    for row in changes:
        row.entry = entry
    VerdictChange.objects.bulk_create(changes)
    facts: dict[str, object] = {
        "clearance": clearance.public_id,
        "cause": cause,
        "agreement": agreement.public_id if agreement else None,
        "changed": len(changes),
        "as_of": as_of.isoformat(),
    }
    channel_events.tell(channel_events.CLEARANCE_CHANGED, (clearance.organisation,), facts)


def _write(clearance: Clearance, agreement: Agreement | None, cause: str, changed: int) -> None:
    """Mail whoever asked the question, once a clearance."""
    person = clearance.requested_by
    if person is None or not person.email or not person.is_active:
        return
    context = {
        "clearance": clearance,
        "agreement": agreement,
        "cause": cause,
        "changed": changed,
        "address": f"{settings.SITE_URL}/clearances/{clearance.public_id}",
        "site_url": settings.SITE_URL,
    }
    mail.send(mail.compose(MAIL, person.email, context))
