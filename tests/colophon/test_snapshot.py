"""`colophon snapshot info|verify`, and a snapshot in the place of an index."""

import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from licensing.formats import snapshot as snapshot_format
from registry.merkle import checkpoint
from tests.colophon.calls import GIFT
from tests.colophon.snapshots import write_snapshot


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory):
    return write_snapshot(tmp_path_factory.mktemp("snapshot") / "small.snapshot", organisation="acme")


def test_info_counts_works_and_assertions(run, snapshot):
    info = run("snapshot", "info", snapshot, "--json").json
    assert (info["works"], info["organisation"]) == (3, "acme")
    assert info["assertions"] == {"open_licence": 1, "reservation": 1}
    assert info["snapshot"].startswith("sha256:")
    assert "exported for acme" in run("snapshot", "info", snapshot).out.decode()


def test_a_snapshot_stands_for_an_index(run, snapshot):
    [line] = run("match", snapshot, GIFT).lines
    assert (line["work"], line["relation"], line["precision"]) == ("gift", "copy", "sketch")
    assert run("index", "info", snapshot, "--json").json["with_text"] == 0


def test_a_whole_snapshot_verifies(run, snapshot):
    outcome = run("snapshot", "verify", snapshot, "--json")
    assert outcome.code == 0
    assert outcome.json["verified"] is True
    assert outcome.json["snapshot"] == run("snapshot", "info", snapshot, "--json").json["snapshot"]


def test_any_changed_byte_of_a_member_is_found_and_named(run, snapshot, tmp_path):
    raw = snapshot.read_bytes()
    with zipfile.ZipFile(snapshot) as archive:
        places = {info.filename: (info.header_offset + 30 + len(info.filename), info) for info in archive.infolist()}
    for name, (start, info) in places.items():
        changed = bytearray(raw)
        changed[start + info.file_size // 2] ^= 1
        path = tmp_path / "changed.snapshot"
        path.write_bytes(changed)
        outcome = run("snapshot", "verify", path)
        assert outcome.code == 1
        assert name in outcome.out.decode()


def test_the_checkpoint_inside_is_checked_against_a_pinned_key(run, snapshot, tmp_path):
    key = Ed25519PrivateKey.generate()
    line = checkpoint.verifier_key(key, "log.invalid")
    note = checkpoint.sign("log.invalid", 3, bytes(32), key, "log.invalid")
    with snapshot_format.Snapshot(snapshot) as source:
        members = {name: source.read(name) for name in source.manifest["files"]}
        about = {name: value for name, value in source.manifest.items() if name not in ("format", "files")}
    members |= {"log/checkpoint": note.encode(), "log/key": f"{line}\n".encode()}
    path = tmp_path / "signed.snapshot"
    snapshot_format.write(path, members=members, about=about)
    (tmp_path / "key.txt").write_text(line)
    pinned = run("snapshot", "verify", path, "--key", tmp_path / "key.txt", "--json")
    assert (pinned.code, pinned.json["key_pinned"]) == (0, True)
    (tmp_path / "key.txt").write_text(checkpoint.verifier_key(Ed25519PrivateKey.generate(), "log.invalid"))
    assert run("snapshot", "verify", path, "--key", tmp_path / "key.txt").code == 1
    members["log/checkpoint"] = note.replace("\n3\n", "\n4\n").encode()
    snapshot_format.write(path, members=members, about=about)
    forged = run("snapshot", "verify", path)
    assert forged.code == 1
    assert "log/checkpoint" in forged.out.decode()


def test_what_is_no_snapshot_is_1_and_what_cannot_be_opened_2(run, tmp_path):
    assert run("snapshot", "verify", GIFT).code == 1
    assert run("snapshot", "verify", tmp_path / "none").code == 2
    assert run("snapshot", "info", GIFT).code == 2


def test_compressed_members_are_refused(run, snapshot, tmp_path):
    path = tmp_path / "packed.snapshot"
    with zipfile.ZipFile(snapshot) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            target.writestr(info.filename, source.read(info))
    outcome = run("snapshot", "verify", path)
    assert outcome.code == 1
    assert "is compressed" in outcome.out.decode()
