"""How the engine's kernels are compiled: once, for declared types, and kept on disk.

Without declared types Numba compiles a kernel again for every mix of writable, mapped (read-only) and unaligned arrays
that it meets. The types here accept all of those: what a kernel only reads is declared read-only and unaligned, to
which any array of the element type converts. Compilation happens when a module is imported; after the first import it
is a load from the cache (beside the source, else in the user's cache folder, else where NUMBA_CACHE_DIR says).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit, types


def _read(element: types.Type, dimensions: int = 1) -> types.Type:
    return types.Array(element, dimensions, "C", readonly=True, aligned=False)


INT, HASH = types.int64, types.uint64
READ_U8, READ_U16, READ_U32 = _read(types.uint8), _read(types.uint16), _read(types.uint32)
READ_U64, READ_I64, READ_FLAGS = _read(types.uint64), _read(types.int64), _read(types.boolean)
READ_U8_ROWS, READ_I64_ROWS = _read(types.uint8, 2), _read(types.int64, 2)
WRITE_U16, WRITE_U32 = types.uint16[::1], types.uint32[::1]
WRITE_U64, WRITE_I64 = types.uint64[::1], types.int64[::1]
WRITE_F64, WRITE_FLAGS = types.float64[::1], types.boolean[::1]
WRITE_U8_ROWS, WRITE_I64_ROWS = types.uint8[:, ::1], types.int64[:, ::1]


def compiled(*arguments: types.Type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A kernel for exactly these argument types. Where no cache can be written it is compiled for this process."""

    def compile_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
        try:
            return njit(arguments, cache=True, nogil=True)(function)
        except (RuntimeError, OSError):  # no folder for the cache, or it cannot be written
            return njit(arguments, nogil=True)(function)

    return compile_kernel


# A kernel's subroutine: compiled into each kernel that calls it. It must stand in the same file: a kernel's cache entry
# is renewed when its own file changes, and not when another does.
subroutine = njit(nogil=True)
inlined = njit(nogil=True, inline="always")
