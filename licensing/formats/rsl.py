"""RSL 1.0 (Really Simple Licensing): licences of a site or a work as XML; pure.

RSL-SPEC-1.0, recommendation of 6 November 2025, errata up to August 2026. What permits enumerates, what prohibits
excludes; no payment means free. What is read here:

    permits                     permit (free, attribution), else offer; offer wherever a licence server is named
    payment without permits     the same of every use
    prohibits                   a prohibition for each type: of uses, of users, of countries
    a document that departs     its prohibitions alone: whoever cannot obtain a valid one treats the asset as
    from the schema             unlicensed (section 4.3)
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lxml import etree

from licensing.formats.labels import PERMITTING, USES, in_order
from licensing.formats.path_patterns import canonical
from licensing.formats.plain_text import MAX_RULES, bounded
from licensing.formats.policy import Effect, Fault, Policy, Reading, Rule
from licensing.formats.rsl_payment import line_of, named, read_payment, text_of
from licensing.formats.rsl_schema import NAMESPACE, departures
from licensing.formats.rsl_terms import (
    ATTRIBUTION,
    BY_NAME,
    FORMAT,
    OLD_VERSION,
    PURPOSES,
    REPORTING,
    VERSION,
    asks,
)
from licensing.formats.untrusted import is_address, parse_xml, shown
from registry.countries import CODES

COMMA = re.compile(r"\s*,\s*")
VOID = Fault("permissions_void", "", "not conformant: its permissions and offers do not count")
Element = etree._Element


@dataclass(frozen=True)
class Scope:
    """Values of permits or prohibits, one a type; None: the type is not named. Empty: nothing in it was understood."""

    usage: tuple[str, ...] | None = None
    user: tuple[str, ...] | None = None
    geo: tuple[str, ...] | None = None


def read(content: bytes, *, agents: tuple[str, ...] = ()) -> Reading:
    """The policies of a document: one a holder and asset. `agents`: whom the License line that led here is for."""
    root, fault = parse_xml(content)
    if root is None:
        return Reading(FORMAT, "", (), (fault,) if fault else ())
    return read_root(root, agents=agents)


def read_root(root: Element, *, agents: tuple[str, ...] = (), is_embedded: bool = False) -> Reading:
    """The same of a parsed one. Embedded in what it speaks of, it has one content, and no url means that very thing."""
    if root.tag != f"{{{NAMESPACE}}}rsl":
        return Reading(FORMAT, "", (), (_not_rsl(root),))
    faults: list[Fault] = []
    version = _modern(root, faults)
    departed = departures(root)
    contents = list(root.iterchildren(named("content")))
    if is_embedded and len(contents) > 1:
        departed.append(
            Fault("several_contents", line_of(root), "what is embedded has to have one content (section 4)")
        )
    found: dict[Policy, list[Rule]] = {}
    count = 0
    for node in contents:
        head, rules = _content(node, faults)
        count += len(rules)
        if count > MAX_RULES:
            faults.append(Fault("too_many_rules", line_of(node), f"only the first {MAX_RULES} rules are read"))
            break
        if not is_embedded and not (node.get("url") or "").strip():
            rules = _of_unknown_scope(rules, line_of(node), faults)
        kept = _refusing(rules) if departed else rules
        found.setdefault(head, []).extend(replace(rule, agents=agents) for rule in kept)
    if departed:
        departed.append(VOID)
    policies = tuple(replace(head, rules=tuple(rules)) for head, rules in found.items() if rules)
    return Reading(FORMAT, version, policies, bounded([*departed, *faults]))


def _refusing(rules: Iterable[Rule]) -> list[Rule]:
    return [rule for rule in rules if rule.effect not in PERMITTING]


def without_permissions(reading: Reading, fault: Fault) -> Reading:
    """The reading of something that departs from the standard: its prohibitions alone."""
    kept = (replace(policy, rules=tuple(_refusing(policy.rules))) for policy in reading.policies)
    return replace(reading, policies=tuple(one for one in kept if one.rules), faults=(*reading.faults, fault, VOID))


def _of_unknown_scope(rules: list[Rule], place: str, faults: list[Fault]) -> list[Rule]:
    """Without a url a licence is about what led to it (section 4.6.1), which the document does not know: a refusal
    may mean everything here, a permission is not taken for more than it says."""
    if any(rule.effect in PERMITTING for rule in rules):
        faults.append(Fault("scope_open", place, "content without a url: what it permits depends on what led here"))
    return [replace(rule, effect=Effect.UNKNOWN) if rule.effect in PERMITTING else rule for rule in rules]


def _not_rsl(root: Element) -> Fault:
    name = etree.QName(root)
    if name.localname == "rsl":
        return Fault("wrong_namespace", "line 1", f"{shown(name.namespace or 'none')} is not {NAMESPACE}: not read")
    return Fault("not_rsl", "line 1", f"the document is {shown(name.localname)}, not rsl")


def _modern(root: Element, faults: list[Fault]) -> str:
    """Turns what RSL 0.9 wrote otherwise into 1.0, in place, and says so; the version that was written."""
    version = VERSION
    for node in root.iter(named("permits"), named("prohibits"), named("legal")):
        if node.get("type") not in ("contact", "proof") and not len(node) and "," in (node.text or ""):
            node.text = COMMA.sub(" ", node.text or "").strip()
            version = OLD_VERSION
            faults.append(Fault("comma_list", line_of(node), "a list with commas: read as RSL 0.9"))
    for node in root.iter(named("payment")):
        if node.get("type") == "inference":
            node.set("type", "use")
            version = OLD_VERSION
            faults.append(Fault("old_payment", line_of(node), "payment type inference: read as RSL 0.9, now use"))
    return version


# --- content and licences ----------------------------------------------------------------------------------------


def _content(node: Element, faults: list[Fault]) -> tuple[Policy, list[Rule]]:
    """Who speaks of what, without rules, and the rules of all licences in it."""
    url = (node.get("url") or "").strip()
    is_path = not url or url[0] in "/*"
    if not is_path and not is_address(url):
        faults.append(Fault("unknown_address", line_of(node), f"neither a path nor an address: {shown(url)}"))
        return Policy(), []
    licences = list(node.iterchildren(named("license")))
    holder = node.find(named("copyright"))
    terms = _address(node.find(named("terms")), faults)
    server = (node.get("server") or "").strip()
    head = Policy(
        target="" if is_path else url,
        holder=text_of(holder),
        holder_address="" if holder is None else (holder.get("contactUrl") or "").strip(),
        contact=("" if holder is None else (holder.get("contactEmail") or "").strip()) or _contact(licences),
        warranties=_legal(licences, "warranty", faults),
        disclaimers=_legal(licences, "disclaimer", faults),
        server=server,
    )
    rules = [
        replace(rule, path=canonical(url) if is_path else "", policy_address=terms)
        for licence in licences
        for rule in _licence(licence, bool(server), faults)
    ]
    return head, rules


def _address(node: Element | None, faults: list[Fault]) -> str:
    text = text_of(node)
    if text and not is_address(text) and not text.startswith("/"):
        faults.append(Fault("unknown_address", line_of(node) if node is not None else "", f"no address: {shown(text)}"))
        return ""
    return text


def _contact(licences: list[Element]) -> str:
    found = (
        node for licence in licences for node in licence.iterchildren(named("legal")) if node.get("type") == "contact"
    )
    return next((text_of(node) for node in found), "")


def _legal(licences: list[Element], kind: str, faults: list[Fault]) -> tuple[str, ...]:
    """What every licence of the content declares: what one alone does is not said of the others."""
    said = []
    for licence in licences:
        nodes = [node for node in licence.iterchildren(named("legal")) if node.get("type") == kind]
        said.append(dict.fromkeys(word for node in nodes for word in text_of(node).split()))
    shared = tuple(word for word in said[0] if all(word in one for one in said)) if said else ()
    if any(len(one) != len(shared) for one in said):
        faults.append(Fault("legal_differs", line_of(licences[0]), f"licences differ in {kind}: what all say is kept"))
    return shared


def _licence(node: Element, has_server: bool, faults: list[Fault]) -> Iterator[Rule]:
    """The rules of one licence: what it permits or offers, then what it prohibits."""
    words = " ".join(etree.tostring(node, encoding="unicode", with_tail=False).split()).replace(
        f' xmlns="{NAMESPACE}"', ""
    )
    words = words[:2000]
    permits, prohibits = _scope(node, "permits", faults), _scope(node, "prohibits", faults)
    paid = node.find(named("payment"))
    payment = read_payment(paid, faults)
    duties = tuple(
        duty
        for duty, asked in (
            (ATTRIBUTION, paid is not None and paid.get("type") == ATTRIBUTION),
            (REPORTING, node.find(named("reporting")) is not None),
        )
        if asked
    )
    if (permits != Scope() or paid is not None) and () not in (permits.usage, permits.user, permits.geo):
        effect = Effect.OFFER if has_server or asks(payment) else Effect.PERMIT
        yield Rule(
            effect,
            uses=_all(permits.usage, USES),
            purposes=_all(permits.user, PURPOSES),
            territory=permits.geo or (),
            payment=payment,
            duties=duties,
            words=words,
        )
    if () in (prohibits.usage, prohibits.user, prohibits.geo):
        yield Rule(Effect.UNKNOWN, words=words)  # something is prohibited, and nobody knows what
    if prohibits.usage:
        yield Rule(Effect.PROHIBIT, uses=_all(prohibits.usage, USES), words=words)
    if prohibits.user:
        yield Rule(Effect.PROHIBIT, purposes=_all(prohibits.user, PURPOSES), words=words)
    if prohibits.geo:
        yield Rule(Effect.PROHIBIT, territory=prohibits.geo, words=words)
    if permits == prohibits == Scope() and paid is None:
        faults.append(Fault("empty_licence", line_of(node), "a licence that permits, prohibits and asks for nothing"))


def _all(values: tuple[str, ...] | None, every: tuple[str, ...]) -> tuple[str, ...]:
    return () if values is None or set(values) == set(every) else values


def _scope(licence: Element, element: str, faults: list[Fault]) -> Scope:
    """The values of permits or prohibits. Two of one type: of permits what both say, of prohibits what either does."""
    refusing = element == "prohibits"
    found: dict[str, tuple[str, ...]] = {}
    for node in licence.iterchildren(named(element)):
        kind = node.get("type") or ""
        if kind not in ("usage", "user", "geo"):
            faults.append(Fault("unknown_type", line_of(node), f"{element} of type {shown(kind)} is not read"))
            continue
        values = _geo(node, faults) if kind == "geo" else _tokens(node, kind, refusing, faults)
        if kind in found:
            faults.append(
                Fault("duplicate_type", line_of(node), f"{element} of type {kind} stands twice: the stricter counts")
            )
            before = found[kind]
            values = (*before, *values) if refusing else tuple(value for value in before if value in values)
        order = {"usage": USES, "user": PURPOSES}.get(kind, tuple(dict.fromkeys(values)))
        found[kind] = in_order(values, order)
    return Scope(found.get("usage"), found.get("user"), found.get("geo"))


def _tokens(node: Element, kind: str, refusing: bool, faults: list[Fault]) -> tuple[str, ...]:
    values: list[str] = []
    understood: list[str] = []
    for token in text_of(node).split():
        label = BY_NAME[kind].get(token)
        if label is None:
            faults.append(
                Fault("unknown_token", line_of(node), f"{shown(token)} is no {kind} of RSL: it means nothing here")
            )
        else:
            understood.append(token)
            values += label.reach(refusing)
    if understood and not values:
        said = ", ".join(understood)
        faults.append(Fault("nothing_here", line_of(node), f"{said} alone permits no use that has a word here"))
    return tuple(values)


def _geo(node: Element, faults: list[Fault]) -> tuple[str, ...]:
    codes = list(dict.fromkeys(text_of(node).split()))
    for code in codes:
        if code != "EU" and code not in CODES:
            faults.append(
                Fault("unknown_token", line_of(node), f"{shown(code)} is no country code: it means nothing here")
            )
    return tuple(code for code in codes if code == "EU" or code in CODES)
