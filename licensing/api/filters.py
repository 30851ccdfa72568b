"""Filters of clearances, verdicts and reports, named as the fields are."""

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from ingest.models import Match
from licensing.models import Clearance, Report, Verdict
from licensing.rules import terms
from licensing.selectors import missing
from licensing.services import reports
from registry.api.filters import OneOf, TrueOrFalse


def check_territory(value: str) -> None:
    """Refuse what no question can be asked about."""
    if terms.find_territory(value) is None:
        raise ValidationError("%(value)s is not a country code, EU, EEA or WORLD.", params={"value": value})


class ClearanceFilter(django_filters.FilterSet):
    scan = django_filters.CharFilter(field_name="scan__public_id")
    dataset = django_filters.CharFilter(field_name="scan__release__dataset__slug")
    use = OneOf(terms.Use)
    purpose = OneOf(terms.Purpose)
    territory = django_filters.CharFilter(method="asked_for", validators=[check_territory])
    blocks = TrueOrFalse()

    class Meta:
        model = Clearance
        fields = ["state"]

    def asked_for(self, rows: QuerySet[Clearance], name: str, value: str) -> QuerySet[Clearance]:
        """In the spelling in which questions keep their territory."""
        return rows.filter(territory=terms.find_territory(value))


class VerdictFilter(django_filters.FilterSet):
    work = django_filters.CharFilter(field_name="work__public_id")
    verdict = OneOf(terms.Verdict)
    status = OneOf(terms.Status)
    relation = OneOf(Match.Relation.values)
    blocks = TrueOrFalse()
    missing = TrueOrFalse(method="is_missing", label="What a licence would help with, as it is now.")

    class Meta:
        model = Verdict
        fields: list[str] = []

    def is_missing(self, rows: QuerySet[Verdict], name: str, value: bool) -> QuerySet[Verdict]:
        """Not cleared, contested, unknown or blocking, and no licence has changed that since; or the others."""
        return missing.verdicts(rows, missing=value)


class ReportFilter(django_filters.FilterSet):
    clearance = django_filters.CharFilter(field_name="clearance__public_id")
    language = OneOf(reports.LANGUAGES)

    class Meta:
        model = Report
        fields = ["state"]
