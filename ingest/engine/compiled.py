"""How the engine's kernels are compiled: once, for declared types, and kept on disk.

Without declared types Numba compiles a kernel again for every mix of writable, mapped (read-only) and unaligned arrays
that it meets. The types here accept all of those: what a kernel only reads is declared read-only and unaligned, to
which any array of the element type converts. A kernel is compiled when it is called first, or loaded if it is kept, so
that a process that only imports the engine does not wait for it.

Numba renews a cached kernel when its own file changes, and not when a subroutine in another file does. So kernels are
kept in a folder named after the content of their file and of those it imports: beside the source, else in the user's
cache folder, or where NUMBA_CACHE_DIR says. Nothing stale is ever run.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from llvmlite import ir
from numba import config, njit, types
from numba.extending import intrinsic

HERE = Path(__file__).resolve().parent


def _read(element: types.Type, dimensions: int = 1) -> types.Type:
    return types.Array(element, dimensions, "C", readonly=True, aligned=False)


INT, HASH = types.int64, types.uint64
READ_U8, READ_U16, READ_U32 = _read(types.uint8), _read(types.uint16), _read(types.uint32)
READ_U64, READ_I64, READ_FLAGS = _read(types.uint64), _read(types.int64), _read(types.boolean)
READ_F64 = _read(types.float64)
READ_U8_ROWS, READ_I64_ROWS, READ_U64_ROWS = (_read(t, 2) for t in (types.uint8, types.int64, types.uint64))
WRITE_U8, WRITE_U16, WRITE_U32 = types.uint8[::1], types.uint16[::1], types.uint32[::1]
WRITE_U64, WRITE_I64 = types.uint64[::1], types.int64[::1]
WRITE_F64, WRITE_FLAGS = types.float64[::1], types.boolean[::1]
WRITE_U8_ROWS, WRITE_I64_ROWS, WRITE_F64_ROWS = types.uint8[:, ::1], types.int64[:, ::1], types.float64[:, ::1]


IMPORTED = re.compile(r"^from ingest\.engine\.(\w+) import", re.MULTILINE)


def sources(file: Path) -> list[Path]:
    """A file of the engine and those that it imports, directly or not; data is not looked at."""
    found: dict[str, Path] = {}
    waiting = [file]
    while waiting:
        path = waiting.pop()
        if path.name in found or path.name == "letter_table.py":
            continue
        found[path.name] = path
        waiting += [HERE / f"{name}.py" for name in IMPORTED.findall(path.read_text(encoding="utf-8"))]
    return [path for _, path in sorted(found.items())]


@cache
def cache_folder(file: str) -> str:
    """Where the kernels of a file are kept, the first place that can be written; or "": then they are not kept."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources(Path(file)))).hexdigest()[:12]
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "colophon"
    for base in [Path(chosen)] if chosen else [HERE / "__pycache__", user]:
        folder = base / f"kernels-{digest}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return str(folder)
        except OSError:
            continue
    return ""


_COMPILING = threading.Lock()
_KERNELS: list[Kernel] = []  # of all modules that are imported


class Kernel:
    """A function that is compiled, or loaded, when it is called first; kernels do not call it."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[types.Type, ...]) -> None:
        self._function, self._arguments = function, arguments
        _KERNELS.append(self)

    def __call__(self, *arguments: Any) -> Any:
        return self.dispatcher(*arguments)

    @cached_property
    def dispatcher(self) -> Any:
        """What Numba made of it. Where no cache can be written that is made for this process."""
        with _COMPILING:
            folder = cache_folder(self._function.__code__.co_filename)
            setattr(config, "CACHE_DIR", folder)  # noqa: B010  read by Numba when it decorates; its stubs do not know it
            return njit(self._arguments, cache=bool(folder), nogil=True)(self._function)


def compiled(*arguments: types.Type) -> Callable[[Callable[..., Any]], Kernel]:
    """A kernel for exactly these argument types."""
    return lambda function: Kernel(function, arguments)


def warm() -> None:
    """Compile or load every kernel of the modules that are imported, so that the first call does not have to wait."""
    for kernel in _KERNELS:
        kernel.dispatcher  # noqa: B018  made when it is looked at


# A kernel's subroutine: compiled into each kernel that calls it, from whichever file.
subroutine = njit(nogil=True)
inlined = njit(nogil=True, inline="always")


def _prefetch(typing_context: Any, array: Any, index: Any) -> Any:
    """Ask the processor to fetch the cache line of `array[index]`; never fails, whatever the index."""
    signature = types.void(array, types.uint64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [ir.IntType(8).as_pointer(), number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", (ir.IntType(8).as_pointer(),), kind)
        builder.call(function, [address, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return signature, generate


def _four_symbols(typing_context: Any, array: Any, index: Any) -> Any:
    """Four 16-bit symbols from `array[index]` on as one uint64; the caller keeps index + 4 within the array."""
    signature = types.uint64(array, types.uint64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(64).as_pointer())
        return builder.load(address, align=1)

    return signature, generate


prefetch: Any = intrinsic(_prefetch)
four_symbols: Any = intrinsic(_four_symbols)
