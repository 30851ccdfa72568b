"""Memory that is used again: taking fresh pages from the system costs more than filling them.

One buffer a name and thread. What was handed out under a name is overwritten the next time the name is used.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from ingest.engine.records import Array

LARGEST_KEPT_BYTES = 1 << 24

_kept = threading.local()


def scratch(name: str, size: int, dtype: Any) -> Array:
    """An array of `size` elements with any content. Large ones are not kept, so that one long text does not stay."""
    element = np.dtype(dtype)
    wanted = size * element.itemsize
    if wanted > LARGEST_KEPT_BYTES:
        return np.empty(size, element)
    buffers: dict[str, Array] = _kept.__dict__
    held = buffers.get(name)
    if held is None or held.size < wanted:
        held = np.empty(max(1 << 14, min(LARGEST_KEPT_BYTES, wanted + wanted // 4)), np.uint8)
        buffers[name] = held
    return held[:wanted].view(element)
