"""Forms of a negotiation: one a move, each with what that move brings with it."""

import datetime
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from licensing.rules.currencies import CURRENCIES
from licensing.rules.lifecycle import Move
from licensing.services.assertions import today
from licensing.services.negotiations import MAX_FILE_BYTES, MAX_FILES, MAX_MESSAGE, Answer, File
from licensing.web.agreements_forms import AMOUNT, TermsForm
from licensing.web.forms import DayField, FilesField
from licensing.web.listed_works import lines_of
from registry.errors import InvalidInput
from registry.models import Work
from registry.web.forms import AccessibleForm

TICKED = 100  # works of a negotiation that can be left out by a tick; others are named by their numbers


class AttachmentsField(FilesField):
    """Files, or none."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """As many as a move may bring, none too large."""
        given = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if len(given) > MAX_FILES:
            raise forms.ValidationError(_("At most %(number)d files.") % {"number": MAX_FILES})
        if any(file.size > MAX_FILE_BYTES for file in given):
            raise forms.ValidationError(_("A file has at most %(size)d MB.") % {"size": MAX_FILE_BYTES >> 20})
        return given


class MoveForm(AccessibleForm):
    """What every move may bring: words and files, and which state of the negotiation it answers."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    message = forms.CharField(
        label=_("Message"), required=False, max_length=MAX_MESSAGE, widget=forms.Textarea(attrs={"rows": 4})
    )
    attachments = AttachmentsField(
        label=_("Files"), required=False, help_text=_("Kept as they are, and shown to the two sides only.")
    )

    def data_of_move(self) -> dict[str, Any]:
        """The facts that the move records."""
        return {}

    def terms_of_move(self) -> dict[str, Any] | None:
        """The terms that the move puts on the table."""
        return None

    def left_out(self) -> dict[str, str] | None:
        """Works that it does not reach, with the reason; None leaves it as it was."""
        return None

    def to_answer(self) -> Answer:
        """What comes with the move, as the service takes it."""
        data = self.cleaned_data
        return Answer(
            message=data["message"],
            terms=self.terms_of_move(),
            left_out=self.left_out(),
            data=self.data_of_move(),
            respond_by=data.get("respond_by"),
            files=[File(file.name or "", file, file.content_type or "") for file in data["attachments"]],
        )

    def add_move_errors(self, error: InvalidInput) -> None:
        """Put a service's faults beside the fields they are about: those of facts and of works by their own names."""
        faults = [fault | {"pointer": fault["pointer"].removeprefix("/data")} for fault in error.errors]
        works = "leave_out_more" if "leave_out_more" in self.fields else "leave_out"
        names = {"left_out": works, "to": "last", "reason": "message"}
        names["from"] = "first" if "first" in self.fields else "from_day"
        self.add_service_errors(InvalidInput(error.sentence, errors=faults), names)


