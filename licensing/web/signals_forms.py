"""Forms of the pages about signals."""

import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from licensing.formats.recognition import KINDS
from licensing.rules.terms import Use
from licensing.web import words
from licensing.web.forms import DayField, choices
from registry.web.forms import AccessibleForm


class HandInForm(AccessibleForm):
    """A file that a publisher's machine gave out, where, and when."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("robots.txt, tdmrep.json, ai.txt, RSL, ODRL, ONIX, CAWG, a page, an EPUB, a PDF, or words."),
    )
    address = forms.CharField(
        label=_("Where it was read"),
        max_length=1000,
        required=False,
        help_text=_("The address, like https://press.example/robots.txt. Empty for a book or document of its own."),
    )
    observed_on = DayField(label=_("On which day"), help_text=_("Empty: today."))
    work = forms.CharField(
        label=_("Number of the work"),
        max_length=12,
        required=False,
        help_text=_("Where the file is the work's own and stands at no address: the twelve characters on its page."),
    )
    kind = forms.ChoiceField(label=_("What it is"), required=False)

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.fields["kind"].choices = [("", _("found out by its content")), *((kind, kind) for kind in KINDS)]  # type: ignore[attr-defined]

    def moment(self) -> datetime.datetime | None:
        """Noon of the day; none where it is today, which the database's clock knows better."""
        day = self.cleaned_data.get("observed_on")
        return datetime.datetime.combine(day, datetime.time(12), datetime.UTC) if day else None


class ReadForm(AccessibleForm):
    """A site to be read."""

    address = forms.CharField(label=_("Address"), max_length=1000, help_text=_("A site, or a page: press.example."))


class CrawlForm(AccessibleForm):
    """Crawl records."""

    file = forms.FileField(label=_("File"), allow_empty_file=True, help_text=_("WARC, plain or gzipped."))


class AddressForm(AccessibleForm):
    """Where a work stands."""

    address = forms.CharField(
        label=_("Address"), max_length=1000, help_text=_("https://press.example/books/lamp; a * at the end: all below.")
    )
    since = DayField(label=_("Since"))


class SaidForm(AccessibleForm):
    """A question about a day."""

    on = DayField(label=_("On the day"), required=True)
    use = forms.ChoiceField(label=_("Use"), choices=lambda: choices(words.USES, Use))
    agent = forms.CharField(label=_("Crawler"), required=False, max_length=100)
