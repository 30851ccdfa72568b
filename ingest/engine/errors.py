"""What can go wrong in the engine: each error has a stable code and the facts behind it."""

from __future__ import annotations


class EngineError(Exception):
    """Base of all engine errors. `code` is stable, `facts` are JSON-able."""

    code = "engine_error"

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts = facts


class UnknownParameters(EngineError):
    """A parameter set that this version does not have; named, never guessed."""

    code = "unknown_parameters"


class BadFingerprint(EngineError):
    """Bytes that are not a valid `.fp` file."""

    code = "bad_fingerprint"


class BadIndex(EngineError):
    """A folder, file or zip member that is not a valid index."""

    code = "bad_index"


class TextTooLong(EngineError):
    """More letters than 32-bit positions can address."""

    code = "text_too_long"


class IndexFull(EngineError):
    """More than one segment, or one index, can hold; the message says what to do."""

    code = "index_full"


class TextsMissing(EngineError):
    """Segments that cannot be merged, because records in them have no text to be sketched again from."""

    code = "texts_missing"
