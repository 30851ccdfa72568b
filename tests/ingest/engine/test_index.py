import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine.errors import BadIndex, EngineError
from ingest.engine.index import Index, restore, withdraw, write_segment
from ingest.engine.mapper import map_text
from ingest.engine.params import REGISTRY_1, preset
from ingest.engine.records import IndexRecord
from ingest.engine.sketch import sketch_text
from tests.ingest.engine.texts import open_index, prose

WORKS = {"w1": prose(1, 900), "w2": prose(2, 900)}
DOCUMENT = prose(50, 100) + WORKS["w2"][400:1400] + prose(51, 100)


def records(works: dict[str, str]) -> list[IndexRecord]:
    return [IndexRecord(w, None, sketch_text(t), t) for w, t in works.items()]


def segment_file(folder: Path) -> Path:
    return next(folder.glob("*.seg"))


def test_same_records_give_the_same_bytes_and_one_segment(tmp_path: Path) -> None:
    first = write_segment(tmp_path / "i", records(WORKS), REGISTRY_1)
    again = write_segment(tmp_path / "i", records(WORKS), REGISTRY_1)
    other = write_segment(tmp_path / "j", records(WORKS), REGISTRY_1)
    assert first.digest == again.digest == other.digest
    assert Path(first.path).read_bytes() == Path(other.path).read_bytes()
    assert len(list((tmp_path / "i").glob("*.seg"))) == 1


def test_a_work_added_later_is_found_and_changes_the_digest(tmp_path: Path) -> None:
    with open_index(tmp_path, {"w1": WORKS["w1"]}) as before:
        assert map_text(before, DOCUMENT) == []
        old = before.digest
    write_segment(tmp_path, records({"w2": WORKS["w2"]}), REGISTRY_1)
    with Index.open(tmp_path) as after:
        assert [m.work for m in map_text(after, DOCUMENT)] == ["w2"]
        assert after.digest != old


def test_digest_does_not_depend_on_the_order_of_segments(tmp_path: Path) -> None:
    for folder, names in ((tmp_path / "a", ["w1", "w2"]), (tmp_path / "b", ["w2", "w1"])):
        for name in names:
            write_segment(folder, records({name: WORKS[name]}), REGISTRY_1)
    with Index.open(tmp_path / "a") as one, Index.open(tmp_path / "b") as two:
        assert one.digest == two.digest


def test_a_withdrawn_work_is_not_found(tmp_path: Path) -> None:
    open_index(tmp_path, WORKS).close()
    with Index.open(tmp_path, withdrawn={"w2"}) as index:
        assert map_text(index, DOCUMENT) == []
        assert index.info()["works"] == 1
        assert index.info()["withdrawn"] == 1


def test_segments_of_two_parameter_sets_are_both_queried(tmp_path: Path) -> None:
    open_index(tmp_path, {"w1": WORKS["w1"]}).close()
    with open_index(tmp_path, {"w2": WORKS["w2"]}, params=preset("compact")) as index:
        found = map_text(index, WORKS["w1"] + prose(9, 300) + WORKS["w2"])
        assert [m.work for m in found] == ["w1", "w2"]
        assert {m.parameters for m in found} == {REGISTRY_1.digest, preset("compact").digest}


@pytest.mark.parametrize("padding", range(8))
def test_a_stored_zip_member_is_mapped_wherever_it_lies(tmp_path: Path, padding: int) -> None:
    with open_index(tmp_path / "index", WORKS) as index:
        expected = map_text(index, DOCUMENT)
    archive = tmp_path / "s.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as out:
        out.writestr("padding", b"x" * padding)
        for path in sorted((tmp_path / "index").iterdir()):
            if path.suffix in (".seg", ".json"):
                out.write(path, f"index/{path.name}")
    with Index.open_zip(archive) as zipped:
        assert map_text(zipped, DOCUMENT) == expected
        assert expected


