"""`colophon verify`: a bundle, the same bundle with a byte changed, and things that are none."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.merkle import bundle_writer, checkpoint, tree
from tests.colophon.calls import GIFT


@pytest.fixture
def bundle(tmp_path):
    """A bundle of two files, and the key that it is signed with."""
    key = Ed25519PrivateKey.generate()
    line = checkpoint.verifier_key(key, "log.invalid")
    members = {"findings.csv": b"work,verdict\n", "passages/1.html": b"<p>side by side</p>"}
    leaf = bundle_writer.report_leaf(bundle_writer.manifest_bytes(members))
    note = checkpoint.sign("log.invalid", 1, tree.root([tree.leaf_hash(leaf)]), key, "log.invalid")
    log = bundle_writer.LogEvidence(note, line, 1, bundle_writer.ProvenEntry(0, leaf, ()))
    path = tmp_path / "report.zip"
    bundle_writer.write_bundle(path, members, log=log)
    (tmp_path / "key.txt").write_text(line)
    return path


def test_a_bundle_verifies_and_says_whether_the_key_was_pinned(run, bundle):
    loose = run("verify", bundle)
    assert loose.code == 0
    assert "key not pinned" in loose.out.decode()
    pinned = run("verify", bundle, "--key", bundle.parent / "key.txt", "--json")
    assert (pinned.code, pinned.json["verified"], pinned.json["key_pinned"]) == (0, True, True)


def test_a_changed_byte_is_found_and_its_file_named(run, bundle):
    bundle.write_bytes(bundle.read_bytes().replace(b"side by side", b"side by sidf"))
    outcome = run("verify", bundle)
    assert outcome.code == 1
    assert "passages/1.html" in outcome.error
    shown = run("verify", bundle, "--json")
    assert (shown.code, shown.json["file"]) == (1, "passages/1.html")


def test_another_key_does_not_verify(run, bundle):
    other = bundle.parent / "other.txt"
    other.write_text(checkpoint.verifier_key(Ed25519PrivateKey.generate(), "log.invalid"))
    assert run("verify", bundle, "--key", other).code == 1
    assert run("verify", bundle, "--key", other, "--json").code == 1


def test_what_is_no_bundle_is_1_and_what_cannot_be_opened_2(run, bundle, tmp_path):
    for form in ([], ["--json"]):
        assert run("verify", GIFT, *form).code == 1
        assert run("verify", tmp_path / "none.zip", *form).code == 2
        assert run("verify", bundle, "--key", GIFT, *form).code == 2


def test_a_pdf_is_told_where_it_can_be_verified(run, tmp_path):
    paper = tmp_path / "agreement.pdf"
    paper.write_bytes(b"%PDF-1.7 whatever")
    told = run("verify", str(paper))
    assert told.code == 1
    assert "page /verify" in told.error
    assert run("verify", str(paper), "--json").json["verified"] is False
