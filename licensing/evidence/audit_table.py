"""The figures on an audit's page of paper: the whole set, the worst rows, and what is left to the JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from licensing.evidence.audit_figures import Whole, between, counted, in_percent, stands_out, worst
from licensing.evidence.blocks import table, text
from licensing.evidence.wording import Wording, shown

Json = dict[str, Any]
NAME_CHARS = 28  # of a batch in the table


@dataclass(frozen=True)
class About:
    """What the certificate's JSON does not hold. `json_sha256` is that of its file; `references` name and generator."""

    title: str
    organisation: str
    json_name: str
    json_sha256: str
    references: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Room:
    """How much is shown: rows of batches and of annotators, references, characters of a name of the firm's own, and
    whether the command by which the sample is drawn again names the fields of the audited set."""

    rows: int
    references: int
    chars: int
    has_fields: bool = True


@dataclass(frozen=True)
class Page:
    """Everything that a part of the page is made from."""

    certificate: Json
    about: About
    words: Wording
    room: Room
    figures: Whole

    @property
    def result(self) -> Json:
        return dict(self.certificate["result"])

    @property
    def drawn(self) -> Json:
        """What the log's entry says of the sample."""
        return dict(json.loads(self.certificate["sampled"]["record"])["facts"])

    def say(self, key: str, **facts: object) -> str:
        return self.words.say(f"certificate.{key}", **facts)


def figures(said: Page) -> list[Json]:
    """The table, what is not in it, and the indication."""
    result, figures = said.result, said.figures
    batches, annotators = worst(result["batches"], said.room.rows), worst(result["annotators"], said.room.rows)
    rows = [_whole_row(said)]
    if figures.batches > 1:
        rows += [_row(row, _batch(row, said), said) for row in batches]
    rows += [_row(row, _annotator(row, said), said) for row in annotators]
    names = ("part", "records", "drawn", "rate", "interval", "judged", "corrected", "interval", "flag")
    blocks = [table([said.say(name) for name in names], rows, [1, 0, 0, 0, 0, 0, 0, 0, 0], list(range(1, 8)))]
    confidence = in_percent(result["method"]["confidence"])
    blocks.append(text({"soft": said.say("figures_note", confidence=confidence)}))
    left = [*_left(said, "batches", batches), *_left(said, "annotators", annotators)]
    if left:
        blocks.append(text({"strong": " ".join(left)}))
    return [*blocks, *([] if said.figures.resembling is None else [text(_resemblance(said))]), text(_indication(said))]


def _left(said: Page, kind: str, listed: list[Json]) -> list[str]:
    """How many rows are not on the page, in a sentence; a whole set of one batch is that batch."""
    rows: list[Json] = said.result[kind]
    more, flagged = len(rows) - len(listed), sum(row["flagged"] for row in rows) - sum(row["flagged"] for row in listed)
    return [said.say(f"left_{kind}", number=more, flagged=flagged)] if more else []


def _whole_row(said: Page) -> list[Any]:
    figures = said.figures
    return [
        {"strong": said.say("whole")},
        shown(figures.records),
        counted(figures.positive, figures.drawn),
        {"strong": in_percent(figures.rate)},
        between(*figures.interval),
        shown(figures.judged),
        {"strong": in_percent(figures.corrected_rate)},
        between(*figures.corrected_interval),
        "",
    ]


def _row(row: Json, name: str, said: Page) -> list[Any]:
    flag = said.say("not_flagged")
    if row["flagged"]:
        p_value = row.get("adjusted_p_value")
        flag = said.say("flagged") if p_value is None else said.say("adjusted", p=_chance(p_value))
    return [
        name,
        shown(row["records"]),
        counted(row["positive"], row["sampled"]),
        in_percent(row["rate"]),
        between(*row["interval"]),
        shown(row["judged"]),
        in_percent(row["corrected_rate"]),
        between(*row["corrected_interval"]),
        flag,
    ]


def _chance(p_value: float) -> str:
    return f"= {p_value:.2g}" if p_value >= 0.0001 else "< 0.0001"


def _batch(row: Json, said: Page) -> str:
    return said.say("batch", name=cut(row["batch"], NAME_CHARS)) if row["batch"] else said.say("no_batch")


def _annotator(row: Json, said: Page) -> str:
    """By number, as the audit's own key orders them; never a name."""
    return said.say("annotator", number=row["annotator"].removeprefix("annotator "))


def _resemblance(said: Page) -> str:
    """What agrees with a whole output, what would by chance, and the annotators who stand out by it."""
    figures, space = said.figures, "" if said.words.language == "zh-hans" else " "
    numbers = [row["annotator"].removeprefix("annotator ") for row in said.result["annotators"] if stands_out(row)]
    by_chance = f"{figures.by_chance:.1f}"
    told = said.say("resemblance", drawn=figures.drawn, resembling=figures.resembling, expected=by_chance)
    if not numbers:
        return told
    listed = ", ".join(numbers[: said.room.rows]) + (" …" if len(numbers) > said.room.rows else "")
    return told + space + said.say("resemblance_annotators", annotators=listed)


def _indication(said: Page) -> str:
    figures, detector = said.figures, said.result["method"]["detector"]
    if not figures.scored:
        return said.say("indication_none", detector=detector)
    expected = f"{figures.expected:.1f}"
    return said.say("indication", detector=detector, scored=figures.scored, above=figures.above, expected=expected)


def cut(name: str, chars: int) -> str:
    """A name that is too long, with an ellipsis for its end."""
    return name if len(name) <= chars else f"{name[: chars - 1]}…"
