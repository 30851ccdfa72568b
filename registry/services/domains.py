"""Domains: an organisation shows that an internet domain is its own, by a DNS record or a file on its website.

The proof is looked for again from time to time. It lapses when it was missing three times in a row over three days.
What a proved domain is worth to claims and statements is decided further up.
"""

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

import idna
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from publicsuffixlist import PublicSuffixList

from registry import fetching
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput
from registry.fetching import INTERNET, FetchError, Network
from registry.models import Domain
from registry.services import log

RECORD_LABEL = "_colophon-challenge"
FILE_PATH = "/.well-known/colophon-challenge.txt"
PREFIX = "colophon-challenge="
MAX_NAME = 253 - len(RECORD_LABEL) - 1  # room for the record's own label
FAILURES_TO_LAPSE = 3
FAILING_FOR = timedelta(days=3)
LOOK_AGAIN_AFTER = timedelta(days=1)
LOOK_AGAIN_WHEN_FAILING = timedelta(hours=6)
LOOK_AGAIN_ONCE_LAPSED_FOR = timedelta(days=90)
MAX_LISTED = 100  # of one organisation: each makes this server ask other machines
PAUSE_BETWEEN_LOOKS = timedelta(seconds=10)
# Names that never lead to a place on the internet (RFC 6761, RFC 9476 and others).
SPECIAL = frozenset({"localhost", "local", "internal", "invalid", "onion", "arpa", "lan", "home", "corp", "alt"})


@dataclass(frozen=True)
class Finding:
    """What a look found: by which method the proof was there, or for each method why it was not (a code)."""

    method: str = ""
    causes: tuple[tuple[str, str], ...] = ()

    @property
    def ok(self) -> bool:
        return bool(self.method)

    def __str__(self) -> str:
        return "\n".join(f"{method} {code}" for method, code in self.causes)


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def normalise(typed: str) -> str:
    """A domain in the one spelling it is stored in: lower case, A-labels, no final dot. Raises InvalidInput."""
    name = typed.strip().rstrip(".。")
    if not name or any(letter in name for letter in "/@:?#[]\\ \t\n*_"):
        raise _invalid("Write the domain alone, like press.example.")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        pass
    else:
        raise _invalid("This is a numeric address. Write a domain, like press.example.")
    try:
        name = idna.encode(name, uts46=True, std3_rules=True).decode("ascii").lower()
    except idna.IDNAError:
        raise _invalid("This is no domain name. Write it like press.example.") from None
    if "." not in name or name.rpartition(".")[2].isdigit():
        raise _invalid("This is the name of a single machine. Write a domain, like press.example.")
    if len(name) > MAX_NAME:
        raise _invalid(f"A domain has at most {MAX_NAME} characters here.")
    if name.rpartition(".")[2] in SPECIAL:
        raise _invalid("This name never leads to a place on the internet.")
    if _suffixes().is_public(name):
        raise _invalid("Under this name everybody can register domains, so it proves nothing. Write your own.")
    return name


@transaction.atomic
def add(*, name: str, actor: Actor) -> Domain:
    """Note a domain for the actor's organisation, with a challenge that nobody can guess. It proves nothing yet.

    One that was removed before comes back with a new challenge. Raises InvalidInput or Conflict.
    """
    organisation = actor.require_writer()
    name = normalise(name)
    fresh = {"challenge": secrets.token_urlsafe(32), "method": "", "finding": "", "failures": 0}
    moments = dict.fromkeys(("verified_at", "checked_at", "failing_since", "lapsed_at", "withdrawn_at"))
    listed = Domain.objects.filter(organisation=organisation, withdrawn_at__isnull=True)
    if listed.exclude(name=name).count() >= MAX_LISTED:
        raise Conflict(f"{MAX_LISTED} domains are on your list. Remove some that you no longer need.")
    removed = Domain.objects.filter(organisation=organisation, name=name, withdrawn_at__isnull=False)
    if removed.update(**fresh, **moments):
        domain = Domain.objects.get(organisation=organisation, name=name)
    else:
        try:
            with transaction.atomic():
                domain = Domain.objects.create(organisation=organisation, name=name, **fresh)
        except IntegrityError:
            raise Conflict(f"{name} is on your list already.", domain=name) from None
    log.stage("domain.added", subject=f"domain:{domain.public_id}", facts={"domain": name}, actor=actor)
    return domain


def proof(domain: Domain) -> str:
    """The line that has to be found."""
    return f"{PREFIX}{domain.challenge}"


def record_name(domain: Domain) -> str:
    """The name of the TXT record that is looked for."""
    return f"{RECORD_LABEL}.{domain.name}"


def file_address(domain: Domain) -> str:
    """The address of the file that is looked for."""
    return f"https://{domain.name}{FILE_PATH}"


def look(domain: Domain, *, network: Network = INTERNET) -> Finding:
    """Look for the proof, in DNS first. Talks to other machines: never call it inside a transaction."""
    causes = []
    for method, find in ((Domain.Method.DNS, _find_record), (Domain.Method.WELL_KNOWN, _find_file)):
        try:
            cause = find(domain, network)
        except FetchError as error:
            cause = error.code
        if not cause:
            return Finding(method=method.value)
        causes.append((method.value, cause))
    return Finding(causes=tuple(causes))


