"""Forms of the registry's pages: they check the shape, services check the rest."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext_lazy as _

from registry.errors import InvalidInput
from registry.models.base import PARTIAL_DATE
from registry.services.tokens import DEFAULT_DAYS, SCOPES
from registry.web import words
from registry.web.refusals import said


def choices(codes: Any) -> list[tuple[str, str]]:
    """(code, word) pairs in the reader's language; give a callable of it to a field, so that it is asked each time."""
    return [(str(code), words.term(code)) for code in codes]


class AccessibleForm(forms.Form):
    """A form whose faulty fields say so to everybody: `aria-invalid`, and the errors as their description."""

    required_css_class = "required"

    def add_error(self, field: str | None, error: Any) -> None:
        """As Django does; a service's sentence in the reader's language."""
        super().add_error(field, said(error) if isinstance(error, str) else error)

    def add_service_errors(self, error: InvalidInput, fields: dict[str, str] | None = None) -> None:
        """Put a service's faults beside the fields they are about; `fields` maps first pointer steps to names."""
        for fault in error.errors or [{"pointer": "", "cause": error.sentence}]:
            step = fault["pointer"].strip("/").split("/")[0]
            name = (fields or {}).get(step, step)
            self.add_error(name if name in self.fields else NON_FIELD_ERRORS, fault["cause"])


class PartialDateField(forms.RegexField):
    """A date known to the year, the month or the day."""

    def __init__(self, **options: Any) -> None:
        fault = _("Write a date like 1813, 1813-01 or 1813-01-28.")
        super().__init__(regex=PARTIAL_DATE, required=False, error_messages={"invalid": fault}, **options)
        self.widget.attrs |= {"placeholder": "1813-01-28", "inputmode": "numeric", "autocomplete": "off"}


class TokenForm(AccessibleForm):
    """A new bearer token."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What will use it: nightly check, laptop."))
    scopes = forms.MultipleChoiceField(
        label=_("May"), choices=lambda: choices(SCOPES), initial=["read"], widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label=_("Valid for days"), min_value=1, max_value=366, initial=DEFAULT_DAYS)
