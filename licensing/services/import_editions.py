"""Records that are editions of one work: the first one speaks for the work, the others for their edition alone.

A sender says by a key of the work which records belong together. A record whose reference is not the work's own adds
or changes its edition; when it is deleted, its edition goes and the work stays as long as others are left.
"""

from collections.abc import Collection

from licensing.services.import_rows import Said
from registry.importers.rows import UPSERT
from registry.services.works_held import Facts, Held

IDENTIFYING = ("isbn", "doi", "iscc")  # schemes by which a key of a work is found among the identifiers of works


def is_secondary(said: Said, work: Held) -> bool:
    """Whether the record is about an edition of the work, whose own record is another one."""
    own = {work.public_id, said.reference, *(f"isbn:{isbn}" for isbn in said.isbns)}
    return bool(said.work_key) and work.reference not in own


def only_adds(said: Said, work: Held) -> bool:
    """Whether what the record does not say of rights stays: it is a part of the record, or others speak as well."""
    has_others = bool(said.work_key) and (is_secondary(said, work) or len(work.editions) > 1)
    return has_others or said.action != UPSERT


def edition_of(said: Said, work: Held) -> list[Facts]:
    """What a secondary record says of its edition; a title other than the work's is the edition's own."""
    assert said.facts is not None
    title = said.facts["title"]
    own = title if title and title != work.facts["title"] else ""
    return [edition | {"title": edition["title"] or own} for edition in said.facts["editions"]]


def left_by(said: Said, work: Held) -> Facts | None:
    """The facts of the work without the edition of a deleted record; None where no edition would be left, or none is
    named.
    """
    named = {f"isbn:{isbn}" for isbn in said.named}
    gone = [edition for edition in work.facts["editions"] if named & set(edition["identifiers"])]
    rest = [edition for edition in work.facts["editions"] if edition not in gone]
    if not gone or not rest:
        return None
    lost = {name for edition in gone for name in edition["identifiers"]}
    facts = work.facts | {"editions": rest}
    facts["identifiers"] = [name for name in work.facts["identifiers"] if name not in lost]
    if said.reference == work.reference:  # its record is gone: the work goes by an edition that is left
        isbns = (name for edition in rest for name in edition["identifiers"] if name.startswith("isbn:"))
        facts["record_reference"] = next(isbns, work.reference)
    return facts


def identifiers_of(keys: Collection[str]) -> dict[tuple[str, str], str]:
    """(scheme, value) → key, of the keys that are identifiers of works or of their editions."""
    pairs = ((key, key.partition(":")) for key in keys)
    return {(scheme, value): key for key, (scheme, _, value) in pairs if scheme in IDENTIFYING}
