"""A notice to a dataset's host, about a work that its organisation's own check found."""

from licensing.models import Notice
from licensing.selectors.notices import Basis
from licensing.services import notices
from tests import factories
from tests.licensing.evidenced import Scene

LETTER = notices.Letter(host_name="Host of heaps", host_email="legal@host.example")


def found(made: Scene) -> Basis:
    """The scene's check, in which a work of the lab itself was found."""
    memoir = factories.work("Memoir of the Lab", by=made.lab, language="en")
    scan = made.clearance.scan
    item = scan.release.items.first()
    assert item is not None
    scan.matches.create(
        item=item,
        work=memoir,
        relation="copy",
        precision="exact",
        coverage_document=0.5,
        coverage_work=0.95,
        matched_words=500,
        longest_verbatim_words=400,
    )
    return Basis(scan.release.dataset, scan.release, made.clearance)


def drafted(made: Scene) -> Notice:
    """A notice of the lab as a draft."""
    return notices.draft(found(made), LETTER, actor=made.lab)
