"""What the forms of licensing's pages have in common. They check the shape; services check the rest."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from licensing.rules import terms
from licensing.web import words
from registry.web.forms import AccessibleForm


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


class WithdrawForm(AccessibleForm):
    """Why a statement or a text is withdrawn."""

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class ReportForm(forms.Form):
    """The language of a report."""

    language = forms.ChoiceField(
        label=_("Language of the report"), choices=[("en", "English"), ("zh-hans", "简体中文")], initial="en"
    )
