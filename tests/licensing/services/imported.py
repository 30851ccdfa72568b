"""What the tests of imports share: small files, and an import from file to registry in this process."""

import io
from typing import Any

from licensing.services import import_apply, import_check, imports
from registry.actors import Actor
from registry.models import Import

HEAD = "record_reference,title,author,year,publisher,isbn,language"
ROWS = (
    "r1,The First Book,Ann Author,1998,Example Press,9780141439518,en",
    "r2,Second Thoughts,Ben Writer,2004,Example Press,9780140449136,en",
    "r3,茶经新注,陈作者,2011,Example Press,,zh",
)


def table(*rows: str, head: str = HEAD) -> bytes:
    """A CSV file of these rows."""
    return "\n".join((head, *rows, "")).encode()


def looked_at(data: bytes, actor: Actor, *, name: str = "books.csv", **options: Any) -> Import:
    """The import of a file after its dry run."""
    batch = imports.take(file=io.BytesIO(data), file_name=name, actor=actor, **options)
    imports.begin_check(batch=batch, actor=actor)
    return import_check.check(batch.pk)


def taken_over(data: bytes, actor: Actor, *, valid_rows_only: bool = False, **options: Any) -> Import:
    """The import of a file after it was taken over."""
    batch = looked_at(data, actor, **options)
    imports.begin_apply(batch=batch, actor=actor, valid_rows_only=valid_rows_only)
    return import_apply.apply(batch.pk, actor=actor.name)
