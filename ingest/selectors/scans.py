"""Reads of scans that more than one caller needs."""

from typing import Any

from django.db.models import Sum

from ingest import sureness
from ingest.models import Scan, Segment


def unpublished(scan: Scan) -> int:
    """In how many documents text of works was found that other organisations have not published: never which."""
    return int(scan.shards.aggregate(sum=Sum("unpublished"))["sum"] or 0)


def no_match(scan: Scan) -> dict[str, Any] | None:
    """What it means that a document of this scan matched nothing (see ingest/sureness.py).

    None before it is matched, or where the index had nothing in it.
    """
    digests = (scan.segments or {}).get("digests", [])
    sets = Segment.objects.filter(digest__in=digests).values_list("parameter_set", flat=True)
    return sureness.no_match(sorted(set(sets)), scan.min_words)
