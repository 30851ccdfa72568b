"""How each format decides which of its rules count; pure. `precedence` says it in words and calls these."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from licensing.formats import rsl_precedence
from licensing.formats.labels import REFUSING
from licensing.formats.path_patterns import weight
from licensing.formats.policy import Effect, Rule
from licensing.formats.stated import Asked, Outcome, Ruling, Says, Stated, Why, says

CARRIERS = {"file": 0, "robots": 0, "header": 1, "html": 2, "epub": 3, "pdf": 3}
Decided = tuple[Outcome | None, list[Ruling]]


def ruling(stated: Stated, why: Why, sentence: str) -> Ruling:
    """A ruling; only COUNTS counts."""
    return Ruling(stated.key, why == Why.COUNTS, why, sentence)


def concerns(rule: Rule, asked: Asked, *, purposes: bool | None = None) -> bool:
    """Whether purposes and territory of a rule reach the question; True or False for `purposes`: one of them alone.

    A refusal has to touch what is asked about, a permission to contain it. What is not asked about is touched.
    """
    refusing = rule.effect in REFUSING
    by_purpose = not rule.purposes or (asked.purpose in rule.purposes if asked.purpose else refusing)
    reached = {asked.territory, *asked.within, *(asked.parts if refusing else ())}
    by_place = (
        not rule.territory
        or "WORLD" in rule.territory
        or (bool(reached & set(rule.territory)) if asked.territory else refusing)
    )
    return by_purpose and by_place if purposes is None else by_purpose if purposes else by_place


def touches(rule: Rule, use: str) -> bool:
    """Whether the rule speaks of a use; no use named is every one."""
    return not rule.uses or not use or use in rule.uses


def other_use(stated: Stated, asked: Asked) -> Ruling:
    """That a statement is about something else."""
    of = ", ".join([*stated.rule.uses, *stated.rule.purposes, *stated.rule.territory])
    return ruling(stated, Why.OTHER_USE, f"it speaks of {of}")


def _of_agent(
    found: Sequence[Stated], asked: Asked, ruled: list[Ruling], *, across_sources: bool = False
) -> list[Stated]:
    """By source, the statements in the groups of the crawler asked about, else those for everybody."""
    agent = asked.agent.casefold()
    own_formats = {name for name, _source in asked.own_groups}
    kept = []
    for one in found:
        named = agent in map(str.casefold, one.rule.agents)
        if one.rule.agents and not named:
            ruled.append(ruling(one, Why.OTHER_AGENT, f"it is for {', '.join(one.rule.agents)}"))
        elif not one.rule.agents and (
            one.format in own_formats if across_sources else (one.format, one.source) in asked.own_groups
        ):
            ruled.append(ruling(one, Why.OWN_GROUP, f"{asked.agent} has a group of its own and reads no other"))
        else:
            kept.append(one)
    return kept


def _longest(found: Sequence[Stated], ruled: list[Ruling]) -> list[Stated]:
    """By source, the statements with the longest pattern."""
    longest: dict[str, int] = {}
    for one in found:
        longest[one.source] = max(longest.get(one.source, 0), weight(one.rule.path))
    kept = []
    for one in found:
        if weight(one.rule.path) == longest[one.source]:
            kept.append(one)
        else:
            ruled.append(
                ruling(one, Why.SHORTER_MATCH, f"a longer pattern than {one.rule.path or '/'} covers the address")
            )
    return kept


def _used(found: Sequence[Stated], asked: Asked, ruled: list[Ruling]) -> list[Stated]:
    ruled += [other_use(one, asked) for one in found if not touches(one.rule, asked.use)]
    return [one for one in found if touches(one.rule, asked.use)]


def _understood(found: Sequence[Stated], ruled: list[Ruling]) -> list[Stated]:
    unknown = [one for one in found if one.rule.effect == Effect.UNKNOWN]
    ruled += [
        ruling(one, Why.NOT_UNDERSTOOD, "it was not understood, so nothing is derived from it") for one in unknown
    ]
    return [one for one in found if one.rule.effect != Effect.UNKNOWN]


def _refusal_first(found: Sequence[Stated], ruled: list[Ruling], sentence: str) -> Outcome | None:
    """Any refusal counts; without one, what allows does."""
    refusing = [one for one in found if one.rule.effect in REFUSING]
    counting = refusing or list(found)
    if not counting:
        return None
    outweighed = [one for one in found if one.rule.effect not in REFUSING] if refusing else []
    ruled += [ruling(one, Why.REFUSAL_WINS, "another rule refuses it") for one in outweighed]
    return _outcome(counting, ruled, sentence if refusing else "nothing that applies refuses it")


def _outcome(counting: Sequence[Stated], ruled: list[Ruling], sentence: str, why: str = Why.COUNTS) -> Outcome:
    ruled += [ruling(one, Why.COUNTS, sentence) for one in counting]
    strongest = min((says(one.rule) for one in counting), key=list(Says).index)
    return Outcome(counting[0].format, strongest, tuple(one.key for one in counting), why, sentence)


def any_refusal(found: Sequence[Stated], asked: Asked) -> Decided:
    ruled: list[Ruling] = []
    left = _used(_understood(_of_agent(found, asked, ruled), ruled), asked, ruled)
    return _refusal_first(left, ruled, "any refusal counts"), ruled


# --- format by format --------------------------------------------------------------------------------------------


def _tdmrep(found: Sequence[Stated], asked: Asked) -> Decided:
    ruled: list[Ruling] = []
    first: list[Stated] = []
    files: set[str] = set()
    for one in found:
        in_file = CARRIERS.get(one.carrier, 0) == 0
        if in_file and one.source in files:
            ruled.append(ruling(one, Why.LATER_IN_FILE, "an earlier rule of the file covers the address"))
            continue
        if in_file:
            files.add(one.source)
        first.append(one)
    rank = max((CARRIERS.get(one.carrier, 0) for one in first), default=0)
    lighter = [one for one in first if CARRIERS.get(one.carrier, 0) < rank]
    ruled += [
        ruling(one, Why.WEIGHTIER_CARRIER, f"a weightier carrier than {one.carrier or 'file'} speaks")
        for one in lighter
    ]
    left = _used(_understood([one for one in first if CARRIERS.get(one.carrier, 0) == rank], ruled), asked, ruled)
    return _refusal_first(left, ruled, "the weightiest carrier that speaks of it"), ruled


def _robots(found: Sequence[Stated], asked: Asked) -> Decided:
    ruled: list[Ruling] = []
    left = _understood(_longest(_of_agent(found, asked, ruled), ruled), ruled)
    kept = []
    allowing = {one.source for one in left if one.rule.effect not in REFUSING}
    for one in left:
        if one.rule.effect in REFUSING and one.source in allowing:
            ruled.append(
                ruling(one, Why.ALLOW_WINS_TIE, "of patterns of one length the Allow counts (RFC 9309 §2.2.2)")
            )
        else:
            kept.append(one)
    return _refusal_first(kept, ruled, "the longest pattern for this crawler"), ruled


def crawlable(found: Sequence[Stated], asked: Asked) -> bool:
    """Whether robots.txt lets the crawler fetch the address, whatever it wants it for."""
    outcome, _ruled = _robots(found, replace(asked, use=""))
    return outcome is None or outcome.says != Says.DISALLOW


def _preferences(found: Sequence[Stated], asked: Asked, *, contract: bool, ends: bool) -> Decided:
    ruled: list[Ruling] = []
    in_file = [one for one in found if CARRIERS.get(one.carrier, 0) == 0]
    apart = [one for one in found if CARRIERS.get(one.carrier, 0) > 0]
    if not asked.crawlable:
        ruled += [
            ruling(one, Why.NOT_CRAWLABLE, "what may not be fetched has no preferences in robots.txt")
            for one in in_file
        ]
        in_file = []
    left = [*_longest(_of_agent(in_file, asked, ruled), ruled), *_of_agent(apart, asked, ruled)]
    left = _used(_understood(left, ruled), asked, ruled)
    if contract and asked.contract and left:
        sentence = "a contract permits the use, and it outweighs preferences"
        ruled += [ruling(one, Why.CONTRACT, sentence) for one in left]
        return Outcome(left[0].format, Says.ALLOW, (), Why.CONTRACT, sentence), ruled
    return _refusal_first(left, ruled, "any disallow counts" if ends else "a no counts"), ruled


def _aipref(found: Sequence[Stated], asked: Asked) -> Decided:
    return _preferences(found, asked, contract=True, ends=True)


def _content_signal(found: Sequence[Stated], asked: Asked) -> Decided:
    return _preferences(found, asked, contract=False, ends=False)


def _ai_txt(found: Sequence[Stated], asked: Asked) -> Decided:
    ruled: list[Ruling] = []
    left = _used(_understood(_longest(_of_agent(found, asked, ruled), ruled), ruled), asked, ruled)
    return _refusal_first(left, ruled, "the longest pattern; of equal ones the refusal"), ruled


def _leaves_out(rule: Rule, asked: Asked) -> bool:
    """Whether what is asked about is not among what a permission lists; what nobody asked about is no answer."""
    return (
        not touches(rule, asked.use)
        or bool(asked.purpose and not concerns(rule, asked, purposes=True))
        or bool(asked.territory and not concerns(rule, asked, purposes=False))
    )


def _rsl(found: Sequence[Stated], asked: Asked) -> Decided:
    """What permits leaves out is not licensed (RSL 1.0 §3.5). A crawler's own License line replaces general ones."""
    ruled: list[Ruling] = []
    site = [one for one in found if one.carrier not in rsl_precedence.PAGE]
    left = _of_agent([one for one in found if one.carrier in rsl_precedence.PAGE], asked, ruled)
    left = _understood([*left, *_of_agent(site, asked, ruled, across_sources=True)], ruled)
    meant = [one for one in left if touches(one.rule, asked.use) and concerns(one.rule, asked)]
    counting, outweighed = rsl_precedence.weigh(meant)
    ruled += [ruling(one, Why.NARROWER, sentence) for one, sentence in outweighed]
    others = [one for one in left if not (touches(one.rule, asked.use) and concerns(one.rule, asked))]
    listing = [one for one in others if one.rule.effect not in REFUSING and _leaves_out(one.rule, asked)]
    if not counting and listing:
        sentence = "what is permitted is enumerated, and this is not among it"
        ruled += [ruling(one, Why.NOT_LISTED, sentence) for one in listing]
        listed = {one.key for one in listing}
        ruled += [other_use(one, asked) for one in others if one.key not in listed]
        return Outcome("rsl", Says.DISALLOW, tuple(one.key for one in listing), Why.NOT_LISTED, sentence), ruled
    ruled += [other_use(one, asked) for one in others]
    return (_outcome(counting, ruled, "the narrowest rule, of equal ones the refusal") if counting else None), ruled


DECIDERS: dict[str, Callable[[Sequence[Stated], Asked], Decided]] = {
    "tdmrep": _tdmrep,
    "robots": _robots,
    "aipref": _aipref,
    "content-signal": _content_signal,
    "ai.txt": _ai_txt,
    "rsl": _rsl,
}
