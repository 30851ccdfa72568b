"""The form of terms: every clause of a licence to tick or to type, read into the JSON that services take."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

from licensing.rules import terms
from licensing.rules.agreement import FeeModel, Sublicensing, Survival
from licensing.rules.currencies import CURRENCIES
from licensing.web import agreements_words, words
from licensing.web.forms import BETWEEN_NAMES, DayField, TerritoriesField, choices
from registry.errors import ColophonError, InvalidInput
from registry.web.forms import AccessibleForm

Result = TypeVar("Result")
ALL, ALONE, NAMED = "all", "alone", "named"
AMOUNT = r"^(0|[1-9]\d{0,11})(\.\d{1,8})?$"  # as licensing.rules.agreement_reading reads it
# the clauses of a form under their headings; the last two are folded away until they say something
GROUPS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("what", _("What it permits"), ("uses", "purposes")),
    ("where", _("Where and when"), ("territory", "other_territories", "valid_from", "valid_to")),
    ("fee", _("What is paid"), ("fee_model", "fee_amount", "fee_currency", "fee_per")),
    (
        "who",
        _("Who may use it"),
        ("licensee_kinds", "affiliates", "affiliates_named", "models", "products", "exclusive", "sublicensing"),
    ),
    (
        "conditions",
        _("On which conditions"),
        ("attribution", "audit", "verbatim_words", "output_note", "survival", "note"),
    ),
)
FOLDED = ("who", "conditions")
# where a fault of the services belongs, where that is not the first step of its pointer
FIELDS = {
    "fee/amount": "fee_amount",
    "fee/currency": "fee_currency",
    "fee/per": "fee_per",
    "fee": "fee_model",
    "output_limits/verbatim_words": "verbatim_words",
    "output_limits": "output_note",
}


def _names(text: str) -> list[str]:
    """The lines of a text, each once."""
    return list(dict.fromkeys(line for line in map(str.strip, text.splitlines()) if line))


def _text(text: str) -> str:
    """A text with line ends as they are kept: browsers send them as those of letters."""
    return text.replace("\r\n", "\n").strip()


def _split(text: str) -> list[str]:
    """Names with commas or line by line, each once."""
    return list(dict.fromkeys(name.strip() for name in BETWEEN_NAMES.split(text) if name.strip()))


class TermsForm(AccessibleForm, TerritoriesField):
    """Terms of a licence. It checks what a person can see at once; services check the rest."""

    uses = forms.MultipleChoiceField(
        label=_("Uses"), choices=lambda: choices(words.USES, terms.Use), widget=forms.CheckboxSelectMultiple
    )
    purposes = forms.MultipleChoiceField(
        label=_("Purposes"),
        choices=lambda: choices(words.PURPOSES, terms.Purpose),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every purpose."),
    )
    valid_from = DayField(label=_("First day"))
    valid_to = DayField(label=_("Last day"), help_text=_("Both days included. Empty: no limit."))
    fee_model = forms.ChoiceField(
        label=_("Fee"),
        required=False,
        choices=lambda: [("", _("not stated yet")), *choices(agreements_words.FEES, FeeModel)],
    )
    fee_amount = forms.RegexField(
        label=_("Amount"),
        required=False,
        regex=AMOUNT,
        help_text=_("With a point: 12.50."),
        error_messages={"invalid": _("Write digits with a point: 12.50.")},
    )
    fee_currency = forms.CharField(
        label=_("Currency"), required=False, max_length=3, help_text=_("Its code: EUR, USD, CNY.")
    )
    fee_per = forms.CharField(
        label=_("For what"), required=False, max_length=300, help_text=_("For example: per year, of net revenue.")
    )
    licensee_kinds = forms.MultipleChoiceField(
        label=_("Kinds of licensee"),
        choices=lambda: choices(agreements_words.LICENSEE_KINDS, terms.LicenseeKind),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every kind."),
    )
    affiliates = forms.ChoiceField(
        label=_("Affiliates"),
        required=False,
        choices=lambda: [
            (ALL, _("the licensee and every affiliate")),
            (ALONE, _("nobody but the licensee")),
            (NAMED, _("the licensee and those named here")),
        ],
    )
    affiliates_named = forms.CharField(
        label=_("Affiliates by name"),
        required=False,
        max_length=4000,
        help_text=_("Short names of organisations, with commas: example-lab, example-labs-europe."),
    )
    models = forms.CharField(
        label=_("Models"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line. Empty: every model."),
    )
    products = forms.CharField(
        label=_("Products"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line. Empty: every product."),
    )
    exclusive = forms.BooleanField(label=_("Exclusive: nobody else gets a licence for this"), required=False)
    sublicensing = forms.ChoiceField(
        label=_("May be passed on"),
        required=False,
        choices=lambda: choices(agreements_words.SUBLICENSING, Sublicensing),
    )
    attribution = forms.BooleanField(label=_("The source is named"), required=False)
    audit = forms.BooleanField(label=_("The rightsholder may audit the use"), required=False)
    verbatim_words = forms.IntegerField(
        label=_("Words in a row that output may repeat"), required=False, min_value=0, max_value=1_000_000
    )
    output_note = forms.CharField(
        label=_("Other limits of output"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )
    survival = forms.ChoiceField(
        label=_("When the licence has ended"),
        required=False,
        choices=lambda: [("", _("nothing agreed")), *choices(agreements_words.SURVIVAL, Survival)],
    )
    note = forms.CharField(
        label=_("Also agreed"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    field_order: tuple[str, ...] = tuple(name for _key, _label, names in GROUPS for name in names)

    def clean_fee_currency(self) -> str:
        """A currency in use."""
        code = str(self.cleaned_data["fee_currency"]).strip().upper()
        if code and code not in CURRENCIES:
            raise forms.ValidationError(_("%(code)s is no currency code. Write it like EUR.") % {"code": code})
        return code

    def clean(self) -> dict[str, Any]:
        """Days in order, an amount with its currency, names where names are meant."""
        data = super().clean()
        first, last = data.get("valid_from"), data.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", _("The last day lies before the first one."))
        amount, currency = data.get("fee_amount"), data.get("fee_currency")
        if amount and not currency and "fee_currency" not in self.errors:
            self.add_error("fee_currency", _("Say in which currency."))
        if currency and not amount and "fee_amount" not in self.errors:
            self.add_error("fee_amount", _("Say how much."))
        if (amount or currency) and data.get("fee_model") == FeeModel.FREE:
            self.add_error("fee_model", _("What is free of charge has no amount."))
        elif (amount or currency or data.get("fee_per")) and not data.get("fee_model"):
            self.add_error("fee_model", _("Say what kind of fee this is."))
        if data.get("affiliates") == NAMED and not data.get("affiliates_named"):
            self.add_error("affiliates_named", _("Name at least one affiliate."))
        return data

    def to_terms(self) -> dict[str, Any]:
        """The terms as services take them."""
        data = self.cleaned_data
        who = {ALONE: ["none"], NAMED: _split(data["affiliates_named"])}.get(data["affiliates"], [])
        limits = {"verbatim_words": data["verbatim_words"], "note": _text(data["output_note"])}
        fee = {
            "model": data["fee_model"],
            "amount": data["fee_amount"].strip() or None,
            "currency": data["fee_currency"] or None,
            "per": data["fee_per"].strip(),
        }
        return {
            "uses": data["uses"],
            "purposes": data["purposes"],
            "territory": data["territory"],
            "valid_from": _iso(data["valid_from"]),
            "valid_to": _iso(data["valid_to"]),
            "licensee_kinds": data["licensee_kinds"],
            "affiliates": who,
            "models": _names(data["models"]),
            "products": _names(data["products"]),
            "exclusive": data["exclusive"],
            "sublicensing": data["sublicensing"] or Sublicensing.NONE.value,
            "output_limits": limits if limits["note"] or limits["verbatim_words"] is not None else None,
            "fee": fee if fee["model"] else None,
            "attribution": data["attribution"],
            "audit": data["audit"],
            "survival": data["survival"] or None,
            "note": _text(data["note"]),
        }

    def add_terms_errors(self, error: InvalidInput) -> None:
        """Put the faults that a service found in the terms beside their fields, others where they belong."""
        for fault in error.errors or [{"pointer": "", "cause": error.sentence}]:
            place = fault["pointer"].removeprefix("/terms").strip("/")
            first = place.split("/")[0]
            name = FIELDS.get(place) or FIELDS.get(first) or first
            self.add_error(name if name in self.fields else None, fault["cause"])

    def attempt(self, act: Callable[[], Result]) -> Result | None:
        """What a service gives; None where it refuses, and then the form says why, beside the fields it is about."""
        try:
            return act()
        except InvalidInput as error:
            self.add_terms_errors(error)
        except ColophonError as error:
            self.add_error(None, error.sentence)
        return None

    def groups(self) -> list[dict[str, Any]]:
        """The fields under their headings, for the template. Folded ones open where they say something or are wrong."""
        shown = []
        for key, label, names in GROUPS:
            fields = [self[name] for name in names]
            said = any(field.errors or _says(field.value()) for field in fields)
            shown.append({"label": label, "fields": fields, "folded": key in FOLDED, "open": said})
        return shown

    def others(self) -> list[Any]:
        """The fields that are no clause of the terms, in their order: a title, a message, files."""
        clauses = {name for _key, _label, names in GROUPS for name in names}
        return [field for field in self if field.name not in clauses and not field.is_hidden]


def _says(value: Any) -> bool:
    """Whether a field narrows anything. No words in a row are a limit too."""
    return value is not False and value not in (None, "", [], ALL, "none")


def _iso(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None


def initial_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the form shows for terms that are there already."""
    fee, limits = given.get("fee") or {}, given.get("output_limits") or {}
    affiliates: list[str] = list(given.get("affiliates") or ())
    territory: Iterable[str] = given.get("territory") or ()
    common = set(words.COMMON_TERRITORIES)
    who = ALONE if affiliates == ["none"] else NAMED if affiliates else ALL
    return {
        **{name: given.get(name) for name in ("uses", "purposes", "licensee_kinds", "valid_from", "valid_to")},
        **{name: given.get(name) for name in ("exclusive", "attribution", "audit", "sublicensing", "survival", "note")},
        "territory": [code for code in territory if code in common],
        "other_territories": ", ".join(code for code in territory if code not in common),
        "affiliates": who,
        "affiliates_named": ", ".join(affiliates) if who == NAMED else "",
        "models": "\n".join(given.get("models") or ()),
        "products": "\n".join(given.get("products") or ()),
        "verbatim_words": limits.get("verbatim_words"),
        "output_note": limits.get("note", ""),
        "fee_model": fee.get("model", ""),
        "fee_amount": fee.get("amount") or "",
        "fee_currency": fee.get("currency") or "",
        "fee_per": fee.get("per") or "",
    }
