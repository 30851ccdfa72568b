"""What the API shows and takes of providers' terms, open questions and opinions."""

from typing import Any

from rest_framework import serializers

from licensing.models import (
    LegalQuestion,
    Opinion,
    ProviderTerms,
    TermsClause,
    TermsSighting,
)
from licensing.rules.facts import Bound
from licensing.rules.terms import find_territory
from licensing.selectors.provider_terms import ACCOUNTS
from licensing.services import opinions
from registry.api.representations import SourceOut
from registry.api.serializers import StrictSerializer


class ClauseOut(serializers.ModelSerializer):
    """A clause about output, with a short excerpt and its SHA-256."""

    class Meta:
        model = TermsClause
        fields = ["place", "effect", "act", "purpose", "party", "excerpt", "excerpt_sha256", "exception", "language"]


class SightingOut(serializers.ModelSerializer):
    """A day on which somebody saw the version in force, and where they say so."""

    class Meta:
        model = TermsSighting
        fields = ["seen_on", "address", "said", "said_sha256"]


class ProviderTermsOut(serializers.ModelSerializer):
    """One dated version of a provider's terms."""

    id = serializers.CharField(source="public_id")
    provider = serializers.CharField(source="provider.key")
    audience = serializers.ListField(child=serializers.CharField())
    models: Any = serializers.SlugRelatedField(source="ai_models", slug_field="slug", many=True, read_only=True)
    clauses = ClauseOut(many=True)
    sightings = SightingOut(many=True)
    seen_until = serializers.DateField(allow_null=True, help_text="The last day on which it was seen in force.")
    sources = SourceOut(many=True)

    class Meta:
        model = ProviderTerms
        fields = [
            "id", "key", "provider", "document", "audience", "version", "title", "published_on", "effective_from",
            "effective_to", "seen_until", "forbids_competing_models", "clause", "summary", "address", "text_address",
            "text_sha256", "licence_id", "models", "clauses", "sightings", "verified", "sources",
        ]  # fmt: skip


class PlacedIn(StrictSerializer):
    """A question that may be about one country, or a group of them."""

    territory = serializers.CharField(max_length=8, required=False, default="")

    def validate_territory(self, value: str) -> str:
        """A code that the rules know, in its canonical spelling."""
        if value and find_territory(value) is None:
            raise serializers.ValidationError(f"{value} is not a country code.")
        return find_territory(value) or "" if value else ""


class AppliedIn(PlacedIn):
    """Whose model, on which day, and whether whoever made the output had accepted the terms."""

    provider = serializers.SlugField(max_length=100)
    model = serializers.SlugField(max_length=80, required=False)
    on = serializers.DateField()
    acceptance = serializers.ChoiceField([word.value for word in Bound], required=False, default=Bound.UNKNOWN.value)
    account = serializers.ChoiceField(ACCOUNTS, required=False, default="")


class BindingOut(ClauseOut):
    """A clause and what it is for whoever made the output: binds, contested or allowed."""

    binding = serializers.SerializerMethodField()

    class Meta(ClauseOut.Meta):
        fields = [*ClauseOut.Meta.fields, "binding"]

    def get_binding(self, clause: TermsClause) -> str:
        bindings: dict[int, str] = self.context["bindings"]
        return bindings[clause.pk]


class GapOut(serializers.Serializer):
    """A document of which no version is known for the day."""

    document = serializers.CharField(allow_blank=True)
    audience = serializers.ListField(child=serializers.CharField())
    cause = serializers.CharField()
    sentence = serializers.CharField()


class VersionInForceOut(serializers.Serializer):
    """A version that applied, with its clauses."""

    id = serializers.CharField()
    key = serializers.CharField()
    title = serializers.CharField()
    document = serializers.CharField()
    verified = serializers.BooleanField()
    seen_until = serializers.DateField(
        allow_null=True, help_text="Where it is known for the day only because it was seen then or later: the last day."
    )
    clauses = BindingOut(many=True)


class AppliedOut(serializers.Serializer):
    """Which terms applied: versions in force, what is not known, the open questions that it rests on."""

    provider = serializers.CharField()
    model = serializers.CharField(allow_null=True)
    on = serializers.DateField()
    acceptance = serializers.CharField()
    code = serializers.CharField(
        allow_blank=True, help_text="TOU_VERSION_UNKNOWN where no version is known; else empty."
    )
    applied = VersionInForceOut(many=True)
    gaps = GapOut(many=True)
    questions = serializers.ListField(child=serializers.CharField())


class OpinionOut(serializers.ModelSerializer):
    """What the caller's organisation answers, since when."""

    id = serializers.CharField(source="public_id")
    question = serializers.CharField(source="question.key")
    supersedes = serializers.CharField(source="supersedes.public_id", default=None, allow_null=True)
    answer = serializers.CharField()

    class Meta:
        model = Opinion
        fields = ["id", "question", "answer", "reasoning", "signed_as", "valid_from", "supersedes", "recorded_at"]


class OpinionIn(StrictSerializer):
    """A dated answer; it supersedes the one before."""

    answer = serializers.ChoiceField(Opinion.Answer.choices)
    reasoning = serializers.CharField(max_length=opinions.MAX_REASONING)
    signed_as = serializers.CharField(max_length=200)
    valid_from = serializers.DateField(required=False, allow_null=True, default=None)


class LegalQuestionOut(serializers.ModelSerializer):
    """An open question that verdicts cite."""

    positions = serializers.ListField(child=serializers.DictField())
    reason_codes = serializers.ListField(child=serializers.CharField())
    sources = SourceOut(many=True)

    class Meta:
        model = LegalQuestion
        fields = ["key", "question", "question_zh", "positions", "reason_codes", "verified", "sources"]
