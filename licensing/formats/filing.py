"""A draft of a filing as data, and its forms: JSON, Markdown and HTML.

A filing has fields as the law or template numbers them. Every statement names the records it was made from; a field
without a statement is *not recorded*, never filled in. What is known only from secondary sources is `unverified`.
Pure: the same facts give the same bytes.
"""

import html
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

FORMAT = "colophon-filing/1"
WORDS = {
    "en": {
        "draft": "Draft for a person to check",
        "prepared": "Prepared from records on",
        "by": "by",
        "missing": "Not recorded.",
        "sources": "From",
        "unverified": "Not verified",
        "optional": "optional",
        "subject": "About",
    },
    "zh-Hans": {
        "draft": "草稿，须由专人核对",
        "prepared": "根据记录编制，日期",
        "by": "编制单位",
        "missing": "未记录。",
        "sources": "依据",
        "unverified": "未经核实",
        "optional": "可选",
        "subject": "对象",
    },
}


SOURCES = {  # what records are called; those that are not here are called as they are spelt
    "en": {"generated_part": "record of output", "log_entry": "log entry", "claim": "claim of provenance"},
    "zh-Hans": {"audit": "审计", "log_entry": "日志条目"},
}


@dataclass(frozen=True)
class Cited:
    """A record that a statement was made from: what kind, its id, and what it is called."""

    kind: str
    id: str
    name: str = ""

    @property
    def label(self) -> str:
        """As it is printed in English: record of output 4q0z8k2m7xwc (Answers)."""
        return self.said("en")

    def said(self, language: str) -> str:
        """As it is printed in a filing of this language."""
        kind = SOURCES[language].get(self.kind, self.kind)
        return f"{kind} {self.id} ({self.name})" if self.name else f"{kind} {self.id}"


@dataclass(frozen=True)
class Statement:
    """A sentence with the records it was made from; none where it says that nothing is recorded."""

    text: str
    sources: tuple[Cited, ...] = ()


@dataclass(frozen=True)
class Field:
    """One field as the law or template numbers it. Without statements it is not recorded."""

    number: str
    label: str
    statements: tuple[Statement, ...] = ()
    optional: bool = False

    @property
    def is_recorded(self) -> bool:
        """Whether any record says something."""
        return bool(self.statements)


@dataclass(frozen=True)
class Section:
    """Fields under one heading."""

    number: str
    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Filing:
    """The whole draft. `on`: the day of the records, ISO; `unverified`: what nobody compared with its source."""

    kind: str
    title: str
    law: str
    language: str
    organisation: str
    subject: str
    on: str
    notices: tuple[str, ...]
    sections: tuple[Section, ...]
    unverified: tuple[str, ...] = ()

    @property
    def words(self) -> dict[str, str]:
        """The few words around the fields, in the filing's language."""
        return WORDS[self.language]


def to_json(filing: Filing) -> bytes:
    """For machines: fields with `recorded`, statements with their sources."""
    told: dict[str, Any] = {"format": FORMAT, "draft": True} | asdict(filing)
    for section, said in zip(filing.sections, told["sections"], strict=True):
        for field, row in zip(section.fields, said["fields"], strict=True):
            row["recorded"] = field.is_recorded
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True).encode("utf-8", "replace") + b"\n"


def to_markdown(filing: Filing) -> bytes:
    """For a model card or a repository: CommonMark, everything from records escaped."""
    words = filing.words
    lines = [f"# {_md(filing.title)}", "", f"> **{words['draft']}**", ">"]
    lines += [f"> {_md(notice)}" for notice in filing.notices]
    lines += ["", f"{_md(filing.law)}", ""]
    lines += [f"- {words['subject']}: {_md(filing.subject)}", f"- {words['by']}: {_md(filing.organisation)}"]
    lines += [f"- {words['prepared']}: {filing.on}", ""]
    for section in filing.sections:
        lines += [f"## {_md(f'{section.number} {section.title}'.strip())}", ""]
        for field in section.fields:
            optional = f" ({words['optional']})" if field.optional else ""
            lines += [f"**{_md(f'{field.number} {field.label}'.strip())}**{optional}", ""]
            for statement in field.statements:
                sources = "; ".join(cited.said(filing.language) for cited in statement.sources)
                told = f" *{words['sources']}: {_md(sources)}*" if sources else ""
                lines.append(f"- {_md(statement.text)}{told}")
            if not field.is_recorded:
                lines.append(f"- {words['missing']}")
            lines.append("")
    if filing.unverified:
        lines += [f"## {words['unverified']}", "", *(f"- {_md(line)}" for line in filing.unverified), ""]
    return "\n".join(lines).encode("utf-8", "replace")


def _md(text: str) -> str:
    """Plain text on one line; nothing in it is Markdown or HTML."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", " ".join(text.split()))


STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}dt{font-weight:bold;margin-top:1rem}dd{margin:0}"
    ".draft{border:2px solid #8a4b00;padding:.5rem 1rem}.sources,.missing{color:#4a5058;font-size:.875rem}"
)


def to_html(filing: Filing) -> bytes:
    """One file that browsers and word processors open; nothing is loaded from elsewhere."""
    words, esc = filing.words, html.escape
    parts = [
        f'<!doctype html><html lang="{filing.language}"><head><meta charset="utf-8">',
        f"<title>{esc(filing.title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{esc(filing.title)}</h1>",
        f'<div class="draft"><p><strong>{esc(words["draft"])}</strong></p>',
        *(f"<p>{esc(notice)}</p>" for notice in filing.notices),
        f"</div><p>{esc(filing.law)}</p><p>{esc(words['subject'])}: {esc(filing.subject)}<br>",
        f"{esc(words['by'])}: {esc(filing.organisation)}<br>{esc(words['prepared'])}: {esc(filing.on)}</p>",
    ]
    for section in filing.sections:
        parts.append(f"<h2>{esc(f'{section.number} {section.title}'.strip())}</h2><dl>")
        parts += [_html_field(field, filing) for field in section.fields]
        parts.append("</dl>")
    if filing.unverified:
        listed = "".join(f"<li>{esc(line)}</li>" for line in filing.unverified)
        parts.append(f"<h2>{esc(words['unverified'])}</h2><ul>{listed}</ul>")
    return ("\n".join([*parts, "</body></html>"]) + "\n").encode("utf-8", "replace")


def _html_field(field: Field, filing: Filing) -> str:
    esc, words = html.escape, filing.words
    optional = f" ({esc(words['optional'])})" if field.optional else ""
    parts = [f"<dt>{esc(f'{field.number} {field.label}'.strip())}{optional}</dt>"]
    for statement in field.statements:
        sources = "; ".join(cited.said(filing.language) for cited in statement.sources)
        told = f'<br><span class="sources">{esc(words["sources"])}: {esc(sources)}</span>' if sources else ""
        parts.append(f"<dd><p>{esc(statement.text)}{told}</p></dd>")
    if not field.is_recorded:
        parts.append(f'<dd><p class="missing">{esc(words["missing"])}</p></dd>')
    return "".join(parts)


FORMS: dict[str, tuple[str, Callable[[Filing], bytes]]] = {
    "html": ("text/html; charset=utf-8", to_html),
    "json": ("application/json", to_json),
    "md": ("text/markdown; charset=utf-8", to_markdown),
}
