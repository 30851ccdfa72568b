import numba
import numpy as np
import pytest

from ingest.engine.compiled import INT, READ_U32, compiled
from ingest.engine.normalise import Array


def total(values: Array, more: int) -> int:
    return values.sum() + more


def test_a_kernel_is_compiled_once_for_arrays_of_any_origin() -> None:
    kernel = compiled(READ_U32, INT)(total)
    own = np.arange(5, dtype=np.uint32)
    mapped = np.frombuffer(own.tobytes(), np.uint32)
    unaligned = np.frombuffer(b"x" + own.tobytes(), np.uint32, 5, 1)
    assert [kernel(array, 1) for array in (own, mapped, unaligned)] == [11, 11, 11]
    assert len(kernel.signatures) == 1  # type: ignore[attr-defined]


def test_where_no_cache_can_be_written_kernels_are_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", "/proc/no-such-folder")
    kernel = compiled(READ_U32, INT)(total)
    assert kernel(np.arange(3, dtype=np.uint32), 0) == 3
