"""robots.txt as groups of lines: what every rule in such a file is read from; pure.

RFC 9309 §2.2: a group is one or more user-agent lines and the rules after them; lines that are no rule neither begin
nor end a group, and other records (Sitemap, License outside a group) belong to the whole file. The parsers there are
answer "may this crawler fetch that?" and keep no line; here each rule keeps its number and its words.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from licensing.formats.plain_text import MAX_LINE, MAX_RULES, decode, is_markup
from licensing.formats.policy import Fault

AGENT = "user-agent"
EVERYBODY = "*"
KNOWN = frozenset({
    AGENT, "allow", "disallow", "sitemap", "crawl-delay", "host", "clean-param", "request-rate", "visit-time",
    "noindex", "content-usage", "content-signal", "license",
})  # fmt: skip
MAX_PAIRS = 100_000  # of a crawler and a line that is for it, in one file
FOR_THE_FILE = frozenset({"sitemap", "host"})


@dataclass(frozen=True)
class Line:
    """One `field: value` line; `number` counts from 1, `words` is the line as it stands, without its comment."""

    number: int
    field: str  # in small letters
    value: str
    words: str


@dataclass
class Group:
    """Crawlers (product tokens as they are written; empty: everybody else) and the lines that are for them."""

    agents: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    folded: set[str] = field(default_factory=set, repr=False, compare=False)


@dataclass(frozen=True)
class RobotsFile:
    """A file in its parts. Groups stand as written; merging them is for who evaluates."""

    groups: tuple[Group, ...]
    outside: tuple[Line, ...]  # lines before any group, and those that are for the whole file
    comments: tuple[tuple[int, str], ...]  # number of the first line, and the sentences of comments that follow it
    faults: tuple[Fault, ...]


def token(agent: str) -> str:
    """The product token in a user-agent line: up to a space, a version or a star; empty for everybody."""
    word = agent.split(maxsplit=1)[0] if agent.split() else ""
    return "" if word == EVERYBODY else word.split("/")[0].rstrip(EVERYBODY)


def parse(content: bytes, known: frozenset[str] = KNOWN) -> RobotsFile:
    """The parts of a robots.txt or of a file written like one (ai.txt)."""
    text, faults = decode(content)
    if is_markup(text):
        return RobotsFile((), (), (), (*faults, Fault("not_text", "line 1", "this is a page, not a text file")))
    groups: list[Group] = []
    outside: list[Line] = []
    open_to_agents = False
    count = pairs = 0
    for line in _lines(text, faults):
        count += 1
        if count > MAX_RULES:
            faults.append(Fault("too_many_lines", f"line {line.number}", f"only the first {MAX_RULES} rules are read"))
            break
        if line.field == AGENT:
            if not open_to_agents:
                groups.append(Group())
                open_to_agents = True
            _add_agent(groups[-1], line, faults)
            continue
        if line.field in FOR_THE_FILE:
            outside.append(line)
            continue
        if line.field not in known:
            faults.append(Fault("unknown_line", f"line {line.number}", f"{line.words[:200]!r} is no rule known here"))
            continue
        open_to_agents = False
        pairs += len(groups[-1].agents) if groups else 0
        if pairs > MAX_PAIRS:
            cause = f"more than {MAX_PAIRS} rules for single crawlers: what follows is not read"
            faults.append(Fault("too_many_lines", f"line {line.number}", cause))
            break
        (groups[-1].lines if groups else outside).append(line)
    return RobotsFile(tuple(groups), tuple(outside), tuple(_comments(text)), tuple(faults))


def _add_agent(group: Group, line: Line, faults: list[Fault]) -> None:
    name = token(line.value)
    if not name and line.value.strip() != EVERYBODY and not line.value.startswith("* "):
        faults.append(Fault("unknown_agent", f"line {line.number}", f"{line.words[:200]!r} names no crawler"))
        return  # a group for nobody: its lines are kept and count for none
    if name.casefold() not in group.folded:
        group.folded.add(name.casefold())
        group.agents.append(name)


def _lines(text: str, faults: list[Fault]) -> Iterator[Line]:
    for number, raw in enumerate(_split(text), 1):
        words = raw.split("#", 1)[0].strip(" \t")
        if not words:
            continue
        if len(words) > MAX_LINE:
            faults.append(Fault("line_too_long", f"line {number}", f"a line of {len(words)} characters is not read"))
            continue
        name, colon, value = words.partition(":")
        if not colon:
            faults.append(Fault("not_a_rule", f"line {number}", f"{words[:200]!r} is not of the form name: value"))
            continue
        yield Line(number, name.strip(" \t").lower(), value.strip(" \t"), words)


def _split(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Comments that stand together, as one text each."""
    first, words = 0, ""
    for number, raw in enumerate(_split(text), 1):
        comment = raw.partition("#")[2].strip("# \t")
        alone = raw.lstrip(" \t").startswith("#")
        if comment and words and alone:
            words = f"{words} {comment}"
        elif comment:
            if words:
                yield first, words
            first, words = number, comment
        elif words and not alone:
            yield first, words
            words = ""
    if words:
        yield first, words
