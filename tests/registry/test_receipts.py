"""Receipts: of one work and of a row of many, waiting for their number and proven offline; any change is found."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from registry.actors import Actor
from registry.errors import NotFound
from registry.merkle import __main__ as command
from registry.merkle import receipt, tree
from registry.models import Import, ImportRow, Work
from registry.services import log, receipts, work_merges, works
from registry.services.works import WorkFacts
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def press() -> Actor:
    return factories.actor()


@pytest.fixture
def work(press: Actor) -> Work:
    return works.register(WorkFacts("Emma", visibility="draft"), actor=press)


def given(work: Work, **changes: Any) -> bytes:
    return json.dumps(receipts.to_json(receipts.of_work(work)) | changes).encode()


def test_a_receipt_waits_for_its_number_and_then_verifies_offline(work: Work) -> None:
    waiting = receipts.of_work(work)
    assert not waiting.is_numbered
    assert hashlib.sha256(b"\0" + waiting.record).hexdigest() == waiting.record_hash
    with pytest.raises(receipt.ReceiptError, match="no number in the log yet"):
        receipt.verify_receipt(given(work))
    log.sequence_all()
    found = receipt.verify_receipt(given(work), log.verifier_key())
    assert (found.work, found.title, found.key_pinned) == (work.public_id, "Emma", True)
    assert receipts.of_work(work).is_numbered


def test_a_receipt_of_a_row_leads_through_the_files_root_to_the_log(press: Actor) -> None:
    assert press.organisation is not None
    made = [factories.work(f"Title {number}", by=press) for number in range(7)]
    batch = Import.objects.create(organisation=press.organisation, file_name="list.csv")
    leaves = [
        log.canonical({"work": row.public_id, "facts": {"title": row.title}, "row": number + 2})
        for number, row in enumerate(made)
    ]
    ImportRow.objects.create(batch=batch, number=1, action="unchanged")
    for number, (row, leaf) in enumerate(zip(made, leaves, strict=True), start=2):
        ImportRow.objects.create(batch=batch, number=number, action="new", work=row, leaf=leaf)
    root = tree.root(map(tree.leaf_hash, leaves)).hex()
    batch.entry = log.stage(
        "import.applied", subject=f"import:{batch.public_id}", facts={"rows_root": root}, actor=press
    )
    batch.save()
    log.sequence_all()
    batch.entry.refresh_from_db()
    for row in made:
        found = receipts.of_work(row)
        assert found.row is None, "one that was registered alone has its own entry"
    for row in made:
        stored = ImportRow.objects.get(work=row)
        assert stored.leaf is not None
        said = receipts.to_json(receipts.Receipt(row, batch.entry, bytes(stored.leaf), stored))
        assert receipt.verify_receipt(json.dumps(said).encode()).work == row.public_id
        said["import"]["index"] = (said["import"]["index"] + 1) % 7
        with pytest.raises(receipt.ReceiptError, match="root over the file's rows"):
            receipt.verify_receipt(json.dumps(said).encode())


def test_every_change_of_a_receipt_is_found(work: Work) -> None:
    log.sequence_all()
    said = receipts.to_json(receipts.of_work(work))
    assert said["log"] is not None
    origin, size, *rest = said["log"]["checkpoint"].split("\n")
    grown = "\n".join([origin, str(int(size) + 1), *rest])
    wrong = [
        {"record": said["record"].replace("Emma", "Ema")},
        {"record_hash": "00" * 32},
        {"entry_hash": "00" * 32},
        {"work": "0000000000zz"},
        {"log": said["log"] | {"index": 1 - said["log"]["index"]}},
        {"log": said["log"] | {"checkpoint": grown}},
        {"log": said["log"] | {"path": ["zz"]}},
        {"log": {}},
        {"log": 7},
        {"import": 7},
        {"record": 7},
        {"format": "another"},
    ]
    for change in wrong:
        with pytest.raises(receipt.ReceiptError):
            receipt.verify_receipt(json.dumps(said | change).encode())
    for nonsense in (b"", b"{", b"[]", b"\xff", b"[" * 100_000):
        with pytest.raises(receipt.ReceiptError):
            receipt.verify_receipt(nonsense)


def test_the_command_tells_a_receipt_from_a_bundle(work: Work, tmp_path: Path, capsys: Any) -> None:
    log.sequence_all()
    path, key = tmp_path / "receipt.json", tmp_path / "key.txt"
    path.write_bytes(given(work))
    key.write_text(f"{log.verifier_key()}\n")
    assert command.main([str(path), "--key", str(key)]) == 0
    assert "the pinned key" in capsys.readouterr().out
    assert command.main([str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["key_pinned"] is False
    path.write_bytes(given(work, record_hash="00" * 32))
    assert command.main([str(path)]) == 1
    assert "NOT VERIFIED" in capsys.readouterr().err
    assert command.main([str(tmp_path / "none.json")]) == 2


def test_a_work_that_was_split_off_has_a_receipt_and_one_without_a_record_has_none(press: Actor) -> None:
    work = factories.work("Emma", by=press, identifiers=[("doi", "10.1000/emma")])
    made = work_merges.split(work=work, title="Other", identifiers=[("doi", "10.1000/emma")], actor=press)
    log.sequence_all()
    assert receipt.verify_receipt(given(made)).title == "Other"
    assert press.organisation is not None
    bare = Work.objects.create(title="Bare", record_reference="x", registered_by=press.organisation)
    with pytest.raises(NotFound):
        receipts.of_work(bare)
