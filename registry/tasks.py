"""Celery's side of the registry: the one task that carries a job id, and the periodic ones."""

from celery import shared_task

from registry import jobs
from registry.services import log


@shared_task(name=jobs.TASK_NAME)
def run_job(job_id: int) -> None:
    """Run the job with this id if it is due; anything else was done already."""
    jobs.run(job_id)


@shared_task(name="registry.sweep_jobs")
def sweep_jobs() -> None:
    """Send again what got lost."""
    jobs.sweep()


@shared_task(name="registry.sequence_log")
def sequence_log() -> None:
    """Number staged log entries and sign the next checkpoint."""
    log.sequence_all()
