from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.engine.dump import excerpt, lines, percent, to_json, why
from ingest.engine.explain import explain
from ingest.engine.explanation import Explanation
from ingest.engine.index import write_segment
from ingest.engine.mapper import map_text
from ingest.engine.params import PRESETS, REGISTRY_1, Params
from ingest.engine.records import IndexRecord, MapOptions
from ingest.engine.sketch import sketch_text
from tests.ingest.engine.texts import han, noisy, open_index, prose

WORK = prose(1, 6000)


def explained(
    document: str,
    work: str = WORK,
    *,
    min_words: int = 50,
    text_held: bool = True,
    params: Params = REGISTRY_1,
    catalogue: Sequence[Path] = (),
) -> Explanation:
    record = IndexRecord("w", None, sketch_text(work, params), work if text_held else None)
    return explain(("document.txt", document), ("work.txt", record), params, MapOptions(min_words), catalogue)


def report(explanation: Explanation) -> str:
    return "\n".join(lines(explanation))


def catalogue_of(folder: Path, boilerplate: str, count: int = 8) -> Path:
    open_index(folder, {f"other{n}": prose(900 + n, 700) + boilerplate for n in range(count)}).close()
    return folder


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_hit_has_one_kind_and_every_seed_of_a_copy_agrees(name: str) -> None:
    explanation = explained(WORK, params=PRESETS[name])
    seeds = explanation.seeds
    assert sum(seeds.counts.values()) == len(seeds.kinds) == len(seeds.documents) == len(seeds.works)
    assert seeds.held <= seeds.found <= seeds.looked_up
    assert seeds.counts["agreeing"] >= seeds.held


@pytest.mark.parametrize("text_held", [True, False])
def test_an_explanation_says_what_the_engine_reports(tmp_path: Path, text_held: bool) -> None:
    document = prose(50, 400) + noisy(WORK[2000:9000], 0.02, 5) + prose(51, 300) + WORK[14000:17000] + prose(52, 200)
    with open_index(tmp_path, {"w": WORK}, text_held=text_held) as index:
        [match] = map_text(index, document)
    explanation = explained(document, text_held=text_held)
    assert explanation.match is not None
    assert explanation.reported
    assert explanation.passages == match.passages
    assert explanation.match._replace(work="w", confidence=None) == match._replace(confidence=None)


def test_chains_lead_to_their_passages_with_spans_on_both_sides() -> None:
    explanation = explained(WORK[9000:14000] + prose(50, 200) + WORK[1000:5000])
    first, second = explanation.chains[:2]
    assert (first.outcome, first.passages, second.outcome, second.passages) == ("passages", (2,), "passages", (1,)) or (
        first.passages,
        second.passages,
    ) == ((1,), (2,))
    for chain in (first, second):
        passage = explanation.passages[chain.passages[0] - 1]
        assert passage.document_start <= chain.document[0] < chain.document[1] <= passage.document_end
        assert passage.work_start <= chain.work[0] < chain.work[1] <= passage.work_end
        assert chain.document[0] - chain.work[0] == passage.document_start - passage.work_start
        assert len(chain.documents) == chain.seeds > 10
    assert first.score >= second.score


def test_a_chain_without_gaps_scores_the_letters_that_its_seeds_cover() -> None:
    letters = "".join(WORK.split()).replace(".", "").replace(",", "")
    chain = explained(letters, letters).chains[0]
    covered = {letter for seed in chain.documents.tolist() for letter in range(seed, seed + REGISTRY_1.seed_symbols)}
    assert chain.score == len(covered)


def test_an_alignment_of_too_few_words_is_shown_with_its_length() -> None:
    shared = " ".join(WORK.split()[300:320])
    explanation = explained(prose(60, 400) + "\n" + shared + "\n" + prose(61, 400))
    [chain] = [chain for chain in explanation.chains if chain.outcome == "short"]
    [left_out] = explanation.left_out
    assert (explanation.code, explanation.match, explanation.passages) == ("all_short", None, ())
    assert 20 <= chain.words == left_out.words < REGISTRY_1.strong_words
    assert f"the longest alignment has {chain.words} words, and one that counts alone has 25" in why(explanation)
    assert f"dropped: {chain.words} words, 25 count alone" in report(explanation)


