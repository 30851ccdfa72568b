"""What a process holds in memory while it works through many rows."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def at_rest() -> Iterator[None]:
    """What is there already is not looked through by the garbage collector meanwhile.

    A process that has loaded everything holds a million objects, which many new rows would have it go through again
    and again, for nothing.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
