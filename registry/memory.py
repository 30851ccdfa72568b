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


@contextmanager
def no_cycle_search() -> Iterator[None]:
    """No garbage collector at all meanwhile, in this process: for what makes very many rows and keeps them.

    Rows do not point at each other in circles, so they are freed without it, and it would take a quarter of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
