"""What the API shows and takes of clearances and reports."""

from functools import cached_property
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ingest.models import Match
from licensing.models import Clearance, Report, Verdict
from licensing.rules import terms
from licensing.selectors import opinions
from licensing.services import reports
from registry.api.serializers import StrictSerializer


class ClearanceIn(StrictSerializer):
    """One question about a scan. The licensee is the caller's organisation."""

    scan = serializers.CharField(max_length=12)
    use = serializers.ChoiceField(list(terms.Use))
    purpose = serializers.ChoiceField(list(terms.Purpose), required=False, default="commercial")
    territory = serializers.CharField(max_length=8)
    as_of = serializers.DateField(required=False)
    policy = serializers.CharField(
        max_length=80, required=False, default="balanced", help_text="strict, balanced, research, or one of your own."
    )
    reservation_search = serializers.ChoiceField(["evidenced", "not_done"], required=False, default="evidenced")
    product = serializers.CharField(
        max_length=120, required=False, default="", help_text="Grants narrowed to products cover those they name."
    )
    model = serializers.CharField(
        max_length=120, required=False, default="", help_text="Grants narrowed to models cover those they name."
    )
    competing = serializers.BooleanField(
        required=False,
        default=None,
        allow_null=True,
        help_text="Whether a model made of it competes with those whose output it holds; null: not recorded.",
    )
    released = serializers.BooleanField(required=False, default=False, help_text="Whether what is made is released.")


class MeasuredOut(serializers.Serializer):
    """The share of a dataset that an audit took for model output: shares from 0 to 1, intervals with their ends."""

    rate = serializers.FloatField()
    interval = serializers.ListField(child=serializers.FloatField())
    corrected_rate = serializers.FloatField(allow_null=True)
    corrected_interval = serializers.ListField(child=serializers.FloatField())
    records = serializers.IntegerField()
    sampled = serializers.IntegerField()
    confidence = serializers.FloatField()


class OutputTotalsOut(serializers.Serializer):
    """Model output in the dataset, in short. `verdict` null: nothing is on record, which is no answer."""

    verdict = serializers.ChoiceField(list(terms.Verdict), allow_null=True)
    blocks = serializers.BooleanField()
    declared_percent = serializers.CharField(allow_null=True)
    audit = serializers.CharField(allow_null=True, help_text="The newest audit of the dataset by the organisation.")
    measured = MeasuredOut(allow_null=True)


class CountOut(serializers.Serializer):
    """How many works have this verdict, and how many matched words."""

    works = serializers.IntegerField()
    words = serializers.IntegerField()


class ClearanceOutputReasonOut(serializers.Serializer):
    """A reason of axis 4, and the places in the facts of the path and version, or the audit, that it is about."""

    code = serializers.CharField()
    axis = serializers.CharField()
    verdict = serializers.ChoiceField(list(terms.Verdict))
    superseded = serializers.BooleanField()
    sentence = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField())
    authority = serializers.CharField(allow_null=True)
    decides = serializers.BooleanField(help_text="False where the path is only reported, alleged, denied or guessed.")
    path = serializers.IntegerField(allow_null=True)
    generation = serializers.IntegerField(allow_null=True)
    audit = serializers.IntegerField(allow_null=True)


class ClearanceOutputAnswerOut(serializers.Serializer):
    """What is said of model output in the dataset. `facts` have the shape of docs/clearances.md; `python -m
    licensing.rules` decides them again."""

    verdict = serializers.ChoiceField(list(terms.Verdict), allow_null=True)
    blocks = serializers.BooleanField()
    reasons = ClearanceOutputReasonOut(many=True)
    rules_version = serializers.CharField()
    share = serializers.CharField(help_text="What was declared and what an audit measured, in a sentence.")
    facts = serializers.DictField()


class ClearanceOutputOut(serializers.Serializer):
    """The answer as it was given, and the latest that differs, with its cause; null where there is none."""

    given = ClearanceOutputAnswerOut(allow_null=True)
    now = ClearanceOutputAnswerOut(allow_null=True)
    cause = serializers.CharField(allow_null=True)
    as_of = serializers.DateField(allow_null=True)


class TotalsOut(serializers.Serializer):
    """What was found, once the question is decided."""

    documents = serializers.IntegerField()
    documents_identified = serializers.IntegerField()
    documents_unidentified = serializers.IntegerField()
    documents_unpublished = serializers.IntegerField(
        required=False, help_text="Documents with text of registered works that are not published; none is named."
    )
    words = serializers.IntegerField()
    words_identified = serializers.IntegerField()
    works = serializers.IntegerField()
    blocking = serializers.IntegerField()
    skipped = serializers.IntegerField()
    verdicts = serializers.DictField(child=CountOut())
    output = OutputTotalsOut(required=False)


