"""Forms of licensing's pages: questions, checks and statements. They check the shape; services check the rest."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ingest.models import Scan
from licensing.rules import terms
from licensing.rules.facts import ReservationSearch
from licensing.rules.policy import PROFILES
from licensing.services.assertions import Scope, today
from licensing.web import words
from registry.models import Capacity, Dataset, Organisation, Verification
from registry.web.forms import AccessibleForm
from registry.web.forms import choices as registry_choices

MAX_TERRITORIES = 20


def choices(vocabulary: Mapping[str, Any], codes: Iterable[object]) -> list[tuple[str, str]]:
    """(code, word) pairs in the reader's language."""
    return [(str(code), words.said(dict(vocabulary), code)) for code in codes]


def territories() -> list[tuple[str, str]]:
    """The territories that most questions are about."""
    return [(code, words.territory(code)) for code in words.COMMON_TERRITORIES]


class DayInput(forms.DateInput):
    """A day, picked or typed, as ISO."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    """An optional day."""

    widget = DayInput

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **({"required": False} | options))


class TerritoriesField(forms.Form):
    """Common territories to tick and room for others; together they are `territory` in the cleaned data."""

    territory = forms.MultipleChoiceField(
        label=_("Territories"), choices=territories, required=False, widget=forms.CheckboxSelectMultiple
    )
    other_territories = forms.CharField(
        label=_("Other countries"), required=False, help_text=_("Country codes with commas: IT, NL, KR.")
    )

    def clean_other_territories(self) -> list[str]:
        """Codes the rules know, in their canonical spelling."""
        found = []
        for code in self.cleaned_data["other_territories"].replace(";", ",").replace(" ", ",").upper().split(","):
            if not code:
                continue
            known = terms.find_territory(code)
            if known is None:
                raise forms.ValidationError(_("%(code)s is not a country code.") % {"code": code})
            found.append(known)
        return found

    def clean(self) -> dict[str, Any]:
        """Tick boxes and typed codes as one list."""
        data = super().clean() or self.cleaned_data
        ticked = list(data.get("territory") or [])
        data["territory"] = list(dict.fromkeys([*ticked, *(data.get("other_territories") or [])]))
        return data


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


class FilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Each file cleaned; at least one."""
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files or [None]]


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
    publish = forms.BooleanField(
        label=_("Publish what this check finds"),
        required=False,
        help_text=_(
            "For files of the public dataset itself. Everybody is then shown, with your name, which registered works "
            "were found, how much of each and in which documents by name; no text, not your question or its answers. "
            "You can stop it later, but not take back what others have seen. Left empty, nobody else learns anything."
        ),
    )
    field_order = ("uploads", "dataset", "publish", "acquisition", "copied_on", *QuestionForm.field_order)

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


class WithdrawForm(AccessibleForm):
    """Why a statement or a text is withdrawn."""

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class ReportForm(forms.Form):
    """The language of a report."""

    language = forms.ChoiceField(
        label=_("Language of the report"), choices=[("en", "English"), ("zh-hans", "简体中文")], initial="en"
    )
