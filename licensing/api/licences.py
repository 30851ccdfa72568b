"""The API of the channels of authorisation: requests, negotiations, agreements, standing offers, templates of terms."""

import io
from collections import Counter
from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

import registry.access
from ingest import blobs
from licensing import access
from licensing.api import licence_serializers as shapes
from licensing.api.views import AnyFormat
from licensing.models import (
    Agreement,
    Attachment,
    Grant,
    LicenceRequest,
    Negotiation,
    Offer,
    RequestedWork,
    Step,
    TermsTemplate,
    VerdictChange,
)
from licensing.rules.lifecycle import State
from licensing.selectors import licence_requests as reads
from licensing.services import agreements, licence_requests, negotiations, standing_offers, terms_templates
from licensing.services.terms_input import read_terms
from registry.api import pagination
from registry.api.base import PUBLIC_ID, ListedViewSet
from registry.api.filters import OneOf, TrueOrFalse
from registry.errors import InvalidInput
from registry.models import Organisation, Work

SCOPE = "licences"


def taken(given: Any) -> dict[str, Any]:
    """The values of a request's body, or every fault of it."""
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class RequestFilter(django_filters.FilterSet):
    state = OneOf(LicenceRequest.State.values)

    class Meta:
        model = LicenceRequest
        fields: list[str] = []


