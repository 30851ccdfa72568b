"""Filters, named as the fields are."""

import django_filters

from registry.models import Dataset, Job, ProvenanceClaim, Work


class WorkFilter(django_filters.FilterSet):
    identifier = django_filters.CharFilter(field_name="identifiers__value", distinct=True)
    registered_by = django_filters.CharFilter(field_name="registered_by__slug")

    class Meta:
        model = Work
        fields = ["language", "kind", "country", "record_reference", "demo"]


class DatasetFilter(django_filters.FilterSet):
    class Meta:
        model = Dataset
        fields = ["kind", "visibility", "demo"]


class ClaimFilter(django_filters.FilterSet):
    model = django_filters.CharFilter(field_name="subject_model__slug")
    dataset = django_filters.CharFilter(field_name="object_dataset__slug")

    class Meta:
        model = ProvenanceClaim
        fields = ["status", "relation", "verified"]


class JobFilter(django_filters.FilterSet):
    class Meta:
        model = Job
        fields = ["kind", "state"]
