"""Which texts a benchmark works on: reading a folder, keeping some apart as unrelated text, and pairs of editions."""

from __future__ import annotations

import csv
import hashlib
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

from bench.kit.aligner import shingles

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"
LEAST_BYTES = 5_000
HAN = range(0x3400, 0xA000)


@dataclass(frozen=True)
class Text:
    """One file. Texts of one group may share passages (editions, parts, translations); others should not."""

    name: str
    group: str
    text: str
    chinese: bool

    @property
    def size(self) -> int:
        """Bytes of UTF-8."""
        return len(self.text.encode("utf-8", "replace"))


@dataclass(frozen=True)
class Pair:
    """Two texts of which it is known how they are related; `document` is looked for in `work`."""

    document: Text
    work: Text
    relation: str


def is_chinese(text: str) -> bool:
    """Whether more than a tenth of the first 4,000 characters are Han."""
    head = text[:4_000]
    return 10 * sum(ord(c) in HAN for c in head) > len(head)


def decode(raw: bytes) -> str:
    """UTF-8, leniently; line ends as \\n."""
    return raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")


def _manifest(folder: Path) -> dict[str, dict[str, str]]:
    """Rows of manifest.csv by path, if the folder has one: it says which files are editions of one work."""
    listing = folder / "manifest.csv"
    if not listing.is_file():
        return {}
    with listing.open(encoding="utf-8", newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def _of_file(path: Path, folder: Path, manifest: dict[str, dict[str, str]]) -> Text | None:
    name = path.relative_to(folder).as_posix()
    row = manifest.get(name, {})
    if row.get("variant") == "raw" or path.name.endswith(".raw.txt") or path.stat().st_size < LEAST_BYTES:
        return None
    text = decode(path.read_bytes())
    group = row.get("pair_id") or name
    # distractors have no pair: each stands alone
    return Text(name, name if row.get("relation") == "distractor" else group, text, is_chinese(text))


def read_texts(folder: Path, limit_bytes: int, seed: int = 1) -> list[Text]:
    """Texts of the folder, whole groups in an order drawn by seed, until the limit is reached; sorted by name.

    Raw variants with a library's boilerplate and files under 5,000 bytes stay out. Groups come from manifest.csv; in a
    folder without one every file is a work of its own.
    """
    manifest = _manifest(folder)
    root = folder / "texts" if manifest and (folder / "texts").is_dir() else folder
    groups: dict[str, list[Text]] = {}
    for path in sorted(root.rglob("*.txt")):
        found = _of_file(path, folder, manifest)
        if found:
            groups.setdefault(found.group, []).append(found)
    chosen: list[Text] = []
    total = 0
    for group in sorted(groups, key=lambda g: _draw(g, seed)):
        size = sum(t.size for t in groups[group])
        if total + size > limit_bytes and chosen:
            continue
        chosen += groups[group]
        total += size
    return sorted(chosen, key=lambda t: t.name)


def _draw(group: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{group}".encode("utf-8", "replace")).hexdigest()


def keep_apart(texts: list[Text], seed: int = 1, every: int = 5) -> tuple[list[Text], list[Text]]:
    """(catalogue, unrelated): every fifth group of each script, at least one, is never registered."""
    apart: set[str] = set()
    for chinese in (False, True):
        groups = sorted({t.group for t in texts if t.chinese is chinese}, key=lambda g: _draw(g, seed + 1))
        if len(groups) > 1:
            apart.update(groups[: max(1, len(groups) // every)])
    return [t for t in texts if t.group not in apart], [t for t in texts if t.group in apart]


def edition_pairs(folder: Path, limit_bytes: int = 1 << 21) -> list[Pair]:
    """Pairs of pairs.csv (documents and works of at most `limit_bytes`), or, in samples/, each member of the archive
    with the text of the shelf that it shares most with, if that is more than a tenth of its shingles."""
    listing = folder / "pairs.csv"
    if listing.is_file():
        with listing.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["variant"] == "stripped"]
        names = {name: folder / name for row in rows for name in (row["path_a"], row["path_b"])}
        small = {name: path for name, path in names.items() if path.is_file() and path.stat().st_size <= limit_bytes}
        rows = [row for row in rows if row["path_a"] in small and row["path_b"] in small]
        texts = {name: decode(small[name].read_bytes()) for row in rows for name in (row["path_a"], row["path_b"])}
        held = {name: Text(name, name, text, is_chinese(text)) for name, text in texts.items()}
        return [Pair(held[row["path_a"]], held[row["path_b"]], row["relation"]) for row in rows]
    return [pair for archive in sorted(folder.glob("*.tar.gz")) for pair in _pairs_of_archive(archive, folder)]


def _pairs_of_archive(archive: Path, folder: Path) -> list[Pair]:
    texts = [t for t in read_texts(folder, 1 << 40) if len(t.text) > LEAST_BYTES]
    known = [(t, shingles(t.text)) for t in texts]
    pairs = []
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as members:
        for member in members:
            file = members.extractfile(member)
            if file is None or not member.name.endswith(".txt"):
                continue
            text = decode(file.read())
            own = shingles(text)
            shared, best = max(((len(own & of), t) for t, of in known), key=lambda row: row[0])
            # a selection may hold the work, or the work the selection
            if 10 * shared > min(len(own), len(shingles(best.text))):
                pairs.append(Pair(Text(member.name, best.group, text, is_chinese(text)), best, "other_edition"))
    return pairs
