"""Pages of webhooks: which addresses are told of what, what became of each message."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry import access
from registry.errors import Conflict, InvalidInput
from registry.models import Webhook
from registry.services import webhooks
from registry.web.forms import AccessibleForm, choices
from registry.web.pages import actor_of, cut, member_page

MESSAGES_SHOWN = 30


class WebhookForm(AccessibleForm):
    """A new webhook."""

    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=webhooks.MAX_ADDRESS,
        widget=forms.URLInput(attrs={"placeholder": "https://press.example/colophon", "autocomplete": "off"}),
        help_text=gettext_lazy("A public https address of yours that takes POST requests."),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("What it is told"),
        choices=lambda: choices(webhooks.EVENTS),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Choose none to have it told of everything, also of what is added later."),
    )


@member_page
@require_safe
def webhook_list(request: HttpRequest) -> HttpResponse:
    """The organisation's webhooks."""
    actor = actor_of(request)
    context = {"webhooks": access.webhooks(actor), "may_write": actor.may_write}
    return render(request, "registry/webhooks.html", context)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_webhook(request: HttpRequest) -> HttpResponse:
    """Make a webhook; its secret is on the page that answers, and nowhere afterwards."""
    actor = actor_of(request)
    actor.require_writer()
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = webhooks.create(**form.cleaned_data, actor=actor)
            return _shown(request, made, secret)
        except InvalidInput as error:
            form.add_service_errors(error)
        except Conflict as error:
            form.add_error("address", error.sentence)
    return render(request, "registry/webhook_new.html", {"form": form}, status=422 if form.errors else 200)


@member_page
@require_safe
def webhook(request: HttpRequest, public_id: str) -> HttpResponse:
    """One webhook with its messages."""
    return _shown(request, access.webhook(actor_of(request), public_id))


def _shown(request: HttpRequest, found: Webhook, secret: str = "") -> HttpResponse:
    actor = actor_of(request)
    context = {
        "webhook": found,
        "page": cut(access.deliveries(actor, found), request, MESSAGES_SHOWN),
        "secret": secret,
        "may_write": actor.may_write,
    }
    response = render(request, "registry/webhook.html", context)
    if secret:
        response["Cache-Control"] = "no-store"
    return response


@member_page
@require_POST
def test(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send a message that says nothing but that it arrived."""
    actor = actor_of(request)
    found = access.webhook(actor, public_id)
    webhooks.test(found, actor=actor)
    messages.success(request, _("A test message is on its way. Load this page again to see whether it arrived."))
    return redirect("webhook", public_id=found.public_id)


@member_page
@require_POST
def redeliver(request: HttpRequest, public_id: str, message: str) -> HttpResponse:
    """Send one message again."""
    actor = actor_of(request)
    found = access.webhook(actor, public_id)
    webhooks.redeliver(access.delivery(actor, found, message), actor=actor)
    messages.success(request, _("The message is sent again, under the same number."))
    return redirect("webhook", public_id=found.public_id)


@member_page
@require_POST
def enable(request: HttpRequest, public_id: str) -> HttpResponse:
    """Tell a disabled address again."""
    actor = actor_of(request)
    found = access.webhook(actor, public_id)
    webhooks.enable(found, actor=actor)
    messages.success(request, _("The address is told again from now on."))
    return redirect("webhook", public_id=found.public_id)


@member_page
@require_POST
def renew_secret(request: HttpRequest, public_id: str) -> HttpResponse:
    """Make a new secret; it is on the page that answers, and nowhere afterwards."""
    actor = actor_of(request)
    found = access.webhook(actor, public_id)
    return _shown(request, found, webhooks.renew_secret(found, actor=actor))


@member_page
@require_POST
def remove(request: HttpRequest, public_id: str) -> HttpResponse:
    """Tell an address nothing any more."""
    actor = actor_of(request)
    found = access.webhook(actor, public_id)
    webhooks.withdraw(found, actor=actor)
    messages.success(request, _("The address is told nothing any more."))
    return redirect("webhooks")
