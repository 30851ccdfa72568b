"""Filters, named as the fields are. A value that a field cannot have is refused, not ignored."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from registry import identifiers
from registry.models import Dataset, Identifier, Job, ProvenanceClaim, Work


@extend_schema_field(OpenApiTypes.BOOL)
class TrueOrFalse(django_filters.TypedChoiceFilter):
    """`true` or `false` and nothing else."""

    def __init__(self, **options: Any) -> None:
        choices = [("true", "true"), ("false", "false")]
        super().__init__(choices=choices, coerce=lambda value: value == "true", **options)


class OneOf(django_filters.ChoiceFilter):
    """One word of a vocabulary."""

    def __init__(self, words: Iterable[str], **options: Any) -> None:
        super().__init__(choices=[(str(word), str(word)) for word in words], **options)


class WorkFilter(django_filters.FilterSet):
    identifier = django_filters.CharFilter(method="known_by", label="ISBN, ISSN, DOI … in any usual spelling")
    registered_by = django_filters.CharFilter(field_name="registered_by__slug")
    demo = TrueOrFalse()

    class Meta:
        model = Work
        fields = ["language", "kind", "country", "record_reference", "demo"]

    def known_by(self, rows: QuerySet[Work], name: str, value: str) -> QuerySet[Work]:
        """Works, or editions of them, with this identifier."""
        spellings = {value}
        for scheme in Identifier.Scheme.values:
            with suppress(identifiers.IdentifierError):
                spellings.add(identifiers.normalise(scheme, value))
        return rows.filter(pk__in=Identifier.objects.filter(value__in=spellings).values("work"))


class DatasetFilter(django_filters.FilterSet):
    demo = TrueOrFalse()

    class Meta:
        model = Dataset
        fields = ["kind", "visibility", "demo"]


class ClaimFilter(django_filters.FilterSet):
    model = django_filters.CharFilter(field_name="subject_model__slug")
    dataset = django_filters.CharFilter(field_name="object_dataset__slug")
    verified = TrueOrFalse()

    class Meta:
        model = ProvenanceClaim
        fields = ["status", "relation", "verified"]


class JobFilter(django_filters.FilterSet):
    class Meta:
        model = Job
        fields = ["kind", "state"]
