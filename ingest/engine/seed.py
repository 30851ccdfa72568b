"""Seeds: where the hashes of a batch of documents occur in a segment.

First which hashes have postings at all, in whatever order is best for the memory: resident, in the order of the
documents and many at once, so that the processor waits for memory once a group; cold, in the order of the index, so
that it is read from front to back. Then the hits, in the order of the documents: the same either way.
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ingest.engine.candidates import context
from ingest.engine.compiled import (
    HASH,
    INT,
    READ_I64,
    READ_I64_ROWS,
    READ_U8,
    READ_U16,
    READ_U32,
    READ_U64,
    WRITE_I64,
    WRITE_U8,
    WRITE_U32,
    WRITE_U64,
    compiled,
    inlined,
    prefetch,
    subroutine,
)
from ingest.engine.lanes import count_bits, first_bit
from ingest.engine.ordering import radix_order
from ingest.engine.owners import owner_of
from ingest.engine.records import Array
from ingest.engine.scratch import scratch
from ingest.engine.segment import Segment
from ingest.engine.segment_format import FILTER_CLASSES, POSITION_BITS, REMAINDER_BITS
from ingest.engine.sketch import Seeds

GROUP = 64  # hashes looked up together
OWNERS_ASKED = 32  # of a hash's postings, to tell how many works have it
RESIDENT_SHARE = 0.5  # of the entries in memory: with less they are read in their own order,
COLD_BYTES = 1 << 28  # if they are so many that touching them all would take long
PAGES_A_SEED = 4  # fewer seeds than one in so many pages: reading all of it would not pay
FLAG_AGREES, FLAG_COMMON = 1, 2

ONE, EIGHT, TWICE_EIGHT = np.uint64(1), np.uint64(8), np.uint64(16)
FIRST_ENTRY, FILTER, CLASSES = np.uint64(0xFFFF_FFFF), np.uint64(32), np.uint64(FILTER_CLASSES - 1)
REMAINDER_SHIFT = np.uint64(64 - REMAINDER_BITS)
POSITION_SHIFT = np.uint64(64 - REMAINDER_BITS - POSITION_BITS)
POSITION_MASK = np.uint64((1 << POSITION_BITS) - 1)
REMAINDER_MASK = np.uint64((1 << REMAINDER_BITS) - 1)
KEPT_BITS = np.uint64(REMAINDER_BITS)


@dataclass(frozen=True)
class Hits:
    """Seeds shared by a batch and a segment, ordered by text, place in the segment, place in the text.

    keys: uint64, text << 38 | symbols of the segment before the seed. documents: uint32, symbol in the text.
    flags: uint8, FLAG_AGREES (a context signature is equal), FLAG_COMMON (many unrelated works have the seed).
    """

    keys: Array
    documents: Array
    flags: Array

    @property
    def texts(self) -> Array:
        """The text of each hit (int64)."""
        return (self.keys >> np.uint64(POSITION_BITS)).astype(np.int64)


@inlined
def _place_of(h: np.uint64, range_shift: np.uint64, shifts: Array, offsets: Array) -> tuple[np.uint64, np.uint64]:
    """Bucket and remainder of a hash."""
    number = min(h >> range_shift, np.uint64(shifts.size - 1))
    shift = shifts[number]
    return (h >> shift) + offsets[number], (h >> (shift - KEPT_BITS)) & REMAINDER_MASK


def _which_of_eight(typing_context: Any, entries: Any, at: Any, remainder: Any) -> Any:
    """Bit i says that entry i of the eight from `entries[at]` on, which the caller keeps inside, has that remainder."""
    signature = types.uint64(entries, types.uint64, types.uint64)
    word = ir.IntType(64)
    words = ir.VectorType(word, 8)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), words.as_pointer())
        remainders = builder.lshr(builder.load(address, align=1), ir.Constant(words, [int(REMAINDER_SHIFT)] * 8))
        first = builder.insert_element(ir.Constant(words, ir.Undefined), arguments[2], ir.IntType(32)(0))
        every = builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(ir.IntType(32), 8), [0] * 8))
        equal = builder.icmp_unsigned("==", remainders, every)
        return builder.zext(builder.bitcast(equal, ir.IntType(8)), word)

    return signature, generate


which_of_eight: Any = intrinsic(_which_of_eight)


@compiled(READ_U64, HASH, READ_U64, READ_U64, READ_U64, READ_U64, WRITE_I64, WRITE_I64, WRITE_I64)
def _find_runs(
    hashes: Array,
    range_shift: np.uint64,
    shifts: Array,
    offsets: Array,
    buckets: Array,
    entries: Array,
    seeds: Array,
    starts: Array,
    sizes: Array,
) -> int:
    """Which hashes have postings: their numbers, the first entry of each and how many. Returns how many hashes do.

    In groups: all buckets are asked for, then the entries of those that may have the hash, then these are compared; no
    load waits for another.
    """
    lows, ends, wanted = np.empty(GROUP, np.uint64), np.empty(GROUP, np.uint64), np.empty(GROUP, np.uint64)
    numbers = np.empty(GROUP, np.uint64)
    postings = np.uint64(entries.size)
    last_bucket = np.uint64(buckets.size - 2)
    found = 0
    for first in range(0, hashes.size, GROUP):
        size = np.uint64(min(GROUP, hashes.size - first))
        base = np.uint64(first)
        for i in range(size):
            bucket, remainder = _place_of(hashes[base + i], range_shift, shifts, offsets)
            lows[i] = min(bucket, last_bucket)
            wanted[i] = remainder
            prefetch(buckets, lows[i])
        asked = np.uint64(0)
        for i in range(size):
            row, following, remainder = buckets[lows[i]], buckets[lows[i] + ONE], wanted[i]
            end = min(following & FIRST_ENTRY, postings)
            low = min(row & FIRST_ENTRY, end)
            numbers[asked], wanted[asked], lows[asked], ends[asked] = i, remainder, low, end
            prefetch(entries, low)
            asked += row >> (FILTER + (remainder & CLASSES)) & ONE
        for i in range(asked):
            prefetch(entries, lows[i] + EIGHT)
        for i in range(asked):
            low, end, remainder = lows[i], ends[i], wanted[i]
            if end - low <= TWICE_EIGHT and low + TWICE_EIGHT <= postings:
                equal = (
                    which_of_eight(entries, low, remainder) | which_of_eight(entries, low + EIGHT, remainder) << EIGHT
                )
                equal &= (ONE << (end - low)) - ONE
                seeds[found] = np.int64(base + numbers[i])
                starts[found] = np.int64(low + first_bit(equal))
                sizes[found] = np.int64(count_bits(equal))
                found += np.int64(equal != np.uint64(0))
                continue
            while low < end and entries[low] >> REMAINDER_SHIFT < remainder:
                low += ONE
            stop = low
            while stop < end and entries[stop] >> REMAINDER_SHIFT == remainder:
                stop += ONE
            if stop > low:
                seeds[found] = np.int64(base + numbers[i])
                starts[found] = np.int64(low)
                sizes[found] = np.int64(stop - low)
                found += 1
    return found


@compiled(READ_U64, READ_I64, READ_I64, INT, WRITE_I64, WRITE_U64)
def _gather(entries: Array, starts: Array, sizes: Array, most: int, moved: Array, out: Array) -> None:
    """Copy the runs one after the other (none of more than `most`); `moved` says where each begins."""
    filled = 0
    for r in range(starts.size):
        moved[r] = filled
        if sizes[r] <= most:
            for p in range(sizes[r]):
                out[filled + p] = entries[starts[r] + p]
            filled += sizes[r]


@subroutine
def _is_common(
    entries: Array,
    low: int,
    size: int,
    record_starts: Array,
    hints: Array,
    hint_shift: int,
    group_of: Array,
    groups: Array,
) -> bool:
    """Whether a hash is in more than so many unrelated works, as far as its first postings tell."""
    distinct = 0
    for p in range(low, low + min(size, OWNERS_ASKED)):
        record = owner_of(record_starts, hints, hint_shift, (entries[p] >> POSITION_SHIFT) & POSITION_MASK)
        group = group_of[record]
        known = group < 0
        for g in range(distinct):
            known = known or groups[g] == group
        if not known:
            groups[distinct] = group
            distinct += 1
            if distinct == groups.size:
                return True
    return False


@compiled(
    READ_U16,
    READ_I64_ROWS,
    READ_I64,
    READ_U32,
    READ_I64,
    READ_I64,
    READ_I64,
    READ_U64,
    READ_U64,
    READ_U32,
    INT,
    READ_I64,
    INT,
    INT,
    INT,
    INT,
    INT,
    WRITE_U64,
    WRITE_U32,
    WRITE_U8,
)
def _hits(
    symbols: Array,
    stretches: Array,
    seed_ends: Array,
    seed_positions: Array,
    run_seeds: Array,
    run_starts: Array,
    run_sizes: Array,
    entries: Array,
    record_starts: Array,
    hints: Array,
    hint_shift: int,
    group_of: Array,
    k: int,
    width: int,
    max_postings: int,
    common_works: int,
    hits_per_symbol: int,
    keys: Array,
    documents: Array,
    flags: Array,
) -> int:
    """One hit a posting; returns how many. A hash with too many postings is left out; in a stretch that has more hits
    than it ought to, a hash gives fewer and in the end one."""
    groups = np.empty(common_works + 1, np.int64)
    found = stretch = used = 0
    for r in range(run_seeds.size):
        while run_seeds[r] >= seed_ends[stretch]:
            stretch += 1
            used = 0
        size = run_sizes[r]
        if size > max_postings:
            continue
        text, base = stretches[stretch, 0], stretches[stretch, 1]
        text_end = base + stretches[stretch, 6]
        allowed = hits_per_symbol * (stretches[stretch, 5] - stretches[stretch, 4]) + max_postings
        taken = size
        if used > allowed:
            taken = 1
        elif 2 * used > allowed:
            taken = min(size, common_works)
        used += taken
        position = np.int64(seed_positions[run_seeds[r]])
        low = run_starts[r]
        usual = size > common_works and _is_common(
            entries, low, size, record_starts, hints, hint_shift, group_of, groups
        )
        left = context(symbols, base, text_end, base + position - width, width)
        right = context(symbols, base, text_end, base + position + k, width)
        for p in range(low, low + taken):
            entry = entries[p]
            agrees = (np.uint32(entry >> np.uint64(8)) & np.uint32(255) == left and left != 0) or (
                np.uint32(entry) & np.uint32(255) == right and right != 0
            )
            keys[found] = np.uint64(text) << np.uint64(POSITION_BITS) | ((entry >> POSITION_SHIFT) & POSITION_MASK)
            documents[found] = position
            flags[found] = (FLAG_AGREES if agrees else 0) | (FLAG_COMMON if usual else 0)
            found += 1
    return found


def is_cold(segment: Segment) -> bool:
    """Whether most of a large segment is on disk: then it is better read from front to back, for as many seeds as can
    be had, than here and there."""
    return segment.arrays.entries.nbytes >= COLD_BYTES and segment.resident_share() < RESIDENT_SHARE


def find_hits(symbols: Array, seeds: Seeds, segment: Segment, group_of: Array, cold: bool | None = None) -> Hits:
    """All hits of a batch (uint16 symbols) in a segment; the same whether it is read as a `cold` one or not.

    group_of: int64, one a record: number of its work, −1 for a withdrawn one.
    """
    params, arrays = segment.params, segment.arrays
    count = seeds.hashes.size
    numbers, starts, sizes = (scratch(f"runs {n}", count, np.int64) for n in ("seeds", "starts", "sizes"))
    entries = arrays.entries
    if cold is None:
        cold = count * PAGES_A_SEED >= entries.nbytes >> 12 and is_cold(segment)
    if not cold:
        found = _runs(seeds.hashes, segment, numbers, starts, sizes)
        numbers, starts, sizes = numbers[:found], starts[:found], sizes[:found]
    else:
        order = radix_order(seeds.hashes)
        found = _runs(seeds.hashes[order], segment, numbers, starts, sizes)
        moved = np.empty(found, np.int64)
        few = sizes[:found][sizes[:found] <= params.max_postings]
        copied = np.empty(int(few.sum()), np.uint64)
        _gather(entries, starts[:found], sizes[:found], params.max_postings, moved, copied)
        numbers = order[numbers[:found]].astype(np.int64)
        back = radix_order(numbers.astype(np.uint64))
        numbers, starts, sizes, entries = numbers[back], moved[back], sizes[:found][back], copied
    most = int(np.minimum(sizes, params.max_postings).sum())
    keys, documents = scratch("hit keys", most, np.uint64), scratch("hit documents", most, np.uint32)
    flags = scratch("hit flags", most, np.uint8)
    total = _hits(
        symbols,
        seeds.stretches,
        seeds.ends,
        seeds.positions,
        numbers,
        starts,
        sizes,
        entries,
        arrays.record_starts,
        *segment.owner_hints,
        group_of,
        params.seed_symbols,
        params.signature_symbols,
        params.max_postings,
        params.common_works,
        params.hits_per_symbol,
        keys,
        documents,
        flags,
    )
    return _in_order(keys[:total], documents[:total], flags[:total])


@compiled(READ_U32, READ_U64, READ_U32, READ_U8, WRITE_U64, WRITE_U32, WRITE_U8)
def _take(
    order: Array, keys: Array, documents: Array, flags: Array, out_keys: Array, out_documents: Array, out_flags: Array
) -> None:
    for i in range(np.uint64(order.size)):
        n = np.uint64(order[i])
        out_keys[i], out_documents[i], out_flags[i] = keys[n], documents[n], flags[n]


def _in_order(keys: Array, documents: Array, flags: Array) -> Hits:
    size = keys.size
    hits = Hits(np.empty(size, np.uint64), np.empty(size, np.uint32), np.empty(size, np.uint8))
    _take(radix_order(keys), keys, documents, flags, hits.keys, hits.documents, hits.flags)
    return hits


def _runs(hashes: Array, segment: Segment, seeds: Array, starts: Array, sizes: Array) -> int:
    arrays = segment.arrays
    found: int = _find_runs(
        hashes,
        segment.layout.range_shift,
        segment.shifts,
        segment.offsets,
        arrays.buckets,
        arrays.entries,
        seeds,
        starts,
        sizes,
    )
    return found


def joined(parts: list[Hits]) -> Hits:
    """The hits of several portions of one batch, in order."""
    some = [hits for hits in parts if hits.keys.size]
    if len(some) <= 1:
        return some[0] if some else NO_HITS
    keys, documents, flags = (
        np.concatenate([getattr(hits, name) for hits in some]) for name in ("keys", "documents", "flags")
    )
    return _in_order(keys, documents, flags)


NO_HITS = Hits(np.empty(0, np.uint64), np.empty(0, np.uint32), np.empty(0, np.uint8))
