"""ai.txt as Spawning proposed it on 30 May 2023: whether files of a kind may train models; pure.

Written like robots.txt, with endings of files for paths (`Disallow: *.txt`). Nothing standardises it, and other
files of that name exist (Markdown for assistants, Internet-Drafts): what is not of this form is reported, its
sentences are kept as words. No rule says which of two lines counts; here the longest pattern does, and of equal ones
the refusal (`precedence`).
"""

import re
from collections.abc import Iterator

from licensing.formats import sentences
from licensing.formats.fitting import fit_uses
from licensing.formats.labels import REFUSING, TRAINING, Label, lost
from licensing.formats.path_patterns import canonical
from licensing.formats.plain_text import bounded, decode
from licensing.formats.policy import Effect, Fault, Policy, Reading, Rule, Written
from licensing.formats.preferences import CONTENT_TYPE, comments, frame, groups_text, sayable, silent
from licensing.formats.robots_file import AGENT, Group, parse

NAME = "ai.txt"
VERSION = "2023-05-30"
EFFECTS = {"allow": Effect.PREFER_ALLOW, "disallow": Effect.PREFER_DISALLOW}
LABEL = (Label("train", TRAINING),)
KNOWN = frozenset({AGENT, *EFFECTS})


def read(content: bytes) -> Reading:
    """The lines of an ai.txt: preferences about training, for files whose path the pattern covers."""
    file = parse(content, KNOWN)
    faults = list(file.faults)
    found = [rule for group in file.groups for rule in _group(group, faults)]
    for line in file.outside:
        if line.field in EFFECTS:
            faults.append(Fault("no_group", f"line {line.number}", f"{line.words[:200]!r} is for nobody"))
    found += silent(file, found)
    found += sentences.rules(words for _number, words in file.comments)
    if not file.groups and not any(fault.code == "not_text" for fault in faults):
        faults.insert(0, Fault("other_format", "", "not an ai.txt of this form: its sentences are kept as words"))
        text = decode(content)[0]
        known = {rule.words for rule in found}
        found += [rule for rule in sentences.rules(re.split(r"\n\s*\n", text)) if rule.words not in known]
    return Reading("ai.txt", VERSION, (Policy(tuple(found)),) if found else (), bounded(faults))


def _group(group: Group, faults: list[Fault]) -> Iterator[Rule]:
    named = tuple(agent for agent in group.agents if agent)
    for line in group.lines:
        effect, path = EFFECTS[line.field], line.value
        if line.field == "disallow" and not path:
            effect = Effect.PREFER_ALLOW
        elif not path.startswith(("/", "*")):
            cause = f"{line.words[:200]!r}: a pattern begins with / or *"
            faults.append(Fault("unknown_pattern", f"line {line.number}", cause))
            continue
        for agents in ((),) * ("" in group.agents) + ((named,) if named else ()):
            yield Rule(effect, uses=TRAINING, path=canonical(path), agents=agents, words=line.words)


def write(policy: Policy) -> Written:
    """An ai.txt: what it says is about training alone."""
    loss = frame(policy, NAME)
    groups: dict[tuple[str, ...], list[str]] = {}
    blocks = [*comments(policy, loss)]
    for number, rule in enumerate(policy.rules):
        if rule.effect == Effect.WORDS or not sayable(rule, number, NAME, loss):
            continue
        if rule.path.startswith("$"):
            loss.append(lost(number, "path", "a pattern begins with / or *: the rule is left out"))
            continue
        said, missing = fit_uses(rule, number, NAME, LABEL)
        loss += missing
        line = f"{'Disallow' if rule.effect in REFUSING else 'Allow'}: {rule.path or '/'}"
        lines = groups.setdefault(tuple(rule.agents), [])
        lines += [line] if said.labels and line not in lines else []
    content = "\n".join([*blocks, *groups_text(groups, "User-Agent")])
    return Written(content.encode(), CONTENT_TYPE, "ai.txt", tuple(loss))
