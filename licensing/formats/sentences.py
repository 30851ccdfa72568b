"""Sentences that people wrote for people: recorded as they stand, never taken for a rule that machines read; pure.

A reservation in words is not one in machine-readable form (OLG Hamburg, 5 U 104/24, 10 December 2025, for 2021; an
appeal was allowed). So what is found here gets no effect and no uses: what it means is for a person to record.
"""

import re
from collections.abc import Iterable

from licensing.formats.plain_text import MAX_BYTES, bounded, decode
from licensing.formats.policy import Effect, Fault, Policy, Reading, Rule
from registry.importers.encodings import encoding_of

# words that a sentence about such uses has; a sentence without any of them is about something else
TOPICS = re.compile(
    r"\b(?:AI|A\.I\.|artificial intelligence|machine learning|LLMs?|language models?|generative|"
    r"text and data mining|text[- ]and[- ]data[- ]mining|data mining|TDM|train(?:ing|ed)?|content signals?|"
    r"2019/790|licen[cs]ing|licen[cs]es?|rights? (?:are )?reserved|reservations? of rights|copyright|"
    r"fouille de textes|KI|künstliche\w* Intelligenz|Nutzungsvorbehalt)\b|"
    r"人工智能|数据挖掘|訓練|训练|版权|著作权|大模型",
    re.IGNORECASE,
)
CAPITALS_ONLY = re.compile(r"\b(?:AI|KI|TDM)\b")  # "ai" and "ki" alone are syllables
FEWEST, LONGEST = 12, 4000  # characters


def about_rights(text: str) -> bool:
    """Whether a text is a sentence that may be about these uses."""
    if len(text) < FEWEST:
        return False
    return any(found.group().lower() not in ("ai", "ki", "tdm") or CAPITALS_ONLY.search(text)
               for found in TOPICS.finditer(text))  # fmt: skip


def rules(sentences: Iterable[str]) -> tuple[Rule, ...]:
    """One rule a sentence that is about these uses: its words, and nothing derived from them."""
    kept = dict.fromkeys(" ".join(one.split())[:LONGEST] for one in sentences)
    return tuple(Rule(Effect.WORDS, words=one, machine_readable=False) for one in kept if about_rights(one))


def read(content: bytes) -> Reading:
    """The paragraphs of a plain text (terms, an imprint, a copyright page) that are about these uses."""
    text, faults = _text(content)
    found = rules(re.split(r"\n\s*\n", text))
    return Reading("text", "", (Policy(found),) if found else (), bounded(faults))


def _text(content: bytes) -> tuple[str, list[Fault]]:
    """UTF-8, or what the bytes are beyond doubt: an imprint is kept in whatever its publisher's editor writes."""
    found = encoding_of(content[:MAX_BYTES])
    if found is None or found.name.startswith("utf-8"):
        return decode(content)
    text, faults = decode(content[:MAX_BYTES].decode(found.name, "replace").encode())
    cause = f"not UTF-8: read as {found.name}"
    return text, [Fault("encoding_detected", "", cause), *faults]
