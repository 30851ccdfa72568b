"""Which terms applied to a model's output on a day, how versions follow each other and what changed between them."""

import datetime
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from licensing.models import ProviderTerms, TermsClause
from licensing.output_access import provider_terms
from licensing.rules import provider_clauses
from licensing.rules.facts import Bound
from licensing.rules.gap_texts import GapText, why
from licensing.rules.provider_clauses import ClauseParty, Effect, Gap, GapCause, Version
from licensing.rules.terms import WORLD, members, members_of_all
from registry.models import AIModel, Party

TOU_VERSION_UNKNOWN = "TOU_VERSION_UNKNOWN"
PRIVITY, ENFORCEABILITY = "terms-privity", "terms-enforceability"  # keys of the two open questions
BINDS, CONTESTED, ALLOWED = "binds", "contested", "allowed"


@dataclass(frozen=True)
class Binding:
    """A clause and what it is for the one who asks: binds, contested (whether it does) or allowed."""

    clause: TermsClause
    binding: str


@dataclass(frozen=True)
class InForce:
    """A version that applied on the day, with its clauses."""

    terms: ProviderTerms
    clauses: tuple[Binding, ...]
    seen_until: datetime.date | None = None  # where it is known for the day only because it was seen on it or later

    @property
    def verified(self) -> bool:
        """Whether its text was compared, and that it applied follows from its own days: a sighting is others' word."""
        return self.terms.verified and self.seen_until is None

    @property
    def conditions(self) -> tuple[TermsClause, ...]:
        """What has to be kept where output is used, such as the generator's name on a model trained on it."""
        return tuple(one.clause for one in self.clauses if one.clause.effect == Effect.ASKS)


@dataclass(frozen=True)
class TermsGap:
    """A document of which no version is known for the day. Neither neighbour is taken for it."""

    document: str
    audience: tuple[str, ...]
    cause: str
    earlier: ProviderTerms | None
    later: ProviderTerms | None

    @property
    def sentence(self) -> str:
        """Why no version is known, in English."""
        return self.why.sentence

    @property
    def why(self) -> GapText:
        """Why no version is known, with the facts to say it in other languages."""
        earlier, later = self.earlier, self.later
        if self.cause == GapCause.NOT_READ and earlier:
            return why("not_read", earlier=earlier.title)
        if self.cause == GapCause.NOT_BEGUN and later:
            if later.effective_from is None:
                return why("not_seen_before", later=later.title, seen=as_version(later).known_from)
            return why("not_begun", later=later.title, begins=later.effective_from)
        if self.cause == GapCause.BETWEEN and earlier and later:
            if earlier.effective_to is not None:
                return why("between", earlier=earlier.title, later=later.title)
            return why("between_seen", earlier=earlier.title, seen=_last_seen(earlier), later=later.title)
        if self.cause == GapCause.ENDED and earlier:
            return why("ended", earlier=earlier.title, ends=earlier.effective_to)
        if self.cause == GapCause.NOT_SEEN_SINCE and earlier:
            return why("not_seen_since", earlier=earlier.title, seen=_last_seen(earlier))
        return why("undated")


def _last_seen(row: ProviderTerms) -> datetime.date | None:
    days = [day for day in (row.seen_until, row.effective_from) if day is not None]
    return max(days, default=None)


@dataclass
class TermsAnswer:
    """Which terms applied to output of this provider's model on this day, for somebody bound so."""

    provider: Party
    model: AIModel | None
    on: datetime.date | None
    acceptance: Bound
    applied: list[InForce] = field(default_factory=list)
    gaps: list[TermsGap] = field(default_factory=list)

    @property
    def code(self) -> str:
        """TOU_VERSION_UNKNOWN where no version is known for the day; else empty."""
        return "" if self.applied else TOU_VERSION_UNKNOWN

    @property
    def questions(self) -> tuple[str, ...]:
        """The keys of the open questions that this answer rests on."""
        bindings = {one.binding for version in self.applied for one in version.clauses}
        asked = [PRIVITY] if CONTESTED in bindings else []
        return (*asked, ENFORCEABILITY) if bindings & {BINDS, CONTESTED} else tuple(asked)


