"""Where the pages of this package's jobs lead: to the import, the list, the audit or the request that they work on."""

from django.urls import reverse
from django.utils.translation import gettext

from ingest.models import Audit
from licensing.models import LicenceRequest
from registry.models import Import, Job, Linkage
from registry.web import job_subjects
from registry.web.job_subjects import Link


def register() -> None:
    """Tell the page of a job about jobs of imports, lists, audits and requests."""
    job_subjects.contribute(["import_check", "import_apply", "import_undo"], _import)
    job_subjects.contribute(["linkage"], _linkage)
    job_subjects.contribute(["audit"], _audit)
    job_subjects.contribute(["outputs_read"], lambda job: (gettext("Registered model output"), reverse("outputs")))
    job_subjects.contribute(["split_request"], _request)
    job_subjects.contribute(["signals_fetch", "signals_crawl"], _signals)


def _import(job: Job) -> Link | None:
    batch = Import.objects.filter(pk=job.arguments.get("import_id")).first()
    return (batch.file_name, reverse("import", args=[batch.public_id])) if batch else None


def _linkage(job: Job) -> Link | None:
    linkage = Linkage.objects.filter(pk=job.arguments.get("linkage_id")).first()
    return (linkage.file_name, reverse("linkage", args=[linkage.public_id])) if linkage else None


def _audit(job: Job) -> Link | None:
    audit = Audit.objects.filter(pk=job.arguments.get("audit_id")).first()
    return (audit.title, reverse("audit", args=[audit.public_id])) if audit else None


def _signals(job: Job) -> Link | None:
    name = job.arguments.get("host") or job.arguments.get("file_name") or ""
    return str(name), reverse("signals")


def _request(job: Job) -> Link | None:
    asked = LicenceRequest.objects.filter(pk=job.arguments.get("request_id")).first()
    return (asked.title, reverse("request", args=[asked.public_id])) if asked else None
