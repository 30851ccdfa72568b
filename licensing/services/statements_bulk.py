"""What feeds say about rights, for many works at once: dated statements, withdrawn when a later feed says otherwise."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from ingest import blobs
from licensing.models.assertions import Assertion
from licensing.rules import terms
from licensing.services import assertions
from licensing.services.assertions import Scope
from licensing.services.statement_columns import MODELS, Key, key_of, said_columns
from registry.actors import Actor
from registry.errors import InvalidInput
from registry.importers.rows import RightsStatement
from registry.merkle import tree
from registry.models import Organisation, Work
from registry.models.base import new_public_id
from registry.services import copying, log

BATCH_ROWS = 2_000
FOLDER = "statements"  # of the blob store: the original bytes, by organisation and SHA-256


@dataclass(frozen=True)
class FedStatement:
    """What one record of a feed says about one work. `observed_at` is the day of the message, `address` its place."""

    work: Work
    said: RightsStatement
    observed_at: datetime.date
    sha256: str = ""  # of `said.raw`; empty where the record has no bytes of its own
    address: str = ""


@dataclass
class Outcome:
    """What a feed changed. `older` are works about which a later message had been read before."""

    recorded: list[Assertion] = field(default_factory=list)
    withdrawn: list[Assertion] = field(default_factory=list)
    unchanged: int = 0
    older: set[int] = field(default_factory=set)


def faults(rows: Sequence[FedStatement]) -> list[dict[str, str]]:
    """Everything that keeps these statements from being recorded, with JSON pointers by row."""
    return said_faults([row.said for row in rows])


def said_faults(statements: Sequence[RightsStatement]) -> list[dict[str, str]]:
    """The same of what records say, whatever work they are about."""
    found = []
    for number, said in enumerate(statements):
        try:
            said_columns(said)
        except (InvalidInput, ValueError) as error:
            causes = error.errors if isinstance(error, InvalidInput) else [{"pointer": "", "cause": str(error)}]
            found += [{"pointer": f"/{number}{fault['pointer']}", "cause": fault["cause"]} for fault in causes]
    return found


def record_many(
    rows: Sequence[FedStatement],
    *,
    actor: Actor,
    source_format: str,
    works: Iterable[Work] = (),
    capacity: str = terms.Capacity.PUBLISHER,
    stage_log: bool = True,
    made: Collection[int] = (),
    adding: Collection[int] = (),
    entry: int | None = None,
) -> Outcome:
    """Record what a feed of `source_format` says about its works; `works` are those that it has, silent ones too.

    What the same organisation's earlier feeds of that format said and this one does not is withdrawn, never edited;
    what both say stays as it was recorded first. A message older than what was read before changes nothing for that
    work. Queries do not grow with the number of rows but for batches. Raises InvalidInput with every fault. One log
    entry carries the Merkle roots over `statement_leaf` of the new and of the withdrawn statements;
    `stage_log=False` leaves that to the caller, who may have its key, `entry`, already. `made` are the works (primary
    keys) that were made in this transaction, of which nothing can have been said; `adding` those of which the feed
    does not say all, so that nothing is withdrawn.
    """
    organisation = actor.require_writer()
    errors = faults(rows)
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    _keep_originals(rows, organisation)
    with transaction.atomic():
        covered = {work.pk for work in works} | {row.work.pk for row in rows}
        known = covered.difference(made)
        standing = {kind: _standing(model, known, organisation, source_format) for kind, model in MODELS.items()}
        outcome = Outcome(older=_later_known(rows, standing))
        verification = assertions.first_verification(Scope(capacity=capacity), organisation)
        common = {"asserted_by": organisation, "capacity": capacity, "verification": verification, "entry_id": entry}
        for kind, model in MODELS.items():
            given = [row for row in rows if row.said.kind == kind and row.work.pk not in outcome.older]
            replaced = {pk: said for pk, said in standing[kind].items() if pk not in adding}
            of_feed = common | {"source_format": source_format}
            _apply(model, given, standing[kind], of_feed, outcome, replaced=replaced)
        if stage_log and (outcome.recorded or outcome.withdrawn):
            _log(outcome, actor)
    return outcome


def stated_otherwise(
    rows: Sequence[FedStatement],
    *,
    works: set[int],
    organisation: Organisation,
    source_format: str,
    adding: Collection[int] = (),
) -> set[int]:
    """Of these works (primary keys) those for which `record_many` would change something; nothing is written."""
    standing = {kind: _standing(model, works, organisation, source_format) for kind, model in MODELS.items()}
    changed: set[int] = set()
    for kind, model in MODELS.items():
        given: dict[int, set[Key]] = defaultdict(set)
        for row in rows:
            if row.said.kind == kind:
                given[row.work.pk].add(key_of(_columns(row), model))
        for pk in works:
            now, before = given.get(pk, set()), standing[kind].get(pk, {}).keys()
            if now - before or (before - now and pk not in adding):
                changed.add(pk)
    return changed - _later_known(rows, standing)


def statement_leaf(row: Assertion) -> bytes:
    """The canonical JSON of one statement of many: what is hashed under the root in the log's entry."""
    specific = {
        name: getattr(row, name)
        for name in ("machine_readable", "signal", "licence", "terms", "address")
        if hasattr(row, name)
    }
    kind = next(kind for kind, model in MODELS.items() if isinstance(row, model))
    facts = {"statement": f"{kind}:{row.public_id}", "observed_at": row.observed_at.isoformat()}
    return log.canonical(assertions.logged_scope(row) | specific | facts | {"said": row.statement})


