"""What the API shows of the registry."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.models import (
    AIModel,
    Component,
    Contribution,
    Dataset,
    DatasetFigure,
    Edition,
    Identifier,
    Item,
    Job,
    ProvenanceClaim,
    Release,
    Source,
    Work,
)
from registry.selectors import progress


class IdentifierOut(serializers.ModelSerializer):
    class Meta:
        model = Identifier
        fields = ["scheme", "value"]


class PersonOut(serializers.ModelSerializer):
    name = serializers.CharField(source="party.name")
    born = serializers.CharField(source="party.born")
    died = serializers.CharField(source="party.died")

    class Meta:
        model = Contribution
        fields = ["name", "born", "died", "role"]


class EditionOut(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Edition
        fields = ["id", "title", "published", "publisher", "language", "translation"]


class WorkOut(serializers.ModelSerializer):
    """A work with its people, identifiers and editions."""

    id = serializers.CharField(source="public_id")
    authors = PersonOut(source="contributions", many=True)
    identifiers = IdentifierOut(many=True)
    editions = EditionOut(many=True)
    registered_by = serializers.CharField(source="registered_by.slug")
    withdrawn = serializers.SerializerMethodField()

    class Meta:
        model = Work
        fields = [
            "id", "title", "subtitle", "authors", "language", "kind", "first_published", "country", "record_reference",
            "identifiers", "editions", "registered_by", "visibility", "revision", "demo", "recorded_at", "withdrawn",
        ]  # fmt: skip

    def get_withdrawn(self, work: Work) -> bool:
        return work.withdrawn_at is not None


class FigureOut(serializers.ModelSerializer):
    """A number somebody stated about a dataset; sources that differ are both shown."""

    source = serializers.CharField(source="source.address")  # type: ignore[assignment]  # a field's own `source`

    class Meta:
        model = DatasetFigure
        fields = ["name", "value", "unit", "source", "note"]


class ReleaseOut(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Release
        fields = ["id", "version", "released_on"]


class ComponentOut(serializers.ModelSerializer):
    dataset = serializers.CharField(source="dataset.slug")
    name = serializers.CharField(source="dataset.name")

    class Meta:
        model = Component
        fields = ["dataset", "name", "raw_gib", "weight_percent"]


class DatasetOut(serializers.ModelSerializer):
    """A dataset with what was stated about it."""

    id = serializers.CharField(source="public_id")
    figures = FigureOut(many=True)
    releases = ReleaseOut(many=True)
    components = serializers.SerializerMethodField()

    class Meta:
        model = Dataset
        fields = [
            "id", "slug", "name", "name_zh", "kind", "description", "origin", "declared_licence", "address", "status",
            "visibility", "demo", "figures", "releases", "components",
        ]  # fmt: skip

    @extend_schema_field(ComponentOut(many=True))
    def get_components(self, dataset: Dataset) -> list[dict[str, Any]]:
        rows = [component for release in dataset.releases.all() for component in release.components.all()]
        return list(ComponentOut(rows, many=True).data)


class ItemOut(serializers.ModelSerializer):
    """One entry of a release."""

    metadata = serializers.DictField()

    class Meta:
        model = Item
        fields = ["name", "sha256", "chars", "words", "media_type", "metadata", "position"]


class AIModelOut(serializers.ModelSerializer):
    """An AI model and who made it."""

    id = serializers.CharField(source="public_id")
    developer = serializers.CharField(source="developer.name")

    class Meta:
        model = AIModel
        fields = ["id", "slug", "name", "name_zh", "developer", "released_on", "licence", "description"]


class SourceOut(serializers.ModelSerializer):
    class Meta:
        model = Source
        fields = ["title", "address", "verified"]


class ClaimOut(serializers.ModelSerializer):
    """A claim of provenance with its status and sources."""

    id = serializers.CharField(source="public_id")
    subject = serializers.SerializerMethodField()
    object = serializers.SerializerMethodField()
    sources = SourceOut(many=True)

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


class JobSummaryOut(serializers.ModelSerializer):
    """A job in a list; its own address says how far it is."""

    id = serializers.CharField(source="public_id")

    class Meta:
        model = Job
        fields = ["id", "kind", "state", "recorded_at", "started_at", "ended_at", "reason", "cancel_requested"]


class JobOut(serializers.ModelSerializer):
    """A job: stage, done, total, rate (units a second) and remaining time, its parts counted in."""

    id = serializers.CharField(source="public_id")
    stage = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    rate = serializers.FloatField(allow_null=True)
    eta_seconds = serializers.IntegerField(allow_null=True)
    notices = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Job
        fields = [
            "id", "kind", "state", "stage", "done", "total", "rate", "eta_seconds", "attempts", "recorded_at",
            "started_at", "ended_at", "reason", "notices", "cancel_requested",
        ]  # fmt: skip

    def to_representation(self, job: Job) -> dict[str, Any]:
        far = progress.of(job)
        job.stage, job.done, job.total = far.stage, far.done, far.total
        job.rate, job.eta_seconds = far.rate, far.eta_seconds  # type: ignore[attr-defined]
        return dict(super().to_representation(job))


class CheckpointOut(serializers.Serializer):
    """The log's size, its latest checkpoint (a signed note) and the key that signs it."""

    size = serializers.IntegerField(min_value=0)
    checkpoint = serializers.CharField(allow_blank=True)
    verifier_key = serializers.CharField()


class LogEntryOut(serializers.Serializer):
    """An entry's hash and its inclusion proof (RFC 9162), hexadecimal; `leaf` only for whom it belongs to."""

    position = serializers.IntegerField(min_value=0)
    leaf_hash = serializers.CharField()
    size = serializers.IntegerField(min_value=1)
    path = serializers.ListField(child=serializers.CharField())
    checkpoint = serializers.CharField()
    leaf = serializers.CharField(required=False)


class ConsistencyOut(serializers.Serializer):
    """The proof that the log of size `new` begins with that of size `old` (RFC 9162), hexadecimal."""

    old = serializers.IntegerField(min_value=0)
    new = serializers.IntegerField(min_value=0)
    path = serializers.ListField(child=serializers.CharField())


class ConsistencyIn(serializers.Serializer):
    """Two sizes the log has had, the smaller one first."""

    old = serializers.IntegerField(min_value=0)
    new = serializers.IntegerField(min_value=0)
