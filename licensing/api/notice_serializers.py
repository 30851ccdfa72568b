"""What the API shows and takes of notices to hosts."""

from rest_framework import serializers

from licensing.api.terms_serializers import ID
from licensing.models import Notice, NoticeEvent
from licensing.services import notices
from registry.api.serializers import StrictSerializer

STEPS = ("drafted", "sent", "bounced", "answered", "resolved", "withdrawn")


class NoticeIn(StrictSerializer):
    """A notice as a draft, about your works in a dataset (its slug) or in a clearance of yours. One of the two."""

    dataset = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    clearance = serializers.CharField(max_length=ID, required=False, default="", allow_blank=True)
    host_name = serializers.CharField(max_length=200)
    host_email = serializers.CharField(max_length=254, required=False, default="", allow_blank=True)
    host_address = serializers.URLField(max_length=500, required=False, default="", allow_blank=True)
    ask = serializers.ChoiceField(Notice.Ask.choices, required=False, default=Notice.Ask.REMOVE.value)
    language = serializers.ChoiceField(list(notices.LANGUAGES), required=False, default="en")
    answer_by = serializers.DateField(required=False, allow_null=True, default=None, help_text="Null: in 30 days.")


class NoticeChangesIn(StrictSerializer):
    """Fields of a draft to change."""

    subject = serializers.CharField(max_length=200, required=False)
    body = serializers.CharField(max_length=notices.MAX_BODY, required=False)
    host_name = serializers.CharField(max_length=200, required=False)
    host_email = serializers.CharField(max_length=254, required=False, allow_blank=True)
    host_address = serializers.URLField(max_length=500, required=False, allow_blank=True)
    answer_by = serializers.DateField(required=False, allow_null=True)


class NoticeSendingIn(StrictSerializer):
    """How it goes. By post it is noted that it was sent on that day; left out, today."""

    by = serializers.ChoiceField([notices.EMAIL, notices.POST])
    on = serializers.DateField(required=False, allow_null=True, default=None)


class NoticeStepIn(StrictSerializer):
    """What was said or done, and when."""

    on = serializers.DateField()
    text = serializers.CharField(max_length=notices.MAX_BODY)


class NoticeWithdrawalIn(StrictSerializer):
    """Why it is taken back."""

    reason = serializers.CharField(max_length=1000)


class NoticeEventOut(serializers.ModelSerializer):
    """A step: the day that it is of, what was said, and the log's entry."""

    kind = serializers.ChoiceField(STEPS)
    entry = serializers.CharField(source="entry.public_id", default=None, allow_null=True)

    class Meta:
        model = NoticeEvent
        fields = ["kind", "on", "text", "entry", "recorded_at"]


class NoticeOut(serializers.ModelSerializer):
    """A notice to who hosts a dataset. Only the organisation that drafted it sees it here."""

    id = serializers.CharField(source="public_id")
    dataset = serializers.CharField(source="dataset.slug")
    clearance = serializers.CharField(source="clearance.public_id", default=None, allow_null=True)
    works = serializers.SerializerMethodField()

    class Meta:
        model = Notice
        fields = [
            "id", "dataset", "clearance", "host_name", "host_email", "host_address", "ask", "language", "subject",
            "works", "state", "answer_by", "sent_at", "recorded_at",
        ]  # fmt: skip

    def get_works(self, notice: Notice) -> int:
        """How many works it is about."""
        counted: int | None = getattr(notice, "work_count", None)
        return notice.works.count() if counted is None else counted


class NoticeDetail(NoticeOut):
    """A notice with its text and its steps."""

    events = NoticeEventOut(many=True)

    class Meta(NoticeOut.Meta):
        fields = [*NoticeOut.Meta.fields, "body", "events"]
