"""How django-allauth does things here: where it leads, how it writes mails, how second factors are kept."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry import sealing
from registry.errors import MailNotSent
from registry.models import User
from registry.services import mail
from registry.web.pages import actor_of

SIGNED_IN_AT = "signed_in_at"  # where a session keeps when its person came in, in seconds since 1970
PURPOSE = "second factors"  # what the key of sealed seeds and codes is for
INVITATION = "invitation"  # where a session keeps the public id of the invitation whose link was opened


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up, sign-in and mails."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, or have the password reset."),
    }

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """To the invitation that was opened; who belongs nowhere yet, to where that can be changed."""
        if request.session.get(INVITATION):
            return reverse("invitation")
        actor = actor_of(request)
        if actor.organisation is None and actor.waits_for is None:
            return reverse("organisation-new")
        return super().get_login_redirect_url(request)

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        request.session[SIGNED_IN_AT] = time.time()

    def is_reauthentication_required(self, *, app: str, **others: Any) -> bool:
        """Not of who signed in a few minutes ago: asking twice helps nobody. Allauth then looks at who was asked."""
        age = time.time() - self.request.session.get(SIGNED_IN_AT, 0.0)
        return bool(age >= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """In both languages."""
        to = email if isinstance(email, str) else email[0]
        return mail.compose(template_prefix, to, context | {"site_url": settings.SITE_URL}, headers)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail that somebody waits for and that cannot be sent is said so; a mere notice is not worth an error."""
        message = self.render_mail(template_prefix, email, {"email": email} | context)
        if not mail.send(message) and "timestamp" not in context:
            raise MailNotSent("The mail could not be sent. Try again in a few minutes.")


class SecondFactorAdapter(DefaultMFAAdapter):
    """The seeds of authenticator apps and recovery codes are stored sealed."""

    def encrypt(self, text: str) -> str:
        return sealing.seal(text.encode(), purpose=PURPOSE).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text.encode(), purpose=PURPOSE).decode()
