"""Reasons: a row of the catalogue with its facts filled in.

A reason keeps code and facts beside its sentence, so that an interface can say the same in another language.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from licensing.rules.catalogue import (
    ACQUISITION,
    AXES,
    CATALOGUE,
    CONTRACT,
    COPYRIGHT,
    COVERAGE,
    IDENTITY,
    ReasonText,
)
from licensing.rules.gap_texts import GapText
from licensing.rules.terms import Verdict, in_words, territory_in_words

RULES_VERSION = "2026.11.7"

__all__ = [
    "ACQUISITION",
    "AXES",
    "CATALOGUE",
    "CONTRACT",
    "COPYRIGHT",
    "COVERAGE",
    "IDENTITY",
    "RULES_VERSION",
    "Reason",
    "ReasonText",
    "give_reason",
]


@dataclass(frozen=True)
class Reason:
    """One reason of one answer. `superseded`: listed, but an earlier step of its axis decided."""

    code: str
    axis: str
    verdict: Verdict
    sentence: str
    superseded: bool = False
    params: dict[str, Any] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    authority: str | None = None
    verified: bool = True
    split: bool = False

    def supersede(self) -> "Reason":
        """The same reason, listed but no longer deciding."""
        return replace(self, superseded=True)

    def to_dict(self, *, with_params: bool = False) -> dict[str, Any]:
        """As the answer shows it; `split` only where courts differ; `with_params` adds the facts for a translation."""
        shown: dict[str, Any] = {
            "code": self.code,
            "axis": self.axis,
            "verdict": self.verdict.value,
            "superseded": self.superseded,
            "sentence": self.sentence,
            "evidence": list(self.evidence),
            "authority": self.authority,
        }
        if self.split:
            shown["split"] = True
        if with_params:
            shown |= {"params": dict(self.params), "verified": self.verified}
        return shown


# facts that are kept as codes and read as words
_WORDS: dict[str, Callable[[Any], str]] = {
    "use": in_words,
    "purpose": in_words,
    "licensee_kind": in_words,
    "acquired": in_words,
    "territory": territory_in_words,
    "state": territory_in_words,
}


def give_reason(
    code: str,
    *,
    evidence: tuple[str, ...] = (),
    verdict: Verdict | None = None,
    authority: str | None = None,
    verified: bool | None = None,
    **params: str | int | GapText,
) -> Reason:
    """The reason `code` with its facts filled into the sentence. Arguments given outrank the catalogue's values."""
    text = CATALOGUE[code]
    return Reason(
        code=code,
        axis=text.axis,
        verdict=verdict or text.verdict,
        sentence=text.sentence.format(**{name: _WORDS.get(name, str)(value) for name, value in params.items()}),
        params=dict(params),
        evidence=evidence,
        authority=authority or text.authority,
        verified=text.verified if verified is None else verified,
        split=text.split,
    )
