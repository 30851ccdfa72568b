"""What the API shows and takes of licence requests, negotiations, agreements, offers and templates of terms."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from licensing.models import (
    Agreement,
    Attachment,
    Channel,
    Grant,
    LicenceRequest,
    Negotiation,
    Offer,
    RequestedWork,
    Step,
    TermsTemplate,
    VerdictChange,
)
from licensing.rules import terms as words
from licensing.rules.agreement_facts import FeeModel, Sublicensing, Survival
from licensing.rules.lifecycle import Move, State
from licensing.services import licence_requests, negotiations, standing_offers
from registry.api.serializers import StrictSerializer
from registry.models import Capacity, Verification

ID = 12
TERMS_HELP = "Terms as docs/terms.md has them; an empty list, null and an absent key all narrow nothing."


def _words(vocabulary: Any, **options: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.ChoiceField([word.value for word in vocabulary]), **options)


def _texts() -> serializers.ListField:
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

    uses = _words(words.Use)
    purposes = _words(words.Purpose)
    territory = _texts()
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)
    licensee_kinds = _words(words.LicenseeKind)
    affiliates = _texts()
    models = _texts()
    products = _texts()
    exclusive = serializers.BooleanField()
    sublicensing = serializers.ChoiceField([word.value for word in Sublicensing])
    output_limits = OutputLimitsOut(allow_null=True)
    fee = FeeOut(allow_null=True)
    attribution = serializers.BooleanField()
    audit = serializers.BooleanField()
    survival = serializers.ChoiceField([word.value for word in Survival], allow_null=True)
    note = serializers.CharField(allow_blank=True)


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
    verdicts = _words(words.Verdict, required=False, default=list)
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


class NegotiationOut(serializers.ModelSerializer):
    """The part of a request that goes to one rightsholder. `why`: there is none who can answer."""

    id = serializers.CharField(source="public_id")
    request = serializers.CharField(source="request.public_id")
    title = serializers.CharField(source="request.title")
    firm = serializers.CharField(source="request.organisation.slug")
    holder = serializers.CharField(source="holder.slug", default=None, allow_null=True)
    party = serializers.CharField(source="party.name", default=None, allow_null=True)
    state = serializers.ChoiceField([word.value for word in State])
    waits_for = serializers.ChoiceField(["firm", "holder", ""])
    terms = TermsOut()
    agreement = serializers.CharField(source="agreement.public_id", default=None, allow_null=True)
    moves = serializers.SerializerMethodField()

    class Meta:
        model = Negotiation
        fields = [
            "id", "request", "title", "firm", "holder", "party", "why", "state", "waits_for", "terms", "respond_by",
            "agreement", "works", "version", "moves", "recorded_at", "changed_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField([word.value for word in Move])))
    def get_moves(self, negotiation: Negotiation) -> list[str]:
        """What the caller can do now."""
        return [move.value for move in negotiations.possible(negotiation, self.context["view"].actor)]


class MoveIn(StrictSerializer):
    """One move. `version` is that of the negotiation that was looked at; a message needs none."""

    move = serializers.ChoiceField([word.value for word in Move])
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, allow_null=True, default=None)
    message = serializers.CharField(max_length=negotiations.MAX_MESSAGE, required=False, default="", allow_blank=True)
    terms = serializers.DictField(required=False, allow_null=True, default=None, help_text=TERMS_HELP)
    left_out = serializers.DictField(
        child=serializers.CharField(max_length=200, allow_blank=True),
        required=False,
        allow_null=True,
        default=None,
        help_text="Works that an offer or grant does not reach: their ids, each with the reason.",
    )
    data = serializers.DictField(  # type: ignore[assignment]
        required=False, default=dict, help_text="Facts of a delivery, a report, a payment."
    )
    respond_by = serializers.DateField(required=False, allow_null=True, default=None)


class FileIn(StrictSerializer):
    """A file for the other side."""

    file = serializers.FileField(allow_empty_file=True)
    message = serializers.CharField(max_length=negotiations.MAX_MESSAGE, required=False, default="", allow_blank=True)


class AttachmentOut(serializers.ModelSerializer):
    """A file that went with a step."""

    id = serializers.CharField(source="public_id")

    class Meta:
        model = Attachment
        fields = ["id", "name", "content_type", "size_bytes", "sha256"]


class StepOut(serializers.ModelSerializer):
    """One move that was made."""

    id = serializers.CharField(source="public_id")
    move = serializers.ChoiceField([word.value for word in Move])
    organisation = serializers.CharField(source="organisation.slug", default=None, allow_null=True)
    terms = TermsOut(allow_null=True)
    data = serializers.DictField()  # type: ignore[assignment]
    files = AttachmentOut(source="attachments", many=True)
    entry = serializers.CharField(source="entry.public_id", default=None, allow_null=True)

    class Meta:
        model = Step
        fields = [
            "id", "move", "from_state", "to_state", "organisation", "terms", "message", "data", "files", "entry",
            "recorded_at",
        ]  # fmt: skip


class RequestedWorkOut(serializers.ModelSerializer):
    """One work of a negotiation. `left_out`: why it is not part of what was offered or granted; empty: it is."""

    work = serializers.CharField(source="work.public_id")
    title = serializers.CharField(source="work.title")

    class Meta:
        model = RequestedWork
        fields = ["work", "title", "left_out"]


class AgreementOut(serializers.ModelSerializer):
    """What two parties agreed on. Only they see it."""

    id = serializers.CharField(source="public_id")
    channel = serializers.ChoiceField(Channel.choices)
    granted_by = serializers.CharField(source="granted_by.slug")
    licensee = serializers.CharField(source="licensee.slug")
    terms = TermsOut()
    offer = serializers.CharField(source="offer.public_id", default=None, allow_null=True)
    under = serializers.CharField(source="under.public_id", default=None, allow_null=True)
    renews = serializers.CharField(source="renews.public_id", default=None, allow_null=True)
    entry = serializers.CharField(source="entry.public_id", default=None, allow_null=True)

    class Meta:
        model = Agreement
        fields = [
            "id", "channel", "granted_by", "licensee", "terms", "state", "valid_from", "valid_to", "works", "offer",
            "under", "renews", "revoked_at", "revoked_from", "revoked_reason", "entry", "recorded_at",
        ]  # fmt: skip


class RevocationIn(StrictSerializer):
    """Why, and from which day on; left out, today."""

    reason = serializers.CharField(max_length=1000)
    from_day = serializers.DateField(required=False, allow_null=True, default=None)


class RenewalIn(StrictSerializer):
    """The last day of the further term; null has none."""

    valid_to = serializers.DateField(allow_null=True)


class SublicenceIn(StrictSerializer):
    """To whom a licence is passed on (an organisation's slug), and on which terms; works left out are all."""

    licensee = serializers.SlugField(max_length=80)
    terms = serializers.DictField(help_text=TERMS_HELP)
    works = serializers.ListField(
        child=serializers.CharField(max_length=ID), required=False, allow_null=True, default=None, max_length=10_000
    )


class GrantOut(serializers.ModelSerializer):
    """The grant of one work."""

    id = serializers.CharField(source="public_id")
    work = serializers.CharField(source="work.public_id")
    title = serializers.CharField(source="work.title")
    capacity = serializers.ChoiceField(Capacity.values)
    verification = serializers.ChoiceField(Verification.values)

    class Meta:
        model = Grant
        fields = ["id", "work", "title", "capacity", "verification", "valid_from", "valid_to", "withdrawn_at"]


class ConcludedOut(serializers.Serializer):
    """The agreement that was made, and how many works it does not reach, by reason."""

    agreement = AgreementOut()
    left_out = serializers.DictField(child=serializers.IntegerField())


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
    """An offer for one work. `terms` null: it is in words only and cannot be accepted online."""

    id = serializers.CharField(source="public_id")
    work = serializers.CharField(source="work.public_id")
    title = serializers.CharField(source="work.title")
    organisation = serializers.CharField(source="asserted_by.slug")
    capacity = serializers.ChoiceField(Capacity.values)
    verification = serializers.ChoiceField(Verification.values)
    terms = serializers.SerializerMethodField()
    words = serializers.CharField(source="terms")

    class Meta:
        model = Offer
        fields = [
            "id", "work", "title", "organisation", "capacity", "verification", "channel", "terms", "words", "address",
            "at_most", "accepted", "recorded_at", "withdrawn_at",
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
