"""Pages about domains: add one, see its challenge, have it looked for, remove it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licensing import access
from licensing.services import proofs
from licensing.web.authority_forms import DomainForm
from registry.errors import Conflict, InvalidInput
from registry.models import Domain
from registry.services import domains
from registry.web.accounts import limited
from registry.web.members import RELOAD_SECONDS
from registry.web.pages import actor_of, member_page

CAUSES = {
    "MISSING": gettext_lazy("nothing was there"),
    "OTHER_CONTENT": gettext_lazy("something else was there"),
    "NAME_UNKNOWN": gettext_lazy("the name has no address"),
    "ADDRESS_REFUSED": gettext_lazy("the name leads to an address that is not public"),
    "REDIRECT_REFUSED": gettext_lazy("it redirects to another host, which is not followed"),
    "TOO_MANY_REDIRECTS": gettext_lazy("it redirects again and again"),
    "TOO_LARGE": gettext_lazy("the file is larger than 64 KiB"),
    "COMPRESSED": gettext_lazy("the file was sent compressed"),
    "TIMED_OUT": gettext_lazy("no answer within ten seconds"),
    "DNS_FAILED": gettext_lazy("DNS gave no answer"),
    "UNREACHABLE": gettext_lazy("no answer over https, or a certificate that is not valid"),
}


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Add a domain."""
    actor = actor_of(request)
    actor.require_writer()
    form = DomainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            domain = domains.add(name=form.cleaned_data["name"], actor=actor)
        except InvalidInput as error:
            form.add_service_errors(error)
        except Conflict as error:
            form.add_error("name", error.sentence)
        else:
            return redirect("domain", public_id=domain.public_id)
    return render(request, "licensing/domain_new.html", {"form": form}, status=422 if form.errors else 200)


@member_page
@require_safe
def domain(request: HttpRequest, public_id: str) -> HttpResponse:
    """One domain: what to publish, what the latest look found, who else has proved it."""
    actor = actor_of(request)
    return render(request, "licensing/domain.html", _context(access.domain(actor, public_id), actor.may_write))


def _context(found: Domain, may_write: bool) -> dict[str, object]:
    is_looking = proofs.is_asked(found)
    return {
        "domain": found,
        "is_looking": is_looking,
        "reload_seconds": RELOAD_SECONDS if is_looking else 0,
        "is_proved": domains.is_proved(found),
        "record": domains.record_name(found),
        "file": domains.file_address(found),
        "proof": domains.proof(found),
        "findings": [tuple(line.split(" ", 1)) for line in found.finding.splitlines()],
        "others": domains.others(found),
        "may_write": may_write,
    }


@member_page
@require_POST
@limited("check_domain")
def check(request: HttpRequest, public_id: str) -> HttpResponse:
    """Have the proof looked for: the domain's page renews itself until the answer is there."""
    actor = actor_of(request)
    found = access.domain(actor, public_id)
    try:
        proofs.ask(found, actor=actor)
    except Conflict as error:
        messages.warning(request, error.sentence)
    return redirect("domain", public_id=found.public_id)


@member_page
@require_POST
def remove(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a domain off the list."""
    actor = actor_of(request)
    found = access.domain(actor, public_id)
    actor.require_writer()
    proofs.remove(found, actor=actor)
    messages.success(request, _("%(name)s is removed from your list.") % {"name": found.name})
    return redirect("authority")
