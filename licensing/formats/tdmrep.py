"""TDMRep: a publisher's file, HTTP headers, HTML pages, EPUB books and PDF documents, read and written; pure.

Source: W3C TDM Reservation Protocol, final community group report of 10 May 2024, which gives no JSON schema. The file
is an array of {location, tdm-reservation, tdm-policy}, and of its rules the first counts whose pattern covers a path.
A header says something of one answer, a page, book or document of itself. The policy that `tdm-policy` points at is
`odrl_policy`'s.

    from        counts less than     said by
    FILE        HEADER               /.well-known/tdmrep.json
    HEADER      HTML                 tdm-reservation: 1
    HTML        EPUB, PDF            <meta name="tdm-reservation" content="1">
    EPUB, PDF                        the metadata of the package document; XMP
"""

import json
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from licensing.formats import tdmrep_documents
from licensing.formats.fitting import fit, fit_frame
from licensing.formats.labels import USES, in_order, lost
from licensing.formats.path_patterns import EVERYWHERE, canonical
from licensing.formats.plain_text import MAX_RULES, bounded, decode
from licensing.formats.policy import Effect, Fault, Policy, Reading, Rule, Written
from licensing.formats.tdmrep_values import (
    FORMAT,
    MINING,
    NAME,
    POLICY,
    RESERVATION,
    VERSION,
    covers,
    find_rule,
    read_policy,
    read_value,
    read_values,
    resolve,
    say_value,
    sayable,
)
from licensing.formats.untrusted import REPEATED, parse_json, shown, source

__all__ = ["ADDRESS", "FORMAT", "VERSION", "Carrier", "find_rule", "read", "read_headers", "resolve", "write"]

ADDRESS = "/.well-known/tdmrep.json"
LOCATION = "location"
KNOWN = (LOCATION, RESERVATION, POLICY)


class Carrier(StrEnum):
    """What holds the statement, least weighty first; EPUB and PDF weigh the same."""

    FILE = "file"
    HEADER = "header"
    HTML = "html"
    EPUB = "epub"
    PDF = "pdf"


def read(content: bytes, carrier: Carrier | str = Carrier.FILE, *, address: str = "") -> Reading:
    """What some bytes say. `address` is where they were read, against which a relative policy is resolved.

    HEADER takes lines of `name: value`, EPUB a book or its package document, PDF a document or its XMP packet.
    """
    carrier = Carrier(carrier)
    faults: list[Fault] = []
    if carrier is Carrier.FILE:
        policies = _read_file(content, address, faults)
    elif carrier is Carrier.HEADER:
        text, faults = decode(content)
        lines = (line.partition(":") for line in text.splitlines())
        return read_headers(((name, value) for name, sign, value in lines if sign), address=address, faults=faults)
    else:
        found = {
            Carrier.HTML: tdmrep_documents.read_html,
            Carrier.EPUB: tdmrep_documents.read_epub,
            Carrier.PDF: tdmrep_documents.read_pdf,
        }[carrier](content, faults)
        policies = _whole(read_values(*found, carrier.value, faults, address))
    return Reading(FORMAT, VERSION, policies, bounded(faults))


def read_headers(
    headers: Iterable[tuple[str, str] | Sequence[str]], *, address: str = "", faults: Sequence[Fault] = ()
) -> Reading:
    """What the headers of one answer say, given as (name, value); names in any case."""
    pairs = [(str(name).strip().lower(), str(value).strip()) for name, value in headers]
    all_faults = list(faults)
    rule = read_values(
        [value for name, value in pairs if name == RESERVATION],
        [value for name, value in pairs if name == POLICY],
        "header",
        all_faults,
        address,
    )
    return Reading(FORMAT, VERSION, _whole(rule), bounded(all_faults))


def _whole(rule: Rule | None) -> tuple[Policy, ...]:
    return (Policy((rule,)),) if rule else ()


