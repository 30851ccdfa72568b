"""The API of standing offers and of templates of terms."""

from collections import Counter

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import access
from licensing.api import offer_serializers as shapes
from licensing.api.agreement_serializers import ConcludedOut
from licensing.api.agreements import concluded
from licensing.api.bodies import SCOPE, taken, works_of
from licensing.models import Offer, TermsTemplate
from licensing.selectors import licence_requests as reads
from licensing.selectors import missing
from licensing.services import standing_offers, terms_templates
from licensing.services.assertions import today
from registry.api.authentication import actor_of
from registry.api.base import PUBLIC_ID, ListedViewSet
from registry.api.filters import TrueOrFalse


class OfferFilter(django_filters.FilterSet):
    work = django_filters.CharFilter(field_name="work__public_id")
    organisation = django_filters.CharFilter(field_name="asserted_by__slug")
    withdrawn = TrueOrFalse(field_name="withdrawn_at", method="was_withdrawn")
    open = TrueOrFalse(method="is_open", label="Offers that can be accepted here now, or the others.")
    clearance = django_filters.CharFilter(method="for_what_is_missing", label="For works that your clearance misses.")

    class Meta:
        model = Offer
        fields: list[str] = []

    def was_withdrawn(self, rows: QuerySet[Offer], name: str, value: bool) -> QuerySet[Offer]:
        """Offers that were taken back, or those that stand."""
        return rows.filter(withdrawn_at__isnull=not value)

    def is_open(self, rows: QuerySet[Offer], name: str, value: bool) -> QuerySet[Offer]:
        """Offers that stand, have terms, have not ended and are not taken by others."""
        still = reads.acceptable(today())
        return rows.filter(still) if value else rows.exclude(still)

    def for_what_is_missing(self, rows: QuerySet[Offer], name: str, value: str) -> QuerySet[Offer]:
        """Offers for works that a clearance of the caller misses now; of anybody else's clearance there is none."""
        found = access.clearances(actor_of(self.request)).filter(public_id=value.replace("\0", ""))
        verdicts = access.verdicts(actor_of(self.request)).filter(clearance__in=found)
        return rows.filter(work__in=missing.verdicts(verdicts).values("work"))


class OfferViewSet(ListedViewSet):
    """Standing offers: public, as published."""

    scope = SCOPE
    read_scopes = None
    serializer_class = shapes.OfferOut
    filterset_class = OfferFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Offer.objects.none()

    def get_queryset(self) -> QuerySet[Offer]:
        return access.standing_offers(self.actor)

    @extend_schema(responses=shapes.OfferOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One offer."""
        return Response(self.get_serializer(access.standing_offer(self.actor, public_id)).data)

    @extend_schema(request=shapes.OffersIn, responses={201: shapes.PublishedOut})
    def create(self, request: Request) -> Response:
        """Publish an offer for many works: one offer a work, one log entry."""
        self.actor.require_writer()
        data = taken(shapes.OffersIn(data=request.data))
        made = standing_offers.publish(works=works_of(self, data.pop("works")), actor=self.actor, **data)
        first = made.offers[0].public_id
        said = {"offers": len(made.offers), "first": first, "left_out": dict(Counter(made.left_out.values()))}
        return Response(shapes.PublishedOut(said).data, status=201, headers={"Location": f"/api/v1/offers/{first}"})

    @extend_schema(request=shapes.AcceptanceIn, responses={201: ConcludedOut})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, public_id: str) -> Response:
        """Accept an offer: the agreement is made at once. 409 where others took the last one."""
        self.actor.require_writer()
        row = access.standing_offer(self.actor, public_id)
        wanted = taken(shapes.AcceptanceIn(data=request.data))["works"]
        works = None if wanted is None else works_of(self, wanted)
        return concluded(standing_offers.accept(row, actor=self.actor, works=works))

    @extend_schema(request=shapes.OfferWithdrawalIn, responses=shapes.OfferOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Take an offer back. What was agreed on it stays."""
        row = access.standing_offer(self.actor, public_id)
        data = taken(shapes.OfferWithdrawalIn(data=request.data))
        standing_offers.withdraw(row, actor=self.actor, **data)
        return Response(self.get_serializer(access.standing_offer(self.actor, public_id)).data)


class TermsTemplateViewSet(ListedViewSet):
    """Templates of terms of the organisation, every version."""

    scope = SCOPE
    serializer_class = shapes.TemplateOut
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = TermsTemplate.objects.none()

    def get_queryset(self) -> QuerySet[TermsTemplate]:
        return access.terms_templates(self.actor)

    @extend_schema(responses=shapes.TemplateOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One version of a template."""
        return Response(self.get_serializer(access.terms_template(self.actor, public_id)).data)

    @extend_schema(request=shapes.TemplateIn, responses={201: shapes.TemplateOut})
    def create(self, request: Request) -> Response:
        """Keep terms under a name."""
        made = terms_templates.save(actor=self.actor, **taken(shapes.TemplateIn(data=request.data)))
        headers = {"Location": f"/api/v1/terms-templates/{made.public_id}"}
        return Response(self.get_serializer(made).data, status=201, headers=headers)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, public_id: str) -> Response:
        """Take a template off the list, all its versions."""
        terms_templates.withdraw(access.terms_template(self.actor, public_id), actor=self.actor)
        return Response(status=204)
