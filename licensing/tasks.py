"""Celery's side of licensing: which job kind runs which service."""

from celery import shared_task

from licensing.services import clearances, dataset_imports, reports
from registry import jobs


@jobs.handler("decide", queue="interactive")
def decide(claim: jobs.Claim, *, clearance_id: int) -> None:
    """Decide one clearance."""
    claim.progress("deciding", 0)
    clearances.decide(clearance_id)


@jobs.handler("report", queue="engine", time_limit_seconds=3600)
def report(claim: jobs.Claim, *, report_id: int) -> None:
    """Make one evidence bundle."""
    reports.make(report_id, claim)


@jobs.handler("dataset_descriptions", queue="engine")
def dataset_descriptions(claim: jobs.Claim) -> None:
    """Take over the descriptions of datasets that come with the catalogue."""
    claim.progress("describing", 0)
    dataset_imports.load_descriptions()


@shared_task(name="licensing.decide_ready")
def decide_ready() -> None:
    """Look down for finished scans, and fail what waits for a job that has ended without its result."""
    clearances.decide_ready()
    clearances.close_broken()
    reports.close_broken()
