"""Descriptions of datasets, taken over: what a reader of such a file found becomes datasets, figures and claims.

A dataset is found again by its owner and the file's own reference, so that reading the same file again writes nothing.
What a description says is kept as said; who says so is a source. A provider's terms are kept as terms, never as a
licence, and a model named as generator becomes a claim only where the catalogue knows that model.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from licensing.models import OutputChange
from licensing.services import catalogue, dataset_links, output_dependents
from registry.actors import Actor, system
from registry.errors import NotAllowed
from registry.importers import dpi
from registry.importers.rows import DatasetRow
from registry.merkle import tree
from registry.models import AIModel, Dataset, Entry, Organisation, ProvenanceClaim, Source
from registry.models.base import new_public_id
from registry.search import sync
from registry.services import log

BATCH_ROWS = 500
NEW, UPDATE, UNCHANGED, REFUSED = "new", "update", "unchanged", "refused"
COLUMNS = ("name", "kind", "description", "declared_licence", "address")  # a curated dataset keeps its own of these
DESCRIBED = ("languages", "creators", "licences", "said")
SAID = (
    "addresses", "citation", "collection", "conditions", "derived_from", "formats", "generated_by", "human_annotation",
    "keywords", "licence_note", "paper", "rai", "tasks", "text_sources",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What became of one row. `leaf` is what was taken over, a leaf under the root in the log's entry; else empty."""

    number: int
    reference: str
    action: str  # new | update | unchanged | refused
    dataset_id: int | None = None
    leaf: bytes = b""


@dataclass
class Applied:
    """What one file did: an outcome a row in the rows' order, and the log's entry unless nothing changed."""

    outcomes: list[Outcome] = field(default_factory=list)
    entry: Entry | None = None

    def count(self, action: str) -> int:
        """How many rows had this outcome."""
        return sum(outcome.action == action for outcome in self.outcomes)


def source_of(organisation: Organisation) -> Source:
    """The source that stands for what an organisation itself hands in about datasets."""
    defaults = {"title": f"Descriptions of datasets by {organisation}", "publisher": organisation.name}
    return Source.objects.get_or_create(key=f"datasets-by-{organisation.slug}"[:100], defaults=defaults)[0]


@transaction.atomic
def apply(
    rows: Iterable[DatasetRow],
    *,
    actor: Actor,
    source: Source | None = None,
    visibility: str = Dataset.Visibility.PUBLIC,
    claim_status: str = ProvenanceClaim.Status.REPORTED,
    curated: frozenset[str] = frozenset(),
    dry_run: bool = False,
) -> Applied:
    """Take over the valid rows as datasets of the actor's organisation, all in one transaction with one log entry.

    The system may write without an organisation: those are the public catalogue's, and `curated` names the slugs whose
    name, licence and address its own files decide. `dry_run` says what would happen and writes nothing. Raises
    NotAllowed. `source` defaults to the organisation itself.
    """
    owner = _owner(actor)
    cited = source or source_of(_require(owner))
    work = _Work(owner, cited, visibility, claim_status, curated)
    applied = Applied()
    with transaction.atomic():
        taken = work.take(list(rows), applied)
        if any(outcome.leaf for outcome in taken):
            applied.entry = _log(taken, cited, actor)
            is_hidden = visibility == Dataset.Visibility.PRIVATE
            output_dependents.after(OutputChange.Cause.CLAIM, None, owner if is_hidden else None)
        if dry_run:
            transaction.set_rollback(True)
    if dry_run:
        applied.entry = None
    return applied


def _owner(actor: Actor) -> Organisation | None:
    if actor.organisation is None and actor.name.startswith("system:"):
        return None
    return actor.require_writer()


def _require(owner: Organisation | None) -> Organisation:
    if owner is None:
        raise NotAllowed("What the system takes over needs a source.")
    return owner


