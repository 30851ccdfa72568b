"""COPY that passes while more is made, with whatever may go wrong on the way."""

from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

from registry.services import copy_stream
from registry.services.copy_stream import CopyStream

COPY = "COPY streamed FROM STDIN"


@pytest.fixture
def server() -> Iterator[psycopg.Connection[Any]]:
    """A connection with a table of its own, in a transaction that has begun."""
    with connect() as opened:
        opened.execute("CREATE TEMP TABLE streamed (number bigint PRIMARY KEY, text text)")
        opened.commit()
        opened.execute("SELECT 1")
        yield opened
        opened.close()


def connect() -> psycopg.Connection[Any]:
    return psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor})


def held(server: psycopg.Connection[Any]) -> list[tuple[int, str]]:
    return server.execute("SELECT number, text FROM streamed ORDER BY number").fetchall()


def send(server: psycopg.Connection[Any], lines: Iterable[str], after: str = "SELECT 1", copy: str = COPY) -> None:
    with CopyStream(server) as stream:
        stream.send(copy)
        for line in lines:
            stream.copy(line)
        stream.end_copy()
        stream.send(after)


def many(count: int, start: int = 0) -> list[str]:
    return [f"{number}\t{'text' * 100}\n" for number in range(start, count)]


@pytest.mark.django_db
def test_statements_and_data_arrive_in_their_order(server: psycopg.Connection[Any]) -> None:
    with CopyStream(server) as stream:
        for batch in range(3):
            stream.send(COPY)
            for number in range(3):
                stream.copy(f"{batch * 3 + number}\tRødt {batch}\n")
            stream.end_copy()
            stream.send("UPDATE streamed SET text = text || '!'; SELECT 1")
    assert held(server) == [(number, f"Rødt {number // 3}" + "!" * (3 - number // 3)) for number in range(9)]


@pytest.mark.django_db
def test_nothing_sent_and_an_empty_copy_are_fine(server: psycopg.Connection[Any]) -> None:
    with CopyStream(server):
        pass
    send(server, [])
    assert held(server) == []


@pytest.mark.django_db
def test_a_transaction_must_have_begun(server: psycopg.Connection[Any]) -> None:
    server.rollback()
    with pytest.raises(ValueError, match="No transaction"):
        CopyStream(server)


@pytest.mark.django_db
def test_more_than_may_be_held_waits_for_the_server(
    server: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy_stream, "HELD", 1 << 20)
    most = 0
    with CopyStream(server) as stream:
        stream.send(f"SELECT pg_sleep(0.2); {COPY}")
        for line in many(30_000):
            stream.copy(line)
            most = max(most, stream._held)
        stream.end_copy()
    assert 500_000 < most <= 1 << 20
    assert server.execute("SELECT count(*), min(length(text)) FROM streamed").fetchone() == (30_000, 400)


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [0, 20_000])
def test_what_the_server_refuses_is_raised_and_the_transaction_can_be_rolled_back(
    server: psycopg.Connection[Any], rows: int
) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation, match="streamed_pkey"):
        send(server, ["1\tonce\n1\tagain\n", *many(rows, 2)])
    server.rollback()
    assert held(server) == []


@pytest.mark.django_db
def test_a_statement_that_fails_is_raised(server: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        send(server, many(1), copy="COPY nowhere FROM STDIN")
    server.rollback()
    with pytest.raises(psycopg.errors.DivisionByZero):
        send(begun(server), many(1), after="SELECT 1 / 0")
    server.rollback()
    assert held(server) == []


def begun(server: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    server.execute("SELECT 1")
    return server


@pytest.mark.django_db
@pytest.mark.parametrize("lines", [0, 1, 20_000])
def test_whoever_stops_bringing_lines_leaves_a_connection_that_can_be_rolled_back(
    server: psycopg.Connection[Any], lines: int
) -> None:
    def fail() -> Iterator[str]:
        yield from many(lines)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        send(server, fail())
    server.rollback()
    assert held(server) == []


@pytest.mark.django_db
def test_whoever_leaves_while_a_statement_runs_leaves_it_so_too(server: psycopg.Connection[Any]) -> None:
    stream = CopyStream(server)
    stream.send(COPY)
    stream.copy("".join(many(20_000)))
    stream.end_copy()
    stream.send("SELECT pg_sleep(0.1)")
    stream.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
    server.rollback()
    assert held(server) == []


@pytest.mark.django_db
def test_a_server_that_goes_away_is_told(server: psycopg.Connection[Any]) -> None:
    def cut() -> Iterator[str]:
        with connect() as other:
            other.execute("SELECT pg_terminate_backend(%s)", [server.info.backend_pid])
        yield from many(100_000)

    with pytest.raises(psycopg.OperationalError):
        send(server, cut())