def test_a_compressed_zip_member_is_refused(tmp_path: Path) -> None:
    open_index(tmp_path / "index", WORKS).close()
    archive = tmp_path / "s.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted((tmp_path / "index").glob("*.*")):
            out.write(path, f"index/{path.name}")
    with pytest.raises(BadIndex, match="stored"):
        Index.open_zip(archive)


def test_a_zip_without_an_index_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as out:
        out.writestr("x", b"")
    with pytest.raises(BadIndex, match="no index"):
        Index.open_zip(tmp_path / "s.zip")


def test_a_withdrawal_stands_in_the_list_and_can_be_taken_back(tmp_path: Path) -> None:
    with open_index(tmp_path, WORKS) as index:
        assert [m.work for m in map_text(index, DOCUMENT)] == ["w2"]
        before = index.digest
    withdraw(tmp_path, ["w2"])
    with Index.open(tmp_path) as index:
        assert map_text(index, DOCUMENT) == []
        assert index.digest != before
        given = Index.open(segment_file(tmp_path), withdrawn={"w2"})
        assert given.digest == index.digest
        given.close()
    write_segment(tmp_path, records({"w3": prose(3, 900)}), REGISTRY_1)
    with Index.open(tmp_path) as index:
        assert map_text(index, DOCUMENT) == []
        assert (index.info()["works"], index.info()["withdrawn"]) == (2, 1)
    restore(tmp_path, ["w2"])
    with Index.open(tmp_path) as index:
        assert [m.work for m in map_text(index, DOCUMENT)] == ["w2"]


def test_a_withdrawal_travels_with_a_zip(tmp_path: Path) -> None:
    open_index(tmp_path / "index", WORKS).close()
    withdraw(tmp_path / "index", ["w2"])
    with zipfile.ZipFile(tmp_path / "s.zip", "w", zipfile.ZIP_STORED) as out:
        for path in sorted((tmp_path / "index").glob("*.*")):
            out.write(path, f"index/{path.name}")
    with Index.open_zip(tmp_path / "s.zip") as zipped, Index.open(tmp_path / "index") as index:
        assert map_text(zipped, DOCUMENT) == []
        assert zipped.digest == index.digest


def test_the_records_of_a_work_are_found_by_its_name(tmp_path: Path) -> None:
    open_index(tmp_path, WORKS).close()
    write_segment(tmp_path, records({"w2": prose(8, 300), "w22": prose(9, 300), "": prose(10, 300)}), REGISTRY_1)
    with Index.open(tmp_path) as index:
        found = index.records_of("w2")
        assert sorted(segment.text(record) or "" for segment, record in found) == sorted([WORKS["w2"], prose(8, 300)])
        assert [segment.work(record) for segment, record in index.records_of("")] == [""]
        assert index.records_of("w") == index.records_of("w3") == []


def test_of_a_bad_index_nothing_stays_open(tmp_path: Path) -> None:
    for name in ("w1", "w2"):
        write_segment(tmp_path, records({name: WORKS[name]}), REGISTRY_1)
    last = sorted(tmp_path.glob("*.seg"))[-1]
    last.write_bytes(last.read_bytes()[:5000])
    with pytest.raises(BadIndex, match=last.name):
        Index.open(tmp_path)
    assert not [line for line in Path("/proc/self/maps").read_text().splitlines() if str(tmp_path) in line]


@pytest.mark.parametrize(
    "listing",
    [
        "",
        "[]",
        "{}",
        "[" * 5000,
        '{"format": "colophon-index-9", "segments": []}',
        '{"format": "colophon-index-1", "segments": "abc"}',
        '{"format": "colophon-index-1", "segments": [1]}',
        '{"format": "colophon-index-1", "segments": ["a.seg", "a.seg"]}',
        '{"format": "colophon-index-1", "segments": ["a\\u0000.seg"]}',
        '{"format": "colophon-index-1", "segments": [], "withdrawn": [1]}',
        '{"format": "colophon-index-1", "segments": [], "chosen": 1}',
    ],
)
def test_a_damaged_list_is_refused_by_name(tmp_path: Path, listing: str) -> None:
    (tmp_path / "index.json").write_text(listing)
    with pytest.raises(BadIndex, match=r"index\.json"):
        Index.open(tmp_path)


