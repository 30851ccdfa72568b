"""Which of several RSL rules count: the narrower one, and of equal ones the refusal (RSL 1.0 §3.1.1, §4.9); pure.

A permission outweighs a refusal that it is in no respect broader than, and in one narrower: in place (a page before a
site, a longer path before a shorter), in use (named before ai-all before all) or in user. Where each is narrower in
one respect, the refusal counts.
"""

from collections.abc import Sequence

from licensing.formats.labels import REFUSING, USES
from licensing.formats.path_patterns import weight
from licensing.formats.rsl_terms import AI_USES
from licensing.formats.stated import Stated

PAGE = frozenset({"header", "html", "epub", "pdf"})  # carriers that speak of one page or file
Narrowness = tuple[int, int, int, int]


def weigh(found: Sequence[Stated]) -> tuple[list[Stated], list[tuple[Stated, str]]]:
    """The statements that count, and those outweighed with a sentence why."""
    refusing = [one for one in found if one.rule.effect in REFUSING]
    permitting = [one for one in found if one.rule.effect not in REFUSING]
    standing = [one for one in refusing if not any(_outweighs(other, one) for other in permitting)]
    if standing:
        sentence = "a prohibition that is as narrow, or narrower, counts"
        gone = [(one, "a narrower permission outweighs it") for one in refusing if one not in standing]
        return standing, [*gone, *((one, sentence) for one in permitting)]
    return permitting, [(one, "a narrower permission outweighs it") for one in refusing]


def _outweighs(permission: Stated, refusal: Stated) -> bool:
    mine, theirs = narrowness(permission), narrowness(refusal)
    return mine != theirs and all(left >= right for left, right in zip(mine, theirs, strict=True))


def narrowness(stated: Stated) -> Narrowness:
    """Page or site, length of the path, breadth of uses, whether users are named; higher is narrower."""
    uses = set(stated.rule.uses)
    breadth = 0 if not uses or uses >= set(USES) else 1 if uses >= set(AI_USES) else 2
    path = stated.rule.path or (stated.target if stated.target.startswith(("/", "*")) else "")
    at_page = stated.carrier in PAGE or (bool(stated.target) and not path)
    return int(at_page), weight(path), breadth, int(bool(stated.rule.purposes))
