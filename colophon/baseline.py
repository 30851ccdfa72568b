"""An earlier answer of `check` as the baseline: what of the present one is new?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from colophon.exits import CommandError

Json = dict[str, Any]


def load_baseline(path: str, question: Json) -> Json:
    """The JSON that an earlier `check --format json` printed; CommandError if it answers another question.

    The day asked about may differ: that time passes is what a baseline is for.
    """
    try:
        earlier = json.loads(Path(path).read_bytes())
        asked = {name: value for name, value in earlier["question"].items() if name != "on"}
        for row in earlier["works"]:
            _signature(row), [match["document"] for match in row["matches"]]
        _counts(earlier["unidentified"])
    except OSError as error:
        raise CommandError(f"--diff {path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CommandError(f"--diff {path}: not what `check --format json` prints ({error!r})") from error
    now = {name: value for name, value in question.items() if name != "on"}
    for name in sorted(asked.keys() | now.keys()):
        if asked.get(name) != now.get(name):
            raise CommandError(
                f"--diff {path}: it answers another question: {name} was {asked.get(name)}, now {now.get(name)}"
            )
    return dict(earlier)


def keep_new(works: list[Json], baseline: Json) -> list[Json]:
    """Of the works those that are new, answered differently now, or found in further documents.

    Of the last kind only the new matches are kept.
    """
    earlier = {row["work"]: row for row in baseline["works"]}
    kept = []
    for row in works:
        known = earlier.get(row["work"])
        if known is None or _signature(known) != _signature(row):
            kept.append(row)
            continue
        documents = {match["document"] for match in known["matches"]}
        matches = [match for match in row["matches"] if match["document"] not in documents]
        if matches:
            kept.append(
                row
                | {
                    "documents": len({match["document"] for match in matches}),
                    "matched_words": sum(match["matched_words"] for match in matches),
                    "matches": matches,
                }
            )
    return kept


def keep_new_unidentified(unidentified: Json, baseline: Json) -> Json:
    """Of the unidentified documents those of files that have more of them now."""
    earlier = _counts(baseline["unidentified"])
    files = [row for row in unidentified["files"] if row["documents"] > earlier.get(row["file"], 0)]
    return unidentified | {
        "documents": sum(row["documents"] for row in files),
        "characters": sum(row["characters"] for row in files),
        "files": files,
    }


def resolved(works: list[Json], baseline: Json) -> list[str]:
    """Works of the baseline that are found no more."""
    return sorted({row["work"] for row in baseline["works"]} - {row["work"] for row in works})


def _signature(row: Json) -> tuple[Any, ...]:
    codes = tuple(reason["code"] for reason in row["reasons"] if not reason["superseded"])
    return row["verdict"], row["blocks"], codes


def _counts(unidentified: Json) -> dict[str, int]:
    return {str(row["file"]): int(row["documents"]) for row in unidentified["files"]}
