"""What the API shows and takes of model output: declarations, generated parts, whose terms reach a dataset."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from licensing.api.provider_terms_serializers import PlacedIn
from licensing.models import (
    Acceptance,
    GeneratedPart,
    UseDeclaration,
)
from licensing.rules.facts import Bound
from licensing.rules.terms import Purpose, Use
from licensing.selectors.declaration_check import Contradiction
from licensing.services import generated_parts, use_declarations
from registry.api.representations import SourceOut
from registry.api.serializers import StrictSerializer, TextField


class UseDeclarationOut(serializers.ModelSerializer):
    """One declared use of a provider's model."""

    id = serializers.CharField(source="public_id")
    provider = serializers.CharField(source="provider.public_id", help_text="The provider's id as a holder.")
    provider_name = serializers.CharField(source="provider.name")
    model = serializers.CharField(source="model.slug", default=None, allow_null=True)
    terms = serializers.CharField(source="terms.key", default=None, allow_null=True)
    acceptance = serializers.CharField()
    purpose = serializers.CharField()
    state = serializers.CharField()
    destinations = serializers.ListField(child=serializers.CharField())
    datasets: Any = serializers.SlugRelatedField(slug_field="slug", many=True, read_only=True)
    models_trained = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = UseDeclaration
        fields = [
            "id", "title", "provider", "provider_name", "model", "account", "acceptance", "terms", "accepted_on",
            "purpose", "destinations", "datasets", "models_trained", "note", "state", "begins_on", "ended_on",
            "recorded_at",
        ]  # fmt: skip


class UseDeclarationIn(StrictSerializer):
    """A use to be declared. No destinations: the output goes nowhere. Slugs name models and datasets."""

    title = serializers.CharField(max_length=200)
    model = serializers.SlugField(max_length=80, required=False, help_text="Or `provider` alone: any of its models.")
    provider = serializers.CharField(max_length=12, required=False, help_text="The provider's id as a holder.")
    purpose = serializers.ChoiceField(UseDeclaration.Purpose.choices)
    account = TextField(200)
    acceptance = serializers.ChoiceField(Acceptance.choices, required=False, default=Acceptance.UNKNOWN.value)
    terms = serializers.CharField(max_length=120, required=False, help_text="The key of the version that was accepted.")
    accepted_on = serializers.DateField(required=False, allow_null=True, default=None)
    destinations = serializers.ListField(
        child=serializers.ChoiceField(UseDeclaration.Destination.choices), required=False, default=list, max_length=10
    )
    datasets = serializers.ListField(
        child=serializers.SlugField(max_length=80), required=False, default=list, max_length=100
    )
    models_trained = serializers.ListField(
        child=serializers.CharField(max_length=120), required=False, default=list, max_length=100
    )
    note = TextField(use_declarations.MAX_NOTE)


class ApproveIn(StrictSerializer):
    """From when on it covers output; today where it is left out."""

    begins_on = serializers.DateField(required=False, allow_null=True, default=None)


class EndIn(StrictSerializer):
    """Its last day (today where it is left out), and why it ends."""

    ended_on = serializers.DateField(required=False, allow_null=True, default=None)
    reason = TextField(1000)


class GeneratedPartOut(serializers.ModelSerializer):
    """What a model wrote of a dataset. `own`: recorded by the caller's organisation."""

    id = serializers.CharField(source="public_id")
    dataset = serializers.CharField(source="dataset.slug")
    model = serializers.CharField(source="model.slug")
    acquired = serializers.CharField()
    own = serializers.SerializerMethodField()
    declaration = serializers.CharField(source="declaration.public_id", default=None, allow_null=True)
    sources = SourceOut(many=True)

    class Meta:
        model = GeneratedPart
        fields = [
            "id", "dataset", "model", "acquired", "share_percent", "records", "prompts", "cleaning", "generated_from",
            "generated_to", "own", "declaration", "verified", "sources",
        ]  # fmt: skip

    def get_own(self, part: GeneratedPart) -> bool:
        return part.organisation_id is not None


class GeneratedPartIn(StrictSerializer):
    """What a model wrote of one's own dataset."""

    model = serializers.SlugField(max_length=80)
    acquired = serializers.ChoiceField(GeneratedPart.Acquired.choices)
    share_percent = serializers.DecimalField(5, 2, required=False, allow_null=True, default=None)
    records = serializers.IntegerField(
        min_value=1, max_value=generated_parts.MAX_RECORDS, required=False, allow_null=True, default=None
    )
    prompts = TextField(generated_parts.MAX_TEXT)
    cleaning = TextField(generated_parts.MAX_TEXT)
    generated_from = serializers.DateField(required=False, allow_null=True, default=None)
    generated_to = serializers.DateField(required=False, allow_null=True, default=None)
    declaration = serializers.CharField(max_length=12, required=False)


class ContradictionOut(serializers.Serializer):
    """What in a dataset contradicts the register of the caller's organisation."""

    cause = serializers.ChoiceField([word.value for word in Contradiction])
    sentence = serializers.CharField()
    part = serializers.CharField(source="part.public_id")
    model = serializers.CharField(source="part.model.slug")
    dataset = serializers.CharField(source="part.dataset.slug", help_text="The one that holds the output.")
    declaration = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_declaration(self, finding: Any) -> str | None:
        return finding.declaration.public_id if finding.declaration else None


class OutputTermsIn(PlacedIn):
    """What is to be done with the dataset."""

    use = serializers.ChoiceField([word.value for word in Use])
    purpose = serializers.ChoiceField([word.value for word in Purpose], required=False, default="commercial")
    on = serializers.DateField(required=False)
    competing = serializers.ChoiceField(["yes", "no"], required=False)
    released = serializers.ChoiceField(["yes", "no"], required=False, default="no")
    acceptance = serializers.ChoiceField([word.value for word in Bound], required=False)


class OutputStepOut(serializers.Serializer):
    """One step of a path: something came from `source` into `target`."""

    source: Any = serializers.CharField()
    target = serializers.CharField()
    relation = serializers.CharField()
    statuses = serializers.ListField(child=serializers.CharField())


class OutputReasonOut(serializers.Serializer):
    """What one generator's terms mean for the use, and the path by which they arrived."""

    generator = serializers.CharField()
    code = serializers.CharField()
    verdict = serializers.CharField()
    sentence = serializers.CharField()
    authority = serializers.CharField(allow_null=True)
    verified = serializers.BooleanField()
    decides = serializers.BooleanField(help_text="False where a step of the path is alleged, denied or guessed.")
    terms = serializers.CharField(allow_null=True)
    bound_by_terms = serializers.CharField()
    account_unknown = serializers.BooleanField(
        help_text="terms for consumers and terms for businesses are both asked: nothing says which account it was"
    )
    share_percent = serializers.DecimalField(5, 2, allow_null=True)
    way = serializers.CharField()
    path = OutputStepOut(many=True)
    questions = serializers.ListField(child=serializers.DictField())


class OutputTermsOut(serializers.Serializer):
    """Axis 4 for a whole dataset. `verdict` is null where no model output is established."""

    dataset = serializers.CharField()
    verdict = serializers.CharField(allow_null=True)
    reasons = OutputReasonOut(many=True)
    cycles = OutputStepOut(many=True)
    is_cut = serializers.BooleanField()
    rules_version = serializers.CharField()
