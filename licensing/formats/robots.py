"""robots.txt (RFC 9309): which crawlers may fetch what, and what that says about uses; pure.

A Disallow is a preference that refuses: of the uses the named crawler collects for (crawlers.py), of all uses where
it is for everybody or for a crawler that is not in the list. An Allow grants nothing, it is a preference that allows.
A crawler that a group names reads that group and no other; `precedence` applies that, and the longest match.
"""

from collections.abc import Iterator

from licensing.formats import sentences
from licensing.formats.crawlers import collecting_for, version
from licensing.formats.labels import REFUSING, in_order, lost
from licensing.formats.path_patterns import canonical
from licensing.formats.plain_text import bounded
from licensing.formats.policy import Effect, Fault, Policy, Reading, Rule, Written
from licensing.formats.preferences import CONTENT_TYPE, audiences, comments, frame, groups_text, sayable, silent
from licensing.formats.robots_file import Group, parse
from licensing.formats.untrusted import is_address

NAME = "robots.txt"
VERSION = "RFC 9309"
CRAWL = {"allow": Effect.PREFER_ALLOW, "disallow": Effect.PREFER_DISALLOW}


def read(content: bytes) -> Reading:
    """The Allow and Disallow lines of a robots.txt; sentences in its comments stand apart, as words."""
    file = parse(content)
    faults = list(file.faults)
    found = [rule for group in file.groups for rule in _group(group, faults)]
    for line in file.outside:
        if line.field in CRAWL:
            faults.append(Fault("no_group", f"line {line.number}", f"{line.words[:200]!r} is for no crawler"))
    found += silent(file, found)
    found += sentences.rules(words for _number, words in file.comments)
    policies = (Policy(tuple(found)),) if found else ()
    return Reading("robots", VERSION, policies, bounded(faults))


def _group(group: Group, faults: list[Fault]) -> Iterator[Rule]:
    meant = list(audiences(group.agents))
    for line in group.lines:
        if line.field not in CRAWL:
            continue
        effect, path = CRAWL[line.field], line.value
        if line.field == "disallow" and not path:
            effect = Effect.PREFER_ALLOW  # nothing is disallowed
        elif not path:
            faults.append(Fault("empty_rule", f"line {line.number}", "an Allow without a path says nothing"))
            continue
        elif not path.startswith(("/", "*", "$")):
            cause = f"{path[:200]!r} does not begin with / and matches nothing"
            faults.append(Fault("path_without_slash", f"line {line.number}", cause))
            continue
        for agents, uses in meant:
            yield Rule(effect, uses=uses, path=canonical(path), agents=agents, words=line.words)


def licence_addresses(content: bytes) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """RSL's `License:` lines: addresses of RSL documents and the crawlers each is for (none: everybody)."""
    file = parse(content)
    found: list[tuple[str, tuple[str, ...]]] = [
        (line.value, ()) for line in file.outside if line.field == "license" and line.value
    ]
    for group in file.groups:
        for line in group.lines:
            if line.field == "license" and line.value:
                found += [(line.value, agents) for agents, _uses in audiences(group.agents)]
    return tuple(dict.fromkeys(found))


# --- writing -----------------------------------------------------------------------------------------------------


def write(policy: Policy, licence: str = "") -> Written:
    """Groups of User-agent, Allow and Disallow lines; `licence` is the address of the same policy as RSL.

    A refusal of some uses is written for the known crawlers that collect for them. What is refused to everybody
    stands in every named group again, for a crawler with a group of its own reads no other.
    """
    loss = frame(policy, NAME)
    groups: dict[tuple[str, ...], list[str]] = {}
    blocks = [f"License: {licence}\n"] if is_address(licence) else []
    blocks += comments(policy, loss)
    for number, rule in enumerate(policy.rules):
        if rule.effect == Effect.WORDS or not sayable(rule, number, NAME, loss):
            continue
        for agents in _agents(rule, number, loss):
            line = f"{'Disallow' if rule.effect in REFUSING else 'Allow'}: {rule.path or '/'}"
            lines = groups.setdefault(agents, [])
            lines += [] if line in lines else [line]
    _repeat(groups, loss)
    return Written("\n".join([*blocks, *groups_text(groups)]).encode(), CONTENT_TYPE, "robots.txt", tuple(loss))


def _agents(rule: Rule, number: int, loss: list[str]) -> list[tuple[str, ...]]:
    """For whom a rule is written: the crawlers that it names, those that collect for its uses, or everybody."""
    if rule.agents:
        named = list(audiences(rule.agents))
        if (
            rule.effect not in REFUSING
            and rule.uses
            and any(not uses or set(uses) - set(rule.uses) for _, uses in named)
        ):
            loss.append(lost(number, "uses", "these crawlers collect for other uses too: the Allow is left out"))
            return []
        if any(set(uses) != set(rule.uses) for _, uses in named):
            loss.append(lost(number, "uses", "the crawlers named collect for other uses than the rule says"))
        if len(named) > 1:
            loss.append(lost(number, "agents", "crawlers are grouped by what they collect for"))
        return [agents for agents, _uses in named]
    if not rule.uses:
        return [()]
    if rule.effect not in REFUSING:
        loss.append(lost(number, "uses", "an Allow for some uses alone cannot be said: left out"))
        return []
    named_for = collecting_for(rule.uses)
    missing = [use for use in rule.uses if not any(use in row.uses for row in named_for)]
    more = in_order({use for row in named_for for use in row.uses} - set(rule.uses))
    loss.append(lost(number, "agents", f"written for {len(named_for)} crawlers, those known on {version()}, alone"))
    if missing:
        loss.append(lost(number, "uses", f"no crawler is known that collects for {', '.join(missing)}"))
    if more:
        loss.append(lost(number, "uses", f"some of these crawlers collect for {', '.join(more)} too"))
    return [agents for agents, _uses in audiences(row.name for row in named_for)]


def _repeat(groups: dict[tuple[str, ...], list[str]], loss: list[str]) -> None:
    """Refusals for everybody, once more in each named group that does not speak of the same path."""
    refused = [line for line in groups.get((), []) if line.startswith("Disallow")]
    for agents in [agents for agents in groups if agents]:
        paths = {line.partition(": ")[2] for line in groups[agents]}
        again = [line for line in refused if line.partition(": ")[2] not in paths]
        if again and groups[agents] != ["Disallow: /"]:
            groups[agents] = groups[agents] + again
            loss.append(
                f"/rules: what is refused to everybody stands again for {', '.join(agents)}: they read no other"
            )
