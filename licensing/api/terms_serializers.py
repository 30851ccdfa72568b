"""Terms as the API shows them, and what bodies that carry terms have in common."""

from typing import Any

from rest_framework import serializers

from licensing.rules import terms as words
from licensing.rules.agreement_facts import FeeModel, Sublicensing, Survival

ID = 12
TERMS_HELP = "Terms as docs/terms.md has them; an empty list, null and an absent key all narrow nothing."


def words_of(vocabulary: Any, **options: Any) -> serializers.ListField:
    """Some words of a vocabulary."""
    return serializers.ListField(child=serializers.ChoiceField([word.value for word in vocabulary]), **options)


def texts() -> serializers.ListField:
    """Some texts."""
    return serializers.ListField(child=serializers.CharField())


class FeeOut(serializers.Serializer):
    """What is paid. Money is recorded here, not moved."""

    model = serializers.ChoiceField([word.value for word in FeeModel])
    amount = serializers.CharField(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    per = serializers.CharField(allow_blank=True)


class OutputLimitsOut(serializers.Serializer):
    """What a model may put out of a work."""

    verbatim_words = serializers.IntegerField(allow_null=True)
    note = serializers.CharField(allow_blank=True)


class TermsOut(serializers.Serializer):
    """Terms with every key; an empty list narrows nothing."""

    uses = words_of(words.Use)
    purposes = words_of(words.Purpose)
    territory = texts()
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)
    licensee_kinds = words_of(words.LicenseeKind)
    affiliates = texts()
    models = texts()
    products = texts()
    exclusive = serializers.BooleanField()
    sublicensing = serializers.ChoiceField([word.value for word in Sublicensing])
    output_limits = OutputLimitsOut(allow_null=True)
    fee = FeeOut(allow_null=True)
    attribution = serializers.BooleanField()
    audit = serializers.BooleanField()
    survival = serializers.ChoiceField([word.value for word in Survival], allow_null=True)
    note = serializers.CharField(allow_blank=True)