class ClearanceOut(serializers.ModelSerializer):
    """A question and, once decided, its totals. `job` is the scan's: when it is done, the question is decided."""

    id = serializers.CharField(source="public_id")
    scan = serializers.CharField(source="scan.public_id")
    dataset = serializers.CharField(source="scan.release.dataset.slug")
    licensee = serializers.CharField(source="licensee.slug", default=None, allow_null=True)
    policy = serializers.SerializerMethodField()
    totals = serializers.SerializerMethodField()
    job = serializers.CharField(source="scan.job.public_id", default=None, allow_null=True)

    class Meta:
        model = Clearance
        fields = [
            "id", "scan", "dataset", "use", "purpose", "territory", "as_of", "licensee", "policy", "reservation_search",
            "product", "model", "competing", "released",
            "state", "reason", "blocks", "totals", "rules_version", "job", "recorded_at", "decided_at",
        ]  # fmt: skip

    def get_policy(self, clearance: Clearance) -> str:
        return f"{clearance.policy['profile']}@{clearance.policy['version']}"

    @extend_schema_field(TotalsOut(allow_null=True))
    def get_totals(self, clearance: Clearance) -> dict[str, Any] | None:
        return clearance.totals or None


class OutputNowOut(serializers.Serializer):
    """Model output in the dataset as it is answered now; `verdict` null: nothing is on record."""

    verdict = serializers.ChoiceField(list(terms.Verdict), allow_null=True)
    blocks = serializers.BooleanField()


class NowOut(serializers.Serializer):
    """A clearance by what is on record now: works by verdict, how many block, how many a licence would help with."""

    verdicts = serializers.DictField(child=serializers.IntegerField())
    blocking = serializers.IntegerField()
    missing = serializers.IntegerField()
    output = OutputNowOut(allow_null=True)


class ReasonOut(serializers.Serializer):
    """Why: one rule that spoke, its evidence and its authority."""

    code = serializers.CharField()
    axis = serializers.CharField()
    verdict = serializers.ChoiceField(list(terms.Verdict))
    superseded = serializers.BooleanField()
    sentence = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField())
    authority = serializers.CharField(allow_null=True)


class CitedQuestionOut(serializers.Serializer):
    """An open question that a verdict rests on, with the id of the opinion that the organisation had that day."""

    key = serializers.CharField()
    opinion = serializers.CharField(allow_null=True)


class VerdictOut(serializers.ModelSerializer):
    """The answer for one work, with every reason and the case it was decided from."""

    id = serializers.CharField(source="public_id")
    work = serializers.CharField(source="work.public_id")
    title = serializers.CharField(source="work.title")
    verdict = serializers.ChoiceField(list(terms.Verdict))
    status = serializers.ChoiceField(list(terms.Status))
    relation = serializers.ChoiceField(Match.Relation.choices)
    reasons = serializers.SerializerMethodField()
    questions = serializers.SerializerMethodField()
    case = serializers.DictField()

    class Meta:
        model = Verdict
        fields = [
            "id", "work", "title", "verdict", "status", "blocks", "reasons", "questions", "relation", "documents",
            "matched_words", "case",
        ]  # fmt: skip

    @extend_schema_field(ReasonOut(many=True))
    def get_reasons(self, verdict: Verdict) -> list[dict[str, Any]]:
        return verdict.reasons

    @cached_property
    def _cited(self) -> dict[int, dict[str, list[opinions.Cited]]]:
        """Clearance pk → reason code → questions, looked up once for a list."""
        return {}

    @extend_schema_field(CitedQuestionOut(many=True))
    def get_questions(self, verdict: Verdict) -> list[dict[str, Any]]:
        """The open questions that its reasons rest on, with the organisation's own opinions. None changes a verdict."""
        if verdict.clearance_id not in self._cited:
            asked = verdict.clearance
            self._cited[asked.pk] = opinions.all_cited(asked.organisation, asked.as_of)
        known = self._cited[verdict.clearance_id]
        codes = dict.fromkeys(reason["code"] for reason in verdict.reasons)
        rows = {one.question.key: one for code in codes for one in known.get(code, [])}
        return [{"key": key, "opinion": one.opinion and one.opinion.public_id} for key, one in sorted(rows.items())]


class AnswerOut(serializers.Serializer):
    """The answer to a case."""

    verdict = serializers.ChoiceField(list(terms.Verdict))
    status = serializers.ChoiceField(list(terms.Status))
    blocks = serializers.BooleanField()
    reasons = ReasonOut(many=True)
    rules_version = serializers.CharField()
    policy = serializers.CharField()


class ReportIn(StrictSerializer):
    """An evidence bundle of a decided clearance."""

    clearance = serializers.CharField(max_length=12)
    language = serializers.ChoiceField(list(reports.LANGUAGES), required=False, default="en")


class ReportOut(serializers.ModelSerializer):
    """A bundle: its state, and its hash once it is ready."""

    id = serializers.CharField(source="public_id")
    clearance = serializers.CharField(source="clearance.public_id")
    job = serializers.CharField(source="job.public_id", default=None, allow_null=True)
    bundle = serializers.SerializerMethodField()

    class Meta:
        model = Report
        fields = [
            "id", "clearance", "language", "state", "reason", "size_bytes", "sha256", "manifest_sha256", "job",
            "bundle", "recorded_at", "ready_at",
        ]  # fmt: skip

    def get_bundle(self, report: Report) -> str | None:
        """Where the bundle can be downloaded once it is ready."""
        return f"/api/v1/reports/{report.public_id}/bundle" if report.state == Report.State.READY else None
