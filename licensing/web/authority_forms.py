"""Forms about authority: who speaks for a work, for many, domains, and how far an operator verified it."""

import hashlib
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from licensing.rules import terms
from licensing.services.assertions import Scope
from licensing.web.forms import DayField, TerritoriesField
from licensing.web.listed_works import ListedField
from registry.models import Capacity, RightsClaim, Verification, Work
from registry.web.forms import AccessibleForm, choices

MAX_DOCUMENT_BYTES = 50 << 20
SELF, OTHER = "self", "other"
SHA256 = r"^[0-9a-fA-F]{64}$"


class EvidenceForm(AccessibleForm):
    """On which evidence: words, an address, a document of which only the hash is kept."""

    evidence = forms.CharField(
        label=_("Evidence in words"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example: publishing contract of 1 March 2019, clause 4."),
    )
    evidence_address = forms.URLField(
        label=_("Where it can be read"), required=False, max_length=500, assume_scheme="https"
    )
    document = forms.FileField(
        label=_("Document"),
        required=False,
        help_text=_("Its SHA-256 is computed and recorded. The document itself is not kept: keep it yourself."),
    )
    evidence_sha256 = forms.RegexField(
        label=_("Or its SHA-256"),
        regex=SHA256,
        required=False,
        help_text=_("64 hexadecimal digits, where the document shall not leave your machine."),
        error_messages={"invalid": _("A SHA-256 has 64 hexadecimal digits.")},
    )

    def clean_document(self) -> UploadedFile | None:
        """A file of a size that a document has."""
        document: UploadedFile | None = self.cleaned_data["document"]
        if document and (document.size or 0) > MAX_DOCUMENT_BYTES:
            raise forms.ValidationError(_("This file has more than 50 MB. Type its SHA-256 instead."))
        return document

    def clean(self) -> dict[str, Any]:
        """The hash of the document, once; two that differ are a mistake."""
        data = super().clean() or self.cleaned_data
        typed, document = (data.get("evidence_sha256") or "").lower(), data.get("document")
        if document:
            computed = hashlib.sha256()
            for part in document.chunks():
                computed.update(part)
            if typed and typed != computed.hexdigest():
                self.add_error("evidence_sha256", _("The document you chose has another SHA-256."))
            typed = computed.hexdigest()
        data["evidence_sha256"] = typed
        return data


class ClaimForm(EvidenceForm):
    """In which capacity somebody speaks, and what that says about AI rights."""

    capacity = forms.ChoiceField(
        label=_("You speak as"),
        choices=lambda: choices([word for word in Capacity.values if word != Capacity.OBSERVER]),
        initial=Capacity.PUBLISHER,
        help_text=_("A licensee records its own contract. A platform speaks for those who gave it a mandate."),
    )
    ai_rights = forms.ChoiceField(
        label=_("Rights for AI training"),
        choices=lambda: [
            ("granted", _("granted to us: we may license or reserve them")),
            ("retained", _("retained: by the author, or by us if we are author or owner")),
            ("silent", _("our contract does not mention them")),
        ],
        initial=RightsClaim.AiRights.SILENT,
        widget=forms.RadioSelect,
    )
    exclusive = forms.BooleanField(
        label=_("Nobody else has this right"),
        required=False,
        help_text=_(
            "Where another party says the same of itself, the work is shown as disputed until that is settled."
        ),
    )


class AuthorityForm(ClaimForm, TerritoriesField):
    """One organisation's authority for one work."""

    holder = forms.ChoiceField(label=_("Who holds the right"), widget=forms.RadioSelect)
    holder_name = forms.CharField(
        label=_("Name of the holder"), max_length=300, required=False, help_text=_("Where it is somebody else.")
    )
    valid_from = DayField(label=_("From"))
    valid_to = DayField(label=_("To"), help_text=_("First and last day included. Empty: no limit."))
    field_order = (
        "capacity", "holder", "holder_name", "ai_rights", "exclusive", "territory", "other_territories", "valid_from",
        "valid_to", "evidence", "evidence_address", "document", "evidence_sha256",
    )  # fmt: skip

    def __init__(self, *arguments: Any, work: Work, organisation: object, **names: Any) -> None:
        super().__init__(*arguments, **names)
        self.people = {row.party.public_id: row.party for row in work.contributions.select_related("party")}
        people = [(key, str(party)) for key, party in self.people.items()]
        holder: Any = self.fields["holder"]
        holder.choices = [(SELF, str(organisation)), *people, (OTHER, _("somebody else"))]
        holder.initial = SELF

    def clean(self) -> dict[str, Any]:
        """A holder with a name; days in order."""
        data = super().clean()
        if data.get("holder") == OTHER and not (data.get("holder_name") or "").strip():
            self.add_error("holder_name", _("Write the holder's name."))
        first, last = data.get("valid_from"), data.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", _("The last day is before the first."))
        return data

    def to_scope(self) -> Scope:
        """The scope as services take it; nobody has verified it yet."""
        data = self.cleaned_data
        return Scope(
            capacity=data["capacity"],
            territory=data["territory"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            statement=data["evidence"],
            source_address=data["evidence_address"],
            source_sha256=data["evidence_sha256"],
        )


class ManyForm(ClaimForm):
    """The same authority for many works."""

    which = forms.ChoiceField(
        label=_("For which works"),
        choices=lambda: [
            ("registered", _("all works that we registered and that nobody of us has claimed yet")),
            ("listed", _("those in this list")),
        ],
        initial="registered",
        widget=forms.RadioSelect,
    )
    listed = ListedField(
        label=_("List"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One a line: an ISBN, a DOI, or the work's number here."),
    )
    field_order = (
        "which", "listed", "capacity", "ai_rights", "exclusive", "evidence", "evidence_address", "document",
        "evidence_sha256",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A list where one is meant."""
        data = super().clean()
        if data.get("which") == "listed" and not data.get("listed") and "listed" not in self.errors:
            self.add_error("listed", _("Write at least one line."))
        return data


class DomainForm(AccessibleForm):
    """A domain to prove."""

    name = forms.CharField(
        label=_("Your domain"),
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": "press.example", "autocapitalize": "none", "spellcheck": "false"}),
        help_text=_("The domain alone, without https:// and without a path."),
    )


class CounterSignForm(AccessibleForm):
    """Confirm what another organisation claims."""

    capacity = forms.ChoiceField(
        label=_("You confirm as"),
        choices=lambda: choices([Capacity.AUTHOR, Capacity.OWNER, Capacity.PUBLISHER, Capacity.AGENT]),
        initial=Capacity.AUTHOR,
    )
    statement = forms.CharField(
        label=_("In words"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class VerificationForm(EvidenceForm):
    """How far an operator verified a statement, and by what."""

    level = forms.ChoiceField(
        label=_("Verified how far"),
        choices=lambda: choices([word for word in Verification.values if word != terms.Verification.COUNTER_SIGNED]),
        initial=Verification.DOCUMENT,
    )
    field_order = ("level", "evidence", "document", "evidence_sha256")

    def __init__(self, *arguments: Any, **names: Any) -> None:
        super().__init__(*arguments, **names)
        self.fields["evidence"].required = True
        del self.fields["evidence_address"]