def root_of(rows: Iterable[Assertion]) -> str:
    """The Merkle root over these statements' leaves, in this order, as hex."""
    return tree.root(tree.leaf_hash(statement_leaf(row)) for row in rows).hex()


def _keep_originals(rows: Sequence[FedStatement], organisation: Organisation) -> None:
    """The bytes that say it, once each. A file that no row names in the end does no harm."""
    folder = f"{FOLDER}/{organisation.public_id}"
    for sha256, raw in {row.sha256: row.said.raw for row in rows if row.sha256 and row.said.raw}.items():
        if not blobs.exists(f"{folder}/{sha256}"):
            blobs.put(raw, folder)


def _standing(
    model: type[Assertion], works: set[int], organisation: Organisation, source_format: str
) -> dict[int, dict[Key, Assertion]]:
    """Work pk → what stands of the organisation's earlier feeds, by what it says."""
    if not works:
        return {}
    rows = (
        model._default_manager.select_for_update(no_key=True, of=("self",))
        .filter(work__any_of=works, asserted_by=organisation, source_format=source_format, withdrawn_at__isnull=True)
        .select_related("work")
        .order_by("pk")
    )
    found: dict[int, dict[Key, Assertion]] = defaultdict(dict)
    for row in rows:
        found[row.work_id][key_of(vars(row), model)] = row
    return found


def _later_known(rows: Sequence[FedStatement], standing: dict[str, dict[int, dict[Key, Assertion]]]) -> set[int]:
    """Works about which a message of a later day has been read already."""
    latest: dict[int, datetime.date] = {}
    for by_work in standing.values():
        for work, said in by_work.items():
            for row in said.values():
                latest[work] = max(latest.get(work, row.observed_at), row.observed_at)
    return {row.work.pk for row in rows if row.work.pk in latest and row.observed_at < latest[row.work.pk]}


def _apply(
    model: type[Assertion],
    given: Sequence[FedStatement],
    standing: dict[int, dict[Key, Assertion]],
    common: dict[str, Any],
    outcome: Outcome,
    *,
    replaced: dict[int, dict[Key, Assertion]],
) -> None:
    """Record what is new of one kind and withdraw what is no longer said, of those that are `replaced`."""
    new: dict[tuple[int, Key], Assertion] = {}
    repeated: set[tuple[int, Key]] = set()
    for row in given:
        columns = _columns(row)
        key = key_of(columns, model)
        if key in standing.get(row.work.pk, {}):
            repeated.add((row.work.pk, key))
        else:
            new.setdefault((row.work.pk, key), model(work=row.work, demo=row.work.demo, **columns | common))
    outcome.unchanged += len(repeated)
    gone = [
        said
        for work, by_key in replaced.items()
        if work not in outcome.older
        for key, said in by_key.items()
        if (work, key) not in repeated
    ]
    if gone:
        model._default_manager.filter(pk__any_of=[row.pk for row in gone]).update(withdrawn_at=Now())
    copying.create(list(new.values()))
    outcome.withdrawn += gone
    outcome.recorded += new.values()


def _log(outcome: Outcome, actor: Actor) -> None:
    facts: dict[str, object] = {
        "recorded": len(outcome.recorded),
        "root": root_of(outcome.recorded),
        "withdrawn": len(outcome.withdrawn),
        "withdrawn_root": root_of(outcome.withdrawn),
    }
    entry = log.stage("statements.recorded_many", subject=f"statements:{new_public_id()}", facts=facts, actor=actor)
    for model in MODELS.values():
        keys = [row.pk for row in outcome.recorded if type(row) is model]
        model._default_manager.filter(pk__in=keys).update(entry=entry)


def _columns(row: FedStatement) -> dict[str, Any]:
    """A statement of a feed as the columns of its model. Raises InvalidInput or ValueError."""
    of_record = {"observed_at": row.observed_at, "source_address": row.address, "source_sha256": row.sha256}
    return said_columns(row.said) | of_record
