"""What the API shows and takes of the registry. Shape is checked here; facts are checked by the services."""

from typing import Any

from rest_framework import serializers

from registry.models import (
    AIModel,
    Component,
    Contribution,
    Dataset,
    Edition,
    Identifier,
    Item,
    Job,
    ProvenanceClaim,
    Work,
)
from registry.models.base import PARTIAL_DATE
from registry.selectors import progress
from registry.services.works import AuthorFacts, EditionFacts, WorkFacts


class StrictSerializer(serializers.Serializer):
    """A serializer that refuses fields it does not know, by name."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError(dict.fromkeys(unknown, "This field is not known here."))
        return super().to_internal_value(data)


class PersonIn(StrictSerializer):
    """An author, editor or translator."""

    name = serializers.CharField(max_length=300)
    born = serializers.RegexField(PARTIAL_DATE, required=False, default="")
    died = serializers.RegexField(PARTIAL_DATE, required=False, default="")
    role = serializers.ChoiceField(Contribution.Role.choices, required=False, default=Contribution.Role.AUTHOR)


class IdentifierIn(StrictSerializer):
    """An identifier, checked by its scheme's own rules."""

    scheme = serializers.ChoiceField(Identifier.Scheme.choices)
    value = serializers.CharField(max_length=255)


class EditionIn(StrictSerializer):
    """One published form of the work."""

    title = serializers.CharField(max_length=500, required=False, default="")
    published = serializers.RegexField(PARTIAL_DATE, required=False, default="")
    publisher = serializers.CharField(max_length=300, required=False, default="")
    language = serializers.CharField(max_length=16, required=False, default="")
    translation = serializers.BooleanField(required=False, default=False)
    translator = PersonIn(required=False)
    identifiers = IdentifierIn(many=True, required=False, default=list)


class WorkIn(StrictSerializer):
    """What a registrant says about a work. What is left out is "not recorded"."""

    title = serializers.CharField(max_length=500)
    subtitle = serializers.CharField(max_length=500, required=False, default="")
    authors = PersonIn(many=True, required=False, default=list)
    language = serializers.CharField(max_length=16, required=False, default="")
    kind = serializers.ChoiceField(Work.Kind.choices, required=False, default=Work.Kind.BOOK)
    first_published = serializers.RegexField(PARTIAL_DATE, required=False, default="")
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False, default="")
    record_reference = serializers.CharField(max_length=200, required=False, default="")
    identifiers = IdentifierIn(many=True, required=False, default=list)
    editions = EditionIn(many=True, required=False, default=list)

    def to_facts(self) -> WorkFacts:
        """The validated data as the service takes it."""
        data = dict(self.validated_data)
        data["authors"] = [AuthorFacts(**author) for author in data["authors"]]
        data["identifiers"] = _pairs(data["identifiers"])
        data["editions"] = [_edition(edition) for edition in data["editions"]]
        return WorkFacts(**data)


def _pairs(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(row["scheme"], row["value"]) for row in rows]


def _edition(data: dict[str, Any]) -> EditionFacts:
    translator = data.pop("translator", None)
    return EditionFacts(
        **data | {"identifiers": _pairs(data["identifiers"])},
        translator=AuthorFacts(**translator) if translator else None,
    )


