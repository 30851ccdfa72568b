"""The Celery application as workers of the tests run it: the product's, and the jobs of `tests/worker_jobs.py`."""

from config.celery import app

__all__ = ["app"]

app.conf.imports = ["tests.worker_jobs"]
