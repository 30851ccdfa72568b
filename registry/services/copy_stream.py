"""Statements and COPY data that pass to the server while more are made: nobody waits for the other.

libpq's non-blocking mode (PostgreSQL documentation, 32.4 "Asynchronous Command Processing" and 32.10 "Functions
Associated with the COPY Command"): what the server does not take at once is held here and offered again with
the next piece.
"""

from __future__ import annotations

import select
from collections import deque
from enum import Enum
from types import TracebackType
from typing import Any

from psycopg import Connection, errors
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

HELD = 32 << 20  # bytes that are held for the server; whoever brings more waits


class _Step(Enum):
    STATEMENT = "statement"
    DATA = "data"
    END = "end"


class CopyStream:
    """Sends steps in their order over a connection that is for nothing else meanwhile; a context manager.

    The driver begins transactions with its own statements only, so one must have begun: raises ValueError. Left without
    an exception, everything has been answered. Raises what the server answers, as the driver spells it
    (`psycopg.Error`), at the step that brings it to light: one of those that follow, or the end.
    """

    def __init__(self, connection: Connection[Any]) -> None:
        if connection.info.transaction_status != TransactionStatus.INTRANS:
            raise ValueError("No transaction has begun on this connection.")
        self._server = connection.pgconn
        self._encoding = connection.info.encoding
        self._steps: deque[tuple[_Step, bytes]] = deque()
        self._held = 0
        self._is_asked = self._is_copying = False
        self._socket = select.poll()

    def __enter__(self) -> CopyStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            try:
                self._wait_until(0)
            except BaseException:
                self._abandon()
                raise
        else:
            self._abandon()

    def send(self, statement: str) -> None:
        """SQL; several statements may follow each other, the last of them may be COPY … FROM STDIN."""
        self._add(_Step.STATEMENT, statement.encode(self._encoding))

    def copy(self, lines: str) -> None:
        """Data of the COPY that was sent before."""
        self._add(_Step.DATA, lines.encode(self._encoding))

    def end_copy(self) -> None:
        """The end of that COPY."""
        self._add(_Step.END, b"")

    def _add(self, step: _Step, content: bytes) -> None:
        self._steps.append((step, content))
        self._held += len(content)
        self._wait_until(HELD)

    def _wait_until(self, held: int) -> None:
        """Pass on what the server takes, and wait where more is held; with 0, until everything is answered."""
        while (events := self._pass()) and (self._held > held or not held):
            self._wait(events)

    def _wait(self, events: int) -> None:
        self._socket.register(self._server.socket, events)
        self._socket.poll()

    def _pass(self) -> int:
        """Pass on what the server takes now; the socket's events that bring more, 0 when nothing is left to do."""
        while True:
            if self._server.flush():
                return select.POLLIN | select.POLLOUT
            if self._is_asked and not self._is_answered():
                return select.POLLIN
            if not self._steps:
                return 0
            self._begin(*self._steps.popleft())

    def _begin(self, step: _Step, content: bytes) -> None:
        self._held -= len(content)
        if step is _Step.DATA:
            if not self._server.put_copy_data(content):  # all before it is flushed
                raise MemoryError(f"{len(content)} bytes of COPY data do not fit into libpq's buffer.")
            return
        self._is_asked = True
        if step is _Step.STATEMENT:
            self._server.send_query(content)
        else:
            self._server.put_copy_end()
            self._is_copying = False

    def _is_answered(self) -> bool:
        """Take the results that are there; whether the statement has ended, or the server waits for data."""
        self._server.consume_input()
        while not self._server.is_busy():
            result = self._server.get_result()
            if result is None or result.status == ExecStatus.COPY_IN:
                self._is_asked, self._is_copying = False, result is not None
                return True
            if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
                raise errors.error_from_result(result, self._encoding)
        return False

    def _abandon(self) -> None:
        """End what is going on, so that the transaction can be rolled back."""
        self._steps.clear()
        self._held = 0
        while self._server.status == ConnStatus.OK:
            if self._is_copying:
                self._server.put_copy_end(b"abandoned")
                self._is_copying, self._is_asked = False, True
            if self._server.flush():
                self._wait(select.POLLIN | select.POLLOUT)
                continue
            if not self._is_asked:
                return
            self._server.consume_input()
            if self._server.is_busy():
                self._wait(select.POLLIN)
                continue
            result = self._server.get_result()
            self._is_copying = result is not None and result.status == ExecStatus.COPY_IN
            self._is_asked = result is not None