class LicenceRequestViewSet(ListedViewSet):
    """What the organisation asks for."""

    scope = SCOPE
    serializer_class = shapes.RequestOut
    filterset_class = RequestFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = LicenceRequest.objects.none()

    def get_queryset(self) -> QuerySet[LicenceRequest]:
        return access.licence_requests(self.actor)

    @extend_schema(responses=shapes.RequestOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One request, with what became of its works."""
        return Response(self.get_serializer(access.licence_request(self.actor, public_id)).data)

    @extend_schema(request=shapes.RequestIn, responses={201: shapes.RequestOut})
    def create(self, request: Request) -> Response:
        """Write a request down, and with `send` send it: rightsholders are asked once a worker has found them."""
        self.actor.require_writer()
        data = taken(shapes.RequestIn(data=request.data))
        linkage, clearance = data.pop("linkage"), data.pop("clearance")
        send = data.pop("send")
        chosen = licence_requests.Chosen(
            works=data.pop("works"),
            query=data.pop("query"),
            linkage=access.linkage(self.actor, linkage) if linkage else None,
            clearance=access.clearance(self.actor, clearance) if clearance else None,
            verdicts=data.pop("verdicts"),
        )
        made = licence_requests.draft(chosen=chosen, actor=self.actor, **data)
        if send:
            made = licence_requests.send(made, actor=self.actor)
        headers = {"Location": f"/api/v1/licence-requests/{made.public_id}"}
        return Response(self.get_serializer(made).data, status=201, headers=headers)

    @extend_schema(request=None, responses={202: shapes.RequestOut})
    @action(detail=True, methods=["post"])
    def send(self, request: Request, public_id: str) -> Response:
        """Send a draft."""
        made = licence_requests.send(access.licence_request(self.actor, public_id), actor=self.actor)
        assert made.job is not None
        headers = {"Location": f"/api/v1/jobs/{made.job.public_id}"}
        return Response(self.get_serializer(made).data, status=202, headers=headers)

    @extend_schema(request=shapes.CancellationIn, responses=shapes.RequestOut)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Take a request back; what was granted stays."""
        data = taken(shapes.CancellationIn(data=request.data))
        row = access.licence_request(self.actor, public_id)
        return Response(self.get_serializer(licence_requests.cancel(row, actor=self.actor, **data)).data)


class NegotiationFilter(django_filters.FilterSet):
    request = django_filters.CharFilter(field_name="request__public_id")
    state = OneOf([state.value for state in State])
    waits_for = OneOf(["firm", "holder"])
    holder = django_filters.CharFilter(field_name="holder__slug")
    unanswerable = TrueOrFalse(field_name="holder", lookup_expr="isnull")

    class Meta:
        model = Negotiation
        fields: list[str] = []


class NegotiationViewSet(ListedViewSet):
    """Negotiations that the organisation is a side of."""

    scope = SCOPE
    serializer_class = shapes.NegotiationOut
    filterset_class = NegotiationFilter
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Negotiation.objects.none()

    def get_queryset(self) -> QuerySet[Negotiation]:
        return access.negotiations(self.actor)

    def get_parsers(self) -> list[Any]:
        """A file comes as a form; everything else is JSON."""
        is_upload = getattr(self, "action_map", {}).get("post") == "files"
        return [MultiPartParser()] if is_upload else super().get_parsers()

    @extend_schema(responses=shapes.NegotiationOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One negotiation: what is on the table, whose turn it is, what the caller can do."""
        return Response(self.get_serializer(access.negotiation(self.actor, public_id)).data)

    @extend_schema(request=shapes.MoveIn, responses={201: shapes.StepOut})
    @action(detail=True, methods=["post"], url_path="moves")
    def moves(self, request: Request, public_id: str) -> Response:
        """Answer: offer, counter, accept, grant, refuse … 409 where somebody else answered meanwhile."""
        row = access.negotiation(self.actor, public_id)
        data = taken(shapes.MoveIn(data=request.data))
        move, version = data.pop("move"), data.pop("version")
        step = negotiations.move(row, move, self.actor, version=version, answer=negotiations.Answer(**data))
        return self._made(step, public_id)

    @extend_schema(request={"multipart/form-data": shapes.FileIn}, responses={201: shapes.StepOut})
    @action(detail=True, methods=["post"])
    def files(self, request: Request, public_id: str) -> Response:
        """Send a file, with a message if you like. It is kept as it is and never opened here."""
        row = access.negotiation(self.actor, public_id)
        form: Any = request.data
        data = taken(shapes.FileIn(data={name: form.get(name) for name in form}))
        upload = data["file"]
        file = negotiations.File(upload.name, upload.file, upload.content_type or "")
        answer = negotiations.Answer(message=data["message"], files=[file])
        return self._made(negotiations.move(row, "message", self.actor, answer=answer), public_id)

    def _made(self, step: Step, public_id: str) -> Response:
        headers = {"Location": f"/api/v1/negotiations/{public_id}"}
        shown = Step.objects.select_related("organisation", "entry").prefetch_related("attachments").get(pk=step.pk)
        return Response(shapes.StepOut(shown).data, status=201, headers=headers)


class StepViewSet(ListedViewSet):
    """The steps of a negotiation, in order."""

    read_scopes = (SCOPE,)
    serializer_class = shapes.StepOut
    pagination_class = pagination.InOrder
    queryset = Step.objects.none()

    def get_queryset(self) -> QuerySet[Step]:
        return reads.thread(access.negotiation(self.actor, self.kwargs["negotiation"]))


class RequestedWorkViewSet(ListedViewSet):
    """The works of a negotiation."""

    read_scopes = (SCOPE,)
    serializer_class = shapes.RequestedWorkOut
    pagination_class = pagination.InOrder
    queryset = RequestedWork.objects.none()

    def get_queryset(self) -> QuerySet[RequestedWork]:
        return access.requested_works(self.actor, access.negotiation(self.actor, self.kwargs["negotiation"]))


class AttachmentViewSet(ListedViewSet):
    """The files of a negotiation."""

    read_scopes = (SCOPE,)
    serializer_class = shapes.AttachmentOut
    queryset = Attachment.objects.none()
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID

    def get_queryset(self) -> QuerySet[Attachment]:
        return access.attachments(self.actor, access.negotiation(self.actor, self.kwargs["negotiation"]))

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], content_negotiation_class=AnyFormat)
    def content(self, request: Request, negotiation: str, public_id: str) -> FileResponse:
        """The file as it was sent."""
        found = access.attachment(self.actor, access.negotiation(self.actor, negotiation), public_id)
        return FileResponse(
            io.BytesIO(blobs.read(found.blob)),
            as_attachment=True,
            filename=found.name,
            content_type="application/octet-stream",
        )


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


class OfferFilter(django_filters.FilterSet):
    work = django_filters.CharFilter(field_name="work__public_id")
    organisation = django_filters.CharFilter(field_name="asserted_by__slug")
    withdrawn = TrueOrFalse(field_name="withdrawn_at", method="was_withdrawn")

    class Meta:
        model = Offer
        fields: list[str] = []

    def was_withdrawn(self, rows: QuerySet[Offer], name: str, value: bool) -> QuerySet[Offer]:
        """Offers that were taken back, or those that stand."""
        return rows.filter(withdrawn_at__isnull=not value)


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

    @extend_schema(request=shapes.AcceptanceIn, responses={201: shapes.ConcludedOut})
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


class VerdictChangeViewSet(ListedViewSet):
    """What became of the answers of a clearance, in order: those that were given stay as they were."""

    read_scopes = ("clearances",)
    serializer_class = shapes.VerdictChangeOut
    pagination_class = pagination.InOrder
    queryset = VerdictChange.objects.none()

    def get_queryset(self) -> QuerySet[VerdictChange]:
        clearance = access.clearance(self.actor, self.kwargs["clearance"])
        return access.verdict_changes(self.actor).filter(clearance=clearance)


def concluded(made: agreements.Concluded) -> Response:
    """An agreement that was made, with the works that it does not reach."""
    said = {"agreement": made.agreement, "left_out": dict(Counter(made.left_out.values()))}
    headers = {"Location": f"/api/v1/agreements/{made.agreement.public_id}"}
    return Response(shapes.ConcludedOut(said).data, status=201, headers=headers)


def works_of(view: ListedViewSet, public_ids: Sequence[str]) -> list[Work]:
    """The works with these ids that the caller may see, in their order; raises InvalidInput naming each other one."""
    wanted = list(dict.fromkeys(public_ids))
    visible = registry.access.works(view.actor).filter(public_id__in=[each for each in wanted if "\0" not in each])
    found = {work.public_id: work for work in visible}
    errors = [
        {"pointer": f"/works/{number}", "cause": "There is no such work."}
        for number, each in enumerate(wanted)
        if each not in found
    ]
    if errors:
        raise InvalidInput("Some of these works do not exist, or you may not see them.", errors=errors[:1000])
    return [found[each] for each in wanted]
