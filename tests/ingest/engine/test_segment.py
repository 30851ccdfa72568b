"""Segment files: what is written is read back, whatever the way it took; what is damaged is refused."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine import segment_writer
from ingest.engine.errors import BadIndex, EngineError, IndexFull, UnknownParameters
from ingest.engine.index import Index
from ingest.engine.intake import TextRecord
from ingest.engine.mapper import map_text
from ingest.engine.params import PRESETS, REGISTRY_1, Params, preset
from ingest.engine.records import IndexRecord, SegmentInfo
from ingest.engine.segment import Segment
from ingest.engine.segment_format import SECTIONS
from ingest.engine.segment_writer import SegmentWriter
from ingest.engine.sketch import sketch_text
from tests.ingest.engine.texts import han, prose

TEXTS = {
    "novel": prose(1, 2500),
    "poem": "O\ud800 rose ﬁne — " + prose(2, 40),
    "諸子": han(3, 700) + "\n" + prose(4, 300),
    "empty": "",
    "twice": prose(1, 2500),
    "repeats": "the same again and again " * 400,
    "letters": "a" * 5000,
}


def text_records() -> list[TextRecord]:
    return [TextRecord(work, None, text, title=f"Title of {work}", isbn="") for work, text in TEXTS.items()]


def mixed_records(params: Params = REGISTRY_1) -> list[IndexRecord | TextRecord]:
    """As three callers may give them: text alone, text with its sketch, sketch alone."""
    mixed: list[IndexRecord | TextRecord] = []
    for number, (work, text) in enumerate(TEXTS.items()):
        edition = ["first", None, ""][number % 3]
        if number % 3 == 0:
            mixed.append(TextRecord(work, edition, text, "T", "A", "9780141439518"))
        else:
            held = text if number % 3 == 1 else None
            mixed.append(IndexRecord(work, edition, sketch_text(text, params), held, "T", "A", "9780141439518"))
    return mixed


def write(
    path: Path, records: Iterable[IndexRecord | TextRecord], params: Params = REGISTRY_1, in_memory: int = 1 << 20
) -> SegmentInfo:
    with SegmentWriter(path, params, postings_in_memory=in_memory) as writer:
        for record in records:
            writer.add(record)
        return writer.finish()


def expected_entries(segment: Segment, params: Params) -> list[tuple[int, int]]:
    """Bucket and entry of every posting, the slow way, as the format says."""
    found = []
    start = 0
    for text in TEXTS.values():
        sketch = sketch_text(text, params)
        for h, position, (left, right) in zip(
            sketch.hashes.tolist(), sketch.positions.tolist(), sketch.signatures.tolist(), strict=True
        ):
            layout = segment.layout
            number = min(h >> layout.range_shift, len(layout.shifts) - 1)
            shift = layout.shifts[number]
            begin = number << layout.range_shift if number < len(layout.shifts) - 1 else 0
            bucket = layout.firsts()[number] + ((h - begin) >> shift)
            remainder = (h >> (shift - 10)) & 1023
            found.append((bucket, remainder << 54 | (start + position) << 16 | left << 8 | right))
        start += sketch.symbols
    return sorted(found)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_entries_and_buckets_are_those_of_the_format(tmp_path: Path, name: str) -> None:
    params = preset(name)
    info = write(tmp_path / "x.seg", mixed_records(params), params)
    with Index.open(tmp_path / "x.seg") as index:
        [segment] = index.segments
        expected = expected_entries(segment, params)
        assert segment.arrays.entries.tolist() == [entry for _, entry in expected]
        counts = np.bincount([bucket for bucket, _ in expected], minlength=segment.layout.firsts()[-1])
        starts = segment.arrays.buckets & np.uint64(0xFFFF_FFFF)
        assert starts.tolist() == [0, *np.cumsum(counts).tolist()]
        classes = [0] * (len(counts) + 1)
        for bucket, entry in expected:
            classes[bucket] |= 1 << (entry >> 54) % 32
        assert (segment.arrays.buckets >> np.uint64(32)).tolist() == classes
        assert info.postings == len(expected)


def test_every_record_is_read_back(tmp_path: Path) -> None:
    info = write(tmp_path / "x.seg", mixed_records())
    assert info.bytes == (tmp_path / "x.seg").stat().st_size
    assert (info.records, info.works) == (7, 7)
    with Index.open(tmp_path / "x.seg") as index:
        [segment] = index.segments
        index.verify()
        assert info.digest == segment.digest
        assert segment.works() == [row.work for row in segment.records] == list(TEXTS)
        for number, (work, text) in enumerate(TEXTS.items()):
            row, sketch = segment.row(number), sketch_text(text)
            assert (row.work, row.edition) == (work, ["first", None, ""][number % 3])
            assert segment.row(number) is row
            assert (row.title, row.author, row.isbn) == ("T", "A", "9780141439518")
            totals = (row.symbols, row.letters, row.chars, row.words)
            assert totals == (sketch.symbols, sketch.letters, sketch.chars, sketch.words)
            assert segment.text(number) == (None if number % 3 == 2 else text)
            assert (row.text is None) == (number % 3 == 2)
        with pytest.raises(IndexError):
            segment.row(7)


def test_every_seed_of_a_sketch_is_placed_within_a_few_characters(tmp_path: Path) -> None:
    """Of records without text every eighth place is kept; those between lie in proportion."""
    write(tmp_path / "x.seg", [IndexRecord("w", None, sketch_text(TEXTS["novel"]), None)])
    sketch = sketch_text(TEXTS["novel"])
    with Index.open(tmp_path / "x.seg") as index:
        [segment] = index.segments
        places = segment.char_offsets(0, sketch.positions.astype(np.int64))
        away = np.abs(np.array(places) - sketch.offsets)
        assert away[::8].max() == away[-1] == 0
        assert away.max() <= 12
        assert segment.arrays.sample_positions.size == -(-(sketch.hashes.size - 1) // 8) + 1


def test_a_text_gives_the_same_bytes_as_its_sketch_with_the_text(tmp_path: Path) -> None:
    with_sketches = [
        IndexRecord(r.work, r.edition, sketch_text(r.text), r.text, r.title, r.author, r.isbn) for r in text_records()
    ]
    write(tmp_path / "a.seg", text_records())
    write(tmp_path / "b.seg", with_sketches)
    assert (tmp_path / "a.seg").read_bytes() == (tmp_path / "b.seg").read_bytes()


@pytest.mark.parametrize("in_memory", [1, 7, 64, 400])
def test_an_index_built_outside_of_memory_has_the_same_bytes(tmp_path: Path, in_memory: int) -> None:
    write(tmp_path / "a.seg", mixed_records())
    write(tmp_path / "b.seg", mixed_records(), in_memory=in_memory)
    assert (tmp_path / "a.seg").read_bytes() == (tmp_path / "b.seg").read_bytes()


def test_a_range_too_large_for_memory_has_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.seg", mixed_records())
    monkeypatch.setattr("ingest.engine.postings.ENTRIES_IN_MEMORY", 20)
    write(tmp_path / "b.seg", mixed_records(), in_memory=100)
    assert (tmp_path / "a.seg").read_bytes() == (tmp_path / "b.seg").read_bytes()


def test_a_hash_that_thousands_of_records_share_is_sorted(tmp_path: Path) -> None:
    """Large buckets are not sorted by insertion: that would take the square of their size."""
    page = prose(5, 120)
    records = [TextRecord(f"w{n}", None, page + prose(100 + n, 20)) for n in range(300)]
    write(tmp_path / "a.seg", records)
    write(tmp_path / "b.seg", records, in_memory=999)
    assert (tmp_path / "a.seg").read_bytes() == (tmp_path / "b.seg").read_bytes()
    with Index.open(tmp_path / "a.seg") as index:
        arrays = index.segments[0].arrays
        starts = (arrays.buckets & np.uint64(0xFFFF_FFFF)).astype(np.int64)
        assert np.diff(starts).max() > 300
        for low, high in pairwise(starts.tolist()):
            held = arrays.entries[low:high]
            assert (held[1:] > held[:-1]).all()


def test_an_unfinished_segment_leaves_nothing(tmp_path: Path) -> None:
    def stopped() -> Iterator[TextRecord]:
        yield text_records()[0]
        raise RuntimeError("the reader stopped")

    with pytest.raises(RuntimeError, match="the reader stopped"):
        write(tmp_path / "x.seg", stopped(), in_memory=10)
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_fit_is_refused_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    novel = sketch_text(TEXTS["novel"])
    for name, limit in (("MAX_SYMBOLS", novel.symbols + 5000), ("MAX_ENTRIES", novel.hashes.size + 150)):
        with monkeypatch.context() as patch:
            patch.setattr(segment_writer, name, limit)
            with pytest.raises(IndexFull, match="at 'twice': split the catalogue into several segments"):
                write(tmp_path / "x.seg", text_records())
    assert list(tmp_path.iterdir()) == []


def test_a_sketch_of_other_parameters_is_refused(tmp_path: Path) -> None:
    other = IndexRecord("w", None, sketch_text("text", preset("compact")), None)
    with pytest.raises(BadIndex, match="made with 'compact', not 'registry-1'"):
        write(tmp_path / "x.seg", [other])


@pytest.mark.parametrize(
    ("head", "cause"),
    [
        (b"\x89CSEG1\r\n" + bytes(100), "older version of the engine: build the index again"),
        (b"PK\x03\x04" + bytes(100), "not a segment"),
        (b"\x89CSEG2\r\n" + b"\xff" * 100, "header length"),
        (b"\x89CSEG2\r\n" + (50).to_bytes(8, "little") + bytes(100), "damaged"),
        (b"", "cut short"),
    ],
)
def test_a_foreign_file_is_refused_with_its_name(tmp_path: Path, head: bytes, cause: str) -> None:
    (tmp_path / "x.seg").write_bytes(head)
    with pytest.raises(BadIndex, match=f"x.seg: .*{cause}"):
        Index.open(tmp_path / "x.seg")


@pytest.mark.parametrize(("old", "new"), [(b'"registry-1"', b'"registry-9"'), (b"sha256:", b"sha256!")])
def test_a_segment_of_unknown_parameters_is_refused_by_their_name_and_its_own(
    tmp_path: Path, old: bytes, new: bytes
) -> None:
    write(tmp_path / "x.seg", mixed_records())
    raw = (tmp_path / "x.seg").read_bytes()
    (tmp_path / "x.seg").write_bytes(raw.replace(old, new, 1))
    with pytest.raises(UnknownParameters, match=r"x\.seg: .*parameter set 'registry-"):
        Index.open(tmp_path / "x.seg")


def test_every_cut_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "x.seg", mixed_records())
    raw = (tmp_path / "x.seg").read_bytes()
    last = len(raw) - len(raw) % 64 - 64  # the file ends in up to 63 bytes of padding
    for size in (*range(0, last, 997), last):
        (tmp_path / "x.seg").write_bytes(raw[:size])
        with pytest.raises(BadIndex, match=r"x\.seg"):
            Index.open(tmp_path / "x.seg")


def section_bytes(segment: Segment, name: str) -> tuple[int, int]:
    start, size, _ = segment.header["sections"][name]
    return 4096 + start, size


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_a_changed_byte_in_any_section_is_found_by_verify_and_never_crashes(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.seg"
    write(path, mixed_records())
    with Index.open(path) as index:
        start, size = section_bytes(index.segments[0], name)
    raw = bytearray(path.read_bytes())
    for at in sorted({start, start + size - 1, *range(start, start + size, max(1, size // 12))}):
        for value in (raw[at] ^ 1, raw[at] ^ 0x80, 255 if raw[at] != 255 else 0):
            changed = raw.copy()
            changed[at] = value
            path.write_bytes(changed)
            check_refused_or_harmless(path)


def check_refused_or_harmless(path: Path) -> None:
    try:
        index = Index.open(path)
    except EngineError as error:
        assert "x.seg" in str(error)  # noqa: PT017  either is right
        return
    with index:
        with pytest.raises(BadIndex, match="does not match its digest"):
            index.verify()
        use(index)


def use(index: Index) -> None:
    """Matching may find anything, or fail with an error that says so; it must not read outside an array."""
    try:
        for text in (TEXTS["novel"], TEXTS["諸子"], TEXTS["repeats"]):
            map_text(index, text[:3000])
        index.info()
    except (EngineError, MemoryError, ValueError) as error:
        assert str(error)  # noqa: PT017


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_section_of_any_bytes_never_crashes(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("forged") / "x.seg"
    write(path, [TextRecord("a", None, TEXTS["novel"][:4000]), IndexRecord("b", "e", sketch_text(TEXTS["諸子"]), None)])
    raw = bytearray(path.read_bytes())
    with Index.open(path) as index:
        places = {name: section_bytes(index.segments[0], name) for name in SECTIONS}
    for _ in range(data.draw(st.integers(1, 3))):
        start, size = places[data.draw(st.sampled_from(sorted(SECTIONS)))]
        length = min(size, data.draw(st.integers(1, 64)))
        at = start + data.draw(st.integers(0, max(0, size - length)))
        raw[at : at + length] = data.draw(st.binary(min_size=length, max_size=length))
    path.write_bytes(raw)
    try:
        with Index.open(path) as index:
            use(index)
    except EngineError as error:
        assert "x.seg" in str(error)  # noqa: PT017


def test_residence_of_what_was_just_read_is_whole(tmp_path: Path) -> None:
    write(tmp_path / "x.seg", mixed_records())
    with Index.open(tmp_path / "x.seg") as index:
        assert index.segments[0].arrays.entries.sum() >= 0
        assert index.segments[0].resident_share() == 1.0
