"""Bundles are written the same way twice, whole or not at all, and never unverified."""

import os
import stat

import pytest

from registry.merkle import bundle, bundle_writer

from .conftest import FACTS, MEMBERS, VERIFIER_KEY, log_evidence, write


def test_the_same_members_give_the_same_bytes(tmp_path, bundle_bytes):
    reordered = dict(reversed(MEMBERS.items()))
    write(tmp_path / "other-name.zip", reordered, timestamps=[b"a token"])
    assert (tmp_path / "other-name.zip").read_bytes() == bundle_bytes


def test_members_may_be_bytes_files_or_streams(tmp_path):
    on_disk = tmp_path / "large"
    on_disk.write_bytes(b"x" * 3_000_000)
    plain, mixed = tmp_path / "plain.zip", tmp_path / "mixed.zip"
    write(plain, {"a": b"x" * 3_000_000, "b": b"12"})
    write(mixed, {"a": on_disk, "b": lambda: [b"1", b"2"]})
    assert plain.read_bytes() == mixed.read_bytes()


def test_what_is_written_is_verified_with_its_key(tmp_path):
    verified = write(tmp_path / "b.zip", about={"report": "r1"})
    assert verified.key_pinned
    assert verified == bundle.verify_bundle(tmp_path / "b.zip", VERIFIER_KEY)
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o644


def test_a_member_that_changes_while_it_is_written_leaves_no_bundle(tmp_path):
    pieces = iter([[b"first"], [b"first"], [b"second"]])
    members = {**MEMBERS, "unsteady.txt": lambda: next(pieces)}
    with pytest.raises(bundle.BundleError) as refused:
        write(tmp_path / "b.zip", members)
    assert refused.value.file == "unsteady.txt"
    assert os.listdir(tmp_path) == []


def test_a_proof_of_another_manifest_leaves_the_old_bundle_alone(tmp_path):
    path = tmp_path / "b.zip"
    path.write_bytes(b"the old one")
    with pytest.raises(bundle.BundleError) as refused:
        bundle_writer.write_bundle(path, MEMBERS, log=log_evidence(b"{}"))
    assert refused.value.file == "manifest.json"
    assert path.read_bytes() == b"the old one"
    assert os.listdir(tmp_path) == ["b.zip"]


@pytest.mark.parametrize(
    "name", ["../x", "/x", "a\\b", "", "log/x", "manifest.json", "timestamps/x", "REPORT.pdf", "a/", "x" * 1001]
)
def test_a_name_that_could_not_be_verified_is_not_written(tmp_path, name):
    with pytest.raises(bundle_writer.BundleWriteError) as refused:
        write(tmp_path / "b.zip", {**MEMBERS, name: b""})
    assert refused.value.member == name
    assert os.listdir(tmp_path) == []


def test_a_bundle_beyond_what_a_zip_file_can_hold_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "MAX_ARCHIVE_BYTES", bundle.MAX_DIRECTORY_BYTES + 50_000)
    with pytest.raises(bundle_writer.BundleWriteError) as refused:
        write(tmp_path / "b.zip", {**MEMBERS, "large": b"x" * 60_000})
    assert refused.value.member == "large"
    assert os.listdir(tmp_path) == []


def test_the_manifest_lists_every_file_but_itself_the_log_and_the_timestamps():
    manifest = bundle_writer.manifest_bytes(MEMBERS, facts=FACTS)
    listed = bundle._canonical(manifest, "manifest.json")
    assert set(listed["files"]) == {*MEMBERS, "verify.py", "VERIFY.md"}
    assert set(listed["log_entries"]) == {"log/entries/0000000003.json", "log/entries/0000000007.json"}