def _find_record(domain: Domain, network: Network) -> str:
    records = fetching.txt_records(record_name(domain), network=network)
    if proof(domain) in (record.strip() for record in records):
        return ""
    return "OTHER_CONTENT" if records else "MISSING"


def _find_file(domain: Domain, network: Network) -> str:
    answer = fetching.fetch(domain.name, FILE_PATH, network=network)
    if answer.status != 200:
        return "MISSING" if answer.status in (404, 410) else f"STATUS_{answer.status}"
    lines = answer.content.decode("utf-8", "replace").lstrip("\ufeff").splitlines()
    return "" if proof(domain) in (line.strip() for line in lines) else "OTHER_CONTENT"


@transaction.atomic
def begin_look(domain: Domain) -> None:
    """Note that somebody looks now. Raises Conflict when that was done moments ago, or the domain was removed."""
    rows = Domain.objects.filter(pk=domain.pk, withdrawn_at__isnull=True)
    pause = Q(checked_at__isnull=True) | Q(checked_at__lt=Now() - PAUSE_BETWEEN_LOOKS)
    if not rows.exists():
        raise Conflict(f"{domain.name} was removed from your list.", domain=domain.name)
    if not rows.filter(pause).update(checked_at=Now()):
        raise Conflict("We looked a moment ago. Wait ten seconds and ask again.", domain=domain.name)


@transaction.atomic
def record(domain: Domain, finding: Finding, *, actor: Actor) -> str:
    """Write down what a look found → "verified", "lapsed", or "" where nothing changed. Logs a change.

    The first proof counts at once. What was proved stays so until the proof was missing three times over three days.
    """
    domain = Domain.objects.select_for_update(no_key=True).get(pk=domain.pk)
    if domain.withdrawn_at is not None:
        return ""
    was_proved = is_proved(domain)
    rows = Domain.objects.filter(pk=domain.pk)
    if finding.ok:
        found = {"method": finding.method, "finding": "", "failures": 0, "failing_since": None}
        rows.update(checked_at=Now(), **found)
        if was_proved:
            return ""
        rows.update(verified_at=Now(), lapsed_at=None)
        _log("domain.verified", domain, {"method": finding.method}, actor)
        return "verified"
    rows.update(checked_at=Now(), finding=str(finding))
    if not was_proved:
        return ""
    rows.update(failures=F("failures") + 1)
    rows.filter(failing_since__isnull=True).update(failing_since=Now())
    over = rows.filter(failures__gte=FAILURES_TO_LAPSE, failing_since__lte=Now() - FAILING_FOR)
    return lapse(domain, finding, actor=actor) if over.exists() else ""


@transaction.atomic
def lapse(domain: Domain, finding: Finding, *, actor: Actor) -> str:
    """The proof is gone: the domain counts no longer. It counts again once a look finds the proof back (`due`)."""
    rows = Domain.objects.filter(pk=domain.pk, verified_at__isnull=False, lapsed_at__isnull=True)
    if not rows.update(lapsed_at=Now(), finding=str(finding)):
        return ""
    _log("domain.lapsed", domain, {"finding": str(finding)}, actor)
    return "lapsed"


@transaction.atomic
def withdraw(domain: Domain, *, actor: Actor) -> None:
    """Take a domain off the organisation's list; it proves nothing from now on."""
    if actor.require_writer() != domain.organisation:
        raise Conflict("Only the organisation that added a domain can remove it.")
    if not Domain.objects.filter(pk=domain.pk, withdrawn_at__isnull=True).update(withdrawn_at=Now()):
        raise Conflict(f"{domain.name} was removed before.")
    _log("domain.withdrawn", domain, {}, actor)


def is_proved(domain: Domain) -> bool:
    """Whether the domain stands proved."""
    return domain.verified_at is not None and domain.lapsed_at is None and domain.withdrawn_at is None


def proved() -> QuerySet[Domain]:
    """Every domain that stands proved."""
    return Domain.objects.filter(verified_at__isnull=False, lapsed_at__isnull=True, withdrawn_at__isnull=True)


def others(domain: Domain) -> QuerySet[Domain]:
    """The same domain, proved by other organisations: a conflict that is shown to all of them."""
    return proved().filter(name=domain.name).exclude(pk=domain.pk).select_related("organisation")


def due() -> QuerySet[Domain]:
    """The domains whose proof has to be looked for again: daily, and every six hours while it is missing.

    A lapsed one is looked at daily for 90 days: who puts the record back need not ask. Later only who asks is answered.
    """
    listed = Domain.objects.filter(verified_at__isnull=False, withdrawn_at__isnull=True)
    failing = Q(lapsed_at__isnull=True, failures__gt=0, checked_at__lt=Now() - LOOK_AGAIN_WHEN_FAILING)
    kept = Q(lapsed_at__isnull=True) | Q(lapsed_at__gt=Now() - LOOK_AGAIN_ONCE_LAPSED_FOR)
    return listed.filter(failing | kept & Q(checked_at__lt=Now() - LOOK_AGAIN_AFTER)).order_by("checked_at")


def _log(kind: str, domain: Domain, facts: dict[str, object], actor: Actor) -> None:
    facts = {"domain": domain.name} | facts
    subject = f"domain:{domain.public_id}"
    log.stage(kind, subject=subject, facts=facts, actor=actor, organisation=domain.organisation)


def _invalid(cause: str) -> InvalidInput:
    return InvalidInput(cause, errors=[{"pointer": "/name", "cause": cause}])
