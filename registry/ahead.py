"""Reading ahead: what a long transaction needs next is read while it works on what it has."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import cycle
from typing import TypeVar

from django.db import connection, transaction

READERS = 3  # so that the server looks for one thing while what it found of another is taken over
T = TypeVar("T")


def in_turn(reads: Sequence[Callable[[], T]]) -> Generator[T, None, None]:
    """What the reads give, in their order, each made while those before it are used.

    They run in threads with connections of their own, all of them with the view that this transaction has at the
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
    with ExitStack() as readers:
        threads = [readers.enter_context(_reader(snapshot)) for _ in range(min(READERS, len(reads)))]
        coming: deque[Future[T]] = deque()
        for read, thread in zip(reads, cycle(threads), strict=False):
            coming.append(thread.submit(read))
            if len(coming) > len(threads):
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


@contextmanager
def _reader(snapshot: str) -> Iterator[ThreadPoolExecutor]:
    """A thread that reads in a transaction of its own, which sees what the one of the snapshot sees."""
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        view = ExitStack()
        try:
            thread.submit(_share, view, snapshot).result()
            yield thread
        finally:
            thread.submit(_leave, view).result()


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