def applied_on(
    provider: Party,
    on: datetime.date | None,
    *,
    model: AIModel | None = None,
    acceptance: Bound = Bound.UNKNOWN,
    territory: str = "",
    account: str = "",
) -> TermsAnswer:
    """The versions in force on that day with their clauses, and the gaps. Without a day only what lasts is known.

    A model that came with a licence of its own stands under that alone; any other under the provider's terms of
    service. `territory` chooses between versions for different audiences, `account` between terms for consumers and
    terms for businesses and the API (words of `Document`); without them all are given. Terms for one of the two never
    stand in for the other.
    """
    rows = _concerning(provider, model, account)
    answer = TermsAnswer(provider, model, on, acceptance)
    by_key = {row.key: row for row in rows}
    if all(
        row.document == ProviderTerms.Document.USAGE_POLICY for row in rows
    ):  # a policy comes with terms, never alone
        answer.gaps.append(TermsGap(account, (), GapCause.UNDATED, None, None))
    found = provider_clauses.on_day([as_version(row) for row in rows], on) if on else _without_day(rows)
    for state in _for_audience(found, rows, territory).values():
        if isinstance(state, Version):
            row = by_key[state.key]
            clauses = tuple(Binding(clause, _binding(clause, acceptance)) for clause in row.clauses.all())
            seen = state.known_until if on and state.rests_on_sighting(on) else None
            answer.applied.append(InForce(row, clauses, seen))
        else:
            answer.gaps.append(_gap(state, by_key))
    return answer


def _without_day(rows: Sequence[ProviderTerms]) -> dict[str, Version | Gap]:
    """Where the day of the output is not recorded, the only licence of a model is known all the same."""
    streams: dict[str, list[Version]] = {}
    for row in rows:
        streams.setdefault(row.stream, []).append(as_version(row))
    return {
        stream: versions[0]
        if len(versions) == 1 and versions[0].lasting and versions[0].is_read
        else Gap(stream, GapCause.UNDATED)
        for stream, versions in sorted(streams.items())
    }


ACCOUNTS = (ProviderTerms.Document.CONSUMER_TERMS, ProviderTerms.Document.BUSINESS_TERMS)


def _concerning(provider: Party, model: AIModel | None, account: str) -> list[ProviderTerms]:
    rows = list(provider_terms().filter(provider=provider))
    licences = [row for row in rows if model is not None and model in row.ai_models.all()]
    services = [row for row in rows if row.document != ProviderTerms.Document.MODEL_LICENCE]
    if account:
        services = [row for row in services if row.document == account or row.document not in ACCOUNTS]
    return licences or services


def _for_audience(
    found: dict[str, Version | Gap], rows: Sequence[ProviderTerms], territory: str
) -> dict[str, Version | Gap]:
    """The streams that count for whoever is in that territory; without one all of them.

    Terms for some countries displace those for everybody there. Before the first of them began those for everybody
    count there too, whatever is known of them, and that nothing else had begun is no gap. Of a territory of which they
    are for some countries only, both count.
    """
    streams = {row.stream: row for row in rows}
    special = {stream: row for stream, row in streams.items() if row.audience}
    chosen = {stream: state for stream, state in found.items() if stream not in special}
    for stream, row in special.items():
        state = found[stream]
        shared = _shared(row, territory)
        if not shared:
            continue
        if isinstance(state, Gap) and state.cause == GapCause.NOT_BEGUN and row.document in found:
            continue
        chosen[stream] = state
        if shared == members(territory or WORLD):
            chosen.pop(row.document, None)
    return dict(sorted(chosen.items()))


def _shared(row: ProviderTerms, territory: str) -> frozenset[str]:
    """The countries of the territory, or of the world, that the version is for."""
    return members_of_all(row.audience) & members(territory or WORLD)


