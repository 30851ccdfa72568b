"""What a scan found of each work: the closest match of each text, in the order of works' keys."""

from collections import defaultdict

import pytest

from ingest.models import Match, Scan
from licensing.services import findings
from registry.models import Work
from registry.services.works import EditionFacts
from tests import factories
from tests.licensing import scanned

pytestmark = pytest.mark.django_db


def obvious(scan: Scan) -> dict[int, tuple[list[tuple[str, int | None]], int, int]]:
    """The same by a list of all matches: (relation, translation) of each text that counts, documents, words."""
    of_work: dict[int, list[Match]] = defaultdict(list)
    for match in Match.objects.filter(scan=scan).select_related("work", "edition"):
        of_work[match.work.merged_into_id or match.work_id].append(match)
    found = {}
    for work, matches in sorted(of_work.items()):
        by_text: dict[int | None, list[Match]] = defaultdict(list)
        for match in matches:
            by_text[match.edition_id if match.edition and match.edition.translation else None].append(match)
        texts = [
            (min(rows, key=lambda row: (findings.RANKS[row.relation], -row.coverage_work)), text)
            for text, rows in by_text.items()
        ]
        texts.sort(key=lambda one: (findings.RANKS[one[0].relation], -one[0].coverage_work))
        counted = [one for one in texts if one[0].relation != "quotation"] or texts[:1]
        found[work] = (
            [(row.relation, text) for row, text in counted],
            len({match.item_id for match in matches}),
            sum(match.matched_words for match in matches),
        )
    return found


def read(scan: Scan) -> dict[int, tuple[list[tuple[str, int | None]], int, int]]:
    pairs = list(findings.of_scan(scan))
    assert [work for work, _ in pairs] == sorted({work for work, _ in pairs})
    return {
        work: ([(close.relation, close.translation) for close in found.texts], found.documents, found.matched_words)
        for work, found in pairs
    }


@pytest.fixture
def works() -> list[Work]:
    return [factories.work(f"Work {number}") for number in range(6)]


def test_the_closest_match_of_a_text_speaks_and_what_is_only_quoted_counts_alone(works: list[Work]) -> None:
    one, two, *_ = works
    pairs = [(one, "quotation"), (one, "copy"), (two, "quotation"), (one, "excerpt"), (two, "quotation")]
    scan = scanned.scan(factories.actor(), pairs)
    assert (
        read(scan) == obvious(scan) == {one.pk: ([("copy", None)], 3, 1500), two.pk: ([("quotation", None)], 2, 1000)}
    )


def test_what_was_found_of_merged_works_is_their_survivors_wherever_its_key_stands(works: list[Work]) -> None:
    scan = scanned.scan(factories.actor(), [(work, "partial") for work in works] + [(works[0], "copy")])
    for gone, survivor in ((0, 3), (5, 3), (4, 1)):
        Work.objects.filter(pk=works[gone].pk).update(merged_into=works[survivor])
    unseen = factories.work("Survivor that nothing was found of")
    Work.objects.filter(pk=works[2].pk).update(merged_into=unseen)
    found = read(scan)
    assert found == obvious(scan)
    assert found[works[3].pk] == ([("copy", None)], 4, 2000)
    assert list(found) == [works[1].pk, works[3].pk, unseen.pk]


def test_a_translation_is_a_text_of_its_own() -> None:
    work = factories.work("Emma", editions=[EditionFacts(title="Emma, neu", translation=True, language="de")])
    scan = scanned.scan(factories.actor(), [(work, "copy"), (work, "partial"), (work, "quotation")])
    edition = work.editions.get()
    Match.objects.filter(scan=scan, relation="partial").update(edition=edition)
    found = read(scan)
    assert found == obvious(scan) == {work.pk: ([("copy", None), ("partial", edition.pk)], 3, 1500)}


def test_nothing_found_is_nothing() -> None:
    assert read(scanned.scan(factories.actor(), documents=3)) == {}
