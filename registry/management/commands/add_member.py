"""`manage.py add_member EMAIL --organisation SLUG --role owner`: give a person an account and a role."""

import json
import os
import secrets
from argparse import ArgumentParser
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_email
from django.db import transaction

from registry.actors import system
from registry.errors import ColophonError
from registry.management.base import QuickCommand
from registry.models import Membership, Organisation, User
from registry.services import organisations

PASSWORD_VARIABLE = "MEMBER_PASSWORD"  # noqa: S105 - the variable's name


class Command(QuickCommand):
    """Adds a member; the account is made when there is none for this address."""

    help = (
        "Give a person a role in an organisation. A new account gets a password that is printed once, or the one in "
        f"the environment variable {PASSWORD_VARIABLE}."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--role", default=Membership.Role.OWNER, choices=Membership.Role.values)
        parser.add_argument("--json", action="store_true")

    @transaction.atomic
    def handle(self, *arguments: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email!r} is not an e-mail address.") from None
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            known = ", ".join(Organisation.objects.values_list("slug", flat=True)[:20]) or "none yet"
            raise CommandError(f"There is no organisation {options['organisation']!r}. Known: {known}.")
        user = self._find(email)
        password = "" if user else self._new_password()
        if user is None:
            user = User.objects.create_user(username=email, email=email, password=password)
        self._vouch_for(user, email)
        role, actor = options["role"], system("operator")
        try:
            organisations.add_member(organisation=organisation, user=user, role=role, actor=actor)
        except ColophonError as error:
            raise CommandError(error.sentence) from None
        given = "" if os.environ.get(PASSWORD_VARIABLE) else password
        facts = {"email": email, "organisation": organisation.slug, "role": options["role"], "password": given or None}
        if options["json"]:
            self.stdout.write(json.dumps(facts))
            return
        self.stdout.write(f"{email} is {options['role']} of {organisation}.")
        if given:
            self.stdout.write(f"Password, shown this once: {given}")

    def _find(self, email: str) -> User | None:
        verified = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
        return verified.user if verified else User.objects.filter(username=email).first()

    def _vouch_for(self, user: User, email: str) -> None:
        """The operator says whose address it is, so that no mail has to ask. Whose it is already stays theirs."""
        if not EmailAddress.objects.filter(email=email, verified=True).exists():
            has_primary = EmailAddress.objects.filter(user=user, primary=True).exists()
            EmailAddress.objects.update_or_create(
                user=user, email=email, defaults={"verified": True, "primary": not has_primary}
            )

    def _new_password(self) -> str:
        password = os.environ.get(PASSWORD_VARIABLE) or secrets.token_urlsafe(15)
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(f"{PASSWORD_VARIABLE}: {' '.join(error.messages)}") from None
        return password
