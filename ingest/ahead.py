"""Reading ahead: whoever takes what a child process writes finds it there, and the child need not wait meanwhile."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

AHEAD_BYTES = 16 << 20  # how much may lie there before reading pauses


class Ahead:
    """Calls `read` in a thread, again and again, as long as less than `AHEAD_BYTES` wait to be taken.

    What `read` raises is raised by `take`, after everything that was read before it; nothing is read after that.
    """

    def __init__(self, read: Callable[[], bytearray]) -> None:
        self._read = read
        self._waiting: deque[bytearray | BaseException] = deque()
        self._waiting_bytes = 0
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="read-ahead", daemon=True)
        self._thread.start()

    def take(self) -> bytearray:
        """The next that was read, once it is there."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            taken = self._waiting.popleft()
            if isinstance(taken, BaseException):
                self._waiting.appendleft(taken)
                raise taken
            self._waiting_bytes -= len(taken)
            self._changed.notify_all()
        return taken

    def end(self) -> None:
        """Read no more; call it when `read` waits for nothing any longer, as it is waited for."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        try:
            while self._has_room():
                self._put(self._read())
        except BaseException as error:  # noqa: BLE001 (it is the taker's)
            self._put(error)

    def _has_room(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._waiting_bytes < AHEAD_BYTES)
            return not self._ended

    def _put(self, found: bytearray | BaseException) -> None:
        with self._changed:
            self._waiting.append(found)
            if isinstance(found, bytearray):
                self._waiting_bytes += len(found)
            self._changed.notify_all()
