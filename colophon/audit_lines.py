"""An audit's result for people: the flagged first, then what the figures can and cannot prove."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from colophon.commands.common import many, table

Json = dict[str, Any]
ROWS = 20  # of those that are not flagged
EXAMPLES, EXCERPT = 2, 100  # a flagged row; code points
HEADS = ("records", "looked at", "judged", "positive", "rate", "corrected")
PROVES = (
    "What the figures show",
    "  A record is positive if most of it is a registered output, copied or lightly edited, or if it holds a phrase by",
    "  which chatbots name themselves or refuse. Rates are of the records looked at; the range behind a rate",
    "  holds for the whole batch. `corrected` is the rate freed of the method's measured errors, of the records in",
    "  which a copy could be told (`judged`).",
    "  An annotator is flagged if chance does not explain that so many of the positive records are theirs; of all",
    "  annotators flagged in audits like this, one in twenty at most is expected to be flagged wrongly. A batch is",
    "  flagged if even the lower end of its corrected rate, or of its rate if that says more, lies above the limit.",
    "  `resembles` is the share that agrees with a whole registered output, copies among it, beside the share of",
    "  people's answers to the very same questions that does. In short answers it proves nothing; an annotator marked",
    "  so has more of it than the others have of records of the same kind, and than people have: read the examples.",
    "What they do not show",
    "  Who wrote a text, or why: somebody may have been allowed to use a model, or may have copied a page that the",
    "  model had copied too. Output that is not in the reference and names no model is not found, so no rate is an",
    "  upper bound for model output in general. `style` is a statistical hint, the share of texts that look like model",
    "  output beside the share of people's texts that do: it counts nowhere, and proves nothing about anybody.",
)


def percent(share: float | None, digits: int = 3) -> str:
    """A share as people read it."""
    return "–" if share is None else f"{float(f'{share * 100:.{digits}g}'):g} %"


def span(interval: Sequence[float]) -> str:
    """Both ends of an interval."""
    low, high = interval
    return percent(low) if low == high else f"{percent(low)[:-2]}–{percent(high)}"


def lines_of(result: Json) -> list[str]:
    """The whole result."""
    return [
        *_head(result),
        "",
        *_part(result["annotators"], "annotator"),
        "",
        *_part(result["batches"], "batch"),
        *_trend(result["trend"]),
        *_examples(result),
        "",
        *PROVES,
        *_remarks(result),
    ]


def _head(result: Json) -> list[str]:
    whole = result["sampled"] == result["records"]
    drawn = "all of them" if whole else f"drawn with seed {result['seed']}"
    method = result["method"]
    lines = [
        f"{many(result['records'], 'record')} in {len(result['batches']):,} "
        f"{'batch' if len(result['batches']) == 1 else 'batches'}; {result['sampled']:,} looked at ({drawn})",
        f"compared with {many(method['near_copies']['outputs'], 'registered output')}",
        f"sample     {result['sample']}",
        f"reference  {result['reference']}",
    ]
    if preset := result.get("preset"):
        lines.append(
            f"preset     {preset['name']}: {percent(preset['share'])} of the sample are no outputs, "
            f"{percent(preset['passing'])} have to be: {'passed' if preset['passed'] else 'NOT PASSED'}"
            f"{'' if preset['verified'] else ' (the figures of the standard are unverified)'}"
        )
    return lines


def _part(rows: Sequence[Json], what: str) -> list[str]:
    """The rows of batches or annotators as a table: all that are flagged, and some of the others by rate."""
    flagged = sorted((row for row in rows if row["flagged"]), key=_by_rate)
    others = sorted((row for row in rows if not row["flagged"]), key=lambda row: (not _stands_out(row), *_by_rate(row)))
    plural = "batches" if what == "batch" else "annotators"
    if not rows:
        return [f"{plural.capitalize()}: none named, so nobody is compared with anybody."]
    is_person = what == "annotator"
    heads = ("", what, *HEADS, *(("others", "p") if is_person else ()), "resembles", "style")
    shown = [*flagged, *others[:ROWS]]
    alike = sum(map(_stands_out, others))
    more = f"; {alike:,} more {'is' if alike == 1 else 'are'} marked `resembles`" if alike else ""
    lines = [f"{plural.capitalize()}: {len(flagged):,} of {len(rows):,} flagged{more}"]
    lines += [f"  {line}" for line in table([heads, *(_cells(row, what) for row in shown)], none="")]
    if len(others) > ROWS:
        lines.append(f"  … and {len(others) - ROWS:,} more that are not flagged (--json has all)")
    return lines


def _by_rate(row: Json) -> tuple[float, float]:
    return -row["rate"], -(row["corrected_rate"] or 0.0)


def _stands_out(row: Json) -> bool:
    """Whether more of this annotator's records resemble outputs than the others' and than people's do."""
    return bool(row["resemblance"].get("stands_out"))


