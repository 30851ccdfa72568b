"""The answer of `check` for people: the verdict first, then what decides it, then the facts as a table."""

from __future__ import annotations

from typing import Any

from colophon.exits import CLEAR, FINDINGS, NOTHING_TO_CHECK, UNDETERMINED
from colophon.notices import printable
from ingest.sureness import in_percent, sentence
from licensing.rules.explain import VERDICT_WORDS
from licensing.rules.terms import Verdict, in_words, territory_in_words

Json = dict[str, Any]

HEAD = ("work", "verdict", "status", "found as", "how sure", "documents", "words", "title")


def to_lines(answer: Json, *, source: str) -> list[str]:
    """Lines of text. `source` names the snapshot and its date."""
    question, totals = answer["question"], answer["totals"]
    rows = sorted(answer["works"], key=lambda row: (not row["blocks"], Verdict(row["verdict"]).rank, row["work"]))
    asked = (
        f"{in_words(question['use'])} ({in_words(question['purpose'])}) in {territory_in_words(question['territory'])}"
        f" on {question['on']}, as {question.get('licensee') or 'anyone'}"
    )
    lines = [_headline(answer, rows), f"Asked: {asked}; policy {answer['policy']}.", *_coverage(answer, source)]
    if "diff" in answer:
        lines.append(
            f"Only what is new since the baseline is listed; {len(answer['diff']['resolved'])} of its works are gone."
        )
    for row in rows:
        if row["counts"] and row["verdict"] != Verdict.CLEARED:
            lines += ["", *_reason_lines(row)]
    quoted = sum(not row["counts"] for row in rows)
    if quoted:
        lines += ["", f"Only quoted, in less than an excerpt: {quoted}. Listed below, not counted under this policy."]
    if rows:
        lines += ["", *_table(rows)]
    if totals["skipped"]:
        lines += ["", f"{totals['skipped']} records could not be read and are not part of this answer."]
    return [*lines, "", f"Rules {answer['rules_version']}. This is not legal advice."]


def _headline(answer: Json, rows: list[Json]) -> str:
    blocking = sum(row["blocks"] for row in rows)
    counted = sum(row["counts"] for row in rows)
    works = f"{counted} work{'' if counted == 1 else 's'} found"
    state = answer["state"]
    if state == FINDINGS:
        return f"Not clear: {blocking} of the {works} {'blocks' if blocking == 1 else 'block'}."
    if state == UNDETERMINED:
        return f"Undetermined: nothing blocks, but not everything is known ({works})."
    if state == NOTHING_TO_CHECK:
        return "Nothing to check: no documents were read."
    assert state == CLEAR
    return f"Clear: none of the {works} blocks."


def _coverage(answer: Json, source: str) -> list[str]:
    totals, unidentified = answer["totals"], answer["unidentified"]
    lines = [f"Read {_documents(totals['documents'])}, {totals['words']:,} words, against {source}."]
    if unidentified["documents"]:
        lines.append(
            f"Not identified as any of its works: {_documents(unidentified['documents'])}."
            " That says nothing about their rights."
        )
        lines.append(sentence(unidentified.get("no_match")))
    return [printable(line) for line in lines if line]


def _documents(number: int) -> str:
    return "1 document" if number == 1 else f"{number:,} documents"


def _reason_lines(row: Json) -> list[str]:
    name = f"{row['title']} ({row['work']})" if row["title"] else row["work"]
    blocks = ", blocks" if row["blocks"] else ""
    lines = [printable(f"{name}: {VERDICT_WORDS[Verdict(row['verdict'])]}{blocks}")]
    for reason in row["reasons"]:
        mark = " (superseded)" if reason["superseded"] else ""
        evidence = f" [evidence: {', '.join(reason['evidence'])}]" if reason["evidence"] else ""
        lines.append(printable(f"  {reason['code']}{mark}: {reason['sentence']}{evidence}"))
    return lines


def _table(rows: list[Json]) -> list[str]:
    cells = [HEAD]
    for row in rows:
        words = VERDICT_WORDS[Verdict(row["verdict"])] if row["counts"] else "not counted"
        cells.append(
            (
                printable(row["work"]),
                words,
                row["status"],
                row["relation"],
                in_percent(_surest(row["matches"])),
                f"{row['documents']:,}",
                f"{row['matched_words']:,}",
                printable(row["title"]),
            )
        )
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    numeric = {HEAD.index(name) for name in ("how sure", "documents", "words")}
    return [
        "  ".join(
            cell.rjust(widths[column]) if column in numeric else cell.ljust(widths[column])
            for column, cell in enumerate(line)
        ).rstrip()
        for line in cells
    ]


def _surest(matches: list[Json]) -> float | None:
    """The highest confidence of a work's matches."""
    return max((line["confidence"] for line in matches if line.get("confidence") is not None), default=None)
