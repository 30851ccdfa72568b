"""An RSL document is for the crawlers whose lines lead to it: never for everybody where a group alone names it."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.formats import rsl, rsl_audience
from licensing.formats.derivation import Heard, timeline
from licensing.formats.precedence import Asked, Says, Stated, decide, state
from licensing.formats.recognition import Found, Source, crawlers_of, policy_places, read_all

HOST, PAGE = "press.example", "https://press.example/books/lamp"
AT = "https://press.example/license.xml"
REFUSING = b"""<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license>
<prohibits type="usage">ai-train</prohibits></license></content></rsl>"""
PERMITTING = REFUSING.replace(b"prohibits", b"permits")
GROUP = f"User-agent: GPTBot\nAllow: /\nLicense: {AT}\n"
TWO = f"User-agent: GPTBot\nUser-agent: CCBot\nAllow: /\nLicense: {AT}\n"
GENERAL = f"License: {AT}\n"


def lines(robots: str) -> list[Found]:
    return [one for one in read_all(robots.encode(), Source(file_name="robots.txt")) if one.reading.format == "rsl"]


def statements(robots: str, content: bytes, *, at: str = AT, agents: tuple[str, ...] = ()) -> list[Stated]:
    """What robots.txt and the document say together, as they are read on one day."""
    pointers = [
        one for found in lines(robots)
        for one in state(found.reading, carrier="robots", source=f"https://{HOST}/robots.txt", host=HOST, prefix="r")
    ]  # fmt: skip
    document = state(rsl.read(content, agents=agents), carrier="file", source=at, host=HOST, prefix="d")
    return [*pointers, *document]


def says(agent: str, robots: str, content: bytes, **where: object) -> Says | None:
    found = decide(Asked(PAGE, use="pretraining", agent=agent), statements(robots, content, **where)).of("rsl")  # type: ignore[arg-type]
    return found.says if found else None


@pytest.mark.parametrize(
    ("robots", "content", "expected"),
    [
        ("", REFUSING, {"": Says.DISALLOW, "GPTBot": Says.DISALLOW, "CCBot": Says.DISALLOW}),
        (GENERAL, REFUSING, {"": Says.DISALLOW, "GPTBot": Says.DISALLOW, "CCBot": Says.DISALLOW}),
        (GROUP, REFUSING, {"": None, "GPTBot": Says.DISALLOW, "CCBot": None}),
        (GROUP, PERMITTING, {"": None, "GPTBot": Says.ALLOW, "CCBot": None}),
        (TWO, PERMITTING, {"": None, "GPTBot": Says.ALLOW, "CCBot": Says.ALLOW, "Other": None}),
        (GENERAL.replace(AT, "https://press.example/other.xml") + GROUP, PERMITTING, {"": None, "GPTBot": Says.ALLOW}),
    ],
    ids=["no line", "for all", "one crawler refused", "one crawler permitted", "two crawlers", "another one for all"],
)
def test_a_document_is_for_whom_the_lines_name(robots: str, content: bytes, expected: dict[str, Says | None]) -> None:
    assert {agent: says(agent, robots, content) for agent in expected} == expected


def test_a_line_for_everybody_beside_one_in_a_group_makes_it_for_everybody() -> None:
    said = rsl_audience.of_statements(statements(GENERAL + GROUP, REFUSING))
    assert [one.rule.agents for one in said if one.carrier == "file"] == [()]


def test_where_no_line_leads_there_it_is_for_whom_it_was_read_for() -> None:
    assert says("", "", PERMITTING, agents=("GPTBot",)) is None
    assert says("GPTBot", "", PERMITTING, agents=("GPTBot",)) == Says.ALLOW
    assert says("", GENERAL, PERMITTING, agents=("GPTBot",)) == Says.ALLOW  # its line names nobody any more


def test_an_address_in_another_spelling_is_the_same() -> None:
    assert says("CCBot", GROUP.replace(AT, "HTTPS://Press.Example/license.xml"), REFUSING) is None


def test_nothing_is_derived_for_everybody_from_what_one_crawler_is_told() -> None:
    day = datetime.date(2026, 3, 1)

    def derived(robots: str) -> list[str]:
        said = statements(robots, REFUSING)
        of = [tuple(one for one in said if one.carrier == carrier) for carrier in ("robots", "file")]
        heard = [Heard(day, each[0].source, "0" * 64, each) for each in of if each]
        return [one.said.kind for one in timeline(PAGE, heard)]

    assert derived("") == derived(GENERAL)
    assert derived("") != []
    assert derived(GROUP) == []


def test_whoever_fetches_is_told_where_and_for_whom() -> None:
    found = lines(GROUP + "License: https://press.example/books.xml\n")
    assert policy_places(found) == [AT, "https://press.example/books.xml"]
    assert crawlers_of(found) == {AT: ("GPTBot",), "https://press.example/books.xml": ("GPTBot",)}
    assert crawlers_of(lines(GENERAL + TWO)) == {AT: ()}
    (read,) = read_all(REFUSING, Source(address=AT, agents=("GPTBot",)))
    assert {rule.agents for policy in read.reading.policies for rule in policy.rules} == {("GPTBot",)}


audiences = st.lists(st.sampled_from([(), ("GPTBot",), ("CCBot",), ("GPTBot", "CCBot")]), max_size=4)


@given(audiences)
def test_of_any_lines_the_audience_is_everybody_or_all_that_are_named(given_to: list[tuple[str, ...]]) -> None:
    found = rsl_audience.of_lines((AT, agents) for agents in given_to)
    if not given_to:
        assert found == {}
    elif () in given_to:
        assert found == {AT: ()}
    else:
        assert set(found[AT]) == {agent for agents in given_to for agent in agents}
