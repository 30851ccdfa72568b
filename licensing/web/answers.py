"""Verdicts as pages show them: one sentence first, reasons with their evidence, the bar of a result."""

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from licensing import access
from licensing.evidence.wording import LANGUAGES, wording
from licensing.models import Clearance, Verdict
from licensing.rules.case import parse_case
from licensing.rules.reasons import Reason
from licensing.rules.terms import Verdict as Answer
from licensing.rules.verdict import decide
from licensing.selectors import cases
from licensing.web import words
from registry.actors import Actor
from registry.models import Organisation, Work

ORGANISATION = re.compile(r"\borg:([a-z0-9]+(?:-[a-z0-9]+)*)")
BAR_WIDTH = 1000
# best last to first: the eye begins with what is fine
BAR_ORDER = [answer.value for answer in reversed(Answer)]


@dataclass(frozen=True)
class Shown:
    """A reason in the reader's language. `lang` is set where only the English sentence exists."""

    code: str
    title: str
    axis: str
    verdict: str
    sentence: str
    recorded: str  # the English sentence as it was recorded, where `sentence` is a translation
    lang: str
    superseded: bool
    authority: str
    verified: bool
    split: bool
    evidence: Sequence[tuple[str, str]]  # id, address on a page or ""


def asked(use: str, purpose: str, territory: str, on: object, licensee: object = None) -> str:
    """The question as one sentence."""
    facts = {
        "use": words.said(words.USES, use),
        "purpose": words.said(words.PURPOSES, purpose),
        "territory": words.territory(territory),
        "on": on.isoformat() if isinstance(on, datetime.date) else str(on),
        "licensee": str(licensee or ""),
    }
    if licensee:
        return _("May %(licensee)s use it for %(use)s (%(purpose)s) in %(territory)s on %(on)s?") % facts
    return _("May anybody use it for %(use)s (%(purpose)s) in %(territory)s on %(on)s?") % facts


def reasons(said: Sequence[Mapping[str, Any]], decided: Sequence[Reason], links: Mapping[str, str]) -> list[Shown]:
    """Stored reasons as shown ones; `decided` are the same reasons computed again, whose facts translations need.

    Organisations are called by their names: `org:example-press` → Example Press.
    """
    facts = {(reason.code, reason.sentence): reason for reason in decided}
    shown = [_shown(row, facts.get((row["code"], row["sentence"])), links) for row in said]
    slugs = {slug for row in shown for slug in ORGANISATION.findall(row.sentence + row.recorded)}
    names = dict(Organisation.objects.filter(slug__in=slugs).values_list("slug", "name")) if slugs else {}
    return [
        replace(row, sentence=_with_names(row.sentence, names), recorded=_with_names(row.recorded, names))
        for row in shown
    ]


def _with_names(sentence: str, names: Mapping[str, str]) -> str:
    return ORGANISATION.sub(lambda found: names.get(found.group(1), found.group()), sentence)


def _shown(row: Mapping[str, Any], decided: Reason | None, links: Mapping[str, str]) -> Shown:
    language = (get_language() or "en").lower()
    sentence, lang = str(row["sentence"]), "" if language.startswith("en") else "en"
    if lang and decided is not None and language in LANGUAGES:
        translated = wording(language).reason(decided.code, decided.params)
        sentence, lang = (translated, "") if translated else (sentence, lang)
    return Shown(
        code=row["code"],
        title=words.said(words.REASONS, row["code"]),
        axis=row["axis"],
        verdict=row["verdict"],
        sentence=sentence,
        recorded="" if sentence == row["sentence"] else str(row["sentence"]),
        lang=lang,
        superseded=row["superseded"],
        authority=row["authority"] or "",
        verified=decided.verified if decided is not None else True,
        split=bool(row.get("split")),
        evidence=[(name, links.get(name, "")) for name in row["evidence"]],
    )


def of_case(case: dict[str, Any], said: Sequence[Mapping[str, Any]], links: Mapping[str, str]) -> list[Shown]:
    """The reasons of a stored verdict, in the reader's language as far as today's rules still say the same."""
    return reasons(said, decide(parse_case(case)).reasons, links)


def deciding(rows: Sequence[Shown], verdict: str) -> Shown:
    """The reason that carries the verdict: the first of its weight that is not superseded."""
    return next((row for row in rows if not row.superseded and row.verdict == verdict), rows[0])


@dataclass(frozen=True)
class Live:
    """What holds for a work and a question right now: nothing of it is stored."""

    question: cases.Question
    verdict: str
    status: str
    reasons: list[Shown]
    case: dict[str, Any]
    rules_version: str

    @property
    def deciding(self) -> Shown:
        return deciding(self.reasons, self.verdict)

    @property
    def asked(self) -> str:
        question = self.question
        return asked(question.use, question.purpose, question.territory, question.on, question.licensee)


def explain(work: Work, question: cases.Question, copy: dict[str, Any]) -> Live:
    """Decide a work's case from today's records, by the same rules as everywhere."""
    prepared = cases.with_facts(Work.objects.filter(pk=work.pk)).get()
    about = cases.assertions_about([prepared], question.licensee)[prepared.pk]
    case = cases.case(question, cases.work_facts(prepared), copy, about)
    answer = decide(parse_case(case))
    links = {assertion["id"]: f"#{assertion['id']}" for assertion in case["assertions"]}
    shown = reasons([reason.to_dict() for reason in answer.reasons], answer.reasons, links)
    return Live(question, answer.verdict.value, answer.status.value, shown, case, answer.rules_version)


def evidence_links(verdict: Verdict) -> dict[str, str]:
    """Evidence id → the place on the work's page where the statement stands."""
    address = reverse("work", args=[verdict.work.public_id])
    return {said["id"]: f"{address}#{said['id']}" for said in verdict.case["assertions"]}


@dataclass(frozen=True)
class Part:
    """One stretch of the bar, and one row of the table beside it."""

    verdict: str
    works: int
    words: int
    blocks: bool
    x: float
    width: float


def bar(clearance: Clearance) -> list[Part]:
    """The works per verdict as stretches of a bar 1000 wide, best first; the table shows the same numbers."""
    totals = clearance.totals
    whole = totals["works"]
    parts, x = [], 0.0
    for name in BAR_ORDER:
        row = totals["verdicts"].get(name, {"works": 0, "words": 0})
        width = BAR_WIDTH * row["works"] / whole if whole else 0
        blocks = bool(clearance.policy["blocks"].get(name))
        parts.append(Part(name, row["works"], row["words"], blocks, round(x, 1), round(width, 1)))
        x += width
    return parts


def statements(actor: Actor, work: Work) -> list[tuple[str, Any]]:
    """What is said about uses of a work and this actor may read, newest first: (kind, row).

    Who speaks for the work is another matter: `{% authority %}` shows the claims.
    """
    rows: list[tuple[str, Any]] = [("grant", row) for row in access.grants(actor, work)]
    rows += [("reservation", row) for row in access.reservations(work)]
    rows += [("preference", row) for row in access.preferences(work)]
    rows += [("offer", row) for row in access.offers(work)]
    rows += [("open-licence", row) for row in access.open_licences(work)]
    return sorted(rows, key=lambda pair: pair[1].recorded_at, reverse=True)
