"""The verifier: hostile archives, forged logs, the pinned key, the command, alone with the standard library."""

import io
import os
import random
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.merkle import bundle, bundle_writer, checkpoint

from .conftest import LOG_NAME, MEMBERS, VERIFIER_KEY, log_evidence, write

# RFC 8032 §7.1, TEST 1 to 3: public key, message, signature
RFC_8032_VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.fixture
def evidence(bundle_bytes, tmp_path):
    path = tmp_path / "evidence.zip"
    path.write_bytes(bundle_bytes)
    return path


def pack(members, *, order=None, between=None):
    """An archive by the rules of a bundle, whatever is in it. `between` puts bytes in front of a member."""
    body, directory = bytearray(), bytearray()
    rows = members.items() if isinstance(members, dict) else members
    rows = list(rows) if order is False else sorted(rows, key=lambda row: row[0].encode())
    for name, content in rows:
        body += (between or {}).get(name, b"")
        offset = len(body)
        crc = zlib.crc32(content)
        body += bundle.local_header(name, len(content), crc) + content
        directory += bundle.central_header(name, len(content), crc, offset)
    return bytes(body) + bytes(directory) + bundle.end_record(len(rows), len(directory), len(body))


def contents(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refusal(path, data):
    path.write_bytes(data)
    with pytest.raises(bundle.BundleError) as refused:
        bundle.verify_bundle(path)
    return refused.value


def run(*arguments, cwd=None, script=None):
    command = [sys.executable, *(script or ["-m", "registry.merkle"]), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", timeout=60, check=False)


def test_packing_by_the_rules_gives_the_same_bytes_that_the_writer_wrote(bundle_bytes):
    assert pack(contents(bundle_bytes)) == bundle_bytes


# Ed25519


@pytest.mark.parametrize(("public_key", "message", "signature"), RFC_8032_VECTORS)
def test_the_signatures_of_rfc_8032_verify_and_altered_ones_do_not(public_key, message, signature):
    public_key, message, signature = map(bytes.fromhex, (public_key, message, signature))
    assert bundle.verify_ed25519(public_key, message, signature)
    assert not bundle.verify_ed25519(public_key, message + b"x", signature)
    for position in range(64):
        altered = signature[:position] + bytes([signature[position] ^ 1]) + signature[position + 1 :]
        assert not bundle.verify_ed25519(public_key, message, altered)


def test_a_signature_with_a_scalar_beyond_the_order_is_refused():
    public_key, message, signature = (bytes.fromhex(text) for text in RFC_8032_VECTORS[1])
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signature[32:], "little") + order
    assert not bundle.verify_ed25519(public_key, message, signature[:32] + scalar.to_bytes(32, "little"))


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 95), st.integers(0, 255))
def test_our_ed25519_agrees_with_the_cryptography_package(seed, message, position, mask):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    joined = bytearray(key.public_key().public_bytes_raw() + key.sign(message))
    joined[position] ^= mask
    public_key, signature = bytes(joined[:32]), bytes(joined[32:])
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        expected = True
    except (InvalidSignature, ValueError):
        expected = False
    assert bundle.verify_ed25519(public_key, message, signature) == expected


@pytest.mark.parametrize(
    ("public_key", "signature"),
    [(b"", b""), (bytes(32), bytes(63)), (b"\xff" * 32, bytes(64)), (b"\x02" + bytes(31), bytes(64))],
)
def test_keys_and_signatures_that_are_none_are_refused(public_key, signature):
    assert not bundle.verify_ed25519(public_key, b"", signature)


# Forgery


def test_a_bundle_under_a_stranger_key_verifies_only_until_the_key_is_pinned(tmp_path):
    path = tmp_path / "forged.zip"
    stranger = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
    manifest = bundle_writer.manifest_bytes(
        MEMBERS, facts={3: b'{"kind":"grant.recorded","n":3}', 7: b'{"kind":"grant.recorded","n":7}'}
    )
    bundle_writer.write_bundle(path, MEMBERS, log=log_evidence(manifest, key=stranger))
    assert not bundle.verify_bundle(path).key_pinned
    with pytest.raises(bundle.BundleError) as refused:
        bundle.verify_bundle(path, VERIFIER_KEY)
    assert (refused.value.file, "not the pinned key" in refused.value.cause) == ("log/key.txt", True)


