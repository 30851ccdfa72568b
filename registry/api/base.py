"""What every view of the API does before its own work: one spelling of requests, methods and parameters."""

from contextlib import ExitStack, suppress
from functools import cached_property
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import mixins, viewsets
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from registry.actors import ANONYMOUS, Actor
from registry.api import idempotency, limits, pagination
from registry.api.authentication import actor_of
from registry.api.parsers import StrictJSONParser
from registry.api.problems import InvalidQuery, faults_of
from registry.api.schema import ProblemSchema
from registry.errors import InvalidInput, NotFound

PUBLIC_ID = "[0-9a-z]{12}"
SLUG = "[-a-zA-Z0-9_]{1,80}"


class QueryFilter(DjangoFilterBackend):
    """django-filter whose refusals name the query's parameter."""

    def filter_queryset(self, request: Request, queryset: Any, view: APIView) -> Any:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise _invalid_query(filterset.errors)
        return filterset.qs


class ApiView(APIView):
    """The base of every view. `parameters` are those of the query that it knows; any other is 400, everywhere."""

    schema: Any = ProblemSchema()
    metadata_class = None
    http_method_names = ["get", "head", "post"]
    parser_classes = [StrictJSONParser]
    parameters: frozenset[str] = frozenset()
    scope: str | None = None  # what a token needs to write here
    read_scopes: tuple[str, ...] | None = ()  # what permits to read beside "read" and `scope`; None: any token may

    conflicting_reads: tuple[str, ...] = ()  # actions that read something which is not there yet: 409
    attempt: idempotency.Attempt | None = None  # of a request with an Idempotency-Key
    quota: limits.Quota | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """With an Idempotency-Key the view and the memory of its reply are one transaction, which `initial` opens."""
        with ExitStack() as self.transaction:
            response = super().dispatch(request, *args, **kwargs)
            if self.attempt is not None:
                self.attempt.finish(response)
        if self.quota is not None:
            self.quota.write(response)
        return response

    def perform_authentication(self, request: Request) -> None:
        """Find out who asks, and count the request; a wrong token is counted for the address it came from."""
        try:
            super().perform_authentication(request)
        except AuthenticationFailed:
            self._count(request, ANONYMOUS)
            raise
        self._count(request, self.actor)

    def _count(self, request: Request, actor: Actor) -> None:
        self.quota = limits.count(request, actor)
        if self.quota.left < 0:
            raise limits.Exceeded(self.quota)

    def handle_exception(self, exc: Exception) -> Any:
        """A reply that is given again is no problem."""
        if isinstance(exc, idempotency.Replay):
            self.attempt = None
            return exc.response
        return super().handle_exception(exc)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        with suppress(SuspiciousOperation):  # too many parameters: raised again where it becomes a problem
            request.encoding = "utf-8"  # whatever charset a header names: some that Python knows encode no text
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        method = (request.method or "").lower()
        if method not in self.http_method_names or not hasattr(self, method):
            raise MethodNotAllowed(request.method or "")
        self._check_query(request)
        super().initial(request, *args, **kwargs)
        if method == "post" and idempotency.HEADER in request.headers and self.actor.user is not None:
            attempt = idempotency.Attempt(request, self.actor)
            self.transaction.enter_context(transaction.atomic())
            self.attempt = attempt
            attempt.begin()

    def _check_query(self, request: Request) -> None:
        known = self.known_parameters()
        for name, values in request.query_params.lists():
            if name not in known:
                says = f"known here: {', '.join(sorted(known))}" if known else "this address takes none"
                raise InvalidQuery(name, f"is not a known parameter; {says}")
            if len(values) > 1:
                raise InvalidQuery(name, "is given more than once")
            if not values[0]:
                raise InvalidQuery(name, "is empty")

    def known_parameters(self) -> frozenset[str]:
        """The names that the query may use."""
        return self.parameters

    @cached_property
    def actor(self) -> Actor:
        """In whose name this request acts."""
        return actor_of(self.request)


class ApiViewSet(ApiView, viewsets.GenericViewSet):
    """The base of every collection: its list has cursors and filters, the rest takes no parameters."""

    pagination_class: Any = pagination.Cursor
    filter_backends = [QueryFilter]

    def known_parameters(self) -> frozenset[str]:
        if self.action != "list" or self.request.method == "POST":
            return self.parameters
        filterset = getattr(self, "filterset_class", None)
        return pagination.PARAMETERS | self.parameters | frozenset(filterset.base_filters if filterset else ())


class ListedViewSet(ApiViewSet, mixins.ListModelMixin):
    """A collection that can be listed."""


class UnknownAddressView(ApiView):
    """Whatever else is asked for under /api/."""

    schema = None
    http_method_names = ["get", "head", "post", "put", "patch", "delete", "options", "trace"]
    permission_classes = []
    authentication_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("The API has no such address. /api/docs lists those it has.")

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise NotFound("The API has no such address.")


def validated_query(serializer: BaseSerializer) -> dict[str, Any]:
    """The query's values as a serializer reads them; its refusals name the parameters."""
    if not serializer.is_valid():
        raise _invalid_query(serializer.errors)
    return dict(serializer.validated_data)


def _invalid_query(errors: Any) -> InvalidInput:
    faults = [{"parameter": fault["pointer"].lstrip("/"), "cause": fault["cause"]} for fault in faults_of(errors)]
    faulty = ", ".join(f"?{fault['parameter']}: {fault['cause']}" for fault in faults)
    return InvalidInput(faulty, errors=faults)
