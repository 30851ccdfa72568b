"""The part of the PDF about works: each with its verdict and every reason, then passages side by side."""

import re
from typing import Any

from ingest.sureness import in_percent
from licensing.evidence.collect import Finding
from licensing.evidence.comparison import Piece
from licensing.evidence.excerpts import Side
from licensing.evidence.highlights import Highlights, Sample
from licensing.evidence.wording import Wording, percent
from licensing.rules.case import CaseError, parse_case
from licensing.rules.reasons import Reason
from licensing.rules.verdict import decide

Json = dict[str, Any]

SAMPLE_CHARS = 560
SAMPLE_CHARS_HAN = 320  # Han characters are twice as wide and say more
_SPACE = re.compile(r"\s+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def findings(highlights: Highlights, words: Wording) -> list[Json]:
    """One block a work, the most serious verdicts first."""
    say, listed = words.say, highlights.shown()
    blocks: list[Json] = [{"kind": "heading", "level": 1, "text": say("report.findings_heading")}]
    if not listed:
        return [*blocks, {"kind": "text", "text": say("report.findings_none")}]
    if highlights.works > len(listed):
        more = say("report.findings_more", shown=len(listed), total=highlights.works)
        blocks.append({"kind": "text", "text": more})
    return blocks + [_finding(finding, words) for finding in listed]


def _finding(finding: Finding, words: Wording) -> Json:
    about = words.say(
        "report.finding_line",
        status=words.word("status", finding.status),
        relation=words.word("relation", finding.relation),
        documents=finding.documents,
        words=finding.matched_words,
        confidence=in_percent(finding.confidence),
    )
    line: list[Any] = [{"strong": words.word("verdict", finding.verdict)}]
    if finding.blocks:
        line.append({"strong": f" ({words.say('report.blocks_mark')})"})
    line.append(f" · {about}")
    decided = _decided(finding)
    statements = {row["id"]: row for row in finding.case["assertions"]}
    return {
        "kind": "finding",
        "title": finding.work["title"],
        "by": finding.work["authors"],
        "line": line,
        "about": _identity(finding, words),
        "reasons": [
            reason_line(said, decided.get((said["code"], said["sentence"])), statements, words)
            for said in finding.reasons
        ],
    }


def _decided(finding: Finding) -> dict[tuple[str, str], Reason]:
    """The reasons as today's rules give them, with the facts in them. Used only where they say what was recorded."""
    try:
        return {(reason.code, reason.sentence): reason for reason in decide(parse_case(finding.case)).reasons}
    except CaseError:  # a case of older rules; the recorded sentences stand on their own
        return {}


def _identity(finding: Finding, words: Wording) -> str:
    """How the work is known: first publication, identifiers, who registered it."""
    work = finding.work
    missing = words.say("report.not_recorded")
    return words.say(
        "report.identity",
        work=work["id"],
        published=work["first_published"] or missing,
        country=work["country"] or missing,
        isbn=", ".join(work["isbn"]) or missing,
        by=work["registered_by"],
    )


def _evidence(statement: Json, words: Wording) -> str:
    """A statement that a reason rests on: what it is, who made it, how far that was verified."""
    return words.say(
        "report.statement",
        id=statement["id"],
        kind=words.word("kind", statement["kind"]),
        by=statement["asserted_by"],
        capacity=words.word("capacity", statement["capacity"]),
        verification=words.word("verification", statement["verification"]),
        observed=statement["observed_at"],
    )


def reason_line(said: Json, decided: Reason | None, statements: dict[str, Json], words: Wording) -> list[Any]:
    """A reason in the report's language; where that is not the language it was recorded in, with the recorded words."""
    translated = words.reason(said["code"], decided.params) if decided else None
    key = "report.reason_superseded" if said["superseded"] else "report.reason"
    parts: list[Any] = [
        words.say(
            key,
            code=said["code"],
            axis=words.word("axis", said["axis"]),
            verdict=words.word("verdict", said["verdict"]),
            sentence=translated or said["sentence"],
        )
    ]
    notes = [words.say("report.recorded_sentence", sentence=said["sentence"])] if translated else []
    if said["authority"]:
        notes.append(words.say("report.authority", authority=said["authority"]))
        if decided is not None and not decided.verified:
            notes.append(words.say("report.not_verified"))
    if said.get("split"):
        notes.append(words.say("report.split"))
    if said["evidence"]:
        listed = [_evidence(statements[name], words) if name in statements else name for name in said["evidence"]]
        notes.append(words.say("report.evidence", evidence="; ".join(listed)))
    if notes:
        parts.append({"soft": " " + " ".join(notes)})
    return parts


def samples(highlights: Highlights, words: Wording) -> list[Json]:
    """Passages side by side, one a work."""
    chosen = highlights.samples()
    if not chosen:
        return []
    return [
        {"kind": "heading", "level": 1, "text": words.say("report.passages_heading")},
        {"kind": "text", "text": words.say("report.passages_text")},
        *(_pair(sample, words) for sample in chosen),
    ]


def _pair(sample: Sample, words: Wording) -> Json:
    passage, work = sample.passage, sample.finding.work
    assert passage.document is not None
    about = words.say(
        "report.passage_title",
        relation=words.word("relation", sample.match.line["relation"]),
        words=passage.words,
        identity=percent(passage.identity),
        confidence=in_percent(sample.match.confidence),
    )
    start, end = passage.document_chars
    left = words.say("report.document_side", document=sample.match.document, start=start, end=end)
    start, end = passage.work_chars
    right = words.say("report.work_side", start=start, end=end)
    language = work["language"].split("-")[0].lower()
    language = language if _LANGUAGE.fullmatch(language) else words.language.split("-")[0]
    not_held: list[Any] = [{"soft": words.say("report.not_held")}]
    work_text = _text(passage.work) if passage.work else not_held
    own = words.language.split("-")[0]
    return {
        "kind": "pair",
        "title": [{"title": work["title"]}, {"soft": f" · {about}"}],
        "left": {"title": left, "lang": language, "text": _text(passage.document)},
        "right": {"title": right, "lang": language if passage.work else own, "text": work_text},
    }


def _text(side: Side) -> list[Any]:
    """The beginning of a passage, differences marked, white space collapsed."""
    parts: list[Any] = []
    left = (
        SAMPLE_CHARS_HAN
        if len(_HAN.findall("".join(piece.text for piece in side.head))) > SAMPLE_CHARS_HAN
        else SAMPLE_CHARS
    )
    for piece in side.head:
        cut = _SPACE.sub(" ", piece.text)[:left]
        left -= len(cut)
        parts.append(_run(Piece(cut, piece.differs)))
        if left <= 0:
            break
    whole = left > 0 and side.omitted is None
    return parts if whole else [*parts, {"soft": " …"}]


def _run(piece: Piece) -> Any:
    return {"mark": piece.text} if piece.differs else piece.text
