"""What the API shows and takes of scans and matches."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ingest.models import Match, Scan, Skipped
from ingest.selectors import scans
from registry.api.serializers import StrictSerializer

SKIPPED_SHOWN = 200


class ScanIn(StrictSerializer):
    """Files of a dataset to be scanned, as multipart form data: the field `files` may be repeated."""

    dataset = serializers.CharField(max_length=200)
    files = serializers.ListField(child=serializers.FileField(allow_empty_file=True), allow_empty=False, max_length=100)
    acquisition = serializers.ChoiceField(Scan.Acquisition.choices, required=False, default=Scan.Acquisition.UNKNOWN)
    copied_on = serializers.DateField(required=False, allow_null=True, default=None)
    min_words = serializers.IntegerField(required=False, default=50, min_value=1, max_value=100_000)
    text_field = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)


class InputOut(serializers.Serializer):
    """One file as it was handed in."""

    name = serializers.CharField()
    size_bytes = serializers.IntegerField(min_value=0)
    sha256 = serializers.CharField()


class SkippedOut(serializers.ModelSerializer):
    """A file or record that could not be read, with its cause."""

    class Meta:
        model = Skipped
        fields = ["name", "cause_code", "cause"]


class ScanOut(serializers.ModelSerializer):
    """A scan: what was read, and with which index and engine."""

    id = serializers.CharField(source="public_id")
    dataset = serializers.CharField(source="release.dataset.slug")
    release = serializers.CharField(source="release.public_id")
    job = serializers.CharField(source="job.public_id", default=None, allow_null=True)
    inputs = InputOut(many=True)

    class Meta:
        model = Scan
        fields = [
            "id", "dataset", "release", "state", "reason", "acquisition", "copied_on", "min_words", "text_field",
            "engine", "parameters_digest", "index_digest", "documents", "words", "chars", "inputs", "job",
            "recorded_at", "closed_at",
        ]  # fmt: skip


class FoundOut(serializers.Serializer):
    """With which probability a passage would have been found: where the work's text is held (`exact`) or only its
    fingerprint (`sketch`), in alphabetic or Han script (there words are characters)."""

    precision = serializers.ChoiceField(["exact", "sketch"])
    script = serializers.ChoiceField(["alphabetic", "han"])
    probability = serializers.FloatField(min_value=0, max_value=1)
    at_least = serializers.FloatField(min_value=0, max_value=1, help_text="Lower end of the 95 % interval.")
    absent = serializers.FloatField(
        min_value=0, max_value=1, help_text="Probability that a document without a match holds no such passage."
    )


class NoMatchOut(serializers.Serializer):
    """What it means that a document matched nothing: for a passage of at least `words` words with at most the share
    `error_ratio` of its letters wrong, if a share `prior` of documents holds one."""

    words = serializers.IntegerField(min_value=1)
    error_ratio = serializers.FloatField(min_value=0, max_value=1)
    min_words = serializers.IntegerField(min_value=1)
    prior = serializers.FloatField(min_value=0, max_value=1)
    found = FoundOut(many=True)


class ScanDetailOut(ScanOut):
    """A scan with what was left out (how much, and the first 200), and with what it means that nothing was found."""

    no_match = serializers.SerializerMethodField()
    unpublished = serializers.SerializerMethodField()
    skipped_total = serializers.SerializerMethodField()
    skipped = serializers.SerializerMethodField()

    class Meta(ScanOut.Meta):
        fields = [*ScanOut.Meta.fields, "no_match", "unpublished", "skipped_total", "skipped"]

    @extend_schema_field(NoMatchOut(allow_null=True))
    def get_no_match(self, scan: Scan) -> dict[str, Any] | None:
        return scans.no_match(scan)

    def get_unpublished(self, scan: Scan) -> int:
        """Documents with text of registered works that are not published, and are not named."""
        return scans.unpublished(scan)

    def get_skipped_total(self, scan: Scan) -> int:
        return scan.skipped.count()

    def get_skipped(self, scan: Scan) -> list[dict[str, str]]:
        return list(SkippedOut(scan.skipped.all()[:SKIPPED_SHOWN], many=True).data)


class OmittedOut(serializers.Serializer):
    """Which characters of the text a long excerpt leaves out, and where in the excerpt the mark for them stands."""

    text_chars = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
    excerpt_chars = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)


class PassageOut(serializers.Serializer):
    """A run of the same text: Unicode code points, end exclusive. `excerpt` is the document's text with 200 characters
    on either side, `work_excerpt` the work's where its text is held."""

    document_chars = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
    work_chars = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
    words = serializers.IntegerField()
    identity = serializers.FloatField(allow_null=True)
    precision = serializers.ChoiceField(["exact", "sketch"])
    excerpt = serializers.CharField(required=False)
    excerpt_start = serializers.IntegerField(required=False)
    excerpt_omitted = OmittedOut(required=False)
    work_excerpt = serializers.CharField(required=False)
    work_excerpt_start = serializers.IntegerField(required=False)
    work_excerpt_omitted = OmittedOut(required=False)


class MatchOut(serializers.ModelSerializer):
    """One (document, work) pair with its passages.

    `confidence`: the probability that the passages are copied text, never 0 or 1; null where a match is older than the
    estimate. `boilerplate`: what the pair shares with many unrelated works besides; it counts in no other field.
    """

    id = serializers.CharField(source="public_id")
    document = serializers.CharField(source="item.name")
    work = serializers.CharField(source="work.public_id")
    edition = serializers.CharField(source="edition.public_id", default=None, allow_null=True)
    confidence = serializers.FloatField(min_value=0, max_value=1, allow_null=True)
    passages = PassageOut(many=True)
    boilerplate = PassageOut(many=True)

    class Meta:
        model = Match
        fields = [
            "id", "document", "work", "edition", "relation", "precision", "coverage_document", "coverage_work",
            "matched_words", "longest_verbatim_words", "identity", "confidence", "passages",
            "boilerplate",
        ]  # fmt: skip
