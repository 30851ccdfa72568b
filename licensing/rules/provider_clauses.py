"""What a provider's terms say about the output of its models, and which version of them applied on a day.

Pure. A clause is an act × a purpose × a party, forbidden, allowed or a condition. Versions follow each other in a
stream (one document for one audience); where no version is known for a day there is a gap, and the nearest version is
never taken for it.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    FORBIDS = "forbids"
    ASKS = "asks"  # a condition that has to be kept
    ALLOWS = "allows"


class Act(StrEnum):
    """What is done with output, or to get it."""

    DEVELOP_COMPETING_MODEL = "develop_competing_model"
    TRAIN_OTHER_MODEL = "train_other_model"
    COMMERCIAL_USE = "commercial_use"
    REDISTRIBUTE = "redistribute"
    EXTRACT = "extract"  # programmatic extraction, scraping
    REVERSE_ENGINEER = "reverse_engineer"
    CLAIM_HUMAN_MADE = "claim_human_made"
    NAME_AFTER_MODEL = "name_after_model"  # a model trained on output carries the generator's name
    CREDIT_MODEL = "credit_model"  # "Built with …"
    KEEP_TERMS = "keep_terms"  # a model trained on output stands under the same terms


class ClausePurpose(StrEnum):
    ANY = "any"
    COMMERCIAL = "commercial"


class ClauseParty(StrEnum):
    CUSTOMER = "customer"  # whoever accepted the terms
    RECIPIENT = "recipient"  # whoever gets output from a customer
    ANYONE = "anyone"


class Document(StrEnum):
    CONSUMER_TERMS = "consumer_terms"
    BUSINESS_TERMS = "business_terms"
    USAGE_POLICY = "usage_policy"
    MODEL_LICENCE = "model_licence"


class GapCause(StrEnum):
    UNDATED = "undated"
    NOT_BEGUN = "not_begun"
    BETWEEN = "between"
    NOT_SEEN_SINCE = "not_seen_since"
    ENDED = "ended"
    NOT_READ = "not_read"


@dataclass(frozen=True)
class Version:
    """One version. First and last day are included.

    `ends` is None where no later version is known; then it is known to apply up to `seen_until`, the last day on which
    somebody saw it in force, unless it is `lasting`: a licence that stays with the model it came with.
    `is_read`: whether anybody recorded what it says.
    """

    key: str
    stream: str
    begins: datetime.date | None
    ends: datetime.date | None = None
    seen_until: datetime.date | None = None
    lasting: bool = False
    is_read: bool = True

    @property
    def known_until(self) -> datetime.date | None:
        """The last day for which it is known to apply; None: without end."""
        if self.ends is not None:
            return self.ends
        if self.lasting:
            return None
        return max((day for day in (self.seen_until, self.begins) if day is not None), default=datetime.date.min)

    def covers(self, on: datetime.date) -> bool:
        """Whether it is known to have applied on that day."""
        if self.begins is None or on < self.begins:
            return self.begins is None and self.ends is not None and on <= self.ends
        return self.known_until is None or on <= self.known_until


@dataclass(frozen=True)
class Gap:
    """No version of a stream is known for the day: why, and which versions lie around it."""

    stream: str
    cause: GapCause
    earlier: Version | None = None
    later: Version | None = None


def on_day(versions: Iterable[Version], on: datetime.date) -> dict[str, Version | Gap]:
    """Stream → the version that applied on that day, or the gap. Of two that overlap the later counts."""
    streams: dict[str, list[Version]] = {}
    for version in versions:
        streams.setdefault(version.stream, []).append(version)
    return {stream: _of_stream(stream, rows, on) for stream, rows in sorted(streams.items())}


def _of_stream(stream: str, rows: Sequence[Version], on: datetime.date) -> Version | Gap:
    ordered = sorted(rows, key=lambda row: (row.begins or datetime.date.min, row.key))
    found = [row for row in ordered if row.covers(on)]
    if found:
        return found[-1] if found[-1].is_read else Gap(stream, GapCause.NOT_READ, found[-1], None)
    dated = [row for row in ordered if row.begins is not None]
    if not dated:
        return Gap(stream, GapCause.UNDATED)
    earlier = max((row for row in dated if (row.begins or on) <= on), key=lambda row: row.begins or on, default=None)
    later = min((row for row in dated if (row.begins or on) > on), key=lambda row: row.begins or on, default=None)
    if earlier is None:
        return Gap(stream, GapCause.NOT_BEGUN, None, later)
    if later is not None:
        return Gap(stream, GapCause.BETWEEN, earlier, later)
    cause = GapCause.ENDED if earlier.ends is not None else GapCause.NOT_SEEN_SINCE
    return Gap(stream, cause, earlier, None)
