"""What a change of the rules' tables would do to stored verdicts, before it is switched on. Nothing is stored.

The tables in use stay as they are: a child process (`python -m licensing.rules.lines`) decides the stored cases with
the changed ones, and both answers are compared.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from licensing.models import Verdict
from licensing.rules import tables
from registry.errors import InvalidInput
from registry.jobs import Claim

SECONDS = 300
SHOWN = 200  # changes that are listed one by one
EXAMPLES = 3  # of each kind of change, further ones than those that are listed included
MAX_TABLE_BYTES = 1 << 20


Answer = tuple[str, str]  # a verdict, and the code of the reason that carries it
Pair = tuple[Answer, Answer]  # as it is stored, as it would be


@dataclass(frozen=True)
class Change:
    """A stored verdict that would be another: its public ids, and both answers' verdict and deciding code."""

    verdict: str
    clearance: str
    work: str
    before: Answer
    after: Answer


@dataclass
class Preview:
    """How many stored verdicts were decided again, under which version, and what would differ."""

    rules_version: str
    decided: int = 0
    differing: int = 0
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[Pair] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)
    examples: dict[Pair, list[Change]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        kinds = [{"before": one, "after": other, "verdicts": n} for (one, other), n in self.kinds.most_common()]
        reasons = [
            {
                "before": before,
                "after": after,
                "verdicts": n,
                "examples": [vars(one) for one in self.examples[before, after]],
            }
            for (before, after), n in self.reasons.most_common()
        ]
        return {
            "rules_version": self.rules_version,
            "decided": self.decided,
            "differing": self.differing,
            "kinds": kinds,
            "reasons": reasons,
            "changes": [vars(change) for change in self.changes],
        }


def of_tables(
    changed: Mapping[str, bytes], rows: QuerySet[Verdict] | None = None, claim: Claim | None = None
) -> Preview:
    """Decide stored verdicts again with these tables (name without `.toml` → bytes) in place of those in use.

    Reasons count, superseded ones too: whatever would be written differently differs. Raises InvalidInput for a table
    that does not exist or cannot be read. `claim` is told how far it is, in three stages.
    """
    stored = (Verdict.objects.all() if rows is None else rows).order_by("id").select_related("clearance")
    with tempfile.TemporaryDirectory(prefix="rules-") as name:
        folder = Path(name) / "data"
        shutil.copytree(tables.FOLDER, folder)
        _write(folder, changed)
        total = stored.count()
        _say(claim, "reading", 0, total)
        cases = Path(name) / "cases.jsonl"
        with cases.open("w", encoding="utf-8") as file:
            for case in stored.values_list("case", flat=True).iterator(chunk_size=1000):
                file.write(json.dumps(case, ensure_ascii=False) + "\n")
        _say(claim, "deciding", 0, total)
        answers = _decide(folder, cases)
        _say(claim, "comparing", len(answers) - 1, total)
        columns = ("public_id", "clearance__public_id", "work__public_id", "verdict", "reasons")
        return _compare(stored.values_list(*columns).iterator(chunk_size=1000), answers)


def _say(claim: Claim | None, stage: str, done: int, total: int) -> None:
    if claim is not None:
        claim.progress(stage, done, total)


def _write(folder: Path, changed: Mapping[str, bytes]) -> None:
    known = {path.stem for path in folder.glob("*.toml")}
    for name, raw in changed.items():
        if name not in known:
            raise _refused(f"There is no table {name}; there are {', '.join(sorted(known))}.")
        if len(raw) > MAX_TABLE_BYTES:
            raise _refused(f"The table {name} is larger than {MAX_TABLE_BYTES >> 20} MiB.")
        (folder / f"{name}.toml").write_bytes(raw)


def _decide(folder: Path, cases: Path) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "licensing.rules.lines", str(folder), str(cases)]
    root = Path(tables.__file__).parents[2]
    try:
        done = subprocess.run(command, capture_output=True, cwd=root, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise _refused(f"It takes more than {SECONDS} seconds: ask about fewer verdicts.") from None
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no reason was given"]
        raise _refused(f"The rules cannot work with these tables: {last[0]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _compare(stored: Iterable[tuple[Any, ...]], answers: list[dict[str, Any]]) -> Preview:
    preview = Preview(answers[0]["rules_version"]) if answers else Preview("")
    for (public_id, clearance, work, verdict, reasons), answer in zip(stored, answers[1:], strict=True):
        preview.decided += 1
        if (verdict, reasons) == (answer["verdict"], answer["reasons"]):
            continue
        preview.differing += 1
        preview.kinds[verdict, answer["verdict"]] += 1
        before, after = (verdict, _code(verdict, reasons)), (answer["verdict"], _code(**answer))
        change = Change(public_id, clearance, work, before, after)
        preview.reasons[before, after] += 1
        if len(preview.changes) < SHOWN:
            preview.changes.append(change)
        if len(examples := preview.examples.setdefault((before, after), [])) < EXAMPLES:
            examples.append(change)
    return preview


def _code(verdict: str, reasons: list[dict[str, Any]], **_: Any) -> str:
    """The reason that carries the verdict."""
    return next((row["code"] for row in reasons if row["verdict"] == verdict and not row["superseded"]), "")


def _refused(cause: str) -> InvalidInput:
    return InvalidInput(cause, errors=[{"pointer": "/tables", "cause": cause}])
