"""One robots.txt out of all that is said in it: crawl rules, Content-Usage, Content-Signal, License; pure."""

from licensing.formats import aipref, content_signal, robots
from licensing.formats.policy import Policy, Reading, Written
from licensing.formats.preferences import CONTENT_TYPE, groups_text
from licensing.formats.robots_file import RobotsFile, parse


def read(content: bytes, draft: str = "") -> tuple[Reading, ...]:
    """Everything that a robots.txt says, a reading for each format that is in it; `draft` is aipref's."""
    readings = (robots.read(content), aipref.read_robots(content, draft), content_signal.read_robots(content))
    return (readings[0], *(one for one in readings[1:] if one.policies or _speaks(one)))


def _speaks(reading: Reading) -> bool:
    """Whether something of this format was there, even if nothing of it was understood."""
    return any(fault.code not in SHARED for fault in reading.faults)


SHARED = frozenset({
    "too_large", "not_utf8", "control_character", "not_text", "too_many_lines", "unknown_agent", "line_too_long",
    "not_a_rule", "more_faults", "unknown_line",
})  # fmt: skip


def write(policy: Policy, *, licence: str = "", draft: str = "") -> Written:
    """The policy in all formats of robots.txt at once. A loss begins with the name of the format it is of."""
    crawl = robots.write(policy, licence)
    named = [tuple(agent for agent in group.agents if agent) for group in parse(crawl.content).groups]
    also = [agents for agents in named if agents]
    parts = {
        "robots": crawl,
        "aipref": aipref.write_robots(policy, draft, also=also),
        "content-signal": content_signal.write(policy, also=also),
    }
    loss = tuple(f"{name}: {sentence}" for name, one in parts.items() for sentence in one.loss)
    files = [parse(one.content) for one in parts.values()]
    lines = _merged(files)
    same: dict[tuple[str, ...], list[str]] = {}
    for agent, said in lines.items():
        if agent:
            same.setdefault(said, []).append(agent)
    groups = ({(): lines[""]} if "" in lines else {}) | {tuple(agents): said for said, agents in same.items()}
    head = [f"License: {licence}\n" for line in files[0].outside if line.field == "license"]
    head += [f"# {words}\n" for _number, words in files[0].comments]
    return Written("\n".join([*head, *groups_text(groups)]).encode(), CONTENT_TYPE, "robots.txt", loss)


def _merged(files: list[RobotsFile]) -> dict[str, tuple[str, ...]]:
    """All lines for each crawler; the empty name is everybody else."""
    lines: dict[str, dict[str, None]] = {}
    for file in files:
        for group in file.groups:
            for agent in group.agents:
                lines.setdefault(agent, {}).update(dict.fromkeys(line.words for line in group.lines))
    return {agent: tuple(said) for agent, said in lines.items()}
