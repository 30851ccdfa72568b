"""Cutting an array into elements while it streams, against a parser that has it whole."""

import contextlib
import json

from hypothesis import given
from hypothesis import strategies as st

from ingest.readers.document import BadInput
from ingest.readers.json_array import ElementCutter
from ingest.readers.streams import Stream

TEXT = st.text(st.sampled_from('a"\\,[]{}: é字\n'), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def cut(data, step, limit_bytes=10_000):
    pieces = iter([data[start : start + step] for start in range(0, len(data), step)])
    return ElementCutter(Stream(lambda _size: next(pieces, b"")), limit_bytes).elements()


@given(st.lists(VALUES, max_size=6), st.integers(1, 30), st.booleans(), st.sampled_from([None, 1]))
def test_elements_equal_a_whole_parse_however_the_stream_is_cut(values, step, ascii_only, indent):
    data = json.dumps(values, ensure_ascii=ascii_only, indent=indent).encode()[1:]
    assert [json.loads(element) for element in cut(data, step)] == values


@given(st.binary(max_size=80), st.integers(1, 30), st.integers(0, 40))
def test_any_bytes_end_in_elements_within_the_limit_or_a_fault(data, step, limit_bytes):
    found = []
    with contextlib.suppress(BadInput):
        found.extend(cut(data, step, limit_bytes))
    assert all(element is None or len(element) <= limit_bytes for element in found)
