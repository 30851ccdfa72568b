"""Axis 1: is the work in the public domain there, on that day, and why.

The answer errs towards protection: where a date that a rule needs is not recorded, the work is not taken to be in the
public domain, unless it is so old that no recorded date could keep it protected. The rule of the shorter term and
wartime extensions are not applied; both only ever say "protected" where these rules already do, or need a lawyer.
"""

from dataclasses import dataclass, replace
from datetime import date

from licensing.rules.case import Author, Authorship, Case, Kind, PartialDate, Work
from licensing.rules.licences import find_licence
from licensing.rules.reasons import Reason, give_reason
from licensing.rules.tables import table
from licensing.rules.terms import HOLDER_CAPACITIES, covers, members, territory_in_words

# nobody is on record as having lived longer than 122 years: who published in year P died by P + LONGEST_LIFE_YEARS
LONGEST_LIFE_YEARS = 125
US_TERM_YEARS = 95
US_SECTION_303_YEAR = 2047
RESTORATION_YEAR = 1996  # 17 USC 104A(h)(2)(A): what was free at its source on the first of January stayed free


@dataclass(frozen=True)
class Term:
    """The end of protection: the last protected calendar year, why, and on whose authority."""

    last_year: int
    basis: str
    authority: str
    verified: bool = True

    @property
    def free_from(self) -> int:
        """The year on whose first day the work is free."""
        return self.last_year + 1


@dataclass(frozen=True)
class CopyrightState:
    """What axis 1 found. `reason` is None where the work is taken to be protected and nothing more is to be said."""

    reason: Reason | None = None
    free_since: int | None = None

    @property
    def is_public_domain(self) -> bool:
        return self.reason is not None and self.reason.verdict.value == "CLEARED"


def judge_copyright(case: Case) -> CopyrightState:
    """Axis 1 for the question's territory and day. First of: term, non-renewal or restoration, dedication."""
    work, question = case.work, case.question
    assert work is not None
    term = find_term(work, question.territory)
    if term is not None and question.on.year >= term.free_from:
        reason = give_reason(
            "PD_TERM",
            authority=term.authority,
            verified=term.verified,
            territory=question.territory,
            until=term.last_year,
            free=term.free_from,
            basis=term.basis,
            but=_name_longer_protection(work, question.territory, question.on.year),
        )
        return CopyrightState(reason, term.free_from)
    dedication = _find_dedication(case)
    if question.territory == "US":
        state = _judge_renewal(work, question.on)
        if state.is_public_domain or dedication is None:
            return state
    return CopyrightState(dedication) if dedication is not None else CopyrightState()


def _name_longer_protection(work: Work, territory: str, year: int) -> str:
    """A clause about Spain, whose transitional rule outlasts the harmonised term of the EU and the EEA."""
    spain = find_term(work, "ES") if territory in ("EU", "EEA") else None
    if spain is None or spain.free_from <= year:
        return ""
    return f", but Spain protects it to the end of {spain.last_year}"


def find_term(work: Work, territory: str) -> Term | None:
    """When protection of the text ends in `territory`; None where the facts or the rules do not tell.

    A translation is free when both the work and the translation are. For EU, EEA and WORLD see `docs/rules.md`.
    """
    own = _find_own_term(work, territory)
    edition = work.edition
    if own is None or edition is None or not edition.translation:
        return own
    translation = replace(work, first_published=edition.published, created=None, authors=edition.authors, edition=None)
    theirs = _find_own_term(translation, territory)
    if theirs is None:
        return None
    if theirs.last_year < own.last_year:
        return replace(own, basis=f"{own.basis}; the translation's protection ended earlier")
    return replace(theirs, basis=f"for the translation, {theirs.basis}")


def _published(work: Work) -> PartialDate | None:
    """First publication; an edition of the work's own text proves publication at the latest then."""
    if work.first_published is not None or work.edition is None or work.edition.translation:
        return work.first_published
    return work.edition.published


def _last_death(authors: tuple[Author, ...]) -> int | None:
    """The year in which the last author died; None unless every author's death is recorded."""
    years = [author.died.year for author in authors if author.died is not None]
    return max(years) if years and len(years) == len(authors) else None


def _find_own_term(work: Work, territory: str) -> Term | None:
    if territory == "US":
        return _find_us_term(work)
    rule = _find_rule(territory, _last_death(work.authors))
    if rule is None:
        return None
    published = _published(work)
    plain = {Authorship.ANONYMOUS: "anonymous_plus", Authorship.LEGAL_ENTITY: "legal_entity_plus"}
    by_publication = plain.get(work.authorship)
    if by_publication in rule:
        if published is None:
            return None
        years = rule[by_publication]
        kind = "anonymous" if work.authorship is Authorship.ANONYMOUS else "legal-entity"
        basis = f"{years} years after publication in {published.year}, the term of {kind} works"
        return Term(published.year + years, basis, rule["authority"], rule["verified"])
    return _find_life_term(work, rule, published)


