import subprocess
import sys

import numpy as np
import pytest

from ingest.engine.compiled import (
    HERE,
    INT,
    READ_U16,
    READ_U32,
    cache_folder,
    compiled,
    four_symbols,
    prefetch,
    sources,
)
from ingest.engine.normalise import Array


def total(values: Array, more: int) -> int:
    return values.sum() + more


def test_a_kernel_is_compiled_once_for_arrays_of_any_origin() -> None:
    kernel = compiled(READ_U32, INT)(total)
    own = np.arange(5, dtype=np.uint32)
    mapped = np.frombuffer(own.tobytes(), np.uint32)
    unaligned = np.frombuffer(b"x" + own.tobytes(), np.uint32, 5, 1)
    assert [kernel(array, 1) for array in (own, mapped, unaligned)] == [11, 11, 11]
    assert len(kernel.dispatcher.signatures) == 1


def test_a_kernel_is_compiled_when_it_is_called_and_no_earlier() -> None:
    looks = "print('numba.np.arraymath' in sys.modules)"  # Numba loads it with the first kernel
    counts = "from ingest.engine.words import count_words; count_words('one word')"
    code = f"import sys, ingest.engine.mapper; {looks}; {counts}; {looks}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_where_no_cache_can_be_written_kernels_are_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/proc/no-such-folder")
    cache_folder.cache_clear()
    try:
        kernel = compiled(READ_U32, INT)(total)
        assert kernel(np.arange(3, dtype=np.uint32), 0) == 3
    finally:
        cache_folder.cache_clear()


def test_kernels_are_kept_by_the_content_of_every_file_they_are_made_of() -> None:
    names = [path.name for path in sources(HERE / "extend.py")]
    assert "extend.py" in names
    assert "normalise.py" in names  # imported
    assert "letter_format.py" in names  # imported by what is imported
    assert "letter_table.py" not in names  # data


def test_a_prefetch_of_any_index_is_harmless() -> None:
    kernel = compiled(READ_U16, INT)(read_after_prefetch)
    symbols = np.arange(8, dtype=np.uint16)
    assert kernel(symbols, 1) == 0x0004_0003_0002_0001


def read_after_prefetch(symbols: Array, index: int) -> int:
    prefetch(symbols, np.uint64(index))
    prefetch(symbols, np.uint64(10**15))
    return four_symbols(symbols, np.uint64(index))
