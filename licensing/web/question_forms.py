"""Forms of questions: about one work, about a scanned dataset, and about files that are handed in with it."""

import datetime
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ingest.models import Scan
from licensing.rules import terms
from licensing.rules.facts import ReservationSearch
from licensing.rules.policy import PROFILES
from licensing.services.assertions import today
from licensing.web import words
from licensing.web.forms import DayField, FilesField, TerritoriesField, choices
from registry.models import Dataset
from registry.web.forms import AccessibleForm
from registry.web.forms import choices as registry_choices

MAX_TERRITORIES = 20


class WorkQuestionForm(forms.Form):
    """What a work's page is asked: use, purpose, territory, day, and how the copy came."""

    use = forms.ChoiceField(label=_("Use"), choices=lambda: choices(words.USES, terms.Use))
    purpose = forms.ChoiceField(label=_("Purpose"), choices=lambda: choices(words.PURPOSES, terms.Purpose))
    territory = forms.CharField(label=_("Territory"), max_length=8)
    on = DayField(label=_("On the day"), required=True)
    acquisition = forms.ChoiceField(label=_("Copy"), choices=lambda: registry_choices(Scan.Acquisition.values))

    def clean_territory(self) -> str:
        """A code the rules know."""
        known = terms.find_territory(self.cleaned_data["territory"].strip().upper())
        if known is None:
            raise forms.ValidationError(_("Write a country code, EU, EEA or WORLD."))
        return known


class QuestionForm(AccessibleForm, TerritoriesField):
    """The question that is asked of a scanned dataset."""

    use = forms.ChoiceField(label=_("Use"), choices=lambda: choices(words.USES, terms.Use))
    purpose = forms.ChoiceField(label=_("Purpose"), choices=lambda: choices(words.PURPOSES, terms.Purpose))
    as_of = DayField(label=_("As of"), initial=today, required=True, help_text=_("The day of the use."))
    policy = forms.ChoiceField(label=_("Policy"), choices=lambda: choices(words.POLICIES, PROFILES), initial="balanced")
    reservation_search = forms.ChoiceField(
        label=_("Search for reservations"),
        initial=ReservationSearch.NOT_DONE,
        choices=lambda: [
            ("not_done", _("nobody has searched where publishers state them")),
            ("evidenced", _("done, and we can show how and when")),
        ],
    )
    product = forms.CharField(
        label=_("Product"),
        max_length=120,
        required=False,
        help_text=_("What it is for. A licence that names products covers no other. Empty: not decided yet."),
    )
    model = forms.CharField(
        label=_("Model"),
        max_length=120,
        required=False,
        help_text=_("Which model is trained. A licence that names models covers no other. Empty: not decided yet."),
    )
    competing = forms.ChoiceField(
        label=_("A model made of it competes with those whose output it holds"),
        required=False,
        choices=lambda: [("", _("not recorded")), ("yes", _("yes")), ("no", _("no"))],
        help_text=_("Providers’ terms forbid that most. It matters where models wrote some of the dataset."),
    )
    released = forms.BooleanField(label=_("What is made is released"), required=False)
    field_order: tuple[str, ...] = (
        "use",
        "purpose",
        "territory",
        "other_territories",
        "as_of",
        "policy",
        "reservation_search",
        "product",
        "model",
        "competing",
        "released",
    )

    def __init__(self, *args: Any, own_policies: Iterable[str] = (), **kwargs: Any) -> None:
        """`own_policies`: names of the organisation's own, which come before the profiles."""
        super().__init__(*args, **kwargs)
        own = [(name, name) for name in own_policies]
        field = self.fields["policy"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*own, *choices(words.POLICIES, PROFILES)]

    def clean(self) -> dict[str, Any]:
        """At least one territory, and not so many that nobody reads the answers."""
        data = super().clean()
        chosen = len(data["territory"])
        if not chosen and "other_territories" not in self.errors:
            self.add_error("territory", _("Choose at least one territory."))
        if chosen > MAX_TERRITORIES:
            self.add_error("territory", _("More than 20 territories: ask in several checks."))
        return data


class CheckForm(QuestionForm):
    """A dataset's files, how they were come by, and the question."""

    uploads = FilesField(
        label=_("Files"),
        allow_empty_file=True,
        help_text=_("txt, epub, jsonl, json, csv, parquet, tar, zip; also gz, zst, xz, bz2."),
    )
    dataset = forms.CharField(label=_("Name of the dataset"), max_length=200)
    acquisition = forms.ChoiceField(
        label=_("How the copy was obtained"),
        choices=lambda: registry_choices(Scan.Acquisition.values),
        initial=Scan.Acquisition.UNKNOWN,
    )
    copied_on = DayField(
        label=_("Copied on"), help_text=_("What a publisher's signal said on that day decides. Empty: not known.")
    )
    text_field = forms.CharField(
        label=_("Field of the text"),
        max_length=100,
        required=False,
        help_text=_("Of a record or table. Empty: “text”, or one of the usual names."),
    )
    publish = forms.BooleanField(
        label=_("Publish what this check finds"),
        required=False,
        help_text=_(
            "For files of the public dataset itself. Everybody is then shown, with your name, which registered works "
            "were found, how much of each and in which documents by name; no text, not your question or its answers. "
            "You can stop it later, but not take back what others have seen. Left empty, nobody else learns anything."
        ),
    )
    field_order = ("uploads", "dataset", "text_field", "publish", "acquisition", "copied_on", *QuestionForm.field_order)

    def __init__(self, *args: Any, about: Dataset | None = None, **kwargs: Any) -> None:
        """`about`: the public dataset that the files are said to be; without one there is nothing to publish in."""
        super().__init__(*args, **kwargs)
        if about is None:
            del self.fields["publish"]

    def clean_copied_on(self) -> datetime.date | None:
        """A day that has been."""
        day = self.cleaned_data["copied_on"]
        if day and day > today():
            raise forms.ValidationError(_("This day has not come yet."))
        return day
