"""What narrows a search down, read from a query string: one FilterSet for the page and the API."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict

from registry.models import Work
from registry.search import facets
from registry.search.kinds import KINDS
from registry.search.selection import FIRST_YEAR, LAST_YEAR, Selection

MAX_VALUES = 50
MAX_VALUE_CHARS = 80


class SeveralInput(forms.Widget):
    """Values given one by one (`?language=en&language=zh`), or with commas between them."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        given = data.getlist(name) if isinstance(data, QueryDict) else [data[name]] if name in data else []
        values = (value.strip() for text in given for value in str(text).split(","))
        return list(dict.fromkeys(value for value in values if value))


class SeveralField(forms.Field):
    """A list of values; what no facet can hold is refused."""

    widget = SeveralInput

    def clean(self, value: list[str]) -> list[str]:
        if len(value) > MAX_VALUES or any(len(one) > MAX_VALUE_CHARS or "\0" in one for one in value):
            raise ValidationError(f"has to be at most {MAX_VALUES} values of at most {MAX_VALUE_CHARS} characters.")
        return value


class FacetFilter(django_filters.Filter):
    """Rows that have one of the values of a facet."""

    field_class = SeveralField

    def filter(self, rows: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        facet = self.field_name
        return rows.filter(search_facets__overlap=[f"{facet}:{one}" for one in value]) if value else rows


class SearchFilter(django_filters.FilterSet):
    """The kind and the span of years; `search_filter` adds every facet."""

    kind = django_filters.ChoiceFilter(choices=[(name, name) for name in KINDS], method="kept", label="Only this kind.")
    year_from = django_filters.NumberFilter(
        method="kept", min_value=FIRST_YEAR, max_value=LAST_YEAR, decimal_places=0, label="First published in or after."
    )
    year_to = django_filters.NumberFilter(
        method="kept",
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        decimal_places=0,
        label="First published in or before.",
    )

    class Meta:
        model = Work
        fields: list[str] = []

    def kept(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Read by `selection` and `kind_name`, not by the rows."""
        return rows

    def _value(self, name: str) -> Any:
        self.is_valid()
        return self.form.cleaned_data.get(name)

    @property
    def kind_name(self) -> str:
        """The kind that was chosen; empty for every kind."""
        return self._value("kind") or ""

    @property
    def selection(self) -> Selection:
        """What was chosen; a value that no facet can have is left out."""
        first, last = self._value("year_from"), self._value("year_to")
        years = (None if first is None else int(first), None if last is None else int(last))
        chosen = {name: tuple(self._value(name) or ()) for name in facets.every_name()}
        return Selection({name: values for name, values in chosen.items() if values}, years)


@lru_cache(maxsize=1)
def search_filter() -> type[SearchFilter]:
    """The FilterSet with every facet, those of other packages included; asked for when all of them are there."""
    named = {name: FacetFilter(field_name=name, label="Any of these, by commas.") for name in facets.every_name()}
    return type("SearchFilter", (SearchFilter,), named)
