"""IETF AI Preferences: the field Content-Usage, in a header and in robots.txt, by draft of the vocabulary; pure.

draft-ietf-aipref-vocab and -attach. A value is an RFC 9651 dictionary (http-sf reads it); only the tokens y and n
count, anything else is unknown and no error; of one key written twice the last counts. A label that the draft does
not have is kept and reported: it is not read by another draft's meaning. Preferences are no licences.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import http_sf

from licensing.formats.labels import REFUSING, USES, Label, in_order, lost
from licensing.formats.path_patterns import matches, path_of
from licensing.formats.plain_text import bounded
from licensing.formats.policy import Effect, Fault, Policy, Reading, Rule, Written
from licensing.formats.preferences import CONTENT_TYPE, frame, groups_text, places, sayable, silent, spoken
from licensing.formats.robots_file import parse

TABLE = Path(__file__).parent / "data" / "aipref_drafts.toml"
PREFIX = "draft-ietf-aipref-vocab-"
NAME = "aipref"
FIELD = "content-usage"
MAX_VALUE = 8192
EFFECTS = {"y": Effect.PREFER_ALLOW, "n": Effect.PREFER_DISALLOW}


@dataclass(frozen=True)
class Draft:
    """One draft of the vocabulary: its labels, general ones first."""

    name: str
    published: str  # ISO day
    labels: tuple[Label, ...]

    def label(self, name: str) -> Label | None:
        return next((label for label in self.labels if label.name == name), None)


@cache
def drafts() -> tuple[Draft, ...]:
    """All drafts, oldest first."""
    read = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    meanings = {name: tuple(uses) for name, uses in read["meanings"].items()} | {"all": USES, "": ()}
    return tuple(
        Draft(
            PREFIX + row["number"],
            str(row["published"]),
            tuple(
                Label(one["name"], meanings[one["sure"]], meanings[one.get("rough", "")], one.get("parent", ""))
                for one in row["labels"]
            ),
        )
        for row in read["draft"]
    )


@cache
def current() -> str:
    """The draft that is written, and read where nothing says which: data/aipref_drafts.toml."""
    return PREFIX + tomllib.loads(TABLE.read_text(encoding="utf-8"))["current"]


def draft_on(day: str) -> str:
    """The newest draft that was published on an ISO day: how a statement of that day is read. Before all: the first."""
    before = [draft.name for draft in drafts() if draft.published <= day]
    return before[-1] if before else drafts()[0].name


def _draft(name: str) -> Draft:
    name = name or current()
    found = next((draft for draft in drafts() if name in (draft.name, draft.name.removeprefix(PREFIX))), None)
    if not found:
        raise ValueError(f"no draft {name!r} is known: {', '.join(draft.name for draft in drafts())}")
    return found


# --- reading -----------------------------------------------------------------------------------------------------


def read(content: bytes, draft: str = "") -> Reading:
    """A field value; several field lines are joined by commas before (`join`)."""
    version = _draft(draft)
    faults: list[Fault] = []
    found = tuple(_rules(content.strip(b" \t"), version, "", faults))
    return Reading("aipref", version.name, (Policy(found),) if found else (), bounded(faults))


def join(values: Sequence[str]) -> bytes:
    """Field lines of one name as one value (RFC 9651 §4.2)."""
    return ", ".join(value.strip(" \t") for value in values if value.strip(" \t")).encode("utf-8", "replace")


def read_robots(content: bytes, draft: str = "") -> Reading:
    """The Content-Usage lines of a robots.txt: an optional path, and a value for the crawlers of the group."""
    version = _draft(draft)
    file = parse(content)
    faults = [fault for fault in file.faults if fault.code != "unknown_line"]
    found = [
        replace(rule, path=line.path, agents=agents)
        for line in spoken(file, FIELD, faults)
        for rule in _rules(line.value.encode("utf-8", "replace"), version, line.place, faults)
        for agents in line.meant
    ]
    found += silent(file, found)
    return Reading("aipref", version.name, (Policy(tuple(found)),) if found else (), bounded(faults))


def _rules(value: bytes, draft: Draft, place: str, faults: list[Fault]) -> Iterator[Rule]:
    """One rule a label that is y or n, with the uses that no more special label of the statement speaks of."""
    if len(value) > MAX_VALUE:
        faults.append(Fault("value_too_long", place, f"a value of {len(value)} bytes is not read"))
        return
    twice: list[str] = []
    try:
        said = http_sf.parse(value, tltype="dictionary", on_duplicate_key=lambda key, _kind: twice.append(key))
    except ValueError as error:
        faults.append(Fault("not_a_dictionary", place, f"no RFC 9651 dictionary, so nothing is said: {error}"))
        return
    faults += [
        Fault("duplicate_key", place, f"{key} stands twice: the last one counts") for key in dict.fromkeys(twice)
    ]
    answers: dict[str, Effect] = {}
    for key, member in said.items() if isinstance(said, dict) else ():
        item = member[0] if isinstance(member, tuple) else member
        label = draft.label(key)
        if label is None:
            faults.append(Fault("unknown_label", place, f"{key} is no label of {draft.name}: {_elsewhere(key, draft)}"))
        elif not isinstance(item, http_sf.Token) or str(item) not in EFFECTS:
            faults.append(Fault("unknown_value", place, f"{key} is neither y nor n: the preference is unknown"))
        else:
            answers[key] = EFFECTS[str(item)]
    yield from _answered(answers, draft, place, faults)


def _elsewhere(key: str, draft: Draft) -> str:
    others = [one.name for one in drafts() if one.label(key)]
    return f"one of {', '.join(others)}; it is not read by their meaning" if others else "it is kept and means nothing"


def _answered(answers: dict[str, Effect], draft: Draft, place: str, faults: list[Fault]) -> Iterator[Rule]:
    for label in draft.labels:
        if label.name not in answers:
            continue
        effect = answers[label.name]
        below = [one for one in draft.labels if one.name in answers and label.name in _parents(one, draft)]
        special = {use for one in below for use in one.reach(answers[one.name] in REFUSING)}
        uses = tuple(use for use in label.reach(effect in REFUSING) if use not in special)
        words = f"{label.name}={'n' if effect in REFUSING else 'y'}"
        if uses:
            yield Rule(effect, uses=() if set(uses) == set(USES) else uses, words=words)
        else:
            faults.append(Fault("nothing_left", place, f"{words}: more special labels say all that has a word here"))


# --- writing -----------------------------------------------------------------------------------------------------


def write(policy: Policy, draft: str = "", *, address: str = "") -> Written:
    """The value of a Content-Usage header for the response at `address`; rules for other paths have no place in it."""
    version = _draft(draft)
    loss = frame(policy, NAME)
    path = path_of(address) if address else ""
    rules = []
    for number, rule in enumerate(policy.rules):
        if rule.path and not (path and matches(rule.path, path)):
            loss.append(lost(number, "path", "a header is for one address: the rule is for others and left out"))
        elif sayable(rule, number, NAME, loss, ("path",)):
            loss += [lost(number, "path", "the header says it of its own address")] if rule.path else []
            rules.append((number, rule))
    value = _value(rules, version, loss)
    return Written(value.encode(), "application/sf-dictionary", "Content-Usage", tuple(loss))


def write_robots(policy: Policy, draft: str = "", *, also: Iterable[tuple[str, ...]] = ()) -> Written:
    """Groups with Content-Usage lines. `also` are crawlers that have groups of their own in the same robots.txt."""
    version = _draft(draft)
    loss = frame(policy, NAME)
    rules = []
    for number, rule in enumerate(policy.rules):
        if rule.path and not rule.path.startswith("/"):
            loss.append(lost(number, "path", "a path begins with /: the rule is left out"))
        elif sayable(rule, number, NAME, loss):
            rules.append((number, rule))
    groups: dict[tuple[str, ...], list[str]] = {}
    for (agents, path), said in places(rules, also, loss).items():
        value = _value(said, version, loss)
        if value:
            groups.setdefault(agents, []).append(f"Content-Usage: {f'{path} ' if path else ''}{value}")
    return Written("\n".join(groups_text(groups)).encode(), CONTENT_TYPE, "robots.txt", tuple(dict.fromkeys(loss)))


def _value(rules: Sequence[tuple[int, Rule]], draft: Draft, loss: list[str]) -> str:
    """The dictionary for rules of one place: any refusal of a use outweighs what allows it."""
    refused: dict[str, int] = {}
    allowed: dict[str, int] = {}
    for number, rule in rules:
        side = refused if rule.effect in REFUSING else allowed
        side |= {use: number for use in rule.uses or USES if use not in side}
    for use in set(allowed) & set(refused):
        loss.append(lost(allowed.pop(use), "uses", f"{use} is refused by another rule: any refusal counts"))
    answers: dict[str, str] = {}
    said: dict[str, str] = {}
    for label in draft.labels:
        answer = _answer(label, draft, set(refused), set(allowed))
        if not answer:
            continue
        above = next((parent for parent in _parents(label, draft) if parent in answers), "")
        if answers.get(above) != answer:
            answers[label.name] = answer
        said |= dict.fromkeys(label.reach(answer == "n"), answer)
    _compare(said, refused, allowed, draft, loss)
    return http_sf.ser({name: (http_sf.Token(answer), {}) for name, answer in answers.items()}) if answers else ""


def _answer(label: Label, draft: Draft, refused: set[str], allowed: set[str]) -> str:
    """y or n for a label, or nothing. What a label may mean besides is refused by it, unless one above refuses it."""
    sure, rough = set(label.sure), set(label.rough)
    if sure == set(USES):
        return _answer_of_all(label, draft, refused, allowed)
    if sure & refused - _below(label, draft, refused):
        return "n"
    above = (draft.label(name) for name in _parents(label, draft))
    is_refused_above = any(one and _answer(one, draft, refused, allowed) == "n" for one in above)
    if rough & refused and not is_refused_above:
        return "n"
    return "y" if sure & allowed and sure <= allowed | refused else ""


def _answer_of_all(label: Label, draft: Draft, refused: set[str], allowed: set[str]) -> str:
    """For a word that means everything: what more special labels carry may differ, all else has to agree."""
    allowed_apart: set[str] = set()
    refused_apart: set[str] = set()
    for other in draft.labels:
        sure = set(other.sure)
        if other.name != label.name and sure - allowed <= _below(other, draft, refused):
            allowed_apart |= sure & allowed
        if other.name != label.name and sure - refused <= _below(other, draft, allowed):
            refused_apart |= set(other.reach(True)) & refused
    if refused and set(USES) - refused <= allowed_apart:
        return "n"
    return "y" if allowed and set(USES) - allowed <= refused_apart else ""


def _below(label: Label, draft: Draft, side: set[str]) -> set[str]:
    """The uses of `side` that labels below this one carry."""
    below = [
        set(one.sure) for one in draft.labels if label.name in _parents(one, draft) and set(one.sure) < set(label.sure)
    ]
    return {use for one in below if one <= side for use in one}


def _parents(label: Label, draft: Draft) -> Iterator[str]:
    """The labels above one, nearest first."""
    parent = label.parent
    while parent:
        yield parent
        above = draft.label(parent)
        parent = above.parent if above else ""


def _compare(
    said: dict[str, str], refused: dict[str, int], allowed: dict[str, int], draft: Draft, loss: list[str]
) -> None:
    """What of the uses was not said, and what is said besides."""
    for side, answer in ((refused, "n"), (allowed, "y")):
        for number in dict.fromkeys(side.values()):
            missing = in_order([use for use, by in side.items() if by == number and said.get(use) != answer])
            if missing:
                loss.append(lost(number, "uses", f"{draft.name} has no label for {', '.join(missing)} alone"))
    besides = in_order([use for use in said if use not in refused and use not in allowed])
    if besides:
        loss.append(f"/rules/{min([*refused.values(), *allowed.values()])}/uses: says {', '.join(besides)} besides")
