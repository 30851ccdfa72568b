"""The Celery application as workers of the tests run it: the product's, and the jobs of `tests/worker_jobs.py`."""

from celery.signals import worker_init

from config.celery import app

__all__ = ["app"]

app.conf.imports = ["tests.worker_jobs"]


@worker_init.connect
def _impatient(**_: object) -> None:
    """Nobody wants to wait for the pause between two attempts; only workers are told so, not the tests themselves."""
    from registry import jobs  # noqa: PLC0415  the applications are ready only now

    jobs.BACKOFF_SECONDS = 0
