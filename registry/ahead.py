"""Reading ahead: what a long transaction needs next is read while it works on what it has."""

import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from django.db import connection, transaction

T = TypeVar("T")
HANDOVER = 0.0005  # seconds until a thread that asks for the interpreter gets it, a tenth of what Python gives it


def in_turn(reads: Iterable[Callable[[], T]]) -> Generator[T, None, None]:
    """What the reads give, in their order, each made while the one before it is used.

    They run in a thread with a connection of its own, all of them with the view that this transaction has at the
    beginning (its exported snapshot), and can write nothing. Another connection does not see what this transaction
    wrote itself, so call it with what was committed before. Within an inner transaction, which may be about what the
    outer one wrote, all are made here before the first is given out: this connection may be writing from then on
    (`copying.insert_batches`). Close it where it may be left before its end.
    """
    if len(connection.atomic_blocks) != 1:
        yield from [read() for read in reads]
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = str(cursor.fetchone()[0])
    with _quick_handover(), ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        view = ExitStack()
        try:
            thread.submit(_share, view, snapshot).result()
            coming: Future[T] | None = None
            for read in reads:
                ready, coming = coming, thread.submit(read)
                if ready is not None:
                    yield ready.result()
            if coming is not None:
                yield coming.result()
        finally:
            thread.submit(_leave, view).result()


@contextmanager
def _quick_handover() -> Iterator[None]:
    """What a server sends comes in hundreds of pieces, and for each the reading thread needs the interpreter for a
    moment while the other one works: waiting for it takes longer than reading."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(HANDOVER)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _share(view: ExitStack, snapshot: str) -> None:
    """In the thread: a transaction that sees what the other one sees."""
    view.enter_context(transaction.atomic())
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")  # takes no parameter; the server gave the name


def _leave(view: ExitStack) -> None:
    try:
        view.close()
    finally:
        connection.close()
