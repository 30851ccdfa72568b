"""Patterns over paths, as RFC 9309 has them."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from licensing.formats.path_patterns import canonical, host_of, matches, normal, path_of, weight

signs = st.text(alphabet="/ab*$.", max_size=8)


def slow(pattern: str, path: str) -> bool:
    """The obvious reference: the pattern as a regular expression."""
    ends = pattern.endswith("$")
    body = "".join(".*" if sign == "*" else re.escape(sign) for sign in (pattern[:-1] if ends else pattern))
    return bool(re.match(f"{body}\\Z" if ends else body, path, re.DOTALL))


@given(
    pattern=signs.map(lambda rest: f"/{rest}"), path=st.text(alphabet="/ab$.", max_size=8).map(lambda rest: f"/{rest}")
)
@example(pattern="/a*a$", path="/a")
@example(pattern="/*$", path="/")
def test_matching_is_that_of_the_obvious_regular_expression(pattern: str, path: str) -> None:
    assert matches(pattern, path) == (True if pattern == "/*" else slow(pattern, path))


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("/fish", "/fishheads/yummy.html", True),
        ("/fish", "/Fish.asp", False),
        ("/fish*.php", "/fish/x.php?id=1", True),
        ("/*.php$", "/file.php?parameters", False),
        ("/*.php$", "/folder/file.php", True),
        ("", "/anything", True),
        ("*.txt", "/notes.txt", True),
        ("/a%3cd", "/a%3Cd", True),
        ("/~joe", "/%7Ejoe", True),
        ("/%E3%83%84", "/ツ", True),
        ("/a%2Fb", "/a/b", False),
        ("/path?q", "/path?q=1", True),
    ],
)
def test_a_pattern_covers_what_the_standard_says(pattern: str, path: str, found: bool) -> None:
    assert matches(pattern, path_of(f"https://example.org{path}")) is found


def test_a_pattern_full_of_stars_takes_no_time() -> None:
    began = time.perf_counter()
    assert not matches("/" + "*a" * 4000 + "$", "/" + "a" * 3999 + "b")
    assert time.perf_counter() - began < 1


def test_a_longer_pattern_weighs_more_in_octets() -> None:
    assert weight("/ツ") == len("/%E3%83%84")
    assert weight("") == weight("/") == 1


def test_everywhere_is_written_as_nothing() -> None:
    assert (canonical("/"), canonical("/a"), canonical("*")) == ("", "/a", "*")


@given(st.text(max_size=20))
def test_one_spelling_stays_as_it_is(path: str) -> None:
    once = normal("/" + path.encode("utf-8", "replace").decode())
    assert normal(once) == once


def test_hosts_are_told_with_port_and_without_who_logs_in() -> None:
    assert host_of("https://me:secret@Example.ORG:8443/x") == "example.org:8443"
    assert (host_of("not an address"), host_of("https://[::1"), path_of("https://[::1")) == ("", "", "/")
