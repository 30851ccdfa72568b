"""RFC 9457 problem details for every error the API answers with."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from registry.errors import ColophonError

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    412: "Precondition failed",
    415: "Unsupported media type",
    422: "Unprocessable content",
    429: "Too many requests",
    507: "Insufficient storage",
}


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: our errors, DRF's and Django's 404/403 become problems; anything else is a fault."""
    if isinstance(error, ColophonError):
        set_rollback()
        return problem(error.status, error.code, error.sentence, getattr(error, "errors", []))
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is nothing at this address, or nothing you may see.")
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    if isinstance(error, exceptions.ValidationError):
        faults = list(_faults(error.detail, ""))
        sentence = faults[0]["cause"] if len(faults) == 1 else f"{len(faults)} fields are not as they should be."
        return problem(400, "INVALID_INPUT", sentence, faults)
    code = str(getattr(error, "default_code", "error")).upper()
    answer = problem(error.status_code, code, str(error.detail), [])
    if auth_header := getattr(error, "auth_header", None):
        answer["WWW-Authenticate"] = auth_header
    if wait := getattr(error, "wait", None):
        answer["Retry-After"] = str(int(wait))
    return answer


def problem(status: int, code: str, detail: str, errors: list[dict[str, str]]) -> Response:
    """One problem+json response; `type` is the page that explains the code."""
    body = {
        "type": f"{settings.SITE_URL}/docs/problems#{code.lower().replace('_', '-')}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    return Response(body, status=status, content_type=MEDIA_TYPE)


def _faults(detail: Any, pointer: str) -> Any:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else f"/{name}"
            yield from _faults(inner, pointer + step)
    elif isinstance(detail, list | tuple):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list | tuple)
            yield from _faults(inner, f"{pointer}/{number}" if nested else pointer)
    else:
        yield {"pointer": pointer, "cause": str(detail)}