def test_many_editions_of_a_book_in_two_segments_are_not_boilerplate(tmp_path: Path) -> None:
    text = prose(7, 1200)
    for names in (("a", "b", "c", "d"), ("e", "f", "g")):
        write_segment(tmp_path, records({n: prose(ord(n), 60) + text for n in names}), REGISTRY_1)
    write_segment(tmp_path, records(WORKS), REGISTRY_1)
    with Index.open(tmp_path) as index:
        groups = {
            segment.work(record): int(index.groups(segment)[record])
            for segment in index.segments
            for record in range(segment.record_count)
        }
        assert len({groups[n] for n in "abcdefg"}) == 1
        assert len({groups["w1"], groups["w2"], groups["a"]}) == 3
        assert [m.work for m in map_text(index, text[1000:4000])] == list("abcdefg")
    with Index.open(tmp_path, withdrawn={"a", "w1"}) as index:
        left_out = [
            segment.work(record)
            for segment in index.segments
            for record in range(segment.record_count)
            if index.groups(segment)[record] < 0
        ]
        assert sorted(left_out) == ["a", "w1"]


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    with open_index(tmp_path, {}) as index:
        assert map_text(index, DOCUMENT) == []
        assert index.info()["postings"] == 0


def test_works_with_empty_and_tiny_texts_are_harmless(tmp_path: Path) -> None:
    with open_index(tmp_path, {"empty": "", "letter": "a", "han": "龍", **WORKS}) as index:
        assert [m.work for m in map_text(index, DOCUMENT)] == ["w2"]
        assert map_text(index, "") == map_text(index, "a") == map_text(index, " \n") == []


def test_a_folder_without_an_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadIndex, match=r"index\.json"):
        Index.open(tmp_path)


def test_a_missing_segment_is_named(tmp_path: Path) -> None:
    open_index(tmp_path, WORKS).close()
    name = segment_file(tmp_path)
    name.unlink()
    with pytest.raises(BadIndex, match=name.name):
        Index.open(tmp_path)


def test_a_list_cannot_point_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text(json.dumps({"format": "colophon-index-1", "segments": ["../x.seg"]}))
    with pytest.raises(BadIndex, match="not a segment's name"):
        Index.open(tmp_path)


def test_a_sketch_of_another_text_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    wrong = IndexRecord("w", None, sketch_text("one text entirely"), "another")
    with pytest.raises(BadIndex, match="not of the text"):
        write_segment(tmp_path / "i", [wrong], REGISTRY_1)
    assert [p.name for p in (tmp_path / "i").iterdir()] == []


def test_verify_names_the_section_that_was_changed(tmp_path: Path) -> None:
    open_index(tmp_path, WORKS).close()
    path = segment_file(tmp_path)
    raw = bytearray(path.read_bytes())
    raw[raw.index(WORKS["w2"][:40].encode())] ^= 1
    path.write_bytes(raw)
    with Index.open(tmp_path) as index, pytest.raises(BadIndex, match=f"{path.name}: section texts"):
        index.verify()


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_forged_segment_never_crashes(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("forged")
    open_index(folder, {"w": prose(4, 120)}).close()
    path = segment_file(folder)
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 12))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    size = data.draw(st.sampled_from([len(raw), len(raw) // 2]))
    path.write_bytes(raw[:size])
    try:
        with Index.open(folder) as index:
            map_text(index, prose(4, 120))
    except (EngineError, UnicodeDecodeError, MemoryError, ValueError):
        pass  # refused, with a reason
