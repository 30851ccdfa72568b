"""Keeps `locale/` complete: `python tests/translations.py check` fails on anything missing, `update` writes it down.

Plain Python, so that it runs where GNU gettext is not installed: strings are found in Python files by their syntax
tree and in templates through Django's own extraction; catalogues are read, written and compiled here
(formats: GNU gettext manual, "The Format of PO Files" and "The Format of GNU MO Files").
"""

import ast
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("config", "registry", "ingest", "licensing", "templates")
# function → positions of context, singular and plural among its arguments (None: it has none)
FUNCTIONS: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}
ALIASES = {"_": "gettext", "gettext_noop": "gettext"} | {f"{name}_lazy": name for name in FUNCTIONS}
HEADER = (
    "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\nPlural-Forms: nplurals=1; plural=0;\n"
)
CONTEXT_SEPARATOR = "\x04"
MO_MAGIC = 0x950412DE

Key = tuple[str, str, str]  # context, singular, plural; '' where there is none


@dataclass
class Entry:
    """One message: its translations (several with a plural) and where it is used."""

    translations: list[str] = field(default_factory=list)
    fuzzy: bool = False
    places: set[str] = field(default_factory=set)


def extract(root: Path = ROOT) -> dict[Key, Entry]:
    """Return every message of the source with the files that use it."""
    found: dict[Key, Entry] = {}
    for path in _sources(root):
        for key in _messages(path):
            found.setdefault(key, Entry()).places.add(path.relative_to(root).as_posix())
    return found


def read_catalogue(text: str) -> dict[Key, Entry]:
    """Parse a .po file; the header is the entry with the empty key. Obsolete entries (`#~`) are left out."""
    entries: dict[Key, Entry] = {}
    for block in re.split(r"\n\s*\n", text):
        values: dict[str, str] = {}
        current, fuzzy = "", False
        for line in block.splitlines():
            if line.startswith("#,"):
                fuzzy = "fuzzy" in line
            if line.startswith("#") or not line.strip():
                continue
            keyword, _, quoted = line.partition('"')
            current = keyword.strip() or current
            values[current] = values.get(current, "") + ast.literal_eval('"' + quoted.rstrip())
        if "msgid" not in values:
            continue
        translations = [value for name, value in sorted(values.items()) if name.startswith("msgstr")]
        key = (values.get("msgctxt", ""), values["msgid"], values.get("msgid_plural", ""))
        entries[key] = Entry(translations, fuzzy)
    return entries


