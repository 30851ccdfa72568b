"""Works that turn out to be one, or two: merged and split with all that belongs to them, and put back.

What belongs to a work follows it: every model with a relation to Work that says `moves_with_work`. What was found and
decided about a work (matches, verdicts) stays with the work it was found for, whose address leads to the survivor.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model

from registry.actors import Actor
from registry.errors import Conflict, InvalidInput
from registry.models import Contribution, Edition, Identifier, Work, WorkRevision
from registry.models.base import new_public_id
from registry.search import sync
from registry.services import log, work_states
from registry.services.work_changes import Change, Json, locked, record, require_standing
from registry.services.work_facts import Pair, checked_identifiers

Moved = dict[str, list[int]]


def _movable() -> Iterator[tuple[type[Model], str]]:
    """The models whose rows follow their work, with the name of their relation to it."""
    for relation in Work._meta.get_fields(include_hidden=True):
        model: Any = relation.related_model
        if relation.auto_created and relation.one_to_many and getattr(model, "moves_with_work", False):
            yield model, relation.field.name  # type: ignore[union-attr]


@transaction.atomic
def merge(
    *, work: Work, into: Work, actor: Actor, reason: str = "", revision: int | None = None, change: str = Change.MERGED
) -> Work:
    """Make one work of two of the same organisation: all that belongs to `work` becomes `into`'s, its facts rest.

    The address of `work` leads to the survivor from then on. Returns the survivor. Raises NotAllowed, InvalidInput (a
    work into itself), RevisionConflict, or Conflict: one of them does not stand, or one is public and one a draft.
    """
    if work.pk == into.pk:
        raise InvalidInput("A work cannot be merged into itself.", errors=[_fault("/into", "It is the same work.")])
    first, second = _locked_in_order(work, into, actor, revision)
    require_standing(first)
    require_standing(second)
    if first.visibility != second.visibility:
        raise Conflict("One of these works is public and the other a draft: publish the draft first.")
    before, before_survivor = work_states.revision_facts(first), work_states.revision_facts(second)
    moved = _move_all(first, second)
    moved[Work._meta.label_lower] = _repoint(Work, "merged_into", first, second)
    first.merged_into = second
    first.save(update_fields=["merged_into"])
    where = {"merged_into": second.public_id}
    record(first, change, before | where, kind="work.merged", said=where, reason=reason, actor=actor)
    took = {"merged_from": first.public_id, "moved": moved}
    said = {"merged_from": first.public_id, "facts": work_states.logged_facts(second)}
    record(second, change, before_survivor | took, kind="work.took_over", said=said, reason=reason, actor=actor)
    work.merged_into = second
    return second


def _locked_in_order(first: Work, second: Work, actor: Actor, revision: int | None) -> tuple[Work, Work]:
    """Both rows, locked in the order of their keys, so that two merges at once never wait in a ring."""
    asked = {first.pk: (first, revision), second.pk: (second, None)}
    held = {pk: locked(asked[pk][0], actor, asked[pk][1]) for pk in sorted(asked)}
    return held[first.pk], held[second.pk]


def _move_all(source: Work, target: Work) -> Moved:
    """Give the target every row that follows its work; label → keys of the rows that went."""
    moved: Moved = {}
    for model, name in _movable():
        moved[model._meta.label_lower] = _repoint(model, name, source, target)
    doubled = set(Identifier.objects.filter(work=target).values_list("scheme", "value"))
    marks = [row for row in Identifier.objects.filter(work=source) if (row.scheme, row.value) not in doubled]
    moved[Identifier._meta.label_lower] = _set_work(Identifier, "work", [row.pk for row in marks], target)
    return moved


def _repoint(model: type[Model], name: str, source: Work, target: Work) -> list[int]:
    rows: Any = model._default_manager
    return _set_work(model, name, list(rows.filter(**{name: source}).values_list("pk", flat=True)), target)


def _set_work(model: type[Model], name: str, keys: list[int], target: Work) -> list[int]:
    rows: Any = model._default_manager
    if keys:
        rows.filter(pk__in=keys).update(**{name: target})
    return keys


def _move_back(moved: Mapping[str, Sequence[int]], source: Work, target: Work) -> None:
    """Give `target` again what `source` has of the rows that went; what is gone or went elsewhere since stays there."""
    names = {model._meta.label_lower: (model, name) for model, name in _movable()}
    names[Identifier._meta.label_lower] = (Identifier, "work")
    names[Work._meta.label_lower] = (Work, "merged_into")
    for label, keys in moved.items():
        if label in names:
            model, name = names[label]
            rows: Any = model._default_manager
            rows.filter(pk__in=keys, **{name: source}).update(**{name: target})


@transaction.atomic
def unmerge(*, survivor: Work, number: int, actor: Actor, revision: int | None = None) -> Work:
    """Undo a merge, named by the survivor's revision that it ended: both works stand again as before.

    Raises Conflict when a later change of either work stands in the way, and what `merge` raises.
    """
    row = _revision(survivor, number, "merged_from")
    held, source = _locked_in_order(survivor, Work.objects.get(public_id=row.facts["merged_from"]), actor, revision)
    _require_latest(held, number)
    if source.merged_into_id != held.pk:
        raise Conflict(f"“{source.title}” is no longer merged into “{held.title}”.")
    before, before_source = work_states.revision_facts(held), work_states.revision_facts(source)
    _move_back(row.facts["moved"], held, source)
    source.merged_into = None
    source.save(update_fields=["merged_into"])
    work_states.write(source, work_states.of_revision(_facts_before(source)))
    for work, earlier in ((held, before), (source, before_source)):
        said = {"undone": number, "facts": work_states.logged_facts(work)}
        record(work, Change.UNDONE, earlier, kind="work.unmerged", said=said, actor=actor)
    return source


def _facts_before(source: Work) -> Json:
    """What a merged work was: its last revision is the one that the merge ended."""
    row = source.revisions.filter(facts__has_key="merged_into").order_by("-number").first()
    assert row is not None
    return dict(row.facts)


def _revision(work: Work, number: int, key: str) -> WorkRevision:
    """The work's revision of this number, if its change was of the kind that has this key."""
    row = work.revisions.filter(number=number).first()
    if row is None or key not in row.facts:
        raise InvalidInput(f"“{work.title}” has no such revision {number}.", errors=[_fault("/revision", "Unknown.")])
    return row