def as_version(row: ProviderTerms) -> Version:
    """A row as the pure rules read it."""
    return Version(
        key=row.key,
        stream=row.stream,
        begins=row.effective_from,
        ends=row.effective_to,
        seen_on=row.seen_on,
        lasting=row.document == ProviderTerms.Document.MODEL_LICENCE,
        is_read=row.forbids_competing_models is not None,
    )


def _binding(clause: TermsClause, acceptance: Bound) -> str:
    if clause.effect == Effect.ALLOWS:
        return ALLOWED
    is_party = clause.party in (ClauseParty.CUSTOMER, ClauseParty.ANYONE)
    return BINDS if acceptance is Bound.ACCEPTED and is_party else CONTESTED


def _gap(gap: Gap, rows: dict[str, ProviderTerms]) -> TermsGap:
    document, _, audience = gap.stream.partition(":")
    places = tuple(audience.split(":")) if audience and document != ProviderTerms.Document.MODEL_LICENCE else ()
    earlier = rows[gap.earlier.key] if gap.earlier else None
    later = rows[gap.later.key] if gap.later else None
    return TermsGap(document, places, gap.cause, earlier, later)


@dataclass(frozen=True)
class Change:
    """A version in its stream: what came, what went and what stayed against the one before; `gap_before` where days
    are missing between both."""

    terms: ProviderTerms
    came: tuple[TermsClause, ...] = ()
    went: tuple[TermsClause, ...] = ()
    reworded: tuple[tuple[TermsClause, TermsClause], ...] = ()
    stayed: tuple[TermsClause, ...] = ()
    gap_before: bool = False
    is_first: bool = True
    is_comparable: bool = True  # both texts were read: a clause that is not recorded is then not there


@dataclass(frozen=True)
class Stream:
    """One document for one audience, its versions in order."""

    document: str
    audience: tuple[str, ...]
    models: tuple[AIModel, ...]
    changes: tuple[Change, ...]


def timeline(provider: Party) -> list[Stream]:
    """Every document of a provider with its versions, each against the one before it."""
    streams: dict[str, list[ProviderTerms]] = {}
    for row in provider_terms().filter(provider=provider):
        streams.setdefault(row.stream, []).append(row)
    return [_stream(rows) for _, rows in sorted(streams.items())]


def _stream(rows: Iterable[ProviderTerms]) -> Stream:
    ordered = sorted(rows, key=lambda row: (row.effective_from or datetime.date.min, row.key))
    first = ordered[0]
    changes = [Change(first, stayed=tuple(first.clauses.all()))]
    changes += [compare(earlier, later) for earlier, later in itertools.pairwise(ordered)]
    return Stream(first.document, tuple(first.audience), tuple(first.ai_models.all()), tuple(changes))


def compare(earlier: ProviderTerms, later: ProviderTerms) -> Change:
    """What the later version says against the earlier one. Clauses are one by effect, act, purpose and party."""
    before = {_identity(clause): clause for clause in earlier.clauses.all()}
    after = {_identity(clause): clause for clause in later.clauses.all()}
    both = [(before[key], after[key]) for key in after if key in before]
    ends = earlier.effective_to
    follows = bool(ends and later.effective_from and (later.effective_from - ends).days <= 1)
    return Change(
        terms=later,
        came=tuple(clause for key, clause in after.items() if key not in before),
        went=tuple(clause for key, clause in before.items() if key not in after),
        reworded=tuple((old, new) for old, new in both if old.excerpt_sha256 != new.excerpt_sha256),
        stayed=tuple(new for old, new in both if old.excerpt_sha256 == new.excerpt_sha256),
        gap_before=not follows,
        is_first=False,
        is_comparable=bool(earlier.text_address and later.text_address),
    )


def _identity(clause: TermsClause) -> tuple[str, str, str, str]:
    return (clause.effect, clause.act, clause.purpose, clause.party)