class _Work:
    """One file's rows on their way into the tables, many at a time."""

    def __init__(
        self, owner: Organisation | None, source: Source, visibility: str, claim_status: str, curated: frozenset[str]
    ) -> None:
        self.owner, self.source, self.visibility = owner, source, visibility
        self.claim_status, self.curated = claim_status, curated

    def take(self, rows: Sequence[DatasetRow], applied: Applied) -> list[Outcome]:
        """Write what is new or different; fills `applied.outcomes` and returns those that count."""
        first: dict[str, DatasetRow] = {}
        for row in rows:
            if row.is_valid and row.reference:
                first.setdefault(row.reference, row)
        datasets, changed = self._write(first)
        links = dataset_links.Links(self.owner, self.source, self.claim_status, generators())
        touched = links.write({reference: (datasets[reference], row) for reference, row in first.items()})
        sync.refresh_many(
            [
                *(row for row in datasets.values() if row.pk in changed or row.pk in touched),
                *links.parents,
                *links.claims,
            ]
        )
        for row in rows:
            applied.outcomes.append(self._outcome(row, first, datasets, changed, touched))
        return applied.outcomes

    def _outcome(
        self,
        row: DatasetRow,
        first: Mapping[str, DatasetRow],
        datasets: Mapping[str, Dataset],
        changed: Mapping[int, str],
        touched: set[int],
    ) -> Outcome:
        if not row.is_valid or not row.reference:
            return Outcome(row.number, row.reference, REFUSED)
        key = datasets[row.reference].pk
        if first[row.reference] is not row or (key not in changed and key not in touched):
            return Outcome(row.number, row.reference, UNCHANGED, key)
        leaf = log.canonical({"reference": row.reference, "name": row.name, "facts": row.facts})
        return Outcome(row.number, row.reference, changed.get(key, UPDATE), key, leaf)

    def _write(self, rows: Mapping[str, DatasetRow]) -> tuple[dict[str, Dataset], dict[int, str]]:
        """The dataset of each row, and which were made or altered: {pk: new | update}."""
        held = {
            row.record_reference: row
            for row in Dataset.objects.filter(organisation=self.owner, record_reference__in=list(rows))
        }
        changed: dict[int, str] = {}
        altered = []
        for reference, dataset in held.items():
            if self._alter(dataset, rows[reference]):
                altered.append(dataset)
                changed[dataset.pk] = UPDATE
        Dataset.objects.bulk_update(altered, [*COLUMNS, *DESCRIBED], batch_size=BATCH_ROWS)
        taken = self._slugs_taken(rows)
        made = [self._new(row, taken) for reference, row in rows.items() if reference not in held]
        for dataset in Dataset.objects.bulk_create(made, batch_size=BATCH_ROWS):
            held[dataset.record_reference] = dataset
            changed[dataset.pk] = NEW
        through = Dataset.sources.through
        cites = [through(dataset_id=row.pk, source_id=self.source.pk) for row in held.values()]
        through._default_manager.bulk_create(cites, ignore_conflicts=True, batch_size=BATCH_ROWS)
        return held, changed

    def _slugs_taken(self, rows: Mapping[str, DatasetRow]) -> set[str]:
        return set(Dataset.objects.filter(slug__in=list(rows)).values_list("slug", flat=True))

    def _new(self, row: DatasetRow, taken: set[str]) -> Dataset:
        """Its address is the reference, if that is free and the dataset public; a private one's ends at random."""
        plain = (slugify(row.reference)[:73].strip("-") or "dataset") if row.reference in taken else row.reference
        is_plain = row.reference not in taken and self.visibility == Dataset.Visibility.PUBLIC
        dataset = Dataset(
            slug=plain if is_plain else f"{plain[:73]}-{new_public_id()[:6]}",
            visibility=self.visibility,
            organisation=self.owner,
            record_reference=row.reference,
        )
        self._alter(dataset, row)
        return dataset

    def _alter(self, dataset: Dataset, row: DatasetRow) -> bool:
        """Bring the columns to what the row says; returns whether anything was different."""
        wanted = columns_of(row)
        names = DESCRIBED if dataset.slug in self.curated else (*COLUMNS, *DESCRIBED)
        different = [name for name in names if getattr(dataset, name) != wanted[name]]
        for name in different:
            setattr(dataset, name, wanted[name])
        return bool(different)


def columns_of(row: DatasetRow) -> dict[str, Any]:
    """A row's facts as columns of a dataset."""
    facts = row.facts
    declared = str(facts.get("declared_licence", ""))
    return {
        "name": row.name,
        "kind": facts.get("kind", Dataset.Kind.CORPUS),
        "description": facts.get("description", ""),
        "declared_licence": declared if len(declared) <= 200 else f"{declared[:199]}…",
        "address": facts.get("address", ""),
        "languages": [text[:100] for text in facts.get("languages", [])],
        "creators": list(facts.get("creators", [])),
        "licences": list(facts.get("licences", [])),
        "said": {name: facts[name] for name in SAID if facts.get(name) not in (None, "", [], {})},
    }


def _log(outcomes: Sequence[Outcome], source: Source, actor: Actor) -> Entry:
    written = [outcome for outcome in outcomes if outcome.leaf]
    root = tree.root(tree.leaf_hash(outcome.leaf) for outcome in written).hex()
    facts: dict[str, object] = {
        "new": sum(outcome.action == NEW for outcome in written),
        "root": root,
        "source": source.key,
        "updated": sum(outcome.action == UPDATE for outcome in written),
    }
    return log.stage("datasets.imported", subject=f"source:{source.public_id}", facts=facts, actor=actor)


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    with (catalogue.FOLDER / "generators.toml").open("rb") as file:
        return {said.casefold(): slug for table in tomllib.load(file)["names"] for said, slug in table.items()}


def generators() -> dict[str, AIModel]:
    """The models of the catalogue by every name, folded, that a description may give them."""
    models = list(AIModel.objects.all())
    by_slug = {model.slug: model for model in models}
    known = {model.name.casefold(): model for model in models}
    return known | {said: by_slug[slug] for said, slug in _names().items() if slug in by_slug}


def load_descriptions() -> Applied:
    """Take over the summaries of the Data Provenance Initiative that come with the catalogue; load that one first."""
    _head, rows = dpi.read(catalogue.FOLDER / "dpi" / "data_summaries.jsonl.zst")
    return apply(
        rows,
        actor=system("catalogue"),
        source=Source.objects.get(key="data-provenance-initiative"),
        claim_status=ProvenanceClaim.Status.DISCLOSED,
        curated=catalogue.slugs(),
    )
