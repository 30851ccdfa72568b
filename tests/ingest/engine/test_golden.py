"""Match lines that do not change by accident: byte for byte the same for the same documents, index and version.

When a test here fails, the engine's output has changed. Not on purpose: find out why. On purpose: raise ENGINE_VERSION
in ingest/engine/__init__.py, say in CHANGELOG.md what changes for whom, then write the files anew with
`python -m tests.ingest.engine.test_golden` and read the difference before it is committed.
"""

from __future__ import annotations

import json
import multiprocessing
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine import ENGINE_VERSION
from ingest.engine.index import Index, write_segment
from ingest.engine.intake import TextRecord
from ingest.engine.mapper import map_text, map_texts, match_line
from ingest.engine.params import REGISTRY_1, preset
from ingest.engine.records import IndexRecord
from ingest.engine.sketch import sketch_text
from tests.ingest.engine.texts import noisy

GOLDEN = Path(__file__).parent / "golden"
SHELF = Path(__file__).parents[3] / "samples" / "shelf" / "texts"
ADVICE = (
    f"The engine's output is not what version {ENGINE_VERSION} gave. If that is no accident: raise ENGINE_VERSION, say "
    "in CHANGELOG.md what changes, and write the golden files anew with `python -m tests.ingest.engine.test_golden`."
)
HELD = {
    "alice": "carroll-alice",
    "magi": "o-henry-the-gift-of-the-magi",
    "proposal": "swift-a-modest-proposal",
    "nature": "emerson-nature",
    "digong": "digong-an-chapters-1-8",
    "youmeng": "zhang-chao-youmengying",
}
NOT_HELD = {"sleepy": "irving-sleepy-hollow", "haoqiu": "haoqiu-zhuan-chapters-1-4"}
NOTICE_WORKS = 6


@cache
def text_of(name: str) -> str:
    return (SHELF / f"{name}.txt").read_text(encoding="utf-8")


@cache
def notice() -> str:
    """The end of an RFC, here the boilerplate of many works."""
    return text_of("rfc2635-dont-spew")[-2600:]


def build(folder: Path) -> None:
    """An index of three segments: with texts, without, and with another parameter set and a shared notice."""
    held = [TextRecord(work, None, text_of(name)) for work, name in HELD.items()]
    magi = text_of(HELD["magi"])
    held.append(TextRecord("magi", "scan", noisy(magi, 0.02, 3)))
    write_segment(folder, held, REGISTRY_1)
    rough = [IndexRecord(work, None, sketch_text(text_of(name)), None) for work, name in NOT_HELD.items()]
    write_segment(folder, rough, REGISTRY_1)
    novel = text_of("wells-the-time-machine")
    parts = [novel[n * 25_000 : (n + 1) * 25_000] for n in range(NOTICE_WORKS)]
    carriers = [TextRecord(f"part{n}", f"{n}", part + notice()) for n, part in enumerate(parts)]
    write_segment(folder, carriers, preset("compact"))


@cache
def documents() -> dict[str, str]:
    """By the name of the golden file: what is mapped."""
    alice, nature, joyce = text_of(HELD["alice"]), text_of(HELD["nature"]), text_of("joyce-the-dead")
    magi, proposal, sleepy = text_of(HELD["magi"]), text_of(HELD["proposal"]), text_of(NOT_HELD["sleepy"])
    digong, youmeng, haoqiu = text_of(HELD["digong"]), text_of(HELD["youmeng"]), text_of(NOT_HELD["haoqiu"])
    bartleby, henhai = text_of("melville-bartleby"), text_of("wu-jianren-henhai")
    time_machine = text_of("wells-the-time-machine")
    english = [joyce[:3000], alice[20_000:23_000], joyce[9000:12_000], nature[40_000:40_600], joyce[15_000:18_000]]
    chinese = [henhai[:900], digong[5000:5700], henhai[3000:3800], youmeng[1200:1320], henhai[5000:5600]]
    scanned = [noisy(alice[60_000:66_000], 0.04, 1), noisy(digong[9000:9800], 0.03, 2)]
    anthology = [bartleby[:1500], magi, joyce[4000:5000], proposal, sleepy[10_000:24_000], youmeng]
    rough = [sleepy[30_000:38_000], joyce[5000:7500], haoqiu[2000:5000], noisy(sleepy[50_000:56_000], 0.01, 4)]
    respelled = alice[100_000:104_000].upper().replace("\n", "\r\n").replace(" ", "  ")
    return {
        "english": "".join(english),
        "chinese": "".join(chinese),
        "noisy": bartleby[:2000] + "".join(scanned) + bartleby[-2000:],
        "anthology": "\n\n* * *\n\n".join(anthology),
        "abridged": "\n".join(nature[n : n + 1500] for n in (60_000, 3000, 30_000, 45_000, 12_000, 3000)),
        "sketch": joyce[:2500] + "".join(rough),
        "boilerplate": bartleby[:4000] + time_machine[30_000:32_000] + bartleby[8000:9000] + notice(),
        "respelled": respelled + youmeng[3000:3300].replace("，", " "),
        "unrelated": bartleby[10_000:30_000] + henhai[10_000:12_000],
        "empty": "",
    }


