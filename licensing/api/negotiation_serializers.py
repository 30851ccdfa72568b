"""What the API shows and takes of negotiations: their moves, steps, works and files."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from licensing.api.terms_serializers import TERMS_HELP, TermsOut
from licensing.models import Attachment, Negotiation, RequestedWork, Step
from licensing.rules.lifecycle import Move, State
from licensing.services import negotiations
from registry.api.serializers import StrictSerializer


class NegotiationOut(serializers.ModelSerializer):
    """The part of a request that goes to one rightsholder. `why`: there is none who can answer."""

    id = serializers.CharField(source="public_id")
    request = serializers.CharField(source="request.public_id")
    title = serializers.CharField(source="request.title")
    firm = serializers.CharField(source="request.organisation.slug")
    holder = serializers.CharField(source="holder.slug", default=None, allow_null=True)
    party = serializers.CharField(source="party.name", default=None, allow_null=True)
    state = serializers.ChoiceField([word.value for word in State])
    waits_for = serializers.ChoiceField(["firm", "holder", ""])
    terms = TermsOut()
    agreement = serializers.CharField(source="agreement.public_id", default=None, allow_null=True)
    moves = serializers.SerializerMethodField()

    class Meta:
        model = Negotiation
        fields = [
            "id", "request", "title", "firm", "holder", "party", "why", "state", "waits_for", "terms", "respond_by",
            "agreement", "works", "version", "moves", "recorded_at", "changed_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField([word.value for word in Move])))
    def get_moves(self, negotiation: Negotiation) -> list[str]:
        """What the caller can do now."""
        return [move.value for move in negotiations.possible(negotiation, self.context["view"].actor)]


class MoveIn(StrictSerializer):
    """One move. `version` is that of the negotiation that was looked at; a message needs none."""

    move = serializers.ChoiceField([word.value for word in Move])
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, allow_null=True, default=None)
    message = serializers.CharField(max_length=negotiations.MAX_MESSAGE, required=False, default="", allow_blank=True)
    terms = serializers.DictField(required=False, allow_null=True, default=None, help_text=TERMS_HELP)
    left_out = serializers.DictField(
        child=serializers.CharField(max_length=200, allow_blank=True),
        required=False,
        allow_null=True,
        default=None,
        help_text="Works that an offer or grant does not reach: their ids, each with the reason.",
    )
    data = serializers.DictField(  # type: ignore[assignment]
        required=False, default=dict, help_text="Facts of a delivery, a report, a payment."
    )
    respond_by = serializers.DateField(required=False, allow_null=True, default=None)


class FileIn(StrictSerializer):
    """A file for the other side."""

    file = serializers.FileField(allow_empty_file=True)
    message = serializers.CharField(max_length=negotiations.MAX_MESSAGE, required=False, default="", allow_blank=True)


class AttachmentOut(serializers.ModelSerializer):
    """A file that went with a step."""

    id = serializers.CharField(source="public_id")

    class Meta:
        model = Attachment
        fields = ["id", "name", "content_type", "size_bytes", "sha256"]


class StepOut(serializers.ModelSerializer):
    """One move that was made."""

    id = serializers.CharField(source="public_id")
    move = serializers.ChoiceField([word.value for word in Move])
    organisation = serializers.CharField(source="organisation.slug", default=None, allow_null=True)
    terms = TermsOut(allow_null=True)
    data = serializers.DictField()  # type: ignore[assignment]
    files = AttachmentOut(source="attachments", many=True)
    entry = serializers.CharField(source="entry.public_id", default=None, allow_null=True)

    class Meta:
        model = Step
        fields = [
            "id", "move", "from_state", "to_state", "organisation", "terms", "message", "data", "files", "entry",
            "recorded_at",
        ]  # fmt: skip


class RequestedWorkOut(serializers.ModelSerializer):
    """One work of a negotiation. `left_out`: why it is not part of what was offered or granted; empty: it is."""

    work = serializers.CharField(source="work.public_id")
    title = serializers.CharField(source="work.title")

    class Meta:
        model = RequestedWork
        fields = ["work", "title", "left_out"]
