"""The hash of every k symbols of a stretch, eight at a time.

Cyclic polynomial (Cohen 1997, "Recursive hashing functions for n-grams"): the hash of k symbols is the exclusive or of
their random numbers, each turned by its distance from the end. Where a rolling hash takes one symbol in and one out,
here the hashes of 2m symbols are made of those of m, which needs log₂ k passes and no step waits for the one before.
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ingest.engine.compiled import subroutine
from ingest.engine.lanes import table_reader
from ingest.engine.records import Array

STRETCH = 1024  # seeds hashed before the next step: all buffers stay in the first cache
ROOM = 64  # beyond a stretch: the k − 1 symbols after it, and what the lanes write too much
LANES = 8
MULTIPLIER = 0x9E3779B97F4A7C15
WORD, NUMBER = ir.IntType(64), ir.IntType(32)
WORDS, BITS = ir.VectorType(WORD, LANES), ir.VectorType(ir.IntType(1), LANES)


def _symbol_hashes() -> Array:
    """65,536 fixed random numbers (splitmix64, Steele, Lea and Flood 2014), one a symbol."""
    with np.errstate(over="ignore"):
        z = np.arange(1, 65537, dtype=np.uint64) * np.uint64(MULTIPLIER)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


SYMBOL_HASHES = _symbol_hashes()
symbol_hash = table_reader("colophon_symbol_hashes", SYMBOL_HASHES)


def _eight(builder: Any, value: Any) -> Any:
    first = builder.insert_element(ir.Constant(WORDS, ir.Undefined), value, NUMBER(0))
    return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(NUMBER, LANES), [0] * LANES))


def _every(value: int) -> Any:
    return ir.Constant(WORDS, [value] * LANES)


def _address(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), WORDS.as_pointer())


def _turn_eight(typing_context: Any, hashes: Any, more: Any, at: Any, more_at: Any, turn: Any, out: Any) -> Any:
    """Eight of `hashes` turned left, or'ed exclusively with eight of `more`, to the same places of `out`."""
    number = types.uint64
    signature = types.void(hashes, more, number, number, number, out)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        hashes, more, at, more_at, turn, out = arguments
        first = builder.load(_address(context, builder, signature.args[0], hashes, at), align=8)
        second = builder.load(_address(context, builder, signature.args[1], more, more_at), align=8)
        rotate = builder.module.declare_intrinsic("llvm.fshl.v8i64", (), ir.FunctionType(WORDS, [WORDS, WORDS, WORDS]))
        turned = builder.call(rotate, [first, first, _eight(builder, turn)])
        builder.store(builder.xor(turned, second), _address(context, builder, signature.args[5], out, at), align=8)
        return context.get_dummy_value()

    return signature, generate


def _keep_below(
    typing_context: Any, hashes: Any, at: Any, threshold: Any, first: Any, places: Any, kept: Any, filled: Any
) -> Any:
    """Mix eight hashes from `hashes[at]` on, and write those below the threshold to `kept` and their places, counted
    from `first`, to `places`, from `filled` on. Returns how many; the rest of the eight there is overwritten too."""
    number = types.uint64
    signature = number(hashes, number, number, number, places, kept, number)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def address(position: int, index: Any) -> Any:
            return _address(context, builder, signature.args[position], arguments[position], index)

        _, at, threshold, first, _, _, filled = arguments
        half = _every(32)
        mixed = builder.load(address(0, at), align=1)
        mixed = builder.mul(builder.xor(mixed, builder.lshr(mixed, half)), _every(MULTIPLIER))
        mixed = builder.xor(mixed, builder.lshr(mixed, half))
        below = builder.icmp_unsigned("<", mixed, _eight(builder, threshold))
        numbers = builder.add(_eight(builder, builder.add(first, at)), ir.Constant(WORDS, list(range(LANES))))
        kind = ir.FunctionType(WORDS, [WORDS, BITS, WORDS])
        compress = builder.module.declare_intrinsic("llvm.experimental.vector.compress.v8i64", (), kind)
        for position, values in ((4, numbers), (5, mixed)):
            packed = builder.call(compress, [values, below, ir.Constant(WORDS, None)])
            builder.store(packed, address(position, filled), align=1)
        return builder.zext(builder.ctpop(builder.bitcast(below, ir.IntType(LANES))), WORD)

    return signature, generate


turn_eight: Any = intrinsic(_turn_eight)
keep_below: Any = intrinsic(_keep_below)


@subroutine
def _turned(hashes: Array, more: Array, ahead: int, turn: int, size: int, out: Array) -> None:
    """`hashes` turned by `turn` places, or'ed exclusively with those of `more` that stand `ahead` places on."""
    left, further = np.uint64(turn), np.uint64(ahead)
    for i in range(np.uint64(0), np.uint64(size), np.uint64(LANES)):
        turn_eight(hashes, more, i, i + further, left, out)


@subroutine
def hash_stretch(symbols: Array, start: int, seeds: int, k: int, one: Array, two: Array, out: Array) -> None:
    """Hashes, not yet mixed, of the k symbols from each of `seeds` places on; k < ROOM. `one` and `two` are buffers."""
    base, length = np.uint64(start), seeds + k - 1
    for i in range(np.uint64(length)):
        one[i] = symbol_hash(np.uint64(symbols[base + i]))
    size, have = 1, 0  # `one` holds hashes of `size` symbols; `out` of `have`
    while True:
        if k & size:
            if have == 0:
                for i in range(np.uint64(length)):
                    out[i] = one[i]
            else:
                _turned(out, one, have, size, seeds, out)
            have += size
        if 2 * size > k:
            break
        length -= size
        _turned(one, one, size, size, length, two)
        one, two = two, one
        size *= 2
