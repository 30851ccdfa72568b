"""Forms of the registry's pages: they check the shape, services check the rest."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext_lazy as _

from registry import identifiers
from registry.errors import InvalidInput
from registry.models import Identifier, Work
from registry.models.base import PARTIAL_DATE
from registry.services.tokens import DEFAULT_DAYS, SCOPES
from registry.services.works import AuthorFacts, WorkFacts
from registry.web import words

MAX_AUTHORS = 50


def choices(codes: Any) -> list[tuple[str, str]]:
    """(code, word) pairs in the reader's language; give a callable of it to a field, so that it is asked each time."""
    return [(str(code), words.term(code)) for code in codes]


class AccessibleForm(forms.Form):
    """A form whose faulty fields say so to everybody: `aria-invalid`, and the errors as their description."""

    required_css_class = "required"

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


class RegisterForm(AccessibleForm):
    """One work."""

    title = forms.CharField(label=_("Title"), max_length=500)
    subtitle = forms.CharField(label=_("Subtitle"), max_length=500, required=False)
    authors = forms.CharField(
        label=_("Authors"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "Jane Austen (1775–1817)"}),
        help_text=_("One a line. Years of birth and death in brackets where they are known."),
    )
    first_published = PartialDateField(
        label=_("First published"), help_text=_("Year, month or day, as far as it is known. Leave unknown dates empty.")
    )
    country = forms.RegexField(
        label=_("Country of first publication"),
        regex=r"^[A-Za-z]{2}$",
        required=False,
        help_text=_("Two letters: GB, US, CN."),
        error_messages={"invalid": _("Write the two letters of a country: GB, US, CN.")},
    )
    language = forms.RegexField(
        label=_("Language"),
        regex=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        required=False,
        help_text=_("A language tag: en, zh, zh-Hant."),
        error_messages={"invalid": _("Write a language tag: en, zh, zh-Hant.")},
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=lambda: choices(Work.Kind.values), initial=Work.Kind.BOOK)
    authorship = forms.ChoiceField(
        label=_("Authorship"), choices=lambda: choices(Work.Authorship.values), initial=Work.Authorship.INDIVIDUAL
    )
    isbn = forms.CharField(
        label=_("ISBN"),
        required=False,
        help_text=_("ISBN-10 or ISBN-13, with or without hyphens; several with commas."),
    )
    doi = forms.CharField(label=_("DOI"), required=False)
    record_reference = forms.CharField(
        label=_("Your reference"), max_length=200, required=False, help_text=_("Your own number for this work.")
    )

    def clean_isbn(self) -> list[tuple[str, str]]:
        """Each ISBN in its canonical form."""
        return self._identifiers("isbn", Identifier.Scheme.ISBN)

    def clean_doi(self) -> list[tuple[str, str]]:
        """The DOI in its canonical form."""
        return self._identifiers("doi", Identifier.Scheme.DOI)

    def _identifiers(self, name: str, scheme: str) -> list[tuple[str, str]]:
        found = []
        for value in (self.cleaned_data[name] or "").replace(";", ",").split(","):
            if not value.strip():
                continue
            try:
                found.append((str(scheme), identifiers.normalise(scheme, value.strip())))
            except identifiers.IdentifierError as error:
                self.add_error(name, str(error))
        return found

    def clean_authors(self) -> list[AuthorFacts]:
        """One author a line, `Name (born–died)`."""
        lines = [line.strip() for line in self.cleaned_data["authors"].splitlines() if line.strip()]
        if len(lines) > MAX_AUTHORS:
            self.add_error("authors", _("More than 50 authors: name the first ones."))
        return [read_author(line) for line in lines[:MAX_AUTHORS]]

    def to_facts(self) -> WorkFacts:
        """What the service registers."""
        data = self.cleaned_data
        return WorkFacts(
            title=data["title"],
            subtitle=data["subtitle"],
            authors=data["authors"],
            first_published=data["first_published"],
            country=data["country"].upper(),
            language=data["language"],
            kind=data["kind"],
            authorship=data["authorship"],
            record_reference=data["record_reference"],
            identifiers=[*data["isbn"], *data["doi"]],
        )


def read_author(line: str) -> AuthorFacts:
    """`Jane Austen (1775–1817)` → name and years; a bracket that holds no years stays part of the name."""
    name, bracket, rest = line.rpartition("(")
    years = rest.rstrip(") ").replace("—", "–").replace("-", "–").split("–") if bracket else []
    if len(years) == 2 and all(
        not year.strip() or (year.strip().isdigit() and len(year.strip()) == 4) for year in years
    ):
        return AuthorFacts(name=name.strip(), born=years[0].strip(), died=years[1].strip())
    return AuthorFacts(name=line)


class TokenForm(AccessibleForm):
    """A new bearer token."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What will use it: nightly check, laptop."))
    scopes = forms.MultipleChoiceField(
        label=_("May"), choices=lambda: choices(SCOPES), initial=["read"], widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label=_("Valid for days"), min_value=1, max_value=366, initial=DEFAULT_DAYS)
