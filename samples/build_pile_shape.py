"""Build `pile-shape.jsonl.zst` and its truth: passages of the shelf's works planted in other text, like The Pile.

Everything comes from files beside this one: passages from the texts of `books3-shape.tar.gz` (other editions, where
there is one) and of `shelf/texts`, the text around them from the unregistered books of that archive and from
`pile-shape.filler.txt`. Same files and seed give the same records and the same truth.

    python samples/build_pile_shape.py
"""

import json
import random
import re
import tarfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

SAMPLES = Path(__file__).parent
SEED = 20260301
WORD = re.compile(r"[぀-ヿ㐀-䶿一-鿿豈-﫿가-힯]|[^\W_぀-ヿ㐀-䶿一-鿿豈-﫿가-힯]+(?:['’][^\W_]+)*")

# work -> member of books3-shape.tar.gz with another edition of it; the other works are quoted from the shelf's text
OTHER_EDITIONS = {
    "shelf-001": "books3/A/A Modest Proposal - Jonathan Swift.epub.txt",
    "shelf-002": "books3/A/Alice's Adventures in Wonderland - Lewis Carroll.epub.txt",
    "shelf-003": "books3/T/The Time Machine - H. G. Wells.epub.txt",
    "shelf-004": "books3/N/Narrative of the Captivity - Mary Rowlandson.epub.txt",
    "shelf-005": "books3/H/Heart of Darkness - Joseph Conrad.epub.txt",
    "shelf-010": "books3/D/Dubliners - James Joyce.epub.txt",
    "shelf-012": "books3/Y/You Meng Ying - Zhang Chao.epub.txt",
    "shelf-013": "books3/W/Wen Xin Diao Long - Liu Xie.epub.txt",
    "shelf-014": "books3/L/老残游记 - 刘鹗.epub.txt",
    "shelf-020": "books3/D/The Debian Administrator's Handbook, chapters 1-3 - Raphael Hertzog, Roland Mas.epub.txt",
    "shelf-021": "books3/F/Free Culture - Lawrence Lessig.epub.txt",
    "shelf-022": "books3/C/CONTENT - Cory Doctorow.epub.txt",
    "shelf-023": "books3/D/Down and Out in the Magic Kingdom - Cory Doctorow.epub.txt",
}
# where in that edition the work itself begins and ends, for a volume that holds more, or where front matter differs
BEGINS = {"shelf-010": "Lily, the caretaker's daughter", "shelf-020": "When he created Debian, in 1993"}
FILLER_BOOKS = (
    "books3/O/Our Nig - Harriet E. Wilson.epub.txt",
    "books3/T/The Autobiography of a Slander - Edna Lyall.epub.txt",
    "books3/T/The Wendigo - Algernon Blackwood.epub.txt",
    "books3/T/The Observations of Henry - Jerome K. Jerome.epub.txt",
)
CHINESE_FILLER = "books3/P/裨海紀遊 - 郁永河.epub.txt"
CHINESE = {f"shelf-{number:03}" for number in range(12, 18)}

