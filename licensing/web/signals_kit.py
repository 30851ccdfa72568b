"""Files for publishers' own sites, of a work and of a holder; and what this registry says of its own pages."""

import io
import zipfile

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

import registry.access
from licensing.formats.kit import KitFile, archive, files
from licensing.formats.policy import Written
from licensing.selectors import kits
from licensing.services import own_signals
from licensing.services.assertions import today
from licensing.web.signals import as_file
from licensing.web.signals_words import FILES
from registry.actors import ANONYMOUS
from registry.errors import NotFound
from registry.models import Party
from registry.web.pages import actor_of, page


def _shown(made: list[KitFile]) -> list[dict[str, object]]:
    return [
        {"file": one, "title": FILES[one.name], "text": one.content.decode("utf-8", "replace")[:6000]} for one in made
    ]


@page
@require_safe
def work_kit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Every file of a work, with what it cannot say."""
    work = registry.access.work(actor_of(request), public_id)
    subject = kits.of_work(work, today())
    context = {"work": work, "subject": subject, "files": _shown(files(subject)), "rules": bool(subject.site.rules)}
    return render(request, "licensing/kit.html", context)


@page
@require_safe
def work_zip(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same files as one zip."""
    work = registry.access.work(actor_of(request), public_id)
    made = files(kits.of_work(work, today()))
    return as_file(archive(made, work.title), f"kit-{work.public_id}.zip", "application/zip")


@page
@require_safe
def work_file(request: HttpRequest, public_id: str, name: str) -> HttpResponse:
    """One file of a work."""
    work = registry.access.work(actor_of(request), public_id)
    for one in files(kits.of_work(work, today())):
        if one.name == name and one.content:
            return as_file(one.content, one.name, one.content_type)
    raise NotFound(f"There is no file “{name[:40]}” for this work: it would have nothing to say.")


def _holder(request: HttpRequest, public_id: str) -> tuple[Party, list[tuple[str, list[KitFile]]], list[str]]:
    actor = actor_of(request)
    found = registry.access.one(registry.access.parties(actor), "holder", public_id=public_id)
    hosts, unplaced = kits.of_holder(found, kits.works_of(found, ANONYMOUS), today())
    return found, [(host, files(subject)) for host, subject in hosts], unplaced


@page
@require_safe
def holder_kit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Every file of a holder, by the site on which its works stand."""
    found, hosts, unplaced = _holder(request, public_id)
    context = {"holder": found, "hosts": [(host, _shown(made)) for host, made in hosts], "unplaced": unplaced}
    return render(request, "licensing/kit_holder.html", context)


@page
@require_safe
def holder_zip(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same files as one zip, a zip in it for each site."""
    found, hosts, _unplaced = _holder(request, public_id)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for host, made in hosts:
            packed.writestr(zipfile.ZipInfo(f"{host.replace(':', '-')}.zip"), archive(made, found.name))
    return as_file(out.getvalue(), f"kit-{found.public_id}.zip", "application/zip")


def _own(written: Written) -> HttpResponse:
    return HttpResponse(written.content, content_type=written.content_type)


@page
@require_safe
def own_tdmrep(request: HttpRequest) -> HttpResponse:
    """What this registry says of its own pages, as TDMRep."""
    return _own(own_signals.tdmrep_file())


@page
@require_safe
def own_licence(request: HttpRequest) -> HttpResponse:
    """The same as RSL."""
    return _own(own_signals.licence_file())


@page
@require_safe
def own_robots(request: HttpRequest) -> HttpResponse:
    """The same for crawlers."""
    return _own(own_signals.robots_file())
