"""What every page begins with: who asks, what becomes of an error, how long lists are cut."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render

from registry import actors
from registry.actors import ANONYMOUS, Actor
from registry.errors import ColophonError, Moved

ROWS_PER_PAGE = 50
ERROR_TEMPLATES = {403: "403.html", 404: "404.html"}

View = Callable[..., HttpResponseBase]


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person acting for their organisation, or nobody; read once a request."""
    actor: Actor | None = getattr(request, "_actor", None)
    if actor is None:
        actor = actors.of_session(request.user, request.session) if request.user.is_authenticated else ANONYMOUS
        request._actor = actor  # type: ignore[attr-defined]
    return actor


def page(view: View) -> View:
    """A page for everybody: errors that the product raises on purpose become pages with their status."""

    @wraps(view)
    def answer(request: HttpRequest, *arguments: Any, **names: Any) -> HttpResponseBase:
        try:
            return view(request, *arguments, **names)
        except Moved as error:
            if request.method in ("GET", "HEAD"):
                return HttpResponsePermanentRedirect(error.address(request.get_full_path()))
            return render(request, "400.html", {"error": error}, status=409)
        except ColophonError as error:
            template = ERROR_TEMPLATES.get(error.status, "400.html")
            return render(request, template, {"error": error}, status=error.status)

    return answer


def member_page(view: View) -> View:
    """A page for members of an organisation: others are asked to sign in, whatever the address names."""

    @page
    @wraps(view)
    def answer(request: HttpRequest, *arguments: Any, **names: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        actor = actor_of(request)
        if actor.organisation is None:
            return render(request, "registry/no_organisation.html", {"waits_for": actor.waits_for}, status=403)
        return view(request, *arguments, **names)

    return answer


def cut(rows: QuerySet[Any], request: HttpRequest, size: int = ROWS_PER_PAGE) -> Page[Any]:
    """The page of `rows` that `?page=` asks for; a number that does not exist gives the nearest one."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
