"""Observations: what machines of publishers said, kept with its raw bytes for ever, from files, crawls and fetches.

Nothing here is taken for true because somebody handed it in: what it says is derived (`signals`) only where the
registry read it itself, or where who speaks for the work did. Everybody's observations are their own evidence.
"""

import datetime
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q

from ingest import blobs
from ingest.services.uploads import clean_name
from licensing.formats.places import Place, parse
from licensing.formats.policy import Fault
from licensing.formats.policy_json import plain, rule_json
from licensing.formats.recognition import KINDS, Found, Source, speaking
from licensing.formats.stated import says
from licensing.models import Observation, Signal
from licensing.services import signal_files, signals
from licensing.services.signals import now
from registry.actors import Actor
from registry.errors import ColophonError, InvalidInput
from registry.merkle import tree
from registry.models import Entry, Job, Organisation, Work
from registry.models.base import new_public_id
from registry.services import copying, log

MAX_BYTES = 1 << 20  # in a row; what is larger, a book or a document, lies in the blob store
MAX_FILE_BYTES = 32 << 20
MAX_FAULTS = 200
CLOCKS_DIFFER = datetime.timedelta(minutes=5)
Origin = Observation.Origin


class TooLarge(ColophonError):
    """More than is kept of one observation."""

    code = "TOO_LARGE"
    status = 413


