"""Sixteen code points at once looked up in a table: their symbols, and what they are to words."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
from llvmlite import binding, ir
from numba import types
from numba.extending import intrinsic

from ingest.engine.lanes import HALF, HALF_WORD, SYMBOL, WORD, address_of, compressed, everywhere, table_start

AT_ONCE = 16  # looked up in a table
CODES, PLACES, NUMBERS = (ir.VectorType(element, AT_ONCE) for element in (SYMBOL, WORD, HALF_WORD))
POINTERS, CHOICE = ir.VectorType(HALF_WORD.as_pointer(), AT_ONCE), ir.VectorType(ir.IntType(1), AT_ONCE)


def _gathered(context: Any, builder: Any, name: str, table: npt.NDArray[Any], codes: Any, at: Any) -> Any:
    """32 bits of a table from the element of each of the 16 code points from `codes[at]` on, as <16 x i32>."""
    index = builder.load(builder.bitcast(builder.gep(codes, [at]), CODES.as_pointer()), align=1)
    scale = table.itemsize.bit_length() - 1
    index = builder.shl(builder.zext(index, PLACES), ir.Constant(PLACES, [scale] * AT_ONCE))
    base = everywhere(builder, builder.ptrtoint(table_start(builder, name, table), WORD), PLACES)
    kind = ir.FunctionType(NUMBERS, [POINTERS, HALF_WORD, CHOICE, NUMBERS])
    gather = builder.module.declare_intrinsic("llvm.masked.gather.v16i32.v16p0", (), kind)
    every, none = ir.Constant(CHOICE, [1] * AT_ONCE), ir.Constant(NUMBERS, [0] * AT_ONCE)
    places = builder.inttoptr(builder.add(base, index), POINTERS)
    return builder.call(gather, [places, HALF_WORD(table.itemsize), every, none])


def pair_functions(name: str, table: npt.NDArray[Any], first_not: int) -> tuple[Any, Any]:
    """Two functions for kernels, about the symbols of 16 code points of the first plane from `codes[i]` on or of fewer,
    of which `table` has pairs (uint32[65536], low half first, 0 for no symbol).

    `(out, filled, codes, i, chars)` writes them one after the other from `out[filled]` on, where the rest of 32 symbols
    is overwritten too, and answers how many there are. `(codes, i, chars)` answers which there are: bits 2j and 2j + 1
    for the pair of `codes[i + j]`. Both also answer a number that is not 0 if some pair is `first_not` or more, which
    means something else: then nothing holds that was written or answered.
    """
    binding.add_symbol(name, table.ctypes.data)

    def find(context: Any, builder: Any, codes: Any, at: Any, chars: Any) -> tuple[Any, Any, Any]:
        pairs = _gathered(context, builder, name, table, codes, at)
        few = builder.select(builder.icmp_unsigned("<", chars, WORD(AT_ONCE)), chars, WORD(AT_ONCE))
        other = builder.icmp_unsigned(">=", pairs, ir.Constant(NUMBERS, [first_not] * AT_ONCE))
        others = builder.and_(builder.zext(builder.bitcast(other, SYMBOL), WORD), _low_bits(builder, few))
        symbols = builder.bitcast(pairs, HALF)
        there = builder.bitcast(builder.icmp_unsigned("!=", symbols, ir.Constant(HALF, [0] * 32)), HALF_WORD)
        valid = builder.trunc(_low_bits(builder, builder.shl(few, WORD(1))), HALF_WORD)
        return symbols, builder.and_(there, valid), others

    def write(typing_context: Any, out: Any, filled: Any, codes: Any, at: Any, chars: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            out, filled, codes, at, chars = arguments
            symbols, mask, others = find(context, builder, codes, at, chars)
            address = address_of(context, builder, signature.args[0], out, filled, HALF)
            builder.store(compressed(builder, symbols, mask), address, align=1)
            written = builder.zext(builder.ctpop(mask), WORD)
            return context.make_tuple(builder, signature.return_type, [written, others])

        return types.UniTuple(types.uint64, 2)(out, types.uint64, codes, types.uint64, types.uint64), generate

    def tell(typing_context: Any, codes: Any, at: Any, chars: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            _, mask, others = find(context, builder, *arguments)
            return context.make_tuple(builder, signature.return_type, [builder.zext(mask, WORD), others])

        return types.UniTuple(types.uint64, 2)(codes, types.uint64, types.uint64), generate

    return intrinsic(write), intrinsic(tell)


def class_masks(name: str, table: npt.NDArray[Any]) -> Any:
    """A kernel's function that says of the 16 code points of the first plane from `codes[i]` on which are of class 1,
    2, 3 and 4 of a table (uint8[65536], and three more that are not looked at): bit j for `codes[i + j]`."""
    binding.add_symbol(name, table.ctypes.data)

    def read(typing_context: Any, codes: Any, at: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            found = _gathered(context, builder, name, table, *arguments)
            found = builder.and_(found, ir.Constant(NUMBERS, [0xFF] * AT_ONCE))
            same = [builder.icmp_unsigned("==", found, ir.Constant(NUMBERS, [n] * AT_ONCE)) for n in (1, 2, 3, 4)]
            each = [builder.zext(builder.bitcast(mask, SYMBOL), WORD) for mask in same]
            return context.make_tuple(builder, signature.return_type, each)

        return types.UniTuple(types.uint64, 4)(codes, types.uint64), generate

    return intrinsic(read)


def _low_bits(builder: Any, count: Any) -> Any:
    """So many bits, fewer than 64."""
    return builder.sub(builder.shl(WORD(1), count), WORD(1))
