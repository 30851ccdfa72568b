"""Reading places and crawls on somebody's request: jobs that fetch what a host says, or go through crawl records.

Fetching keeps to the rules of `registry.fetching`: public addresses, https, no other host, little, soon. What did not
answer is recorded as such: it is evidence that somebody looked.
"""

import datetime
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.db import transaction

from ingest import blobs
from ingest.services import uploads
from licensing.formats.places import Place, parse
from licensing.formats.policy import Fault
from licensing.formats.recognition import WELL_KNOWN, Source, crawlers_of
from licensing.models import Observation, WorkAddress
from licensing.services import observations, signal_files
from licensing.services.observations import MAX_BYTES, Kept, Seen
from licensing.services.signal_files import Captured
from licensing.services.signals import now
from registry import fetching, jobs
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput
from registry.fetching import INTERNET, FetchError, Manner, Network
from registry.jobs import Claim
from registry.models import Job, Membership, Organisation
from registry.models.base import new_public_id
from registry.services import domains

FETCH_JOB, CRAWL_JOB = "signals_fetch", "signals_crawl"
MANNER = Manner("colophon-signals", MAX_BYTES)
NO_ANSWER = 0  # where HTTP statuses stand
PAUSE = datetime.timedelta(minutes=1)  # between two looks at a host
READ_AGAIN_AFTER = datetime.timedelta(days=7)
HOSTS_A_ROUND = 200
MAX_PAGES = 50  # of works that are known to stand there, a look
MAX_POLICIES = 10
BATCH = 500
CRAWLS = "crawls"
WAITING = (Job.State.QUEUED, Job.State.RUNNING)


@transaction.atomic
def request_look(*, address: str, actor: Actor) -> Job:
    """Have a site read for what it says: its well-known files, the page at the address, and pages of works there.

    Raises InvalidInput (an address that is none, or leads nowhere on the internet) or Conflict (looked at just now).
    """
    organisation = actor.require_writer()
    place = _fetchable(address)
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    running = Job.objects.filter(kind=FETCH_JOB, arguments__host=place.host)
    if running.filter(state__in=WAITING).exists() or running.filter(ended_at__gt=now() - PAUSE).exists():
        raise Conflict(f"{place.host} was read less than a minute ago, or is being read now.", host=place.host)
    return jobs.enqueue(FETCH_JOB, organisation=organisation, host=place.host, address=place.address, actor=actor.name)


def _fetchable(address: str) -> Place:
    try:
        place = parse(address)
        if ":" in place.host:
            raise ValueError("Only the usual port of https is read.")
        domains.normalise(place.host)
    except ValueError as error:
        raise InvalidInput(str(error), errors=[{"pointer": "/address", "cause": str(error)}]) from None
    except InvalidInput as error:
        cause = error.errors[0]["cause"]
        raise InvalidInput(cause, errors=[{"pointer": "/address", "cause": cause}]) from None
    return place


def look(
    job: Job, *, host: str, address: str, actor: str, network: Network = INTERNET, claim: Claim | None = None
) -> Kept:
    """What the job does: fetch, outside any transaction, then record everything at once."""
    seen = list(_fetch_all(host, address, network))
    with transaction.atomic():
        if claim is not None:
            claim.guard()
        return observations.record_many(
            seen,
            origin=Observation.Origin.FETCH,
            actor=_actor(actor, job.organisation),
            organisation=job.organisation,
            job=job,
        )


