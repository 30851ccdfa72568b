"""What is kept of an audit's examples: the record's text beside the registered output's, as far as they are alike."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ingest.models import Audit
from ingest.sampling.draws import Drawn
from ingest.sampling.near_copies import Corpus
from ingest.selectors import audits as selectors
from ingest.services.excerpts import excerpt
from registry.services import log

Json = dict[str, Any]
SHOWN = 300  # examples of one audit whose texts are kept
PASSAGES = 20  # of one example
MARKERS = 20
CONTEXT_CHARS = 200  # on either side of a marker
KEPT_OF_MATCH = ("work", "relation", "coverage_document", "coverage_work", "identity", "own_words", "way", "generator")
KEPT_OF_MARKER = ("marker", "kind", "language", "provider")


def shown(result: Json, sample: Mapping[str, Sequence[Drawn]], corpus: Corpus) -> Json:
    """Record → {output, generator, passages, markers}; passages in the form of `ingest.models.matches`.

    A record whose name others in the sample have as well is left out: it could not be told which of them it is.
    """
    names = Counter(one.record.name for drawn in sample.values() for one in drawn)
    wanted = {
        example["record"]: example
        for row in _rows(result)
        for example in row["examples"]
        if names[example["record"]] == 1
    }
    chosen = dict(list(wanted.items())[:SHOWN])
    texts = {
        one.record.name: one.record.text for drawn in sample.values() for one in drawn if one.record.name in chosen
    }
    return {name: _example(example, texts[name], corpus) for name, example in chosen.items()}


def _rows(result: Json) -> list[Json]:
    """Flagged rows first, so that theirs are among the examples that are kept."""
    rows = [*result["annotators"], *result["batches"]]
    return sorted(rows, key=lambda row: not row["flagged"])


def _example(example: Json, text: str, corpus: Corpus) -> Json:
    match, passages = example["match"] or example["resembles"], []
    if match is not None:
        output = corpus.output(match["work"])
        for passage in match["passages"][:PASSAGES]:
            held = excerpt(output.text, *passage["work_chars"])
            row = passage | excerpt(text, *passage["document_chars"])
            passages.append(row | {f"work_{name}": value for name, value in held.items()})
    return {
        "output": match and match["work"],
        "generator": match and match["generator"],
        "passages": passages,
        "markers": [_marker(marker, text) for marker in example["markers"][:MARKERS]],
    }


def _marker(marker: Json, text: str) -> Json:
    start, end = marker["start"], marker["end"]
    return {name: marker.get(name) for name in KEPT_OF_MARKER} | {
        "before": text[max(0, start - CONTEXT_CHARS) : start],
        "text": text[start:end],
        "after": text[end : end + CONTEXT_CHARS],
    }


def without_passages(result: Json) -> Json:
    """The result as it is stored and told: an example names record, output and figures, its texts stand in `shown`."""
    return result | {kind: [_slim(row) for row in result[kind]] for kind in ("batches", "annotators")}


def _slim(row: Json) -> Json:
    return row | {
        "examples": [
            {
                "record": example["record"],
                **{
                    kind: example[kind] and {name: example[kind].get(name) for name in KEPT_OF_MATCH}
                    for kind in ("match", "resembles")
                },
                "markers": [{name: marker.get(name) for name in KEPT_OF_MARKER} for marker in example["markers"]],
            }
            for example in row["examples"]
        ]
    }


def digest(audit: Audit) -> str:
    """`sha256:…` of the result as it is told, without names, in canonical JSON."""
    return f"sha256:{hashlib.sha256(log.canonical(selectors.presented(audit))).hexdigest()}"
