"""Forms of standing offers: what is offered for which works, what of it is accepted, and taking it back."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from licensing.services.standing_offers import CHANNELS
from licensing.web import agreements_words
from licensing.web.agreements_forms import TermsForm
from licensing.web.forms import choices
from licensing.web.listed_works import ListedField
from registry.models import Work
from registry.web.forms import AccessibleForm

LEAD, TRAIL = ("which", "listed"), ("channel", "at_most", "words", "address")


class OfferForm(TermsForm):
    """Terms that anybody may accept, for all works that were claimed or those of a list."""

    which = forms.ChoiceField(label=_("For which works"), widget=forms.RadioSelect, initial="claimed")
    listed = ListedField(
        label=_("List of works"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One a line: an ISBN, a DOI, another identifier, or a work's number here."),
    )
    channel = forms.ChoiceField(
        label=_("Channel"), choices=lambda: choices(agreements_words.CHANNELS, CHANNELS), required=False
    )
    at_most = forms.IntegerField(
        label=_("At most so many licensees for a work"), required=False, min_value=1, help_text=_("Empty: no limit.")
    )
    words = forms.CharField(
        label=_("The offer in words"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )
    address = forms.URLField(
        label=_("Where it can be read on your own site"), required=False, max_length=500, assume_scheme="https"
    )

    def __init__(self, *arguments: Any, about: Work | None = None, claimed: int = 0, **names: Any) -> None:
        super().__init__(*arguments, **names)
        if about is not None:
            del self.fields["which"]
            del self.fields["listed"]
        else:
            said = ngettext(
                "the %(number)d work that you have claimed", "all %(number)d works that you have claimed", claimed
            )
            options = [("claimed", said % {"number": claimed}), ("listed", _("those in this list"))]
            self.fields["which"].choices = options  # type: ignore[attr-defined]
        self.fields["fee_model"].required = True

    def clean_channel(self) -> str:
        """A standing offer unless another channel is chosen."""
        return str(self.cleaned_data["channel"] or CHANNELS[0])

    def clean(self) -> dict[str, Any]:
        """A list where one is meant."""
        data = super().clean()
        if data.get("which") == "listed" and not data.get("listed") and "listed" not in self.errors:
            self.add_error("listed", _("List at least one work."))
        return data

    def lead(self) -> list[Any]:
        """The fields above the terms."""
        return [self[name] for name in LEAD if name in self.fields]

    def trail(self) -> list[Any]:
        """The fields below the terms."""
        return [self[name] for name in TRAIL]


class AcceptForm(AccessibleForm):
    """For which of the works of an offer it is accepted."""

    which = forms.ChoiceField(label=_("For which works"), widget=forms.RadioSelect, initial="one")
    works = forms.MultipleChoiceField(label=_("Works"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *arguments: Any, works: Sequence[Work], number: int, about: Work, **names: Any) -> None:
        super().__init__(*arguments, **names)
        if number < 2:
            del self.fields["which"]
            del self.fields["works"]
            return
        options = [
            ("one", about.title),
            ("all", _("all %(number)d works") % {"number": number}),
            ("some", _("those ticked here")),
        ]
        self.fields["which"].choices = options  # type: ignore[attr-defined]
        self.fields["works"].choices = [(work.public_id, work.title) for work in works]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """At least one work, where some are meant."""
        data = super().clean() or self.cleaned_data
        if data.get("which") == "some" and not data.get("works"):
            self.add_error("works", _("Tick at least one work."))
        return data


class TakeBackForm(AccessibleForm):
    """Why an offer is taken back, and how much of it."""

    which = forms.ChoiceField(label=_("What is taken back"), widget=forms.RadioSelect, initial="all")
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *arguments: Any, number: int, **names: Any) -> None:
        super().__init__(*arguments, **names)
        if number < 2:
            del self.fields["which"]
            return
        options = [
            ("all", _("the offers for all %(number)d works") % {"number": number}),
            ("one", _("the offer for this work only")),
        ]
        self.fields["which"].choices = options  # type: ignore[attr-defined]