def test_a_manifest_made_to_fit_changed_files_is_not_the_one_in_the_log(bundle_bytes, evidence):
    files = contents(bundle_bytes)
    files["report.pdf"] = b"%PDF-1.7 another report"
    listed = {name: content for name, content in files.items() if not bundle.is_unlisted_kind(name)}
    files["manifest.json"] = bundle_writer.manifest_bytes(
        listed, facts={3: b'{"kind":"grant.recorded","n":3}', 7: b'{"kind":"grant.recorded","n":7}'}
    )
    assert refusal(evidence, pack(files)).file == "manifest.json"
    files["log/entry.json"] = bundle_writer.report_leaf(files["manifest.json"], kind="report.issued")
    assert refusal(evidence, pack(files)).file == "log/entry.json"


def test_an_entry_that_records_no_manifest_proves_no_report(tmp_path):
    manifest = bundle_writer.manifest_bytes(MEMBERS, facts={})
    evidence = log_evidence(manifest, report_leaf=b'{"kind":"grant.recorded"}')
    with pytest.raises(bundle.BundleError) as refused:
        bundle_writer.write_bundle(tmp_path / "b.zip", MEMBERS, log=evidence)
    assert refused.value.file == "log/entry.json"


def test_a_log_entry_exchanged_for_another_genuine_one_is_named(bundle_bytes, evidence):
    files = contents(bundle_bytes)
    first, second = bundle.entry_name(3), bundle.entry_name(7)
    files[first] = files[second]
    assert refusal(evidence, pack(files)).file == first


def test_an_older_checkpoint_of_the_same_log_does_not_prove_the_entry(bundle_bytes, evidence):
    files = contents(bundle_bytes)
    older = log_evidence(files["manifest.json"], later=0)
    files["log/checkpoint.txt"] = older.checkpoint.encode()
    assert refusal(evidence, pack(files)).file == "log/inclusion.json"


# Hostile archives


@pytest.mark.parametrize(
    "name", ["notes.txt", "log/extra.txt", "log/entries/0000000004.json", "timestamps/token.tsr", "passages/x"]
)
def test_an_unlisted_file_is_refused(bundle_bytes, evidence, name):
    refused = refusal(evidence, pack({**contents(bundle_bytes), name: b"{}"}))
    assert (refused.file, refused.cause) == (name, "is not listed in the manifest")


def test_a_file_that_is_there_twice_is_refused(bundle_bytes, evidence):
    rows = [*contents(bundle_bytes).items(), ("report.pdf", b"%PDF another")]
    assert (refused := refusal(evidence, pack(rows))).file == "report.pdf"
    assert "twice" in refused.cause
    assert refusal(evidence, pack({**contents(bundle_bytes), "REPORT.PDF": b""})).cause == "is in the archive twice"


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/passwd",
        "a/../b",
        "a//b",
        "./a",
        "a\\b",
        "C:evil",
        "folder/",
        "a\nb",
        "a\u202eb",
        "e\u0301",
        "a.",
        " a",
        "nul\x00byte",
    ],
)
def test_an_unsafe_name_is_refused(bundle_bytes, evidence, name):
    refused = refusal(evidence, pack({**contents(bundle_bytes), name: b""}))
    assert "name" in refused.cause
    assert refused.file.isprintable()


def test_an_encrypted_member_is_refused(bundle_bytes, evidence):
    data = bytearray(bundle_bytes)
    for signature, flags_at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(signature) + flags_at] |= 1
    refused = refusal(evidence, bytes(data))
    assert (refused.file, refused.cause) == ("VERIFY.md", "is encrypted")


