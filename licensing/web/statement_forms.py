"""Forms of statements about a work: what all share, and what each kind has of its own."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from licensing.rules import terms
from licensing.services.assertions import Scope
from licensing.web import words
from licensing.web.forms import DayField, TerritoriesField, choices
from registry.models import Capacity, Organisation, Verification
from registry.web.forms import AccessibleForm
from registry.web.forms import choices as registry_choices


class StatementForm(AccessibleForm, TerritoriesField):
    """What all statements about a work share."""

    uses = forms.MultipleChoiceField(
        label=_("Uses"),
        choices=lambda: choices(words.USES, terms.Use),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    purposes = forms.MultipleChoiceField(
        label=_("Purposes"),
        choices=lambda: choices(words.PURPOSES, terms.Purpose),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    valid_from = DayField(label=_("From"))
    valid_to = DayField(label=_("To"), help_text=_("First and last day included. Empty: no limit."))
    capacity = forms.ChoiceField(
        label=_("You speak as"), choices=lambda: registry_choices(Capacity.values), initial=Capacity.OWNER
    )
    statement = forms.CharField(
        label=_("In words"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )
    source_address = forms.URLField(
        label=_("Where it is stated"), required=False, max_length=500, assume_scheme="https"
    )
    field_order: tuple[str, ...] = (
        "uses",
        "purposes",
        "territory",
        "other_territories",
        "valid_from",
        "valid_to",
        "capacity",
        "statement",
        "source_address",
    )

    def to_scope(self) -> Scope:
        """The scope as services take it. What a person types here is verified by nobody yet."""
        data = self.cleaned_data
        return Scope(
            capacity=data["capacity"],
            verification=Verification.NONE,
            uses=data["uses"],
            purposes=data["purposes"],
            territory=data["territory"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            statement=data["statement"],
            source_address=data["source_address"],
            source_format="page",
        )


class ReservationForm(StatementForm):
    """Rights are reserved."""

    machine_readable = forms.BooleanField(
        label=_("It is stated in a machine-readable way at that address"), required=False
    )
    field_order = ("machine_readable", *StatementForm.field_order)

    def clean(self) -> dict[str, Any]:
        """A machine-readable reservation stands somewhere."""
        data = super().clean()
        if data.get("machine_readable") and not data.get("source_address"):
            self.add_error("source_address", _("Say where machines can read it."))
        return data


class GrantForm(StatementForm):
    """A permission to one licensee."""

    licensee = forms.CharField(label=_("Licensee"), help_text=_("The short name of the organisation: example-lab."))
    duties = forms.CharField(label=_("Duties"), required=False, help_text=_("With commas: attribution, deletion."))
    field_order = ("licensee", *StatementForm.field_order, "duties")

    def __init__(self, *arguments: Any, **names: Any) -> None:
        super().__init__(*arguments, **names)
        self.fields["uses"].required = True

    def clean_licensee(self) -> Organisation:
        """The organisation with this short name."""
        found = Organisation.objects.filter(slug=self.cleaned_data["licensee"].strip().lower()).first()
        if found is None:
            raise forms.ValidationError(_("There is no organisation of this short name."))
        return found

    def clean_duties(self) -> list[str]:
        """Each duty as one word or phrase."""
        return [duty.strip()[:64] for duty in self.cleaned_data["duties"].split(",") if duty.strip()]


class OfferForm(StatementForm):
    """Terms that anybody may accept."""

    terms = forms.CharField(label=_("Terms"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4}))
    address = forms.URLField(label=_("Where to accept it"), required=False, max_length=500, assume_scheme="https")
    field_order = ("terms", "address", *StatementForm.field_order)


class OpenLicenceForm(StatementForm):
    """A public licence."""

    licence = forms.CharField(
        label=_("Licence"), max_length=100, help_text=_("Its SPDX id: CC-BY-4.0, CC0-1.0, CC-BY-NC-SA-4.0.")
    )
    field_order = ("licence", *StatementForm.field_order)


STATEMENT_FORMS: dict[str, type[StatementForm]] = {
    "reservation": ReservationForm,
    "grant": GrantForm,
    "offer": OfferForm,
    "open-licence": OpenLicenceForm,
}
