"""Axis 4: limits that a provider's terms set on the output of its models."""

from dataclasses import dataclass
from typing import Any

from licensing.rules.case import Acquired, Bound, Case, Generation
from licensing.rules.gap_texts import GapText, why
from licensing.rules.provider_clauses import Act
from licensing.rules.reasons import Reason, give_reason
from licensing.rules.tables import table
from licensing.rules.terms import Purpose, Use

RESTRICTING_CODES = frozenset(
    {"TOU_COMPETE", "TOU_PRIVITY", "TOU_NO_TRAINING", "TOU_NON_COMMERCIAL", "TOU_LIMIT_PRIVITY", "TOU_EXPERIMENT"}
)
TRAINING_USES = frozenset({Use.PRETRAINING, Use.FINE_TUNING, Use.PREFERENCE_TUNING})


@dataclass(frozen=True)
class TermsVersion:
    """The version of a provider's terms that applied. `clause` is the place of the competing-models clause."""

    name: str
    restricts_competing: bool
    clause: str | None
    verified: bool
    forbids: frozenset[Act] = frozenset()


def judge_contract(case: Case) -> tuple[Reason, ...]:
    """Axis 4: exactly one reason where the text is model output, none otherwise. The first row that applies is given:

    version unknown · competing model (accepted: TOU_COMPETE, else TOU_PRIVITY) · other limits of the terms, such as a
    licence that forbids training other models · not known whether it competes · experiment · not competing · silent.
    """
    generation = case.generated_by
    if generation is None:
        return ()
    version = find_version(generation)
    if isinstance(version, GapText):
        return (version_unknown(generation.provider, version),)
    return (_judge_version(case, generation, version),)


def version_unknown(provider: str, gap: GapText, *, evidence: tuple[str, ...] = ()) -> Reason:
    """The reason that no version of the provider's terms is known, with the cause for other languages."""
    return give_reason("TOU_VERSION_UNKNOWN", provider=provider, gap=gap.sentence, why=gap, evidence=evidence)


def _judge_version(case: Case, generation: Generation, version: TermsVersion) -> Reason:
    facts: dict[str, Any] = {"provider": generation.provider, "terms": version.name}
    authority = f"{version.name}, {version.clause}" if version.clause else version.name
    cited: dict[str, Any] = {"authority": authority, "verified": version.verified}
    is_bound = generation.bound_by_terms is Bound.ACCEPTED
    if version.restricts_competing and generation.competing_model:
        if is_bound:
            return give_reason("TOU_COMPETE", **cited, **facts)
        return give_reason("TOU_PRIVITY", **cited, **facts, **_how_bound(generation))
    limit = _find_limit(case, version)
    if limit is not None:
        if is_bound:
            return give_reason(
                limit, **cited, **facts, use=case.question.use.value, purpose=case.question.purpose.value
            )
        return give_reason("TOU_LIMIT_PRIVITY", **cited, **facts, **_how_bound(generation))
    if not version.restricts_competing:
        return give_reason("TOU_SILENT", **facts)
    if generation.competing_model is None:
        return give_reason("TOU_USE_UNKNOWN", **cited, **facts)
    if _is_experiment(case, generation):
        return give_reason("TOU_EXPERIMENT", authority=authority, provider=generation.provider)
    return give_reason("TOU_NOT_COMPETING", **cited, **facts)


def _how_bound(generation: Generation) -> dict[str, Any]:
    return {"bound": how_bound(generation.bound_by_terms), "acquired": generation.acquired.value}


def how_bound(said: Bound) -> str:
    """What is known of whoever is not known to be bound, as a sentence's end."""
    return "did not accept them" if said is Bound.NOT_ACCEPTED else "is not known to have accepted them"


def _find_limit(case: Case, version: TermsVersion) -> str | None:
    """The reason's code for a limit beside the competing-models clause that the question runs into."""
    if Act.TRAIN_OTHER_MODEL in version.forbids and case.question.use in TRAINING_USES:
        return "TOU_NO_TRAINING"
    if Act.COMMERCIAL_USE in version.forbids and case.question.is_commercial:
        return "TOU_NON_COMMERCIAL"
    return None


def find_version(generation: Generation) -> TermsVersion | GapText:
    """The version of the terms in force when the output was generated, or why it is not known; never the nearest."""
    if generation.terms is None:
        return why("no_version")
    if generation.generated_on is None:
        return why("no_day")
    row: dict[str, Any] = next((row for row in table("provider_terms")["terms"] if row["id"] == generation.terms), {})
    effective_from = generation.terms_from or row.get("effective_from")
    effective_to = generation.terms_to or row.get("effective_to")
    restricts = generation.terms_restrict_competing
    if restricts is None:
        restricts = row.get("restricts_competing")
    if restricts is None:
        return why("not_on_file", terms=generation.terms)
    if row and row["provider"].casefold() != generation.provider.casefold():
        return why("other_provider", terms=generation.terms, owner=row["provider"])
    if effective_from is not None and generation.generated_on < effective_from:
        return why("began_later", terms=generation.terms, begins=effective_from, day=generation.generated_on)
    if effective_to is not None and generation.generated_on > effective_to:
        return why("ended_before", terms=generation.terms, ends=effective_to, day=generation.generated_on)
    forbids = frozenset(generation.terms_forbid) | frozenset(Act(act) for act in row.get("forbids", ()))
    clause = generation.terms_clause or row.get("clause")
    verified = generation.terms_verified if generation.terms_verified is not None else row.get("verified", True)
    return TermsVersion(generation.terms, restricts, clause, verified, forbids)


def _is_experiment(case: Case, generation: Generation) -> bool:
    declared = (
        generation.acquired is Acquired.EXPERIMENT
        or case.question.purpose is Purpose.INTERNAL_EXPERIMENT
        or case.question.use is Use.RESEARCH_EXPERIMENT
    )
    return declared and not generation.released
