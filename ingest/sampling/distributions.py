"""The distributions of SciPy that audits need, loaded when the first is asked for: that takes most of a second."""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any


@cache
def stats() -> ModuleType:
    """`scipy.stats`."""
    import scipy.stats  # noqa: PLC0415

    return scipy.stats


def log_gamma(values: Any) -> Any:
    """The logarithm of the gamma function of each value."""
    from scipy.special import gammaln  # noqa: PLC0415

    return gammaln(values)
