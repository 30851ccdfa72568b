"""Fetch and authorise for files of many records, and for lists of titles."""

from django.db.models import QuerySet

import registry.access
from registry.actors import Actor
from registry.models import Import, ImportRow, Linkage, LinkageRow


def imports(actor: Actor) -> QuerySet[Import]:
    """The files of many records that the actor's organisation handed in."""
    if actor.organisation is None:
        return Import.objects.none()
    rows = Import.objects.filter(organisation=actor.organisation)
    return rows.select_related("organisation", "job", "entry", "undo_entry")


def import_(actor: Actor, public_id: str) -> Import:
    """One import, or NotFound."""
    return registry.access.one(imports(actor), "import", public_id=public_id)


def import_rows(actor: Actor, batch: Import) -> QuerySet[ImportRow]:
    """The rows of an import that this actor may see."""
    rows = ImportRow.objects.filter(batch=batch, batch__in=imports(actor))
    return rows.select_related("work__merged_into", "dataset").defer("leaf", "raw")


def linkages(actor: Actor) -> QuerySet[Linkage]:
    """The lists that the actor's organisation had linked."""
    if actor.organisation is None:
        return Linkage.objects.none()
    return Linkage.objects.filter(organisation=actor.organisation).select_related("organisation", "job")


def linkage(actor: Actor, public_id: str) -> Linkage:
    """One list, or NotFound."""
    return registry.access.one(linkages(actor), "linkage", public_id=public_id)


def linkage_rows(actor: Actor, found: Linkage) -> QuerySet[LinkageRow]:
    """The rows of a list that this actor may see."""
    rows = LinkageRow.objects.filter(linkage=found, linkage__in=linkages(actor))
    return rows.select_related("work__merged_into", "decided_work__merged_into", "decided_by", "linkage")


def linkage_row(actor: Actor, found: Linkage, number: int) -> LinkageRow:
    """One row of a list by its number, or NotFound."""
    return registry.access.one(linkage_rows(actor, found), "row", number=str(number))
