"""Sixty-four bytes of text at once, and tables that all kernels of a process share: LLVM's own vector operations.

Everything here is portable: LLVM makes the best of whatever processor it compiles for, and the results are the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import binding, ir
from numba import config, njit, types
from numba.core.cgutils import alloca_once
from numba.extending import intrinsic

LANES = 64
BYTE, SYMBOL, WORD = ir.IntType(8), ir.IntType(16), ir.IntType(64)
HALF_WORD = ir.IntType(32)
BYTES, BITS, SYMBOLS = ir.VectorType(BYTE, LANES), ir.VectorType(ir.IntType(1), LANES), ir.VectorType(SYMBOL, LANES)
HALF, HALF_LANES = ir.VectorType(SYMBOL, LANES // 2), ir.VectorType(ir.IntType(32), LANES // 2)
CASE = 0x20  # the bit that makes a capital of ASCII a small letter, and leaves digits alone
ELEMENTS: dict[int, Any] = {1: types.uint8, 2: types.uint16, 4: types.uint32, 8: types.uint64}


def table_start(builder: Any, name: str, table: npt.NDArray[Any]) -> Any:
    """The address of a table that `binding.add_symbol` has made known."""
    element = ir.ArrayType(ir.IntType(8 * table.itemsize), table.size)
    return builder.module.globals.get(name) or ir.GlobalVariable(builder.module, element, name)


def table_reader(name: str, table: npt.NDArray[Any]) -> Any:
    """A kernel's function from index (uint64, not checked) to element of a table that never changes or goes away.

    Kernels refer to it by name, so they neither contain a copy of it nor take it as an argument; the name is given its
    address each time the module is imported that calls this, which the file of any kernel that uses it does.
    """
    binding.add_symbol(name, table.ctypes.data)

    def read(typing_context: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.load(builder.gep(table_start(builder, name, table), [WORD(0), arguments[0]]))

        return ELEMENTS[table.itemsize](types.uint64), generate

    return intrinsic(read)


def packs() -> bool:
    """Whether the processor that is compiled for moves chosen lanes together in one step, which makes it worth while to
    treat letters beyond ASCII 64 bytes at once."""
    chosen = getattr(config, "CPU_FEATURES", None)
    if chosen is not None:
        return "+avx512vbmi2" in chosen.split(",")
    return bool(binding.get_host_cpu_features().get("avx512vbmi2"))


PACKS = packs()

# A subroutine that is part of its caller's loop, and one where a call costs little beside what is done. They can hold
# no arrays of their own, so none are counted: counting references to a text a million times costs more than folding it.
_compile: Any = njit  # whose stubs do not know the option
near: Any = _compile(nogil=True, error_model="numpy", forceinline=True, _nrt=False)
apart: Any = _compile(nogil=True, error_model="numpy", _nrt=False)


def address_of(context: Any, builder: Any, kind: Any, array: Any, index: Any, element: Any) -> Any:
    """Of an element of an array, or of what a pointer points at, as an address of something else."""
    data = array if isinstance(kind, types.CPointer) else context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), element.as_pointer())


def _constant(value: int) -> Any:
    return ir.Constant(BYTES, [value] * LANES)


def _masks(typing_context: Any, utf8: Any, at: Any) -> Any:
    """Four numbers about the 64 bytes from `utf8[at]` on, which the caller keeps inside; their bit i says that byte i
    is an ASCII letter or digit; is not ASCII; begins a character; begins one of four bytes."""
    signature = types.UniTuple(types.uint64, 4)(utf8, types.uint64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, index = arguments
        bytes_ = builder.load(address_of(context, builder, signature.args[0], array, index, BYTES), align=1)
        low = builder.or_(bytes_, _constant(CASE))
        letter = builder.icmp_unsigned("<", builder.sub(low, _constant(ord("a"))), _constant(26))
        digit = builder.icmp_unsigned("<", builder.sub(bytes_, _constant(ord("0"))), _constant(10))
        found = [
            builder.or_(letter, digit),
            builder.icmp_signed("<", bytes_, _constant(0)),
            builder.icmp_signed(">=", bytes_, _constant(0xC0)),
            builder.icmp_unsigned(">=", bytes_, _constant(0xF0)),
        ]
        return context.make_tuple(builder, signature.return_type, [builder.bitcast(mask, WORD) for mask in found])

    return signature, generate


def _where_equal(typing_context: Any, utf8: Any, at: Any, byte: Any) -> Any:
    """Bit i says that byte i of the 64 from `utf8[at]` on, which the caller keeps inside, is `byte`."""
    signature = types.uint64(utf8, types.uint64, types.uint8)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, index, byte = arguments
        bytes_ = builder.load(address_of(context, builder, signature.args[0], array, index, BYTES), align=1)
        return builder.bitcast(builder.icmp_unsigned("==", bytes_, everywhere(builder, byte, BYTES)), WORD)

    return signature, generate


def _write_small(typing_context: Any, out: Any, filled: Any, utf8: Any, at: Any, mask: Any) -> Any:
    """Write those of the 64 bytes from `utf8[at]` on that `mask` says, as small letters, one after the other from
    `out[filled]` on; the rest of the 64 symbols there is overwritten too. The caller keeps both inside."""
    signature = types.void(out, types.uint64, utf8, types.uint64, types.uint64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        out, filled, utf8, at, mask = arguments
        bytes_ = builder.load(address_of(context, builder, signature.args[2], utf8, at, BYTES), align=1)
        name = "llvm.experimental.vector.compress.v64i8"
        function = builder.module.declare_intrinsic(name, (), ir.FunctionType(BYTES, [BYTES, BITS, BYTES]))
        small = builder.or_(bytes_, _constant(CASE))
        packed = builder.call(function, [small, builder.bitcast(mask, BITS), ir.Constant(BYTES, None)])
        address = address_of(context, builder, signature.args[0], out, filled, SYMBOLS)
        builder.store(builder.zext(packed, SYMBOLS), address, align=1)
        return context.get_dummy_value()

    return signature, generate


def stack_array(element: Any, count: int) -> Any:
    """A kernel's function without arguments that gives memory of its own, for as long as the kernel runs."""

    def make(typing_context: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            memory = alloca_once(builder, ir.ArrayType(context.get_data_type(element), count))
            return builder.bitcast(memory, context.get_data_type(element).as_pointer())

        return types.CPointer(element)(), generate

    return intrinsic(make)


def _decode(typing_context: Any, codes: Any, utf8: Any, at: Any, starts: Any) -> Any:
    """Write the code points of the characters of one to three bytes that begin where `starts` says among the 64 bytes
    from `utf8[at]` on to `codes`, which holds 96. The caller keeps 66 bytes inside."""
    signature = types.void(codes, utf8, types.uint64, types.uint64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        codes, utf8, at, starts = arguments

        def spread(ahead: int) -> Any:
            address = address_of(context, builder, signature.args[1], utf8, builder.add(at, WORD(ahead)), BYTES)
            return builder.zext(builder.load(address, align=1), SYMBOLS)

        def number(value: int) -> Any:
            return ir.Constant(SYMBOLS, [value] * LANES)

        first, second, third = spread(0), spread(1), spread(2)
        second, third = builder.and_(second, number(0x3F)), builder.and_(third, number(0x3F))
        two = builder.or_(builder.shl(builder.and_(first, number(0x1F)), number(6)), second)
        three = builder.or_(builder.shl(first, number(12)), builder.or_(builder.shl(second, number(6)), third))
        wide = builder.select(builder.icmp_unsigned("<", first, number(0xE0)), two, three)
        code = builder.select(builder.icmp_unsigned("<", first, number(0x80)), first, wide)
        low = builder.trunc(starts, HALF_WORD)
        high = builder.trunc(builder.lshr(starts, WORD(32)), HALF_WORD)
        after = builder.zext(builder.ctpop(low), WORD)
        for mask, start, lanes in ((low, WORD(0), range(32)), (high, after, range(32, 64))):
            half = builder.shuffle_vector(code, code, ir.Constant(HALF_LANES, list(lanes)))
            address = address_of(context, builder, signature.args[0], codes, start, HALF)
            builder.store(compressed(builder, half, mask), address, align=1)
        return context.get_dummy_value()

    return signature, generate


def compressed(builder: Any, symbols: Any, mask: Any) -> Any:
    """Those of 32 symbols that a mask says, one after the other."""
    bits = ir.VectorType(ir.IntType(1), LANES // 2)
    kind = ir.FunctionType(HALF, [HALF, bits, HALF])
    function = builder.module.declare_intrinsic("llvm.experimental.vector.compress.v32i16", (), kind)
    return builder.call(function, [symbols, builder.bitcast(mask, bits), ir.Constant(HALF, None)])


def everywhere(builder: Any, value: Any, kind: Any) -> Any:
    """A vector of one value."""
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, HALF_WORD(0))
    return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(HALF_WORD, kind.count), [0] * kind.count))


