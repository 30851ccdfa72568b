"""The columns that search reads, for whatever can be found by its name."""

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
    """The indexes of these columns: by token and by facet. What is misspelt is looked for among `SearchWord`."""
    return [
        GinIndex(fields=["search_tokens"], name=f"{table}_search_tokens"),
        GinIndex(fields=["search_facets"], name=f"{table}_search_facets"),
    ]


class SearchWord(models.Model):
    """A token that rows of a kind hold, and about how many of them: what misspelt and unfinished words are read as.

    Written by `registry.search.vocabulary`; it may lag behind the rows and is never the truth.
    """

    kind = models.CharField(max_length=16)
    word = models.CharField(max_length=80)
    rows = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(  # by pattern, so that its index finds beginnings in any locale
                fields=["kind", "word"], name="word_once_per_kind", opclasses=["varchar_pattern_ops"] * 2
            )
        ]
        indexes = [GinIndex(fields=["word"], name="searchword_word", opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return f"{self.word} in {self.rows}"


class SearchStale(models.Model):
    """A row that search has to look at again, because something that other tables say of it changed.

    Written by triggers in the transaction of the change, so that no writer can forget it; taken away by
    `registry.search.sync.follow`. The same row may stand here many times.
    """

    kind = models.CharField(max_length=16)
    key = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
