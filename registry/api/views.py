"""The registry's part of the API: works, datasets, models, claims, jobs and the log."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import access, jobs
from registry.api import filters, serializers
from registry.api.authentication import actor_of
from registry.errors import InvalidInput, NotAllowed, NotFound
from registry.models import AIModel, Checkpoint, Dataset, Entry, Item, Job, ProvenanceClaim, Work
from registry.services import log, works


class WorkViewSet(viewsets.GenericViewSet, mixins.ListModelMixin):
    """Registered works."""

    scope = "works"
    serializer_class = serializers.WorkOut
    filterset_class = filters.WorkFilter
    lookup_field = "public_id"
    queryset = Work.objects.none()

    def get_queryset(self) -> QuerySet[Work]:
        rows = access.works(actor_of(self.request)).select_related("registered_by")
        return rows.prefetch_related("contributions__party", "identifiers", "editions")

    @extend_schema(responses=serializers.WorkOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One work."""
        return Response(self.get_serializer(access.work(actor_of(request), public_id)).data)

    @extend_schema(request=serializers.WorkIn, responses={201: serializers.WorkOut})
    def create(self, request: Request) -> Response:
        """Register a work for the caller's organisation."""
        given = serializers.WorkIn(data=request.data)
        given.is_valid(raise_exception=True)
        work = works.register(given.to_facts(), actor=actor_of(request))
        return Response(
            self.get_serializer(work).data, status=201, headers={"Location": f"/api/v1/works/{work.public_id}"}
        )


class DatasetViewSet(viewsets.GenericViewSet, mixins.ListModelMixin):
    """Datasets with their figures, releases and components."""

    serializer_class = serializers.DatasetOut
    filterset_class = filters.DatasetFilter
    lookup_field = "slug"
    queryset = Dataset.objects.none()

    def get_queryset(self) -> QuerySet[Dataset]:
        rows = access.datasets(actor_of(self.request))
        return rows.prefetch_related("figures__source", "releases__components__dataset")

    @extend_schema(responses=serializers.DatasetOut)
    def retrieve(self, request: Request, slug: str) -> Response:
        """One dataset by its slug."""
        return Response(self.get_serializer(access.dataset(actor_of(request), slug)).data)


class ItemViewSet(viewsets.GenericViewSet, mixins.ListModelMixin):
    """The entries of a release."""

    serializer_class = serializers.ItemOut
    queryset = Item.objects.none()

    def get_queryset(self) -> QuerySet[Item]:
        release = access.releases(actor_of(self.request)).filter(public_id=self.kwargs["release"]).first()
        if release is None:
            raise NotFound("There is no such release, or none that you may see.")
        return Item.objects.filter(release=release)


class AIModelViewSet(viewsets.GenericViewSet, mixins.ListModelMixin):
    """AI models."""

    serializer_class = serializers.AIModelOut
    lookup_field = "slug"
    queryset = AIModel.objects.select_related("developer")

    @extend_schema(responses=serializers.AIModelOut)
    def retrieve(self, request: Request, slug: str) -> Response:
        """One model by its slug."""
        return Response(self.get_serializer(access.ai_model(actor_of(request), slug)).data)


class ClaimViewSet(viewsets.GenericViewSet, mixins.ListModelMixin):
    """Claims of provenance, with status and sources."""

    serializer_class = serializers.ClaimOut
    filterset_class = filters.ClaimFilter
    queryset = ProvenanceClaim.objects.none()

    def get_queryset(self) -> QuerySet[ProvenanceClaim]:
        return ProvenanceClaim.objects.select_related(
            "subject_model", "subject_dataset", "object_model", "object_dataset"
        ).prefetch_related("sources")


class JobViewSet(viewsets.GenericViewSet, mixins.ListModelMixin):
    """The organisation's jobs."""

    scope = "jobs"
    serializer_class = serializers.JobOut
    filterset_class = filters.JobFilter
    lookup_field = "public_id"
    queryset = Job.objects.none()

    def get_queryset(self) -> QuerySet[Job]:
        return access.jobs(actor_of(self.request))

    @extend_schema(responses=serializers.JobOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One job: poll this address."""
        return Response(self.get_serializer(access.job(actor_of(request), public_id)).data)

    @extend_schema(request=None, responses={202: serializers.JobOut})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Ask a job to stop; it ends within its current chunk."""
        actor = actor_of(request)
        job = access.job(actor, public_id)
        if not actor.may_write:
            raise NotAllowed("You need the role of editor or owner to stop a job.")
        jobs.cancel(job)
        job.refresh_from_db()
        return Response(self.get_serializer(job).data, status=202)


class LogView(APIView):
    """The log's latest checkpoint and the key that signs it: public, so that anybody can watch it."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        latest = Checkpoint.objects.order_by("size").last()
        return Response(
            {
                "size": latest.size if latest else 0,
                "checkpoint": latest.note if latest else "",
                "verifier_key": log.verifier_key(),
            }
        )


class LogEntryView(APIView):
    """One entry's hash and its inclusion proof; its content only for the organisation it belongs to."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, position: int) -> Response:
        entry = Entry.objects.filter(position=position).first()
        latest = Checkpoint.objects.order_by("size").last()
        if entry is None or latest is None:
            raise NotFound(f"The log has no entry {position}.")
        body: dict[str, Any] = {
            "position": position,
            "leaf_hash": bytes(entry.leaf_hash).hex(),
            "size": latest.size,
            "path": [step.hex() for step in log.inclusion_path(position, latest.size)],
            "checkpoint": latest.note,
        }
        if access.entries(actor_of(request)).filter(pk=entry.pk).exists():
            body["leaf"] = bytes(entry.leaf).decode()
        return Response(body)


class LogConsistencyView(APIView):
    """The proof that a later log begins with an earlier one."""

    @extend_schema(
        responses=OpenApiTypes.OBJECT,
        parameters=[OpenApiParameter("old", int, required=True), OpenApiParameter("new", int, required=True)],
    )
    def get(self, request: Request) -> Response:
        try:
            old, new = int(request.query_params["old"]), int(request.query_params["new"])
        except (KeyError, ValueError):
            raise InvalidInput("Give `old` and `new`, two sizes of the log.") from None
        latest = Checkpoint.objects.order_by("size").last()
        if not 0 <= old <= new <= (latest.size if latest else 0):
            raise InvalidInput("`old` and `new` are sizes the log has had, the smaller one first.")
        return Response({"old": old, "new": new, "path": [step.hex() for step in log.consistency_path(old, new)]})