def test_a_match_of_fewer_words_than_asked_for_is_shown_and_said_not_to_be_reported() -> None:
    explanation = explained(prose(60, 400) + "\n" + " ".join(WORK.split()[300:335]) + "\n" + prose(61, 400))
    assert explanation.match is not None
    assert explanation.code == "too_few_words"
    assert len(explanation.passages) == 1
    assert f"{explanation.match.matched_words} words match, fewer than the 50 asked for" in report(explanation)


def test_texts_without_a_seed_in_common_are_said_to_have_none() -> None:
    explanation = explained(han(70, 3000))
    assert explanation.code == "no_seeds"
    assert "no 83 letters in a row are the same in both" in why(explanation)


def test_unrelated_texts_share_chance_seeds_at_most() -> None:
    explanation = explained(prose(71, 5000))
    assert explanation.code == "no_seeds"
    assert explanation.seeds.chance == len(explanation.seeds.kinds)


def test_a_run_that_the_work_repeats_too_often_is_not_looked_up_and_said_so() -> None:
    explanation = explained("the same line again and again, " * 40, "the same line again and again, " * 1500)
    assert explanation.code == "too_frequent"
    assert explanation.seeds.too_frequent > 0
    assert "in more than 256 places" in report(explanation)


def test_one_seed_without_the_text_does_not_tell_how_far_it_reaches() -> None:
    seed = int(sketch_text(WORK).offsets[100])
    explanation = explained("zz " * 30 + WORK[seed - 12 : seed + 38] + " zz" * 30, text_held=False)
    assert explanation.code == "too_few_seeds"
    assert "dropped: too few seeds to tell how far it reaches without the text" in report(explanation)


@pytest.mark.parametrize("document", ["", "!?", "short"])
def test_a_document_without_enough_letters_is_said_to_be_too_short(document: str) -> None:
    explanation = explained(document)
    assert explanation.code == "too_short"
    assert f"one of the two has {len(document) if document.isalpha() else 0} letters" in report(explanation)


def test_what_many_works_of_a_catalogue_have_is_boilerplate(tmp_path: Path) -> None:
    notice = prose(7, 200)
    work = prose(80, 2000) + notice
    others = catalogue_of(tmp_path, notice)
    alone = explained(prose(81, 500) + notice, work)
    among = explained(prose(81, 500) + notice, work, catalogue=[others])
    assert (alone.code, alone.seeds.counts["common"]) == ("reported", 0)
    assert among.code == "only_boilerplate"
    assert among.seeds.counts["common"] > 10
    assert any(chain.outcome == "boilerplate" and chain.words >= 190 for chain in among.chains)
    assert "in more than 4 unrelated works as well" in report(among)


def test_boilerplate_beside_a_real_copy_is_told_apart(tmp_path: Path) -> None:
    notice = prose(7, 200)
    work = prose(80, 2000) + notice
    others = catalogue_of(tmp_path, notice)
    explanation = explained(prose(80, 2000)[:4000] + prose(82, 400) + notice, work, catalogue=[others])
    assert explanation.reported
    assert (len(explanation.passages), explanation.boilerplate) == (2, 1)
    assert " · boilerplate" in report(explanation)
    assert [p["boilerplate"] for p in to_json(explanation)["passages"]] == [False, True]


def test_a_work_that_the_catalogue_holds_too_is_no_stranger_to_itself(tmp_path: Path) -> None:
    open_index(tmp_path, {f"copy{n}": WORK for n in range(6)}).close()
    assert explained(WORK[:5000], catalogue=[tmp_path]).reported


