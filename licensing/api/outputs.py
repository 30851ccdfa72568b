"""The API of model output: the register of uses, generated parts, contradictions, whose terms reach a dataset."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

import registry.access
from licensing import output_access
from licensing.api import output_serializers as shapes
from licensing.api.bodies import taken
from licensing.api.provider_terms_serializers import OpinionOut
from licensing.models import GeneratedPart, UseDeclaration
from licensing.output_access import generated_parts as visible_parts
from licensing.rules.facts import Bound
from licensing.selectors import declaration_check, opinions, output_terms
from licensing.selectors.output_terms import OutputAnswer, OutputQuestion, PathAnswer
from licensing.services import generated_parts, use_declarations
from licensing.services.assertions import today
from licensing.services.generated_parts import Part
from licensing.services.use_declarations import Declared
from registry.api.base import PUBLIC_ID, SLUG, ApiView, ListedViewSet, validated_query
from registry.errors import InvalidInput
from registry.models import AIModel, Dataset, Party

SCOPE = "clearances"


class UseDeclarationViewSet(ListedViewSet):
    """The register of the caller's organisation: who uses which provider's model for what."""

    scope = SCOPE
    serializer_class = shapes.UseDeclarationOut
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = UseDeclaration.objects.none()

    def get_queryset(self) -> QuerySet[UseDeclaration]:
        return output_access.use_declarations(self.actor)

    @extend_schema(responses=shapes.UseDeclarationOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One declaration."""
        return Response(self.get_serializer(output_access.use_declaration(self.actor, public_id)).data)

    @extend_schema(request=shapes.UseDeclarationIn, responses={201: shapes.UseDeclarationOut})
    def create(self, request: Request) -> Response:
        """Draft a declaration; it covers nothing before it is approved."""
        said = self._declared(taken(shapes.UseDeclarationIn(data=request.data)))
        row = use_declarations.draft(said, actor=self.actor)
        headers = {"Location": f"/api/v1/use-declarations/{row.public_id}"}
        return Response(self.get_serializer(row).data, status=201, headers=headers)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, public_id: str) -> Response:
        """Discard a draft: nothing of it is kept. What was approved is ended instead."""
        use_declarations.discard(output_access.use_declaration(self.actor, public_id), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=shapes.ApproveIn, responses=shapes.UseDeclarationOut)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, public_id: str) -> Response:
        """Approve a draft: owners and lawyers do."""
        row = output_access.use_declaration(self.actor, public_id)
        done = use_declarations.approve(row, actor=self.actor, **taken(shapes.ApproveIn(data=request.data)))
        return Response(self.get_serializer(done).data)

    @extend_schema(request=shapes.EndIn, responses=shapes.UseDeclarationOut)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, public_id: str) -> Response:
        """End an approved use; output made later is not covered."""
        row = output_access.use_declaration(self.actor, public_id)
        done = use_declarations.end(row, actor=self.actor, **taken(shapes.EndIn(data=request.data)))
        return Response(self.get_serializer(done).data)

    def _declared(self, data: dict[str, Any]) -> Declared:
        """What was sent with the rows that it names; InvalidInput for each that does not exist."""
        faults: list[dict[str, str]] = []
        model = _named(AIModel.objects.all(), "slug", data.pop("model", None), "/model", faults)
        provider = _named(
            Party.objects.filter(known_to=None), "public_id", data.pop("provider", None), "/provider", faults
        )
        terms = _named(output_access.provider_terms(), "key", data.pop("terms", None), "/terms", faults)
        slugs = data.pop("datasets")
        rows = {row.slug: row for row in registry.access.datasets(self.actor).filter(slug__in=slugs)}
        faults += [
            {"pointer": f"/datasets/{number}", "cause": "There is no such dataset."}
            for number, slug in enumerate(slugs)
            if slug not in rows
        ]
        provider = provider or (model.developer if model else None)
        if provider is None and not faults:
            faults.append({"pointer": "/provider", "cause": "Name a provider or a model."})
        if faults:
            raise InvalidInput(faults[0]["cause"], errors=faults)
        assert provider is not None
        return Declared(provider=provider, model=model, terms=terms, datasets=list(rows.values()), **data)


def _named(rows: QuerySet[Any], field: str, value: str | None, pointer: str, faults: list[dict[str, str]]) -> Any:
    """The row that is named, None where nothing is; a name of nothing is a fault."""
    if value is None:
        return None
    found = None if "\0" in value else rows.filter(**{field: value}).first()
    if found is None:
        faults.append({"pointer": pointer, "cause": "There is none of this name."})
    return found


