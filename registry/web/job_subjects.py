"""What a job is about, as a link on its page. Each package says it for the jobs that it starts."""

from collections.abc import Callable, Iterable

from registry.models import Job

Link = tuple[str, str]  # the name that is shown, the address
Finder = Callable[[Job], Link | None]

_FINDERS: dict[str, Finder] = {}


def contribute(kinds: Iterable[str], finder: Finder) -> None:
    """Have `finder` say what jobs of these kinds are about; None where that is gone."""
    for kind in kinds:
        _FINDERS[kind] = finder


def of(job: Job) -> Link | None:
    """The name and address of what a job is about; None where nobody says so."""
    finder = _FINDERS.get(job.kind)
    return finder(job) if finder else None
