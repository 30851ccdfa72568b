"""Documents of about 8 kB: real text that is not registered around one excerpt of a registered work."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bench.kit.noise import NOISES
from bench.kit.texts import Text

WORD = re.compile(r"\S*\w\S*")
HOST_CHARS = 8_000
HOST_CHARS_HAN = 2_700


@dataclass(frozen=True)
class Plant:
    """A document, and what was planted where (code points, ends exclusive). Without an excerpt `work` is empty."""

    document: str
    work: str
    group: str
    length: int
    noise: str
    start: int
    end: int
    work_start: int
    work_end: int
    chinese: bool
    host: str


@lru_cache(maxsize=512)
def _units(text: str, chinese: bool) -> list[tuple[int, int]]:
    """Spans of what lengths are counted in: words, or Han characters."""
    if chinese:
        return [(at, at + 1) for at, c in enumerate(text) if c.isalpha()]
    return [m.span() for m in WORD.finditer(text)]


def surroundings(hosts: Sequence[Text], chinese: bool, chars: int, draw: random.Random) -> tuple[str, str]:
    """A stretch of unregistered text in the same script, and the name of where it is from."""
    same = [h for h in hosts if h.chinese is chinese] or list(hosts)
    host = draw.choice(same)
    at = draw.randrange(max(1, len(host.text) - chars))
    return host.text[at : at + chars], host.name


def plant(texts: Sequence[Text], hosts: Sequence[Text], length: int, noise: str, draw: random.Random) -> Plant:
    """One document with an excerpt of `length` words (Chinese texts: characters). Texts must be of one script."""
    long_enough = [t for t in texts if len(_units(t.text, t.chinese)) > length + 2]
    work = draw.choice(long_enough)
    units = _units(work.text, work.chinese)
    first = draw.randrange(len(units) - length)
    work_start, work_end = units[first][0], units[first + length - 1][1]
    excerpt = NOISES[noise](work.text[work_start:work_end], work.text, draw)
    around, host = surroundings(hosts, work.chinese, HOST_CHARS_HAN if work.chinese else HOST_CHARS, draw)
    before = draw.randrange(len(around) // 8, max(1, len(around) * 7 // 8))
    return Plant(
        document=f"{around[:before]}\n{excerpt}\n{around[before:]}",
        work=work.name,
        group=work.group,
        length=length,
        noise=noise,
        start=before + 1,
        end=before + 1 + len(excerpt),
        work_start=work_start,
        work_end=work_end,
        chinese=work.chinese,
        host=host,
    )


def mixed_documents(texts: Sequence[Text], hosts: Sequence[Text], count: int, draw: random.Random) -> list[Plant]:
    """What speed is measured on: three in four documents hold an excerpt of 50, 100 or 300 words (Chinese characters),
    half of them clean, a quarter each with 2 and 5 % errors; one in four holds none."""
    scripts = {flag: [t for t in texts if t.chinese is flag] for flag in (False, True)}
    share = sum(t.size for t in scripts[True]) / max(1, sum(t.size for t in texts))
    found = []
    for number in range(count):
        chinese = bool(scripts[True]) and (not scripts[False] or draw.random() < share)
        if number % 4 == 0:
            around, host = surroundings(hosts, chinese, HOST_CHARS_HAN if chinese else HOST_CHARS, draw)
            found.append(Plant(around, "", "", 0, "clean", 0, 0, 0, 0, chinese, host))
            continue
        noise = draw.choice(["clean", "clean", "scan 2 %", "scan 5 %"])
        found.append(plant(scripts[chinese], hosts, draw.choice([50, 100, 300]), noise, draw))
    return found
