"""Why it is not known which terms applied: a cause with its facts, told in English.

Pure. The English sentence is what is recorded; cause and facts stand beside it, so that an interface can say the same
in another language (`licensing/evidence/messages`, section `gap`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RECORDED = "recorded"  # only the sentence is on record
TEXTS: dict[str, str] = {
    "not_read": "nobody has recorded what {earlier} say",
    "not_begun": "the earliest version on record, {later}, began on {begins}",
    "not_seen_before": "the earliest version on record, {later}, was first seen on {seen}",
    "between": "no version is on record between {earlier} and {later}",
    "between_seen": (
        "{earlier} were last seen in force on {seen}, and no version is on record between them and {later}"
    ),
    "ended": "{earlier} ended on {ends}, and no later version is on record",
    "not_seen_since": "{earlier} were last seen in force on {seen}, and nobody recorded whether they still applied",
    "undated": "no dated version of them is on record",
    "no_day": "the day on which the output was generated is not recorded",
    "no_version": "no version of them is recorded",
    "not_on_file": "what {terms} says is not on file",
    "other_provider": "{terms} are the terms of {owner}",
    "began_later": "{terms} began on {begins}, after the output of {day}",
    "ended_before": "{terms} ended on {ends}, before the output of {day}",
    "audit_copies": (
        "an audit found {copies} near-copies of output of {generator} among {sampled} records, and nothing on record"
        " says how it was got"
    ),
    "audit_unrecorded": "an audit found model output in {positive} of {sampled} records, and none is recorded",
    "audit_surplus": "an audit measured at least {measured}, and {declared} per cent is recorded",
    RECORDED: "{text}",
}


@dataclass(frozen=True)
class GapText:
    """A cause of `TEXTS` with its facts."""

    cause: str
    facts: Mapping[str, str]

    @property
    def sentence(self) -> str:
        """The cause in English, without a full stop."""
        return TEXTS[self.cause].format(**self.facts)

    def __str__(self) -> str:
        return self.sentence

    def to_dict(self) -> dict[str, str]:
        """As it is stored beside the sentence."""
        return {"cause": self.cause, **self.facts}


def why(cause: str, **facts: Any) -> GapText:
    """The cause with its facts as text; KeyError where `TEXTS` does not have it or a fact is missing."""
    found = GapText(cause, {name: str(value) for name, value in facts.items()})
    assert found.sentence
    return found


def read(sentence: str, stored: Mapping[str, Any] | None) -> GapText:
    """What was stored beside a sentence; where that is missing or says something else, the sentence alone."""
    if stored:
        found = GapText(str(stored.get("cause")), {name: str(text) for name, text in stored.items() if name != "cause"})
        try:
            if found.sentence == sentence:
                return found
        except (KeyError, IndexError):
            pass
    return GapText(RECORDED, {"text": sentence})
