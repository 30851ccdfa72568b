"""A row beside a work: title, author, identifier and what the model weighs of them. Pure."""

from dataclasses import dataclass

from rapidfuzz.distance import OSA

from registry.linkage import names
from registry.linkage.facts import Known, Row
from registry.linkage.features import PLACE, features_of
from registry.linkage.names import Agreement
from registry.linkage.title_relations import NOTHING, Relation, TitleComparison, compare_titles
from registry.linkage.titles import Title, is_generic


@dataclass(frozen=True, slots=True)
class Comparison:
    """A row beside a work. `isbn`: "equal", "restored", "near", "differs" or "" when one side has none."""

    title: TitleComparison
    author: Agreement
    features: tuple[float, ...]
    isbn: str = ""
    generic: bool = False
    other_title: int = 0  # which of the work's titles agreed best: 0 its own

    def value(self, name: str) -> float:
        """One feature by its name."""
        return self.features[PLACE[name]]


def compare(row: Row, work: Known) -> Comparison:
    """Compare a row with a work, by the title of it that agrees best."""
    best, place = NOTHING, 0
    for number, title in enumerate(work.titles):
        found = compare_titles(row.title, title)
        if number == 0 or _goodness(found) > _goodness(best):
            best, place = found, number
    author = names.compare(row.people, work.people)
    their_title = work.titles[place] if work.titles else Title()
    author_words = names.all_words((*row.people, *work.people)) if best.similarity > 0.3 else set()
    generic = is_generic(row.title, author_words) or is_generic(their_title, author_words)
    features = features_of(row, work, their_title, best, author, generic=generic)
    return Comparison(best, author, features, isbn=_compare_isbns(row, work), generic=generic, other_title=place)


def _goodness(found: TitleComparison) -> float:
    return found.similarity + found.letters - found.replaced - 0.3 * found.left + (found.relation == Relation.EQUAL)


def _compare_isbns(row: Row, work: Known) -> str:
    if work.isbns.intersection(row.isbns):
        return "equal"
    if work.isbns.intersection(row.restored):
        return "restored"
    if row.broken and any(_one_slip(digits, isbn) for digits in row.broken for isbn in work.isbns):
        return "near"
    return "differs" if row.isbns and work.isbns else ""


def _one_slip(digits: str, isbn: str) -> bool:
    """Whether one digit is wrong, missing, doubled, or two changed places."""
    short = isbn[3:12]
    if len(digits) >= 12:
        return OSA.distance(digits, isbn, score_cutoff=1) <= 1
    return OSA.distance(digits[:9], short, score_cutoff=1) <= 1
