"""The part of the PDF about model output: ways and terms, shares, both sides of the claims, open questions."""

from collections.abc import Mapping
from typing import Any

from licensing.evidence.audit_figures import between, in_percent
from licensing.evidence.blocks import heading, mono, table, text
from licensing.evidence.collect_output import OutputSaid, params
from licensing.evidence.layout_findings import reason_line
from licensing.evidence.wording import Wording, shown
from licensing.rules.case import CaseError
from licensing.rules.output_facts import Found, way

Json = dict[str, Any]
PATHS_SHOWN = 30
CLAIMS_SHOWN = 40
EXCERPT_CHARS = 400
FILES = "model-output.json"


def section(said: OutputSaid | None, words: Wording) -> list[Json]:
    """The blocks; none for a clearance that was decided before there was an answer about model output."""
    if said is None:
        return []
    blocks = [heading(words.say("output.heading")), text(_answer(said, words))]
    if said.changed is not None:
        blocks.append(text(_changed(said.changed, words)))
    if said.is_empty:
        return blocks
    return [
        *blocks,
        *_shares(said, words),
        *_paths(said, words),
        *_terms(said, words),
        *_claims(said, words),
        *_questions(said, words),
    ]


def _answer(said: OutputSaid, words: Wording) -> list[Any]:
    if not said.stored["verdict"]:
        return [words.say("output.none")]
    effect = words.say("output.blocks" if said.stored["blocks"] else "output.blocks_not")
    verdict = words.word("verdict", said.stored["verdict"])
    return [words.say("output.answer"), " ", {"strong": verdict}, ". " if words.language == "en" else "。", effect]


def _changed(changed: Mapping[str, Any], words: Wording) -> list[Any]:
    verdict = words.word("verdict", changed["verdict"]) if changed["verdict"] else words.say("output.nothing")
    cause = words.word("output_cause", changed["cause"])
    return [{"strong": words.say("output.changed", verdict=verdict, cause=cause, on=changed["as_of"])}]


def _shares(said: OutputSaid, words: Wording) -> list[Json]:
    """What share was declared, and what each audit measured."""
    say, declared = words.say, said.facts["declared"]
    told = say("report.not_recorded")
    if declared["percent"] is not None:
        key = "output.declared_all" if declared["complete"] else "output.declared_part"
        told = say(key, percent=declared["percent"])
    rows: list[list[Any]] = [[say("output.declared"), told]]
    for audit in said.audits:
        rows.append([say("output.audited"), _measured(audit, words)])
    if not said.audits:
        rows.append([say("output.audited"), say("output.not_audited")])
    return [heading(say("output.shares_heading"), 2), {"kind": "facts", "rows": rows}]


def _measured(audit: Mapping[str, Any], words: Wording) -> list[Any]:
    say, found = words.say, audit["measured"]
    parts: list[Any] = []
    if found is None:
        parts.append(say("output.measured_nothing"))
    else:
        told = say(
            "output.measured",
            rate=in_percent(found["rate"]),
            interval=between(*found["interval"]),
            confidence=in_percent(found["confidence"]),
            corrected=in_percent(found["corrected_rate"]),
            corrected_interval=between(*found["corrected_interval"]),
            positive=found["positive"],
            sampled=found["sampled"],
            records=found["records"],
        )
        parts.append({"strong": told})
    about = say("output.audit", audit=audit["id"], title=audit["title"], on=(audit["concluded_at"] or "–")[:10])
    parts.append({"soft": f" {about}"})
    if audit["since"]:
        parts.append({"soft": f" {say('output.audit_since')}"})
    return parts


def _paths(said: OutputSaid, words: Wording) -> list[Json]:
    """One block a way, with the reasons that it gives; a reason that rests on an audit has a block of its own."""
    paths = said.facts["paths"]
    known = _known(said)
    blocks = [heading(words.say("output.paths_heading"), 2)]
    found = [row for row in said.stored["reasons"] if row["path"] is None]
    if found:
        blocks.append({"kind": "list", "items": [_reason(row, known, words) for row in found]})
    for number, path in enumerate(paths[:PATHS_SHOWN]):
        reasons = [row for row in said.stored["reasons"] if row["path"] == number]
        blocks.append(
            {
                "kind": "finding",
                "title": way(path),
                "by": "",
                "line": _path_line(path, words),
                "about": _part(path, words),
                "reasons": [_reason(row, known, words) for row in reasons],
            }
        )
    if len(paths) > PATHS_SHOWN:
        blocks.append(text(words.say("output.more", number=len(paths) - PATHS_SHOWN, file=FILES)))
    return blocks if paths or found else []


def _known(said: OutputSaid) -> dict[tuple[str, str], Found]:
    try:
        return params(said.facts)
    except CaseError:  # facts of older rules; the recorded sentences stand on their own
        return {}


