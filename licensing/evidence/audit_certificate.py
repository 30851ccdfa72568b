"""The certificate of a sampling audit as one page of paper, made from its JSON (`registry.merkle.certificate`).

It names no person. It fits one page however large the audit: rows and free text are left to the JSON until it does.
"""

import datetime
import hashlib
import io
import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ingest.models import Audit
from ingest.sampling.intake import Fields
from ingest.services import audit_certificates
from licensing.evidence.audit_figures import counted, in_percent, whole
from licensing.evidence.audit_table import About, Page, Room, cut, figures
from licensing.evidence.blocks import heading, mono, text
from licensing.evidence.render import ReportNotRendered, pdf
from licensing.evidence.wording import wording
from registry.merkle import checkpoint

Json = dict[str, Any]
OPTIONS = {"batch": "--batch-field", "annotator": "--annotator-field", "date": "--date-field"}
OPTIONS |= {"prompt": "--prompt-field", "text": "--text-field"}


def about(audit: Audit, file: bytes) -> About:
    """What the page says beside the JSON in `file`."""
    rows = audit.references.order_by("public_id").values_list("name", "generator")
    return About(
        title=audit.title,
        organisation=audit.organisation.name,
        json_name=audit_certificates.file_name(audit),
        json_sha256=audit_certificates.sha256(file),
        references=[(str(name), str(generator)) for name, generator in rows],
    )


def file_name(audit: Audit) -> str:
    """What to call the page when somebody saves it."""
    return f"colophon-audit-{audit.public_id}.pdf"


ROOMS = (
    *(Room(*said) for said in ((20, 5, 200), (12, 4, 200), (8, 3, 160), (5, 3, 120), (3, 2, 80), (2, 1, 60))),
    *(Room(*said, has_fields=False) for said in ((5, 3, 120), (2, 1, 60), (1, 1, 40), (1, 0, 24))),
)


def page(certificate: Json, about: About, language: str) -> bytes:
    """The certificate as a PDF of one page in `en` or `zh-hans`; the same certificate gives the same bytes.

    Raises KeyError for another language, ReportNotRendered where it fits no page.
    """
    import pypdf  # noqa: PLC0415  takes a quarter of a second, which every process would pay

    on = datetime.date.fromisoformat(json.loads(certificate["concluded"]["record"])["at"][:10])
    found = whole(certificate["result"])
    for room in ROOMS:
        said = Page(certificate, about, wording(language), room, found)
        made = pdf(document(said, on), language=language, on=on)
        if len(pypdf.PdfReader(io.BytesIO(made)).pages) == 1:
            return made
    raise ReportNotRendered("The certificate does not fit one page.")


def document(said: Page, on: datetime.date) -> Json:
    """The page as blocks, for `render.pdf`."""
    facts = {
        "title": cut(said.about.title, said.room.chars),
        "organisation": cut(said.about.organisation, said.room.chars),
        "audit": said.certificate["audit"],
        "date": on.isoformat(),
    }
    return {
        "dense": True,
        "title": said.say("title"),
        "subtitle": said.say("subtitle", **facts),
        "running": said.say("running", audit=said.certificate["audit"]),
        "footer": said.say("footer"),
        "page": str(said.words.messages["certificate"]["page"]),
        "blocks": [
            _answer(said),
            heading(said.say("figures_heading")),
            *figures(said),
            heading(said.say("method_heading")),
            {"kind": "facts", "rows": _method(said)},
            heading(said.say("log_heading")),
            {"kind": "facts", "rows": _log(said)},
            {"kind": "sides", "sides": [_limits(said, "can"), _limits(said, "cannot")]},
            heading(said.say("verify_heading")),
            *_check(said),
        ],
    }


def _answer(said: Page) -> Json:
    figures = said.figures
    answer = said.say(
        "answer",
        drawn=figures.drawn,
        records=figures.records,
        positive=figures.positive,
        rate=in_percent(figures.rate),
    )
    flagged = said.say(
        "answer_flagged",
        batches=figures.batches,
        batches_flagged=figures.batches_flagged,
        annotators=figures.annotators,
        annotators_flagged=figures.annotators_flagged,
        limit=in_percent(said.result["method"]["limit"]),
    )
    space = "" if said.words.language == "zh-hans" else " "
    return {"kind": "answer", "question": said.say("question"), "answer": f"{answer}{space}{flagged}"}


