"""How matches are read: the page that every “How sure” and “no match” links to, and the sentence about no match."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ingest import sureness
from ingest.engine import confidence, params
from ingest.engine.records import Precision
from ingest.models import Scan
from ingest.selectors import scans
from registry.web.pages import page

TABLE_WORDS = (100, 200, 500)
TABLE_ERRORS = (0.0, 0.02, 0.05, 0.1)
MIN_WORDS = 50  # what a scan looks for where nothing else is said


@dataclass(frozen=True)
class Reach:
    """What the sentence about no match says: the probability that a passage would have been found, and its lower end.

    `held`: where the work's text is held, `fingerprint`: where only that is.
    """

    words: int
    errors: str
    held: tuple[float, float]
    fingerprint: tuple[float, float]


def reach_of(scan: Scan) -> Reach | None:
    """How far a scan reached; None before it was matched, or with an index for which nothing was measured."""
    said = scans.no_match(scan)
    if said is None:
        return None
    found = {
        row["precision"]: (row["probability"], row["at_least"])
        for row in said["found"]
        if row["script"] == sureness.SCRIPTS[0]
    }
    return Reach(said["words"], _share(said["error_ratio"]), found["exact"], found["sketch"])


@page
@require_safe
def matches_explained(request: HttpRequest) -> HttpResponse:
    """What relation, shares, sureness, shared text and no match mean."""
    context = {
        "likelihoods": [(code, _share(least) if least else "") for code, least in sureness.LIKELIHOODS],
        "errors": [_share(errors) for errors in TABLE_ERRORS],
        "tables": [(way, _table(way)) for way in sureness.WAYS],
        "min_words": MIN_WORDS,
    }
    return render(request, "licensing/matches_explained.html", context)


def _table(way: Precision) -> list[tuple[int, str, list[tuple[str, confidence.NoMatch]]]]:
    """Rows (words, script, an answer beside each share of errors) for the registry's own parameter set."""
    return [
        (
            words,
            script,
            [(_share(errors), _found(way, words, errors, script)) for errors in TABLE_ERRORS],
        )
        for script in sureness.SCRIPTS
        for words in TABLE_WORDS
    ]


def _found(way: Precision, words: int, errors: float, script: confidence.Script) -> confidence.NoMatch:
    name = params.REGISTRY_1.name
    return confidence.no_match(words, errors, min_words=MIN_WORDS, parameters=name, precision=way, script=script)


def _share(share: float) -> str:
    return f"{share * 100:g}\u202f%"