def test_data_hidden_before_between_or_after_members_is_refused(bundle_bytes, evidence):
    files = contents(bundle_bytes)
    for name in ("VERIFY.md", "report.pdf"):
        refused = refusal(evidence, pack(files, between={name: b"hidden"}))
        assert refused.file == name
        assert "contents are right" in refused.cause
    directory = bundle_bytes.index(b"PK\1\2")
    assert refusal(evidence, bundle_bytes[:directory] + b"hidden" + bundle_bytes[directory:]).file == "evidence.zip"
    assert refusal(evidence, bundle_bytes + b"hidden").file == "evidence.zip"


def test_a_member_that_the_directory_does_not_list_is_refused(bundle_bytes, evidence):
    secret = bundle.local_header("secret.txt", 4, zlib.crc32(b"text")) + b"text"
    assert refusal(evidence, pack(contents(bundle_bytes), between={"report.pdf": secret})).file == "report.pdf"


def test_members_in_another_order_are_refused(bundle_bytes, evidence):
    rows = list(contents(bundle_bytes).items())
    assert "contents are right" in refusal(evidence, pack([*rows[1:], rows[0]], order=False)).cause


def test_a_local_header_that_contradicts_the_directory_is_refused(bundle_bytes, evidence):
    start = bundle_bytes.index(bundle.local_header("report.pdf", 17, zlib.crc32(MEMBERS["report.pdf"])))
    assert refusal(evidence, bundle_bytes[: start + 30] + b"x" + bundle_bytes[start + 31 :]).file == "report.pdf"


def test_overlapping_members_are_refused(evidence):
    content = b"A" * 5000
    header = bundle.local_header("a", len(content), zlib.crc32(content))
    directory = b"".join(
        bundle.central_header("a", len(content), zlib.crc32(content), 0).replace(b"a", b"%c" % letter)
        for letter in b"abcdef"
    )
    data = header + content + directory
    refused = refusal(evidence, data + bundle.end_record(6, len(directory), len(header + content)))
    assert (refused.file, "overlap" in refused.cause) == ("evidence.zip", True)


def test_a_compression_bomb_is_read_only_so_far(bundle_bytes, evidence, monkeypatch):
    monkeypatch.setattr(bundle, "MAX_INFLATED_BYTES", 2**22)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(2**25))
    refused = refusal(evidence, packed.getvalue())
    assert (refused.file, "expands too far" in refused.cause) == ("bomb", True)


@pytest.mark.parametrize("data", [b"", b"PK", b"%PDF-1.7", bytes(5000), b"PK\5\6" + bytes(18)])
def test_what_is_no_bundle_is_refused(evidence, data):
    refusal(evidence, data)


def test_manifests_that_are_made_up_are_refused_by_name(bundle_bytes, tmp_path):
    """Also a registry that signs nonsense gets no bundle through: the proofs hold, the manifest is wrong."""
    good = contents(bundle_bytes)["manifest.json"]
    for bad in (
        b"[]",
        b"{",
        b"[" * 100_000,
        good.replace(b"colophon-evidence-bundle/1", b"another/1"),
        good.replace(b'"size":17', b'"size":17.0'),
        good.replace(b'"size":17', b'"size":true'),
        good.replace(b'"format"', b'"extra":1,"format"'),
        good + b"\n",
    ):
        evidence = log_evidence(bad)
        files = {**contents(bundle_bytes), "manifest.json": bad, **bundle_writer._log_members(evidence)}
        assert refusal(tmp_path / "b.zip", pack(files)).file == "manifest.json"


def test_random_damage_never_ends_in_anything_but_a_refusal(bundle_bytes, evidence, fast_signatures):
    chance = random.Random(1)
    directory = bundle_bytes.index(b"PK\1\2")
    for _ in range(1500):
        data = bytearray(bundle_bytes)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(directory, len(data))] = chance.choice((0, 1, 0xFF, chance.randrange(256)))
        if data != bundle_bytes:
            refusal(evidence, bytes(data))


def test_zip64_offsets_beyond_the_file_are_refused(evidence):
    extra = struct.pack("<HHQ", 1, 8, 2**64 - 2)
    central = bytearray(bundle.central_header("a", 0, 0, 0xFFFFFFFF)) + extra
    central[30:32] = struct.pack("<H", len(extra))
    local = bundle.local_header("a", 0, 0)
    refused = refusal(evidence, local + bytes(central) + bundle.end_record(1, len(central), len(local)))
    assert (refused.file, refused.cause) == ("a", "lies outside the archive")


