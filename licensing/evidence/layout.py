"""What stands in the PDF, in order: blocks of words and facts. How they look is report.typ's business."""

from dataclasses import dataclass
from typing import Any

from ingest.sureness import in_percent
from licensing.evidence import layout_findings, layout_output
from licensing.evidence.blocks import heading, mono, table, text
from licensing.evidence.collect import Facts, LoggedFact
from licensing.evidence.collect_output import OutputSaid
from licensing.evidence.highlights import Highlights
from licensing.evidence.wording import Wording, percent, shown
from licensing.rules.terms import Verdict, territory_in_words

Json = dict[str, Any]

FILES_SHOWN = 40
CLAIMS_SHOWN = 40
AGAINST = ("denied", "conjecture")


@dataclass(frozen=True)
class Custody:
    """What the log says of the facts. `shown`: the entries of the question and the scan; `entries`: how many in all.

    `checkpoint`: size and root (hex) of the first signed checkpoint over all of them; `demo`: how many are made up.
    """

    shown: list[LoggedFact]
    entries: int
    checkpoint: tuple[int, str] | None
    key_sha256: str
    demo: int


def document(
    facts: Facts, highlights: Highlights, custody: Custody, words: Wording, output: OutputSaid | None = None
) -> Json:
    """The whole report: title, lines in the margins, and blocks."""
    say = words.say
    return {
        "title": say("report.title"),
        "subtitle": say(
            "report.subtitle",
            dataset=facts.dataset["name"],
            clearance=facts.report["clearance"],
            date=_minute(facts.report["made_at"]),
        ),
        "running": say("report.running", report=facts.report["id"]),
        "footer": say("report.footer"),
        "page": str(words.messages["report"]["page"]),
        "blocks": [
            *_question(facts, custody, words),
            *_level(facts, words),
            *_parties(facts, words),
            *_dataset(facts, words),
            *_method(facts, words),
            *layout_findings.findings(highlights, words),
            *layout_findings.samples(highlights, words),
            *layout_output.section(output, words),
            *_no_match(facts, words),
            *_claims(facts, words),
            *_limits(facts, words),
            *_custody(facts, custody, words),
            *_verify(words),
        ],
    }


def territory(code: str, words: Wording) -> str:
    return words.territory(code, territory_in_words(code))


def answer(facts: Facts, words: Wording) -> str:
    """The answer in one plain sentence. It never says more than the worst of the verdicts lets it."""
    totals, policy = facts.totals, facts.method["policy"]
    count = {name: row["works"] for name, row in totals["verdicts"].items()}
    if not totals["works"]:
        return words.say("report.answer_none", documents=totals["documents"])
    if totals["blocking"]:
        return words.say("report.answer_blocked", blocking=totals["blocking"], works=totals["works"], policy=policy)
    if count.get("UNKNOWN"):
        return words.say("report.answer_unknown", works=totals["works"], unknown=count["UNKNOWN"], policy=policy)
    return words.say(
        "report.answer_open",
        works=totals["works"],
        policy=policy,
        exceptions=count.get("EXCEPTION_CLAIMED", 0),
        conditional=count.get("CONDITIONAL", 0),
    )


def question(facts: Facts, words: Wording) -> str:
    """The question in one sentence."""
    asked, licensee = facts.question, facts.parties["licensee"]
    return words.say(
        "report.question",
        licensee=licensee["name"] if licensee else "–",
        dataset=facts.dataset["name"],
        use=words.word("use", asked["use"]),
        purpose=words.word("purpose", asked["purpose"]),
        territory=territory(asked["territory"], words),
        on=asked["on"],
    )


