"""What a clearance says of model output in its dataset, as its page shows it: in plain words, with what to do next."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from licensing.evidence.wording import LANGUAGES, wording
from licensing.models import Clearance, ClearanceOutput, LegalQuestion, OutputChange
from licensing.rules import output_facts as rules
from licensing.services import clearance_outputs
from licensing.services.clearances import policy_of
from licensing.web import words
from licensing.web.legal_questions import asked_in

Json = Mapping[str, Any]
AnyOutput = ClearanceOutput | OutputChange
TERMS_HELP = ("TOU_COMPETE", "TOU_NO_TRAINING", "TOU_NON_COMMERCIAL")
CONTESTED = ("TOU_PRIVITY", "TOU_LIMIT_PRIVITY")


@dataclass(frozen=True)
class Line:
    """One reason with the path or the audit that it is about."""

    code: str
    title: str
    verdict: str
    sentence: str
    decides: bool
    path: Json | None
    version: Json | None
    audit: Json | None
    authority: str


@dataclass(frozen=True)
class Step:
    """Something that can be done next, and where."""

    sentence: str
    address: str


@dataclass(frozen=True)
class Shown:
    """An answer as the page has it. `measured` is the newest audit of the dataset, `others` are those before it;
    `whole`: one model wrote it all."""

    row: AnyOutput
    lines: Sequence[Line]
    facts: Json
    measured: Json | None
    others: Sequence[Json]
    whole: bool
    questions: Sequence[tuple[str, Json]]
    steps: Sequence[Step]
    facts_json: str
    recomputes: bool


def shown(clearance: Clearance) -> dict[str, Any]:
    """The answer that was given and, where it is another one today, the latest change; nothing of older clearances."""
    row = ClearanceOutput.objects.filter(clearance=clearance).first()
    if row is None:
        return {}
    latest = clearance_outputs.latest(clearance)
    changed = latest if isinstance(latest, OutputChange) else None
    told: dict[str, Any] = {"output": _shown(row, clearance, with_steps=changed is None)}
    return told | ({"output_now": _shown(changed, clearance), "output_change": changed} if changed else {})


def sentence(clearance: Clearance) -> str:
    """What the headline adds of model output; empty where nothing is on record or nothing stands in the way."""
    said = clearance.totals.get("output") or {}
    if said.get("blocks"):
        return _("Terms on model output in the dataset block this use.")
    if said.get("verdict") == "UNKNOWN":
        return _("Whether terms on model output in the dataset allow this use is not known.")
    return ""


def _shown(row: AnyOutput, clearance: Clearance, *, with_steps: bool = True) -> Shown:
    facts = row.facts
    measured = rules.measured_by(facts)
    again = clearance_outputs.recompute(row, policy_of(clearance.policy))
    rows = {one.key: one for one in LegalQuestion.objects.filter(key__in=[said["key"] for said in facts["questions"]])}
    asked = [
        (asked_in(rows[said["key"]]) if said["key"] in rows else said["question"], said) for said in facts["questions"]
    ]
    return Shown(
        row=row,
        lines=_lines(row),
        facts=facts,
        measured=measured,
        others=[one for one in facts["audits"] if one["measured"] is not None and one is not measured],
        whole=clearance_outputs.of_every_text(facts) is not None,
        questions=asked,
        steps=_steps(row, clearance) if with_steps else [],
        facts_json=json.dumps(facts, ensure_ascii=False, indent=2, sort_keys=True),
        recomputes=(again["verdict"] or "", again["reasons"]) == (row.verdict, row.reasons),
    )


def _lines(row: AnyOutput) -> list[Line]:
    """The stored reasons, in the reader's language as far as today's rules still say the same."""
    facts = row.facts
    known = {(one.reason.code, one.reason.sentence): one.reason for one in rules.reasons(facts)}
    language = (get_language() or "en").lower()
    lines = []
    for said in row.reasons:
        reason = known.get((said["code"], said["sentence"]))
        translated = wording(language).reason(reason.code, reason.params) if reason and language in LANGUAGES else None
        path = facts["paths"][said["path"]] if said["path"] is not None else None
        generation = path["generations"][said["generation"]] if path else {}
        lines.append(
            Line(
                code=said["code"],
                title=words.said(words.REASONS, said["code"]),
                verdict=said["verdict"],
                sentence=translated or said["sentence"],
                decides=said["decides"],
                path=path,
                version=generation.get("version"),
                audit=facts["audits"][said["audit"]] if said.get("audit") is not None else None,
                authority=said["authority"] or "",
            )
        )
    return lines


def _steps(row: AnyOutput, clearance: Clearance) -> list[Step]:
    """What somebody may do next, by what the answer rests on; the most useful first."""
    dataset = clearance.scan.release.dataset
    codes = {said["code"] for said in row.reasons if said["decides"]}
    own = clearance.organisation == dataset.organisation
    steps = []
    if "TOU_USE_UNKNOWN" in codes:
        again = _("Ask again and say whether what you make competes with the model whose output it is.")
        steps.append(Step(again, reverse("check", args=[clearance.scan.public_id])))
    if "TOU_VERSION_UNKNOWN" in codes and own:
        record = _("Record which model wrote it and when: then the version of its terms is known.")
        steps.append(Step(record, reverse("generated-new", args=[dataset.slug])))
    if own and not row.reasons:
        record = _("If a model wrote some of it, record which one and when: its terms are then part of the answer.")
        steps.append(Step(record, reverse("generated-new", args=[dataset.slug])))
    if codes.intersection((*TERMS_HELP, *CONTESTED)):
        steps.append(
            Step(
                _("Leave these parts out, or ask the provider for other terms."),
                reverse("dataset-terms", args=[dataset.slug]),
            )
        )
    for said in row.facts["questions"]:
        if codes.intersection(CONTESTED) and said["opinion"] is None:
            opinion = _("Have a lawyer of your organisation answer the open question.")
            steps.append(Step(opinion, reverse("legal-question", args=[said["key"]])))
            break
    if not row.facts["audits"]:
        measure = _("Measure how much of it is model output: audit a sample of the dataset.")
        steps.append(Step(measure, f"{reverse('audit-new')}?dataset={dataset.slug}"))
    return steps