def _require_latest(work: Work, number: int) -> None:
    """A merge or a split is undone only as long as nothing was built on it."""
    require_standing(work)
    if number != work.revision - 1:
        sentence = (
            f"“{work.title}” was changed after this and is at revision {work.revision}: undo the later changes first."
        )
        raise Conflict(sentence, work=work.public_id, revision=work.revision)


@transaction.atomic
def split(
    *,
    work: Work,
    title: str,
    actor: Actor,
    editions: Sequence[str] = (),
    identifiers: Sequence[Pair] = (),
    reason: str = "",
    revision: int | None = None,
) -> Work:
    """Make a new work of some editions (by id) and identifiers of this one; their texts go with the editions.

    People, language, kind and dates are taken over and can be amended; statements of rights stay with the old work.
    Returns the new work. Raises InvalidInput (nothing or unknown ones chosen, no title), NotAllowed,
    RevisionConflict, or Conflict (the work does not stand).
    """
    held = locked(work, actor, revision)
    require_standing(held)
    chosen, marks = _chosen(held, title, editions, identifiers)
    before = work_states.revision_facts(held)
    made = _copy(held, title.strip())
    moved = {
        Edition._meta.label_lower: [row.pk for row in chosen],
        Identifier._meta.label_lower: [row.pk for row in marks],
    }
    for model, name in _movable():
        if model is not Edition and any(field.name == "edition" for field in model._meta.get_fields()):
            rows: Any = model._default_manager
            keys = rows.filter(**{name: held}, edition__in=chosen).values_list("pk", flat=True)
            moved[model._meta.label_lower] = list(keys)
    _move_back(moved, held, made)
    sync.refresh(made)
    said = {"split_from": held.public_id, **work_states.logged_facts(made)}
    log.stage("work.registered", subject=f"work:{made.public_id}", facts=said, actor=actor)
    took = {"split_into": made.public_id, "moved": moved}
    said = {"split_into": made.public_id, "facts": work_states.logged_facts(held)}
    record(held, Change.SPLIT, before | took, kind="work.split", said=said, reason=reason, actor=actor)
    return made


def _chosen(
    work: Work, title: str, editions: Sequence[str], identifiers: Sequence[Pair]
) -> tuple[list[Edition], list[Identifier]]:
    """The rows to move: the chosen editions with their identifiers, and the chosen identifiers of the work as such."""
    errors = [] if title.strip() else [_fault("/title", "The new work needs a title.")]
    held = {row.public_id: row for row in work.editions.all()}
    errors += [
        _fault(f"/editions/{number}", f"“{public_id}” is no edition of this work.")
        for number, public_id in enumerate(editions)
        if public_id not in held
    ]
    pairs, faults = checked_identifiers(identifiers, "/identifiers")
    marks = {(row.scheme, row.value): row for row in work.identifiers.all()}
    errors += faults
    unknown = [pair for pair in pairs if pair not in marks]
    errors += [_fault("/identifiers", f"{scheme} {value} is none of this work's.") for scheme, value in unknown]
    if not editions and not identifiers:
        errors.append(_fault("/editions", "Choose what goes to the new work."))
    if errors:
        raise InvalidInput(f"“{work.title}” was not split: {errors[0]['cause']}", errors=errors)
    chosen = [held[public_id] for public_id in dict.fromkeys(editions)]
    keys = {row.pk for row in chosen}
    going = [row for row in marks.values() if row.edition_id in keys]
    going += [marks[pair] for pair in pairs if marks[pair].edition_id not in keys]
    for row in going:
        if row.edition_id not in keys and row.edition_id is not None:
            row.edition = None
            row.save(update_fields=["edition"])
    return chosen, going


def _copy(work: Work, title: str) -> Work:
    """A new work of the same organisation with the same people."""
    public_id = new_public_id()
    names = ("language", "kind", "first_published", "country", "authorship", "renewed", "source", "demo", "visibility")
    made = Work.objects.create(
        public_id=public_id,
        title=title,
        record_reference=public_id,
        registered_by=work.registered_by,
        **{name: getattr(work, name) for name in names},
    )
    Contribution.objects.bulk_create(
        Contribution(work=made, party=row.party, role=row.role, position=row.position)
        for row in work.contributions.all()
    )
    return made


@transaction.atomic
def unsplit(*, work: Work, number: int, actor: Actor, revision: int | None = None) -> Work:
    """Undo a split: what went to the new work comes back, and the new work leads here. Returns the work.

    Raises Conflict when either work was changed since.
    """
    row = _revision(work, number, "split_into")
    held, made = _locked_in_order(work, Work.objects.get(public_id=row.facts["split_into"]), actor, revision)
    _require_latest(held, number)
    require_standing(made)
    if made.revision != 1:
        sentence = f"“{made.title}” was changed since: merge it into “{held.title}” instead."
        raise Conflict(sentence, work=made.public_id)
    return merge(work=made, into=held, actor=actor, reason=f"split {number} undone", change=Change.UNDONE)


def _fault(pointer: str, cause: str) -> dict[str, str]:
    return {"pointer": pointer, "cause": cause}
