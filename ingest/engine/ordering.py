"""Sorting for kernels: large arrays by radix, over the bits that differ; few numbers by merging. Both are stable.

(Numba's own `argsort` takes longer to compile than all kernels that need one.)
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

import numpy as np

from ingest.engine.compiled import READ_U64, WRITE_U32, WRITE_U64, compiled, subroutine
from ingest.engine.records import Array
from ingest.engine.scratch import scratch

DIGIT_BITS = 11
DIGITS = 1 << DIGIT_BITS
FEW = 48  # keys sorted by insertion
SHORT = 8  # a run sorted by insertion before it is merged


@subroutine
def sort_by(numbers: Array, count: int, keys: Array, buffer: Array) -> None:
    """Put the first `count` of some numbers (int64) in the order in which their keys, keys[number], ascend. Short runs
    by insertion, then merged (Knuth, TAOCP 3, 5.2.4, algorithm S); `buffer` has room for as many."""
    for low in range(0, count, SHORT):
        for i in range(low + 1, min(low + SHORT, count)):
            number = numbers[i]
            j = i
            while j > low and keys[numbers[j - 1]] > keys[number]:
                numbers[j] = numbers[j - 1]
                j -= 1
            numbers[j] = number
    width = SHORT
    while width < count:
        for low in range(0, count, 2 * width):
            middle, high = min(low + width, count), min(low + 2 * width, count)
            left, right = low, middle
            for to in range(low, high):
                if left < middle and (right >= high or keys[numbers[left]] <= keys[numbers[right]]):
                    buffer[to] = numbers[left]
                    left += 1
                else:
                    buffer[to] = numbers[right]
                    right += 1
        for i in range(count):
            numbers[i] = buffer[i]
        width *= 2


@compiled(READ_U64, WRITE_U32, WRITE_U32, WRITE_U64, WRITE_U64)
def _radix_order(keys: Array, order: Array, other_order: Array, sorted_keys: Array, other_keys: Array) -> bool:
    """Fill `order` so that keys[order] ascends, or `other_order` when False is returned. Least digit first (Knuth,
    TAOCP 3, 5.2.5, algorithm R); a digit that is the same in all keys takes no pass."""
    size = np.uint64(keys.size)
    if keys.size <= FEW:
        for i in range(keys.size):
            j = i
            while j > 0 and keys[order[j - 1]] > keys[i]:
                order[j] = order[j - 1]
                j -= 1
            order[j] = i
        return True
    differing = np.uint64(0)
    for i in range(size):
        sorted_keys[i] = keys[i]
        order[i] = i
        differing |= keys[i] ^ keys[0]
    places = np.empty(DIGITS, np.uint64)
    first = True
    shift = np.uint64(0)
    while shift < np.uint64(64) and differing >> shift:
        if (differing >> shift) & np.uint64(DIGITS - 1):
            here, there = (sorted_keys, other_keys) if first else (other_keys, sorted_keys)
            here_order, there_order = (order, other_order) if first else (other_order, order)
            places[:] = 0
            for i in range(size):
                places[(here[i] >> shift) & np.uint64(DIGITS - 1)] += np.uint64(1)
            before = np.uint64(0)
            for d in range(np.uint64(DIGITS)):
                count = places[d]
                places[d] = before
                before += count
            for i in range(size):
                digit = (here[i] >> shift) & np.uint64(DIGITS - 1)
                to = places[digit]
                places[digit] = to + np.uint64(1)
                there[to] = here[i]
                there_order[to] = here_order[i]
            first = not first
        shift += np.uint64(DIGIT_BITS)
    return first


def radix_order(keys: Array) -> Array:
    """The stable order (uint32) in which uint64 keys ascend."""
    size = keys.size
    order, other = np.empty(size, np.uint32), scratch("other order", size, np.uint32)
    one, two = scratch("sorted keys", size, np.uint64), scratch("other keys", size, np.uint64)
    return order if _radix_order(keys, order, other, one, two) else other.copy()
