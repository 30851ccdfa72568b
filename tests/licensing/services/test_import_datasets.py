"""Descriptions of datasets come the same way: looked at, taken over, sent again without a trace."""

import json
from typing import Any

import pytest

from licensing.services import import_undo
from registry.errors import Conflict
from registry.models import Dataset, ImportRow
from tests import factories
from tests.licensing.services.imported import looked_at, taken_over

pytestmark = pytest.mark.django_db

CROISSANT: dict[str, Any] = {
    "@context": {"@vocab": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"},
    "@type": "Dataset",
    "conformsTo": "http://mlcommons.org/croissant/1.0",
    "name": "example-corpus",
    "description": "A corpus of examples.",
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "url": "https://example.org/corpus",
    "creator": {"@type": "Organization", "name": "Example Lab"},
}


def test_a_dataset_is_described_once() -> None:
    lab = factories.actor()
    data = json.dumps(CROISSANT).encode()
    batch = looked_at(data, lab, name="croissant.json")
    assert (batch.content, batch.counts["new"], Dataset.objects.count()) == ("datasets", 1, 0)
    batch = taken_over(data, lab, name="croissant.json")
    assert (batch.state, batch.entry is not None) == ("done", True)
    dataset = Dataset.objects.get()
    assert ImportRow.objects.get(batch=batch).dataset == dataset
    again = taken_over(data, lab, name="croissant.json")
    assert (again.counts["unchanged"], again.entry) == (1, None)
    with pytest.raises(Conflict, match="not taken back"):
        import_undo.begin(batch=batch, actor=lab)
