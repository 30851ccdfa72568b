"""Forms of disputes: what the claimants agreed, what a court or the registry decided."""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from licensing.services.assertions import today
from licensing.services.decisions import Terms
from licensing.web.authority_forms import SHA256
from licensing.web.forms import DayField
from registry.models import ClaimDecision, RightsClaim
from registry.web import words as registry_words
from registry.web.forms import AccessibleForm


class StatementOnlyForm(AccessibleForm):
    """A sentence for the record."""

    statement = forms.CharField(label=_("In words"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class ClaimsChosen(AccessibleForm):
    """Which claims stand and which give way; the rest of a form about a decision follows."""

    upheld = forms.MultipleChoiceField(label=_("These stand"), required=False, widget=forms.CheckboxSelectMultiple)
    set_aside = forms.MultipleChoiceField(label=_("These give way"), widget=forms.CheckboxSelectMultiple)
    decided_on = DayField(label=_("From the day"), initial=today, required=True)
    statement = forms.CharField(label=_("What was decided"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *arguments: Any, claims: Sequence[RightsClaim], **names: Any) -> None:
        super().__init__(*arguments, **names)
        self.claims = {claim.public_id: claim for claim in claims}
        for name in ("upheld", "set_aside"):
            field: Any = self.fields[name]
            field.choices = [(claim.public_id, describe(claim)) for claim in claims]

    def clean(self) -> dict[str, Any]:
        """No claim on both sides."""
        data = super().clean() or self.cleaned_data
        if set(data.get("upheld") or []) & set(data.get("set_aside") or []):
            self.add_error("set_aside", _("A claim cannot both stand and give way."))
        return data

    def chosen(self, name: str) -> list[RightsClaim]:
        """The claims ticked."""
        return [self.claims[public_id] for public_id in self.cleaned_data[name]]

    def to_terms(self) -> Terms:
        """What was decided, as services take it."""
        data = self.cleaned_data
        return Terms(
            statement=data["statement"],
            decided_on=data["decided_on"],
            source_address=data.get("source_address", ""),
            source_sha256=(data.get("source_sha256") or "").lower(),
        )


class AgreementForm(ClaimsChosen):
    """What the claimants agreed."""

    def clean_decided_on(self) -> datetime.date:
        """An agreement begins on the day it is written down, or later."""
        day: datetime.date = self.cleaned_data["decided_on"]
        if day < today():
            raise forms.ValidationError(_("An agreement cannot begin before it is written down here."))
        return day


class DecisionForm(ClaimsChosen):
    """What a court or the registry decided: for operators."""

    ground = forms.ChoiceField(
        label=_("On which ground"),
        choices=lambda: [(str(code), registry_words.term(code)) for code in ClaimDecision.Ground.values],
        initial=ClaimDecision.Ground.COURT,
    )
    source_address = forms.URLField(
        label=_("Where it can be read"), required=False, max_length=500, assume_scheme="https"
    )
    source_sha256 = forms.RegexField(
        label=_("SHA-256 of the document"),
        regex=SHA256,
        required=False,
        error_messages={"invalid": _("A SHA-256 has 64 hexadecimal digits.")},
    )
    field_order = ("ground", "upheld", "set_aside", "decided_on", "statement", "source_address", "source_sha256")

    def clean_decided_on(self) -> datetime.date:
        """A day that has been."""
        day: datetime.date = self.cleaned_data["decided_on"]
        if day > today():
            raise forms.ValidationError(_("This day has not come yet."))
        return day


def describe(claim: RightsClaim) -> str:
    """A claim in one line: who says it for whom, as what."""
    capacity = registry_words.term(claim.capacity)
    if claim.holder.organisation_id == claim.asserted_by_id:
        return f"{claim.asserted_by} · {capacity} · {claim.public_id}"
    return f"{claim.asserted_by} · {capacity} · {claim.holder} · {claim.public_id}"
