"""What the API shows and takes of authority: claims, domains, disputes and decisions."""

from typing import Any

from rest_framework import serializers

from licensing.selectors import settled
from licensing.services.assertions import Scope
from registry.api.serializers import StrictSerializer
from registry.models import Capacity, ClaimDecision, CounterSignature, Domain, RightsClaim, Verification
from registry.services import domains

MAX_WORKS = 1_000
SHA256 = r"^[0-9a-f]{64}$"


class SaidIn(StrictSerializer):
    """In which capacity the caller's organisation speaks, and on which evidence."""

    capacity = serializers.ChoiceField(Capacity.values)
    ai_rights = serializers.ChoiceField(RightsClaim.AiRights.values, required=False, default="silent")
    exclusive = serializers.BooleanField(required=False, default=False)
    evidence = serializers.CharField(required=False, default="", allow_blank=True, max_length=5000)
    evidence_address = serializers.URLField(required=False, default="", allow_blank=True, max_length=500)
    evidence_sha256 = serializers.RegexField(SHA256, required=False, default="", allow_blank=True)


class AuthorityIn(SaidIn):
    """Authority for one work. `holder`: who holds the right; left out, the organisation itself."""

    work = serializers.CharField(max_length=12)
    holder = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)
    territory = serializers.ListField(child=serializers.CharField(max_length=8), required=False, max_length=250)
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_to = serializers.DateField(required=False, allow_null=True)
    observed_at = serializers.DateField(required=False)

    def to_scope(self) -> Scope:
        """The scope as services take it."""
        data = self.validated_data
        return Scope(
            capacity=data["capacity"],
            territory=data.get("territory", []),
            valid_from=data.get("valid_from"),
            valid_to=data.get("valid_to"),
            observed_at=data.get("observed_at"),
            statement=data["evidence"],
            source_address=data["evidence_address"],
            source_sha256=data["evidence_sha256"],
        )


class AuthoritiesIn(SaidIn):
    """The same authority for many works."""

    works = serializers.ListField(child=serializers.CharField(max_length=12), min_length=1, max_length=MAX_WORKS)
    observed_at = serializers.DateField(required=False)


class WithdrawalIn(StrictSerializer):
    """Why."""

    reason = serializers.CharField(max_length=1000)


class CounterSignatureOut(serializers.ModelSerializer):
    """Who confirmed a claim."""

    organisation = serializers.CharField(source="organisation.slug")
    capacity = serializers.ChoiceField(Capacity.values)

    class Meta:
        model = CounterSignature
        fields = ["organisation", "capacity", "statement", "recorded_at"]


class AuthorityOut(serializers.ModelSerializer):
    """Who speaks for a work, in which capacity, verified how far. `set_aside_from`: by a decision in force."""

    id = serializers.CharField(source="public_id")
    work = serializers.CharField(source="work.public_id")
    holder = serializers.CharField(source="holder.name")
    asserted_by = serializers.CharField(source="asserted_by.slug")
    capacity = serializers.ChoiceField(Capacity.values)
    verification = serializers.ChoiceField(Verification.values)
    territory = serializers.ListField(child=serializers.CharField())
    confirmed_by = serializers.SerializerMethodField()
    set_aside_from = serializers.SerializerMethodField()

    class Meta:
        model = RightsClaim
        fields = [
            "id", "work", "holder", "asserted_by", "capacity", "exclusive", "ai_rights", "territory", "valid_from",
            "valid_to", "observed_at", "evidence", "evidence_address", "evidence_sha256", "verification",
            "confirmed_by", "set_aside_from", "recorded_at", "withdrawn_at",
        ]  # fmt: skip

    def get_confirmed_by(self, claim: RightsClaim) -> list[dict[str, Any]]:
        standing = [row for row in claim.counter_signatures.all() if row.withdrawn_at is None]
        return list(CounterSignatureOut(standing, many=True).data)

    def get_set_aside_from(self, claim: RightsClaim) -> str | None:
        day = settled.set_aside_on(claim)
        return day.isoformat() if day else None


class DomainIn(StrictSerializer):
    """A domain that the organisation says is its own."""

    name = serializers.CharField(max_length=300)


class DomainOut(serializers.ModelSerializer):
    """A domain with what has to be published to prove it: `value` as TXT record `record`, or in the file `file`."""

    id = serializers.CharField(source="public_id")
    record = serializers.SerializerMethodField()
    file = serializers.SerializerMethodField()
    value = serializers.SerializerMethodField(method_name="get_proof")
    proved = serializers.SerializerMethodField()
    also_proved_by = serializers.SerializerMethodField()

    class Meta:
        model = Domain
        fields = [
            "id", "name", "record", "file", "value", "proved", "method", "finding", "failures", "failing_since",
            "verified_at", "checked_at", "lapsed_at", "also_proved_by", "recorded_at",
        ]  # fmt: skip

    def get_record(self, domain: Domain) -> str:
        return domains.record_name(domain)

    def get_file(self, domain: Domain) -> str:
        return domains.file_address(domain)

    def get_proof(self, domain: Domain) -> str:
        return domains.proof(domain)

    def get_proved(self, domain: Domain) -> bool:
        return domains.is_proved(domain)

    def get_also_proved_by(self, domain: Domain) -> list[str]:
        return [other.organisation.slug for other in domains.others(domain)]


class DecisionOut(serializers.ModelSerializer):
    """How a dispute was settled: which claims stand, which count no longer from `decided_on` on."""

    id = serializers.CharField(source="public_id")
    work = serializers.CharField(source="work.public_id")
    ground = serializers.ChoiceField(ClaimDecision.Ground.values)
    upheld = serializers.SerializerMethodField()
    set_aside = serializers.SerializerMethodField()

    class Meta:
        model = ClaimDecision
        fields = [
            "id", "work", "ground", "decided_on", "statement", "source_address", "source_sha256", "upheld",
            "set_aside", "in_force_at", "withdrawn_at", "withdrawal", "recorded_at",
        ]  # fmt: skip

    def get_upheld(self, decision: ClaimDecision) -> list[str]:
        return [claim.public_id for claim in decision.upheld.all()]

    def get_set_aside(self, decision: ClaimDecision) -> list[str]:
        return [claim.public_id for claim in decision.set_aside.all()]


class DisputeOut(serializers.Serializer):
    """A work whose claims contradict each other, or did until a decision."""

    work = serializers.CharField(source="work.public_id")
    title = serializers.CharField(source="work.title")
    open = serializers.BooleanField(source="is_open")
    claims = AuthorityOut(many=True)
