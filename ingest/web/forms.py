"""Forms of ingest's pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ingest.models import Deposit
from registry.models import Work
from registry.web.forms import AccessibleForm


class TextForm(AccessibleForm):
    """A text for a work."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("Plain text or EPUB, also compressed; or a .fp file made at home by `colophon fingerprint`."),
    )
    edition = forms.ChoiceField(label=_("Edition"), required=False)
    mode = forms.ChoiceField(
        label=_("What becomes of the text"),
        initial=Deposit.Mode.TRANSIENT,
        widget=forms.RadioSelect,
        choices=[
            (Deposit.Mode.FINGERPRINT_ONLY, _("Store only its fingerprint")),
            (Deposit.Mode.TRANSIENT, _("Drop it once it is fingerprinted")),
            (Deposit.Mode.KEPT, _("Keep it")),
        ],
    )

    def __init__(self, *arguments: Any, work: Work, **names: Any) -> None:
        super().__init__(*arguments, **names)
        editions = [(row.public_id, str(row)) for row in work.editions.all()]
        self.fields["edition"].choices = [("", _("the work's own text")), *editions]  # type: ignore[attr-defined]
