"""Which works count as one text: those that share most of the larger one, and no others."""

from pathlib import Path

from ingest.engine.index import Index, write_segment
from ingest.engine.intake import TextRecord
from ingest.engine.params import REGISTRY_1
from tests.ingest.engine.texts import noisy, prose

NOVEL = prose(1, 3000)
LICENCE = prose(2, 400)


def kin(folder: Path, *segments: dict[str, str]) -> dict[str, int]:
    """Group of each work when these segments are one index."""
    for works in segments:
        write_segment(folder, [TextRecord(work, None, text) for work, text in works.items()], REGISTRY_1)
    with Index.open(folder) as index:
        return {
            segment.work(record): int(group)
            for segment in index.segments
            for record, group in enumerate(index.groups(segment))
        }


def test_registrations_of_one_text_are_kin_and_others_are_not(tmp_path: Path) -> None:
    groups = kin(tmp_path, {"a": NOVEL, "b": prose(9, 50) + NOVEL, "c": noisy(NOVEL, 0.005, 3), "d": prose(4, 3000)})
    assert groups["a"] == groups["b"] == groups["c"] != groups["d"]


def test_a_registered_licence_makes_no_kin_of_the_works_that_carry_it(tmp_path: Path) -> None:
    works = {f"w{n}": prose(10 + n, 1500) + LICENCE for n in range(6)}
    groups = kin(tmp_path, {**works, "licence": LICENCE})
    assert len(set(groups.values())) == 7


def test_a_part_is_no_kin_of_the_whole(tmp_path: Path) -> None:
    groups = kin(tmp_path, {"whole": NOVEL, "chapter": NOVEL[: len(NOVEL) // 3]})
    assert groups["whole"] != groups["chapter"]


def test_kin_are_told_within_a_segment_and_across_segments(tmp_path: Path) -> None:
    first = {"a": NOVEL, "b": prose(3, 900), "c": NOVEL}
    second = {"d": prose(3, 900) + prose(5, 20), "e": prose(6, 900), "f": NOVEL}
    groups = kin(tmp_path, first, second)
    assert groups["a"] == groups["c"] == groups["f"]
    assert groups["b"] == groups["d"]
    assert len({groups["a"], groups["b"], groups["e"]}) == 3


def test_kin_of_kin_are_kin_however_many_there_are(tmp_path: Path) -> None:
    groups = kin(tmp_path, {f"w{n}": NOVEL for n in range(20)})
    assert len(set(groups.values())) == 1


def test_texts_without_a_seed_are_no_kin(tmp_path: Path) -> None:
    groups = kin(tmp_path, {"empty": "", "short": "a b", "also empty": "", "novel": NOVEL})
    assert len(set(groups.values())) == 4
