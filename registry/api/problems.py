"""RFC 9457 problem details for every error the API answers with."""

import errno
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from registry.errors import ColophonError, InvalidInput, Moved

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TITLES = {
    301: "Moved permanently",
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    412: "Precondition failed",
    413: "Content too large",
    415: "Unsupported media type",
    422: "Unprocessable content",
    429: "Too many requests",
    500: "Internal error",
    507: "Insufficient storage",
}
# Every code with what it means: the page that `type` points at.
CODES = {
    "INVALID_INPUT": "Something in the body or the query is not as it should be; `errors` lists every fault at once, "
    "each with its JSON pointer or the name of its parameter.",
    "PARSE_ERROR": "The body could not be read at all: it is not JSON, not UTF-8 or not multipart form data.",
    "NOT_AUTHENTICATED": "This needs a token or a sign-in.",
    "AUTHENTICATION_FAILED": "The token is unknown, expired or revoked.",
    "PERMISSION_DENIED": "The token's scopes do not permit this, or a signed-in page did not send its CSRF token.",
    "NOT_ALLOWED": "The organisation, or the role in it, does not permit this.",
    "NOT_FOUND": "There is nothing at this address, or nothing that the caller may see: the two are never told apart.",
    "METHOD_NOT_ALLOWED": "The address does not know this method; `Allow` lists those it knows.",
    "NOT_ACCEPTABLE": "The answer does not exist in a format that `Accept` permits.",
    "MOVED": "The thing is one with another now: `merged_into` names it, and reading is sent on to it.",
    "REVISION_CONFLICT": "The thing was changed since it was read; nothing of the request was written.",
    "QUOTA_EXCEEDED": "The organisation has had as much scanned in the last 24 hours as the operator permits.",
    "CONFLICT": "The thing is in a state that does not permit this, or somebody wrote the same at the same moment.",
    "IDEMPOTENCY_KEY_REUSED": "The same Idempotency-Key came with another request within a day.",
    "IDEMPOTENCY_KEY_IN_FLIGHT": "The first request with this Idempotency-Key has not been answered yet.",
    "TOO_MANY_REQUESTS": "More requests came from this caller in a minute than are taken.",
    "TOO_LARGE": "The body is larger than what is read at once.",
    "UNSUPPORTED_MEDIA_TYPE": "The body is of a type that this address does not read.",
    "STORAGE_FULL": "There is no room to keep the files; nothing of them was kept.",
    "INTERNAL_ERROR": "Our fault, and recorded as such. Trying again may help.",
    "DATABASE_DOWN": "The database is away for the moment; `Retry-After` says when to try again.",
}


class InvalidQuery(InvalidInput):
    """A parameter of the query is unknown or wrong."""

    def __init__(self, parameter: str, cause: str) -> None:
        super().__init__(f"?{parameter} {cause}.", errors=[{"parameter": parameter, "cause": cause}])


class InvalidHeader(InvalidInput):
    """A header of the request is wrong."""

    def __init__(self, header: str, cause: str) -> None:
        super().__init__(f"{header} {cause}.", errors=[{"header": header, "cause": cause}])


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: whatever a view raised becomes a problem; only what is unforeseen is a fault of ours."""
    if isinstance(error, OperationalError):
        return None  # DatabaseDownMiddleware answers 503
    set_rollback()
    if isinstance(error, Moved):
        return _moved(error, context)
    if isinstance(error, ColophonError):
        answer = problem(error.status, error.code, error.sentence, getattr(error, "errors", []))
        if seconds := error.facts.get("retry_after_seconds"):
            answer["Retry-After"] = str(seconds)
        return answer
    error = _as_api_exception(error)
    if isinstance(error, exceptions.ValidationError):
        faults = list(faults_of(error.detail))
        sentence = faults[0]["cause"] if len(faults) == 1 else f"{len(faults)} fields are not as they should be."
        return problem(400, "INVALID_INPUT", sentence, faults)
    if isinstance(error, exceptions.APIException):
        code = str(getattr(error, "default_code", "error")).upper()
        answer = problem(error.status_code, code, str(error.detail))
        if auth_header := getattr(error, "auth_header", None):
            answer["WWW-Authenticate"] = auth_header
        if wait := getattr(error, "wait", None):
            answer["Retry-After"] = str(int(wait))
        return answer
    return _storage_problem(error) or _fault(error, context)


def _moved(error: Moved, context: Mapping[str, Any]) -> Response:
    """Where the other one is: a redirection for whoever reads, a conflict for whoever writes."""
    request = context["request"]
    reads = request.method in ("GET", "HEAD")
    answer = problem(error.status if reads else 409, error.code, error.sentence)
    answer.data["merged_into"] = error.into
    if reads:
        answer["Location"] = error.address(request.get_full_path())
    return answer


def _as_api_exception(error: Exception) -> Exception:
    """Django's refusals as DRF spells them."""
    if isinstance(error, Http404):
        return exceptions.NotFound("There is nothing at this address, or nothing you may see.")
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, SuspiciousOperation) and not isinstance(error, RequestDataTooBig):
        return exceptions.ParseError(str(error))
    return error


def _storage_problem(error: Exception) -> Response | None:
    if isinstance(error, RequestDataTooBig):
        return problem(413, "TOO_LARGE", str(error))
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return problem(507, "STORAGE_FULL", "There is no room to keep this; nothing of it was kept.")
    if isinstance(error, IntegrityError):
        logger.warning("the database refused a row: %s", error)
        return problem(409, "CONFLICT", "Somebody wrote the same at this moment; look at it and try again.")
    if isinstance(error, DataError):
        logger.warning("the database refused a value: %s", error)
        return problem(400, "INVALID_INPUT", "A value is too long or out of range.")
    return None


def _fault(error: Exception, context: Mapping[str, Any]) -> Response:
    request = context.get("request")
    logger.error("%s %s failed", getattr(request, "method", "?"), getattr(request, "path", "?"), exc_info=error)
    return problem(500, "INTERNAL_ERROR", "This should not have happened; it was recorded.")


def problem(status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None) -> Response:
    """One problem+json response; `type` is the page that explains the code."""
    body: dict[str, Any] = {
        "type": f"{settings.SITE_URL}/docs/problems#{code.lower().replace('_', '-')}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "code": code,
        "detail": _sayable(detail),
    }
    if errors:
        body["errors"] = [{name: _sayable(text) for name, text in fault.items()} for fault in errors]
    return Response(body, status=status, content_type=MEDIA_TYPE)


def _sayable(text: str) -> str:
    """What a caller wrote and we quote: halves of surrogate pairs cannot be sent, and nobody reads 300 characters."""
    shown = text.encode("utf-8", "replace").decode()
    return shown if len(shown) <= 300 else shown[:299] + "…"


def faults_of(detail: Any, pointer: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested errors as a flat list of {pointer, cause}."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else "/" + str(name).replace("~", "~0").replace("/", "~1")
            yield from faults_of(inner, pointer + step)
    elif isinstance(detail, list | tuple):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list | tuple)
            yield from faults_of(inner, f"{pointer}/{number}" if nested else pointer)
    else:
        yield {"pointer": pointer, "cause": str(detail)}
