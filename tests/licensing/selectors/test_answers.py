"""A decided clearance as one object, in the shape of the client's answer."""

import pytest

from ingest.engine.params import REGISTRY_1
from ingest.models import Segment
from licensing.selectors import answers
from tests.licensing import evidenced

pytestmark = pytest.mark.django_db


def test_matches_say_how_sure_they_are_and_what_many_works_share() -> None:
    scene = evidenced.scene()
    rows = {row["work"]: row["matches"] for row in answers.in_full(scene.clearance)["works"]}
    [lamp], [older] = rows[scene.licensed.public_id], rows[scene.hostile.public_id]
    assert lamp["confidence"] == 0.931
    assert lamp["boilerplate"] == [{"document_chars": [0, 89], "work_chars": [300, 389], "words": 15}]
    assert older["confidence"] is None
    assert "boilerplate" not in older


def test_what_matched_nothing_comes_with_what_that_means() -> None:
    clearance = evidenced.scene().clearance
    assert answers.in_full(clearance)["unidentified"] == {"documents": 1, "no_match": None}
    Segment.objects.create(digest="sha256:01", file_name="one.seg", parameter_set=REGISTRY_1.name)
    clearance.scan.segments = {"digests": ["sha256:01"], "withdrawn": []}
    said = answers.in_full(clearance)["unidentified"]["no_match"]
    assert {row["precision"] for row in said["found"]} == {"exact", "sketch"}
