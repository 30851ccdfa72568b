"""Columns and database constraints; no behaviour that reaches outside the row."""

from ingest.models.audits import Audit, OutputCorpus
from ingest.models.deposits import Deposit, Fingerprint, Segment
from ingest.models.matches import Match
from ingest.models.scans import Scan, Shard, Skipped

__all__ = ["Audit", "Deposit", "Fingerprint", "Match", "OutputCorpus", "Scan", "Segment", "Shard", "Skipped"]