def _read_file(content: bytes, address: str, faults: list[Fault]) -> tuple[Policy, ...]:
    value, fault = parse_json(content)
    if fault:
        faults.append(fault)
        return ()
    if not isinstance(value, list):
        faults.append(Fault("not_an_array", "", f"the file has to be an array of rules: {shown(value)}"))
        return ()
    rules = []
    for number, entry in enumerate(value):
        if number >= MAX_RULES:
            faults.append(Fault("too_many_rules", f"/{number}", f"only the first {MAX_RULES} rules are read"))
            break
        rule = _read_entry(entry, f"/{number}", address, faults)
        if rule:
            rules.append(rule)
    return (Policy(tuple(rules)),) if rules else ()


def _read_entry(entry: Any, place: str, address: str, faults: list[Fault]) -> Rule | None:
    """The rule of one object. One that is not understood stays, so that no later rule speaks in its place."""
    if not isinstance(entry, dict):
        faults.append(Fault("not_an_object", place, f"a rule has to be an object: {shown(entry)}"))
        return None
    for name in sorted(entry.keys() - {*KNOWN}):
        faults.append(Fault("name_unknown", f"{place}/{shown(name)}", "no property of a rule"))
    location = entry.get(LOCATION)
    if not isinstance(location, str) or not location.startswith(("/", "*")) or not location.isprintable():
        cause = "missing" if LOCATION not in entry else f"no pattern over paths, so it covers none: {shown(location)}"
        faults.append(Fault("location_unknown", f"{place}/{LOCATION}", cause))
        return None
    policy = read_policy([entry[POLICY]], f"{place}/{POLICY}", faults, address) if POLICY in entry else ""
    value = entry.get(RESERVATION, REPEATED)
    if RESERVATION not in entry:
        faults.append(Fault("reservation_missing", place, "the rule says neither 0 nor 1, so nothing is said"))
        return Rule(Effect.UNKNOWN, path=canonical(location), policy_address=policy, words=source(entry))
    return read_value(value, policy, f"{place}/{RESERVATION}", faults, path=canonical(location), words=source(entry))


def write(
    policy: Policy, carrier: Carrier | str = Carrier.FILE, *, address: str = "", epub_version: str = "3.0"
) -> Written:
    """The policy for one carrier. All but FILE speak of one resource: that at `address`, else of everything.

    EPUB is written as a package document that holds nothing else, PDF as an XMP packet: both are to be merged into
    what is there. Nothing to say is an empty array, or no bytes.
    """
    carrier = Carrier(carrier)
    loss = fit_frame(policy, NAME, ())
    entries = _entries(policy, loss)
    if carrier is Carrier.FILE:
        content = json.dumps([_entry(*one) for one in entries], indent=2, ensure_ascii=False) + "\n"
        return Written(content.encode(), "application/json", "tdmrep.json", tuple(loss))
    value, policy_address = _one(entries, address, loss)
    if carrier is Carrier.HEADER:
        lines = [(RESERVATION, "" if value is None else str(value)), (POLICY, policy_address)]
        text = "".join(f"{name}: {said}\r\n" for name, said in lines if said)
        return Written(text.encode(), "text/plain; charset=utf-8", "headers.txt", tuple(loss))
    if value is None:
        return Written(b"", "", "", tuple(loss))
    if carrier is Carrier.HTML:
        content, kind, name = tdmrep_documents.write_html(value, policy_address), "text/html", "meta.html"
    elif carrier is Carrier.EPUB:
        content = tdmrep_documents.write_epub(value, policy_address, epub_version)
        kind, name = "application/oebps-package+xml", "package.opf"
    else:
        content, kind, name = tdmrep_documents.write_xmp(value, policy_address), "application/rdf+xml", "tdm.xmp"
    return Written(content.encode(), kind, name, tuple(loss))


Entry = tuple[str, int, str, list[int]]  # pattern ("" is everywhere), reservation, policy, numbers of the rules


def _entry(path: str, value: int, policy_address: str, _numbers: list[int]) -> dict[str, Any]:
    entry: dict[str, Any] = {LOCATION: path or "/", RESERVATION: value}
    return entry | {POLICY: policy_address} if policy_address else entry


