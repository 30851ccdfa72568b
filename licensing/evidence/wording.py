"""The words of reports: one TOML file a language, plain keys, facts filled in; nothing is glued together."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from licensing.rules.gap_texts import GapText

FOLDER = Path(__file__).parent / "messages"
LANGUAGES = ("en", "zh-hans")
WORDS = ("use", "purpose", "licensee_kind", "acquired", "bound")  # facts of reasons that are words, and their sections


@dataclass(frozen=True)
class Wording:
    """The catalogue of one language."""

    language: str
    messages: Mapping[str, Any]

    def say(self, key: str, **facts: object) -> str:
        """The message `section.name` with its facts filled in; numbers are grouped. KeyError for an unknown key."""
        section, name = key.split(".", 1)
        return str(self.messages[section][name]).format(**{fact: shown(value) for fact, value in facts.items()})

    def word(self, section: str, code: str) -> str:
        """A vocabulary word as it reads in a sentence; an unknown one is shown as it is spelt."""
        return str(self.messages[section].get(code, code.replace("_", " ")))

    def territory(self, code: str, name: str) -> str:
        """A territory in this language where the catalogue has it, else `name`."""
        return str(self.messages["territory"].get(code, name))

    def reason(self, code: str, facts: Mapping[str, object]) -> str | None:
        """The sentence of a reason in this language, or None where only the recorded sentence can say it."""
        template = self.messages["reason"].get(code)
        if template is None:
            return None
        try:
            said = {name: self._fact(name, value) for name, value in facts.items()}
            if isinstance(cause := facts.get("why"), GapText):
                said["gap"] = self.gap(cause)
            return str(template).format(**said)
        except KeyError:  # the rules that decided know other facts than this template
            return None

    def gap(self, cause: GapText) -> str:
        """Why it is not known which terms applied; KeyError where only the recorded sentence says it."""
        return str(self.messages["gap"][cause.cause]).format(**cause.facts)

    def _fact(self, name: str, value: object) -> str:
        if name in ("territory", "state"):
            return self.territory(str(value), str(value))
        return self.word(name, str(value)) if name in WORDS else str(value)


@cache
def wording(language: str) -> Wording:
    """The catalogue of `en` or `zh-hans`; KeyError for any other language."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return Wording(language, tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8")))


def shown(value: object) -> str:
    """A fact as people read it: numbers grouped, dates as they are."""
    if isinstance(value, bool):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def percent(share: float | None) -> str:
    """0.9814 → 98.1 %; a dash where nothing was measured."""
    return "–" if share is None else f"{share * 100:.1f} %"