def test_a_large_member_is_verified_in_little_memory(tmp_path):
    piece = bytes(range(256)) * 4096
    path = tmp_path / "large.zip"
    tracemalloc.start()
    try:
        write(path, {**MEMBERS, "large.bin": lambda: (piece for _ in range(40))})
        bundle.verify_bundle(path)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert path.stat().st_size > 40 * 2**20
    assert peak_bytes < 12 * 2**20


# The command


def test_the_command_says_verified_and_what_it_did_not_check(evidence):
    done = run(evidence)
    assert done.returncode == 0, done.stderr
    assert "verified: 15 files" in done.stdout
    assert "key not pinned" in done.stdout
    assert bundle.verify_bundle(evidence).key_fingerprint in done.stdout
    assert "PAdES" in done.stdout
    assert "RFC 3161" in done.stdout


def test_the_command_pins_a_key(evidence, tmp_path):
    key_file = tmp_path / "registry.key"
    key_file.write_text(VERIFIER_KEY)
    done = run(evidence, "--key", key_file)
    assert (done.returncode, "the pinned key" in done.stdout) == (0, True)
    key_file.write_text(checkpoint.verifier_key(Ed25519PrivateKey.from_private_bytes(bytes(32)), LOG_NAME) + "\n")
    done = run(evidence, "--key", key_file)
    assert (done.returncode, "log/key.txt" in done.stderr) == (1, True)


@pytest.mark.parametrize("content", [None, b"no key\n", b"\xff\xfe"])
def test_a_key_file_that_is_none_ends_with_2(evidence, tmp_path, content, capsys):
    key_file = tmp_path / "registry.key"
    if content is not None:
        key_file.write_bytes(content)
    assert bundle.main([str(evidence), "--key", str(key_file)]) == 2
    assert "registry.key" in capsys.readouterr().err


def test_the_command_names_the_file_that_is_wrong_and_ends_with_1(evidence, bundle_bytes, capsys):
    evidence.write_bytes(bundle_bytes.replace(b"side by side", b"side by hide"))
    assert bundle.main([str(evidence)]) == 1
    assert "NOT VERIFIED: passages/w1.html: " in capsys.readouterr().err
    evidence.write_bytes(b"")
    assert bundle.main([str(evidence)]) == 1


def test_what_cannot_be_opened_ends_with_2(tmp_path, capsys):
    assert bundle.main([str(tmp_path / "missing.zip")]) == 2
    assert "missing.zip: cannot be opened" in capsys.readouterr().err
    assert bundle.main([str(tmp_path)]) == 2
    assert run().returncode == 2


def test_the_verifier_in_the_bundle_runs_alone(evidence, bundle_bytes, tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    (folder / "verify.py").write_bytes(contents(bundle_bytes)["verify.py"])
    done = run(evidence, cwd=folder, script=["-I", "-S", "verify.py"])
    assert (done.returncode, done.stderr) == (0, "")
    evidence.write_bytes(bundle_bytes.replace('红楼梦"}'.encode(), '红楼夢"}'.encode()))
    done = run(evidence, cwd=folder, script=["-I", "-S", "verify.py"])
    assert (done.returncode, "findings.jsonl" in done.stderr) == (1, True)
    assert os.listdir(folder) == ["verify.py"]


def test_the_verifier_in_the_bundle_is_this_one(bundle_bytes):
    with open(bundle.__file__, "rb") as source:
        assert contents(bundle_bytes)["verify.py"] == source.read()


def test_a_reader_that_stops_early_does_not_make_a_good_bundle_a_bad_one(bundle_bytes, tmp_path):
    path = tmp_path / "evidence.zip"
    path.write_bytes(bundle_bytes)
    reading, writing = os.pipe()
    os.close(reading)  # nobody listens any more
    try:
        done = subprocess.run([sys.executable, "-m", "registry.merkle", path], stdout=writing, check=False, timeout=60)
    finally:
        os.close(writing)
    assert done.returncode == 0
