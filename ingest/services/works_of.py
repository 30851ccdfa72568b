"""Whose the texts in the index are now: works are merged, split and hidden after a segment was written."""

from collections.abc import Iterable
from dataclasses import dataclass

from registry.models import Edition, Work

Named = tuple[str, str | None]  # the public ids of a work and of its edition, as an index record has them


@dataclass(frozen=True)
class Whose:
    """Keys of the work and the edition of a record today; no work where it is to be left out.

    `is_hidden`: left out because it is another organisation's draft, of which nobody else is to know.
    """

    work: int | None
    edition: int | None = None
    is_hidden: bool = False


def resolve(records: Iterable[Named], organisation: int) -> dict[Named, Whose]:
    """Say for each record whose it is, as far as this organisation may know. A merged work's text is its survivor's.

    A text of an edition belongs to the work that the edition is of now. What no longer exists is left out.
    """
    wanted = set(records)
    editions = Edition.objects.filter(public_id__in={edition for _, edition in wanted if edition})
    of_edition = {row.public_id: row for row in editions.select_related("work__merged_into")}
    works = Work.objects.filter(public_id__in={work for work, _ in wanted}).select_related("merged_into")
    of_work = {row.public_id: row for row in works}
    found: dict[Named, Whose] = {}
    for named in wanted:
        edition = of_edition.get(named[1] or "")
        work = edition.work if edition else of_work.get(named[0])
        found[named] = _whose(work, edition, named[0], organisation)
    return found


def _whose(work: Work | None, edition: Edition | None, recorded: str, organisation: int) -> Whose:
    if work is None:
        return Whose(None)
    now = work.merged_into or work
    if now.visibility == Work.Visibility.DRAFT and now.registered_by_id != organisation:
        return Whose(None, is_hidden=True)
    if now.withdrawn_at is not None and now.public_id != recorded:  # withdrawn under a name that no index knows
        return Whose(None)
    return Whose(now.pk, edition.pk if edition else None)
