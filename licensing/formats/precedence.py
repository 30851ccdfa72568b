"""Of many rules from many carriers and formats: which count for this address, this use, this crawler, and why; pure.

Formats are answered each by its own rules and never merged: an aipref "no" does not undo an RSL licence, nor a licence
the "no". What a reader makes of several answers is another question (licensing.rules). By format:

    tdmrep          in a file the first rule whose pattern covers the path; file < header < HTML < EPUB, PDF; what a
                    weightier carrier does not say stays as the lighter one said it
    robots          RFC 9309: the groups of the crawler named, merged, else those for everybody; longest match, of
                    equal ones the Allow
    aipref          in robots.txt as robots, and only where the crawler may fetch; then header and robots.txt together:
                    any disallow counts. A contract that permits the use outweighs it
    content-signal  as aipref; the policy has no rule for lines that differ, so this is ours
    ai.txt          group and longest match as robots, of equal ones the refusal (ours: nothing is laid down)
    rsl             a narrower place, use or user outweighs a broader one, else the refusal counts; where permits
                    enumerates other uses, this one is not licensed
    all others      any refusal counts

Sentences for people, and what was not understood, never count; what was not understood hides what it stands before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from licensing.formats import rsl_audience
from licensing.formats.labels import REFUSING
from licensing.formats.path_patterns import host_of, matches, path_of
from licensing.formats.policy import Effect
from licensing.formats.precedence_rules import DECIDERS, any_refusal, concerns, crawlable, ruling
from licensing.formats.stated import Asked, Outcome, Ruling, Says, Stated, Why, says, state

__all__ = ["Answer", "Asked", "Outcome", "Ruling", "Says", "Stated", "Why", "covers_place", "decide", "says", "state"]


@dataclass(frozen=True)
class Answer:
    """The outcomes by format, and of every statement whether it counts and why."""

    outcomes: tuple[Outcome, ...]
    rulings: tuple[Ruling, ...]

    @property
    def refused(self) -> tuple[Outcome, ...]:
        """Outcomes that refuse the use."""
        return tuple(one for one in self.outcomes if one.says in (Says.RESERVED, Says.DISALLOW))

    def of(self, format: str) -> Outcome | None:
        return next((one for one in self.outcomes if one.format == format), None)


def decide(asked: Asked, statements: Sequence[Stated]) -> Answer:
    """The answer. Statements of one source stand in the order of that source."""
    statements = rsl_audience.of_statements(statements)
    path, host = path_of(asked.address), host_of(asked.address)
    rulings: list[Ruling] = []
    outcomes: list[Outcome] = []
    by_format: dict[str, list[Stated]] = {}
    for stated in statements:
        refusal = _not_meant(stated, asked, path, host)
        if refusal:
            rulings.append(refusal)
        else:
            by_format.setdefault(stated.format, []).append(stated)
    asked = replace(asked, own_groups=_own_groups(asked, statements, host))
    can_crawl = crawlable(by_format.get("robots", []), asked)
    for name, found in by_format.items():
        decider = DECIDERS.get(name, any_refusal)
        outcome, ruled = decider(found, replace(asked, crawlable=can_crawl))
        rulings += ruled
        if outcome:
            outcomes.append(outcome)
    order = {stated.key: number for number, stated in enumerate(statements)}
    return Answer(tuple(outcomes), tuple(sorted(rulings, key=lambda one: order[one.key])))


def _own_groups(asked: Asked, statements: Sequence[Stated], host: str) -> frozenset[tuple[str, str]]:
    """Where a group names the crawler, whatever path it speaks of: there it reads no other group."""
    agent = asked.agent.casefold()
    return frozenset(
        (one.format, one.source)
        for one in statements
        if agent in map(str.casefold, one.rule.agents) and not (one.host and host and one.host.lower() != host)
    )


def _not_meant(stated: Stated, asked: Asked, path: str, host: str) -> Ruling | None:
    """Why a statement is about something else, or None. Uses are for the format to judge: RSL enumerates them."""
    rule = stated.rule
    if rule.effect == Effect.WORDS or not rule.machine_readable:
        return ruling(stated, Why.WORDS, "a sentence for people is no machine-readable rule")
    if stated.host and host and stated.host.lower() != host:
        return ruling(stated, Why.OTHER_HOST, f"it speaks for {stated.host}, not for {host}")
    if not covers_place(stated, asked.address, path):
        return ruling(stated, Why.OTHER_PATH, f"{rule.path or stated.target} does not cover {path}")
    if asked.on and ((rule.valid_from and asked.on < rule.valid_from) or (rule.valid_to and asked.on > rule.valid_to)):
        return ruling(stated, Why.OUT_OF_TIME, f"it is not in force on {asked.on}")
    if stated.format == "rsl" and rule.effect not in REFUSING:
        return None  # RSL enumerates: whom a permission leaves out is told so
    for given, why in ((rule.purposes, Why.OTHER_PURPOSE), (rule.territory, Why.OTHER_TERRITORY)):
        if given and not concerns(rule, asked, purposes=why == Why.OTHER_PURPOSE):
            return ruling(stated, why, f"it is for {', '.join(given)}")
    return None


def covers_place(stated: Stated, address: str, path: str) -> bool:
    """Whether a statement is about an address (given with its path), by its rule's pattern or its policy's target."""
    if stated.rule.path:
        return matches(stated.rule.path, path)
    if not stated.target or stated.target.startswith(("/", "*")):
        return matches(stated.target, path)
    target_host = host_of(stated.target)
    return (not target_host or target_host == host_of(address)) and matches(path_of(stated.target), path)