def _question(facts: Facts, custody: Custody, words: Wording) -> list[Json]:
    say, totals = words.say, facts.totals
    blocked = facts.policy["blocks"]
    rows: list[list[Any]] = [
        [
            words.word("verdict", verdict),
            shown(totals["verdicts"][verdict]["works"]),
            shown(totals["verdicts"][verdict]["words"]),
            say("report.yes") if blocked.get(verdict) else say("report.no"),
        ]
        for verdict in Verdict
    ]
    sums = [shown(sum(row[name] for row in totals["verdicts"].values())) for name in ("works", "words")]
    rows.append([{"strong": say("report.total")}, {"strong": sums[0]}, {"strong": sums[1]}, ""])
    header = [say(f"report.{name}") for name in ("verdict", "works", "matched_words", "blocks")]
    blocks = [
        {"kind": "answer", "question": question(facts, words), "answer": answer(facts, words)},
        heading(say("report.totals_heading")),
        table(header, rows, [2, 1, 1, 1], [1, 2]),
        text(
            say(
                "report.identified",
                identified=totals["documents_identified"],
                documents=totals["documents"],
                unidentified=totals["documents_unidentified"],
            )
        ),
    ]
    if totals.get("documents_unpublished"):
        blocks.append(text(say("report.unpublished_note", count=totals["documents_unpublished"])))
    if totals["skipped"]:
        blocks.append(text(say("report.skipped_note", count=totals["skipped"])))
    if custody.demo:
        blocks.append(text([{"strong": say("report.demo_note", count=custody.demo)}]))
    return blocks


def _level(facts: Facts, words: Wording) -> list[Json]:
    items = [
        words.say("report.level_text"),
        words.say("report.level_law", rules=facts.method["rules_version"]),
        words.say("report.level_training"),
    ]
    return [heading(words.say("report.level_heading")), {"kind": "list", "items": items}]


def _parties(facts: Facts, words: Wording) -> list[Json]:
    rows = []
    for role in ("asked_by", "licensee"):
        party = facts.parties[role]
        if party:
            parts = [party["id"], words.word("licensee_kind", party["kind"])]
            parts += [words.say("report.demo_party")] if party["demo"] else []
            rows.append([words.say(f"report.{role}"), [party["name"], {"soft": f" · {' · '.join(parts)}"}]])
    return [heading(words.say("report.parties_heading")), {"kind": "facts", "rows": rows}]


def _dataset(facts: Facts, words: Wording) -> list[Json]:
    say, data, scan = words.say, facts.dataset, facts.scan
    missing = say("report.not_recorded")
    rows = [
        [say("report.dataset"), [data["name"], {"soft": f" · {data['id']}"}]],
        [say("report.release"), f"{data['version']} · {data['release']}"],
        [say("report.address"), data["address"] or missing],
        [say("report.scan"), scan["id"]],
        [say("report.scanned"), _minute(scan["closed_at"] or scan["requested_at"])],
        [say("report.acquisition"), words.word("acquisition", scan["acquisition"])],
        [say("report.copied"), scan["copied_on"] or missing],
        [
            say("report.reservation_search"),
            words.word("reservation_search", facts.question["reservation_search"]),
        ],
        [say("report.documents"), shown(scan["documents"])],
        [say("report.words"), shown(scan["words"])],
    ]
    files = [[row["name"], shown(row["size_bytes"]), mono(row["sha256"])] for row in facts.inputs[:FILES_SHOWN]]
    blocks = [heading(say("report.dataset_heading")), {"kind": "facts", "rows": rows}]
    if files:
        blocks.append(table([say(f"report.{name}") for name in ("file", "bytes", "sha256")], files, [3, 0, 5], [1]))
    if len(facts.inputs) > FILES_SHOWN:
        blocks.append(text(say("report.files_more", count=len(facts.inputs) - FILES_SHOWN)))
    return blocks


def _method(facts: Facts, words: Wording) -> list[Json]:
    say, method = words.say, facts.method
    rows: list[list[Any]] = [
        [say("report.engine"), method["engine"]],
        [say("report.parameters"), mono(method["parameters"])],
        [say("report.index"), mono(method["index"])],
        [say("report.rules"), method["rules_version"]],
        [say("report.policy"), method["policy"]],
    ]
    if method["lock"]:
        rows.append([say("report.lock"), mono(method["lock"])])
    return [
        heading(say("report.method_heading")),
        text(say("report.method_text", min_words=method["min_words"])),
        text(say("report.method_confidence")),
        text(say("report.method_shared")),
        {"kind": "facts", "rows": rows},
        text(say("report.controls")),
    ]


