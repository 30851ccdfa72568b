"""The API of authority: who speaks for a work, proved domains, disputes and how they were settled."""

from typing import Any

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

import registry.access
from licensing import access
from licensing.api import authority_serializers as serializers
from licensing.selectors import disputes
from licensing.services import ownership, proofs
from licensing.services.assertions import today
from registry.api.base import PUBLIC_ID, ListedViewSet
from registry.api.filters import OneOf, TrueOrFalse
from registry.api.representations import JobOut
from registry.errors import InvalidInput
from registry.models import Capacity, ClaimDecision, Domain, Party, RightsClaim, Verification, Work
from registry.search import sync
from registry.services import domains
from registry.services.people import parties_of
from registry.services.work_facts import AuthorFacts


class AuthorityFilter(django_filters.FilterSet):
    work = django_filters.CharFilter(field_name="work__public_id")
    asserted_by = django_filters.CharFilter(field_name="asserted_by__slug")
    capacity = OneOf(Capacity.values)
    ai_rights = OneOf(RightsClaim.AiRights.values)
    verification = OneOf(Verification.values)
    exclusive = TrueOrFalse()
    withdrawn = TrueOrFalse(field_name="withdrawn_at", method="was_withdrawn")

    class Meta:
        model = RightsClaim
        fields: list[str] = []

    def was_withdrawn(self, rows: QuerySet[RightsClaim], name: str, value: bool) -> QuerySet[RightsClaim]:
        """Claims that were withdrawn, or those that stand."""
        return rows.filter(withdrawn_at__isnull=not value)


