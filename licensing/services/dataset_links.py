"""What descriptions of datasets say about others: figures, the collection a dataset is part of, claims of provenance.

Only what this source said before is ever altered or taken back; other sources stand beside it.
"""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q

from registry.importers.rows import DatasetRow
from registry.models import AIModel, Component, Dataset, DatasetFigure, Organisation, ProvenanceClaim, Release, Source
from registry.models.base import new_public_id

BATCH_ROWS = 500
Described = Mapping[str, tuple[Dataset, DatasetRow]]  # by the row's reference
ClaimEnds = tuple[int, str, int | None, int | None]  # subject dataset, relation, object model, object dataset


class Links:
    """One source's statements about datasets of one owner."""

    def __init__(
        self, owner: Organisation | None, source: Source, claim_status: str, generators: Mapping[str, AIModel]
    ) -> None:
        self.owner, self.source, self.claim_status, self.generators = owner, source, claim_status, generators
        self.parents: list[Dataset] = []  # made or filled
        self.claims: list[ProvenanceClaim] = []  # made

    def write(self, described: Described) -> set[int]:
        """Write figures, releases, components, claims; returns the keys of datasets about which something changed."""
        if not described:
            return set()
        return (
            self._figures(described) | self._releases(described) | self._components(described) | self._claims(described)
        )

    def _figures(self, described: Described) -> set[int]:
        keys = [dataset.pk for dataset, _row in described.values()]
        held = {
            (row.dataset_id, row.name, row.value, row.unit): row
            for row in DatasetFigure.objects.filter(dataset__in=keys, source=self.source)
        }
        wanted = {
            (dataset.pk, figure["name"][:60], _number(figure["value"]), figure["unit"][:30]): dataset
            for dataset, row in described.values()
            for figure in row.facts.get("figures", [])
        }
        gone = [row for key, row in held.items() if key not in wanted]
        new = [key for key in wanted if key not in held]
        DatasetFigure.objects.filter(pk__in=[row.pk for row in gone]).delete()
        made = [
            DatasetFigure(dataset=wanted[key], name=key[1], value=key[2], unit=key[3], source=self.source)
            for key in new
        ]
        DatasetFigure.objects.bulk_create(made, batch_size=BATCH_ROWS, ignore_conflicts=True)
        return {row.dataset_id for row in gone} | {key[0] for key in new}

    def _releases(self, described: Described) -> set[int]:
        """The version that a description is of, if it names one."""
        touched = set()
        for dataset, row in described.values():
            said = row.facts.get("release")
            if not said or not said["version"]:
                continue
            columns = {"released_on": said["released_on"], "address": said["address"]}
            release, is_new = Release.objects.get_or_create(dataset=dataset, version=said["version"], defaults=columns)
            if is_new:
                touched.add(dataset.pk)
            elif any(getattr(release, name) != value for name, value in columns.items() if value):
                Release.objects.filter(pk=release.pk).update(
                    **{name: value for name, value in columns.items() if value}
                )
                touched.add(dataset.pk)
        return touched

    def _components(self, described: Described) -> set[int]:
        """A collection of several datasets is a dataset too: each described one is a component of its release."""
        members: dict[str, list[Dataset]] = {}
        collections: dict[str, Mapping[str, str]] = {}
        for dataset, row in described.values():
            said = row.facts.get("collection")
            if said:
                members.setdefault(said["reference"], []).append(dataset)
                collections.setdefault(said["reference"], said)
        sizes = Counter({reference: len(rows) for reference, rows in members.items()})
        known = {
            row.record_reference: row
            for row in Dataset.objects.filter(organisation=self.owner, record_reference__in=list(collections))
        }
        touched: set[int] = set()
        for reference, said in collections.items():
            if reference in known or sizes[reference] > 1:
                parent = known.get(reference) or self._parent(said, members[reference][0])
                touched |= self._fill(parent, members[reference])
        return touched

    def _parent(self, said: Mapping[str, str], member: Dataset) -> Dataset:
        is_public = member.visibility == Dataset.Visibility.PUBLIC
        is_free = is_public and not Dataset.objects.filter(slug=said["reference"]).exists()
        parent = Dataset.objects.create(
            slug=said["reference"] if is_free else f"{said['reference'][:73]}-{new_public_id()[:6]}",
            name=said["name"],
            kind=Dataset.Kind.INSTRUCTIONS,
            address=said["address"],
            record_reference=said["reference"],
            visibility=member.visibility,
            organisation=self.owner,
        )
        parent.sources.add(self.source)
        self.parents.append(parent)
        return parent

    def _fill(self, parent: Dataset, members: list[Dataset]) -> set[int]:
        version = f"as listed by {self.source.publisher or self.source.title}"[:80]
        release, _ = Release.objects.get_or_create(dataset=parent, version=version)
        held = set(release.components.values_list("dataset_id", flat=True))
        new = [member for member in members if member.pk not in held and member.pk != parent.pk]
        parts = [Component(release=release, dataset=member, source=self.source) for member in new]
        Component.objects.bulk_create(parts, batch_size=BATCH_ROWS)
        return {member.pk for member in new}

    def _claims(self, described: Described) -> set[int]:
        """Claims of this source about these datasets: those that are said and missing are made, those unsaid go."""
        wanted = self._said_claims(described)
        keys = [dataset.pk for dataset, _row in described.values()]
        relations = (ProvenanceClaim.Relation.GENERATED_BY, ProvenanceClaim.Relation.DERIVED_FROM)
        held: dict[ClaimEnds, ProvenanceClaim] = {
            (row.subject_dataset_id or 0, row.relation, row.object_model_id, row.object_dataset_id): row
            for row in ProvenanceClaim.objects.filter(
                subject_dataset__in=keys, relation__in=relations, sources=self.source, key__startswith=KEY
            )
        }
        gone = [row for ends, row in held.items() if ends not in wanted]
        ProvenanceClaim.objects.filter(pk__in=[row.pk for row in gone]).delete()
        made = [self._claim(ends, detail) for ends, detail in wanted.items() if ends not in held]
        ProvenanceClaim.objects.bulk_create(made, batch_size=BATCH_ROWS)
        through = ProvenanceClaim.sources.through
        cites = [through(provenanceclaim_id=row.pk, source_id=self.source.pk) for row in made]
        through._default_manager.bulk_create(cites, batch_size=BATCH_ROWS)
        self.claims = made
        return {row.subject_dataset_id or 0 for row in (*gone, *made)}

    def _said_claims(self, described: Described) -> dict[ClaimEnds, str]:
        datasets = self._datasets_by_name()
        said: dict[ClaimEnds, str] = {}
        for dataset, row in described.values():
            for name in row.facts.get("generated_by", []):
                if model := self.generators.get(name.casefold()):
                    said.setdefault((dataset.pk, "generated_by", model.pk, None), f"as “{name}”"[:300])
            for name in row.facts.get("derived_from", []):
                found = datasets.get(name.casefold())
                if found and found != dataset.pk:
                    said.setdefault((dataset.pk, "derived_from", None, found), f"as “{name}”"[:300])
        return said

    def _datasets_by_name(self) -> dict[str, int | None]:
        """Datasets that a name, address or reference leads to; a name that several bear leads nowhere."""
        own = Q(organisation=self.owner) if self.owner else Q(pk__in=[])
        visible = Dataset.objects.filter(Q(visibility=Dataset.Visibility.PUBLIC) | own)
        names: dict[str, int | None] = {}
        for pk, slug, name, address in visible.values_list("pk", "slug", "name", "address"):
            for text in {slug.casefold(), name.casefold(), address.casefold()} - {""}:
                names[text] = pk if names.get(text, pk) == pk else None
        return names

    def _claim(self, ends: ClaimEnds, detail: str) -> ProvenanceClaim:
        subject, relation, model, dataset = ends
        return ProvenanceClaim(
            key=f"{KEY}{new_public_id()}",
            subject_dataset_id=subject,
            relation=relation,
            object_model_id=model,
            object_dataset_id=dataset,
            status=self.claim_status,
            detail=detail,
        )


KEY = "described-"  # how keys of these claims begin; those of the catalogue's files are never touched


def _number(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))