def _entries(policy: Policy, loss: list[str]) -> list[Entry]:
    """The rules as entries: a pattern once, refusals in front of what would hide them, offers with reservations."""
    groups: dict[str, list[tuple[int, str, int]]] = {}
    offers: list[tuple[int, Rule]] = []
    for number, rule in enumerate(policy.rules):
        if rule.effect == Effect.OFFER:
            offers.append((number, rule))
            continue
        value, lost_of_rule = say_value(rule, number)
        loss += lost_of_rule
        if value is None:
            continue
        path = canonical(rule.path)
        if path and not (path.startswith(("/", "*")) and path.isprintable()):
            loss.append(lost(number, "path", "no pattern over paths of a server: left out"))
            continue
        policy_address = sayable(rule, number, loss) if value else ""
        groups.setdefault(path, []).append((value, policy_address, number))
    entries: list[Entry] = []
    allowing: list[str] = []  # patterns that are not reserved: few, where there are many works
    for path, same in groups.items():
        entry = _merged(path, same, loss)
        hiding = next((other for other in allowing if covers(other, path)), None) if entry[1] else None
        _place(entries, entry, hiding, loss)
        allowing += [] if entry[1] else [path]
    if offers:
        _name_offers(entries, offers, loss)
    return entries


def _merged(path: str, same: list[tuple[int, str, int]], loss: list[str]) -> Entry:
    """Of several rules for one pattern the refusal, with the first policy that any of them names."""
    value = max(said for said, _, _ in same)
    policy_address = next((address for said, address, _ in same if address), "")
    for said, address, number in same:
        if said != value:
            loss.append(lost(number, "effect", f"another rule reserves {path or '/'}: that is said"))
        elif address != policy_address:
            loss.append(lost(number, "policy_address", f"the pattern has one policy: {policy_address} is said"))
    return (path, value, policy_address, [number for said, _, number in same if said == value])


def _place(entries: list[Entry], new: Entry, hiding: str | None, loss: list[str]) -> None:
    """Add an entry, in front of the one that would hide it."""
    if hiding is None:
        entries.append(new)
        return
    cause = f"put in front of {hiding or '/'}, which would hide it"
    loss += [lost(number, "path", cause) for number in new[3]]
    entries.insert(next(index for index, entry in enumerate(entries) if entry[0] == hiding), new)


def _name_offers(entries: list[Entry], offers: list[tuple[int, Rule]], loss: list[str]) -> None:
    """Put offers' addresses beside the reservations they are about: TDMRep knows no offer without one."""
    by_path = {path: index for index, (path, value, _, _) in enumerate(entries) if value}
    for number, offer in offers:
        _, lost_of_rule = fit(offer, number, NAME, {"path"})  # offers are always said
        loss += lost_of_rule
        path, terms = canonical(offer.path), sayable(offer, number, loss)
        indices = [by_path[path]] if path and path in by_path else [] if path else list(by_path.values())
        named = [index for index in indices if terms and entries[index][2] in ("", terms)]
        for index in named:
            other, value, policy_address, reserving = entries[index]
            entries[index] = (other, value, terms, reserving)
            if not policy_address:
                cause = "the offer's terms are named as its policy"
                loss += [lost(one, "policy_address", cause) for one in reserving]
        places = [entries[index][0] or "/" for index in named]
        if named and (path or "/") not in places:  # elsewhere another policy is named
            loss.append(lost(number, "path", f"named for {', '.join(places)} only"))
        unsaid = in_order(set(offer.uses or USES) - set(MINING.reach(True)))
        if named and unsaid:
            loss.append(
                lost(number, "uses", f"the reservation whose policy it is does not speak of {', '.join(unsaid)}")
            )
        cause = "named as the policy of the reservation" if named else "no offer without a reservation: left out"
        loss.append(lost(number, "effect", cause))


def _one(entries: list[Entry], address: str, loss: list[str]) -> tuple[int | None, str]:
    """What is said of the resource at an address, or of everything; rules for other places are lost."""
    if address:
        rules = tuple(
            Rule(Effect.RESERVE if value else Effect.PREFER_ALLOW, path=path) for path, value, _, _ in entries
        )
        rule = find_rule(Policy(rules), address)
        chosen = entries[rules.index(rule)] if rule else None
    else:
        chosen = next((entry for entry in entries if entry[0] in EVERYWHERE), None)
    loss += [
        f"/rules: what is said of {path or '/'} has no place here"
        for path, *_ in entries
        if (chosen and path != chosen[0]) or not chosen
    ]
    return (chosen[1], chosen[2]) if chosen else (None, "")
