import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine import segment


@given(st.lists(st.integers(0, 6) | st.integers(0, 2**64 - 1), max_size=60))
@settings(max_examples=100, deadline=None)
def test_postings_with_equal_hashes_stay_in_the_order_of_their_works(values: list[int]) -> None:
    hashes = np.array(values, np.uint64)
    assert segment._sorting_order(hashes).tolist() == np.argsort(hashes, kind="stable").tolist()
