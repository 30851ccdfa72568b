"""Sixty-four bytes of text at once, and tables that all kernels of a process share: LLVM's own vector operations.

Everything here is portable: LLVM makes the best of whatever processor it compiles for, and the results are the same.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
from llvmlite import binding, ir
from numba import types
from numba.extending import intrinsic

LANES = 64
BYTE, SYMBOL, WORD = ir.IntType(8), ir.IntType(16), ir.IntType(64)
BYTES, BITS, SYMBOLS = ir.VectorType(BYTE, LANES), ir.VectorType(ir.IntType(1), LANES), ir.VectorType(SYMBOL, LANES)
CASE = 0x20  # the bit that makes a capital of ASCII a small letter, and leaves digits alone
ELEMENTS: dict[int, Any] = {1: types.uint8, 2: types.uint16, 4: types.uint32}


def table_reader(name: str, table: npt.NDArray[Any]) -> Any:
    """A kernel's function from index (uint64, not checked) to element of a table that never changes or goes away.

    Kernels refer to it by name, so they neither contain a copy of it nor take it as an argument; the name is given its
    address each time the module is imported that calls this, which the file of any kernel that uses it does.
    """
    binding.add_symbol(name, table.ctypes.data)
    element = ir.IntType(8 * table.itemsize)

    def read(typing_context: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            known = builder.module.globals.get(name)
            start = known or ir.GlobalVariable(builder.module, ir.ArrayType(element, table.size), name)
            return builder.load(builder.gep(start, [WORD(0), arguments[0]]))

        return ELEMENTS[table.itemsize](types.uint64), generate

    return intrinsic(read)


def _address(context: Any, builder: Any, kind: Any, array: Any, index: Any, element: Any) -> Any:
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), element.as_pointer())


def _constant(value: int) -> Any:
    return ir.Constant(BYTES, [value] * LANES)


def _masks(typing_context: Any, utf8: Any, at: Any) -> Any:
    """Of the 64 bytes from `utf8[at]` on, which the caller keeps inside: bit i of the first number says that byte i is
    an ASCII letter or digit, of the second that it is not ASCII."""
    signature = types.UniTuple(types.uint64, 2)(utf8, types.uint64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, index = arguments
        bytes_ = builder.load(_address(context, builder, signature.args[0], array, index, BYTES), align=1)
        low = builder.or_(bytes_, _constant(CASE))
        letter = builder.icmp_unsigned("<", builder.sub(low, _constant(ord("a"))), _constant(26))
        digit = builder.icmp_unsigned("<", builder.sub(bytes_, _constant(ord("0"))), _constant(10))
        masks = [builder.or_(letter, digit), builder.icmp_signed("<", bytes_, _constant(0))]
        return context.make_tuple(builder, signature.return_type, [builder.bitcast(mask, WORD) for mask in masks])

    return signature, generate


def _where_equal(typing_context: Any, utf8: Any, at: Any, byte: Any) -> Any:
    """Bit i says that byte i of the 64 from `utf8[at]` on, which the caller keeps inside, is `byte`."""
    signature = types.uint64(utf8, types.uint64, types.uint8)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, index, byte = arguments
        bytes_ = builder.load(_address(context, builder, signature.args[0], array, index, BYTES), align=1)
        first = builder.insert_element(ir.Constant(BYTES, ir.Undefined), byte, ir.IntType(32)(0))
        every = builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))
        return builder.bitcast(builder.icmp_unsigned("==", bytes_, every), WORD)

    return signature, generate


def _write_small(typing_context: Any, out: Any, filled: Any, utf8: Any, at: Any, mask: Any) -> Any:
    """Write those of the 64 bytes from `utf8[at]` on that `mask` says, as small letters, one after the other from
    `out[filled]` on; the rest of the 64 symbols there is overwritten too. The caller keeps both inside."""
    signature = types.void(out, types.uint64, utf8, types.uint64, types.uint64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        out, filled, utf8, at, mask = arguments
        bytes_ = builder.load(_address(context, builder, signature.args[2], utf8, at, BYTES), align=1)
        name = "llvm.experimental.vector.compress.v64i8"
        function = builder.module.declare_intrinsic(name, (), ir.FunctionType(BYTES, [BYTES, BITS, BYTES]))
        small = builder.or_(bytes_, _constant(CASE))
        packed = builder.call(function, [small, builder.bitcast(mask, BITS), ir.Constant(BYTES, None)])
        address = _address(context, builder, signature.args[0], out, filled, SYMBOLS)
        builder.store(builder.zext(packed, SYMBOLS), address, align=1)
        return context.get_dummy_value()

    return signature, generate


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


masks: Any = intrinsic(_masks)
where_equal: Any = intrinsic(_where_equal)
write_small: Any = intrinsic(_write_small)
count_bits: Any = intrinsic(_count_bits)
first_bit: Any = intrinsic(_first_bit)
