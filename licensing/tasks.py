"""Celery's side of licensing: which job kind runs which service."""

from celery import shared_task

from licensing.services import clearances
from registry import jobs


@jobs.handler("decide", queue="interactive")
def decide(claim: jobs.Claim, *, clearance_id: int) -> None:
    """Decide one clearance."""
    claim.progress("deciding", 0)
    clearances.decide(clearance_id)


@shared_task(name="licensing.decide_ready")
def decide_ready() -> None:
    """Look down for finished scans."""
    clearances.decide_ready()