# (component of The Pile, then one or more (work, words) to plant); no plants: nothing of the shelf is in that record
PLAN: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = (
    ("Gutenberg (PG-19)", (("shelf-001", 900),)),
    ("Pile-CC", (("shelf-001", 75),)),
    ("Gutenberg (PG-19)", (("shelf-002", 2000),)),
    ("OpenWebText2", (("shelf-002", 120),)),
    ("BookCorpus2", (("shelf-003", 1500),)),
    ("Pile-CC", (("shelf-003", 260), ("shelf-005", 90))),
    ("HackerNews", (("shelf-003", 60),)),
    ("Pile-CC", (("shelf-004", 400),)),
    ("FreeLaw", (("shelf-004", 85),)),
    ("Gutenberg (PG-19)", (("shelf-005", 1200),)),
    ("PhilPapers", (("shelf-005", 150),)),
    ("Gutenberg (PG-19)", (("shelf-006", 700),)),
    ("YoutubeSubtitles", (("shelf-006", 65),)),
    ("Books3", (("shelf-007", 1800),)),
    ("FreeLaw", (("shelf-007", 110),)),
    ("PhilPapers", (("shelf-008", 180),)),
    ("OpenSubtitles", (("shelf-009", 500),)),
    ("Pile-CC", (("shelf-009", 70), ("shelf-001", 210))),
    ("Books3", (("shelf-010", 1000),)),
    ("OpenWebText2", (("shelf-010", 95),)),
    ("BookCorpus2", (("shelf-011", 800),)),
    ("Pile-CC", (("shelf-011", 220),)),
    ("Pile-CC", (("shelf-012", 300),)),
    ("OpenWebText2", (("shelf-012", 80),)),
    ("Pile-CC", (("shelf-013", 600),)),
    ("Wikipedia (en)", (("shelf-013", 64),)),
    ("OpenWebText2", (("shelf-014", 1500),)),
    ("Pile-CC", (("shelf-014", 130),)),
    ("OpenWebText2", (("shelf-015", 900),)),
    ("Pile-CC", (("shelf-016", 150),)),
    ("Pile-CC", (("shelf-017", 450),)),
    ("Github", (("shelf-018", 420),)),
    ("StackExchange", (("shelf-018", 90),)),
    ("StackExchange", (("shelf-019", 350),)),
    ("Ubuntu IRC", (("shelf-020", 70),)),
    ("StackExchange", (("shelf-020", 650),)),
    ("Books3", (("shelf-021", 2000),)),
    ("FreeLaw", (("shelf-021", 240),)),
    ("HackerNews", (("shelf-021", 100), ("shelf-022", 215))),
    ("OpenWebText2", (("shelf-022", 1100),)),
    ("HackerNews", (("shelf-022", 80),)),
    ("BookCorpus2", (("shelf-023", 1700),)),
    ("Pile-CC", (("shelf-023", 320),)),
    ("Books3", (("shelf-024", 1300),)),
    ("HackerNews", (("shelf-024", 140),)),
    ("Pile-CC", (("shelf-025", 750),)),
    ("NIH ExPorter", (("shelf-025", 66),)),
    ("Ubuntu IRC", (("shelf-026", 400),)),
    ("Pile-CC", (("shelf-027", 950),)),
    ("Enron Emails", (("shelf-027", 230),)),
    ("OpenWebText2", (("shelf-027", 72), ("shelf-026", 205))),
    *(
        (name, ())
        for name in (
            "Pile-CC",
            "PubMed Abstracts",
            "PubMed Central",
            "ArXiv",
            "USPTO Backgrounds",
            "EuroParl",
            "DM Mathematics",
            "Wikipedia (en)",
            "Enron Emails",
            "YoutubeSubtitles",
            "OpenSubtitles",
            "NIH ExPorter",
            "HackerNews",
            "StackExchange",
            "Ubuntu IRC",
            "FreeLaw",
            "Github",
            "BookCorpus2",
            "OpenWebText2",
            "Pile-CC",
            "PhilPapers",
        )
    ),
)


@dataclass(frozen=True)
class Origin:
    """A text that passages are taken from: where it lies and from which code point on the work itself is meant."""

    name: str
    text: str
    begin: int


def read_members(names: set[str]) -> dict[str, str]:
    """The texts of those members of books3-shape.tar.gz. Raises KeyError for a member that is not there."""
    with tarfile.open(SAMPLES / "books3-shape.tar.gz") as archive:
        return {name: archive.extractfile(name).read().decode("utf-8") for name in names}  # type: ignore[union-attr]


