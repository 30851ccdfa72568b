"""Forms about people and their organisations: they check the shape, services check the rest."""

from typing import Any

from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SignupForm,
)
from django import forms
from django.utils.translation import gettext_lazy as _

from registry.models import Membership, Organisation
from registry.web.forms import AccessibleForm, choices


class _Plain:
    """Allauth's fields in the words of our forms: a label says what belongs there, so no placeholder repeats it."""

    fields: dict[str, forms.Field]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name == "email":
                field.label = _("E-mail")
            if name == "password1":
                field.help_text = _("At least 12 letters, digits or signs; none of the common ones, not your address.")
            if name == "password2":
                field.label = _("The same once more")


class SignInForm(_Plain, LoginForm):
    """E-mail or user name, and password."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["login"].label = _("E-mail or user name")
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "none"}
        self.fields["remember"].label = _("Stay signed in on this device for two weeks")


class SignUpForm(_Plain, SignupForm):
    """E-mail and password; a user name is made from the address, so that none has to be called taken."""


class AddressForm(_Plain, AddEmailForm):
    """One more address."""


class ForgottenPasswordForm(_Plain, ResetPasswordForm):
    """Where the link to a new password goes."""


class NewPasswordForm(_Plain, ResetPasswordKeyForm):
    """A new password after the link."""


class ChangedPasswordForm(_Plain, ChangePasswordForm):
    """A new password, by who knows the old one."""


class OrganisationForm(AccessibleForm):
    """A new organisation."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("As it appears on its books or its website."))
    slug = forms.RegexField(
        label=_("Short name"),
        regex=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=50,
        help_text=_("In addresses and in records, for ever: example-press."),
        error_messages={"invalid": _("Small letters, digits and single hyphens: example-press.")},
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=lambda: choices(Organisation.Kind.values))
    country = forms.RegexField(
        label=_("Country"),
        regex=r"^[A-Za-z]{2}$",
        required=False,
        help_text=_("Two letters: GB, US, CN."),
        error_messages={"invalid": _("Write the two letters of a country: GB, US, CN.")},
    )

    def clean_country(self) -> str:
        """In capitals, as it is stored."""
        return str(self.cleaned_data["country"]).upper()


class InvitationForm(AccessibleForm):
    """Whom to invite, in which role."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(
        label=_("Role"),
        choices=lambda: choices(Membership.Role.values),
        initial=Membership.Role.EDITOR,
        help_text=_("Owners decide who belongs, editors register and record, viewers read."),
    )