class EditionOut(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Edition
        fields = ["id", "title", "published", "publisher", "language", "translation"]


class WorkOut(serializers.ModelSerializer):
    """A work with its people, identifiers and editions."""

    id = serializers.CharField(source="public_id")
    authors = serializers.SerializerMethodField()
    identifiers = serializers.SerializerMethodField()
    editions = EditionOut(many=True)
    registered_by = serializers.CharField(source="registered_by.slug")
    withdrawn = serializers.SerializerMethodField()

    class Meta:
        model = Work
        fields = [
            "id", "title", "subtitle", "authors", "language", "kind", "first_published", "country", "record_reference",
            "identifiers", "editions", "registered_by", "demo", "recorded_at", "withdrawn",
        ]  # fmt: skip

    def get_authors(self, work: Work) -> list[dict[str, str]]:
        return [
            {"name": row.party.name, "born": row.party.born, "died": row.party.died, "role": row.role}
            for row in work.contributions.all()
        ]

    def get_identifiers(self, work: Work) -> list[dict[str, str]]:
        return [{"scheme": row.scheme, "value": row.value} for row in work.identifiers.all()]

    def get_withdrawn(self, work: Work) -> bool:
        return work.withdrawn_at is not None


class ComponentOut(serializers.ModelSerializer):
    dataset = serializers.CharField(source="dataset.slug")
    name = serializers.CharField(source="dataset.name")

    class Meta:
        model = Component
        fields = ["dataset", "name", "raw_gib", "weight_percent"]


class DatasetOut(serializers.ModelSerializer):
    """A dataset with what was stated about it."""

    id = serializers.CharField(source="public_id")
    figures = serializers.SerializerMethodField()
    releases = serializers.SerializerMethodField()
    components = serializers.SerializerMethodField()

    class Meta:
        model = Dataset
        fields = [
            "id", "slug", "name", "name_zh", "kind", "description", "origin", "declared_licence", "address", "status",
            "visibility", "demo", "figures", "releases", "components",
        ]  # fmt: skip

    def get_figures(self, dataset: Dataset) -> list[dict[str, Any]]:
        return [
            {
                "name": row.name,
                "value": str(row.value),
                "unit": row.unit,
                "source": row.source.address,
                "note": row.note,
            }
            for row in dataset.figures.all()
        ]

    def get_releases(self, dataset: Dataset) -> list[dict[str, str]]:
        return [
            {"id": row.public_id, "version": row.version, "released_on": row.released_on}
            for row in dataset.releases.all()
        ]

    def get_components(self, dataset: Dataset) -> list[dict[str, Any]]:
        rows = [component for release in dataset.releases.all() for component in release.components.all()]
        return list(ComponentOut(rows, many=True).data)


class ItemOut(serializers.ModelSerializer):
    """One entry of a release."""

    class Meta:
        model = Item
        fields = ["name", "sha256", "chars", "words", "media_type", "metadata", "position"]


class AIModelOut(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")
    developer = serializers.CharField(source="developer.name")

    class Meta:
        model = AIModel
        fields = ["id", "slug", "name", "name_zh", "developer", "released_on", "licence", "description"]


class ClaimOut(serializers.ModelSerializer):
    """A claim of provenance with its status and sources."""

    id = serializers.CharField(source="public_id")
    subject = serializers.SerializerMethodField()
    object = serializers.SerializerMethodField()
    sources = serializers.SerializerMethodField()

    class Meta:
        model = ProvenanceClaim
        fields = [
            "id", "subject", "relation", "object", "status", "share_percent", "detail", "claimed_on", "verified",
            "sources",
        ]  # fmt: skip

    def get_subject(self, claim: ProvenanceClaim) -> str:
        return claim.subject.slug if claim.subject else ""

    def get_object(self, claim: ProvenanceClaim) -> str:
        return claim.object.slug if claim.object else ""

    def get_sources(self, claim: ProvenanceClaim) -> list[dict[str, Any]]:
        return [{"title": row.title, "address": row.address, "verified": row.verified} for row in claim.sources.all()]


class JobOut(serializers.ModelSerializer):
    """A job: stage, done, total, rate and remaining time."""

    id = serializers.CharField(source="public_id")
    done = serializers.SerializerMethodField()
    total = serializers.SerializerMethodField()
    rate = serializers.SerializerMethodField()
    eta_seconds = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = [
            "id", "kind", "state", "stage", "done", "total", "rate", "eta_seconds", "attempts", "recorded_at",
            "started_at", "ended_at", "reason", "notices", "cancel_requested",
        ]  # fmt: skip

    def get_done(self, job: Job) -> int:
        return progress.of(job).done

    def get_total(self, job: Job) -> int | None:
        return progress.of(job).total

    def get_rate(self, job: Job) -> float | None:
        return progress.of(job).rate

    def get_eta_seconds(self, job: Job) -> int | None:
        return progress.of(job).eta_seconds
