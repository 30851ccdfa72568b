"""Forms of a firm's requests: what is asked for, of which works, by when."""

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from licensing.services.assertions import today
from licensing.web.agreements_forms import TermsForm
from licensing.web.forms import DayField, choices
from licensing.web.listed_works import ListedField
from licensing.web.words import VERDICTS
from registry.web.forms import AccessibleForm

ANSWER_DAYS = 30  # how long rightsholders are given unless the firm says otherwise
LEAD, TRAIL = ("verdicts", "listed", "title"), ("respond_by", "message")


class RequestForm(TermsForm):
    """What a firm asks for. `counts` (verdict → works) to choose among; `wants_list`: works to be typed."""

    verdicts = forms.MultipleChoiceField(
        label=_("Works to ask for, by their verdict"), widget=forms.CheckboxSelectMultiple
    )
    listed = ListedField(
        label=_("Works"),
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("One a line: an ISBN, a DOI, another identifier, or a work's number here."),
    )
    title = forms.CharField(label=_("Title of the request"), max_length=200)
    respond_by = DayField(label=_("Answer wanted by"), help_text=_("Both sides are reminded of this day."))
    message = forms.CharField(
        label=_("Message to the rightsholders"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(
        self, *arguments: Any, counts: dict[str, int] | None = None, wants_list: bool = False, **names: Any
    ) -> None:
        super().__init__(*arguments, **names)
        if counts:
            field = self.fields["verdicts"]
            field.choices = [  # type: ignore[attr-defined]
                (code, f"{word} ({counts[code]})") for code, word in choices(VERDICTS, VERDICTS) if counts.get(code)
            ]
        else:
            del self.fields["verdicts"]
        if not wants_list:
            del self.fields["listed"]

    def clean_respond_by(self) -> datetime.date | None:
        """A day that is still to come."""
        day: datetime.date | None = self.cleaned_data["respond_by"]
        if day is not None and day < today():
            raise forms.ValidationError(_("This day is over."))
        return day

    def lead(self) -> list[Any]:
        """The fields above the terms."""
        return [self[name] for name in LEAD if name in self.fields]

    def trail(self) -> list[Any]:
        """The fields below the terms."""
        return [self[name] for name in TRAIL if name in self.fields]


class CancelForm(AccessibleForm):
    """Why a request is taken back."""

    reason = forms.CharField(
        label=_("Reason, for those who were asked"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
