"""Checkpoints are signed notes: they round-trip, and one changed character is refused."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.merkle import checkpoint
from registry.merkle.checkpoint import CheckpointError

NAME = "registry.example/log"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ROOT = bytes(range(100, 132))
NOTE = checkpoint.sign(NAME, 1042, ROOT, KEY, NAME)
VERIFIER_KEY = checkpoint.verifier_key(KEY, NAME)


def test_a_checkpoint_round_trips():
    read = checkpoint.verify(NOTE, VERIFIER_KEY)
    assert (read.origin, read.size, read.root, read.extensions) == (NAME, 1042, ROOT, ())
    assert checkpoint.parse(NOTE) == read
    assert NOTE.startswith(read.text + "\n— " + NAME + " ")


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 2**60),
    st.binary(min_size=32, max_size=32),
    st.lists(st.sampled_from(["a", "两 b", "—"]), max_size=3),
)
def test_any_size_root_and_extension_round_trips(size, root, extensions):
    note = checkpoint.sign("origin of a log", size, root, KEY, NAME, extensions=tuple(extensions))
    read = checkpoint.verify(note, VERIFIER_KEY)
    assert (read.size, read.root, read.extensions) == (size, root, tuple(extensions))


def test_the_published_verifier_key_of_a_go_log_is_read():
    line = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    key = checkpoint.parse_verifier_key(line)
    assert str(key) == line
    with pytest.raises(CheckpointError, match="size and root"):  # a signed note, but no checkpoint
        checkpoint.verify(note, line)
    text, _, signature = note.rpartition("\n\n")
    parsed = checkpoint._parse_signature(signature.rstrip("\n"))
    assert parsed.key_hash == key.key_hash
    Ed25519PublicKey.from_public_bytes(key.public_key).verify(parsed.signature, f"{text}\n".encode())


def test_every_changed_character_of_a_checkpoint_is_refused():
    for position, character in enumerate(NOTE):
        for other in {chr(ord(character) ^ 1), " ", "\n"} - {character}:
            with pytest.raises(CheckpointError):
                checkpoint.verify(NOTE[:position] + other + NOTE[position + 1 :], VERIFIER_KEY)


def test_another_key_of_the_same_name_does_not_verify():
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.raises(CheckpointError) as refused:
        checkpoint.verify(NOTE, checkpoint.verifier_key(stranger, NAME))
    assert refused.value.code == "KEY_UNKNOWN"


def test_a_witness_signature_beside_ours_is_ignored():
    witness = checkpoint.sign(NAME, 1042, ROOT, Ed25519PrivateKey.generate(), "witness.example")
    both = NOTE + witness.rpartition("\n\n")[2]
    assert checkpoint.verify(both, VERIFIER_KEY).size == 1042
    assert [signature.name for signature in checkpoint.parse(both).signatures] == [NAME, "witness.example"]


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        "origin\n1\n",
        NOTE.replace("1042", "01042"),
        NOTE.replace("1042", "-1"),
        NOTE.replace("1042", "１"),
        NOTE.removesuffix("\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("\n\n", "\n"),
    ],
)
def test_what_is_not_a_checkpoint_is_refused(note):
    with pytest.raises(CheckpointError):
        checkpoint.parse(note)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "name",
        "name+00000000+AAAA",
        VERIFIER_KEY.replace("+", "-"),
        "x" + VERIFIER_KEY,
        VERIFIER_KEY[:-1],
        VERIFIER_KEY + "=",
    ],
)
def test_what_is_not_a_verifier_key_is_refused(line):
    with pytest.raises(CheckpointError) as refused:
        checkpoint.parse_verifier_key(line)
    assert refused.value.code == "KEY_MALFORMED"


@pytest.mark.parametrize(
    ("origin", "size", "root", "name"),
    [
        ("", 1, ROOT, NAME),
        ("a\nb", 1, ROOT, NAME),
        ("a", -1, ROOT, NAME),
        ("a", 1, b"", NAME),
        ("a", 1, ROOT, "a b"),
        ("a", 1, ROOT, "a+b"),
    ],
)
def test_a_checkpoint_that_could_not_be_read_back_is_not_signed(origin, size, root, name):
    with pytest.raises(CheckpointError):
        checkpoint.sign(origin, size, root, KEY, name)
