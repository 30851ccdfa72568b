"""Reading ahead of a transaction, on a connection of its own."""

import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from registry import ahead
from registry.models import Party


def where() -> tuple[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return threading.current_thread().name, cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_reads_run_beside_the_transaction_in_their_order_and_each_before_it_is_asked_for() -> None:
    begun = [threading.Event() for _ in range(6)]

    def reader(number: int) -> Callable[[], tuple[int, int]]:
        def run() -> tuple[int, int]:
            begun[number].set()
            return number, where()[1]

        return run

    with transaction.atomic():
        own = where()[1]
        results = ahead.in_turn([reader(number) for number in range(6)])
        given = [next(results)]
        assert all(event.wait(10) for event in begun[: 1 + ahead.READERS])
        assert not begun[2 + ahead.READERS].is_set()
        given += results
    assert [number for number, _ in given] == list(range(6))
    assert len({connected for _, connected in given} - {own}) == ahead.READERS


@pytest.mark.django_db(transaction=True)
def test_all_reads_see_what_the_transaction_saw_at_the_beginning() -> None:
    Party.objects.create(name="Before")
    names = ahead.in_turn([lambda: [row.name for row in Party.objects.all()]] * 3)
    with transaction.atomic():
        first = next(names)
        other = threading.Thread(target=_committed_elsewhere)
        other.start()
        other.join()
        assert Party.objects.filter(name="Meanwhile").exists()
        assert [first, *names] == [["Before"]] * 3


def _committed_elsewhere() -> None:
    Party.objects.create(name="Meanwhile")
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_nothing_can_be_written_while_reading_ahead_and_a_fault_reaches_who_asked() -> None:
    with transaction.atomic(), pytest.raises(DatabaseError, match="read-only"):
        list(ahead.in_turn([lambda: Party.objects.create(name="No")]))
    with transaction.atomic():
        left = ahead.in_turn([where, where, where])
        next(left)
        left.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


@pytest.mark.django_db(transaction=True)
def test_an_inner_transaction_reads_what_the_outer_one_wrote() -> None:
    with transaction.atomic():
        Party.objects.create(name="Outer")
        with transaction.atomic():
            assert list(ahead.in_turn([Party.objects.count] * 2)) == [1, 1]
            assert next(ahead.in_turn([where])) == where()