def _find_life_term(work: Work, rule: dict, published: PartialDate | None) -> Term | None:
    years = rule["life_plus"]
    died = _last_death(work.authors)
    if died is None:
        if published is None:
            return None
        basis = (
            f"no death date is recorded, but it was published in {published.year}, and nobody who lived then can have"
            f" died less than {years} years before that day"
        )
        return Term(published.year + LONGEST_LIFE_YEARS + years, basis, rule["authority"], rule["verified"])
    last_year = died + years
    posthumous = rule.get("posthumous_years")
    if posthumous and published is not None and published.year > last_year:
        basis = f"{posthumous} years after first publication in {published.year}, long after the author's death"
        return Term(published.year + posthumous, basis, rule["authority"], rule["verified"])
    who = "its author" if len(work.authors) == 1 else "its last author"
    return Term(last_year, f"{years} years after {who} died in {died}", rule["authority"], rule["verified"])


def _find_rule(territory: str, died: int | None) -> dict | None:
    """The row for a territory: its own before its group's. The EEA shares the EU's terms."""
    if territory == "EEA":
        territory = "EU"
    rules = table("copyright_terms")["term"]
    for rule in rules:
        if territory in rule["territories"]:
            limit, earlier = rule.get("only_if_died_before"), rule.get("ended_if_died_before")
            if earlier is not None and (died is None or died >= earlier):
                continue
            if limit is None or died is None or died < limit:
                return rule
    if territory in members("EU"):
        return next(rule for rule in rules if "EU" in rule["territories"])
    return None


def _find_us_term(work: Work) -> Term | None:
    published = _published(work)
    if published is None:
        return None
    if published.year < 1978:
        basis = f"{US_TERM_YEARS} years after publication in {published.year}"
        return Term(published.year + US_TERM_YEARS, basis, "17 USC 304")
    if work.authorship is not Authorship.INDIVIDUAL:
        last_year = published.year + US_TERM_YEARS
        if work.created is not None:
            last_year = min(last_year, work.created.year + 120)
        basis = f"95 years after publication in {published.year} or 120 after creation, whichever is earlier"
        return Term(last_year, basis, "17 USC 302(c)")
    died = _last_death(work.authors)
    if died is None:
        return None
    written_before_1978 = died < 1978 or (work.created is not None and work.created.year < 1978)
    if written_before_1978 and published.year < 2003 and died + 70 < US_SECTION_303_YEAR:
        basis = f"written before 1978 and first published in {published.year}"
        return Term(US_SECTION_303_YEAR, basis, "17 USC 303(a)")
    return Term(died + 70, f"70 years after its last author died in {died}", "17 USC 302(a)")


def _judge_renewal(work: Work, on: date) -> CopyrightState:
    """Works published 1931 to 1963 whose US copyright was not renewed: free if first published in the US."""
    published = work.first_published
    is_translation = work.edition is not None and work.edition.translation
    if published is None or published.year > 1963 or work.renewed is not False or is_translation:
        return CopyrightState()
    free_since = published.year + 29
    if on.year < free_since:
        return CopyrightState()
    basis = _why_not_restored(work)
    if basis is not None:
        reason = give_reason("PD_NO_RENEWAL", published=published.year, until=free_since - 1, basis=basis)
        return CopyrightState(reason, free_since)
    if work.restored:
        return CopyrightState()
    origin = f"it comes from {territory_in_words(work.country)}" if work.country else "its origin is not recorded"
    restored_to = published.year + US_TERM_YEARS
    return CopyrightState(
        give_reason("PD_RESTORATION", published=published.year, origin=origin, restored_to=restored_to)
    )


def _why_not_restored(work: Work) -> str | None:
    """Why 17 USC 104A gave the work no copyright back; None where it may have.

    What was free in its source country on 1 January 1996 was not restored (104A(h)(6)(B)). Terms of today are no
    shorter than those of 1996: what they had ended by then was free under either.
    """
    if work.country == "US":
        return "it comes from the United States"
    if work.restored is False:
        return "it was shown not to have been restored"
    if work.restored is None and work.country is not None and members(work.country) == {work.country}:
        own = find_term(work, work.country)
        if own is not None and own.free_from <= RESTORATION_YEAR:
            place = territory_in_words(work.country)
            return f"it was not restored, being free in {place}, where it comes from, before 1996 ({own.basis})"
    return None


def _find_dedication(case: Case) -> Reason | None:
    """CC0, PDDL or a public-domain mark that a holder gave and that reaches the question."""
    for assertion in case.of_kind(Kind.OPEN_LICENCE):
        licence = find_licence(assertion.licence or "")
        is_holder = assertion.capacity in HOLDER_CAPACITIES
        if licence is not None and licence.dedication and is_holder and covers(assertion.scope, case.question.asked):
            return give_reason(
                "PD_DEDICATION", evidence=(assertion.id,), holder=assertion.asserted_by, licence=licence.id
            )
    return None