def write_catalogue(entries: dict[Key, Entry]) -> str:
    """Return the .po text, the header first, then by message."""
    header = entries.get(("", "", ""), Entry([HEADER])).translations[0]
    blocks = ['msgid ""\nmsgstr ""\n' + "\n".join(_quote(line) for line in header.splitlines(keepends=True))]
    for (context, singular, plural), entry in sorted(entries.items(), key=lambda item: item[0][1:] + item[0][:1]):
        if not singular:
            continue
        lines = [f"#: {place}" for place in sorted(entry.places)]
        lines += ["#, fuzzy"] if entry.fuzzy else []
        lines += [f"msgctxt {_quote(context)}"] if context else []
        lines += [f"msgid {_quote(singular)}"]
        lines += [f"msgid_plural {_quote(plural)}"] if plural else []
        name = "msgstr[{}]" if plural else "msgstr"
        lines += [f"{name.format(n)} {_quote(text)}" for n, text in enumerate(entry.translations or [""])]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def compile_catalogue(entries: dict[Key, Entry]) -> bytes:
    """Return the .mo bytes of the translated entries, fuzzy ones left out; the same input gives the same bytes."""
    pairs: list[tuple[bytes, bytes]] = []
    for (context, singular, plural), entry in entries.items():
        if entry.fuzzy or not all(entry.translations):
            continue
        original = (context + CONTEXT_SEPARATOR if context else "") + singular + ("\0" + plural if plural else "")
        pairs.append((original.encode(), "\0".join(entry.translations).encode()))
    pairs.sort()
    start = 28 + 16 * len(pairs)
    originals, translated, body = b"", b"", b""
    for side in (0, 1):
        table = b""
        for pair in pairs:
            table += struct.pack("<II", len(pair[side]), start + len(body))
            body += pair[side] + b"\0"
        originals, translated = (table, translated) if side == 0 else (originals, table)
    head = struct.pack("<7I", MO_MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    return head + originals + translated + body


def problems(root: Path = ROOT) -> list[str]:
    """Return one sentence for everything that keeps a catalogue from being complete; [] when all is well."""
    source = extract(root)
    catalogues = sorted((root / "locale").glob("*/LC_MESSAGES/django.po"))
    found = [] if catalogues or not source else [f"locale/ holds no catalogue for {len(source)} messages"]
    for path in catalogues:
        name = path.relative_to(root).as_posix()
        entries = read_catalogue(path.read_text(encoding="utf-8"))
        for key, entry in source.items():
            where = f"{name}: “{key[1]}” ({', '.join(sorted(entry.places))})"
            if key not in entries:
                found.append(f"{where} is missing")
            elif entries[key].fuzzy:
                found.append(f"{where} is fuzzy")
            elif not all(entries[key].translations):
                found.append(f"{where} is not translated")
        found += [f"{name}: “{key[1]}” is used nowhere" for key in entries if key[1] and key not in source]
        compiled = path.with_suffix(".mo")
        if not compiled.is_file() or compiled.read_bytes() != compile_catalogue(entries):
            found.append(f"{name}: django.mo beside it is not up to date")
    return found


def update(root: Path = ROOT) -> None:
    """Bring every catalogue to the messages of the source, keeping translations, and compile it."""
    source = extract(root)
    for path in sorted((root / "locale").glob("*/LC_MESSAGES/django.po")):
        old = read_catalogue(path.read_text(encoding="utf-8"))
        new = {("", "", ""): old.get(("", "", ""), Entry([HEADER]))}
        for key, entry in source.items():
            known = old.get(key, Entry([""]))
            new[key] = Entry(known.translations, known.fuzzy, entry.places)
        text = write_catalogue(new)
        path.write_text(text, encoding="utf-8")
        path.with_suffix(".mo").write_bytes(compile_catalogue(read_catalogue(text)))


def _sources(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".py", ".html", ".txt") and (path.suffix == ".py" or "templates" in path.parts):
                yield path


def _messages(path: Path) -> Iterator[Key]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from _calls(ast.parse(text, filename=str(path)))
        return
    from django.utils.translation.template import templatize  # noqa: PLC0415 - needs settings, Python files do not

    for call in re.finditer(
        r"\b(?:_|n?p?gettext)\((?:[^()'\"]|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")*\)", templatize(text)
    ):
        yield from _calls(ast.parse(call.group()))


def _calls(tree: ast.AST) -> Iterator[Key]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        positions = FUNCTIONS.get(ALIASES.get(called, called))
        if positions is None:
            continue
        texts = [_text(node.args, position) for position in positions]
        if texts[1]:
            yield texts[0], texts[1], texts[2]


def _text(arguments: list[ast.expr], position: int | None) -> str:
    if position is None or position >= len(arguments):
        return ""
    argument = arguments[position]
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else ""


def _quote(text: str) -> str:
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    )
    return f'"{escaped}"'


def main(arguments: list[str]) -> int:
    """Carry out `check` or `update`; the exit code is 1 when something is missing."""
    from django.conf import settings  # noqa: PLC0415

    if not settings.configured:
        settings.configure(USE_I18N=True)
    if arguments == ["update"]:
        update()
    elif arguments != ["check"]:
        sys.stderr.write("usage: python tests/translations.py check|update\n")
        return 2
    found = problems()
    for sentence in found:
        sys.stderr.write(sentence + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