@dataclass(frozen=True)
class Seen:
    """One reading of one place, on its way into the registry. Without an address it is a file, of a work or of none."""

    moment: datetime.datetime
    content: bytes
    place: Place | None = None
    status: int | None = None
    headers: Sequence[tuple[str, str]] = ()
    content_type: str = ""
    file_name: str = ""
    work: Work | None = None
    found: Sequence[Found] = ()
    faults: Sequence[Fault] = ()

    @property
    def address(self) -> str:
        return self.place.address if self.place else ""

    @property
    def sha256(self) -> str:
        """Of the bytes as they were read."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass
class Kept:
    """What became of observations: the new rows, those that were known, and what was derived from them."""

    rows: list[Observation] = field(default_factory=list)
    known: list[Observation] = field(default_factory=list)
    recorded: int = 0
    withdrawn: int = 0


def hand_in(
    *,
    content: bytes,
    file_name: str,
    actor: Actor,
    address: str = "",
    observed_at: datetime.datetime | None = None,
    work: Work | None = None,
    kind: str = "",
) -> tuple[Observation, Kept]:
    """Keep a file that somebody saw at an address, or that belongs to a work, with what it says.

    Raises InvalidInput with every fault (no bytes, a date to come, an address that is none), or TooLarge.
    """
    actor.require_writer()
    if len(content) > MAX_FILE_BYTES:
        raise TooLarge(f"The file is larger than {MAX_FILE_BYTES:,} bytes, which is as much as is kept of one.")
    place, moment = _checked(content, address, observed_at, kind)
    name = clean_name(file_name) if file_name else ""
    source = Source(address=place.address if place else "", file_name=name, day=moment.date().isoformat(), kind=kind)
    said = signal_files.read_file(content, source)
    seen = Seen(moment, content, place, file_name=name, work=work, found=said.found, faults=said.faults)
    kept = record_many([seen], origin=Origin.UPLOAD, actor=actor)
    return (kept.rows or kept.known)[0], kept


def _checked(
    content: bytes, address: str, observed_at: datetime.datetime | None, kind: str
) -> tuple[Place | None, datetime.datetime]:
    errors = []
    place = None
    if not content:
        errors.append({"pointer": "/file", "cause": "The file is empty."})
    if address.strip():
        try:
            place = parse(address)
        except ValueError as error:
            errors.append({"pointer": "/address", "cause": str(error)})
    moment = observed_at or now()
    if moment > now() + CLOCKS_DIFFER:
        errors.append({"pointer": "/observed_at", "cause": "This day is still to come: nobody has seen it then."})
    if kind and kind not in KINDS:
        errors.append({"pointer": "/kind", "cause": f"{kind[:40]!r} is not one of {', '.join(KINDS)}."})
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    return place, moment


@transaction.atomic
def record_many(
    seen: Sequence[Seen],
    *,
    origin: str,
    actor: Actor,
    organisation: Organisation | None = None,
    job: Job | None = None,
) -> Kept:
    """Keep what is not known yet and derive what follows from it; one log entry with the Merkle roots of both.

    The same bytes of the same place at the same moment (of a file handed in: on the same day) are known.
    """
    owner = organisation or actor.organisation
    if owner is not None:
        Organisation.objects.select_for_update(no_key=True).get(pk=owner.pk)  # the same file twice at once
    kept = Kept()
    known = _known(seen, origin, owner)
    new: list[tuple[Seen, Observation]] = []
    held = _held({one.sha256 for one in seen})
    for one in seen:
        key = _key(one, origin)
        if key in known:
            kept.known.append(known[key])
            continue
        row = _row(one, origin, owner, job, is_held=one.sha256 in held)
        held.add(one.sha256)
        known[key] = row
        new.append((one, row))
    kept.rows = [row for _, row in new]
    if not new:
        return kept
    entry = copying.next_key(Entry)
    for row in kept.rows:
        row.entry_id = entry
    Observation.objects.bulk_create(kept.rows, batch_size=500)
    Signal.objects.bulk_create([said for one, row in new for said in _signals(one, row)], batch_size=2000)
    derived = signals.follow(signals.reached(kept.rows), entry=entry)
    kept.recorded, kept.withdrawn = len(derived.recorded), len(derived.withdrawn)
    facts: dict[str, object] = {"observations": len(kept.rows), "observations_root": root_of(kept.rows)}
    log.stage(
        signals.ENTRY,
        subject=f"observations:{new_public_id()}",
        facts=facts | derived.facts(),
        actor=actor,
        organisation=owner,
        key=entry,
    )
    return kept


def _key(one: Seen, origin: str) -> tuple[object, ...]:
    moment = one.moment.astimezone(datetime.UTC)
    when: object = moment.date() if origin == Origin.UPLOAD else moment
    headers = tuple((name, value) for name, value in speaking(one.headers))
    return (one.address, one.file_name, one.work.pk if one.work else None, when, one.sha256, headers)


def _known(seen: Iterable[Seen], origin: str, owner: Organisation | None) -> dict[tuple[object, ...], Observation]:
    rows = Observation.objects.filter(
        origin=origin, organisation=owner, content_sha256__in={one.sha256 for one in seen}
    ).defer("content")
    found: dict[tuple[object, ...], Observation] = {}
    for row in rows:
        when: object = row.observed_at.date() if origin == Origin.UPLOAD else row.observed_at
        headers = tuple((name, value) for name, value in row.headers)
        found[row.address, row.file_name, row.work_id, when, row.content_sha256, headers] = row
    return found


def _held(hashes: set[str]) -> set[str]:
    """Of these contents, those that an earlier row keeps already."""
    return set(Observation.objects.filter(content_sha256__in=hashes).values_list("content_sha256", flat=True))


def _row(one: Seen, origin: str, owner: Organisation | None, job: Job | None, *, is_held: bool) -> Observation:
    public_id = new_public_id()
    if len(one.content) > MAX_BYTES and not is_held:
        blobs.put(one.content, f"observations/{public_id}")
    faults = [*one.faults, *(fault for each in one.found for fault in each.reading.faults)]
    return Observation(
        public_id=public_id,
        organisation=owner,
        origin=origin,
        address=one.address,
        host=one.place.host if one.place else "",
        observed_at=one.moment,
        status=one.status,
        headers=[[plain(name)[:100], plain(value)[:4000]] for name, value in speaking(one.headers)],
        content=b"" if is_held or len(one.content) > MAX_BYTES else one.content,
        content_sha256=one.sha256,
        size_bytes=len(one.content),
        content_type=plain(one.content_type)[:100],
        file_name=one.file_name,
        work=one.work,
        job=job,
        faults=[
            {"code": plain(each.code)[:60], "place": plain(each.place)[:200], "cause": plain(each.cause)[:400]}
            for each in faults[:MAX_FAULTS]
        ],
    )


def _signals(one: Seen, row: Observation) -> Iterable[Signal]:
    for each in one.found:
        for policy in each.reading.policies:
            for rule in policy.rules:
                kept = rule_json(rule) | ({"target": policy.target} if policy.target else {})
                yield Signal(
                    observation=row,
                    format=each.reading.format[:24],
                    format_version=each.reading.format_version[:40],
                    carrier=each.carrier[:16],
                    host=row.host,
                    path=rule.path[:1000],
                    agents=list(rule.agents),
                    says=says(rule).value,
                    uses=list(rule.uses),
                    purposes=list(rule.purposes),
                    territory=list(rule.territory),
                    policy_address=rule.policy_address[:1000],
                    words=plain(rule.words)[:10_000],
                    machine_readable=rule.machine_readable,
                    rule=kept,
                )


def leaf(row: Observation) -> bytes:
    """What of an observation is hashed under the root in the log's entry."""
    return log.canonical(
        {
            "observation": row.public_id,
            "origin": row.origin,
            "address": row.address,
            "file_name": row.file_name,
            "observed_at": row.observed_at.astimezone(datetime.UTC).isoformat(),
            "status": row.status,
            "headers": row.headers,
            "sha256": row.content_sha256,
            "size_bytes": row.size_bytes,
        }
    )


def root_of(rows: Iterable[Observation]) -> str:
    """The Merkle root over these observations' leaves, in this order, as hex."""
    return tree.root(tree.leaf_hash(leaf(row)) for row in rows).hex()


def raw(row: Observation) -> bytes:
    """The bytes as they were read, wherever they lie. Raises InvalidInput where they are damaged."""
    content = bytes(row.content)
    if not content and row.size_bytes:
        same = Observation.objects.filter(content_sha256=row.content_sha256)
        earlier = same.exclude(Q(content=b"")).first()
        content = (
            bytes(earlier.content) if earlier else _from_store(list(same.values_list("public_id", flat=True)), row)
        )
    if hashlib.sha256(content).hexdigest() != row.content_sha256:
        raise InvalidInput("The bytes of this observation are not those that were recorded.")
    return content


def _from_store(owners: Iterable[str], row: Observation) -> bytes:
    for public_id in owners:
        key = f"observations/{public_id}/{row.content_sha256}"
        if blobs.exists(key):
            return blobs.read(key)
    return b""
