"""A decided clearance worth a report: an old Chinese text, a licensed book, a hostile title; and a rival's grant."""

import datetime
from dataclasses import dataclass

from ingest.models import Match
from ingest.services.excerpts import excerpt
from licensing.models import Clearance, Grant
from licensing.services import clearances, grants, reservations
from licensing.services.assertions import Scope
from registry.actors import Actor
from registry.models import Work
from registry.services.works import AuthorFacts
from tests import factories
from tests.licensing import scanned

CHINESE = "紅葉一片，飄然落於階前。客曰：此何葉也？主人笑而不答，但指庭中老樹。風起，葉復下，客乃悟，揖而去。"
CHINESE_COPY = (
    "红叶一片，飘然落于阶前。客曰：此何叶也？主人大笑不答，但指庭中老树。風起，葉復下，客乃悟，揖而去。\U00020bb7"
)
ENGLISH = "The lamp was lit before supper, and nobody spoke of the letter until the plates had been cleared away."
ENGLISH_COPY = "The lamp was lit before dinner, and nobody spoke of the letter until the plates had been cleared away."
NOTICE = "No part of this may be printed, sung or painted on walls without asking <somebody> first."
HOSTILE = '=HYPERLINK("http://example.invalid","x")<script>alert(1)</script> \u202eمكتبة'


@dataclass(frozen=True)
class Scene:
    """What the tests of reports look at."""

    lab: Actor
    press: Actor
    rival: Actor
    chinese: Work
    licensed: Work
    hostile: Work
    grant: Grant
    rival_grant: Grant
    clearance: Clearance


def scene(territory: str = "DE") -> Scene:
    """Three works found in three documents, decided for pretraining."""
    lab, press, rival = (factories.actor(factories.organisation(name=name)) for name in ("Lab", "Press", "Rival"))
    author = AuthorFacts(name="吳某", died="1709")
    chinese = factories.work("紅葉記", [author], by=press, first_published="1690", country="CN", language="zh-Hant")
    modern = AuthorFacts(name="A. Living")
    licensed = factories.work("The Lamp", [modern], by=press, first_published="2003", country="GB", language="en")
    hostile = factories.work(HOSTILE, [modern], by=press, first_published="2004", country="GB", language="ar")
    grant = _grant(licensed, lab, press)
    rival_grant = _grant(licensed, rival, press)
    reservations.record(
        work=hostile,
        scope=Scope(
            uses=["pretraining"], territory=["EU"], verification="domain", valid_from=datetime.date(2020, 1, 1)
        ),
        machine_readable=True,
        actor=press,
    )
    scan = scanned.scan(lab, [(chinese, "copy"), (licensed, "excerpt"), (hostile, "partial")], documents=4)
    _passage(scan.matches.get(work=chinese), CHINESE_COPY, CHINESE)
    _passage(scan.matches.get(work=licensed), ENGLISH_COPY, ENGLISH)
    _passage(scan.matches.get(work=hostile), "<img src=x onerror=alert(2)> نص من الكتاب", None)
    _estimate(scan.matches.get(work=chinese), 0.999_97)
    _estimate(scan.matches.get(work=licensed), 0.931, NOTICE)  # the third match is older than estimates
    asked = clearances.request(
        scan=scan,
        use="pretraining",
        purpose="commercial",
        territory=territory,
        actor=lab,
        as_of=datetime.date(2026, 11, 1),
    )
    return Scene(lab, press, rival, chinese, licensed, hostile, grant, rival_grant, clearances.decide(asked.pk))


def _grant(work: Work, licensee: Actor, press: Actor) -> Grant:
    scope = Scope(
        verification="document",
        uses=["pretraining"],
        purposes=["commercial"],
        territory=["EU"],
        valid_from=datetime.date(2026, 1, 1),
        valid_to=datetime.date(2027, 12, 31),
    )
    return grants.issue(work=work, licensee=licensee.require_writer(), scope=scope, actor=press, duties=["attribution"])


def _estimate(match: Match, confidence: float, shared: str = "") -> None:
    """Say how sure the match is, and that it has a text which many other works have as well."""
    match.confidence = confidence
    if shared:
        facts = {"document_chars": [0, len(shared)], "work_chars": [300, 300 + len(shared)], "words": 15}
        row = facts | {"identity": 1.0, "precision": "exact"} | excerpt(shared, 0, len(shared))
        work_side = {"work_excerpt": f"Imprint. {shared}", "work_excerpt_start": 291}
        match.boilerplate = [row | work_side]
    match.save()


def _passage(match: Match, document: str, work: str | None) -> None:
    before = "Before. "
    start, end = len(before), len(before) + len(document)
    row = {"document_chars": [start, end], "work_chars": [0, len(work or document)], "words": 40, "identity": 0.975}
    row |= {"precision": "exact" if work else "sketch"} | excerpt(f"{before}{document} After.", start, end)
    if work is None:
        row["identity"] = None
    else:
        row |= {f"work_{name}": value for name, value in excerpt(work, 0, len(work)).items()}
    match.passages = [
        row,
        {name: row[name] for name in ("document_chars", "work_chars", "words", "identity", "precision")},
    ]
    match.precision = str(row["precision"])
    match.save()