def _reason(row: Json, known: Mapping[tuple[str, str], Found], words: Wording) -> list[Any]:
    found = known.get((row["code"], row["sentence"]))
    return reason_line(row, found.reason if found else None, {}, words)


def _path_line(path: Mapping[str, Any], words: Wording) -> list[Any]:
    key = "output.established" if path["established"] else "output.not_established"
    statuses = sorted({status for step in path["steps"] for status in step["statuses"]})
    named = ", ".join(words.word("claim_status", status) for status in statuses)
    return [
        {"strong": words.say(key)},
        f" · {words.say('output.provider', provider=path['generator']['provider'])} · {named}",
    ]


def _part(path: Mapping[str, Any], words: Wording) -> str:
    """What is recorded of what the model wrote."""
    part, missing = path["part"], words.say("report.not_recorded")
    if part is None:
        return words.say("output.no_part")
    days = [day for day in (part["generated_from"], part["generated_to"]) if day]
    return words.say(
        "output.part",
        id=part["id"],
        share=f"{part['share_percent']} %" if part["share_percent"] else missing,
        records=shown(part["records"]) if part["records"] is not None else missing,
        acquired=words.word("acquired", part["acquired"]),
        days=" – ".join(dict.fromkeys(days)) or missing,
        declaration=part["declaration"] or missing,
    )


def _terms(said: OutputSaid, words: Wording) -> list[Json]:
    """Each version of terms once: its days, the hash of its text, and the clauses about output in their own words."""
    if not said.terms:
        return []
    say = words.say
    blocks = [heading(say("output.terms_heading"), 2)]
    for row in sorted(said.terms.values(), key=lambda row: (row["provider"], row["effective_from"] or "")):
        items = []
        for clause in row["clauses"]:
            about = say("output.clause", place=clause["place"] or "–", effect=words.word("effect", clause["effect"]))
            quoted = clause["excerpt"][:EXCERPT_CHARS]
            items.append([f"{about} ", f"“{quoted}”" if quoted else say("report.not_recorded")])
        until = row["effective_to"] or (row["seen_until"] and say("output.seen", on=row["seen_until"]))
        days = say(
            "output.effective",
            first=row["effective_from"] or say("report.not_recorded"),
            last=until or say("output.no_end"),
        )
        hashed = [mono(f"sha256:{row['text_sha256']}")] if row["text_sha256"] else [say("report.not_recorded")]
        mark = [] if row["verified"] else [{"soft": f" {say('report.not_verified')}"}]
        blocks.append(text([{"title": row["title"]}, f" · {row['provider']} · {days}", *mark]))
        blocks.append(text([{"soft": f"{say('output.text_hash')} "}, *hashed]))
        blocks.append({"kind": "list", "items": items})
    return blocks


def _claims(said: OutputSaid, words: Wording) -> list[Json]:
    if not said.claims:
        return []
    rows = [
        [
            words.say(f"claim_relation.{one['relation']}", subject=one["subject"], object=one["object"]),
            words.word("claim_status", one["status"]),
            "; ".join(source["title"] for source in one["sources"]),
        ]
        for one in said.claims[:CLAIMS_SHOWN]
    ]
    header = [words.say(f"report.{name}") for name in ("claim", "claim_status", "claim_sources")]
    blocks = [
        heading(words.say("output.claims_heading"), 2),
        text(words.say("output.claims_text")),
        table(header, rows, [4, 1, 4], []),
    ]
    if len(said.claims) > CLAIMS_SHOWN:
        blocks.append(text(words.say("output.more", number=len(said.claims) - CLAIMS_SHOWN, file=FILES)))
    return blocks


def _questions(said: OutputSaid, words: Wording) -> list[Json]:
    if not said.questions:
        return []
    blocks = [heading(words.say("output.questions_heading"), 2), text(words.say("output.questions_text"))]
    for one in said.questions:
        asked = one["question_zh"] if words.language == "zh-hans" and one["question_zh"] else one["question"]
        codes = ", ".join(one["codes"])
        blocks.append(text([{"title": asked}, {"soft": f" {words.say('output.rests', codes=codes)}"}]))
        chinese = words.language == "zh-hans"
        items: list[Any] = [(chinese and row.get("position_zh")) or row["position"] for row in one["positions"]]
        blocks.append({"kind": "list", "items": [*items, _opinion(one["opinion"], words)]})
    return blocks


def _opinion(opinion: Mapping[str, Any] | None, words: Wording) -> list[Any]:
    if opinion is None:
        return [{"strong": words.say("output.no_opinion")}]
    told = words.say(
        "output.opinion",
        answer=words.word("opinion", opinion["answer"]),
        on=opinion["valid_from"],
        by=opinion["signed_as"],
    )
    return [{"strong": told}, {"soft": f" {words.say('output.opinion_hash')} "}, mono(opinion["sha256"])]
