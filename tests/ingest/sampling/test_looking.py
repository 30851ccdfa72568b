"""A copy or a precise marker makes a record positive, the detector never; several processes find what one finds."""

import pytest

from ingest.sampling.draws import Drawn, Record, draw
from ingest.sampling.looking import Finding, look, proving
from ingest.sampling.markers import find_markers, markers
from ingest.sampling.near_copies import Corpus, Output
from tests.ingest.engine.texts import prose

OUTPUTS = [Output(f"o{n}", prose(1_000 + n, 90), f"question {n}") for n in range(20)]


@pytest.fixture(scope="module")
def corpus() -> object:
    with Corpus(OUTPUTS) as made:
        yield made


def drawn(*texts: str) -> list[Drawn]:
    return [Drawn(b"", b"", 0, Record(f"d#{number}", text, "b")) for number, text in enumerate(texts)]


def test_a_precise_marker_makes_a_record_positive_and_another_is_only_shown(corpus: Corpus) -> None:
    examples = [marker.example for marker in markers() if marker.kind != "leftover"]
    precise = [text for text in examples if {hit.marker for hit in find_markers(text)} & proving()]
    imprecise = [text for text in examples if text not in precise]
    assert precise
    assert imprecise
    for text, finding in zip(examples, look(drawn(*examples), corpus), strict=True):
        assert finding.markers
        assert finding.positive == finding.marked == (text in precise)
    [own] = look(drawn("I wrote this myself."), corpus)
    assert (own.positive, own.markers) == (False, ())


def test_what_an_interface_leaves_behind_and_what_was_never_measured_prove_nothing() -> None:
    assert proving()
    for marker in markers():
        if marker.kind == "leftover" or marker.precision.value is None:
            assert marker.id not in proving()


def test_whether_a_record_can_be_judged_does_not_depend_on_what_is_found_in_it(corpus: Corpus) -> None:
    marked = next(marker.example for marker in markers() if marker.id in proving())
    short, long = look(drawn(marked, prose(3, 90)), corpus)
    assert (short.positive, short.judged) == (True, False)
    assert (long.positive, long.judged) == (False, True)


def test_two_processes_find_what_one_finds(corpus: Corpus) -> None:
    rows = [Record(f"d#{n}", OUTPUTS[n % 20].text if n % 3 == 0 else prose(n, 60), "b") for n in range(1_100)]
    sample = draw([*rows, Record("large", f"{prose(7, 50)} " * 4_000, "b")], 1).sample()["b"]

    def found(jobs: int) -> list[tuple[object, ...]]:
        return [told(finding) for finding in look(sample, corpus, jobs)]

    def told(finding: Finding) -> tuple[object, ...]:
        copy = finding.copy and finding.copy.to_json("d", corpus.index)
        return finding.drawn, copy, finding.markers, finding.judged, finding.score

    assert found(1) == found(2)
