"""An explanation of a document and a work as text to read and as JSON. Places are [start, end) in code points."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.engine import ENGINE_VERSION
from ingest.engine.explanation import KINDS, Chain, Explanation, Side
from ingest.engine.records import Match, Passage

EXCERPT_CHARS = 48
MOST_SHOWN = 40  # chains and passages that `lines` shows unless it is asked for all
KIND_LINES = {
    "agreeing": "agree in the letters beside them as well",
    "in_line": "differ beside them, but lie in line with others",
    "lone": "lie alone and differ beside them: dropped",
    "common": "are common: more than {common_works} unrelated works have them",
}


def lines(explanation: Explanation, everything: bool = False) -> Iterator[str]:
    """The stages one after the other. `everything`: all chains and passages, not only the first of many."""
    params = explanation.params
    yield f"Document    {_side(explanation.document)}"
    yield f"Work        {_side(explanation.work)}"
    yield (
        f"Parameters  {params.name}: seeds of {params.seed_symbols} letters, one in any {params.window_seeds};"
        f" a common run of {params.guaranteed_symbols} is always seen"
    )
    yield ""
    yield from _seed_lines(explanation)
    yield ""
    yield from _chain_lines(explanation, None if everything else MOST_SHOWN)
    yield ""
    yield from _passage_lines(explanation, None if everything else MOST_SHOWN)
    yield ""
    yield from _score_lines(explanation)


def _side(side: Side) -> str:
    held = "" if side.text is not None else "; only its fingerprint is held"
    return f"{side.name}: {side.chars:,} characters, {side.letters:,} letters, {side.words:,} words{held}"


def _seed_lines(explanation: Explanation) -> Iterator[str]:
    seeds = explanation.seeds
    yield (
        f"SEEDS  {seeds.looked_up:,} looked up in the document, {seeds.held:,} held of the work, {seeds.found:,} found"
    )
    if seeds.too_frequent:
        yield f"  {seeds.too_frequent:>9,} of them in more than {explanation.params.max_postings} places: left out"
    if seeds.thinned:
        yield f"  {seeds.thinned:>9,} places passed over: the document repeats itself too much"
    yield f"  {len(seeds.kinds):>9,} pairs of places, of which"
    for kind, count in seeds.counts.items():
        if count or kind != "common":
            yield f"  {count:>9,} {KIND_LINES[kind].format(common_works=explanation.params.common_works)}"
    if seeds.chance:
        yield f"  {seeds.chance:>9,} of all these are chance: other letters, but the same bits of a hash in the index"


def _chain_lines(explanation: Explanation, most: int | None) -> Iterator[str]:
    chains = explanation.chains
    yield f"CHAINS  {len(chains):,}"
    if not chains:
        return
    yield f"  {'number':>6} {'seeds':>6} {'score':>10}  {'document':>19}  {'work':>19}  what became of it"
    for chain in chains[:most]:
        spans = f"{_span(*chain.document):>19}  {_span(*chain.work):>19}"
        yield f"  {chain.number:>6} {chain.seeds:>6,} {chain.score:>10,.1f}  {spans}  {_fate(chain, explanation)}"
    if most is not None and len(chains) > most:
        yield f"  … and {len(chains) - most:,} more (--all shows them)"


def _fate(chain: Chain, explanation: Explanation) -> str:
    least = min(explanation.params.strong_words, explanation.min_words)
    if chain.outcome == "passages":
        numbers = _ranges(chain.passages)
        return f"passage{'s' if len(chain.passages) > 1 else ''} {numbers}{' (boilerplate)' if chain.common else ''}"
    if chain.outcome == "covered":
        return "both sides lie in one passage already"
    if chain.outcome == "boilerplate":
        return f"dropped: boilerplate, {chain.words} words"
    if chain.outcome == "short":
        return f"dropped: {chain.words} word{'s' if chain.words > 1 else ''}, {least} count alone"
    if chain.outcome == "untried":
        return "dropped; there are too many to tell why"
    if explanation.work.text is None:
        return "dropped: too few seeds to tell how far it reaches without the text"
    return "dropped: chance, the letters differ"


def _ranges(numbers: tuple[int, ...]) -> str:
    """1–3, 5, 7–9"""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number])
    shown = ["–".join(map(str, part)) for part in parts]
    return ", ".join(shown if len(shown) <= 8 else [*shown[:4], "…", *shown[-3:]])


def _passage_lines(explanation: Explanation, most: int | None) -> Iterator[str]:
    passages = explanation.passages
    own = len(passages) - explanation.boilerplate
    yield f"PASSAGES  {own:,}" + (f" and {explanation.boilerplate:,} of boilerplate" if explanation.boilerplate else "")
    for number, passage in enumerate(passages[:most], 1):
        yield from _passage(explanation, str(number), passage, " · boilerplate" if number > own else "")
    if most is not None and len(passages) > most:
        yield f"  … and {len(passages) - most:,} more (--all shows them)"
    if explanation.left_out:
        yield f"  {len(explanation.left_out):,} too short to count; the longest:"
        longest = sorted(explanation.left_out, key=lambda p: (-p.words, p.document_start, p.work_start))
        for passage in longest[: 3 if most else None]:
            yield from _passage(explanation, "–", passage, "")


def _passage(explanation: Explanation, number: str, passage: Passage, mark: str) -> Iterator[str]:
    identity = "" if passage.identity is None else f" · identity {percent(passage.identity)}"
    start, end, work_start, work_end = passage[:4]
    yield (
        f"  {number:>4}  document {_span(start, end)} ({end - start:,}) · work {_span(work_start, work_end)}"
        f" ({work_end - work_start:,}) · {passage.words:,} words{identity}{mark}"
    )
    for name, side, low, high in (
        ("D", explanation.document, start, end),
        ("W", explanation.work, work_start, work_end),
    ):
        if side.text is not None:
            yield f"        {name} {excerpt(side.text, low, high)}"


def _relation(explanation: Explanation) -> str:
    match, params = explanation.match, explanation.params
    assert match is not None
    copy, partial = (f"{100 * ratio:g} %" for ratio in (params.copy_ratio, params.partial_ratio))
    part = f"{percent(match.coverage_work)} of the work's letters"
    reasons = {
        "copy": f"{part}, {copy} or more",
        "partial": f"{part}, {partial} or more and less than {copy}",
        "excerpt": f"less than {partial} of the work, but {params.excerpt_words} words or more",
        "quotation": f"less than {partial} of the work and fewer than {params.excerpt_words} words",
    }
    return f"Reported as {match.relation}: {reasons[match.relation]}."


def percent(part: float) -> str:
    """`98.3 %`; `100 %` only where nothing is missing."""
    return "100 %" if part >= 1 else f"{min(part, 0.9999) * 100:.{2 if part > 0.999 else 1}f} %"


def why(explanation: Explanation) -> str:
    """One sentence: why the pair is reported as what it is, or not reported."""
    params, least = explanation.params, min(explanation.params.strong_words, explanation.min_words)
    matched = explanation.match.matched_words if explanation.match else 0
    longest = max((chain.words for chain in explanation.chains), default=0)
    letters = min(explanation.document.letters, explanation.work.letters)
    if explanation.code == "reported":
        return _relation(explanation)
    causes = {
        "too_short": f"one of the two has {letters} letters, and a seed has {params.seed_symbols}",
        "no_seeds": f"no seed in common, so no {params.guaranteed_symbols} letters in a row are the same in both",
        "no_chains": "every seed in common lies alone, and the letters beside it differ",
        "too_frequent": f"the work has every seed in common in more than {params.max_postings} places",
        "too_few_seeds": "too few seeds in common to tell how far they reach",
        "all_short": f"the longest alignment has {longest} words, and one that counts alone has {least}",
        "only_boilerplate": (
            f"all that matches is in more than {params.common_works} unrelated works as well (boilerplate), and it is"
            f" less than {100 * params.copy_ratio:g} % of the work"
        ),
        "too_few_words": f"{matched} words match, fewer than the {explanation.min_words} asked for",
    }
    return f"Not reported: {causes[explanation.code]}."


def _score_lines(explanation: Explanation) -> Iterator[str]:
    match = explanation.match
    yield "SCORE"
    if match is not None:
        yield (
            f"  {percent(match.coverage_document)} of the document's letters, {percent(match.coverage_work)}"
            f" of the work's · {match.matched_words:,} words, {match.longest_verbatim_words:,} of them in a row"
            " without a difference"
        )
        known = "not known without the text" if match.identity is None else percent(match.identity)
        sure = "" if match.confidence is None else f" · confidence {percent(match.confidence)}"
        yield f"  relation {match.relation} · identity {known} · precision {match.precision}{sure}"
    yield f"  {why(explanation)}"


def _span(start: int, end: int) -> str:
    return f"{start:,}–{end:,}"


def excerpt(text: str, start: int, end: int) -> str:
    """A stretch of a text on one line, its middle left out if it is long; nothing that would steer a terminal."""
    shown = text[start:end]
    if end - start > 8 * EXCERPT_CHARS:
        shown = f"{text[start : start + 4 * EXCERPT_CHARS]} … {text[end - 4 * EXCERPT_CHARS : end]}"
    shown = " ".join("".join(c if c.isprintable() else " " for c in shown).split())
    if len(shown) <= 2 * EXCERPT_CHARS + 3:
        return shown
    return f"{shown[:EXCERPT_CHARS].rstrip()} … {shown[-EXCERPT_CHARS:].lstrip()}"


def to_json(explanation: Explanation, with_seeds: bool = False) -> dict[str, Any]:
    """All of it as plain values; places are [start, end) in code points. `with_seeds`: every hit, one row each."""
    seeds = explanation.seeds
    numbers: dict[str, Any] = {
        name: getattr(seeds, name) for name in ("looked_up", "held", "found", "too_frequent", "thinned", "chance")
    }
    numbers["hits"] = seeds.counts
    if with_seeds:
        rows = zip(seeds.documents.tolist(), seeds.works.tolist(), seeds.kinds.tolist(), strict=True)
        numbers["places"] = [[d, w, KINDS[kind]] for d, w, kind in rows]
    params = explanation.params
    return {
        "engine": ENGINE_VERSION,
        "parameters": {"name": params.name, "digest": params.digest, "guaranteed_symbols": params.guaranteed_symbols},
        "min_words": explanation.min_words,
        "document": _side_json(explanation.document),
        "work": _side_json(explanation.work),
        "seeds": numbers,
        "chains": [_chain_json(chain) for chain in explanation.chains],
        "passages": [
            _passage_json(explanation, number, passage) for number, passage in enumerate(explanation.passages, 1)
        ],
        "left_out": [_passage_json(explanation, None, passage) for passage in explanation.left_out],
        "match": None if explanation.match is None else _match_json(explanation.match),
        "reported": explanation.reported,
        "why": {"code": explanation.code, "sentence": why(explanation)},
    }


def _side_json(side: Side) -> dict[str, Any]:
    precision = "sketch" if side.text is None else "exact"
    facts = {"chars": side.chars, "letters": side.letters, "words": side.words}
    return {"name": side.name, "precision": precision, **facts}


def _chain_json(chain: Chain) -> dict[str, Any]:
    return {
        "number": chain.number,
        "seeds": chain.seeds,
        "score": chain.score,
        "document_chars": list(chain.document),
        "work_chars": list(chain.work),
        "common": chain.common,
        "outcome": chain.outcome,
        "passages": list(chain.passages),
        "words": chain.words,
    }


def _passage_json(explanation: Explanation, number: int | None, passage: Passage) -> dict[str, Any]:
    own = len(explanation.passages) - explanation.boilerplate
    texts = (
        (explanation.document.text, passage.document_start, passage.document_end),
        (explanation.work.text, passage.work_start, passage.work_end),
    )
    shown = [None if text is None else excerpt(text, start, end) for text, start, end in texts]
    return {
        **({} if number is None else {"number": number, "boilerplate": number > own}),
        "document_chars": [passage.document_start, passage.document_end],
        "work_chars": [passage.work_start, passage.work_end],
        "words": passage.words,
        "identity": None if passage.identity is None else round(passage.identity, 6),
        "document_excerpt": shown[0],
        "work_excerpt": shown[1],
    }


def _match_json(match: Match) -> dict[str, Any]:
    return {
        "relation": match.relation,
        "coverage_document": round(match.coverage_document, 6),
        "coverage_work": round(match.coverage_work, 6),
        "matched_words": match.matched_words,
        "longest_verbatim_words": match.longest_verbatim_words,
        "identity": None if match.identity is None else round(match.identity, 6),
        "confidence": None if match.confidence is None else round(match.confidence, 6),
        "precision": match.precision,
    }
