"""The API of agreements and their grants."""

from collections import Counter
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from licensing import access
from licensing.api import agreement_serializers as shapes
from licensing.api.bodies import SCOPE, private_file, taken, works_of
from licensing.api.views import AnyFormat
from licensing.evidence.wording import LANGUAGES
from licensing.models import Agreement, Grant
from licensing.services import agreement_documents, agreements
from licensing.services.assertions import today
from licensing.services.terms_input import read_terms
from registry.api import pagination
from registry.api.base import PUBLIC_ID, ApiView, ListedViewSet, validated_query
from registry.api.filters import OneOf
from registry.errors import InvalidInput
from registry.models import Organisation

JSON_LD, PDF = "application/ld+json", "application/pdf"


class AgreementFilter(django_filters.FilterSet):
    state = OneOf(Agreement.State.values)
    granted_by = django_filters.CharFilter(field_name="granted_by__slug")
    licensee = django_filters.CharFilter(field_name="licensee__slug")

    class Meta:
        model = Agreement
        fields: list[str] = []


class AgreementViewSet(ListedViewSet):
    """Agreements that the organisation is a party of."""

    scope = SCOPE
    serializer_class = shapes.AgreementOut
    filterset_class = AgreementFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Agreement.objects.none()

    def get_queryset(self) -> QuerySet[Agreement]:
        return access.agreements(self.actor)

    @extend_schema(responses=shapes.AgreementOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One agreement."""
        return Response(self.get_serializer(access.agreement(self.actor, public_id)).data)

    @extend_schema(responses={(200, JSON_LD): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], content_negotiation_class=AnyFormat)
    def document(self, request: Request, public_id: str) -> HttpResponse:
        """The signed document as JSON-LD (ODRL). 404 for the moment until it is signed."""
        found = access.agreement(self.actor, public_id)
        return private_file(agreement_documents.file(found), JSON_LD, f"colophon-agreement-{found.public_id}.jsonld")

    @extend_schema(
        parameters=[OpenApiParameter("language", enum=list(LANGUAGES), default="en")],
        responses={(200, PDF): OpenApiTypes.BINARY},
    )
    @action(detail=True, methods=["get"], content_negotiation_class=AnyFormat)
    def pdf(self, request: Request, public_id: str) -> HttpResponse:
        """The same as a page of paper. 404 for the moment until it is signed."""
        language = validated_query(shapes.LanguageQuery(data=request.query_params.dict()))["language"]
        found = access.agreement(self.actor, public_id)
        return private_file(agreement_documents.pdf(found, language), PDF, f"colophon-agreement-{found.public_id}.pdf")

    def known_parameters(self) -> frozenset[str]:
        return frozenset({"language"}) if self.action == "pdf" else super().known_parameters()

    @extend_schema(request=shapes.RevocationIn, responses=shapes.AgreementOut)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, public_id: str) -> Response:
        """Take a licence back from a day on. Answers that rest on it are looked at again."""
        row = access.agreement(self.actor, public_id)
        data = taken(shapes.RevocationIn(data=request.data))
        return Response(self.get_serializer(agreements.revoke(row, actor=self.actor, **data)).data)

    @extend_schema(request=shapes.RenewalIn, responses={201: shapes.ConcludedOut})
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, public_id: str) -> Response:
        """Continue an agreement on its terms for a further term."""
        row = access.agreement(self.actor, public_id)
        data = taken(shapes.RenewalIn(data=request.data))
        return concluded(agreements.renew(row, actor=self.actor, **data))

    @extend_schema(request=shapes.SublicenceIn, responses={201: shapes.ConcludedOut})
    @action(detail=True, methods=["post"])
    def sublicences(self, request: Request, public_id: str) -> Response:
        """Pass a licence on, as far as it permits."""
        row = access.agreement(self.actor, public_id)
        data = taken(shapes.SublicenceIn(data=request.data))
        licensee = Organisation.objects.filter(slug=data["licensee"]).first()
        if licensee is None:
            raise InvalidInput(
                "There is no such organisation.",
                errors=[{"pointer": "/licensee", "cause": "There is no such organisation."}],
            )
        wanted = data["works"]
        works = None if wanted is None else [work.pk for work in works_of(self, wanted)]
        terms = read_terms(data["terms"])
        return concluded(agreements.sublicense(row, licensee=licensee, terms=terms, works=works, actor=self.actor))


class AgreementGrantViewSet(ListedViewSet):
    """The grants of an agreement, one a work."""

    read_scopes = (SCOPE,)
    serializer_class = shapes.GrantOut
    pagination_class = pagination.InOrder
    queryset = Grant.objects.none()

    def get_queryset(self) -> QuerySet[Grant]:
        return access.agreement_grants(self.actor, access.agreement(self.actor, self.kwargs["agreement"]))


class VerifyView(ApiView):
    """Whether somebody's document of an agreement is genuine. It says nothing of what stands in others."""

    permission_classes = []
    parser_classes = [MultiPartParser]

    @extend_schema(request={"multipart/form-data": shapes.DocumentIn}, responses=shapes.FindingOut)
    def post(self, request: Request) -> Response:
        """Verify a document, the JSON-LD or the PDF. It is read and not kept, and no token is needed."""
        form: Any = request.data
        upload = taken(shapes.DocumentIn(data={name: form.get(name) for name in form}))["file"]
        content = upload.read(agreement_documents.MAX_UPLOAD_BYTES + 1)
        found = agreement_documents.verify(content) if len(content) <= agreement_documents.MAX_UPLOAD_BYTES else None
        return Response(shapes.FindingOut(shapes.Verified(found, today())).data)


def concluded(made: agreements.Concluded) -> Response:
    """An agreement that was made, with the works that it does not reach."""
    said = {"agreement": made.agreement, "left_out": dict(Counter(made.left_out.values()))}
    headers = {"Location": f"/api/v1/agreements/{made.agreement.public_id}"}
    return Response(shapes.ConcludedOut(said).data, status=201, headers=headers)
