"""Filters of scans and matches, named as the fields are."""

import django_filters

from ingest.models import Match, Scan
from registry.api.filters import OneOf


class ScanFilter(django_filters.FilterSet):
    dataset = django_filters.CharFilter(field_name="release__dataset__slug")

    class Meta:
        model = Scan
        fields = ["state", "acquisition"]


class MatchFilter(django_filters.FilterSet):
    work = django_filters.CharFilter(field_name="work__public_id")
    document = django_filters.CharFilter(field_name="item__name")
    precision = OneOf(["exact", "sketch"])

    class Meta:
        model = Match
        fields = ["relation", "precision"]
