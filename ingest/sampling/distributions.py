"""The distributions of SciPy that audits need, loaded when the first is asked for: that takes most of a second."""

from __future__ import annotations

from functools import cache
from types import ModuleType


@cache
def stats() -> ModuleType:
    """`scipy.stats`."""
    import scipy.stats  # noqa: PLC0415

    return scipy.stats
