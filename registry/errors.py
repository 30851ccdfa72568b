"""Errors that a person can act on: a stable code, a sentence, and the facts it is about."""


class ColophonError(Exception):
    """Base of every error the product raises on purpose. `code` is stable; `facts` are JSON-able."""

    code = "ERROR"
    status = 400

    def __init__(self, sentence: str, **facts: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.facts = facts


class InvalidInput(ColophonError):
    """The caller's data is wrong. `errors` lists every fault at once: [{"pointer": "/isbn", "cause": …}]."""

    code = "INVALID_INPUT"

    def __init__(self, sentence: str, *, errors: list[dict[str, str]] | None = None, **facts: object) -> None:
        super().__init__(sentence, **facts)
        self.errors = errors or []


class NotFound(ColophonError):
    """There is no such thing, or none that this caller may see: the two are never told apart."""

    code = "NOT_FOUND"
    status = 404


class NotAllowed(ColophonError):
    """The caller may see the thing but not do this to it."""

    code = "NOT_ALLOWED"
    status = 403


class Conflict(ColophonError):
    """The thing is in a state that does not permit this."""

    code = "CONFLICT"
    status = 409
