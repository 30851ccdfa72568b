"""How commands end: exit codes, which of several wins, and the error that ends a command with one sentence."""

from __future__ import annotations

from collections.abc import Iterable

CLEAR = 0
FINDINGS = 1
FAILED = 2
NOTHING_TO_CHECK = 3
UNDETERMINED = 4
INTERRUPTED = 130

PRECEDENCE = (FAILED, FINDINGS, UNDETERMINED, NOTHING_TO_CHECK, CLEAR)


class CommandError(Exception):
    """The command cannot go on: usage, input or a file that cannot be written. Ends with exit 2 and this sentence."""


def worst(codes: Iterable[int]) -> int:
    """Of several exit codes the one that counts: 2 > 1 > 4 > 3 > 0. None at all is 0."""
    return min(codes, key=PRECEDENCE.index, default=CLEAR)
