"""What the API shows and takes of scans and matches."""

from typing import Any

from rest_framework import serializers

from ingest.models import Match, Scan
from registry.api.serializers import StrictSerializer


class ScanIn(StrictSerializer):
    """Files of a dataset to be scanned, as multipart form data: the field `files` may be repeated."""

    dataset = serializers.CharField(max_length=200)
    files = serializers.ListField(child=serializers.FileField(), allow_empty=False, max_length=100)
    acquisition = serializers.ChoiceField(Scan.Acquisition.choices, required=False, default=Scan.Acquisition.UNKNOWN)
    copied_on = serializers.DateField(required=False, allow_null=True, default=None)
    min_words = serializers.IntegerField(required=False, default=50, min_value=1, max_value=100_000)


class ScanOut(serializers.ModelSerializer):
    """A scan: what was read, with which index and engine, and what was left out."""

    id = serializers.CharField(source="public_id")
    dataset = serializers.CharField(source="release.dataset.slug")
    release = serializers.CharField(source="release.public_id")
    job = serializers.CharField(source="job.public_id", default=None)
    inputs = serializers.SerializerMethodField()
    skipped = serializers.SerializerMethodField()

    class Meta:
        model = Scan
        fields = [
            "id", "dataset", "release", "state", "reason", "acquisition", "copied_on", "min_words", "engine",
            "parameters_digest", "index_digest", "documents", "words", "chars", "inputs", "skipped", "job", "recorded_at",
            "closed_at",
        ]  # fmt: skip

    def get_inputs(self, scan: Scan) -> list[dict[str, Any]]:
        return [{name: row[name] for name in ("name", "size_bytes", "sha256")} for row in scan.inputs]

    def get_skipped(self, scan: Scan) -> list[dict[str, str]]:
        rows = scan.skipped.all()[:200]
        return [{"name": row.name, "cause_code": row.cause_code, "cause": row.cause} for row in rows]


class MatchOut(serializers.ModelSerializer):
    """One (document, work) pair with its passages."""

    id = serializers.CharField(source="public_id")
    document = serializers.CharField(source="item.name")
    work = serializers.CharField(source="work.public_id")
    edition = serializers.CharField(source="edition.public_id", default=None)

    class Meta:
        model = Match
        fields = [
            "id", "document", "work", "edition", "relation", "precision", "coverage_document", "coverage_work",
            "matched_words", "longest_verbatim_words", "identity", "passages",
        ]  # fmt: skip