def _cells(row: Json, what: str) -> tuple[str, ...]:
    counts = (f"{row[key]:,}" for key in ("records", "sampled", "judged", "positive"))
    rate = percent(row["rate"])
    if row["interval"][0] != row["interval"][1]:
        rate += f" ({span(row['interval'])})"
    corrected = "–"
    if row["corrected_rate"] is not None:
        corrected = f"{percent(row['corrected_rate'])} ({span(row['corrected_interval'])})"
    beside: tuple[str, ...] = ()
    if what == "annotator":
        beside = percent(row["others_rate"]), f"{row['adjusted_p_value']:.2g}"
    return (
        "FLAGGED" if row["flagged"] else "resembles" if _stands_out(row) else "",
        row[what] or "(none named)",
        *counts,
        rate,
        corrected,
        *beside,
        _with_people(row["resemblance"]["rate"], row["resemblance"]["among_people"]),
        _style(row["indication"]),
    )


def _style(indication: Json) -> str:
    """The detector's figure, never without that of people's texts."""
    if not indication["scored"]:
        return "–"
    return _with_people(indication["rate"], indication["false_positive_rate"])


def _with_people(rate: float, of_people: float) -> str:
    return f"{percent(rate, 2)} (people: {percent(of_people, 2)})"


def _trend(periods: Sequence[Json]) -> list[str]:
    told = [row for row in periods if row["signals"]]
    if not told:
        return []
    lines = ["", "Months that chance does not explain"]
    for row in told:
        words = ", ".join(signal.replace("_", " ") for signal in row["signals"])
        lines.append(f"  {row['period']}  {percent(row['rate'])} of {row['sampled']:,} looked at: {words} the limits")
    return lines


def _examples(result: Json) -> list[str]:
    lines: list[str] = []
    for what, rows in (("annotator", result["annotators"]), ("batch", result["batches"])):
        for row in rows:
            if (row["flagged"] or _stands_out(row)) and row["examples"]:
                lines += ["", f"Examples of {what} {row[what] or '(none named)'}"]
                lines += [line for one in row["examples"][:EXAMPLES] for line in _example(one)]
    return lines


def _example(one: Json) -> Iterable[str]:
    if match := one["match"] or one["resembles"]:
        model = f", by {match['generator']}" if match["generator"] else ""
        is_copy = "is a near-copy of" if one["match"] else "resembles, perhaps by chance,"
        yield f"  {one['record']} {is_copy} {match['work']}{model}"
        yield f"    record  {_short(match['document_excerpt'])}"
        yield f"    output  {_short(match['work_excerpt'])}"
    for marker in one["markers"]:
        yield f"  {one['record']} says: {_short(marker['text'])}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= EXCERPT else f"{flat[:EXCERPT]}…"


def _remarks(result: Json) -> list[str]:
    """A line for each count that limits what the figures carry."""
    told = [f"  {sentence}: {count:,}" for count, sentence in _counts(result) if count]
    return ["To be kept in mind", *told] if told else []


def _counts(result: Json) -> Iterable[tuple[int, str]]:
    intake = result["input"]
    for role, found in intake["fields"].items():
        if role == "date" and not (found["words"] or found["unusable"]):
            continue  # nobody said that there are any
        name = found["field"] or "date"
        yield found["missing"], f"records without `{name}`"
        yield found["unusable"], f"records whose `{name}` is not usable as one, taken as if they had none"
        if role != "date":
            yield (
                min(found["words"], found["numbers"]),
                f"records of the rarer kind in `{name}`, numbers and words mixed",
            )
    yield intake["empty"], "records without text"
    yield intake["large"], "records of a million characters or more"
    yield intake["without_prompt"], "records without a prompt (a copy has to share more words)"
    yield result["duplicates"], "records that are the same as another of their batch in everything but the name"
    yield result["batches_of_one"], "batches of one record"
    yield result["batches_smaller_than_the_sample"], "batches smaller than the sample (all of their records were drawn)"
    yield result["not_judged"], "looked at, but saying too little anew to tell a copy from the same answer given twice"
    yield result["not_scored"], "looked at, but of a language, length or kind whose style was not measured"
    yield result["other_markers"], "looked at, with phrases that do not count: too common among people, or not measured"
    yield result["prompts_in_reference"], "looked at, and an answer to a prompt of the reference"
    yield result["texts_in_reference"], "looked at, and in the reference letter for letter"
    yield result["files_in_reference"], "files that are both audited and the reference: their records find themselves"
    yield result["annotators_not_drawn"], "annotators none of whose records were drawn"
    yield result["reference_empty"], "outputs of the reference without text"
    yield result["reference_repeated"], "outputs of the reference that came twice"