def lines_of(name: str, text: str, index: Index) -> str:
    lines = [match_line(f"{name}.txt", match, index) for match in map_text(index, text)]
    return as_lines(lines)


def as_lines(lines: list[dict[str, object]]) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def golden(name: str) -> str:
    return (GOLDEN / f"{name}.jsonl").read_bytes().decode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("golden")
    build(path)
    return path


@pytest.fixture(scope="module")
def index(folder: Path) -> Index:
    return Index.open(folder)


@pytest.mark.parametrize("name", sorted(documents()))
def test_lines_are_those_of_this_version(index: Index, name: str) -> None:
    assert lines_of(name, documents()[name], index) == golden(name), ADVICE


def test_every_golden_file_has_its_document() -> None:
    assert sorted(path.stem for path in GOLDEN.iterdir()) == sorted(documents())


@pytest.mark.parametrize("name", sorted(documents()))
def test_golden_lines_are_of_this_version_and_name_works_of_the_index(index: Index, name: str) -> None:
    works = {*HELD, *NOT_HELD, *(f"part{n}" for n in range(NOTICE_WORKS))}
    text = documents()[name]
    for line in map(json.loads, golden(name).splitlines()):
        assert line["engine"] == ENGINE_VERSION, ADVICE
        assert line["index"] == index.digest, ADVICE
        assert line["work"] in works
        assert all(0 <= start < end <= len(text) for p in line["passages"] for start, end in [p["document_chars"]])


def test_golden_lines_are_the_works_that_were_put_in() -> None:
    found = {name: {json.loads(line)["work"] for line in golden(name).splitlines()} for name in documents()}
    assert found == {
        "english": {"alice", "nature"},
        "chinese": {"digong", "youmeng"},
        "noisy": {"alice", "digong"},
        "anthology": {"magi", "proposal", "sleepy", "youmeng"},
        "abridged": {"nature"},
        "sketch": {"sleepy", "haoqiu"},
        "boilerplate": {"part1"},
        "respelled": {"alice", "youmeng"},
        "unrelated": set(),
        "empty": set(),
    }


@given(st.permutations(sorted(documents())), st.lists(st.integers(0, 10), max_size=4).map(sorted))
@settings(max_examples=12)
def test_lines_are_the_same_in_any_batches_and_any_order(index: Index, names: list[str], cuts: list[int]) -> None:
    texts = documents()
    for low, high in zip([0, *cuts], [*cuts, len(names)], strict=True):
        batch = names[low:high]
        for name, matches in zip(batch, map_texts(index, [texts[name] for name in batch]), strict=True):
            assert as_lines([match_line(f"{name}.txt", match, index) for match in matches]) == golden(name), ADVICE


def lines_in_process(task: tuple[str, str]) -> tuple[str, str]:
    """In a process of its own: name and lines of a document."""
    folder, name = task
    with Index.open(folder) as index:
        return name, lines_of(name, documents()[name], index)


@pytest.mark.parametrize("processes", [1, 2])
def test_lines_are_the_same_from_any_number_of_processes(folder: Path, processes: int) -> None:
    tasks = [(str(folder), name) for name in sorted(documents())]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for name, lines in pool.imap_unordered(lines_in_process, tasks, chunksize=1):
            assert lines == golden(name), ADVICE


def write() -> None:
    """Write the golden files anew."""
    GOLDEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as path:
        build(Path(path))
        with Index.open(path) as index:
            for name, text in documents().items():
                (GOLDEN / f"{name}.jsonl").write_bytes(lines_of(name, text, index).encode())


if __name__ == "__main__":
    write()
