"""`colophon audit`: draw a sample of each batch, look for model output in it, and say how sure that is."""

from __future__ import annotations

import argparse
import os
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colophon.commands.layout import add_command
from colophon.exits import CLEAR, FAILED, FINDINGS, NOTHING_TO_CHECK, CommandError
from colophon.notices import Progress, print_json, print_lines, printable, tell
from colophon.reading import Reading, add_reading_arguments, positive, share

if TYPE_CHECKING:
    from ingest.sampling.draws import Draw, Drawn
    from ingest.sampling.intake import Intake
    from ingest.sampling.near_copies import Corpus
    from ingest.sampling.planner import Preset

SUMMARY = "find model output in a sample of a dataset, by batch and annotator"
DETAILS = """\
Draws a random sample of every batch (the same for everybody with the same records and seed), compares it with
registered outputs of models, looks for phrases by which chatbots name themselves, and prints rates with exact
intervals. Exit 1 if a batch or an annotator is flagged. What a figure can and cannot prove: docs/audit.md."""
EXAMPLE = """\
  colophon audit samples/audit/answers.jsonl.gz --reference samples/audit/outputs.jsonl.gz
  colophon audit data/ --reference outputs/ --sample 299 --seed 7 --list-sample sample.jsonl --json > audit.json"""
SEED, LIMIT, CONFIDENCE, EXAMPLES = 1, 0.01, 0.95, 5
PRESET_NAMES = ("gbt45654",)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = add_command(commands, "audit", SUMMARY, DETAILS, EXAMPLE)
    add_reading_arguments(parser)
    parser.set_defaults(run=run, text_field=None)
    parser.add_argument(
        "--reference", nargs="+", required=True, metavar="OUTPUTS", help="registered outputs of models: as PATH"
    )
    fields = parser.add_argument_group(
        "fields", "the text is `text`, else the first of output, response, answer, completion that a record has"
    )
    fields.add_argument("--batch-field", default=None, metavar="NAME", help="the batch of a record (batch)")
    fields.add_argument("--annotator-field", default="annotator", metavar="NAME", help="who wrote it (annotator)")
    fields.add_argument("--date-field", default="", metavar="NAME", help="its day or month (date, created_at, …)")
    fields.add_argument(
        "--prompt-field", default="", metavar="NAME", help="what it answers (prompt, instruction or question)"
    )
    sampling = parser.add_argument_group("sampling")
    sampling.add_argument("--sample", type=positive, metavar="N", help="records of each batch to look at (all)")
    sampling.add_argument("--seed", type=int, default=SEED, metavar="N", help=f"what decides which ({SEED})")
    sampling.add_argument("--limit", type=share, metavar="P", help=f"share from which a batch is flagged ({LIMIT})")
    sampling.add_argument("--confidence", type=share, default=CONFIDENCE, metavar="P", help=f"({CONFIDENCE})")
    sampling.add_argument(
        "--preset", choices=PRESET_NAMES, help="4,000 of the whole set, 96 %% have to pass (unverified)"
    )
    sampling.add_argument(
        "--list-sample", metavar="FILE", help="write which records are drawn, before any is looked at"
    )
    parser.add_argument(
        "--examples", type=_none_or_more, default=EXAMPLES, metavar="N", help=f"examples a row ({EXAMPLES})"
    )
    parser.add_argument("--jobs", type=positive, default=1, metavar="N", help="processes that look (1)")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def run(options: Namespace) -> int:
    """Draw, write down what is drawn, look, print."""
    from ingest.sampling.intake import TEXTS, Fields, Intake  # noqa: PLC0415  the engine takes a second to load

    preset = _preset(options)
    for path in options.reference:
        if not os.path.exists(path):
            raise CommandError(f"{path}: there is no such file or folder")
    asked = Namespace(**{**vars(options), "text_field": options.text_field or "text"})
    reading = Reading(asked, () if options.text_field else TEXTS)
    intake = Intake(Fields(options.batch_field, options.annotator_field, options.date_field, options.prompt_field))
    _require_once(options.paths)
    drawn = _draw(options, reading, intake)
    if names := intake.in_no_record():
        raise CommandError(f"no record has anything in the field {names[0]!r}")
    if not reading.documents:
        reading.tell_summary()
        tell("no records: nothing to audit")
        return FAILED if reading.has_failed else NOTHING_TO_CHECK
    sample = drawn.sample()
    _record(options, sample)
    reference = Reading(Namespace(**{**vars(asked), "paths": options.reference}), ("text", *TEXTS))
    result = _look(options, drawn, intake, reference)
    result["files_in_reference"] = len({*_files(options.paths)} & {*_files(options.reference)})
    if preset is not None:
        result["preset"] = _judged_by(preset, result)
    _print(options, result)
    reading.tell_summary()
    reference.tell_summary()
    if reading.has_failed or reference.has_failed:
        return FAILED
    return FINDINGS if _has_findings(result) else CLEAR


