"""The registry's part of the API: works, datasets, models, claims and jobs."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from registry import access, jobs
from registry.api import filters, pagination, representations, serializers
from registry.api.base import PUBLIC_ID, SLUG, ListedViewSet
from registry.api.work_changes import WorkChanges, etag
from registry.errors import Conflict, NotAllowed, NotFound
from registry.models import AIModel, Component, Dataset, Item, Job, ProvenanceClaim, Work
from registry.services import works


class WorkViewSet(WorkChanges, ListedViewSet):
    """Registered works."""

    scope = "works"
    read_scopes = None
    serializer_class = representations.WorkOut
    filterset_class = filters.WorkFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Work.objects.none()

    def get_queryset(self) -> QuerySet[Work]:
        rows = access.works(self.actor).select_related("registered_by")
        return rows.prefetch_related("contributions__party", "identifiers", "editions")

    @extend_schema(responses=representations.WorkOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One work."""
        found = access.work(self.actor, public_id)
        return Response(self.get_serializer(found).data, headers={"ETag": etag(found)})

    @extend_schema(request=serializers.WorkIn, responses={201: representations.WorkOut})
    def create(self, request: Request) -> Response:
        """Register a work for the caller's organisation."""
        given = serializers.WorkIn(data=request.data)
        given.is_valid(raise_exception=True)
        work = works.register(given.to_facts(), actor=self.actor)
        address = f"/api/v1/works/{work.public_id}"
        headers = {"Location": address, "ETag": etag(work)}
        return Response(self.get_serializer(work).data, status=201, headers=headers)


class DatasetViewSet(ListedViewSet):
    """Datasets with their figures, releases and components: the public ones, and the organisation's own."""

    read_scopes = ("scans",)
    serializer_class = representations.DatasetOut
    filterset_class = filters.DatasetFilter
    lookup_field = "slug"
    lookup_value_regex = SLUG
    queryset = Dataset.objects.none()

    def get_queryset(self) -> QuerySet[Dataset]:
        visible = access.datasets(self.actor)
        components = Component.objects.filter(dataset__in=visible).select_related("dataset")
        return visible.prefetch_related(
            "figures__source", "releases", Prefetch("releases__components", queryset=components)
        )

    @extend_schema(responses=representations.DatasetOut)
    def retrieve(self, request: Request, slug: str) -> Response:
        """One dataset by its slug."""
        found = self.get_queryset().filter(slug=slug).first()
        return Response(self.get_serializer(found or access.dataset(self.actor, slug)).data)


class ItemViewSet(ListedViewSet):
    """The entries of a release, in the order in which they were read."""

    read_scopes = ("scans",)
    serializer_class = representations.ItemOut
    pagination_class = pagination.ByPosition
    queryset = Item.objects.none()

    def get_queryset(self) -> QuerySet[Item]:
        release = access.releases(self.actor).filter(public_id=self.kwargs["release"]).first()
        if release is None:
            raise NotFound("There is no such release, or none that you may see.")
        return Item.objects.filter(release=release)


class AIModelViewSet(ListedViewSet):
    """AI models."""

    read_scopes = None
    serializer_class = representations.AIModelOut
    lookup_field = "slug"
    lookup_value_regex = SLUG
    queryset = AIModel.objects.select_related("developer")

    @extend_schema(responses=representations.AIModelOut)
    def retrieve(self, request: Request, slug: str) -> Response:
        """One model by its slug."""
        return Response(self.get_serializer(access.ai_model(self.actor, slug)).data)


class ClaimViewSet(ListedViewSet):
    """Claims of provenance, with status and sources."""

    read_scopes = None
    serializer_class = representations.ClaimOut
    filterset_class = filters.ClaimFilter
    queryset = ProvenanceClaim.objects.none()

    def get_queryset(self) -> QuerySet[ProvenanceClaim]:
        visible = access.datasets(self.actor)
        rows = ProvenanceClaim.objects.filter(
            Q(subject_dataset=None) | Q(subject_dataset__in=visible),
            Q(object_dataset=None) | Q(object_dataset__in=visible),
        )
        related = rows.select_related("subject_model", "subject_dataset", "object_model", "object_dataset")
        return related.prefetch_related("sources")


class JobViewSet(ListedViewSet):
    """The organisation's jobs."""

    scope = "jobs"
    # whoever starts a job may watch it
    read_scopes = ("scans", "clearances", "reports", "works", "imports", "linkages", "licences")
    filterset_class = filters.JobFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Job.objects.none()

    def get_queryset(self) -> QuerySet[Job]:
        return access.jobs(self.actor)

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return representations.JobSummaryOut if self.action == "list" else representations.JobOut

    @extend_schema(responses=representations.JobOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One job: poll this address."""
        return Response(self.get_serializer(access.job(self.actor, public_id)).data)

    @extend_schema(request=None, responses={202: representations.JobOut})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Ask a job to stop; it ends within its current chunk."""
        job = access.job(self.actor, public_id)
        if not self.actor.may_write:
            raise NotAllowed("You need the role of editor or owner to stop a job.")
        if job.ended:
            raise Conflict(f"This job has ended: it is {job.state}.")
        jobs.cancel(job)
        job.refresh_from_db()
        address = f"/api/v1/jobs/{job.public_id}"
        return Response(self.get_serializer(job).data, status=202, headers={"Location": address})
