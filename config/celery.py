"""The Celery application: queues and the beat table.

Celery only carries job ids. What is to be done, how far it is and who holds it stands in PostgreSQL
(`registry/jobs.py`), so a lost or doubled message changes nothing.
"""

import os

from celery import Celery
from celery.schedules import crontab
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
# Checks look at code and settings, which `make test` and `check --deploy` do; a worker would load every page for them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("colophon")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_queues=[Queue("interactive"), Queue("engine"), Queue("webhooks")],
    task_default_queue="interactive",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    # One short second attempt: a page whose job cannot be announced answers, and the sweep announces it later.
    broker_transport_options={"visibility_timeout": 3600, "max_retries": 1, "interval_start": 0, "interval_step": 0.2},
    timezone="UTC",
    beat_schedule={
        "sweep jobs": {"task": "registry.sweep_jobs", "schedule": 10.0},
        "sequence the log": {"task": "registry.sequence_log", "schedule": 5.0},
        "follow what changed for search": {"task": "registry.follow_search", "schedule": 5.0},
        "patrol search": {"task": "registry.patrol_search", "schedule": 600.0},
        "follow dates for search": {"task": "licensing.follow_dates", "schedule": crontab(minute=5)},
        "forget replies": {"task": "registry.forget_replies", "schedule": 3600.0},
        "forget accounts": {"task": "registry.forget_accounts", "schedule": 3600.0},
        "remove leftover files": {"task": "ingest.remove_leftovers", "schedule": 900.0},
        "follow webhooks": {"task": "registry.follow_webhooks", "schedule": 5.0},
        "close finished scans": {"task": "ingest.close_scans", "schedule": 5.0},
        "close broken audits": {"task": "ingest.close_audits", "schedule": 30.0},
        "follow agreements": {"task": "licensing.follow_agreements", "schedule": 600.0},
        "read sites again": {"task": "licensing.read_sites", "schedule": 3600.0},
        "check domains": {"task": "licensing.check_domains", "schedule": 900.0},
        "decide ready clearances": {"task": "licensing.decide_ready", "schedule": 5.0},
    },
)
app.autodiscover_tasks()
