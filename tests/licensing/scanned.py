"""A closed scan with given matches, for tests that are about the decision and not about the finding."""

import datetime
from collections.abc import Sequence

from ingest.models import Match, Scan
from registry.actors import Actor
from registry.models import Item, Work
from registry.services import datasets

COPIED_ON = datetime.date(2026, 3, 1)


def scan(
    actor: Actor,
    found: Sequence[tuple[Work, str]] = (),
    *,
    documents: int = 0,
    acquisition: str = Scan.Acquisition.LAWFUL,
    state: str = Scan.State.DONE,
) -> Scan:
    """A scan of `documents` documents (at least one a match); document n matches the n-th (work, relation)."""
    dataset = datasets.create_private(name="Corpus", actor=actor)
    release = dataset.releases.first() or datasets.add_release(dataset=dataset, version="1", actor=actor)
    count = max(documents, len(found))
    scanned = Scan.objects.create(
        release=release,
        organisation=actor.require_writer(),
        state=state,
        acquisition=acquisition,
        copied_on=COPIED_ON,
        documents=count,
        words=1000 * count,
        index_digest="sha256:00",
    )
    for position in range(count):
        facts = {"sha256": "0" * 64, "chars": 6000, "words": 1000, "letters": 5000, "position": position}
        item, _ = Item.objects.get_or_create(release=release, name=f"doc-{position}.txt", defaults=facts)
        if position < len(found):
            work, relation = found[position]
            Match.objects.create(
                scan=scanned,
                item=item,
                work=work,
                relation=relation,
                precision="exact",
                coverage_document=0.5,
                coverage_work=0.95,
                matched_words=500,
                longest_verbatim_words=400,
                identity=0.99,
            )
    return scanned
