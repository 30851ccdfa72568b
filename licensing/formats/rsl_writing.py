"""A policy as an RSL 1.0 document; pure.

One licence a rule, one content a path and address of terms. Prohibitions say one thing each in RSL: of uses, or of
users, or of countries; one that is narrowed by two of them is said by the first alone, that is wider.
"""

from collections.abc import Sequence
from dataclasses import replace

from lxml import etree

from licensing.formats.fitting import fit, fit_frame
from licensing.formats.labels import REFUSING, USES, Said, lost, say
from licensing.formats.policy import Effect, Payment, Policy, Rule, Written
from licensing.formats.rsl_schema import NAMESPACE
from licensing.formats.rsl_terms import (
    ATTRIBUTION,
    DISCLAIMERS,
    EEA,
    EEA_ALONE,
    FILE_NAME,
    MEDIA_TYPE,
    MODELS,
    PURPOSES,
    USAGE,
    USER,
    WARRANTIES,
    asks,
)
from licensing.formats.untrusted import is_address
from registry.countries import CODES

NAME = "RSL"
CAN = ("purposes", "territory", "path", "payment")
FRAME = ("target", "holder", "holder_address", "contact", "warranties", "disclaimers", "server")
Scopes = list[tuple[str, str]]  # type and tokens


def write(policies: Policy | Sequence[Policy]) -> Written:
    """The document; no bytes where nothing can be said. Of several policies `loss` begins with the number of each."""
    several = not isinstance(policies, Policy)
    root = etree.Element(f"{{{NAMESPACE}}}rsl", nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    loss: list[str] = []
    for number, policy in enumerate(policies if not isinstance(policies, Policy) else (policies,)):
        missing: list[str] = []
        _contents(root, policy, missing)
        loss += [f"/{number}{one}" if several else one for one in missing]
    if not len(root):
        return Written(b"", MEDIA_TYPE, FILE_NAME, tuple(loss))
    etree.indent(root)
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"
    return Written(content, MEDIA_TYPE, FILE_NAME, tuple(loss))


def _contents(root: etree._Element, policy: Policy, loss: list[str]) -> None:
    policy = _plain(policy, loss)
    loss += fit_frame(policy, NAME, FRAME)
    if policy.target and any(rule.path for rule in policy.rules):
        loss.append("/target: a rule with a path is said of the path alone")
    contents: dict[tuple[str, str], etree._Element] = {}
    for number, rule in enumerate(policy.rules):
        parts = _parts(rule, number, bool(policy.server), loss)
        if parts is None:
            continue
        url = rule.path or policy.target or "/"
        node = contents.get((url, rule.policy_address))
        if node is None:
            node = contents[url, rule.policy_address] = _sub(root, "content", url=url, server=policy.server)
        _licence(node, rule, parts, policy)
    for (_url, terms), node in contents.items():
        if policy.holder or policy.holder_address or "@" in policy.contact:
            email = policy.contact if _is_email(policy.contact) else ""
            _sub(node, "copyright", policy.holder, contactEmail=email, contactUrl=policy.holder_address)
        if terms:
            _sub(node, "terms", terms)


def _sub(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    node = etree.SubElement(
        parent, f"{{{NAMESPACE}}}{name}", {key: value for key, value in attributes.items() if value}
    )
    if text:
        node.text = text
    return node


def _is_email(contact: str) -> bool:
    return "@" in contact and not contact.startswith(("http:", "https:", "mailto:"))


def _plain(policy: Policy, loss: list[str]) -> Policy:
    """The policy without what XML cannot hold, or what is no address where one has to stand."""
    changes: dict[str, object] = {}
    for name in ("holder", "contact"):
        text = " ".join("".join(sign if sign.isprintable() else " " for sign in getattr(policy, name)).split())
        if text != getattr(policy, name):
            loss.append(f"/{name}: spaces and signs that a line cannot hold are lost")
            changes[name] = text
    for name in ("holder_address", "server", "target"):
        if getattr(policy, name) and not is_address(getattr(policy, name)):
            loss.append(f"/{name}: this is no address and left out")
            changes[name] = ""
    for name, known in (("warranties", WARRANTIES), ("disclaimers", DISCLAIMERS)):
        kept = tuple(dict.fromkeys(word for word in getattr(policy, name) if word in known))
        if kept != tuple(getattr(policy, name)):
            loss.append(f"/{name}: only words of RSL are said, once each: {', '.join(known)}")
            changes[name] = kept
    return replace(policy, **changes)  # type: ignore[arg-type]


# --- one licence -------------------------------------------------------------------------------------------------


def _parts(rule: Rule, number: int, has_server: bool, loss: list[str]) -> tuple[str, Scopes, Payment | None] | None:
    """Element, scopes and payment of a rule; None where it is left out."""
    if rule.path and (rule.path[0] not in "/*" or not rule.path.isprintable() or " " in rule.path):
        loss.append(lost(number, "path", "no path that RSL can hold: the rule is left out"))
        return None
    if rule.policy_address and not is_address(rule.policy_address):
        loss.append(lost(number, "policy_address", "no address that RSL can hold: the rule is left out"))
        return None
    if rule.effect == Effect.PREFER_ALLOW:
        loss.append(lost(number, "effect", "a preference is no licence: left out"))
        return None
    can = (*CAN, "duties") if not set(rule.duties) - {ATTRIBUTION} and rule.effect not in REFUSING else CAN
    is_said, missing = fit(rule, number, NAME, can if rule.effect not in REFUSING else CAN[:3])
    loss += missing
    if not is_said:
        return None
    if rule.effect in REFUSING:
        if rule.effect != Effect.PROHIBIT:
            loss.append(lost(number, "effect", f"{rule.effect} becomes a prohibition"))
        return "prohibits", _refused(rule, number, loss), None
    scopes = _permitted(rule, number, loss)
    is_sayable, payment = _payment(rule, number, has_server, loss)
    return ("permits", scopes, payment) if is_sayable and scopes is not None else None


def _refused(rule: Rule, number: int, loss: list[str]) -> Scopes:
    """The first of uses, users and countries that the prohibition is narrowed by; none: everything."""
    codes = _codes(rule, number, loss)
    narrowed = [
        name for name, given in (("uses", rule.uses), ("purposes", rule.purposes), ("territory", codes)) if given
    ]
    for name in narrowed[1:]:
        loss.append(lost(number, name, "a prohibition says one thing in RSL; the refusal is said of all"))
    first = narrowed[0] if narrowed else "uses"
    if first == "territory":
        return [("geo", " ".join(codes))]
    kind, labels, every = ("usage", USAGE, USES) if first == "uses" else ("user", USER, PURPOSES)
    tokens = _say(say(getattr(rule, first) or every, labels, refusing=True), number, first, loss)
    if tokens:
        return [(kind, tokens)]
    loss.append(lost(number, first, "none of it has a word in RSL; everything is refused"))
    return [("usage", "all")]


def _permitted(rule: Rule, number: int, loss: list[str]) -> Scopes | None:
    scopes: Scopes = []
    for kind, name, labels, every in (("usage", "uses", USAGE, USES), ("user", "purposes", USER, PURPOSES)):
        given = getattr(rule, name)
        if not given and kind == "user":
            continue
        tokens = _say(say(given or every, labels, refusing=False), number, name, loss)
        if not tokens:
            loss.append(lost(number, name, "none of it has a word in RSL: the rule is left out"))
            return None
        scopes.append((kind, tokens))
    codes = _codes(rule, number, loss)
    if rule.territory and "WORLD" not in rule.territory and not codes:
        return None
    return [*scopes, ("geo", " ".join(codes))] if codes else scopes


def _say(said: Said, number: int, name: str, loss: list[str]) -> str:
    """The tokens of some values; ai-index goes with ai-input, for grounding needs an index."""
    if said.unsaid:
        loss.append(lost(number, name, f"{NAME} has no word for {', '.join(said.unsaid)}: not said"))
    if said.besides:
        loss.append(lost(number, name, f"{NAME} says them together with {', '.join(said.besides)}"))
    if said.doubtful:
        loss.append(lost(number, name, f"some read {', '.join(said.doubtful)} into it, which are not meant"))
    more = ["ai-index"] if "ai-input" in said.labels and "ai-index" not in said.labels else []
    return " ".join([*said.labels, *more])


def _codes(rule: Rule, number: int, loss: list[str]) -> tuple[str, ...]:
    if "WORLD" in rule.territory:
        loss += [lost(number, "territory", "the whole world is said by naming none")]
        return ()
    codes: list[str] = []
    for code in rule.territory:
        if code == EEA:
            loss.append(lost(number, "territory", f"EEA is written as EU {' '.join(EEA_ALONE)}"))
            codes += ["EU", *EEA_ALONE]
        elif code == "EU" or code in CODES:
            codes.append(code)
        else:
            loss.append(lost(number, "territory", f"{NAME} has no code for {code!r}"))
    kept = tuple(dict.fromkeys(codes))
    if len(kept) != len(codes):
        loss.append(lost(number, "territory", "a country is named once"))
    return kept


def _payment(rule: Rule, number: int, has_server: bool, loss: list[str]) -> tuple[bool, Payment | None]:
    """Whether the rule can be said without becoming a looser one, and what is asked for."""
    payment = rule.payment
    if rule.effect == Effect.PERMIT and has_server:
        loss.append(
            lost(number, "effect", "where a licence server is named, what is permitted is to be asked for there")
        )
    if payment == Payment(ATTRIBUTION):
        loss.append(lost(number, "payment", "attribution alone is a duty, and no payment"))
    if payment is None and ATTRIBUTION in rule.duties:
        payment = Payment(ATTRIBUTION)
    cleaned = _clean(payment, number, loss) if payment is not None else None
    if rule.effect == Effect.PERMIT:
        if asks(payment) and not asks(cleaned):
            loss.append(lost(number, "payment", "without it the licence would be free: the rule is left out"))
            return False, None
        if asks(cleaned):
            loss.append(lost(number, "effect", "what is to be paid for is an offer in RSL"))
    elif not asks(cleaned) and not has_server:
        if not is_address(rule.policy_address):
            loss.append(lost(number, "payment", "an offer that asks for nothing would read as free: left out"))
            return False, None
        loss.append(lost(number, "payment", "the address of the terms is said to be where the licence is asked for"))
        cleaned = replace(cleaned or Payment(""), model="", custom=rule.policy_address)
    if (cleaned is not None and cleaned.model == ATTRIBUTION) != (ATTRIBUTION in rule.duties):
        loss.append(lost(number, "duties", "attribution is a payment in RSL, and no duty beside another payment"))
    return True, cleaned


def _clean(payment: Payment, number: int, loss: list[str]) -> Payment:
    """Without an amount that has no currency, and without what is no address."""
    changes: dict[str, str] = {}
    if payment.model not in (*MODELS, ""):
        loss.append(lost(number, "payment", f"{NAME} has no payment type {payment.model!r}"))
        changes["model"] = ""
    is_number = payment.amount.replace(".", "", 1).isascii() and payment.amount.replace(".", "", 1).isdigit()
    is_currency = len(payment.currency) == 3 and payment.currency.isascii() and payment.currency.isupper()
    if (payment.amount or payment.currency) and not (is_number and is_currency and payment.currency.isalpha()):
        loss.append(lost(number, "payment", "an amount needs digits and a currency of three letters: left out"))
        changes |= {"amount": "", "currency": ""}
    for name in ("address", "custom"):
        if getattr(payment, name) and not is_address(getattr(payment, name)):
            loss.append(lost(number, "payment", f"no address, left out: {name}"))
            changes[name] = ""
    if payment.accepts and not (payment.accepts.isascii() and payment.accepts.isprintable()):
        loss.append(lost(number, "payment", "no media type, left out: accepts"))
        changes["accepts"] = ""
    return replace(payment, **changes)


def _licence(content: etree._Element, rule: Rule, parts: tuple[str, Scopes, Payment | None], policy: Policy) -> None:
    element, scopes, payment = parts
    node = _sub(content, "license")
    for kind, tokens in scopes:
        _sub(node, element, tokens, type=kind)
    if payment is not None:
        paid = _sub(node, "payment", type=payment.model)
        for name, text in (("standard", payment.address), ("custom", payment.custom)):
            if text:
                _sub(paid, name, text)
        if payment.amount:
            _sub(paid, "amount", payment.amount, currency=payment.currency)
        if payment.accepts:
            _sub(paid, "accepts", type=payment.accepts)
    if policy.contact and not _is_email(policy.contact):
        _sub(node, "legal", policy.contact, type="contact")
    for kind, words in (("warranty", policy.warranties), ("disclaimer", policy.disclaimers)):
        if words:
            _sub(node, "legal", " ".join(words), type=kind)
