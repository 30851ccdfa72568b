"""Whether a record that was found by its ISBN alone is about the work that has it: numbers get mixed up in tables."""

from collections.abc import Iterable

from licensing.services.import_editions import is_secondary
from licensing.services.import_rows import Said
from registry.folding import tokens
from registry.importers.rows import DELETE
from registry.services.works_held import Held

SAME_TITLE = 0.5  # of the words of the shorter title


def note_other_work(said: Said, work: Held) -> None:
    """Refuse a record that names another title and other people than the work with its ISBN."""
    if said.facts is None or said.action == DELETE or said.work_key or not said.title:
        return
    if said.reference == work.reference or is_secondary(said, work) or _is_same_title(said.title, work):
        return
    known = f"“{work.facts['title']}”{_by(work)} ({work.reference})"
    isbns = ", ".join(said.isbns)
    if _people(said.facts["authors"]).isdisjoint(_people(work.facts["authors"])):
        cause = f"Your work {known} has this ISBN. The record names another title, and nobody who made that work."
        fix = "Correct the ISBN, or give the reference of that work if it is the same one."
        said.add("isbn", isbns, "E", "ISBN_OF_ANOTHER_WORK", cause, fix)
    else:
        cause = f"Your work {known} has this ISBN: its title becomes “{said.title}”."
        said.add("isbn", isbns, "W", "TITLE_REPLACED", cause, "Correct the ISBN if another work is meant.")


def _is_same_title(title: str, work: Held) -> bool:
    names = [work.facts["title"], f"{work.facts['title']} {work.facts['subtitle']}"]
    names += [edition["title"] for edition in work.facts["editions"] if edition["title"]]
    said = set(tokens(title))
    return any(_share(said, set(tokens(name))) >= SAME_TITLE for name in names)


def _share(one: set[str], other: set[str]) -> float:
    shorter = min(len(one), len(other))
    return len(one & other) / shorter if shorter else 0.0


def _people(rows: Iterable[dict[str, str]]) -> set[str]:
    """The words of their names; initials tell nobody apart."""
    return {word for row in rows for word in tokens(row["name"]) if len(word) > 1}


def _by(work: Held) -> str:
    names = ", ".join(row["name"] for row in work.facts["authors"][:3])
    return f" by {names}" if names else ""
