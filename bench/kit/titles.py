"""A catalogue of titles and people as large as one likes, and queries for it as people type them.

New titles are chains of the words of real ones, so that common words are as common and rare ones as rare as in a real
catalogue; Chinese titles are chains of the characters of real Chinese text. Every value follows from the seed.
"""

from __future__ import annotations

import csv
import gzip
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

HAN = re.compile("[\u4e00-\u9fff]+")
CHINESE_SHARE = 0.25
REAL_SHARE = 0.05  # titles that are taken as they are
NEW_WORD_SHARE = 0.03  # words that no other title has: names, places
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田"
    "董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊"
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Title:
    """A work as it is registered: its number is its key."""

    number: int
    title: str
    author: str
    language: str
    year: str


class Catalogue:
    """Draws works from real titles, names and Chinese text."""

    def __init__(self, titles: Sequence[str], people: Sequence[str], chinese: str, seed: int) -> None:
        self.titles = [title for title in titles if title.strip()]
        self.random = random.Random(seed)
        self._words: dict[str, list[str]] = defaultdict(list)
        for title in self.titles:
            words = ["", *title.split()[:14], ""]
            for before, after in pairwise(words):
                self._words[before].append(after)
        self._characters: dict[str, list[str]] = defaultdict(list)
        for run in HAN.findall(chinese):
            for before, after in pairwise(run):
                self._characters[before].append(after)
        self._all_characters = list(self._characters)
        given, family = zip(*(name.rsplit(" ", 1) for name in people if " " in name), strict=True)
        self._given, self._family = list(given), list(family)

    def people(self, count: int) -> list[tuple[str, bool]]:
        """Names, and whether they are Chinese; half of those of Latin letters are new compositions of real parts."""
        found = []
        for _ in range(count):
            if self.random.random() < CHINESE_SHARE:
                family = self.random.choice(SURNAMES)
                found.append((family + self._chain(self.random.choice((1, 2, 2))), True))
            else:
                found.append((f"{self.random.choice(self._given)} {self._surname()}", False))
        return found

    def _surname(self) -> str:
        name = self.random.choice(self._family)
        return name if self.random.random() < 0.5 else self._new_word(name)

    def works(self, count: int, people: Sequence[tuple[str, bool]]) -> Iterator[tuple[Title, int]]:
        """Works with the number of their author in `people`; some authors wrote much more than others."""
        chinese = [number for number, (_, is_chinese) in enumerate(people) if is_chinese]
        latin = [number for number, (_, is_chinese) in enumerate(people) if not is_chinese]
        for number in range(count):
            is_chinese = self.random.random() < CHINESE_SHARE
            group = chinese if is_chinese else latin
            author = group[int(len(group) * self.random.random() ** 1.5)]
            title = self._chain(self.random.choice((2, 3, 4, 4, 5, 6, 7, 8))) if is_chinese else self._title()
            year = str(1800 + int(225 * self.random.random() ** 0.5))
            yield Title(number, title, people[author][0], "zh" if is_chinese else "en", year), author

    def _title(self) -> str:
        if self.random.random() < REAL_SHARE:
            return self.random.choice(self.titles)[:300]
        words: list[str] = []
        last = ""
        while len(words) < 12:
            last = self.random.choice(self._words[last])
            if last:
                words.append(self._new_word(last) if self.random.random() < NEW_WORD_SHARE else last)
            elif len(words) >= 2:
                break
        return " ".join(words)

    def _new_word(self, word: str) -> str:
        place = self.random.randrange(len(word))
        made = word[:place] + self.random.choice(LETTERS) + self.random.choice(("", "a", "er", "in")) + word[place:]
        return made[:1].upper() + made[1:].lower()

    def _chain(self, length: int) -> str:
        run = self.random.choice(self._all_characters)
        while len(run) < length:
            following = self._characters.get(run[-1]) or self._all_characters
            run += self.random.choice(following)
        return run


def read(folder: Path, shelf: Path, seed: int) -> Catalogue:
    """From a folder with `gutenberg_metadata.csv.gz` and `goodbooks-10k_books.csv.gz`, else from the shelf's texts."""
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(shelf.rglob("*.txt"))]
    chinese = "".join(text for text in texts if HAN.search(text[:2000]))
    titles: list[str] = []
    people: list[str] = []
    if (folder / "gutenberg_metadata.csv.gz").exists():
        for row in _rows(folder / "gutenberg_metadata.csv.gz"):
            if row["language"] != "zh" and row["title"]:
                titles.append(" ".join(row["title"].split()))
                family, _, given = re.sub(r"\(.*?\)", "", row["author"] or "").partition(",")
                people.append(f"{given.split(',')[0].strip()} {family.strip()}".strip())
        for row in _rows(folder / "goodbooks-10k_books.csv.gz"):
            titles.append(row["title"])
            people.append(row["authors"].split(",")[0])
    else:
        english = " ".join(text for text in texts if not HAN.search(text[:2000]))
        words = re.findall(r"[A-Za-z]+", english)
        titles = [" ".join(words[at : at + 2 + at % 6]).title() for at in range(0, len(words) - 8, 8)]
        people = [" ".join(words[at : at + 2]).title() for at in range(3, len(words) - 8, 31)]
    return Catalogue(titles, people, chinese, seed)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def noisy(work: Title, seed: int) -> str:
    """Title and author as somebody types them: a third of the words misspelt, one left out, the order free."""
    rng = random.Random(seed)
    if work.language == "zh":
        return _noisy_chinese(work, rng)
    words = [*work.title.split()[:7], *work.author.split()]
    if len(words) > 3:
        words.pop(rng.randrange(len(words)))
    words = [_misspelt(word, rng) if rng.random() < 0.3 else word for word in words]
    if rng.random() < 0.5:
        rng.shuffle(words)
    return " ".join(words).lower() if rng.random() < 0.5 else " ".join(words)


def _noisy_chinese(work: Title, rng: random.Random) -> str:
    title = work.title
    if len(title) > 3 and rng.random() < 0.5:
        place = rng.randrange(len(title))
        title = title[:place] + rng.choice((title[place + 1 :], "的" + title[place + 1 :]))
    parts = [title, work.author]
    rng.shuffle(parts)
    return rng.choice((" ", "")).join(parts)


def _misspelt(word: str, rng: random.Random) -> str:
    if len(word) < 4:
        return word
    place = rng.randrange(len(word) - 1)
    before, after = word[:place], word[place:]
    return rng.choice(
        (
            before + after[1:],
            before + rng.choice(LETTERS) + after,
            before + rng.choice(LETTERS) + after[1:],
            before + after[1] + after[0] + after[2:],
        )
    )
