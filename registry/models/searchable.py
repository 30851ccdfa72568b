"""The columns that search reads, for whatever can be found by its name."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from registry.models.base import text_list


class Searchable(models.Model):
    """Folded words and text, written by `registry.search.sync.refresh`; the database is the search index."""

    search_tokens = text_list(max_length=80, editable=False)
    search_text = models.TextField(blank=True, editable=False)
    search_facets = text_list(max_length=100, editable=False)  # "language:en", "year:1998", "holder:<public id>" …

    class Meta:
        abstract = True


def search_indexes(table: str) -> list[models.Index]:
    """The indexes of these columns: by token, by trigram for what is misspelt, and by facet."""
    options: dict[str, Any] = {"opclasses": ["gin_trgm_ops"]}
    return [
        GinIndex(fields=["search_tokens"], name=f"{table}_search_tokens"),
        GinIndex(fields=["search_text"], name=f"{table}_search_text", **options),
        GinIndex(fields=["search_facets"], name=f"{table}_search_facets"),
    ]
