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
Kind = tuple[int, int, int]  # page or site, breadth of uses, whether users are named; higher is narrower


def weigh(found: Sequence[Stated]) -> tuple[list[Stated], list[tuple[Stated, str]]]:
    """The statements that count, and those outweighed with a sentence why."""
    permitting = [one for one in found if one.rule.effect not in REFUSING]
    longest: dict[Kind, int] = {}  # path of the permissions of a kind; there are twelve kinds
    for one in permitting:
        kind, path = narrowness(one)
        longest[kind] = max(longest.get(kind, 0), path)
    standing: list[Stated] = []
    gone: list[Stated] = []
    for one in found:
        if one.rule.effect in REFUSING:
            (gone if _is_outweighed(one, longest) else standing).append(one)
    outweighed = [(one, "a narrower permission outweighs it") for one in gone]
    if not standing:
        return permitting, outweighed
    return standing, [
        *outweighed,
        *((one, "a prohibition that is as narrow, or narrower, counts") for one in permitting),
    ]


def _is_outweighed(refusal: Stated, longest: dict[Kind, int]) -> bool:
    theirs, path = narrowness(refusal)
    return any(
        all(left >= right for left, right in zip(kind, theirs, strict=True))
        and (length > path or (length == path and kind != theirs))
        for kind, length in longest.items()
    )


def narrowness(stated: Stated) -> tuple[Kind, int]:
    """How narrow a statement is in each respect but its path, and the weight of that."""
    uses = set(stated.rule.uses)
    breadth = 0 if not uses or uses >= set(USES) else 1 if uses >= set(AI_USES) else 2
    path = stated.rule.path or (stated.target if stated.target.startswith(("/", "*")) else "")
    at_page = stated.carrier in PAGE or (bool(stated.target) and not path)
    return (int(at_page), breadth, int(bool(stated.rule.purposes))), weight(path)
