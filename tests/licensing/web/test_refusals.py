"""What services refuse is said in the reader's language, and no sentence is listed that nobody says any more."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

import licensing
import registry
from licensing.web.refusals import SENTENCES
from registry.web import refusals
from registry.web.refusals import said

SPOKEN = ("services", "selectors", "rules", "formats")


def spoken() -> str:
    """The source of everything that refuses."""
    folders = [Path(str(package.__file__)).parent for package in (licensing, registry)]
    files = [path for folder in folders for name in SPOKEN for path in sorted((folder / name).glob("**/*.py"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.fixture(scope="module")
def source() -> str:
    return spoken()


@pytest.fixture
def fremd(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language in which every listed sentence is known, so that shapes are tried whatever is translated by now."""
    listed = {template: f"~{template}~" for template in SENTENCES}
    monkeypatch.setattr(refusals, "gettext", lambda text: listed.get(text, text))
    with override("zh-hans"):
        yield


@pytest.mark.parametrize("template", SENTENCES)
def test_every_listed_sentence_is_still_said_by_a_service(template: str, source: str) -> None:
    longest = max(re.split(r"%\(\w+\)s", template), key=len)
    assert longest.strip(" .") in source


@pytest.mark.usefixtures("fremd")
def test_a_sentence_is_known_by_its_shape_and_keeps_its_facts() -> None:
    assert said("This request was sent already.") == "~This request was sent already.~"
    assert said("This offer ended on 2026-01-31.") == "~This offer ended on 2026-01-31.~"
    assert said("“abc” is no work of this negotiation.") == "~“abc” is no work of this negotiation.~"


@pytest.mark.usefixtures("fremd")
def test_a_sentence_within_a_sentence_is_said_too() -> None:
    sentence = "No work is left to grant. This offer was taken back. Somebody's own words."
    assert said(sentence) == "~No work is left to grant. ~This offer was taken back.~ Somebody's own words.~"


@pytest.mark.usefixtures("fremd")
def test_what_is_not_listed_stays_as_it_is() -> None:
    for sentence in ("", "Nobody ever said this.", "100 % of it failed.", "%(day)s"):
        assert said(sentence) == sentence


def test_english_readers_get_the_sentence_itself() -> None:
    with override("en"):
        assert said("This request was sent already.") == "This request was sent already."