def _method(said: Page) -> list[list[Any]]:
    method, drawn = said.result["method"], said.drawn
    accuracy, copies = method["accuracy"], method["near_copies"]
    made = said.say(
        "method_text",
        version=method["version"],
        outputs=copies["outputs"],
        words=copies["words"],
        markers=len(method["markers"]),
    )
    errors = said.say(
        "errors_text",
        sensitivity=in_percent(accuracy["sensitivity"]),
        outputs=accuracy["outputs"],
        specificity=in_percent(accuracy["specificity"]),
        human=accuracy["human"],
    )
    each = drawn.get("sampled_per_batch")
    rows: list[list[Any]] = [
        [said.say("method"), made],
        [said.say("errors"), errors],
        [said.say("annotators"), said.say("annotators_text")],
        [said.say("seed"), mono(said.result["seed"])],
        [said.say("sampled_as"), said.say("per_batch", number=each) if each else said.say("per_batch_all")],
        [said.say("sample"), mono(said.result["sample"])],
        [said.say("file"), mono(f"sha256:{drawn['file_sha256']}") if drawn.get("file_sha256") else _missing(said)],
        [said.say("reference"), mono(said.result["reference"])],
        [said.say("references"), _references(said)],
    ]
    return rows if said.result["annotators"] else [*rows[:2], *rows[3:]]


def _missing(said: Page) -> str:
    return said.say("not_recorded")


def _references(said: Page) -> list[Any]:
    """The names of the corpora compared with, and the SHA-256 of each one's file as the log has them."""
    hashes: list[str] = said.drawn.get("references") or []
    named, most = said.about.references, said.room.references
    parts: list[Any] = []
    for name, generator in named[:most]:
        told = said.say(
            "reference_named", name=cut(name, said.room.chars // 2), generator=cut(generator, said.room.chars // 2)
        )
        parts += [" · " if parts else "", told]
    for sha256 in hashes[:most]:
        parts += [" · " if parts else "", mono(f"sha256:{sha256}")]
    more = max(0, max(len(hashes), len(named)) - most)
    if more:
        parts += [" · " if parts else "", said.say("references_more", number=more)]
    return parts or [_missing(said)]


def _log(said: Page) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for name in ("sampled", "concluded"):
        entry = said.certificate[name]
        at = json.loads(entry["record"])["at"]
        place = said.say("log_entry", index=entry["log"]["index"], time=f"{at[:10]} {at[11:19]} UTC")
        rows.append([said.say(f"log_{name}"), place])
    proven = said.certificate["concluded"]["log"]
    signed = checkpoint.verify(proven["checkpoint"], proven["key"])
    recorded = json.loads(said.certificate["concluded"]["record"])["facts"]["result"]
    key = f"{proven['key'].split('+')[0]} · sha256:{_sha256(proven['key'])}"
    size = said.say("log_size", size=signed.size)
    return [
        *rows,
        [said.say("result"), mono(recorded)],
        [
            said.say("log_checkpoint"),
            [f"{signed.origin}, {size} ", mono(signed.root.hex())],
        ],
        [said.say("log_key"), mono(key)],
        [said.say("json"), mono(said.about.json_sha256)],
    ]


def _sha256(key: str) -> str:
    return hashlib.sha256(key.strip().encode()).hexdigest()


def _limits(said: Page, kind: str) -> list[Json]:
    unjudged = counted(said.figures.drawn - said.figures.judged, said.figures.drawn)
    items = [said.say(f"{kind}_{number}", unjudged=unjudged) for number in (1, 2, 3)]
    return [heading(said.say(f"{kind}_heading"), level=2), {"kind": "list", "items": items}]


def _check(said: Page) -> list[Json]:
    name = said.about.json_name
    fields = _fields(said) if said.room.has_fields else []
    return [
        text(said.say("verify", name=name)),
        text({"code": f"colophon verify {name} --key KEY.txt"}),
        text(said.say("again")),
        text({"code": _again(said, fields)}),
        *([] if fields == _fields(said) else [text(said.say("again_fields"))]),
    ]


def _fields(said: Page) -> list[str]:
    """The options that name fields which are not the usual ones."""
    fields, usual = said.drawn.get("fields") or {}, asdict(Fields())
    named = {name: fields.get(name, "") for name in OPTIONS if fields.get(name, "") != usual.get(name, "")}
    return [f"{OPTIONS[name]} {shlex.quote(value)}" for name, value in named.items()]


def _again(said: Page, fields: Sequence[str]) -> str:
    """The command by which somebody else draws the same sample."""
    each = said.drawn.get("sampled_per_batch")
    options = [f"--seed {said.result['seed']}", *([f"--sample {each}"] if each else []), *fields]
    return f"colophon audit FILES --reference OUTPUTS {' '.join(options)} --list-sample sample.jsonl"
