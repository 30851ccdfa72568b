"""The API of sampling audits and of the registered model output that they compare with. Annotators are numbers here."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from ingest import access
from ingest.models import Audit, OutputCorpus
from ingest.models.audits import MAX_SAMPLED, MAX_SEED
from ingest.sampling.intake import Fields
from ingest.selectors import audits as selectors
from ingest.services import audit_certificates, audit_subjects, audits, joining, output_corpora
from registry.api.base import PUBLIC_ID, ListedViewSet
from registry.api.filters import OneOf
from registry.api.serializers import StrictSerializer
from registry.errors import Conflict

FIELDS = ("batch", "annotator", "date", "prompt")


class OutputCorpusIn(StrictSerializer):
    """Outputs of a model as a file, one a record, and where they are from."""

    file = serializers.FileField(allow_empty_file=True)
    name = serializers.CharField(max_length=200)
    generator = serializers.CharField(max_length=120, help_text="The model, as its provider calls it.")
    provider = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    terms = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    source = serializers.CharField(  # type: ignore[assignment]  # no attribute of the class at run time
        max_length=500, required=False, default="", allow_blank=True
    )
    is_public = serializers.BooleanField(
        required=False, default=False, help_text="Whether other organisations may compare with it."
    )


class OutputCorpusOut(serializers.ModelSerializer):
    """A registered corpus; `outputs` counts once it is `ready`."""

    id = serializers.CharField(source="public_id")
    organisation = serializers.CharField(source="organisation.slug")
    job = serializers.CharField(source="job.public_id", default=None, allow_null=True)

    class Meta:
        model = OutputCorpus
        fields = [
            "id", "name", "provider", "generator", "terms", "source", "is_public", "organisation", "sha256", "outputs",
            "state", "reason", "job", "recorded_at",
        ]  # fmt: skip


class AuditIn(StrictSerializer):
    """A dataset's files and how they are sampled. An empty `sampled` draws every record."""

    file = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        min_length=1,
        max_length=joining.MOST_FILES,
        help_text="May be repeated; records are then called by their file's name.",
    )
    references = serializers.ListField(
        child=serializers.CharField(max_length=12), max_length=100, help_text="Ids of registered corpora, each once."
    )
    title = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    sampled = serializers.IntegerField(
        min_value=1, max_value=MAX_SAMPLED, required=False, default=None, help_text="Records drawn of each batch."
    )
    seed = serializers.IntegerField(min_value=0, max_value=MAX_SEED, required=False, default=None)
    limit = serializers.FloatField(required=False, default=0.01, help_text="A share: a batch above it is flagged.")
    batch_field = serializers.CharField(max_length=100, required=False, default="batch", allow_blank=True)
    annotator_field = serializers.CharField(max_length=100, required=False, default="annotator", allow_blank=True)
    date_field = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    prompt_field = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    text_field = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    dataset = serializers.CharField(
        max_length=200, required=False, default="", allow_blank=True, help_text="Slug or name of what the file is of."
    )
    release = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class AuditAboutIn(StrictSerializer):
    """Which dataset an audit is about; null: none."""

    dataset = serializers.CharField(max_length=200, allow_null=True, allow_blank=True)
    release = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class AuditOut(serializers.ModelSerializer):
    """An audit. `sample` and `result_digest` are what the log's two entries say."""

    id = serializers.CharField(source="public_id")
    columns = serializers.DictField(
        source="fields", child=serializers.CharField(), help_text="What batch, annotator and the others are called."
    )
    references: Any = serializers.SlugRelatedField("public_id", many=True, read_only=True)
    job = serializers.CharField(source="job.public_id", default=None, allow_null=True)
    dataset = serializers.CharField(source="dataset.slug", default=None, allow_null=True)
    release = serializers.CharField(source="release.version", default=None, allow_null=True)
    sample_position = serializers.IntegerField(
        source="sample_entry.position", default=None, allow_null=True, help_text="In the log; null until numbered."
    )
    result_position = serializers.IntegerField(source="result_entry.position", default=None, allow_null=True)

    class Meta:
        model = Audit
        fields = [
            "id", "title", "dataset", "release", "file_name", "size_bytes", "sha256", "columns", "references", "seed",
            "sampled", "limit", "state", "reason", "job", "sample", "sample_position", "result_digest",
            "result_position", "recorded_at", "ended_at",
        ]  # fmt: skip


class AuditFilter(django_filters.FilterSet):
    state = OneOf(Audit.State.values)
    sha256 = django_filters.CharFilter()

    class Meta:
        model = Audit
        fields: list[str] = []


class OutputCorpusFilter(django_filters.FilterSet):
    state = OneOf(OutputCorpus.State.values)
    sha256 = django_filters.CharFilter()

    class Meta:
        model = OutputCorpus
        fields: list[str] = []


class _Uploads(ListedViewSet):
    """What comes as a form with a file; all else is JSON."""

    scope = "scans"
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID

    def get_parsers(self) -> list[Any]:
        is_upload = getattr(self, "action_map", {}).get("post") == "create"
        return [MultiPartParser()] if is_upload else super().get_parsers()


