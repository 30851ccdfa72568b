import contextlib
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine import fingerprint
from ingest.engine.errors import BadFingerprint, EngineError, UnknownParameters
from ingest.engine.params import REGISTRY_1, preset
from ingest.engine.records import FingerprintRecord
from ingest.engine.sketch import sketch_text
from tests.ingest.engine.texts import prose


def sample() -> list[FingerprintRecord]:
    return [
        FingerprintRecord("w1", None, "Title", "Author", "9780141439518", sketch_text(prose(1, 300))),
        FingerprintRecord("w2", "second", "標題", "", "", sketch_text("")),
    ]


def resigned(raw: bytes) -> bytes:
    return raw[:-32] + hashlib.sha256(raw[:-32]).digest()


def test_what_is_written_is_read_back() -> None:
    assert fingerprint.load(fingerprint.dump(sample())) == sample()


def test_same_records_give_same_bytes() -> None:
    assert fingerprint.dump(sample()) == fingerprint.dump(sample())


def test_no_records_are_a_valid_file() -> None:
    assert fingerprint.load(fingerprint.dump([])) == []


def test_the_text_is_not_in_the_file() -> None:
    secret = "Unmistakable " + prose(3, 200)
    raw = fingerprint.dump([FingerprintRecord("w", None, "", "", "", sketch_text(secret))])
    assert b"Unmistakable" not in raw


def test_unknown_parameter_set_is_refused_by_name() -> None:
    raw = fingerprint.dump(sample()).replace(b'"registry-1"', b'"registry-9"')
    with pytest.raises(UnknownParameters, match="registry-9"):
        fingerprint.load(resigned(raw))


def test_known_name_with_another_digest_is_refused_by_name() -> None:
    digest = REGISTRY_1.digest.encode()
    raw = fingerprint.dump(sample()).replace(digest, digest[:-4] + b"0000")
    with pytest.raises(UnknownParameters, match="registry-1"):
        fingerprint.load(resigned(raw))


def test_two_parameter_sets_do_not_go_into_one_file() -> None:
    other = FingerprintRecord("w3", None, "", "", "", sketch_text("abc", preset("compact")))
    with pytest.raises(ValueError, match="one parameter set"):
        fingerprint.dump([*sample(), other])


def test_every_cut_is_refused() -> None:
    raw = fingerprint.dump(sample())
    for size in range(0, len(raw), 7):
        with pytest.raises(BadFingerprint):
            fingerprint.load(raw[:size])


def test_every_changed_byte_is_refused() -> None:
    raw = fingerprint.dump(sample())
    for at in range(0, len(raw), 5):
        with pytest.raises(EngineError):
            fingerprint.load(raw[:at] + bytes([raw[at] ^ 0x55]) + raw[at + 1 :])


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_forged_bytes_with_a_right_checksum_never_crash(data: st.DataObject) -> None:
    raw = bytearray(fingerprint.dump(sample()))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(8, len(raw) - 33))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(EngineError):  # refused, with a reason
        fingerprint.load(resigned(bytes(raw)))


def test_a_forged_count_takes_no_memory() -> None:
    raw = fingerprint.dump(sample())
    seeds = len(sample()[0].sketch.hashes)
    forged = raw.replace(f'"seeds":{seeds}'.encode(), b'"seeds":4' + b"0" * (len(str(seeds)) - 1))
    with pytest.raises(BadFingerprint, match="record 1"):
        fingerprint.load(resigned(forged))