class AuthorityViewSet(ListedViewSet):
    """Who speaks for which work, in which capacity."""

    scope = "works"
    read_scopes = None
    serializer_class = serializers.AuthorityOut
    filterset_class = AuthorityFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = RightsClaim.objects.none()

    def get_queryset(self) -> QuerySet[RightsClaim]:
        rows = access.rights_claims(self.actor)
        return rows.prefetch_related("set_aside_by", "counter_signatures__organisation")

    @extend_schema(responses=serializers.AuthorityOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One claim of authority."""
        return Response(self.get_serializer(access.rights_claim(self.actor, public_id)).data)

    @extend_schema(request=serializers.AuthorityIn, responses={201: serializers.AuthorityOut})
    def create(self, request: Request) -> Response:
        """State the organisation's authority for a work. Others may say otherwise: both are kept."""
        given = serializers.AuthorityIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        work = registry.access.work(self.actor, data["work"])
        with transaction.atomic():
            row = ownership.claim(
                work=work,
                holder=self._holder(data["holder"], work),
                scope=given.to_scope(),
                exclusive=data["exclusive"],
                ai_rights=data["ai_rights"],
                actor=self.actor,
            )
        address = f"/api/v1/authorities/{row.public_id}"
        return Response(self.get_serializer(row).data, status=201, headers={"Location": address})

    def _holder(self, name: str, work: Work) -> Party:
        organisation = self.actor.require_writer()
        if not name.strip():
            return ownership.holder_of(organisation)
        is_public = work.visibility == Work.Visibility.PUBLIC
        [party] = parties_of([AuthorFacts(name=name.strip())], organisation=organisation, is_public=is_public)
        sync.refresh(party)
        return party

    @extend_schema(
        operation_id="v1_authorities_bulk",
        request=serializers.AuthoritiesIn,
        responses={201: serializers.AuthorityOut(many=True)},
        filters=False,
    )
    @action(detail=False, methods=["post"], pagination_class=None)
    def bulk(self, request: Request) -> Response:
        """State the same authority for up to 1,000 works: all of them or none, with one log entry."""
        given = serializers.AuthoritiesIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        wanted = list(dict.fromkeys(data.pop("works")))
        visible = registry.access.works(self.actor).filter(public_id__in=[each for each in wanted if "\0" not in each])
        found = {work.public_id: work for work in visible}
        unknown = [number for number, each in enumerate(wanted) if each not in found]
        if unknown:
            errors = [{"pointer": f"/works/{number}", "cause": "There is no such work."} for number in unknown]
            raise InvalidInput("Some of these works do not exist, or you may not see them.", errors=errors)
        observed_at = data.pop("observed_at", None) or today()
        rows = ownership.claim_many(
            works=[found[each] for each in wanted], observed_at=observed_at, actor=self.actor, **data
        )
        shown = self.get_queryset().filter(pk__in=[row.pk for row in rows]).order_by("pk")
        return Response(self.get_serializer(shown, many=True).data, status=201)

    @extend_schema(request=serializers.WithdrawalIn, responses=serializers.AuthorityOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Withdraw the organisation's own claim: it ends today and still counts for earlier days."""
        given = serializers.WithdrawalIn(data=request.data)
        given.is_valid(raise_exception=True)
        row = access.own_rights_claim(self.actor, public_id)
        ownership.withdraw(row, reason=given.validated_data["reason"], actor=self.actor)
        return Response(self.get_serializer(access.rights_claim(self.actor, public_id)).data)


class DomainViewSet(ListedViewSet):
    """The organisation's domains."""

    scope = "works"
    serializer_class = serializers.DomainOut
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Domain.objects.none()

    def get_queryset(self) -> QuerySet[Domain]:
        return access.domains(self.actor)

    @extend_schema(responses=serializers.DomainOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One domain, with its challenge and what the latest look found."""
        return Response(self.get_serializer(access.domain(self.actor, public_id)).data)

    @extend_schema(request=serializers.DomainIn, responses={201: serializers.DomainOut})
    def create(self, request: Request) -> Response:
        """Add a domain; publish `value`, then have it checked."""
        given = serializers.DomainIn(data=request.data)
        given.is_valid(raise_exception=True)
        row = domains.add(name=given.validated_data["name"], actor=self.actor)
        address = f"/api/v1/domains/{row.public_id}"
        return Response(self.get_serializer(row).data, status=201, headers={"Location": address})

    @extend_schema(request=None, responses={202: JobOut})
    @action(detail=True, methods=["post"])
    def check(self, request: Request, public_id: str) -> Response:
        """Have the proof looked for: answers with the job that does it."""
        row = access.domain(self.actor, public_id)
        job = proofs.ask(row, actor=self.actor)
        headers = {"Location": f"/api/v1/jobs/{job.public_id}"}
        return Response(JobOut(job, context=self.get_serializer_context()).data, status=202, headers=headers)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, public_id: str) -> Response:
        """Take the domain off the list; what rests on it alone counts as unverified."""
        proofs.remove(access.domain(self.actor, public_id), actor=self.actor)
        return Response(status=204)


class DecisionFilter(django_filters.FilterSet):
    work = django_filters.CharFilter(field_name="work__public_id")
    ground = OneOf(ClaimDecision.Ground.values)

    class Meta:
        model = ClaimDecision
        fields: list[str] = []


class DecisionViewSet(ListedViewSet):
    """How disputes were settled."""

    read_scopes = None
    serializer_class = serializers.DecisionOut
    filterset_class = DecisionFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = ClaimDecision.objects.none()

    def get_queryset(self) -> QuerySet[ClaimDecision]:
        return access.decisions(self.actor).prefetch_related("upheld", "set_aside")

    @extend_schema(responses=serializers.DecisionOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One decision."""
        return Response(self.get_serializer(access.decision(self.actor, public_id)).data)


class DisputeFilter(django_filters.FilterSet):
    work = django_filters.CharFilter(field_name="public_id")

    class Meta:
        model = Work
        fields: list[str] = []


class DisputeViewSet(ListedViewSet):
    """Works whose claims contradict each other, newest first."""

    read_scopes = None
    serializer_class = serializers.DisputeOut
    filterset_class = DisputeFilter
    queryset = Work.objects.none()

    def get_queryset(self) -> QuerySet[Work]:
        return disputes.candidates(registry.access.works(self.actor))

    def paginate_queryset(self, queryset: Any) -> Any:
        """The disputes of this page's works; a work whose claims do not overlap is left out."""
        works = super().paginate_queryset(queryset)
        found = disputes.of_works(works or [], today())
        return [found[work.pk] for work in works or [] if work.pk in found]
