"""The parts that a scan's files are read in: runs of files of about equal size, one job each, on any machine.

A file is never cut: a compressed archive cannot be entered in the middle. Where a document stands in its release does
not depend on how the files were divided.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from ingest.models import Scan, Shard
from registry import jobs

MAX_PARTS = 1_024
RECORD_BITS = 32  # of an item's position: the number of its document in its file; above them the number of the file
CHUNK_BITS = 20  # of a shard's position: its number in its part; above them the number of the part


def divide(inputs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """[{first, end, read}]: runs of inputs of about SCAN_PART_BYTES as handed in, one at least.

    Files of one name, or whose names look like those of documents, are read by one job: it tells documents of the same
    name apart.
    """
    names = [row["name"] for row in inputs]
    if len(set(names)) < len(names) or any("#" in name for name in names):
        return [{"first": 0, "end": len(inputs), "read": False}]
    target_bytes = max(settings.SCAN_PART_BYTES, sum(row["size_bytes"] for row in inputs) // MAX_PARTS + 1)
    starts, held_bytes = [0], 0
    for number, row in enumerate(inputs):
        if number > starts[-1] and held_bytes + row["size_bytes"] > target_bytes and len(starts) < MAX_PARTS:
            starts.append(number)
            held_bytes = 0
        held_bytes += row["size_bytes"]
    ends = [*starts[1:], len(inputs)]
    return [{"first": first, "end": end, "read": False} for first, end in zip(starts, ends, strict=True)]


def hand_out(claim: jobs.Claim, scan: Scan) -> bool:
    """Divide the scan's files, once; a job for each part, the largest first. False: one part, for the caller to read.

    What takes longest begins first, so that at the end nobody waits for it.
    """
    if scan.parts:
        return len(scan.parts) > 1
    divided = divide(scan.inputs)
    with transaction.atomic():
        claim.guard()
        scan.parts = divided
        scan.save(update_fields=["parts"])
        if len(divided) == 1:
            return False
        sizes = [sum(row["size_bytes"] for row in scan.inputs[part["first"] : part["end"]]) for part in divided]
        for number in sorted(range(len(divided)), key=lambda number: -sizes[number]):
            jobs.enqueue("scan_read", organisation=scan.organisation, parent=scan.job, scan_id=scan.pk, part=number)
    return True


def finish(claim: jobs.Claim, scan: Scan, part: int) -> bool:
    """Write down that a part is read; with the last one matching is all that is left. True for that one."""
    with transaction.atomic():
        claim.guard()
        held = Scan.objects.select_for_update(no_key=True).get(pk=scan.pk)
        held.parts[part]["read"] = True
        all_read = all(each["read"] for each in held.parts)
        if all_read and held.state == Scan.State.READING:
            totals = held.shards.aggregate(**{name: Sum(name, default=0) for name in TOTALS})
            for name, value in totals.items():
                setattr(held, name, value)
            held.state = Scan.State.MATCHING
        held.save(update_fields=["parts", "state", *TOTALS])
    return all_read


TOTALS = ("documents", "chars", "words", "letters")


def are_read(scan: Scan) -> bool:
    """Whether every part of the scan was read."""
    return bool(scan.parts) and all(part["read"] for part in scan.parts)


def item_position(number: int, record: int) -> int:
    """Where the document `record` of the scan's file `number` stands in its release."""
    return (number << RECORD_BITS) + record


def shard_position(part: int, chunk: int) -> int:
    """The number of a part's chunk among all shards of the scan."""
    return (part << CHUNK_BITS) + chunk


def shards_of(scan: Scan, part: int) -> dict[int, int]:
    """Position → documents of the shards that a part was cut into before."""
    first, end = shard_position(part, 0), shard_position(part + 1, 0)
    rows = Shard.objects.filter(scan=scan, position__gte=first, position__lt=end)
    return dict(rows.values_list("position", "documents"))
