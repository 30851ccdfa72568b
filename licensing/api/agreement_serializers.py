"""What the API shows and takes of agreements and their grants."""

import datetime
from dataclasses import dataclass

from rest_framework import serializers

from licensing.api.terms_serializers import ID, TERMS_HELP, TermsOut
from licensing.evidence.wording import LANGUAGES
from licensing.models import Agreement, Channel, Grant
from licensing.services.agreement_documents import Finding, Standing
from registry.api.serializers import StrictSerializer
from registry.models import Capacity, Verification


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


class LanguageQuery(StrictSerializer):
    """In which language a page of paper is written."""

    language = serializers.ChoiceField(list(LANGUAGES), required=False, default="en")


class DocumentIn(StrictSerializer):
    """The document of an agreement, as somebody was given it."""

    file = serializers.FileField(allow_empty_file=True, help_text="JSON-LD or PDF.")


@dataclass(frozen=True)
class Verified:
    """What was found out about a document (None: nothing), and on which day."""

    found: Finding | None
    on: datetime.date

    @property
    def genuine(self) -> bool:
        return self.found is not None


class FindingOut(serializers.Serializer):
    """`genuine`: signed here and unchanged. Whose agreement it is and what it says stands in the document alone."""

    genuine = serializers.BooleanField()
    agreement = serializers.CharField(source="found.agreement.public_id", default=None, allow_null=True)
    form = serializers.ChoiceField(["jsonld", "pdf"], source="found.form", default=None, allow_null=True)
    standing = serializers.ChoiceField(list(Standing), source="found.standing", default=None, allow_null=True)
    sha256 = serializers.CharField(source="found.sha256", default=None, allow_null=True)
    on = serializers.DateField(help_text="The day of which `standing` speaks.")
