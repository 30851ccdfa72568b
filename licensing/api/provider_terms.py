"""The API of providers' terms: which version applied on a day, open questions, and opinions about them."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

import registry.access
from licensing import output_access
from licensing.api import provider_terms_serializers as shapes
from licensing.api.bodies import taken
from licensing.models import LegalQuestion, Opinion, ProviderTerms
from licensing.rules.facts import Bound
from licensing.selectors import provider_terms
from licensing.services import opinions as opinion_services
from registry.api.base import PUBLIC_ID, ApiView, ListedViewSet, validated_query
from registry.errors import InvalidInput

SCOPE = "clearances"


class ProviderTermsViewSet(ListedViewSet):
    """Versions of providers' terms: public knowledge."""

    read_scopes = None
    serializer_class = shapes.ProviderTermsOut
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = ProviderTerms.objects.none()

    def get_queryset(self) -> QuerySet[ProviderTerms]:
        return output_access.provider_terms()

    @extend_schema(responses=shapes.ProviderTermsOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One version with its clauses."""
        return Response(self.get_serializer(output_access.terms_version(public_id)).data)


class AppliedTermsView(ApiView):
    """Which terms applied to the output of a model on a day; never the nearest version."""

    read_scopes = None
    parameters = frozenset({"provider", "model", "on", "acceptance", "territory", "account"})

    @extend_schema(parameters=[shapes.AppliedIn], responses=shapes.AppliedOut)
    def get(self, request: Request) -> Response:
        """Versions in force with their clauses, and the gaps."""
        asked = validated_query(shapes.AppliedIn(data=request.query_params.dict()))
        provider = output_access.provider(asked["provider"])
        model = registry.access.ai_model(self.actor, asked["model"]) if "model" in asked else None
        if model is not None and model.developer_id != provider.pk:
            cause = "This is not a model of that provider."
            raise InvalidInput(cause, errors=[{"parameter": "model", "cause": cause}])
        found = provider_terms.applied_on(
            provider,
            asked["on"],
            model=model,
            acceptance=Bound(asked["acceptance"]),
            territory=asked["territory"],
            account=asked["account"],
        )
        return Response(_applied(found))


def _applied(found: provider_terms.TermsAnswer) -> dict[str, Any]:
    bindings = {one.clause.pk: one.binding for version in found.applied for one in version.clauses}
    return {
        "provider": found.provider.key,
        "model": found.model.slug if found.model else None,
        "on": found.on,
        "acceptance": found.acceptance.value,
        "code": found.code,
        "applied": [
            {
                "id": version.terms.public_id,
                "key": version.terms.key,
                "title": version.terms.title,
                "document": version.terms.document,
                "verified": version.verified,
                "seen_until": version.seen_until,
                "clauses": shapes.BindingOut(
                    [one.clause for one in version.clauses], many=True, context={"bindings": bindings}
                ).data,
            }
            for version in found.applied
        ],
        "gaps": shapes.GapOut(found.gaps, many=True).data,
        "questions": list(found.questions),
    }


class LegalQuestionViewSet(ListedViewSet):
    """Open questions: public. The opinions are those of the caller's organisation alone."""

    scope = SCOPE
    read_scopes = None
    serializer_class = shapes.LegalQuestionOut
    lookup_field = "key"
    lookup_value_regex = "[-a-zA-Z0-9_]{1,100}"
    queryset = LegalQuestion.objects.none()

    def get_queryset(self) -> QuerySet[LegalQuestion]:
        return output_access.legal_questions()

    @extend_schema(responses=shapes.LegalQuestionOut)
    def retrieve(self, request: Request, key: str) -> Response:
        """One question."""
        return Response(self.get_serializer(output_access.legal_question(key)).data)


class OpinionViewSet(ListedViewSet):
    """What the caller's organisation answered to an open question, newest first."""

    scope = SCOPE
    serializer_class = shapes.OpinionOut
    queryset = Opinion.objects.none()

    def get_queryset(self) -> QuerySet[Opinion]:
        return output_access.opinions(self.actor, output_access.legal_question(self.kwargs["question"]))

    @extend_schema(request=shapes.OpinionIn, responses={201: shapes.OpinionOut})
    def create(self, request: Request, question: str) -> Response:
        """Record an opinion: it supersedes the one before, and changes no verdict."""
        found = output_access.legal_question(question)
        row = opinion_services.record(found, actor=self.actor, **taken(shapes.OpinionIn(data=request.data)))
        return Response(self.get_serializer(row).data, status=201)