def _fetch_all(host: str, address: str, network: Network) -> Iterator[Seen]:
    """The host's well-known files, the page, the works' pages, then the terms on this host that those point at.

    robots.txt comes first: it says for which crawlers an RSL document is that is read after it.
    """
    wanted = [f"https://{host}{path}" for path in WELL_KNOWN]
    known = WorkAddress.objects.filter(host=host, withdrawn_at__isnull=True).exclude(address__endswith="*")
    pages = known.order_by("address").values_list("address", flat=True).distinct()[:MAX_PAGES]
    wanted += [address, *(f"https://{page.partition('://')[2]}" for page in pages)]
    policies: list[str] = []
    crawlers: dict[str, tuple[str, ...]] = {}
    for each in dict.fromkeys(wanted):
        seen, places = _fetch(parse(each), network, crawlers)
        yield seen
        crawlers = crawlers_of(seen.found) | crawlers
        policies += [place for place in places if parse(place).host == host]
    for each in [place for place in dict.fromkeys(policies) if place not in wanted][:MAX_POLICIES]:
        yield _fetch(parse(each), network, crawlers)[0]


def _fetch(place: Place, network: Network, crawlers: dict[str, tuple[str, ...]]) -> tuple[Seen, list[str]]:
    moment = now()
    try:
        answer = fetching.fetch(place.host, place.path, network=network, manner=MANNER)
    except FetchError as error:
        fault = Fault(error.code.lower(), "", error.sentence)
        return Seen(moment, b"", place, status=NO_ANSWER, faults=[fault]), []
    kind = next((value for name, value in answer.headers if name == "content-type"), "")
    if not 200 <= answer.status < 300:
        return Seen(moment, b"", place, status=answer.status, content_type=kind), []
    source = Source(
        address=place.address,
        content_type=kind,
        headers=answer.headers,
        day=moment.date().isoformat(),
        agents=crawlers.get(place.address, ()),
    )
    said = signal_files.read_file(answer.content, source)
    seen = Seen(
        moment,
        answer.content,
        place,
        status=answer.status,
        headers=answer.headers,
        content_type=kind,
        found=said.found,
        faults=said.faults,
    )
    return seen, said.places


def enqueue_due() -> int:
    """A job for each host on which works stand and that was not read for a week; returns how many."""
    recent = Observation.objects.filter(origin=Observation.Origin.FETCH, observed_at__gt=now() - READ_AGAIN_AFTER)
    waiting = Job.objects.filter(kind=FETCH_JOB, state__in=WAITING).values("arguments__host")
    standing = WorkAddress.objects.filter(withdrawn_at__isnull=True).exclude(host__contains=":")
    due = standing.exclude(host__in=recent.values("host")).values_list("host", flat=True).distinct().order_by("host")
    asked = {row["arguments__host"] for row in waiting}
    hosts = [host for host in due[:HOSTS_A_ROUND] if host not in asked]
    for host in hosts:
        with transaction.atomic():
            jobs.enqueue(FETCH_JOB, host=host, address=f"https://{host}/", actor="system:signals")
    return len(hosts)


def remove_leftovers() -> int:
    """Delete the files of crawls whose job ended without removing them; returns how many."""
    named = Job.objects.filter(kind=CRAWL_JOB, state__in=WAITING).values_list("arguments__blob", flat=True)
    kept = {str(blob).split("/")[1] for blob in named if blob}
    gone = [owner for owner in blobs.owners(CRAWLS) if owner not in kept]
    old = [owner for owner in gone if blobs.is_older(f"{CRAWLS}/{owner}", datetime.timedelta(days=1))]
    for owner in old:
        blobs.delete_folder(f"{CRAWLS}/{owner}")
    return len(old)


def look_now(*, address: str, actor: Actor, network: Network = INTERNET) -> Kept:
    """Read a site at once, for a command; its job is listed as done. Raises InvalidInput."""
    organisation = actor.require_writer()
    place = _fetchable(address)
    job = jobs.open_parent(FETCH_JOB, organisation=organisation, host=place.host, address=place.address)
    with _settled(job):
        return look(job, host=place.host, address=place.address, actor=actor.name, network=network)


def read_crawl_now(*, path: Path, actor: Actor) -> Kept:
    """Go through a file of crawl records at once, for a command; its job is listed as done."""
    job = jobs.open_parent(CRAWL_JOB, organisation=actor.require_writer(), file_name=path.name)
    with _settled(job):
        return _read_crawl(job, path, path.name, actor, None)