def _count_bits(typing_context: Any, bits: Any) -> Any:
    """How many bits are set."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


def _first_bit(typing_context: Any, bits: Any) -> Any:
    """Number of the lowest bit that is set; 64 if none is."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.IntType(1)(0))

    return types.uint64(types.uint64), generate


def _last_bit(typing_context: Any, bits: Any) -> Any:
    """Number of the highest bit that is set; one below 0, as it wraps, if none is."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.sub(WORD(63), builder.ctlz(arguments[0], ir.IntType(1)(0)))

    return types.uint64(types.uint64), generate


masks: Any = intrinsic(_masks)
where_equal: Any = intrinsic(_where_equal)
write_small: Any = intrinsic(_write_small)
count_bits: Any = intrinsic(_count_bits)
first_bit: Any = intrinsic(_first_bit)
last_bit: Any = intrinsic(_last_bit)
decode: Any = intrinsic(_decode)

code_buffer: Any = stack_array(types.uint16, 96)
symbol_buffer: Any = stack_array(types.uint16, 2048)

_ONE, _EVERY = np.uint64(1), np.uint64(2**64 - 1)


@near
def low_bits(count: np.uint64) -> np.uint64:
    """So many ones, 0–64, from bit 0 on."""
    return (_ONE << count) - _ONE if count < LANES else _EVERY


@near
def nth_bit(bits: np.uint64, n: np.uint64) -> np.uint64:
    """Number of the set bit that `n` others lie below; some number from 0 to 63 if there is none."""
    place = np.uint64(0)
    for half in (32, 16, 8, 4, 2, 1):
        width = np.uint64(half)
        below = count_bits(bits >> place & ((_ONE << width) - _ONE))
        if below <= n:
            n -= below
            place += width
    return place
