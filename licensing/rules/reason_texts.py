"""What a row of the catalogue of reasons holds, and the axes that reasons are about."""

from dataclasses import dataclass

from licensing.rules.terms import Verdict

IDENTITY, COPYRIGHT, COVERAGE, ACQUISITION, CONTRACT = "identity", "copyright", "coverage", "acquisition", "contract"
AXES = (IDENTITY, COPYRIGHT, COVERAGE, ACQUISITION, CONTRACT)


@dataclass(frozen=True)
class ReasonText:
    """One row of the catalogue."""

    axis: str
    verdict: Verdict
    sentence: str
    authority: str | None = None
    verified: bool = True
    split: bool = False
