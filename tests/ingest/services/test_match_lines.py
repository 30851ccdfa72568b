"""The line that stands for a match in exports and in the log."""

import json

import pytest
from django.db import IntegrityError, transaction

from ingest.models import Match
from ingest.selectors import matches
from ingest.services import deposits
from registry.services import log
from tests import factories
from tests.ingest.services.test_scans import request
from tests.licensing import scanned

PLACE = {"document_chars": [5, 105], "work_chars": [0, 100], "words": 20, "identity": 0.9, "precision": "exact"}
NOTICE = (
    "This book may be lent, sold or given away on the one condition that this notice stays on its first page, that"
    " nobody takes out a chapter or puts one in, and that whoever prints it anew sends two copies to the office in the"
    " harbour, where they are kept for those who want to compare what was written with what was printed, on any day."
)


@pytest.fixture
def row(db) -> Match:
    scan = scanned.scan(factories.actor(), [(factories.work("Emma"), "copy")])
    return scan.matches.select_related("item", "work", "edition", "scan").get()


def test_a_match_from_before_confidence_keeps_the_line_whose_hash_was_logged(row):
    assert sorted(matches.line(row)) == [
        "coverage_document", "coverage_work", "document", "engine", "identity", "index", "longest_verbatim_words",
        "matched_words", "parameters", "passages", "precision", "relation", "work",
    ]  # fmt: skip


def test_confidence_and_boilerplate_are_part_of_the_line_without_excerpts(row):
    row.confidence = 0.998123
    row.boilerplate = [PLACE | {"excerpt": "All rights reserved.", "excerpt_start": 5}]
    line = matches.line(row)
    assert line["confidence"] == 0.998123
    assert line["boilerplate"] == [PLACE]
    row.save()
    again = Match.objects.select_related("item", "work", "edition", "scan").get(pk=row.pk)
    assert log.canonical(matches.line(again)) == log.canonical(line)


@pytest.mark.parametrize("confidence", [-0.01, 1.01])
def test_a_confidence_is_a_probability(row, confidence):
    with pytest.raises(IntegrityError), transaction.atomic():
        Match.objects.filter(pk=row.pk).update(confidence=confidence)


def test_what_many_works_share_is_stored_beside_what_was_copied(publisher, register, firm, alice, run_jobs, tmp_path):
    """Six books carry the same notice; a document that copies one with the notice has it as boilerplate."""
    text = alice.read_text(encoding="utf-8")
    for number in range(6):
        part = text[number * 20_000 : number * 20_000 + 15_000]
        path = tmp_path / f"{number}.txt"
        path.write_text(f"{NOTICE}\n\n{part}", encoding="utf-8")
        deposits.keep(work=register(f"Part {number}"), path=path, mode="kept", actor=publisher)
    run_jobs()
    document = f"{NOTICE} {'Something of its own stands here. ' * 12} {text[45_000:48_000]}"
    scan = request(firm, json.dumps({"id": "r0", "text": document}).encode())
    run_jobs()

    found = Match.objects.select_related("item", "work", "edition", "scan").get(scan=scan)
    assert found.work.title == "Part 2"
    usual = found.boilerplate[0]
    start, end = usual["document_chars"]
    assert (start, usual["work_chars"][0]) == (0, 0)
    assert 0.9 * len(NOTICE) < end < 1.1 * len(NOTICE)
    assert usual["excerpt"].startswith(NOTICE)
    assert usual["work_excerpt"].startswith(NOTICE)
    assert found.confidence is not None
    assert 0.9 < found.confidence < 1
    assert matches.line(found)["confidence"] == found.confidence
    assert all(passage["document_chars"][0] > len(NOTICE) for passage in found.passages)
    assert matches.line(found)["boilerplate"][0]["document_chars"] == [start, end]
