"""Which column of a table is which field: named by people, remembered for the next table with the same headings."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from operator import itemgetter
from typing import TypeVar

from django.db import transaction

from licensing.services.import_states import State, locked, require_own
from registry.actors import Actor
from registry.errors import InvalidInput
from registry.importers.columns import FIELDS, REPEATABLE
from registry.models import ColumnMapping, Import, Organisation

Said = TypeVar("Said")
MISSING = {"title": "TITLE_COLUMN_MISSING", "record_reference": "REFERENCE_COLUMN_MISSING"}


@transaction.atomic
def name(*, batch: Import, columns: Mapping[str, str], actor: Actor, encoding: str = "") -> None:
    """Say which column of the table is which field; remembered for the next table with this head.

    Raises InvalidInput for fields and columns that are not there, Conflict once the file is being taken over.
    """
    require_own(batch, actor)
    batch = locked(batch, State.UPLOADED, State.CHECKED, State.FAILED)
    chosen = {column: field for column, field in columns.items() if field}
    errors = _faults(chosen, batch.head.get("columns", []))
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    batch.columns = chosen
    batch.encoding = encoding or batch.encoding
    batch.state = State.UPLOADED
    batch.head = batch.head | {"messages": still_true(batch.head.get("messages", []), chosen, code=itemgetter("code"))}
    batch.save(update_fields=["columns", "encoding", "state", "head"])
    remember(batch)


def remembered(organisation: Organisation, head: Sequence[str]) -> dict[str, str] | None:
    """What the organisation called the columns of a table with this head before."""
    known = ColumnMapping.objects.filter(organisation=organisation, head=_digest(head)).first()
    return dict(known.columns) if known else None


def joined(known: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The columns that were named, and of those known otherwise the ones that they leave: no field twice."""
    taken = {field for field in given.values() if field not in REPEATABLE}
    rest = {column: field for column, field in known.items() if column not in given and field not in taken}
    return {column: field for column, field in {**rest, **given}.items() if field}


def remember(batch: Import) -> None:
    """Keep what this import's columns are called."""
    head = batch.head.get("columns", [])
    if head:
        ColumnMapping.objects.update_or_create(
            organisation=batch.organisation, head=_digest(head), defaults={"columns": batch.columns}
        )


def are_remembered(batch: Import) -> bool:
    """Whether the organisation has named the columns of a table with this head before."""
    return remembered(batch.organisation, batch.head.get("columns", [])) is not None


def _digest(head: Sequence[str]) -> str:
    return sha256("\0".join(head).encode()).hexdigest()


def _faults(chosen: Mapping[str, str], there: Sequence[str]) -> list[dict[str, str]]:
    errors = [
        {"pointer": f"/columns/{column}", "cause": f"The file has no column “{column}”."}
        for column in chosen
        if column not in there
    ] + [
        {"pointer": f"/columns/{column}", "cause": f"{field!r} is not one of {', '.join(FIELDS)}."}
        for column, field in chosen.items()
        if field not in FIELDS
    ]
    errors += _twice(chosen)
    if "title" not in chosen.values():
        errors.append({"pointer": "/columns", "cause": "One column has to be the title."})
    return errors


def _twice(chosen: Mapping[str, str]) -> list[dict[str, str]]:
    """Fields that one column alone can fill."""
    seen: dict[str, str] = {}
    errors = []
    for column, field in chosen.items():
        first = seen.setdefault(field, column)
        if first != column and field not in REPEATABLE:
            cause = f"“{first}” and “{column}” cannot both be the {field.replace('_', ' ')}."
            errors.append({"pointer": f"/columns/{column}", "cause": cause})
    return errors


def still_true(messages: Iterable[Said], chosen: Mapping[str, str], *, code: Callable[[Said], str]) -> list[Said]:
    """What was said of the file, without the missing columns that have been named since."""
    named = {MISSING[field] for field in chosen.values() if field in MISSING}
    return [message for message in messages if code(message) not in named]
