"""What a licence says, as one frozen value: the words of `Terms`, of its fee and of its limits.

None in a dimension means that the terms do not narrow it. Terms are compared and combined by `agreement_algebra`, read
and written by `agreement_reading`; `agreement` is the face of all three.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from licensing.rules.terms import LicenseeKind, Purpose, Scope, Use


class Sublicensing(StrEnum):
    """Whom the licensee may pass its permission on to, least first. Where nothing is said: nobody."""

    NONE = "none"
    AFFILIATES = "affiliates"
    ALLOWED = "allowed"


class Survival(StrEnum):
    """What becomes of weights that were trained under the licence once it has ended, strictest first."""

    DELETE = "delete"
    NO_NEW_TRAINING = "no_new_training"
    KEEP = "keep"


class FeeModel(StrEnum):
    FREE = "free"
    FLAT = "flat"
    PER_WORK = "per_work"
    PER_TOKEN = "per_token"  # noqa: S105 - a way of paying
    ROYALTY = "royalty"
    SUBSCRIPTION = "subscription"
    CONTRIBUTION = "contribution"


# a fee of these models is settled only with its amount; a royalty or a contribution may be put in words
PRICED = frozenset({FeeModel.FLAT, FeeModel.PER_WORK, FeeModel.PER_TOKEN, FeeModel.SUBSCRIPTION})


@dataclass(frozen=True)
class Fee:
    """What is paid. `amount` and `currency` (ISO 4217) come together or not at all; `per` says for what, in words."""

    model: FeeModel
    amount: Decimal | None = None
    currency: str = ""
    per: str = ""


@dataclass(frozen=True)
class OutputLimits:
    """What a model may put out of the work: so many words in a row at most, and conditions in words (one a line)."""

    verbatim_words: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Terms:
    """The terms of a template, a request, an offer, a counter-offer or an agreement.

    Days are included. `affiliates`: the organisations besides the licensee that may use the work; None is every
    affiliate, the empty set nobody. `survival` None: nothing was agreed, which permits less than `keep` and
    binds less than `no_new_training`. `fee` None: none was stated, which is not the same as free.
    """

    uses: frozenset[Use]
    purposes: frozenset[Purpose] | None = None
    territory: tuple[str, ...] | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    licensee_kinds: frozenset[LicenseeKind] | None = None
    affiliates: frozenset[str] | None = None
    models: frozenset[str] | None = None
    products: frozenset[str] | None = None
    exclusive: bool = False
    sublicensing: Sublicensing = Sublicensing.NONE
    output_limits: OutputLimits | None = None
    fee: Fee | None = None
    attribution: bool = False
    audit: bool = False
    survival: Survival | None = None
    note: str = ""


def scope_of(terms: Terms) -> Scope:
    """The part that every assertion has: uses, purposes, territory and term."""
    return Scope(terms.uses, terms.purposes, terms.territory, terms.valid_from, terms.valid_to)


def duties_of(terms: Terms) -> list[str]:
    """What the licensee owes for the permission, as the duties of a grant, sorted; empty where it owes nothing.

    Words: attribution, audit, delete_weights_after_end, no_new_training_after_end, output_limits, payment.
    """
    owed = {
        "attribution": terms.attribution,
        "audit": terms.audit,
        "delete_weights_after_end": terms.survival is Survival.DELETE,
        "no_new_training_after_end": terms.survival is Survival.NO_NEW_TRAINING,
        "output_limits": terms.output_limits is not None,
        "payment": terms.fee is not None and terms.fee.model is not FeeModel.FREE,
    }
    return [duty for duty, is_owed in owed.items() if is_owed]


def open_points(terms: Terms) -> tuple[str, ...]:
    """JSON pointers of what two parties still have to settle before terms can bind them."""
    points = []
    if terms.fee is None:
        points.append("/fee")
    elif terms.fee.model in PRICED and terms.fee.amount is None:
        points.append("/fee/amount")
    elif terms.fee.model is FeeModel.ROYALTY and terms.fee.amount is None and not terms.fee.per:
        points.append("/fee/per")
    return tuple(points)