class LeaveOutForm(MoveForm):
    """A grant or an offer, and the works that it does not reach."""

    leave_out = forms.MultipleChoiceField(
        label=_("Works that are left out"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: it is about all of them."),
    )
    leave_out_more = forms.CharField(
        label=_("Further works that are left out"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Their numbers here, one a line."),
    )
    leave_out_reason = forms.CharField(label=_("Why they are left out"), required=False, max_length=200)

    def __init__(
        self, *arguments: Any, works: list[Work], more: bool, out: Mapping[str, str] | None = None, **names: Any
    ) -> None:
        start = {"leave_out": list(out or {}), "leave_out_reason": next(iter((out or {}).values()), "")}
        names["initial"] = start | (names.get("initial") or {})
        super().__init__(*arguments, **names)
        self.fields["leave_out"].choices = [  # type: ignore[attr-defined]
            (work.public_id, work.title) for work in works
        ]
        if not more:
            del self.fields["leave_out_more"]

    def left_out(self) -> dict[str, str] | None:
        """The works named, all for the reason given."""
        data = self.cleaned_data
        named = [*data["leave_out"], *lines_of(data.get("leave_out_more", ""))]
        return dict.fromkeys(named, data["leave_out_reason"].strip())


class ProposalForm(LeaveOutForm, TermsForm):
    """Terms that are put on the table: an offer, or with `counter` a counter-offer."""

    respond_by = DayField(label=_("Answer wanted by"))

    def __init__(self, *arguments: Any, counter: bool = False, **names: Any) -> None:
        super().__init__(*arguments, **names)
        if counter:
            for name in ("leave_out", "leave_out_more", "leave_out_reason"):
                self.fields.pop(name, None)
        self.fields["fee_model"].required = not counter

    def clean_respond_by(self) -> datetime.date | None:
        """A day that is still to come."""
        day: datetime.date | None = self.cleaned_data["respond_by"]
        if day is not None and day < today():
            raise forms.ValidationError(_("This day is over."))
        return day

    def terms_of_move(self) -> dict[str, Any]:
        """The terms as they were filled in."""
        return self.to_terms()

    def left_out(self) -> dict[str, str] | None:
        """Works are left out of an offer only."""
        return super().left_out() if "leave_out" in self.fields else None

    def add_move_errors(self, error: InvalidInput) -> None:
        """Faults stand beside the clauses they are about; those about works that are left out beside these."""
        of_works = [fault for fault in error.errors if fault["pointer"].startswith("/left_out")]
        others = [fault for fault in error.errors if fault not in of_works]
        if of_works:
            super().add_move_errors(InvalidInput(error.sentence, errors=of_works))
        if others or not of_works:
            self.add_terms_errors(InvalidInput(error.sentence, errors=others))


class ConfirmForm(MoveForm):
    """What the holder's contracts say about AI rights, where its claims do not say it."""

    ai_rights = forms.ChoiceField(
        label=_("What your contracts say about rights for AI training"),
        choices=lambda: [
            ("granted", _("They grant them to us: we may license these uses.")),
            ("silent", _("They do not mention them. A licence from us will not count as established then.")),
        ],
        widget=forms.RadioSelect,
    )
    field_order = ("version", "ai_rights", "message", "attachments")

    def __init__(self, *arguments: Any, silent: int, **names: Any) -> None:
        super().__init__(*arguments, **names)
        if silent:
            self.fields["ai_rights"].help_text = ngettext(
                "Your claim to %(number)s work is silent about them.",
                "Your claims to %(number)s works are silent about them.",
                silent,
            ) % {"number": silent}
        else:
            del self.fields["ai_rights"]

    def data_of_move(self) -> dict[str, Any]:
        """What was said of AI rights, if it was asked."""
        said = self.cleaned_data.get("ai_rights")
        return {"ai_rights": said} if said else {}


class DeliveryForm(MoveForm):
    """What was delivered, how, when."""

    on = DayField(label=_("Delivered on"), initial=today, required=True)
    what = forms.CharField(label=_("What was delivered"), max_length=500)
    where = forms.CharField(
        label=_("How or where"), required=False, max_length=500, help_text=_("For example: by SFTP, or an address.")
    )

    def data_of_move(self) -> dict[str, Any]:
        """Day, what and where."""
        data = self.cleaned_data
        return {"on": data["on"].isoformat(), "what": data["what"], "where": data["where"]}


class ReportOfUseForm(MoveForm):
    """What the works were used for, and how much."""

    first = DayField(label=_("From"), required=True)
    last = DayField(label=_("To"), required=True)
    what = forms.CharField(
        label=_("What they were used for"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    quantity = forms.CharField(
        label=_("How much"), required=False, max_length=200, help_text=_("For example: 1,200,000 tokens, 3 models.")
    )

    def clean(self) -> dict[str, Any]:
        """Days in order."""
        data = super().clean() or self.cleaned_data
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", _("The last day lies before the first one."))
        return data

    def data_of_move(self) -> dict[str, Any]:
        """Days, what and how much."""
        data = self.cleaned_data
        days = {"from": data["first"].isoformat(), "to": data["last"].isoformat()}
        return days | {"what": data["what"], "quantity": data["quantity"]}


class PaymentForm(MoveForm):
    """A payment that was made or received."""

    on = DayField(label=_("Paid on"), initial=today, required=True)
    amount = forms.RegexField(
        label=_("Amount"),
        regex=AMOUNT,
        error_messages={"invalid": _("Write digits with a point: 12.50.")},
    )
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3, help_text=_("Its code: EUR, USD, CNY."))
    reference = forms.CharField(label=_("Reference"), required=False, max_length=200)

    def clean_currency(self) -> str:
        """A currency in use."""
        code = str(self.cleaned_data["currency"]).strip().upper()
        if code not in CURRENCIES:
            raise forms.ValidationError(_("%(code)s is no currency code. Write it like EUR.") % {"code": code})
        return code

    def data_of_move(self) -> dict[str, Any]:
        """Day, amount, currency and reference."""
        data = self.cleaned_data
        named = {name: data[name] for name in ("amount", "currency", "reference")}
        return {"on": data["on"].isoformat()} | named


class RenewalForm(MoveForm):
    """The last day of what continues an agreement."""

    valid_to = DayField(label=_("New last day"), help_text=_("Empty: without a last day."))

    def data_of_move(self) -> dict[str, Any]:
        """The day, where there is one."""
        day = self.cleaned_data["valid_to"]
        return {"valid_to": day.isoformat()} if day else {}

    def add_move_errors(self, error: InvalidInput) -> None:
        """What a renewal can be wrong about is its last day."""
        self.add_service_errors(error, {"data": "valid_to"})


class RevocationForm(MoveForm):
    """From which day, and why."""

    from_day = DayField(
        label=_("From"), initial=today, required=True, help_text=_("The licence permits nothing from this day on.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def data_of_move(self) -> dict[str, Any]:
        """The day and the reason."""
        return {"from": self.cleaned_data["from_day"].isoformat(), "reason": self.cleaned_data["reason"]}


FORMS: dict[Move, type[MoveForm]] = {
    Move.CONFIRM: ConfirmForm,
    Move.OFFER: ProposalForm,
    Move.COUNTER: ProposalForm,
    Move.GRANT: LeaveOutForm,
    Move.DELIVER: DeliveryForm,
    Move.REPORT: ReportOfUseForm,
    Move.PAY: PaymentForm,
    Move.RENEW: RenewalForm,
    Move.REVOKE: RevocationForm,
}
