"""Columns and database constraints; no behaviour that reaches outside the row."""

from ingest.models.deposits import Deposit, Fingerprint, Segment
from ingest.models.matches import Match
from ingest.models.scans import Scan, Shard, Skipped

__all__ = ["Deposit", "Fingerprint", "Match", "Scan", "Segment", "Shard", "Skipped"]
