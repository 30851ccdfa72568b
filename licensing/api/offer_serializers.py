"""What the API shows and takes of standing offers and of templates of terms."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from licensing.api.terms_serializers import ID, TERMS_HELP, TermsOut
from licensing.models import Offer, TermsTemplate
from licensing.services import standing_offers
from registry.api.serializers import StrictSerializer
from registry.models import Capacity, Verification


class OffersIn(StrictSerializer):
    """Terms that anybody who fits may accept, for many works."""

    works = serializers.ListField(child=serializers.CharField(max_length=ID), min_length=1, max_length=10_000)
    terms = serializers.DictField(help_text=TERMS_HELP)
    channel = serializers.ChoiceField(
        [channel.value for channel in standing_offers.CHANNELS], required=False, default="standing_offer"
    )
    at_most = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False, allow_null=True, default=None)
    words = serializers.CharField(max_length=5000, required=False, default="", allow_blank=True)
    address = serializers.URLField(max_length=500, required=False, default="", allow_blank=True)


class OfferOut(serializers.ModelSerializer):
    """An offer for one work. `terms` null: it is in words only and cannot be accepted online.

    `entry`: of the log; offers that were published together share it, and can be accepted together.
    """

    id = serializers.CharField(source="public_id")
    work = serializers.CharField(source="work.public_id")
    title = serializers.CharField(source="work.title")
    organisation = serializers.CharField(source="asserted_by.slug")
    capacity = serializers.ChoiceField(Capacity.values)
    verification = serializers.ChoiceField(Verification.values)
    terms = serializers.SerializerMethodField()
    words = serializers.CharField(source="terms")
    entry = serializers.CharField(source="entry.public_id", default=None, allow_null=True)

    class Meta:
        model = Offer
        fields = [
            "id", "work", "title", "organisation", "capacity", "verification", "channel", "terms", "words", "address",
            "at_most", "accepted", "entry", "recorded_at", "withdrawn_at",
        ]  # fmt: skip

    @extend_schema_field(TermsOut(allow_null=True))
    def get_terms(self, offer: Offer) -> dict[str, Any] | None:
        return offer.agreed_terms


class PublishedOut(serializers.Serializer):
    """How many offers were made (one a work), the first of them, and how many works have none, by reason."""

    offers = serializers.IntegerField()
    first = serializers.CharField()
    left_out = serializers.DictField(child=serializers.IntegerField())


class AcceptanceIn(StrictSerializer):
    """For which works, of those offered together; left out: the work of this offer alone."""

    works = serializers.ListField(
        child=serializers.CharField(max_length=ID), required=False, allow_null=True, default=None, max_length=10_000
    )


class OfferWithdrawalIn(StrictSerializer):
    """Why. `together`: all that were published with it."""

    reason = serializers.CharField(max_length=1000)
    together = serializers.BooleanField(required=False, default=False)


class TemplateIn(StrictSerializer):
    """Terms under a name; the same name again is its next version."""

    name = serializers.CharField(max_length=120)
    terms = serializers.DictField(help_text=TERMS_HELP)


class TemplateOut(serializers.ModelSerializer):
    """One version of a template."""

    id = serializers.CharField(source="public_id")
    terms = TermsOut()

    class Meta:
        model = TermsTemplate
        fields = ["id", "name", "version", "terms", "recorded_at"]
