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


class Moved(ColophonError):
    """The thing is one with another now, whose public id `into` is."""

    code = "MOVED"
    status = 301

    def __init__(self, sentence: str, *, what: str, into: str) -> None:
        super().__init__(sentence, moved=what, into=into)
        self.what = what
        self.into = into

    def address(self, path: str) -> str:
        """The address of the other one, from the path that was asked for."""
        return path.replace(f"/{self.what}", f"/{self.into}", 1)


class NotAllowed(ColophonError):
    """The caller may see the thing but not do this to it."""

    code = "NOT_ALLOWED"
    status = 403


class Conflict(ColophonError):
    """The thing is in a state that does not permit this."""

    code = "CONFLICT"
    status = 409


class MailNotSent(ColophonError):
    """The mail server did not take a mail that somebody waits for."""

    code = "MAIL_NOT_SENT"
    status = 503
