"""What every request passes through."""

from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

RETRY_SECONDS = 10


class DatabaseDownMiddleware:
    """A database that is away is 503 with Retry-After, on pages and in the API, not a traceback."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django calls this with whatever a view raised."""
        if not isinstance(error, OperationalError):
            return None
        if request.path.startswith("/api/"):
            response: HttpResponse = JsonResponse(
                {"type": "about:blank", "title": "Service unavailable", "status": 503, "code": "DATABASE_DOWN"},
                status=503,
                content_type="application/problem+json",
            )
        else:  # without the request: whatever it would be asked for stands in the database
            response = HttpResponse(render_to_string("503.html"), status=503)
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
