"""Which job kinds ingest runs, and the periodic tasks: scans are closed, forgotten files deleted."""

from celery import shared_task

from ingest.models import Deposit, Scan, Shard
from ingest.services import fingerprints, leftovers, matching, reading, scans, segments
from registry import jobs

READING_SECONDS = 6 * 3600
MERGING_SECONDS = 3600


@jobs.handler("fingerprint", queue="engine")
def fingerprint(claim: jobs.Claim, deposit_id: int) -> None:
    """Fingerprint a deposit's text and publish it in a segment."""
    fingerprints.make(claim, Deposit.objects.select_related("work", "edition", "organisation").get(pk=deposit_id))
    segments.publish(claim)


@jobs.handler("publish_segment", queue="engine")
def publish_segment(claim: jobs.Claim, deposit_id: int) -> None:
    """Publish the fingerprints that are in no segment yet, among them this deposit's."""
    segments.publish(claim)


@jobs.handler("merge_segments", queue="engine", time_limit_seconds=MERGING_SECONDS)
def merge_segments(claim: jobs.Claim) -> None:
    """Make one segment of many small ones."""
    segments.merge(claim)


@jobs.handler("replace_segments", queue="engine", time_limit_seconds=MERGING_SECONDS)
def replace_segments(claim: jobs.Claim, deposit_id: int) -> None:
    """Take a withdrawn text out of the segments that hold it."""
    segments.replace(claim, Deposit.objects.get(pk=deposit_id))


@jobs.handler("scan_read", queue="engine", time_limit_seconds=READING_SECONDS)
def scan_read(claim: jobs.Claim, scan_id: int) -> None:
    """Cut a scan's files into shards."""
    scan = Scan.objects.select_related("job", "organisation", "release").get(pk=scan_id)
    reading.read(claim, scan)
    scans.close(scan)


@jobs.handler("scan_shard", queue="engine")
def scan_shard(claim: jobs.Claim, shard_id: int) -> None:
    """Match one shard; the last one closes the scan."""
    shard = Shard.objects.select_related("scan__job", "scan__organisation", "scan__release").get(pk=shard_id)
    matching.match(claim, shard)
    scans.close(shard.scan)


@shared_task(name="ingest.close_scans")
def close_scans() -> None:
    """Close the scans whose jobs have ended without closing them: failed, cancelled, or killed at the last step."""
    scans.close_ready()


@shared_task(name="ingest.remove_leftovers")
def remove_leftovers() -> None:
    """Delete files that nobody needs: what killed processes left, and retired segments."""
    leftovers.remove()
