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

    `ends` is None where no later version is known; then it is known to apply from `begins`, or the first day on which
    somebody saw it, up to the last such day, unless it is `lasting`: a licence that stays with the model it came with.
    `seen_on`: days on which this version, by its label or text, was seen in force. `is_read`: whether anybody recorded
    what it says.
    """

    key: str
    stream: str
    begins: datetime.date | None
    ends: datetime.date | None = None
    seen_on: tuple[datetime.date, ...] = ()
    lasting: bool = False
    is_read: bool = True

    @property
    def known_from(self) -> datetime.date | None:
        """The first day for which it is known to apply; None: every day up to its end, or no day where it has none."""
        if self.begins is not None or self.ends is not None:
            return self.begins
        return min(self.seen_on, default=None)

    @property
    def known_until(self) -> datetime.date | None:
        """The last day for which it is known to apply; None: without end."""
        if self.ends is not None:
            return self.ends
        if self.lasting:
            return None
        return max((day for day in (*self.seen_on, self.begins) if day is not None), default=datetime.date.min)

    def covers(self, on: datetime.date) -> bool:
        """Whether it is known to have applied on that day."""
        if self.known_from is None:
            return self.ends is not None and on <= self.ends
        return self.known_from <= on and (self.known_until is None or on <= self.known_until)

    def rests_on_sighting(self, on: datetime.date) -> bool:
        """Whether it is known for that day only because it was seen on that day or a later one."""
        return self.ends is None and not self.lasting and on != self.begins


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
    ordered = sorted(rows, key=lambda row: (row.known_from or datetime.date.min, row.key))
    found = [row for row in ordered if row.covers(on)]
    if found:
        return found[-1] if found[-1].is_read else Gap(stream, GapCause.NOT_READ, found[-1], None)
    dated = [(row.known_from, row) for row in ordered if row.known_from is not None]
    if not dated:
        return Gap(stream, GapCause.UNDATED)
    earlier = next((row for day, row in reversed(dated) if day <= on), None)
    later = next((row for day, row in dated if day > on), None)
    if earlier is None:
        return Gap(stream, GapCause.NOT_BEGUN, None, later)
    if later is not None:
        return Gap(stream, GapCause.BETWEEN, earlier, later)
    cause = GapCause.ENDED if earlier.ends is not None else GapCause.NOT_SEEN_SINCE
    return Gap(stream, cause, earlier, None)
