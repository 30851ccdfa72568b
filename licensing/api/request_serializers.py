"""What the API shows and takes of licence requests, and of what became of a clearance's answers."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from licensing.api.terms_serializers import ID, TERMS_HELP, TermsOut, words_of
from licensing.models import LicenceRequest, VerdictChange
from licensing.rules import terms as words
from licensing.selectors.licence_requests import sentence_of
from licensing.services import licence_requests, request_preview
from registry.api.serializers import StrictSerializer


class RequestIn(StrictSerializer):
    """A request for licences, as a draft. Choose the works in exactly one way."""

    title = serializers.CharField(max_length=licence_requests.MAX_TITLE)
    terms = serializers.DictField(help_text=TERMS_HELP)
    message = serializers.CharField(
        max_length=licence_requests.MAX_MESSAGE, required=False, default="", allow_blank=True
    )
    respond_by = serializers.DateField(required=False, allow_null=True, default=None)
    works = serializers.ListField(
        child=serializers.CharField(max_length=ID),
        required=False,
        default=list,
        max_length=10_000,
        help_text="Ids of works.",
    )
    query = serializers.CharField(max_length=500, required=False, default="", help_text="Words of a search.")
    linkage = serializers.CharField(
        max_length=ID, required=False, default="", help_text="A list of titles that was linked."
    )
    clearance = serializers.CharField(max_length=ID, required=False, default="", help_text="What it misses.")
    verdicts = words_of(words.Verdict, required=False, default=list)
    send = serializers.BooleanField(required=False, default=False, help_text="Send it at once.")


class CancellationIn(StrictSerializer):
    """Why."""

    reason = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)


class RequestCountsOut(serializers.Serializer):
    """Where a request stands: negotiations and works by state. `unanswerable`: works that nobody can answer for."""

    works = serializers.IntegerField()
    negotiations = serializers.DictField(child=serializers.IntegerField())
    works_by_state = serializers.DictField(child=serializers.IntegerField())
    unanswerable = serializers.IntegerField()
    left_out = serializers.IntegerField()


class RequestOut(serializers.ModelSerializer):
    """A request, followed as one. While `state` is splitting, `job` finds out who is asked for which work."""

    id = serializers.CharField(source="public_id")
    terms = TermsOut()
    clearance = serializers.CharField(source="clearance.public_id", default=None, allow_null=True)
    job = serializers.CharField(source="job.public_id", default=None, allow_null=True)
    works = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()

    class Meta:
        model = LicenceRequest
        fields = [
            "id", "title", "message", "terms", "clearance", "respond_by", "state", "works", "counts", "job",
            "recorded_at", "sent_at", "closed_at",
        ]  # fmt: skip

    def get_works(self, request: LicenceRequest) -> int:
        return int(request.chosen_by.get("works", 0))

    @extend_schema_field(RequestCountsOut(allow_null=True))
    def get_counts(self, request: LicenceRequest) -> dict[str, Any] | None:
        return request.counts or None


class PreviewWorkOut(serializers.Serializer):
    """A work of a group."""

    work = serializers.CharField(source="public_id")
    title = serializers.CharField()


class PreviewGroupOut(serializers.Serializer):
    """Works that one rightsholder would be asked for, or that nobody answers for (`why`). A hundred are named.

    `unsure`: of so many the holder has to confirm its authority first.
    """

    holder = serializers.CharField(source="holder.slug", default=None, allow_null=True)
    name = serializers.SerializerMethodField()
    why = serializers.CharField()
    sentence = serializers.SerializerMethodField()
    number = serializers.IntegerField()
    unsure = serializers.IntegerField()
    works = PreviewWorkOut(many=True)

    def get_name(self, group: request_preview.Group) -> str:
        return str(group.holder or group.party or "")

    def get_sentence(self, group: request_preview.Group) -> str:
        """Why nobody is asked, in words; empty where somebody is."""
        return sentence_of(group.why) if group.why else ""


class PreviewOut(serializers.Serializer):
    """Who would be asked for which works of a draft, by what is on record today; the largest group first."""

    works = serializers.IntegerField(source="total")
    looked_at = serializers.IntegerField(help_text="All of them are looked at once the request is sent.")
    answering = PreviewGroupOut(many=True)
    silent = PreviewGroupOut(many=True)


class VerdictChangeOut(serializers.ModelSerializer):
    """What an answer would be now, beside the one that was given."""

    id = serializers.CharField(source="public_id")
    work = serializers.CharField(source="of.work.public_id")
    given = serializers.ChoiceField(list(words.Verdict), source="of.verdict")
    verdict = serializers.ChoiceField(list(words.Verdict))
    status = serializers.ChoiceField(list(words.Status))
    reasons = serializers.ListField(child=serializers.DictField())

    class Meta:
        model = VerdictChange
        fields = [
            "id", "work", "given", "verdict", "status", "blocks", "cause", "as_of", "reasons", "rules_version",
            "recorded_at",
        ]  # fmt: skip
