"""Claims of one organisation verified together, by the evidence that an operator looked at: one act, one log entry.

A publisher with thousands of works has its right by one document: the certificate of a register, a list of contracts,
the allocation of an ISBN prefix. Claim by claim nobody would ever get through them. What is selected are the
organisation's own claims that nobody has looked at yet; the grants that rest on them follow, and so do the answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from licensing.models import VerdictChange
from licensing.rules import terms
from licensing.services import dependents, resting_grants
from licensing.services.assertions import RAISED_BY_DOMAIN, UNPROVED
from licensing.services.verification import require_operator, sha256_faults
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput
from registry.models import Capacity, Entry, Identifier, Organisation, RightsClaim
from registry.models.base import new_public_id
from registry.services import log

LEVELS = (terms.Verification.DOCUMENT, terms.Verification.IDENTITY)
MAX_CLAIMS = 100_000
PREFIX_DIGITS = range(5, 13)  # of an ISBN-13: 978 or 979, group and publisher at least, and not the whole of it


@dataclass(frozen=True)
class Chosen:
    """Which of an organisation's claims: all, or those in a capacity, with ISBNs of a prefix, that name a document."""

    organisation: Organisation
    capacity: str = ""
    isbn_prefixes: Sequence[str] = ()
    named_sha256: str = ""

    def facts(self) -> dict[str, object]:
        """For the log."""
        return {
            "organisation": self.organisation.slug,
            "capacity": self.capacity,
            "isbn_prefixes": sorted(_digits(each) for each in self.isbn_prefixes),
            "named_sha256": self.named_sha256,
        }


@dataclass(frozen=True)
class Verified:
    """What was verified: claims, and the grants and offers that followed."""

    claims: int
    grants: int
    offers: int
    entry: Entry


def waiting() -> QuerySet[Any]:
    """The organisations with claims that nobody has looked at, those with the most first: `claims` a row."""
    rows = RightsClaim.objects.filter(_unseen()).order_by().values("asserted_by__slug", "asserted_by__name")
    return rows.annotate(claims=Count("pk")).order_by("-claims", "asserted_by__slug")


def selected(chosen: Chosen) -> QuerySet[RightsClaim]:
    """The claims that are chosen, oldest first. Raises InvalidInput with every fault of the choice."""
    errors = _faults(chosen)
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    rows = RightsClaim.objects.filter(_unseen(), asserted_by=chosen.organisation)
    if chosen.capacity:
        rows = rows.filter(capacity=chosen.capacity)
    if chosen.named_sha256:
        rows = rows.filter(evidence_sha256=chosen.named_sha256)
    if chosen.isbn_prefixes:
        begins = Q()
        for each in chosen.isbn_prefixes:
            begins |= Q(value__startswith=_digits(each))
        isbns = Identifier.objects.filter(begins, work=OuterRef("work"), scheme=Identifier.Scheme.ISBN)
        rows = rows.filter(Exists(isbns))
    return rows.order_by("pk")


def _unseen() -> Q:
    """Claims that stand and whose right nobody has looked at, of those who speak in their own name."""
    speaking = Q(capacity__in=[capacity.value for capacity in RAISED_BY_DOMAIN])
    levels = Q(verification__in=[level.value for level in UNPROVED])
    return speaking & levels & Q(withdrawn_at__isnull=True, set_aside_by__isnull=True, work__withdrawn_at__isnull=True)


def _digits(prefix: str) -> str:
    return "".join(letter for letter in prefix if letter not in "- \u2010\u2011")


def _faults(chosen: Chosen) -> list[dict[str, str]]:
    errors = []
    for number, each in enumerate(chosen.isbn_prefixes):
        digits = _digits(each)
        if not digits.isdecimal() or not digits.startswith(("978", "979")) or len(digits) not in PREFIX_DIGITS:
            cause = f"{each[:20]!r} is no prefix of an ISBN: 978 or 979, group and publisher, as in 978-3-16."
            errors.append({"pointer": f"/isbn_prefixes/{number}", "cause": cause})
    if chosen.capacity and chosen.capacity not in Capacity.values:
        cause = f"{chosen.capacity!r} is not one of {', '.join(Capacity.values)}."
        errors.append({"pointer": "/capacity", "cause": cause})
    return errors + sha256_faults("/named_sha256", chosen.named_sha256)


@transaction.atomic
def verify(
    chosen: Chosen, *, verification: str, evidence: str, evidence_sha256: str, expected: int, actor: Actor
) -> Verified:
    """Record that an operator looked at the document behind these claims: one entry with roots over what changed.

    `expected`: how many claims the operator was shown. Raises NotAllowed, InvalidInput with every fault (no evidence,
    no document, a level that is not given in bulk), Conflict where the choice holds no claim, or others by now.
    """
    require_operator(actor)
    errors = sha256_faults("/evidence_sha256", evidence_sha256)
    if verification not in LEVELS:
        cause = f"Claims are verified together by a document or with an identity, not by {verification!r}."
        errors.append({"pointer": "/verification", "cause": cause})
    if not evidence.strip():
        errors.append({"pointer": "/evidence", "cause": "Say by what the claims were verified."})
    if not evidence_sha256:
        errors.append({"pointer": "/evidence_sha256", "cause": "Name the document: hand it in, or type its SHA-256."})
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    names = ("pk", "public_id", "verification", "work_id")
    rows = list(selected(chosen).select_for_update(no_key=True, of=("self",)).values_list(*names)[: MAX_CLAIMS + 1])
    if not rows:
        raise Conflict("This choice holds no claim that waits to be verified.")
    if len(rows) != expected:
        sentence = f"This choice holds {len(rows):,} claims by now, and {expected:,} were looked at. Look at it again."
        raise Conflict(sentence, claims=len(rows))
    if len(rows) > MAX_CLAIMS:
        raise Conflict(f"At most {MAX_CLAIMS:,} claims are verified together. Narrow the choice.")
    RightsClaim.objects.filter(pk__any_of=[row[0] for row in rows]).update(verification=verification)
    works = {work for _, _, _, work in rows}
    followed = resting_grants.follow(chosen.organisation, works)
    facts: dict[str, object] = {
        "verification": verification,
        "evidence": evidence.strip(),
        "evidence_sha256": evidence_sha256,
        "claims": len(rows),
        "root": resting_grants.root_of("claim", [(claim, was, verification) for _, claim, was, _ in rows]),
    }
    subject = f"claims:{new_public_id()}"
    said = facts | chosen.facts() | followed.facts()
    entry = log.stage(
        "claims.verified_many", subject=subject, facts=said, actor=actor, organisation=chosen.organisation
    )
    dependents.after_statements(works, VerdictChange.Cause.VERIFIED)
    return Verified(len(rows), len(followed.grants), followed.offers, entry)
