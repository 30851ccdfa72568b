"""`decide`: four axes, each on its own; within an axis the first step decides, across axes the worst counts.

Pure: no clock, no database, no settings. The same case gives the same answer, byte for byte, under one rules version.
"""

from dataclasses import dataclass
from typing import Any

from licensing.rules.acquisition import judge_acquisition, judge_copy_of_public_domain
from licensing.rules.case import Case, Identity, Relation
from licensing.rules.contracts import judge_contract
from licensing.rules.copyright import judge_copyright
from licensing.rules.coverage import judge_coverage, list_disputes
from licensing.rules.reasons import RULES_VERSION, Reason, give_reason
from licensing.rules.status import find_status
from licensing.rules.tables import digest
from licensing.rules.terms import Status, Verdict


def rules_version() -> str:
    """Version of the rules and, after "+", the beginning of the digest of their data tables."""
    return f"{RULES_VERSION}+{digest().removeprefix('sha256:')[:12]}"


@dataclass(frozen=True)
class Answer:
    """A verdict with all its reasons, in the order of the axes."""

    verdict: Verdict
    status: Status
    reasons: tuple[Reason, ...]
    rules_version: str

    @property
    def deciding_reason(self) -> Reason:
        """The first reason that carries the verdict."""
        return next(reason for reason in self.reasons if not reason.superseded and reason.verdict is self.verdict)

    @property
    def sentence(self) -> str:
        """The verdict's reason as one English sentence."""
        return self.deciding_reason.sentence

    @property
    def is_quotation(self) -> bool:
        """Whether only a quotation of the work was found."""
        return any(reason.code == "QUOTATION" for reason in self.reasons)

    @property
    def authorises(self) -> bool:
        """Only CLEARED authorises without more. UNKNOWN never does, under no policy."""
        return self.verdict is Verdict.CLEARED

    def to_dict(self, *, with_params: bool = False) -> dict[str, Any]:
        """As JSON values; `with_params` adds to each reason the facts that its sentence was made of."""
        return {
            "verdict": self.verdict.value,
            "status": self.status.value,
            "reasons": [reason.to_dict(with_params=with_params) for reason in self.reasons],
            "rules_version": self.rules_version,
        }


def decide(case: Case) -> Answer:
    """The answer to a case: every axis, the worst reason that is not superseded, and the work's status."""
    reasons = (*_judge_rights(case), *judge_contract(case))
    verdict = min((reason.verdict for reason in reasons if not reason.superseded), key=lambda found: found.rank)
    return Answer(verdict, find_status(case, reasons), reasons, rules_version())


def _judge_rights(case: Case) -> tuple[Reason, ...]:
    """Identity and axes 1 to 3."""
    work = case.work
    if work is None:
        generation = case.generated_by
        provider = generation.provider if generation is not None else ""
        return (give_reason("OUT_NO_AUTHOR", provider=provider).supersede(),)
    if work.relation is Relation.QUOTATION:
        basis = "the match is shorter than an excerpt"
        return (give_reason("ID_WEAK", basis=basis), give_reason("QUOTATION").supersede())
    if work.identity is Identity.WEAK:
        return (give_reason("ID_WEAK", basis="only the title or a short passage agrees"),)
    return _judge_identified(case)


def _judge_identified(case: Case) -> tuple[Reason, ...]:
    copyright_state = judge_copyright(case)
    found = copyright_state.reason
    if found is not None and copyright_state.is_public_domain:
        disputes = list_disputes(case)
        # nobody's claim counts against an expired term; against a gift to the public a dispute over the giver does
        if found.code != "PD_DEDICATION":
            disputes = tuple(dispute.supersede() for dispute in disputes)
        return (found, *disputes, *judge_copy_of_public_domain(case, copyright_state))
    coverage = judge_coverage(case)
    acquisition = judge_acquisition(case, rests_on_exception=coverage.rests_on_exception, grant=coverage.grant)
    if found is None:
        return (*coverage.reasons, *acquisition)
    is_resolved = coverage.decider.code in ("LIC_MATCH", "OPEN_BY")
    return (found.supersede() if is_resolved else found, *coverage.reasons, *acquisition)
