"""Cloudflare's Content-Signal, in robots.txt and as a header: mapped to uses, and kept apart from aipref; pure.

Content Signals Policy of 24 September 2025: search, ai-input, ai-train with yes or no; what is left out is neither
granted nor restricted. Capitals mean nothing, as elsewhere in a robots.txt. `use` (immediate, reference, full;
announced on 1 July 2026 as a test) is kept and reported: it says how much may be shown, for which no use here has a
word. That policy sets no rule for two lines that differ: within one value a no counts, between lines the longest path
does (`precedence`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from licensing.formats.aipref import MAX_VALUE
from licensing.formats.fitting import fit_uses
from licensing.formats.labels import REFUSING, TRAINING, Label, lost
from licensing.formats.plain_text import bounded
from licensing.formats.policy import Effect, Fault, Policy, Reading, Rule, Written
from licensing.formats.preferences import CONTENT_TYPE, frame, groups_text, places, sayable, silent, spoken
from licensing.formats.robots_file import parse

NAME = "Content-Signal"
VERSION = "2025-09-24"
FIELD = "content-signal"
LABELS = (
    Label("search", ("search_index",)),
    Label("ai-input", ("rag_grounding",), ("synthetic_generation",)),
    Label("ai-train", TRAINING),
)
BY_NAME = {label.name: label for label in LABELS}
EFFECTS = {"yes": Effect.PREFER_ALLOW, "no": Effect.PREFER_DISALLOW}
KEPT = frozenset({"use"})


def read(content: bytes) -> Reading:
    """The value of a Content-Signal header."""
    faults: list[Fault] = []
    found = tuple(_rules(content.decode("utf-8", "replace"), "", faults))
    return Reading("content-signal", VERSION, (Policy(found),) if found else (), bounded(faults))


def read_robots(content: bytes) -> Reading:
    """The Content-Signal lines of a robots.txt."""
    file = parse(content)
    faults = [fault for fault in file.faults if fault.code != "unknown_line"]
    found = [
        replace(rule, path=line.path, agents=agents)
        for line in spoken(file, FIELD, faults)
        for rule in _rules(line.value, line.place, faults)
        for agents in line.meant
    ]
    found += silent(file, found)
    return Reading("content-signal", VERSION, (Policy(tuple(found)),) if found else (), bounded(faults))


def _rules(value: str, place: str, faults: list[Fault]) -> Iterator[Rule]:
    if len(value) > MAX_VALUE:
        faults.append(Fault("value_too_long", place, f"a value of {len(value)} characters is not read"))
        return
    answers: dict[str, str] = {}
    for pair in value.split(","):
        key, equals, answer = (part.strip(" \t").lower() for part in pair.partition("="))
        if not pair.strip(" \t"):
            continue
        if key in KEPT:
            faults.append(Fault("not_mapped", place, f"{pair.strip()[:200]!r} is kept: no use here has a word for it"))
        elif key not in BY_NAME:
            faults.append(Fault("unknown_signal", place, f"{pair.strip()[:200]!r} is no content signal"))
        elif not equals or answer not in EFFECTS:
            faults.append(Fault("unknown_value", place, f"{key} is neither yes nor no: nothing is said of it"))
        else:
            if key in answers:
                faults.append(Fault("duplicate_key", place, f"{key} stands twice: a no counts"))
            answers[key] = "no" if "no" in (answer, answers.get(key)) else answer
    for label in LABELS:
        if label.name in answers:
            effect = EFFECTS[answers[label.name]]
            yield Rule(effect, uses=label.reach(effect in REFUSING), words=f"{label.name}={answers[label.name]}")


def write(policy: Policy, *, also: Iterable[tuple[str, ...]] = ()) -> Written:
    """Groups with Content-Signal lines. `also` are crawlers that have groups of their own in the same robots.txt."""
    loss = frame(policy, NAME)
    rules = []
    for number, rule in enumerate(policy.rules):
        if rule.path and not rule.path.startswith("/"):
            loss.append(lost(number, "path", "a path begins with /: the rule is left out"))
        elif sayable(rule, number, NAME, loss):
            rules.append((number, rule))
    groups: dict[tuple[str, ...], list[str]] = {}
    for (agents, path), said in places(rules, also, loss).items():
        answers = _answers(said, loss)
        ordered = [f"{label.name}={answers[label.name]}" for label in LABELS if label.name in answers]
        if ordered:
            groups.setdefault(agents, []).append(f"Content-Signal: {f'{path} ' if path else ''}{', '.join(ordered)}")
    return Written("\n".join(groups_text(groups)).encode(), CONTENT_TYPE, "robots.txt", tuple(dict.fromkeys(loss)))


def _answers(rules: Sequence[tuple[int, Rule]], loss: list[str]) -> dict[str, str]:
    """Signal by signal what the rules of one place say; a no counts."""
    answers: dict[str, tuple[str, int]] = {}
    for number, rule in rules:
        said, missing = fit_uses(rule, number, NAME, LABELS)
        loss += missing
        answer = "no" if rule.effect in REFUSING else "yes"
        for name in said.labels:
            before, by = answers.get(name, (answer, number))
            if before != answer:
                yes = number if answer == "yes" else by
                loss.append(lost(yes, "uses", f"{name} is refused by another rule of the same place: a no counts"))
            answers[name] = (answer, number) if answer == "no" else (before, by)
    return {name: answer for name, (answer, _by) in answers.items()}
