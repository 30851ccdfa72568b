"""Where the pages of this package's jobs lead: to the work whose text they read."""

from django.urls import reverse

from ingest.models import Deposit
from registry.models import Job
from registry.web import job_subjects
from registry.web.job_subjects import Link


def register() -> None:
    """Tell the page of a job about jobs of texts."""
    job_subjects.contribute(["fingerprint", "publish_segment", "replace_segments"], _work)


def _work(job: Job) -> Link | None:
    deposit = Deposit.objects.select_related("work").filter(pk=job.arguments.get("deposit_id")).first()
    return (deposit.work.title, reverse("work", args=[deposit.work.public_id])) if deposit else None
