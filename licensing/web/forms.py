"""What the forms of licensing's pages have in common. They check the shape; services check the rest."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from licensing.rules import terms
from licensing.web import words
from registry.web.forms import AccessibleForm

BETWEEN_NAMES = re.compile(r"[,;\n，；、]+")  # commas of either script
BETWEEN_CODES = re.compile(r"[\s,;，；、]+")


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


class PlaceField(forms.CharField):
    """An optional country, or a group of them, that the rules know; cleaned to its canonical spelling or ""."""

    def clean(self, value: Any) -> str:
        """The code in its canonical spelling; ValidationError where the rules do not know it."""
        said = str(super().clean(value)).strip().upper()
        found = terms.find_territory(said) if said else ""
        if found is None:
            raise forms.ValidationError(_("%(code)s is not a country code."), params={"code": said})
        return found


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
        found, faults = [], []
        for code in filter(None, BETWEEN_CODES.split(self.cleaned_data["other_territories"].upper())):
            known = terms.find_territory(code)
            if known is None:
                faults.append(forms.ValidationError(_("%(code)s is not a country code.") % {"code": code}))
            else:
                found.append(known)
        if faults:
            raise forms.ValidationError(faults)
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
