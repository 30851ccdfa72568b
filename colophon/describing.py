"""What `colophon index info` says of an index: what it finds for sure, what it weighs, and why it is made as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from colophon.notices import printable
from ingest.engine.index import Index
from ingest.engine.params import CHOICES, PRESETS, Noise, Params, choose
from ingest.engine.segment import Segment

GIGABYTE = 1_000_000_000


def describe_index(index: Index, path: str) -> dict[str, Any]:
    """Totals, sizes, and per parameter set its guarantee g = w + k − 1, its density and what it weighs."""
    info = index.info()
    place = Path(path)
    files = list(place.glob("*.seg")) if place.is_dir() else [place]
    sets = [_describe_set(params, index) for params in index.parameter_sets]
    why, advice = _explain(index)
    return {
        "index": info["digest"],
        "works": info["works"],
        "records": info["records"],
        "withdrawn": sorted(index.withdrawn),
        "with_text": info["with_text"],
        "letters": info["letters"],
        "words": info["words"],
        "chars": info["chars"],
        "postings": info["postings"],
        "density": round(info["postings"] / info["symbols"], 6) if info["symbols"] else 0.0,
        "g": max((params.guaranteed_symbols for params in index.parameter_sets), default=0),
        "bytes": sum(file.stat().st_size for file in files),
        **_weigh(index.segments),
        "parameters": sets,
        "why": why,
        "advice": advice,
        "segments": info["segments"],
    }


def _describe_set(params: Params, index: Index) -> dict[str, Any]:
    segments = [segment for segment in index.segments if segment.params.name == params.name]
    symbols = sum(segment.header["totals"]["symbols"] for segment in segments)
    postings = sum(segment.header["postings"] for segment in segments)
    return {
        "name": params.name,
        "digest": params.digest,
        "k": params.seed_symbols,
        "w": params.window_seeds,
        "g": params.guaranteed_symbols,
        "density": round(postings / symbols, 6) if symbols else 0.0,
        "expected_density": round(params.expected_density, 6),
        "segments": len(segments),
        **_weigh(segments),
    }


def _weigh(segments: Any) -> dict[str, Any]:
    """Bytes of text, bytes of everything else, the latter a posting and as a share of the text (where all is held)."""
    text_bytes = sum(_text_bytes(segment) for segment in segments)
    index_bytes = sum(segment.bytes - _text_bytes(segment) for segment in segments)
    postings = sum(segment.header["postings"] for segment in segments)
    has_all = all(s.header["totals"]["with_text"] == s.record_count for s in segments)
    return {
        "text_bytes": text_bytes,
        "index_bytes": index_bytes,
        "bytes_a_posting": round(index_bytes / postings, 3) if postings else None,
        "share_of_text": round(index_bytes / text_bytes, 4) if has_all and text_bytes else None,
    }


def _text_bytes(segment: Segment) -> int:
    return int(segment.arrays.texts.size)


def _explain(index: Index) -> tuple[str | None, str | None]:
    """Why the texts have their parameter set, and what to do if it no longer fits; None where nothing is recorded."""
    chosen = index.listing.chosen
    name, size, noise = (chosen.get(key) for key in ("parameters", "catalogue_bytes", "noise"))
    if not isinstance(name, str):
        return None, None
    if not isinstance(size, int) or noise not in ("usual", "heavy"):
        return f"{name} was asked for (--parameters)", None
    why = f"{name} was chosen for {_size(size)} of text and {noise} noise: {_reach(name, noise)}"
    now = sum(_text_bytes(segment) for segment in index.segments)
    fitting = choose(now, noise).name
    if now > size and fitting != name:
        return why, f"the texts have grown to {_size(now)}: `colophon index build` would choose {fitting} now"
    return why, None


def _reach(name: str, noise: Noise) -> str:
    """Up to which size of catalogue a set is chosen."""
    k = PRESETS[name].seed_symbols if name in PRESETS else 0
    for limit, names in CHOICES:
        if names[noise] == name:
            up_to = f"up to {_size(limit)}" if limit else "beyond"
            return f"k = {k} keeps chance hits rare in catalogues {up_to}"
    return f"k = {k}"


def _size(size: int) -> str:
    if size < GIGABYTE // 10:
        return f"{size / 1e6:,.1f} MB"
    return f"{size / GIGABYTE:,.1f} GB".replace(".0 GB", " GB")


def info_lines(info: dict[str, Any]) -> list[str]:
    """The same for people."""
    share = f", {info['share_of_text']:.1%} of the text" if info["share_of_text"] is not None else ""
    weight = f" ({info['bytes_a_posting']:.2f} a posting{share})" if info["bytes_a_posting"] is not None else ""
    lines = [
        f"index       {info['index']}",
        f"works       {info['works']:,} in {info['records']:,} records, {info['with_text']:,} of them with their text",
        f"size        {info['words']:,} words, {info['letters']:,} letters; {info['bytes']:,} bytes on disk",
        f"postings    {info['postings']:,}, {info['density']:.4f} a letter",
        f"weight      {info['index_bytes']:,} bytes beside {info['text_bytes']:,} of text{weight}",
        f"segments    {len(info['segments'])}",
    ]
    if info["withdrawn"]:
        lines.append(f"withdrawn   {len(info['withdrawn'])}: {printable(', '.join(info['withdrawn'][:10]))}")
    for params in info["parameters"]:
        lines += [
            f"parameters  {printable(params['name'])}: k = {params['k']}, w = {params['w']}, {params['digest']}",
            f"guarantee   every unaltered run of {params['g']} letters is found (g = w + k - 1)",
            f"density     {params['density']:.4f}, expected {params['expected_density']:.4f}",
        ]
    lines += [f"why         {printable(info['why'])}"] if info["why"] else []
    lines += [f"advice      {printable(info['advice'])}"] if info["advice"] else []
    return lines
