import math
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine import dotplot, dotplot_marks
from ingest.engine.dotplot import draw
from ingest.engine.dotplot_marks import CLASSES, GLYPHS, Frame
from ingest.engine.explain import explain
from ingest.engine.explanation import Explanation
from ingest.engine.params import REGISTRY_1
from ingest.engine.records import IndexRecord, MapOptions
from ingest.engine.sketch import sketch_text
from tests.ingest.engine.texts import open_index, prose

SVG = "{http://www.w3.org/2000/svg}"
WORK = prose(1, 5000)


def explained(document: str, work: str = WORK, name: str = "document.txt", **options: object) -> Explanation:
    record = IndexRecord("w", None, sketch_text(work), work)
    return explain((name, document), ("work.txt", record), REGISTRY_1, MapOptions(), **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def reordered() -> Explanation:
    return explained(WORK[9000:15000] + prose(50, 300) + WORK[1000:5000])


def parsed(explanation: Explanation) -> ElementTree.Element:
    return ElementTree.fromstring(draw(explanation))


def words_of(root: ElementTree.Element) -> str:
    return "\n".join("".join(element.itertext()) for element in root.iter(f"{SVG}text"))


def paths(root: ElementTree.Element, name: str) -> list[str]:
    return [e.get("d", "") for e in root.iter(f"{SVG}path") if e.get("class") == name and "M0 0" not in e.get("d", "")]


def test_a_plot_is_described_for_who_does_not_see_it(reordered: Explanation) -> None:
    root = parsed(reordered)
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert title is not None
    assert description is not None
    assert root.get("aria-labelledby", "").split() == [title.get("id"), description.get("id")]
    assert title.text == "document.txt against work.txt"
    assert "2 passages, the longest: document 0 to " in (description.text or "")
    assert "Reported as partial" in (description.text or "")


def test_a_plot_has_totals_axes_and_a_legend(reordered: Explanation) -> None:
    shown = words_of(parsed(reordered))
    assert "seeds looked up" in shown
    assert "characters of the document (" in shown
    assert "passage, with its identity (2)" in shown
    assert "seed, the letters beside it agree" in shown
    assert shown.count("100 %") >= 2


def test_passages_lie_where_their_characters_are(reordered: Explanation) -> None:
    frame = Frame.of(reordered.document.chars, reordered.work.chars)
    drawn = [
        tuple(float(number) for number in re.findall(r"[\d.]+", path))
        for path in paths(parsed(reordered), "passage")
        if "L" in path
    ]
    expected = [
        (frame.x(p.document_start), frame.y(p.work_start), frame.x(p.document_end), frame.y(p.work_end))
        for p in reordered.passages
    ]
    assert len(drawn) == 2
    for one, other in zip(drawn, expected, strict=True):
        assert one == pytest.approx(other, abs=0.06)
    assert frame.y(0) > frame.y(reordered.work.chars)


def test_kinds_are_told_apart_by_shape(tmp_path: Path) -> None:
    assert len(set(GLYPHS)) == len(CLASSES) == 4
    notice = prose(7, 150)
    open_index(tmp_path, {f"o{n}": prose(900 + n, 500) + notice for n in range(8)}).close()
    work = prose(80, 2000) + notice
    root = parsed(explained(prose(80, 2000)[:4000] + prose(82, 400) + notice, work, catalogue=[tmp_path]))
    assert "z" in "".join(paths(root, "common"))
    assert "seed common to many works" in words_of(root)
    assert [p for p in paths(root, "passage usual") if "L" in p]
    assert "boilerplate (1)" in words_of(root)


def test_a_plot_has_no_scripts_and_fetches_nothing_and_knows_dark_pages(reordered: Explanation) -> None:
    svg = draw(reordered)
    assert "<script" not in svg
    assert "prefers-color-scheme: dark" in svg
    assert svg.count("http") == 1  # the name space
    assert "href" not in svg
    assert " on" not in re.sub(r">[^<]*<", "><", svg)


@given(name=st.text(max_size=60))
@settings(max_examples=40, deadline=None)
def test_any_name_gives_valid_xml(reordered: Explanation, name: str) -> None:
    changed = Explanation(**{**vars(reordered), "document": type(reordered.document)(name, None, 10, 10, 2)})
    ElementTree.fromstring(draw(changed))


@pytest.mark.parametrize(
    ("document", "work"),
    [("", ""), ("", WORK), ("short", "words"), (WORK, "x"), (prose(70, 800), WORK), ("一" * 300, "一" * 300)],
)
def test_a_plot_of_nothing_says_why(document: str, work: str) -> None:
    explanation = explained(document, work)
    shown = words_of(parsed(explanation))
    assert explanation.reported or "Not reported: " in shown


def test_more_dots_than_anybody_can_see_become_a_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dotplot_marks, "MOST_DOTS", 100)
    monkeypatch.setattr(dotplot_marks, "MOST_CHAINS", 5)
    monkeypatch.setattr(dotplot_marks, "MOST_PASSAGES", 3)
    monkeypatch.setattr(dotplot, "MOST_PASSAGES", 3)
    phrases = [prose(n, 40) for n in range(8)]
    explanation = explained(*(" ".join(phrases[n * step % 8] for n in range(60)) for step in (3, 5)))
    root = parsed(explanation)
    shown = words_of(root)
    assert "seeds of chains in a cell: from 1" in shown
    assert f"Of {len(explanation.chains):,} chains the best 5 are drawn." in shown
    assert f"Of {len(explanation.passages):,} passages the first 3 are drawn." in shown
    assert not paths(root, "agreeing")
    assert [e for e in root.iter(f"{SVG}path") if (e.get("class") or "").startswith("cells d")]


def test_the_size_is_bounded_whatever_there_is(reordered: Explanation) -> None:
    many = 200_000
    draws = np.random.default_rng(5)
    places = draws.integers(0, 20_000, (2, many))
    kinds = draws.integers(0, 4, many).astype(np.uint8)
    seeds = type(reordered.seeds)(many, many, many, 0, 0, 0, places[0], places[1], kinds)
    chain = reordered.chains[0]
    changed = Explanation(
        **{
            **vars(reordered),
            "seeds": seeds,
            "chains": (chain,) * 30_000,
            "passages": reordered.passages * 10_000,
        }
    )
    assert len(draw(changed)) < 3_000_000


@given(chars=st.integers(1, 10**9), length=st.floats(380, 760))
def test_ticks_are_round_and_not_too_many(chars: int, length: float) -> None:
    ticks = dotplot._ticks(chars, length)
    assert ticks[0] == 0
    assert len(ticks) <= length / 90 + 1
    if len(ticks) > 1:
        step = ticks[1]
        assert step / 10 ** math.floor(math.log10(step) + 1e-9) in (1, 2, 5)
        assert len(ticks) >= 3 or chars < 2.5 * step


@pytest.mark.parametrize(("document", "work"), [(10, 10**7), (10**7, 10), (1, 1), (500, 1500)])
def test_a_frame_is_never_a_sliver(document: int, work: int) -> None:
    frame = Frame.of(document, work)
    assert min(frame.width, frame.height) >= 380
    assert max(frame.width, frame.height) <= 760
