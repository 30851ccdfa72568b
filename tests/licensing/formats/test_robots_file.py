"""robots.txt as groups of lines."""

import time

from hypothesis import given
from hypothesis import strategies as st

from licensing.formats.plain_text import MAX_BYTES, MAX_FAULTS, MAX_RULES
from licensing.formats.robots import read
from licensing.formats.robots_file import MAX_PAIRS, parse, token


def groups(text: str) -> list[tuple[list[str], list[str]]]:
    return [(group.agents, [line.words for line in group.lines]) for group in parse(text.encode()).groups]


def test_agents_that_stand_together_share_what_follows() -> None:
    text = "User-agent: a\nUser-agent: b\nDisallow: /x\nuser-agent: c\nAllow: /\n"
    assert groups(text) == [(["a", "b"], ["Disallow: /x"]), (["c"], ["Allow: /"])]


def test_a_line_that_is_no_rule_does_not_end_a_group() -> None:
    text = "User-agent: a\nSitemap: https://example.org/s.xml\nUser-agent: b\nFoo: bar\nDisallow: /x\n"
    assert groups(text) == [(["a", "b"], ["Disallow: /x"])]


def test_an_agent_is_its_product_token() -> None:
    assert [token(name) for name in ("GPTBot/1.1", "GPTBot *", "*", "* x", "", "Foo*")] == [
        "GPTBot",
        "GPTBot",
        "",
        "",
        "",
        "Foo",
    ]


def test_a_group_for_no_name_is_for_nobody() -> None:
    file = parse(b"User-agent:\nDisallow: /\n")
    assert file.groups[0].agents == []
    assert [fault.code for fault in file.faults] == ["unknown_agent"]
    assert read(b"User-agent:\nDisallow: /\n").policies == ()


def test_comments_that_stand_together_are_one_text() -> None:
    file = parse(b"# All rights are\n# reserved.\n\n# Crawlers\nUser-agent: * # everybody\nDisallow:\n")
    assert [words for _line, words in file.comments] == ["All rights are reserved.", "Crawlers", "everybody"]


def test_a_page_in_its_place_is_no_robots_file() -> None:
    file = parse(b"<!doctype html><title>Not found</title>User-agent: *\nDisallow: /\n")
    assert (file.groups, [fault.code for fault in file.faults]) == ((), ["not_text"])


def test_megabytes_are_read_up_to_the_limit_and_that_is_said() -> None:
    began = time.perf_counter()
    file = parse(b"User-agent: *\n" + b"Disallow: /x\n" * 400_000)
    assert time.perf_counter() - began < 5
    assert {fault.code for fault in file.faults} == {"too_large", "too_many_lines"}
    assert len(file.groups[0].lines) < MAX_RULES


def test_thousands_of_crawlers_times_thousands_of_rules_are_bounded() -> None:
    names = b"".join(b"User-agent: bot%d\n" % number for number in range(9000))
    began = time.perf_counter()
    reading = read(names + b"Disallow: /a\n" * 9000)
    assert time.perf_counter() - began < 5
    assert sum(len(rule.agents) for policy in reading.policies for rule in policy.rules) <= MAX_PAIRS
    assert [fault.code for fault in reading.faults] == ["too_many_lines"]


def test_one_line_of_megabytes_is_refused_and_the_others_read() -> None:
    file = parse(b"User-agent: *\nDisallow: /" + b"a" * 20_000 + b"\nDisallow: /b\n")
    assert [line.value for line in file.groups[0].lines] == ["/b"]
    assert [fault.code for fault in file.faults] == ["line_too_long"]


def test_nothing_but_faults_is_a_bounded_list() -> None:
    reading = read(b"nonsense\n" * 5000)
    assert len(reading.faults) == MAX_FAULTS + 1
    assert reading.faults[-1].code == "more_faults"


def test_control_characters_are_shown_as_replaced_and_reported() -> None:
    file = parse(b"User-agent: *\nDisallow: /a\x00b\x1b[0m\n")
    assert "\x00" not in file.groups[0].lines[0].value
    assert [fault.code for fault in file.faults] == ["control_character"]


@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    read(content)
    read(b"User-agent: *\nDisallow: /" + content)


def test_bytes_that_are_no_utf8_are_said_and_the_rest_is_read() -> None:
    file = parse(b"User-agent: *\nDisallow: /caf\xe9\nDisallow: /b\n")
    assert [fault.code for fault in file.faults] == ["not_utf8"]
    assert file.groups[0].lines[1].value == "/b"
    assert MAX_BYTES >= 500 * 1024  # RFC 9309 §2.5
