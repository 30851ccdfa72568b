"""Works as PostgreSQL's COPY wrote them: lines of columns, in the order of `registry.selectors.linkable`. Pure."""

import re
from collections.abc import Sequence

from registry.linkage.facts import WorkFacts, years_of
from registry.linkage.keys import Texts

BETWEEN, WITHIN = "\x1f", "\x1e"  # between values of one column, and within one of editions

_ESCAPED = re.compile(r"\\(.)")
_MEANT = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


def columns_of(line: str) -> list[str]:
    """The columns of one line; NULL is an empty text."""
    columns = line.rstrip("\n").split("\t")
    if "\\" in line:
        return ["" if column == "\\N" else _unescape(column) for column in columns]
    return columns


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda match: _MEANT.get(match[1], match[1]), text) if "\\" in text else text


def split(value: str | None) -> tuple[str, ...]:
    """The values of one column."""
    return tuple(value.split(BETWEEN)) if value else ()


def work_of(columns: Sequence[str | None]) -> WorkFacts:
    """One row of the statement of works as facts; empty columns may be None or ""."""
    key, public_id, reference, title, subtitle, first, names, others, titles, said, isbns = columns
    editions = [one.partition(WITHIN) for one in split(said)]
    return WorkFacts(
        id=int(key or 0),
        public_id=public_id or "",
        reference=reference or "",
        title=title or "",
        subtitle=subtitle or "",
        other_titles=tuple(one for one in dict.fromkeys(split(titles)) if one != title),
        authors=split(names),
        other_names=tuple(one for one in split(others) if one),
        years=years_of([first, *(published for published, _, _ in editions)]),
        publishers=tuple(dict.fromkeys(publisher for _, _, publisher in editions if publisher)),
        isbns=split(isbns),
    )


def texts_of(columns: Sequence[str]) -> Texts:
    """What an index wants of one row of the statement."""
    title = f"{columns[3]}: {columns[4]}" if columns[4] else columns[3]
    return (title, *split(columns[8])), (*split(columns[6]), *split(columns[7])), split(columns[10])
