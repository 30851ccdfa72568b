"""One dataset in which everything is wrong: each fault is named by file, record and cause, and the rest goes on."""

import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from django.db.models import Sum

from ingest.models import Deposit, Match, Scan, Segment, Shard, Skipped
from ingest.services import deposits, scans
from licensing.selectors import answers
from licensing.services import clearances
from registry import jobs
from registry.actors import Actor
from registry.errors import InvalidInput
from registry.models import Entry, Identifier, Item, Job, Party, Work
from registry.services import works
from tests import factories

pytestmark = pytest.mark.django_db

ALICE = Path(__file__).resolve().parents[2] / "samples" / "shelf" / "texts" / "carroll-alice.txt"
LONG_LINE_CHARS = 5_000_000
QUOTED = slice(20_000, 26_000)


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()
    settings.INDEX_DIR = tmp_path / "index"


@pytest.fixture
def publisher() -> Actor:
    return factories.actor()


@pytest.fixture
def firm() -> Actor:
    return factories.actor()


@pytest.fixture
def alice(publisher: Actor) -> Work:
    work = factories.work("Alice", by=publisher)
    deposits.keep(work=work, path=ALICE, mode=Deposit.Mode.KEPT, actor=publisher)
    run_waiting_jobs()
    return work


def run_waiting_jobs() -> dict[str, str]:
    """Run what is queued until nothing is left; returns the state each kind ended in."""
    ended = {}
    while (job := Job.objects.filter(state=Job.State.QUEUED).order_by("id").first()) is not None:
        ended[job.kind] = jobs.run(job.pk)
    return ended


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def truncated_zst() -> bytes:
    whole = zstandard.ZstdCompressor(level=1).compress(lines(*({"text": f"line {n} " * 40} for n in range(4000))))
    return whole[: len(whole) // 2]


def hostile_tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind, target in (
            ("../../etc/x", tarfile.REGTYPE, ""),
            ("/etc/y", tarfile.REGTYPE, ""),
            ("link", tarfile.SYMTYPE, "/etc/passwd"),
            ("hard", tarfile.LNKTYPE, "../../etc/passwd"),
            ("device", tarfile.CHRTYPE, ""),
            ("good.txt", tarfile.REGTYPE, ""),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            content = f"The text of {name}.".encode() if kind == tarfile.REGTYPE else b""
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def lying_epub() -> bytes:
    """A book whose directory says another size than its member has."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", "<container/>" + " " * 5000)
    data = bytearray(out.getvalue())
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = (10).to_bytes(4, "little")  # "uncompressed size"
    return bytes(data)


def long_line() -> bytes:
    quoted = ALICE.read_text(encoding="utf-8")[QUOTED].replace("\n", " ")
    filler = "nothing of the sort " * (LONG_LINE_CHARS // 40)
    return f"{filler}{quoted} {filler}".encode()


BAD: dict[str, Callable[[], bytes]] = {
    "cut.jsonl.zst": truncated_zst,
    "hostile.tar": hostile_tar,
    "lying.epub": lying_epub,
    "lines.jsonl": lambda: (
        lines({"id": "a", "text": "good"}) + b"not json\n" + lines({"id": "b"}, {"id": "c", "text": "x"})
    ),
    "utf8.jsonl": lambda: lines({"id": "a", "text": "good"}) + b'{"id": "b", "text": "caf\xff\xfe"}\n',
    "bytes.txt": lambda: b"\x00\xff\xfe\x80\x81" * 200,
    "zero.txt": lambda: b"",
    "long.txt": long_line,
}


EXPECTED = [
    ("cut.jsonl.zst", "truncated"),
    ("hostile.tar#../../etc/x", "unsafe_member_name"),
    ("hostile.tar#/etc/y", "unsafe_member_name"),
    ("hostile.tar#link", "tar_link"),
    ("hostile.tar#hard", "tar_link"),
    ("hostile.tar#device", "tar_device"),
    ("lying.epub", "zip_ambiguous"),
    ("lines.jsonl#2", "not_json"),
    ("lines.jsonl#b", "text_missing"),
    ("utf8.jsonl#2", "invalid_utf8"),
    ("bytes.txt", "format_not_supported"),
    ("zero.txt", "empty_file"),
]


def test_a_dataset_of_all_bad_things_names_each_and_goes_on(alice: Work, firm: Actor, tmp_path: Path) -> None:
    files = [scans.Upload(name, io.BytesIO(make())) for name, make in BAD.items()]
    scan = scans.request(files=files, dataset_name="Everything bad", actor=firm)
    assert run_waiting_jobs() == {"scan_read": "done", "scan_shard": "done"}

    scan.refresh_from_db()
    assert scan.state == Scan.State.DONE
    skipped = list(Skipped.objects.filter(scan=scan))
    assert [(row.name, row.cause_code) for row in skipped] == EXPECTED
    assert all(row.cause for row in skipped)

    # the job says what was skipped
    assert scan.job is not None
    scan.job.refresh_from_db()
    assert [notice.split(": ")[0] for notice in scan.job.notices] == [name for name, _ in EXPECTED]

    # the rest went on, the records before a cut among it, and nothing is half written
    names = set(Item.objects.filter(release=scan.release).values_list("name", flat=True))
    assert {"hostile.tar#good.txt", "lines.jsonl#a", "lines.jsonl#c", "utf8.jsonl#a", "long.txt"} <= names
    assert any(name.startswith("cut.jsonl.zst#") for name in names)
    assert not names & {name for name, _ in EXPECTED}
    assert scan.documents == len(names) == scan.shards.aggregate(read=Sum("documents"))["read"]
    assert not Shard.objects.filter(scan=scan).exclude(state=Shard.State.DONE).exists()
    assert not Path("/etc/x").exists()
    assert not list(tmp_path.rglob("x"))

    # the long line is handled: the passage in its middle is found at its place
    [match] = Match.objects.filter(scan=scan)
    start = len("nothing of the sort ") * (LONG_LINE_CHARS // 40)
    assert (match.item.name, match.work) == ("long.txt", alice)
    assert match.passages[0]["document_chars"] == [start, start + QUOTED.stop - QUOTED.start]

    [entry] = Entry.objects.filter(kind="scan.closed")
    assert json.loads(bytes(entry.leaf))["facts"]["skipped"] == len(EXPECTED)


def test_an_empty_dataset_is_said_to_be_empty_and_never_clear(alice: Work, firm: Actor) -> None:
    scan = scans.request(files=[], dataset_name="Empty", actor=firm)
    run_waiting_jobs()
    scan.refresh_from_db()
    assert scan.job is not None
    scan.job.refresh_from_db()
    assert (scan.documents, scan.job.notices) == (0, ["There was no document to read."])
    asked = clearances.request(scan=scan, use="pretraining", purpose="commercial", territory="DE", actor=firm)
    clearances.decide_ready()
    run_waiting_jobs()
    asked.refresh_from_db()
    assert answers.exit_code(asked) == 3


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [("zero.txt", b"", "the file is empty"), ("lying.epub", lying_epub(), "other sizes")],
)
def test_a_book_that_cannot_be_read_is_refused_by_name_and_leaves_nothing(
    publisher: Actor, tmp_path: Path, name: str, content: bytes, cause: str
) -> None:
    (tmp_path / name).write_bytes(content)
    work = factories.work("A Book", by=publisher)
    deposit = deposits.keep(work=work, path=tmp_path / name, mode=Deposit.Mode.KEPT, actor=publisher)
    assert run_waiting_jobs() == {"fingerprint": "failed"}
    deposit.refresh_from_db()
    assert deposit.job is not None
    deposit.job.refresh_from_db()
    assert name in deposit.job.reason
    assert cause in deposit.job.reason
    assert deposit.blob == ""
    assert not Segment.objects.exists()


def test_an_isbn_with_a_wrong_check_digit_is_named_and_its_work_is_not_registered(publisher: Actor) -> None:
    facts = works.WorkFacts(
        title="Emma", authors=[works.AuthorFacts("Jane Austen")], identifiers=[("isbn", "978-0-14-143958-0")]
    )
    with pytest.raises(InvalidInput) as caught:
        works.register(facts, actor=publisher)
    [fault] = caught.value.errors
    assert fault["pointer"] == "/identifiers/0"
    assert "978-0-14-143958-0" in fault["cause"]
    assert "check digit" in fault["cause"]
    assert [model._default_manager.count() for model in (Work, Party, Identifier)] == [0, 0, 0]
    assert not Entry.objects.filter(kind="work.registered").exists()