def _no_match(facts: Facts, words: Wording) -> list[Json]:
    before, after = words.say("report.no_match_text", index="\0", min_words=facts.method["min_words"]).split("\0")
    said = [before, mono(facts.method["index"]), after]
    return [heading(words.say("report.no_match_heading")), text(said), *_reach(facts, words)]


def _reach(facts: Facts, words: Wording) -> list[Json]:
    """With which probability a passage would have been found."""
    no_match = facts.method["no_match"]
    if no_match is None:
        return []
    share = f"{no_match['error_ratio'] * 100:g} %"
    rows = [
        [
            words.word("precision", row["precision"]),
            words.word("script", row["script"]),
            in_percent(row["probability"]),
            percent(row["at_least"]),
        ]
        for row in no_match["found"]
    ]
    header = [words.say(f"report.reach_{name}") for name in ("held", "script", "found", "at_least")]
    intro = words.say("report.reach_text", words=no_match["words"], errors=share)
    return [text(intro), table(header, rows, [3, 3, 1, 1], [2, 3])]


def _claims(facts: Facts, words: Wording) -> list[Json]:
    say = words.say
    if not facts.claims:
        return [heading(say("report.claims_heading")), text(say("report.claims_none"))]
    # what speaks against comes first, so that it cannot be overlooked
    claims = sorted(facts.claims, key=lambda claim: claim["status"] not in AGAINST)[:CLAIMS_SHOWN]
    rows = [
        [
            words.say(f"claim_relation.{claim['relation']}", subject=claim["subject"], object=claim["object"]),
            words.word("claim_status", claim["status"]),
            "; ".join(source["title"] for source in claim["sources"]),
        ]
        for claim in claims
    ]
    header = [say(f"report.{name}") for name in ("claim", "claim_status", "claim_sources")]
    return [
        heading(say("report.claims_heading")),
        text(say("report.claims_text")),
        table(header, rows, [4, 1, 4], []),
    ]


def _limits(facts: Facts, words: Wording) -> list[Json]:
    names = ("limit_training", "limit_advice", "limit_exception", "limit_facts", "limit_date", "limit_glyphs")
    items = [words.say(f"report.{name}", on=facts.question["on"]) for name in names]
    return [heading(words.say("report.limits_heading")), {"kind": "list", "items": items}]


def _custody(facts: Facts, custody: Custody, words: Wording) -> list[Json]:
    say = words.say
    rows = []
    for fact in custody.shown:
        said = fact.said
        rows.append([shown(fact.index), _minute(said["at"]), said["kind"], said["subject"], said["actor"]])
    names = ("index", "time", "kind", "subject", "actor")
    header = [say(f"report.custody_{name}") for name in names]
    blocks = [
        heading(say("report.custody_heading")),
        text(say("report.custody_text")),
        table(header, rows, [0, 0, 0, 0, 1], [0]),
    ]
    if custody.entries > len(rows):
        blocks.append(text(say("report.custody_more", count=custody.entries - len(rows))))
    log_rows = [
        [say("report.log_origin"), facts.report["log_origin"]],
        [say("report.log_key"), mono(custody.key_sha256)],
    ]
    if custody.checkpoint:
        size, root = custody.checkpoint
        log_rows.insert(1, [say("report.log_checkpoint"), [say("report.log_size", size=size), " ", mono(root)]])
    return [*blocks, {"kind": "facts", "rows": log_rows}, text(say("report.log_entry"))]


def _verify(words: Wording) -> list[Json]:
    items = [words.say(f"report.verify_{number}") for number in (1, 2, 3, 4)]
    return [heading(words.say("report.verify_heading")), {"kind": "list", "items": items}]


def _minute(moment: str) -> str:
    """2026-11-22T04:07:32.123+00:00 → 2026-11-22 04:07 UTC. The database's times are all in UTC."""
    return f"{moment[:10]} {moment[11:16]} UTC"