def read_origins(members: dict[str, str]) -> dict[str, Origin]:
    """Of each work of the shelf the text that passages are taken from: another edition if there is one."""
    with (SAMPLES / "shelf" / "works.toml").open("rb") as file:
        works = tomllib.load(file)["works"]
    origins = {}
    for work in works:
        reference = work["record_reference"]
        if reference in OTHER_EDITIONS:
            name = "books3-shape.tar.gz#" + OTHER_EDITIONS[reference]
            text = members[OTHER_EDITIONS[reference]]
        else:
            name, text = work["text"], (SAMPLES / work["text"]).read_text(encoding="utf-8")
        origins[reference] = Origin(name, text, text.index(BEGINS[reference]) if reference in BEGINS else 0)
    return origins


def cut_passage(origin: Origin, words: int, dice: random.Random) -> tuple[int, int]:
    """Code points [start, end) of a passage of that many words, away from the text's first and last tenth."""
    spans = [match.span() for match in WORD.finditer(origin.text, origin.begin)]
    if words > len(spans):
        raise ValueError(f"{origin.name}: has {len(spans)} words, {words} wanted")
    margin = min(len(spans) // 10, (len(spans) - words) // 2)
    first = dice.randrange(margin, len(spans) - words - margin + 1)
    return spans[first][0], spans[first + words - 1][1]


class Surroundings:
    """Paragraphs to put around passages: each book is read on from where the last record stopped."""

    def __init__(self, members: dict[str, str], dice: random.Random) -> None:
        own = (SAMPLES / "pile-shape.filler.txt").read_text(encoding="utf-8").strip().split("\n\n")
        self.english = [paragraph for paragraph in own if paragraph.isascii()]
        self.chinese = [paragraph for paragraph in own if not paragraph.isascii()]
        self.books = [self._paragraphs(members[name]) for name in FILLER_BOOKS]
        self.chinese_book = re.findall(r"[^。]{20,}。", members[CHINESE_FILLER])
        self.dice = dice

    @staticmethod
    def _paragraphs(text: str) -> list[str]:
        paragraphs = (paragraph.strip() for paragraph in text.split("\n\n"))
        return [paragraph for paragraph in paragraphs if len(paragraph.split()) >= 15]

    def write(self, chinese: bool) -> str:
        """One to four paragraphs, a paragraph of a book never twice in the whole file."""
        if chinese:
            taken = [self.chinese_book.pop(0) for _ in range(self.dice.randrange(2, 7))]
            return self.dice.choice(self.chinese) + "\n\n" + "".join(taken)
        book = self.dice.choice(self.books)
        return "\n\n".join([self.dice.choice(self.english), *(book.pop(0) for _ in range(self.dice.randrange(0, 4)))])


def build() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The records and, in the same order, the truth about each. Deterministic."""
    dice = random.Random(SEED)  # noqa: S311 - reproducible sample data, nothing secret
    members = read_members({*OTHER_EDITIONS.values(), *FILLER_BOOKS, CHINESE_FILLER})
    origins, surroundings = read_origins(members), Surroundings(members, dice)
    plan = list(PLAN)
    dice.shuffle(plan)
    records, truth = [], []
    for number, (component, plants) in enumerate(plan, start=1):
        chinese = any(work in CHINESE for work, _ in plants)
        text, passages = surroundings.write(chinese), []
        for work, words in plants:
            origin = origins[work]
            start, end = cut_passage(origin, words, dice)
            text += "\n\n"
            document = [len(text), len(text) + end - start]
            text += origin.text[start:end] + "\n\n" + surroundings.write(chinese)
            passage = {"work": work, "document_chars": document, "words": words}
            passages.append({**passage, "source": origin.name, "source_chars": [start, end]})
        records.append({"text": text, "meta": {"pile_set_name": component}})
        truth.append({"record": number, "pile_set_name": component, "passages": passages})
    return records, truth


def main() -> None:
    """Write the two files beside this one."""
    records, truth = build()
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (SAMPLES / "pile-shape.jsonl.zst").write_bytes(zstandard.ZstdCompressor(level=19).compress(lines.encode("utf-8")))
    facts = {"seed": SEED, "document": "pile-shape.jsonl.zst#<record>", "records": truth}
    (SAMPLES / "pile-shape.truth.json").write_text(
        json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