class GeneratedPartViewSet(ListedViewSet):
    """What models wrote of a dataset: what everybody knows, and the organisation's own records."""

    scope = SCOPE
    read_scopes = ("scans",)
    serializer_class = shapes.GeneratedPartOut
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = GeneratedPart.objects.none()

    def get_queryset(self) -> QuerySet[GeneratedPart]:
        return visible_parts(self.actor, self._dataset())

    def _dataset(self) -> Dataset:
        return registry.access.dataset(self.actor, self.kwargs["dataset"])

    @extend_schema(request=shapes.GeneratedPartIn, responses={201: shapes.GeneratedPartOut})
    def create(self, request: Request, dataset: str) -> Response:
        """Record a part of one's own dataset."""
        found = self._dataset()
        data = taken(shapes.GeneratedPartIn(data=request.data))
        faults: list[dict[str, str]] = []
        model = _named(AIModel.objects.all(), "slug", data.pop("model"), "/model", faults)
        own = output_access.use_declarations(self.actor)
        declaration = _named(own, "public_id", data.pop("declaration", None), "/declaration", faults)
        if faults:
            raise InvalidInput(faults[0]["cause"], errors=faults)
        row = generated_parts.record(found, Part(model=model, declaration=declaration, **data), actor=self.actor)
        return Response(self.get_serializer(row).data, status=201)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, dataset: str, public_id: str) -> Response:
        """Take a record back."""
        self._dataset()
        generated_parts.withdraw(output_access.own_generated_part(self.actor, public_id), actor=self.actor)
        return Response(status=204)


_OF_DATASET = [
    OpenApiParameter("dataset", str, OpenApiParameter.PATH, description="The dataset's slug.", pattern=rf"^{SLUG}$")
]


class ContradictionsView(ApiView):
    """What in a dataset contradicts the register of the caller's organisation."""

    read_scopes = ("scans", SCOPE)

    @extend_schema(parameters=_OF_DATASET, responses=shapes.ContradictionOut(many=True))
    def get(self, request: Request, dataset: str) -> Response:
        """Every contradiction; an empty list where there is none."""
        found = declaration_check.check(registry.access.dataset(self.actor, dataset), self.actor)
        return Response(shapes.ContradictionOut(found, many=True).data)


class OutputTermsView(ApiView):
    """Whose terms reach a dataset, through which path, and what they mean for a use."""

    read_scopes = ("scans", SCOPE)
    parameters = frozenset({"use", "purpose", "on", "competing", "released", "acceptance", "territory"})

    @extend_schema(parameters=[*_OF_DATASET, shapes.OutputTermsIn], responses=shapes.OutputTermsOut)
    def get(self, request: Request, dataset: str) -> Response:
        """One reason for each generator upstream and each version of its terms that applied, worst first."""
        found = registry.access.dataset(self.actor, dataset)
        data = validated_query(shapes.OutputTermsIn(data=request.query_params.dict()))
        question = OutputQuestion(
            use=data["use"],
            purpose=data["purpose"],
            territory=data["territory"],
            on=data.get("on") or today(),
            competing={"yes": True, "no": False}.get(data.get("competing", "")),
            released=data["released"] == "yes",
            acceptance=Bound(data["acceptance"]) if "acceptance" in data else None,
        )
        answer = output_terms.judge(found, question, self.actor)
        return Response(self._shown(found, question, answer))

    def _shown(self, dataset: Dataset, question: OutputQuestion, answer: OutputAnswer) -> dict[str, Any]:
        codes = [one.reason.code for one in answer.answers]
        cited = opinions.cited(self.actor.organisation, codes, question.on)
        return {
            "dataset": dataset.slug,
            "verdict": answer.verdict,
            "reasons": [_reason(one, cited.get(one.reason.code, [])) for one in answer.answers],
            "cycles": [
                {"source": first.slug, "target": then.slug, "relation": step.relation, "statuses": step.statuses}
                for (first, then), step in zip(answer.cycles, answer.lineage.cycles, strict=True)
            ],
            "is_cut": answer.lineage.is_cut,
            "rules_version": answer.rules_version,
        }


def _reason(one: PathAnswer, cited: list[opinions.Cited]) -> dict[str, Any]:
    reason = one.reason
    ends = [row.slug for row in one.rows]
    return {
        "generator": one.generator.slug,
        "code": reason.code,
        "verdict": reason.verdict.value,
        "sentence": reason.sentence,
        "authority": reason.authority,
        "verified": reason.verified,
        "decides": one.decides,
        "terms": one.terms.terms.key if one.terms else None,
        "bound_by_terms": one.bound.value,
        "account_unknown": one.account_unknown,
        "share_percent": None if one.part is None or one.part.share_percent is None else str(one.part.share_percent),
        "way": one.way,
        "path": [
            {"source": source, "target": target, "relation": step.relation, "statuses": list(step.statuses)}
            for target, source, step in zip(ends, ends[1:], one.path.steps, strict=False)
        ],
        "questions": [
            {"key": row.question.key, "opinion": OpinionOut(row.opinion).data if row.opinion else None} for row in cited
        ],
    }
