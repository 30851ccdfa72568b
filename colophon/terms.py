"""Terms on the command line: from a file, a template, or a few options; and terms in one line for people."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colophon.commands.common import day
from colophon.exits import CommandError

if TYPE_CHECKING:
    from colophon.client import Registry

Json = dict[str, Any]
FREE = "free"
LISTS = {"use": "uses", "purpose": "purposes", "territory": "territory"}


def add_terms(parser: argparse.ArgumentParser) -> None:
    """The options that say terms. Those named singly go before what the file or the template says."""
    group = parser.add_argument_group("terms", "as docs/terms.md has them; single options go before FILE and NAME")
    source = group.add_mutually_exclusive_group()
    source.add_argument("--terms", metavar="FILE", help="a JSON file with all of them; - reads standard input")
    source.add_argument("--template", metavar="NAME", help="a template of your organisation")
    group.add_argument("--use", action="append", metavar="USE", help="pretraining, fine_tuning, …; may be repeated")
    group.add_argument("--purpose", action="append", metavar="PURPOSE", help="commercial, research, …")
    group.add_argument("--territory", action="append", metavar="CODE", help="a country code, EU, EEA or WORLD")
    group.add_argument("--from", dest="valid_from", type=day, metavar="DAY")
    group.add_argument("--to", dest="valid_to", type=day, metavar="DAY")
    group.add_argument("--fee", metavar="FEE", help='free, or like "per_work 2.50 EUR" or "flat 1200 EUR per year"')
    group.add_argument("--attribution", action="store_true", help="the author has to be named")
    group.add_argument("--exclusive", action="store_true", help="nobody else gets the same")


def read_terms(options: argparse.Namespace, registry: Registry, base: Json | None = None) -> Json | None:
    """The terms that the options say, over `base`; None where nothing says any. The registry checks them."""
    said: Json | None = dict(base) if base is not None else None
    if options.terms:
        said = _from_file(options.terms)
    elif options.template:
        said = _from_template(options.template, registry)
    single = _single(options)
    if said is None and not single:
        return None
    return (said or {}) | single


def _single(options: argparse.Namespace) -> Json:
    said: Json = {name: getattr(options, option) for option, name in LISTS.items() if getattr(options, option)}
    for name in ("valid_from", "valid_to"):
        if getattr(options, name):
            said[name] = getattr(options, name)
    if options.fee:
        said["fee"] = parse_fee(options.fee)
    for name in ("attribution", "exclusive"):
        if getattr(options, name):
            said[name] = True
    return said


def parse_fee(text: str) -> Json:
    """`free`, or a model, an amount, a currency, and in words what for: "per_work 2.50 EUR per year"."""
    words = text.split()
    if words == [FREE]:
        return {"model": FREE}
    if len(words) < 3:
        raise CommandError(f'--fee {text}: write it as free, or like "per_work 2.50 EUR".')
    model, amount, currency, *per = words
    return {"model": model, "amount": amount, "currency": currency} | ({"per": " ".join(per)} if per else {})


def _from_file(name: str) -> Json:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
        found = json.loads(text)
    except OSError as error:
        raise CommandError(f"{name}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{name}: is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise CommandError(f"{name}: is not a JSON object of terms.")
    return found


def _from_template(name: str, registry: Registry) -> Json:
    """The latest version of a template."""
    versions = [row for row in registry.pages("terms-templates", limit=200) if row["name"] == name]
    if not versions:
        raise CommandError(f"There is no template “{name}”. `colophon terms ls` lists those there are.")
    found: Json = max(versions, key=lambda row: row["version"])["terms"]
    return found


def in_one_line(terms: Json | None) -> str:
    """What terms say, in short: uses, territory, days, price, and what is asked for it."""
    if terms is None:
        return "in words only"
    fee = terms["fee"]
    price = " ".join(str(fee[name]) for name in ("model", "amount", "currency", "per") if fee.get(name)) if fee else ""
    parts = [
        "+".join(terms["uses"]),
        "+".join(terms["purposes"]),
        f"in {'+'.join(terms['territory'])}" if terms["territory"] else "everywhere",
        f"from {terms['valid_from']}" if terms["valid_from"] else "",
        f"to {terms['valid_to']}" if terms["valid_to"] else "",
        price.replace("_", " ") or "fee open",
        *(name for name in ("exclusive", "attribution", "audit") if terms[name]),
    ]
    return ", ".join(part for part in parts if part)
