"""How sure a match is, and no match, in numbers and words. Pure; the client uses it too."""

from collections.abc import Collection, Iterable
from typing import Any

from ingest.engine import confidence
from ingest.engine.confidence import Script
from ingest.engine.errors import UnknownParameters
from ingest.engine.index import Index
from ingest.engine.records import Precision

Json = dict[str, Any]

# words for a probability: at least this much (Mastrandrea et al. 2010, "Guidance Note … on Consistent Treatment of
# Uncertainties", IPCC, table 1 and its note)
LIKELIHOODS = (
    ("extremely_likely", 0.95),
    ("very_likely", 0.90),
    ("likely", 0.66),
    ("as_likely_as_not", 0.33),
    ("unlikely", 0.0),
)
ALMOST_ALL = 0.9995  # from here on one decimal would say 100.0 %

PASSAGE_WORDS = 100  # what is said of in one sentence: a passage of at least so many words (Han: characters)
ERRORS = 0.05  # with at most this share of its letters wrong
WAYS: tuple[Precision, ...] = ("exact", "sketch")  # a work's text is held, or its fingerprint only
SCRIPTS: tuple[Script, ...] = ("alphabetic", "han")
RATIO_DIGITS = 6


def likelihood(probability: float) -> str:
    """The code of the words for how sure a match is, 0 to 1."""
    return next(code for code, least in LIKELIHOODS if probability >= least)


def in_percent(probability: float | None) -> str:
    """0.99812 → 99.8 %; never 0 or 100 %, a dash where nothing was estimated."""
    if probability is None:
        return "–"
    if probability >= ALMOST_ALL:
        return "> 99.9 %"
    return "< 0.1 %" if probability < 1 - ALMOST_ALL else f"{probability * 100:.1f} %"


def no_match(parameters: Collection[str], min_words: int, ways: Iterable[Precision] = WAYS) -> Json | None:
    """With which probability a passage would have been found, by way of holding the work and by script.

    parameters: the sets that the index was made with; of several the least counts. `absent`: the probability that a
    document without a match holds no such passage, if a share `prior` of documents holds one. None where the sets
    were not measured, or there are none.
    """
    words = max(PASSAGE_WORDS, 2 * min_words)
    try:
        found = [_least(parameters, words, min_words, way, script) for way in ways for script in SCRIPTS]
    except (UnknownParameters, ValueError):
        return None
    return {
        "words": words,
        "error_ratio": ERRORS,
        "min_words": min_words,
        "prior": confidence.PRIOR_HELD,
        "found": found,
    }


def _least(parameters: Collection[str], words: int, min_words: int, way: Precision, script: Script) -> Json:
    asked = [
        confidence.no_match(words, ERRORS, min_words=min_words, parameters=name, precision=way, script=script)
        for name in parameters
    ]
    worst = min(asked, key=lambda answer: answer.found)
    return {
        "precision": way,
        "script": script,
        "probability": round(worst.found, RATIO_DIGITS),
        "at_least": round(worst.found_at_least, RATIO_DIGITS),
        "absent": round(worst.absent, RATIO_DIGITS),
    }


def of_index(index: Index, min_words: int) -> Json | None:
    """The same for an index at hand."""
    info = index.info()
    held = {"exact": info["with_text"] > 0, "sketch": info["with_text"] < info["records"]}
    return no_match([params.name for params in index.parameter_sets], min_words, [way for way in WAYS if held[way]])


def sentence(said: Json | None) -> str:
    """What `no_match` gave, for people; '' where it gave nothing. Of scripts, the alphabetic one."""
    held = {"exact": "where the text of a work is held", "sketch": "where only the fingerprint of a work is held"}
    chances = [
        f"{in_percent(row['probability'])} (at least {row['at_least'] * 100:.1f} %) {held[row['precision']]}"
        for row in (said["found"] if said else [])
        if row["script"] == "alphabetic"
    ]
    if said is None or not chances:
        return ""
    passage = f"{said['words']:,} words or more in a row of one of the works that were searched"
    errors = f"with at most {said['error_ratio'] * 100:g} % wrong letters"
    return (
        f"Had they held {passage}, {errors}, that would have been found with a probability of {', of '.join(chances)}."
    )