@contextmanager
def _settled(job: Job) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        jobs.settle(job, Job.State.FAILED, str(error) or type(error).__name__)
        raise
    jobs.settle(job, Job.State.DONE)


def request_crawl(*, file: IO[bytes] | Path, file_name: str, actor: Actor) -> Job:
    """Have crawl records (WARC, plain or gzipped) read. Raises FileTooLarge, or InvalidInput (no crawl records)."""
    organisation = actor.require_writer()
    folder = f"{CRAWLS}/{new_public_id()}"
    try:
        blob = uploads.keep(file, folder)
        with blobs.opened(blob.key) as stream:
            head = stream.read(8)
        if not head.startswith((b"\x1f\x8b", b"WARC/")):
            cause = "These are no crawl records: a WARC file begins with WARC/, or is gzipped."
            raise InvalidInput(cause, errors=[{"pointer": "/file", "cause": cause}])
        with transaction.atomic():
            name = uploads.clean_name(file_name)
            return jobs.enqueue(CRAWL_JOB, organisation=organisation, blob=blob.key, file_name=name, actor=actor.name)
    except BaseException:
        blobs.delete_folder(folder)
        raise


def read_crawl(job: Job, *, blob: str, file_name: str, actor: str, claim: Claim | None = None) -> Kept:
    """What the job does: record after record, in batches that are each one transaction with one log entry.

    Records that cannot be read, or are dated in the future, become faults of one observation of the file as such.
    """
    with blobs.local_folder([(blob, file_name)]) as folder:
        [path] = list(folder.iterdir())
        total = _read_crawl(job, path, file_name, _actor(actor, job.organisation), claim)
    blobs.delete_folder(blob.rpartition("/")[0])
    return total


def _read_crawl(job: Job, path: Path, file_name: str, by: Actor, claim: Claim | None) -> Kept:
    total = Kept()
    faults: list[Fault] = []
    for batch in _batches(signal_files.read_crawl(path), faults, now() + observations.CLOCKS_DIFFER):
        _record(batch, total, job, by, claim)
    summary = Seen(now(), _digest(path).encode(), file_name=uploads.clean_name(file_name), faults=faults)
    _record([summary], total, job, by, claim)
    return total


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return f"crawl file sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}\n"


def _batches(
    records: Iterable[Captured | Fault], faults: list[Fault], latest: datetime.datetime
) -> Iterator[list[Seen]]:
    batch: list[Seen] = []
    for one in records:
        if isinstance(one, Fault):
            faults.append(one)
        elif one.moment > latest:
            faults.append(Fault("date_in_future", one.address, f"{one.moment:%Y-%m-%d} is still to come"))
        else:
            batch.append(_seen(one))
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _seen(one: Captured) -> Seen:
    cut = [Fault("too_large", "", f"longer than {MAX_BYTES} bytes: its beginning is kept")] if one.is_cut else []
    return Seen(
        one.moment,
        one.content,
        parse(one.address),
        status=one.status,
        headers=one.headers,
        content_type=one.content_type,
        found=one.found,
        faults=cut,
    )


def _record(batch: list[Seen], total: Kept, job: Job, by: Actor, claim: Claim | None) -> None:
    with transaction.atomic():
        if claim is not None:
            claim.guard()
        kept = observations.record_many(
            batch, origin=Observation.Origin.CRAWL, actor=by, organisation=job.organisation, job=job
        )
    total.rows += kept.rows
    total.known += kept.known
    total.recorded += kept.recorded
    total.withdrawn += kept.withdrawn
    if claim is not None:
        claim.progress("reading", len(total.rows) + len(total.known))


def _actor(name: str, organisation: Organisation | None) -> Actor:
    return Actor(name=name, organisation=organisation, role=Membership.Role.OWNER)
