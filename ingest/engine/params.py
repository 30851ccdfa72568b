"""All thresholds of the engine in one place: frozen, named sets, each with a digest.

A segment and a fingerprint carry the name and digest of the set they were made with. Changing any number of a set
changes its digest, so a published set is never edited: a new one is added beside it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Literal

from ingest.engine.errors import UnknownParameters
from ingest.engine.normalise import TABLE_DIGEST


@dataclass(frozen=True)
class Params:
    """One parameter set. Lengths are in symbols of the letter stream (a Han or kana character is two)."""

    name: str
    seed_symbols: int  # k: length of a seed
    window_seeds: int  # w: one minimizer in every w consecutive seeds
    query_rate: int = 7  # query every seed whose hash is below query_rate / w of the hash range
    signature_symbols: int = 6  # context left and right of a seed that a lone seed must agree on
    max_postings: int = 256  # a hash with more postings in one segment is not looked at
    hits_per_symbol: int = 4  # a document with more hits gets fewer postings of each hash from there on
    common_works: int = 4  # a seed in more unrelated works is boilerplate: it extends, but reports nothing alone
    kin_ratio: float = 0.6  # works that share this part of the larger one's minimizers are not unrelated
    chain_lookback: int = 40  # predecessors tried for each seed
    chain_max_gap: int = 4000  # letters between two seeds of a chain
    chain_max_drift: int = 1000  # difference of the two gaps
    strong_words: int = 25  # a passage counts with this many words, a shorter one only beside such a one
    beside_symbols: int = 256  # … closer than this on both sides
    resync_symbols: int = 32  # longest gap that an extension steps over
    drop_score: int = 60  # X-drop
    edit_penalty: int = 2  # score: +1 an equal letter, −2 an edit
    join_symbols: int = 24  # passages closer than this on both sides are one
    sketch_least_gap: int = 192  # where no text is held, seeds closer than this belong to one passage,
    sketch_most_gap: int = 640  # never seeds farther apart than this,
    sketch_gap_ratio: int = 6  # and in between those closer than this many times the median gap of the chain
    sketch_hit_ratio: float = (
        0.1  # part of the work's minimizers that such a passage must have (identity 0.89 at k = 20)
    )
    sketch_drift_symbols: int = 12  # in one passage the gaps on both sides differ by no more than this
    sketch_drift_ratio: float = 0.09  # plus this part of them: two translations drift apart, two editions do not
    excerpt_words: int = 200
    partial_ratio: float = 0.1
    copy_ratio: float = 0.9

    @property
    def guaranteed_symbols(self) -> int:
        """Every clean common run of at least this many symbols is seen (g = w + k − 1)."""
        return self.window_seeds + self.seed_symbols - 1

    @property
    def expected_density(self) -> float:
        """Minimizers per symbol of random text, 2 / (w + 1) (Schleimer, Wilkerson and Aiken 2003)."""
        return 2.0 / (self.window_seeds + 1)

    @property
    def query_threshold(self) -> int:
        """Seeds whose 64-bit hash is below this are looked up."""
        return min(2**64 - 1, self.query_rate * 2**64 // self.window_seeds)

    @cached_property
    def digest(self) -> str:
        """`sha256:…` of the canonical JSON of the set together with the letter table it folds with."""
        return "sha256:" + hashlib.sha256(self.canonical_json().encode()).hexdigest()

    def canonical_json(self) -> str:
        """Keys sorted, no white space."""
        facts = asdict(self) | {"letter_table": TABLE_DIGEST, "hash": "cyclic-64-1"}
        return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# The registry's own fingerprints: never edited. 50 clean words hold about 215 letters, 50 Han characters 100 symbols,
# both above the guaranteed 83.
REGISTRY_1 = Params("registry-1", seed_symbols=20, window_seeds=64)

PRESETS: dict[str, Params] = {
    p.name: p
    for p in (
        REGISTRY_1,
        Params("compact", seed_symbols=24, window_seeds=113),
        Params("thorough", seed_symbols=20, window_seeds=48),
        Params("small", seed_symbols=20, window_seeds=72),
        Params("medium", seed_symbols=24, window_seeds=72),
        Params("medium-thorough", seed_symbols=24, window_seeds=48),
        Params("large", seed_symbols=28, window_seeds=113),
        Params("large-thorough", seed_symbols=28, window_seeds=64),
    )
}

Noise = Literal["usual", "heavy"]

# Short answers with a word in ten changed: outputs of models (ingest.sampling). No catalogue is indexed with it, and no
# confidence was measured for it.
ANSWERS = Params("answers", seed_symbols=12, window_seeds=4, strong_words=5, query_rate=3)
KNOWN = PRESETS | {ANSWERS.name: ANSWERS}

# Chance hits grow with the catalogue and shrink with k: up to so many bytes of text, which set for which noise. With
# w = 72 an index without its texts weighs a fifth of them.
CHOICES: tuple[tuple[int | None, dict[Noise, str]], ...] = (
    (1_000_000_000, {"usual": "small", "heavy": "thorough"}),
    (20_000_000_000, {"usual": "medium", "heavy": "medium-thorough"}),
    (None, {"usual": "large", "heavy": "large-thorough"}),
)


def choose(catalogue_bytes: int, noise: Noise = "usual") -> Params:
    """The set for a catalogue of that many bytes of text. `heavy`: scans and re-typing with 5 % errors and more."""
    for limit, names in CHOICES:
        if limit is None or catalogue_bytes <= limit:
            return PRESETS[names[noise]]
    raise AssertionError("the last row has no limit")


def preset(name: str) -> Params:
    """The set of that name; `UnknownParameters` names it if there is none."""
    if name not in KNOWN:
        raise UnknownParameters(
            f"unknown parameter set {name!r}; this version knows {', '.join(sorted(PRESETS))}", name=name
        )
    return KNOWN[name]


def require(name: str, digest: str) -> Params:
    """The set of that name if its digest is the one expected, else `UnknownParameters`."""
    found = preset(name)
    if found.digest != digest:
        raise UnknownParameters(
            f"parameter set {name!r} has digest {digest} there and {found.digest} here", name=name, digest=digest
        )
    return found