class OutputCorpusViewSet(_Uploads):
    """Registered model output: the organisation's, and what others share."""

    serializer_class = OutputCorpusOut
    filterset_class = OutputCorpusFilter
    queryset = OutputCorpus.objects.none()

    def get_queryset(self) -> QuerySet[OutputCorpus]:
        return access.output_corpora(self.actor)

    @extend_schema(responses=OutputCorpusOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One corpus: poll until `state` is ready or failed."""
        return Response(OutputCorpusOut(access.output_corpus(self.actor, public_id)).data)

    @extend_schema(request={"multipart/form-data": OutputCorpusIn}, responses={202: OutputCorpusOut})
    def create(self, request: Request) -> Response:
        """Register outputs; a worker reads them."""
        self.actor.require_writer()
        form: Any = request.data
        given = OutputCorpusIn(data={name: form.get(name) for name in form})
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        file = data.pop("file")
        about = output_corpora.About(**data)
        made = output_corpora.take(file=file, file_name=file.name, about=about, actor=self.actor)
        return Response(OutputCorpusOut(made).data, status=202, headers=_job_header(made))

    @extend_schema(request=None, responses=OutputCorpusOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Delete the file; no audit compares with it any more."""
        corpus = access.output_corpus(self.actor, public_id)
        output_corpora.withdraw(corpus=corpus, actor=self.actor)
        return Response(OutputCorpusOut(access.output_corpus(self.actor, public_id)).data)


class AuditViewSet(_Uploads):
    """The organisation's audits."""

    serializer_class = AuditOut
    filterset_class = AuditFilter
    queryset = Audit.objects.none()
    conflicting_reads = ("result", "certificate")

    def get_queryset(self) -> QuerySet[Audit]:
        rows = access.audits(self.actor).select_related("sample_entry", "result_entry")
        return rows.prefetch_related("references").defer("result", "shown")

    @extend_schema(responses=AuditOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One audit: poll this address, or its job, until `state` is done, failed or cancelled."""
        return Response(AuditOut(access.audit(self.actor, public_id)).data)

    @extend_schema(request={"multipart/form-data": AuditIn}, responses={202: AuditOut})
    def create(self, request: Request) -> Response:
        """Hand in a dataset; a worker draws the sample, puts it on record and looks."""
        self.actor.require_writer()
        form: Any = request.data
        values = {name: form.get(name) for name in form}
        files = {"file": form.getlist("file")} if "file" in form else {}
        given = AuditIn(data=values | files | {"references": form.getlist("references")})
        given.is_valid(raise_exception=True)
        data = given.validated_data
        references = [access.output_corpus(self.actor, public_id) for public_id in sorted(set(data["references"]))]
        with joining.joined([joining.Upload(file.name, file) for file in data["file"]]) as file:
            made = audits.request(
                file=file.stream,
                file_name=file.name,
                references=references,
                actor=self.actor,
                fields=Fields(**{name: data[f"{name}_field"] for name in FIELDS}),
                about=audit_subjects.find(self.actor, data["dataset"], data["release"]),
                **{name: data[name] for name in ("title", "text_field", "seed", "sampled", "limit")},
            )
        found = access.audit(self.actor, made.public_id)
        return Response(AuditOut(found).data, status=202, headers=_job_header(made))

    @extend_schema(request=AuditAboutIn, responses=AuditOut)
    @action(detail=True, methods=["post"])
    def about(self, request: Request, public_id: str) -> Response:
        """Say which dataset the audit is about; what it measured is then evidence in clearances of that dataset."""
        audit = access.audit(self.actor, public_id)
        given = AuditAboutIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        subject = audit_subjects.find(self.actor, data["dataset"] or "", data["release"])
        audit_subjects.say(audit=audit, subject=subject, actor=self.actor)
        return Response(AuditOut(access.audit(self.actor, public_id)).data)

    @extend_schema(request=None, responses=AuditOut)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Stop an audit that is under way."""
        audits.cancel(audit=access.audit(self.actor, public_id), actor=self.actor)
        return Response(AuditOut(access.audit(self.actor, public_id)).data)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"])
    def result(self, request: Request, public_id: str) -> Response:
        """What was found, as `colophon audit --json` writes it, with annotators by number; 409 before the end."""
        found = access.audit(self.actor, public_id)
        told = selectors.presented(found)
        if told is None:
            raise Conflict("This audit has no result yet.", state=found.state)
        return Response(told)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"])
    def certificate(self, request: Request, public_id: str) -> HttpResponse:
        """The result with the proof that its sample was on record first; 409 until the log has both entries."""
        file = audit_certificates.file(access.audit(self.actor, public_id))
        return HttpResponse(file, content_type="application/json")


def _job_header(made: Audit | OutputCorpus) -> dict[str, str]:
    return {"Location": f"/api/v1/jobs/{made.job.public_id}"} if made.job else {}
