"""What the API shows and takes of clearances and reports."""

from rest_framework import serializers

from licensing.models import Clearance, Report, Verdict
from licensing.rules import policy, terms
from licensing.services import reports
from registry.api.serializers import StrictSerializer


class ClearanceIn(StrictSerializer):
    """One question about a scan."""

    scan = serializers.CharField(max_length=12)
    use = serializers.ChoiceField(list(terms.Use))
    purpose = serializers.ChoiceField(list(terms.Purpose), required=False, default="commercial")
    territory = serializers.CharField(max_length=8)
    as_of = serializers.DateField(required=False)
    policy = serializers.ChoiceField(list(policy.PROFILES), required=False, default="balanced")
    reservation_search = serializers.ChoiceField(["evidenced", "not_done"], required=False, default="evidenced")


class ClearanceOut(serializers.ModelSerializer):
    """A question and, once decided, its totals."""

    id = serializers.CharField(source="public_id")
    scan = serializers.CharField(source="scan.public_id")
    dataset = serializers.CharField(source="scan.release.dataset.slug")
    licensee = serializers.CharField(source="licensee.slug", default=None)
    policy = serializers.SerializerMethodField()

    class Meta:
        model = Clearance
        fields = [
            "id", "scan", "dataset", "use", "purpose", "territory", "as_of", "licensee", "policy", "reservation_search",
            "state", "reason", "blocks", "totals", "rules_version", "recorded_at", "decided_at",
        ]  # fmt: skip

    def get_policy(self, clearance: Clearance) -> str:
        return f"{clearance.policy['profile']}@{clearance.policy['version']}"


class VerdictOut(serializers.ModelSerializer):
    """The answer for one work, with every reason and the case it was decided from."""

    id = serializers.CharField(source="public_id")
    work = serializers.CharField(source="work.public_id")
    title = serializers.CharField(source="work.title")

    class Meta:
        model = Verdict
        fields = [
            "id", "work", "title", "verdict", "status", "blocks", "reasons", "relation", "documents", "matched_words",
            "case",
        ]  # fmt: skip


class ReportIn(StrictSerializer):
    """An evidence bundle of a decided clearance."""

    clearance = serializers.CharField(max_length=12)
    language = serializers.ChoiceField(reports.LANGUAGES, required=False, default="en")


class ReportOut(serializers.ModelSerializer):
    """A bundle: its state, and its hash once it is ready."""

    id = serializers.CharField(source="public_id")
    clearance = serializers.CharField(source="clearance.public_id")
    job = serializers.CharField(source="job.public_id", default=None)

    class Meta:
        model = Report
        fields = [
            "id", "clearance", "language", "state", "reason", "size_bytes", "sha256", "manifest_sha256", "job",
            "recorded_at", "ready_at",
        ]  # fmt: skip