def test_without_the_text_passages_have_sketch_precision_and_no_identity() -> None:
    explanation = explained(WORK[3000:12000], text_held=False)
    assert [p.precision for p in explanation.passages] == ["sketch"] * len(explanation.passages)
    assert "only its fingerprint is held" in report(explanation)
    assert "identity not known without the text" in report(explanation)
    assert to_json(explanation)["passages"][0]["work_excerpt"] is None


def test_a_text_that_repeats_itself_is_explained_in_bounded_time_and_its_many_chains_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ingest.engine.explain.MOST_TRIED", 50)
    phrases = [prose(n, 12) for n in range(12)]
    order = [n * n * 7 % 11 for n in range(300)]
    document = " ".join(phrases[n % 12] for n in order)
    explanation = explained(document, " ".join(phrases[(n * 5 + 3) % 12] for n in order))
    outcomes = {chain.outcome for chain in explanation.chains}
    assert "untried" in outcomes
    assert "there are too many to tell why" in "\n".join(lines(explanation, everything=True))


def test_long_lists_are_cut_unless_all_is_asked_for() -> None:
    parts = [WORK[n : n + 400] for n in range(0, 24_000, 480)]
    explanation = explained((" " + prose(90, 60)).join(parts[::-1]))
    assert len(explanation.passages) > 40
    assert "more (--all shows them)" in report(explanation)
    assert "--all" not in "\n".join(lines(explanation, everything=True))


def test_excerpts_stand_below_one_another_and_steer_no_terminal() -> None:
    assert excerpt("ab\x1b[31m\n\u202ecd", 0, 11) == "ab [31m cd"
    assert excerpt("x" * 1000, 0, 1000) == "x" * 48 + " … " + "x" * 48
    assert excerpt("words " * 3, 0, 11) == "words words"
    shown = report(explained("~" + WORK[100:4000]))
    assert "\n        D " in shown
    assert "\n        W " in shown


def test_json_has_every_stage_and_seeds_only_when_asked() -> None:
    explanation = explained(prose(50, 100) + WORK[500:6500])
    plain, full = to_json(explanation), to_json(explanation, with_seeds=True)
    places = full["seeds"].pop("places")
    assert plain == full
    assert len(places) == sum(plain["seeds"]["hits"].values())
    assert places[0][2] in ("agreeing", "in_line", "lone", "common")
    [passage] = plain["passages"]
    start, end = passage["document_chars"]
    assert plain["match"]["relation"] == "partial"
    assert plain["why"]["sentence"].startswith("Reported as partial: ")
    assert (prose(50, 100) + WORK[500:6500])[start:end].split()[:3] == passage["document_excerpt"].split()[:3]


def test_how_sure_a_match_is_is_said_where_it_is_known() -> None:
    explanation = explained(WORK[500:6500])
    assert explanation.match is not None
    known = replace(explanation, match=explanation.match._replace(confidence=0.98765))
    unknown = replace(explanation, match=explanation.match._replace(confidence=None))
    assert "confidence 98.8 %" in report(known)
    assert to_json(known)["match"]["confidence"] == 0.98765
    assert "confidence" not in report(unknown)
    assert to_json(unknown)["match"]["confidence"] is None


@pytest.mark.parametrize(
    ("part", "shown"), [(1.0, "100 %"), (0.999999, "99.99 %"), (0.98765, "98.8 %"), (0.0, "0.0 %"), (0.9995, "99.95 %")]
)
def test_only_all_of_it_is_a_hundred_per_cent(part: float, shown: str) -> None:
    assert percent(part) == shown


def test_a_catalogue_of_another_parameter_set_changes_nothing(tmp_path: Path) -> None:
    other = PRESETS["large"]
    text = prose(7, 200)
    records = [IndexRecord(f"o{n}", None, sketch_text(prose(900 + n, 500) + text, other), None) for n in range(8)]
    write_segment(tmp_path, records, other)
    assert explained(prose(81, 500) + text, prose(80, 500) + text, catalogue=[tmp_path]).reported
