"""Celery's side of the registry: the one task that carries a job id, the periodic ones, and the job kinds."""

import logging
from collections.abc import Sequence

from celery import shared_task

from registry import jobs
from registry.errors import Conflict
from registry.search import sync
from registry.search.server import EngineDown
from registry.services import accounts, log, replies, webhook_sending, webhooks

logger = logging.getLogger(__name__)


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


@shared_task(name="registry.forget_replies")
def forget_replies() -> None:
    """Remove replies that no repeated request will get any more."""
    replies.forget()


@shared_task(name="registry.forget_accounts")
def forget_accounts() -> None:
    """Remove dead sessions, old invitations, and accounts that nobody confirmed."""
    accounts.forget()


@jobs.handler("search_index", queue="interactive")
def index_for_search(
    claim: jobs.Claim, work_id: int | None = None, kind_name: str = "work", keys: Sequence[int] = ()
) -> None:
    """Bring search up to date for one work, or for rows of another kind."""
    sync.index(kind_name, [work_id] if work_id is not None else keys)


@jobs.handler("search_repair", queue="interactive", time_limit_seconds=3600)
def repair_search(claim: jobs.Claim) -> None:
    """Put right what search missed while Elasticsearch was away."""
    sync.repair()


@jobs.handler("webhooks", queue="webhooks", time_limit_seconds=600)
def send_webhooks(claim: jobs.Claim, *, webhook_id: int) -> None:
    """Send what one webhook is to be told."""
    webhook_sending.send_due(webhook_id, claim=claim)


@shared_task(name="registry.follow_webhooks")
def follow_webhooks() -> None:
    """Tell webhooks of jobs that ended, and send again what is due."""
    webhooks.tell_ended_jobs()
    webhook_sending.enqueue_due()


@shared_task(name="registry.follow_search")
def follow_search() -> None:
    """Look again at the rows of which other tables now say something else."""
    while sync.follow():
        pass


@shared_task(name="registry.patrol_search")
def patrol_search() -> None:
    """Find and repair what search holds wrongly: lost rows at once, anything else within a day."""
    try:
        found = sync.patrol()
    except (EngineDown, Conflict) as error:  # the server is away, or a rebuild puts everything right just now
        logger.warning("search: %s", error.sentence)
        return
    if not found.none:
        logger.warning("search: repaired %s", found)
