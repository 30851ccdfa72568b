"""The log: staged with the fact, numbered once, and every alteration named by its position."""

import json
import threading

import pytest
from django.db import connections, transaction

from registry.actors import system
from registry.merkle import checkpoint, proof, tree
from registry.models import Checkpoint, Entry, Node, Organisation
from registry.services import log, organisations

ACTOR = system("test")


def stage(count: int = 1) -> list[Entry]:
    return [log.stage("test.fact", subject=f"test:{n}", facts={"n": n}, actor=ACTOR) for n in range(count)]


@pytest.mark.django_db(transaction=True)
def test_an_entry_is_rolled_back_with_the_fact_it_records():
    with transaction.atomic():
        organisations.create(slug="press", name="Press", actor=ACTOR)
        transaction.set_rollback(True)
    assert Organisation.objects.count() == Entry.objects.count() == 0
    assert log.sequence() is None
    organisations.create(slug="press", name="Press", actor=ACTOR)
    assert Entry.objects.get().kind == "organisation.created"


@pytest.mark.django_db
def test_entries_are_numbered_in_order_and_signed():
    staged = stage(3)
    assert [entry.position for entry in staged] == [None] * 3
    log.sequence()
    more = stage(4)
    signed = log.sequence_all()

    assert [Entry.objects.get(pk=entry.pk).position for entry in staged + more] == list(range(7))
    assert signed is not None
    said = checkpoint.verify(signed.note, log.verifier_key())
    assert (said.size, said.root) == (7, tree.root(tree.leaf_hash(bytes(row.leaf)) for row in Entry.objects.all()))
    assert log.verify() == {"ok": True, "size": 7, "staged": 0, "key": log.verifier_key()}
    assert log.sequence() is None


@pytest.mark.django_db
def test_every_entry_is_proved_in_every_later_checkpoint_and_they_agree():
    sizes = []
    for count in (1, 2, 4, 6):
        stage(count)
        signed = log.sequence()
        assert signed is not None
        sizes.append(signed.size)
    roots = {row.size: bytes(row.root) for row in Checkpoint.objects.all()}
    assert sorted(roots) == sizes == [1, 3, 7, 13]
    for size in sizes:
        for entry in Entry.objects.filter(position__lt=size):
            assert entry.position is not None
            path = log.inclusion_path(entry.position, size)
            assert proof.verify_inclusion(bytes(entry.leaf_hash), entry.position, size, path, roots[size])
        for later in [other for other in sizes if other >= size]:
            path = log.consistency_path(size, later)
            assert proof.verify_consistency(size, later, roots[size], roots[later], path)


@pytest.mark.django_db
def test_a_leaf_says_who_did_what_to_what_and_when_by_the_databases_clock():
    entry = log.stage("test.fact", subject="test:1", facts={"title": "红楼梦"}, actor=ACTOR)
    leaf = json.loads(bytes(entry.leaf))
    assert leaf["facts"] == {"title": "红楼梦"}
    assert (leaf["actor"], leaf["kind"], leaf["subject"], leaf["entry"]) == (
        "system:test",
        "test.fact",
        "test:1",
        entry.public_id,
    )
    assert leaf["at"].endswith("Z")
    assert bytes(entry.leaf) == log.canonical(leaf)


ALTERATIONS = {
    "a leaf": lambda: Entry.objects.filter(position=4).update(leaf=b"{}"),
    "a leaf and its hash": lambda: Entry.objects.filter(position=4).update(leaf=b"{}", leaf_hash=tree.leaf_hash(b"{}")),
    "a missing entry": lambda: Entry.objects.filter(position=4).delete(),
    "two exchanged entries": lambda: _exchange(4, 5),
    "a tree node": lambda: Node.objects.filter(level=1, index=2).update(hash=bytes(32)),
}


def _exchange(one: int, other: int) -> None:
    for position, new in ((one, 1000), (other, one), (1000, other)):
        Entry.objects.filter(position=position).update(position=new)


@pytest.mark.django_db
@pytest.mark.parametrize("alteration", list(ALTERATIONS))
def test_an_altered_row_is_named_by_the_first_wrong_position(alteration):
    stage(4)
    log.sequence()
    stage(5)
    log.sequence()
    assert log.verify()["ok"]

    ALTERATIONS[alteration]()

    found = log.verify()
    assert found["ok"] is False
    assert found["position"] == (5 if alteration == "a tree node" else 4), found  # the entry that completes the node


@pytest.mark.django_db
def test_a_rewritten_log_contradicts_its_signed_checkpoint():
    stage(3)
    log.sequence()
    stage(3)
    log.sequence()
    Entry.objects.filter(position=1).update(leaf=b"{}", leaf_hash=tree.leaf_hash(b"{}"))
    Node.objects.all().delete()
    hashes = [bytes(row.leaf_hash) for row in Entry.objects.order_by("position")]
    nodes = tree.append_many(0, hashes, log.stored_node)
    Node.objects.bulk_create([Node(level=node.level, index=node.index, hash=node.hash) for node in nodes])

    found = log.verify()
    assert found["ok"] is False
    assert found["position"] == 0  # somewhere in the entries that the first checkpoint signed
    assert "signed" in str(found["reason"])


@pytest.mark.django_db
def test_a_checkpoint_signed_by_another_key_or_for_more_entries_is_found():
    stage(2)
    log.sequence()
    genuine = Checkpoint.objects.get()
    Checkpoint.objects.update(note=genuine.note.replace("\n2\n", "\n3\n"))
    assert log.verify()["ok"] is False
    Checkpoint.objects.update(note=genuine.note)
    assert log.verify()["ok"]
    Checkpoint.objects.create(size=9, root=genuine.root, note=genuine.note)
    assert log.verify()["ok"] is False


@pytest.mark.django_db(transaction=True)
def test_two_sequencers_at_once_number_each_entry_once():
    stage(40)
    barrier = threading.Barrier(4)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            barrier.wait()
            for _ in range(5):
                stage(3)
                log.sequence()
        except BaseException as error:  # noqa: BLE001 (shown by the assertion below)
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    log.sequence_all()
    assert list(Entry.objects.order_by("position").values_list("position", flat=True)) == list(range(100))
    assert log.verify()["ok"]


@pytest.mark.django_db(transaction=True)
def test_a_sequencer_that_dies_before_its_commit_has_numbered_nothing(monkeypatch):
    stage(3)

    def die(*args: object) -> str:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "sign", die)
        with pytest.raises(OSError, match="no space"):
            log.sequence()
    assert (
        Entry.objects.filter(position__isnull=False).count() == Node.objects.count() == Checkpoint.objects.count() == 0
    )
    log.sequence()
    assert log.verify()["size"] == 3


@pytest.mark.django_db(transaction=True)
def test_a_log_that_grows_while_it_is_verified_is_not_called_altered(monkeypatch):
    stage(3)
    log.sequence()
    opened = log._StoredNodes

    def grow() -> None:
        stage(2)
        log.sequence()
        connections.close_all()

    def opened_before_it_grows():
        nodes = opened()
        thread = threading.Thread(target=grow)
        thread.start()
        thread.join()
        return nodes

    monkeypatch.setattr(log, "_StoredNodes", opened_before_it_grows)
    found = log.verify()
    assert (found["ok"], found.get("size")) == (True, 3), found
    monkeypatch.undo()
    assert log.verify()["size"] == 5
