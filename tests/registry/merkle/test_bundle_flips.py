"""One changed byte of a bundle is found, and the file that was changed is named."""

import io
import zipfile

import pytest

from registry.merkle import bundle

pytestmark = pytest.mark.usefixtures("fast_signatures")
SAMPLED_BYTES = 120  # of a large member: evenly spread, first and last included


def positions(size):
    if size <= 600:
        return range(size)
    return sorted({round(step * (size - 1) / (SAMPLED_BYTES - 1)) for step in range(SAMPLED_BYTES)})


def flip(data, position, mask=1):
    return data[:position] + bytes([data[position] ^ mask]) + data[position + 1 :]


def refusal(path, data):
    path.write_bytes(data)
    with pytest.raises(bundle.BundleError) as refused:
        bundle.verify_bundle(path)
    return refused.value


def content_ranges(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            start = info.header_offset + 30 + len(info.filename.encode())
            yield info.filename, start, start + info.file_size


def repack(data, replaced, compression=zipfile.ZIP_DEFLATED):
    """What somebody does who opens the bundle, edits files and packs it again."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(packed, "w", compression) as other:
        for name in archive.namelist():
            content = replaced.get(name, archive.read(name))
            if content is not None:
                other.writestr(name, content)
    return packed.getvalue()


def test_the_untouched_bundle_verifies(bundle_bytes, tmp_path):
    path = tmp_path / "evidence.zip"
    path.write_bytes(bundle_bytes)
    verified = bundle.verify_bundle(path)
    assert (verified.files, verified.entry_index, verified.tree_size, verified.further_entries) == (15, 11, 14, 2)
    assert not verified.key_pinned


def test_a_byte_flipped_in_any_file_names_that_file(bundle_bytes, tmp_path):
    path = tmp_path / "evidence.zip"
    for name, start, end in content_ranges(bundle_bytes):
        for position in positions(end - start):
            assert refusal(path, flip(bundle_bytes, start + position)).file == name


def test_a_byte_changed_in_any_file_and_packed_again_names_that_file(bundle_bytes, tmp_path):
    path = tmp_path / "evidence.zip"
    for name, start, end in content_ranges(bundle_bytes):
        content = bundle_bytes[start:end]
        for position in list(positions(end - start))[:: 1 if end - start < 100 else 7]:
            for mask in (0x01, 0x20):
                packed = repack(bundle_bytes, {name: flip(content, position, mask)}, zipfile.ZIP_STORED)
                assert refusal(path, packed).file == name


def test_a_byte_added_to_or_cut_off_any_file_names_that_file(bundle_bytes, tmp_path):
    path = tmp_path / "evidence.zip"
    for name, start, end in content_ranges(bundle_bytes):
        content = bundle_bytes[start:end]
        for changed in (content + b"\n", content + b"\x00", b" " + content, content[:-1]):
            if changed != content:
                assert refusal(path, repack(bundle_bytes, {name: changed})).file == name


def test_every_byte_of_the_container_counts(bundle_bytes, tmp_path):
    path = tmp_path / "evidence.zip"
    content = {position for _, start, end in content_ranges(bundle_bytes) for position in range(start, end)}
    container = [position for position in range(len(bundle_bytes)) if position not in content]
    assert len(container) > 1500
    for position in container:
        assert refusal(path, flip(bundle_bytes, position, 1 << position % 8)).cause


def test_a_bundle_cut_anywhere_or_continued_is_refused(bundle_bytes, tmp_path):
    path = tmp_path / "evidence.zip"
    for end in range(0, len(bundle_bytes), 997):
        refusal(path, bundle_bytes[:end])
    for changed in (bundle_bytes + b"\x00", b"\x00" + bundle_bytes, bundle_bytes + bundle_bytes):
        assert refusal(path, changed).file == "evidence.zip"


def test_a_bundle_packed_again_is_refused_though_its_contents_are_right(bundle_bytes, tmp_path):
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        refused = refusal(tmp_path / "evidence.zip", repack(bundle_bytes, {}, compression))
        assert "the contents are right" in refused.cause


def test_a_missing_file_is_named(bundle_bytes, tmp_path):
    for name, _, _ in content_ranges(bundle_bytes):
        if name.startswith("timestamps/"):
            continue  # tokens are made after the manifest: it cannot say which there are
        refused = refusal(tmp_path / "evidence.zip", repack(bundle_bytes, {name: None}))
        assert (refused.file, refused.cause) == (name, "is missing")


def test_all_bytes_of_one_file_flipped_is_still_that_file(bundle_bytes, tmp_path):
    for name, start, end in content_ranges(bundle_bytes):
        if end > start:
            inverted = bytes(byte ^ 0xFF for byte in bundle_bytes[start:end])
            assert refusal(tmp_path / "evidence.zip", repack(bundle_bytes, {name: inverted})).file == name
