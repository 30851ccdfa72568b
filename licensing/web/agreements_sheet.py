"""Terms as a sheet that people read: one row a clause, in the reader's language, with what differs marked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.web import agreements_words, words

Terms = Mapping[str, Any]


@dataclass(frozen=True)
class Clause:
    """One row of a sheet. `was` is what stood there in the terms it is compared with, "" where nothing differs."""

    key: str
    label: str
    value: str
    was: str = ""
    narrows: bool = True  # False: nothing was agreed here, so that the row may be folded away

    @property
    def differs(self) -> bool:
        return bool(self.was)


def sheet(terms: Terms, before: Terms | None = None) -> list[Clause]:
    """Every clause of `terms` in a fixed order, compared with `before` where there is one."""
    rows = []
    for key, label, say in _CLAUSES:
        value = say(terms)
        was = say(before) if before else value
        rows.append(Clause(key, str(label), value, "" if was == value else was, _says(key, terms)))
    return rows


def differing(terms: Terms, before: Terms | None) -> list[Clause]:
    """The clauses that are not as they were."""
    return [row for row in sheet(terms, before) if row.differs] if before else []


def fee(terms: Terms | None) -> str:
    """What is paid, in words: "flat fee: EUR 12.50 per year"."""
    given = (terms or {}).get("fee")
    if not given:
        return _("not stated")
    name = words.said(agreements_words.FEES, given["model"])
    price = f"{given['currency']} {given['amount']}" if given.get("amount") else ""
    facts = {"name": name, "price": price, "per": given.get("per") or ""}
    if price and facts["per"]:
        return _("%(name)s: %(price)s %(per)s") % facts
    if price or facts["per"]:
        return _("%(name)s: %(price)s") % {"name": name, "price": price or facts["per"]}
    return name


def _says(key: str, terms: Terms) -> bool:
    if key in ("uses", "purposes", "territory", "days", "fee"):
        return True
    if key == "sublicensing":
        return terms.get(key) not in (None, "none")
    return bool(terms.get(key))


def _listed(vocabulary: Mapping[str, str | Promise], key: str, everything: str | Promise) -> Callable[[Terms], str]:
    def say(terms: Terms) -> str:
        codes: Sequence[str] = terms.get(key) or ()
        return _(", ").join(words.said(dict(vocabulary), code) for code in codes) or str(everything)

    return say


def _territory(terms: Terms) -> str:
    return _(", ").join(words.territory(code) for code in terms.get("territory") or ()) or _("everywhere")


def _days(terms: Terms) -> str:
    first, last = terms.get("valid_from"), terms.get("valid_to")
    if first and last:
        return _("%(first)s to %(last)s, both included") % {"first": first, "last": last}
    if first:
        return _("from %(first)s on, without a last day") % {"first": first}
    return _("until %(last)s, this day included") % {"last": last} if last else _("without a first and a last day")


def _affiliates(terms: Terms) -> str:
    named = terms.get("affiliates") or []
    if named == ["none"]:
        return _("nobody but the licensee")
    return _(", ").join(named) or _("the licensee and every affiliate")


def _names(key: str) -> Callable[[Terms], str]:
    return lambda terms: _(", ").join(terms.get(key) or ()) or _("every one")


def _flag(key: str) -> Callable[[Terms], str]:
    return lambda terms: _("yes") if terms.get(key) else _("no")


def _one(vocabulary: Mapping[str, str | Promise], key: str, unsaid: str | Promise) -> Callable[[Terms], str]:
    return lambda terms: words.said(dict(vocabulary), terms[key]) if terms.get(key) else str(unsaid)


def _limits(terms: Terms) -> str:
    given = terms.get("output_limits") or {}
    parts = []
    if given.get("verbatim_words") is not None:
        parts.append(_("at most %(number)s words in a row") % {"number": given["verbatim_words"]})
    if given.get("note"):
        parts.append(given["note"])
    return "\n".join(parts) or _("none agreed")


def _note(terms: Terms) -> str:
    return str(terms.get("note") or _("nothing else"))


_CLAUSES: tuple[tuple[str, str | Promise, Callable[[Terms], str]], ...] = (
    ("uses", gettext_lazy("Uses"), _listed(words.USES, "uses", gettext_lazy("every one"))),
    ("purposes", gettext_lazy("Purposes"), _listed(words.PURPOSES, "purposes", gettext_lazy("every one"))),
    ("territory", gettext_lazy("Territory"), _territory),
    ("days", gettext_lazy("Term"), _days),
    ("fee", gettext_lazy("Fee"), fee),
    (
        "licensee_kinds",
        gettext_lazy("Kinds of licensee"),
        _listed(agreements_words.LICENSEE_KINDS, "licensee_kinds", gettext_lazy("every one")),
    ),
    ("affiliates", gettext_lazy("Who may use it"), _affiliates),
    ("models", gettext_lazy("Models"), _names("models")),
    ("products", gettext_lazy("Products"), _names("products")),
    ("exclusive", gettext_lazy("Exclusive"), _flag("exclusive")),
    (
        "sublicensing",
        gettext_lazy("May be passed on"),
        _one(agreements_words.SUBLICENSING, "sublicensing", gettext_lazy("to nobody")),
    ),
    ("output_limits", gettext_lazy("Limits of output"), _limits),
    ("attribution", gettext_lazy("Attribution"), _flag("attribution")),
    ("audit", gettext_lazy("Audit"), _flag("audit")),
    (
        "survival",
        gettext_lazy("After the end"),
        _one(agreements_words.SURVIVAL, "survival", gettext_lazy("nothing agreed")),
    ),
    ("note", gettext_lazy("Also agreed"), _note),
)
