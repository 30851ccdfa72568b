"""Writing an evidence bundle: two steps, because the log must record the manifest before it can prove it.

    manifest = manifest_bytes(members, facts=facts)           # 1  its SHA-256 goes into the log as the report's entry
    write_bundle(path, members, log=LogEvidence(...))         # 2  with the checkpoint and the proofs

The archive's bytes follow from names and contents alone (see `registry.merkle.bundle`, which this writes against), so
the same members and the same log evidence give the same file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from registry.merkle import bundle
from registry.merkle.tree import leaf_hash

Member = bytes | Path | Callable[[], Iterable[bytes]]
"""A file of the bundle: its bytes, a file on disk, or a function that yields the same pieces each time it is called."""


class BundleWriteError(ValueError):
    """A bundle that cannot be written. `member` is the file that is in the way."""

    code = "BUNDLE_WRITE"

    def __init__(self, member: str, cause: str) -> None:
        super().__init__(f"{member}: {cause}")
        self.member = member
        self.cause = cause


@dataclass(frozen=True)
class ProvenEntry:
    """A log entry: its index, the bytes that were hashed into the leaf, and its path to the root (32-byte hashes)."""

    index: int
    leaf: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True)
class LogEvidence:
    """What the log says about a report, all under one checkpoint.

    `checkpoint` is the signed note with one signature, `verifier_key` the line `name+hash+base64`, `tree_size` the
    checkpoint's. `report` is the entry whose leaf is canonical JSON with `manifest_sha256`; `facts` are the legal facts
    that the report rests on.
    """

    checkpoint: str
    verifier_key: str
    tree_size: int
    report: ProvenEntry
    facts: tuple[ProvenEntry, ...] = ()


def report_leaf(manifest: bytes, **facts: Any) -> bytes:
    """The leaf that records a manifest: canonical JSON of `facts` and `manifest_sha256`."""
    return bundle.canonical_json({**facts, "manifest_sha256": hashlib.sha256(manifest).hexdigest()})


def manifest_bytes(
    members: Mapping[str, Member], *, facts: Mapping[int, bytes] | None = None, about: Mapping[str, Any] | None = None
) -> bytes:
    """The bundle's `manifest.json`: SHA-256 and size of every member, `verify.py` and `VERIFY.md` included.

    `facts` maps the log index of each legal fact that the report rests on to its leaf's bytes: the manifest fixes which
    they are. `about` is free JSON about the report (no floats). Reads every member once.
    """
    files = {}
    for name, member in _with_verifier(members).items():
        sha256, size = hashlib.sha256(), 0
        for chunk in _chunks(member):
            sha256.update(chunk)
            size += len(chunk)
        files[name] = {"sha256": sha256.hexdigest(), "size": size}
    entries = {bundle.entry_name(index): leaf_hash(leaf).hex() for index, leaf in (facts or {}).items()}
    manifest: dict[str, Any] = {"format": bundle.FORMAT, "files": files, "log_entries": entries}
    if about is not None:
        manifest["about"] = dict(about)
    return bundle.canonical_json(manifest)


def write_bundle(
    path: Path,
    members: Mapping[str, Member],
    *,
    log: LogEvidence,
    about: Mapping[str, Any] | None = None,
    timestamps: Iterable[bytes] = (),
) -> bundle.Verified:
    """Write the bundle, verify it, and only then put it at `path`, in one rename.

    `members` and `about` are those that `manifest_bytes` was given; `timestamps` are RFC 3161 tokens (DER). Raises
    `BundleWriteError` for a member that changed meanwhile, a name that is not safe or a bundle of 4 GiB or more, and
    `bundle.BundleError` where the log evidence does not prove this manifest; then nothing is left at `path`.
    """
    manifest = manifest_bytes(members, facts={fact.index: fact.leaf for fact in log.facts}, about=about)
    complete: dict[str, Member] = {**_with_verifier(members), bundle.MANIFEST: manifest, **_log_members(log)}
    for token in timestamps:
        complete[f"timestamps/{hashlib.sha256(token).hexdigest()}.tsr"] = token
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w+b") as stream:
            _write_archive(stream, complete)
            stream.flush()
            os.fsync(stream.fileno())
        verified = bundle.verify_bundle(temporary, log.verifier_key)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    return verified


def _with_verifier(members: Mapping[str, Member]) -> dict[str, Member]:
    """The members with the verifier and its instructions; names are checked here, before any work is done."""
    complete: dict[str, Member] = {
        "VERIFY.md": Path(__file__).with_name("VERIFY.md"),
        "verify.py": Path(bundle.__file__),
        **members,
    }
    folded: set[str] = set()
    for name in complete:
        problem = bundle.name_problem(name)
        if problem is None and bundle.is_unlisted_kind(name):
            problem = "this name belongs to the bundle itself"
        if problem is None and name.casefold() in folded:
            problem = "another member has this name in other letter case"
        if problem is not None:
            raise BundleWriteError(name, problem)
        folded.add(name.casefold())
    return complete


def _log_members(log: LogEvidence) -> dict[str, bytes]:
    files = {
        bundle.CHECKPOINT: log.checkpoint.encode(),
        bundle.KEY: f"{log.verifier_key.strip()}\n".encode(),
        bundle.ENTRY: log.report.leaf,
        bundle.INCLUSION: bundle.canonical_json(_inclusion(log.report, log.tree_size)),
    }
    for fact in log.facts:
        proven = {"inclusion": _inclusion(fact, log.tree_size), "leaf": fact.leaf.decode()}
        files[bundle.entry_name(fact.index)] = bundle.canonical_json(proven)
    return files


def _inclusion(entry: ProvenEntry, tree_size: int) -> dict[str, Any]:
    return {
        "leaf_hash": leaf_hash(entry.leaf).hex(),
        "leaf_index": entry.index,
        "path": [hashed.hex() for hashed in entry.path],
        "tree_size": tree_size,
    }


def _write_archive(stream: BinaryIO, members: Mapping[str, Member]) -> None:
    if len(members) > bundle.MAX_MEMBERS:
        raise BundleWriteError(bundle.MANIFEST, f"a bundle holds at most {bundle.MAX_MEMBERS} files")
    directory: list[bytes] = []
    offset = 0
    for name in sorted(members, key=bundle.archive_order):
        header_bytes = len(bundle.local_header(name, 0, 0))
        stream.seek(offset + header_bytes)
        size, crc = 0, 0
        for chunk in _chunks(members[name]):
            crc = zlib.crc32(chunk, crc)
            size += len(chunk)
            if offset + size > bundle.MAX_ARCHIVE_BYTES - bundle.MAX_DIRECTORY_BYTES:
                raise BundleWriteError(name, "with it the bundle exceeds the 4 GiB that a zip file can hold")
            stream.write(chunk)
        stream.seek(offset)
        stream.write(bundle.local_header(name, size, crc))
        directory.append(bundle.central_header(name, size, crc, offset))
        offset += header_bytes + size
    stream.seek(offset)
    for header in directory:
        stream.write(header)
    stream.write(bundle.end_record(len(directory), sum(map(len, directory)), offset))


def _chunks(member: Member) -> Iterator[bytes]:
    if isinstance(member, bytes):
        yield member
    elif isinstance(member, Path):
        with member.open("rb") as stream:
            while chunk := stream.read(bundle.CHUNK_BYTES):
                yield chunk
    else:
        yield from member()