def _preset(options: Namespace) -> Preset | None:
    """Fill in what was not given; a preset is the whole of it or nothing."""
    from ingest.sampling.planner import PRESETS  # noqa: PLC0415

    if options.preset is None:
        options.batch_field = "batch" if options.batch_field is None else options.batch_field
        options.limit = LIMIT if options.limit is None else options.limit
        return None
    given = {"--sample": options.sample, "--limit": options.limit, "--batch-field": options.batch_field}
    for name, value in given.items():
        if value is not None:
            raise CommandError(f"--preset {options.preset} says what {name} is: give one of the two")
    preset = PRESETS[options.preset]
    options.batch_field, options.sample, options.limit = "", preset.sampled, round(1 - preset.passing, 6)
    return preset


def _draw(options: Namespace, reading: Reading, intake: Intake) -> Draw:
    from ingest.sampling.draws import Draw  # noqa: PLC0415

    drawn = Draw(options.seed, options.sample)
    take, add = intake.record, drawn.add
    for document in reading.documents_only():
        add(take(document))
    return drawn


def _record(options: Namespace, sample: dict[str, list[Drawn]]) -> None:
    """Say and write which records are drawn, before anything is looked at."""
    import orjson  # noqa: PLC0415

    from colophon.commands.common import many  # noqa: PLC0415
    from colophon.writing import write_file  # noqa: PLC0415
    from ingest.sampling.audit import listing  # noqa: PLC0415
    from ingest.sampling.draws import digest_of  # noqa: PLC0415

    if options.list_sample:
        lines = b"".join(orjson.dumps(row) + b"\n" for row in listing(sample))
        write_file(Path(options.list_sample), lines)
    number = sum(map(len, sample.values()))
    batches = "1 batch" if len(sample) == 1 else f"{len(sample):,} batches"
    tell(f"drew {many(number, 'record')} of {batches} with seed {options.seed}: sample {digest_of(sample)}")


def _look(options: Namespace, drawn: Draw, intake: Intake, reference: Reading) -> dict[str, Any]:
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415

    from ingest.sampling.audit import Settings, audit  # noqa: PLC0415

    settings = Settings(options.limit, options.confidence, options.examples)
    with _corpus(reference) as corpus:
        if not len(corpus):
            raise CommandError("the reference holds no outputs: nothing can be compared with it")
        shown = Progress()
        total = sum(map(len, drawn.sample().values()))
        try:
            return audit(
                drawn,
                corpus,
                settings,
                intake=intake.to_json(),
                jobs=options.jobs,
                progress=lambda done: shown.say(f"{done:,} of {total:,} drawn records looked at"),
            )
        except BrokenProcessPool as error:
            raise CommandError("a process ended unexpectedly (out of memory?): try fewer --jobs") from error
        finally:
            shown.clear()


def _corpus(reference: Reading) -> Corpus:
    from ingest.sampling.intake import output_of  # noqa: PLC0415
    from ingest.sampling.near_copies import Corpus  # noqa: PLC0415

    return Corpus(map(output_of, reference.documents_only()))


def _require_once(paths: list[str]) -> None:
    """Raise CommandError for a file that PATHs name twice: each of its records would count twice."""
    times = Counter(_files(paths))
    for path, number in times.items():
        if number > 1:
            raise CommandError(f"{path} is given {number} times: its records would be counted as often")


def _files(paths: list[str]) -> list[str]:
    """The files of PATHs by their real paths, whatever they are called on the way."""
    from ingest.readers.document import BadRecord  # noqa: PLC0415
    from ingest.readers.walk import list_files  # noqa: PLC0415

    def found() -> Iterator[str]:
        for path in paths:
            for item in list_files(path):
                if not isinstance(item, BadRecord):
                    yield os.path.realpath(item[1])

    return list(found())


def _judged_by(preset: Preset, result: dict[str, Any]) -> dict[str, Any]:
    """Whether enough of the sample is no output, as the standard counts: without an interval."""
    found = sum(row["positive"] for row in result["batches"])
    return {
        "name": preset.name,
        "source": preset.source,
        "verified": preset.verified,
        "sampled": preset.sampled,
        "is_whole": result["sampled"] >= preset.sampled,
        "passing": preset.passing,
        "share": 1 - found / result["sampled"],
        "passed": found <= (1 - preset.passing) * result["sampled"] + 1e-9,
    }


def _has_findings(result: dict[str, Any]) -> bool:
    from ingest.sampling.audit import is_flagged  # noqa: PLC0415

    return is_flagged(result) or not result.get("preset", {"passed": True})["passed"]


def _print(options: Namespace, result: dict[str, Any]) -> None:
    from colophon.audit_lines import lines_of  # noqa: PLC0415

    if options.json:
        print_json(result)
    else:
        print_lines([printable(line) for line in lines_of(result)])


def _none_or_more(text: str) -> int:
    return 0 if text == "0" else positive(text)
