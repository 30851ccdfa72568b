"""Forms about people and their organisations: they check the shape, services check the rest."""

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from registry.models import Membership, Organisation
from registry.web.forms import AccessibleForm, choices


class SignInForm(LoginForm):
    """E-mail or user name, and password."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["login"].label = _("E-mail or user name")
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "none", "placeholder": ""}
        self.fields["password"].widget.attrs |= {"placeholder": ""}
        self.fields["remember"].label = _("Stay signed in on this device for two weeks")


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
