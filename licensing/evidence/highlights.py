"""Which findings the PDF shows: the most serious first, a sample passage of each of the first works."""

from dataclasses import dataclass, field, replace

from licensing.evidence.collect import Finding, Matched
from licensing.evidence.excerpts import Shown, passages
from licensing.rules.terms import Verdict

FINDINGS_SHOWN = 200
SAMPLES_SHOWN = 12


@dataclass(frozen=True)
class Sample:
    """The longest passage of a finding."""

    finding: Finding
    match: Matched
    passage: Shown


@dataclass
class Highlights:
    """Collects while findings pass by; holds no more than it shows, and of each match only its longest passage."""

    works: int = 0
    matches: int = 0
    demo: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """Take the next finding into account."""
        self.works += 1
        self.matches += len(finding.matches)
        self.demo += bool(finding.work["demo"])
        self.findings.append(replace(finding, matches=_longest(finding)))
        if len(self.findings) >= 2 * FINDINGS_SHOWN:
            self.findings = self.shown()

    def shown(self) -> list[Finding]:
        """The findings to show, worst verdict first, then the most matched words."""
        return sorted(self.findings, key=_seriousness)[:FINDINGS_SHOWN]

    def samples(self) -> list[Sample]:
        """One passage a work, in the same order. Works that were only quoted come last."""
        found = [
            Sample(finding, finding.matches[0], passages(finding.matches[0].passages)[0])
            for finding in sorted(self.shown(), key=lambda finding: finding.relation == "quotation")
            if finding.matches
        ]
        return [sample for sample in found if sample.passage.document is not None][:SAMPLES_SHOWN]


def _seriousness(finding: Finding) -> tuple[int, int, str]:
    return Verdict(finding.verdict).rank, -finding.matched_words, finding.work["id"]


def _longest(finding: Finding) -> list[Matched]:
    """The match with the longest passage that was stored with its text, holding that passage alone."""
    best: tuple[int, Matched] | None = None
    for match in finding.matches:
        for passage in match.passages:
            if "excerpt" in passage and (best is None or passage["words"] > best[0]):
                best = passage["words"], replace(match, passages=[passage])
    return [best[1]] if best else []
