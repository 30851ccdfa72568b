"""Which of the candidates a row is, if any: match, review or none, and why. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from registry.linkage import names
from registry.linkage.comparison import Comparison, compare
from registry.linkage.facts import Known, Row
from registry.linkage.model import Model, by, shipped
from registry.linkage.names import Agreement
from registry.linkage.title_relations import Relation, compare_titles

MATCH, REVIEW, NONE = "match", "review", "none"
MAX_CANDIDATES = 5
LEAST_SHOWN = 0.02  # less likely works are not worth a look
SURE = 0.999  # of an identifier that neither title nor author contradicts
RIVAL = 0.5  # a second work this likely makes a match a question


@dataclass(frozen=True, slots=True)
class Candidate:
    """A work that the row may be. reasons: codes of `REASONS`, what agreed first."""

    work: int
    probability: float
    by: str
    comparison: Comparison
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a row is. candidates: most likely first. note: "", "same_work", "several", "several_isbn"."""

    decision: str
    work: int | None
    probability: float | None
    by: str
    candidates: tuple[Candidate, ...] = ()
    note: str = ""


REASONS = (
    "isbn_equal", "isbn_restored", "isbn_near", "isbn_differs", "isbn_contradicted", "title_equal", "title_misspelt",
    "title_subtitle", "title_subtitles_differ", "title_longer", "title_cut_off", "title_lists_more", "title_other",
    "title_known_as", "author_same", "author_compatible", "author_misspelt", "author_surname", "author_missing",
    "author_conflict", "author_different", "part_equal", "part_one_sided", "part_differs", "numbers_differ",
    "series_differs", "generic", "kin", "year_equal", "year_near", "year_before", "year_far", "publisher_same",
)  # fmt: skip
_FLAGS = (
    "part_equal", "part_one_sided", "part_differs", "numbers_differ", "series_differs", "generic", "kin", "year_equal",
    "year_near", "year_before", "year_far", "publisher_same",
)  # fmt: skip


def reasons_of(comparison: Comparison) -> tuple[str, ...]:
    """What agreed and what did not, as codes that pages put into words."""
    found = [f"isbn_{comparison.isbn}"] if comparison.isbn else []
    if comparison.isbn in ("equal", "restored") and _contradicts(comparison):
        found.append("isbn_contradicted")
    found += [f"title_{comparison.title.relation}"]
    if comparison.other_title:
        found.append("title_known_as")
    found.append(f"author_{comparison.author.name.lower()}")
    found += [name for name in _FLAGS if comparison.value(name)]
    if comparison.value("year_equal_unlike"):
        found.append("year_equal")
    return tuple(found)


def _contradicts(comparison: Comparison) -> bool:
    return comparison.title.relation == Relation.OTHER and comparison.author <= Agreement.CONFLICT


def score(row: Row, work: Known, model: Model | None = None) -> Candidate:
    """Compare and weigh one pair."""
    comparison = compare(row, work)
    probability = (model or shipped()).probability(comparison)
    return Candidate(work.id, round(probability, 4), by(comparison), comparison, reasons_of(comparison))


def decide(row: Row, works: Iterable[Known], model: Model | None = None) -> Decision:
    """Decide between the works that blocking proposes; no work stands twice in them."""
    used = model or shipped()
    known = {work.id: work for work in works}
    scored = sorted((score(row, work, used) for work in known.values()), key=_order(row, known))
    shown = tuple(one for one in scored[:MAX_CANDIDATES] if one.probability >= LEAST_SHOWN)
    if not shown or shown[0].probability < used.review:
        return Decision(NONE, None, shown[0].probability if shown else None, shown[0].by if shown else "score", shown)
    best = shown[0]
    note = _note(best, shown, known)
    if best.probability < used.match or note.startswith("several"):
        return Decision(REVIEW, None, best.probability, best.by, shown, note)
    return Decision(MATCH, best.work, best.probability, best.by, shown, note)


def _order(row: Row, known: Mapping[int, Known]) -> Callable[[Candidate], tuple[float, bool, bool, int, int]]:
    def key(candidate: Candidate) -> tuple[float, bool, bool, int, int]:
        work = known[candidate.work]
        words = work.titles[0].words if work.titles else ()
        exact = bool(work.titles) and work.titles[0] == row.title
        return (-candidate.probability, candidate.comparison.isbn != "equal", not exact, len(words), candidate.work)

    return key


def _note(best: Candidate, shown: Sequence[Candidate], known: Mapping[int, Known]) -> str:
    """Whether other works are as likely, and whether they are the same work registered again."""
    rivals = [one for one in shown[1:] if one.probability >= RIVAL]
    rivals = [one for one in rivals if not _clearly_behind(best, one)]
    if not rivals:
        return ""
    if all(are_one(known[best.work], known[one.work]) for one in rivals):
        return "same_work"
    both_isbn = best.comparison.isbn == "equal" and any(one.comparison.isbn == "equal" for one in rivals)
    return "several_isbn" if both_isbn else "several"


def is_plain(decision: Decision) -> bool:
    """Whether an identifier, or title and author word for word, say it: what only looks alike would not change it."""
    if decision.decision != MATCH or not decision.candidates:
        return False
    best = decision.candidates[0]
    return best.by == "key" or (best.by == "isbn" and best.probability >= SURE)


def _clearly_behind(best: Candidate, other: Candidate) -> bool:
    """An identifier, the exact title or the exact part outweighs what only looks alike."""
    if best.comparison.isbn == "equal" and other.comparison.isbn != "equal":
        return True
    mine, theirs = best.comparison, other.comparison
    if best.by == "key" and theirs.title.relation not in (Relation.EQUAL, Relation.SUBTITLE):
        return True
    exact = mine.title.relation == Relation.EQUAL and theirs.title.relation != Relation.EQUAL
    part = mine.value("part_equal") and not theirs.value("part_equal")
    person = mine.author > Agreement.SURNAME > theirs.author
    odds = best.probability / max(1e-9, 1 - best.probability) / (other.probability / max(1e-9, 1 - other.probability))
    return (bool(exact or part or person) and odds > 2.0) or odds > 50.0


def are_one(one: Known, other: Known) -> bool:
    """Whether two registered works are one work entered twice: same title, part and author."""
    if not one.titles or not other.titles:
        return False
    mine, theirs = one.titles[0], other.titles[0]
    same_title = mine.key == theirs.key and compare_titles(mine, theirs).relation in (
        Relation.EQUAL,
        Relation.SUBTITLE,
        Relation.MISSPELT,
    )
    agreement = names.compare(one.people, other.people)
    return same_title and mine.parts == theirs.parts and agreement >= Agreement.MISSPELT
