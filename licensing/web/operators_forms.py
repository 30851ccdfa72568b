"""Forms for operators: which claims of an organisation are looked at together, and how far they are verified."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from licensing.rules import terms
from licensing.services import bulk_verification
from licensing.services.assertions import RAISED_BY_DOMAIN
from licensing.services.bulk_verification import Chosen
from licensing.web.authority_forms import SHA256, VerificationForm
from registry.models import Capacity, Organisation
from registry.web.forms import AccessibleForm, choices


class ClaimsForm(AccessibleForm):
    """Which claims of one organisation: all that wait, or fewer."""

    capacity = forms.ChoiceField(
        label=_("Capacity"),
        required=False,
        choices=lambda: [("", _("any")), *choices([c for c in Capacity.values if c in set(RAISED_BY_DOMAIN)])],
    )
    isbn_prefixes = forms.CharField(
        label=_("Prefixes of ISBNs"),
        required=False,
        max_length=1000,
        help_text=_("One or more, with spaces between them, as in 978-3-16. Claims to works that have such an ISBN."),
    )
    named_sha256 = forms.RegexField(
        label=_("SHA-256 of a document that the claims name"),
        regex=SHA256,
        required=False,
        error_messages={"invalid": _("A SHA-256 has 64 hexadecimal digits.")},
    )

    def chosen(self, organisation: Organisation) -> Chosen:
        """The choice as the service takes it."""
        data = self.cleaned_data
        prefixes = data["isbn_prefixes"].replace(",", " ").split()
        return Chosen(organisation, data["capacity"], prefixes, data["named_sha256"].lower())


class BulkVerificationForm(VerificationForm):
    """How far the chosen claims are verified, and by which document."""

    expected = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, **names: Any) -> None:
        super().__init__(*arguments, **names)
        level = self.fields["level"]
        assert isinstance(level, forms.ChoiceField)
        level.choices = choices([word.value for word in bulk_verification.LEVELS])
        level.initial = terms.Verification.DOCUMENT.value

    def clean(self) -> dict[str, Any]:
        """One document, handed in or named by its hash."""
        data = super().clean()
        if not data.get("evidence_sha256") and not {"document", "evidence_sha256"} & set(self.errors):
            self.add_error("document", _("Hand in the document that you looked at, or type its SHA-256."))
        return data
