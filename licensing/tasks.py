"""Celery's side of licensing: which job kind runs which service."""

from celery import shared_task

from licensing.services import (
    agreement_documents,
    agreements,
    clearances,
    dataset_imports,
    dates,
    import_apply,
    import_check,
    import_states,
    import_undo,
    linkages,
    member_exits,
    notices,
    output_reevaluation,
    proofs,
    rechecks,
    reevaluation,
    reminders,
    reports,
    rules_trials,
    signal_reading,
    splitting,
)
from registry import jobs

IMPORT_SECONDS = 6 * 3600


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


@jobs.handler("import_check", queue="engine", time_limit_seconds=IMPORT_SECONDS)
def check_import(claim: jobs.Claim, *, import_id: int) -> None:
    """Look at a file of many records."""
    import_check.check(import_id, claim)


@jobs.handler("import_apply", queue="engine", time_limit_seconds=IMPORT_SECONDS)
def apply_import(claim: jobs.Claim, *, import_id: int, actor: str) -> None:
    """Take over what the dry run found."""
    import_apply.apply(import_id, actor=actor, claim=claim)


@jobs.handler("import_undo", queue="engine", time_limit_seconds=IMPORT_SECONDS)
def undo_import(claim: jobs.Claim, *, import_id: int, actor: str) -> None:
    """Take an import back."""
    import_undo.undo(import_id, actor=actor, claim=claim)


@jobs.handler("linkage", queue="engine", time_limit_seconds=3600)
def link(claim: jobs.Claim, *, linkage_id: int) -> None:
    """Link the rows of a list to registered works."""
    linkages.run(linkage_id, claim)


@jobs.handler(signal_reading.FETCH_JOB, queue="interactive", time_limit_seconds=1200)
def read_site(claim: jobs.Claim, *, host: str, address: str, actor: str) -> None:
    """Read what the machines of a site say."""
    claim.progress("reading", 0)
    signal_reading.look(claim.job, host=host, address=address, actor=actor, claim=claim)


@jobs.handler(signal_reading.CRAWL_JOB, queue="engine", time_limit_seconds=3 * 3600)
def read_crawl(claim: jobs.Claim, *, blob: str, file_name: str, actor: str) -> None:
    """Read crawl records."""
    claim.progress("reading", 0)
    signal_reading.read_crawl(claim.job, blob=blob, file_name=file_name, actor=actor, claim=claim)


@jobs.handler("check_domain", queue="interactive", time_limit_seconds=120)
def check_domain(claim: jobs.Claim, *, domain_id: int, actor: str = "system:domains") -> None:
    """Look for the proof of one domain."""
    proofs.check_asked(domain_id, actor=actor)


@jobs.handler(splitting.JOB, queue="engine", time_limit_seconds=3600)
def split_request(claim: jobs.Claim, *, request_id: int) -> None:
    """Find out who is to be asked for the works of a licence request."""
    splitting.split(request_id, claim)


@jobs.handler(rechecks.JOB, queue="engine", time_limit_seconds=3600)
def recheck_request(claim: jobs.Claim, *, request_id: int) -> None:
    """Look again for somebody to ask about works of a request that nobody could be asked about."""
    claim.progress("finding rightsholders", 0)
    rechecks.recheck(request_id, claim)


@jobs.handler(reevaluation.JOB, queue="engine", time_limit_seconds=3600)
def reevaluate(claim: jobs.Claim, *, agreement_id: int | None, cause: str, works: list[int] | None = None) -> None:
    """Look again at the answers that depend on an agreement, or on what was stated about works."""
    reevaluation.run(agreement_id, cause, works, claim)


@jobs.handler(output_reevaluation.JOB, queue="engine", time_limit_seconds=3600)
def reevaluate_output(
    claim: jobs.Claim, *, cause: str, nodes: list[str] | None = None, private_to: int | None = None
) -> None:
    """Look again at what clearances say of model output in their datasets."""
    output_reevaluation.run(cause, nodes, private_to, claim)


@jobs.handler(rules_trials.JOB, queue="engine", time_limit_seconds=1800)
def try_rules(claim: jobs.Claim, *, folder: str, tables: dict[str, str]) -> None:
    """Decide stored verdicts again with changed tables, and keep what would differ."""
    rules_trials.run(claim, folder=folder, tables=tables)


@jobs.handler("agreement_document", queue="interactive", time_limit_seconds=600)
def document_agreement(claim: jobs.Claim, *, agreement_id: int) -> None:
    """Make and sign the document of an agreement."""
    agreement_documents.sign_by_id(agreement_id)


@jobs.handler(notices.JOB, queue="interactive", time_limit_seconds=120)
def mail_notice(claim: jobs.Claim, *, notice_id: int) -> None:
    """Hand a notice to the mail server."""
    notices.deliver(notice_id, claim)


@shared_task(name="licensing.follow_agreements")
def follow_agreements() -> None:
    """End what has ended, put into effect what begins today, look for who can be asked now, remind of deadlines."""
    agreements.follow_days()
    member_exits.follow_days()
    rechecks.enqueue_due()
    reminders.follow()


@shared_task(name="licensing.read_sites")
def read_sites() -> None:
    """Have the sites read again on which works stand, and remove what broken crawls left."""
    signal_reading.enqueue_due()
    signal_reading.remove_leftovers()


@shared_task(name="licensing.check_domains")
def check_domains() -> None:
    """Have the proofs of domains looked for again that were not seen for a day."""
    proofs.enqueue_due()


@shared_task(name="licensing.follow_dates")
def follow_dates() -> None:
    """Have search, and the answers that depend on them, look at what began or ended by its day since the last run."""
    dates.follow()


@shared_task(name="licensing.decide_ready")
def decide_ready() -> None:
    """Look down for finished scans, and fail what waits for a job that has ended without its result."""
    clearances.decide_ready()
    clearances.close_broken()
    reports.close_broken()
    import_states.close_broken()
    linkages.close_broken()
    splitting.close_broken()
