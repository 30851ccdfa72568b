"""Policies as ODRL 2.2 in JSON-LD, and the policy document that TDMRep points at; `read` is odrl_reading's; pure.

Rules come from `odrl.policy`, which the twins of public statements are made of, and are given what a statement has not:
duties, payment, paths, crawlers. The names are those of the ODRL context, so that agents which know no JSON-LD find
them too. A wish that allows is no permission and stands in no policy.
"""

import hashlib
import json
import re
from datetime import date
from typing import Any

from licensing.formats import odrl
from licensing.formats.fitting import SILENT, fit_frame
from licensing.formats.json_ld import ODRL_CONTEXTS, VCARD
from licensing.formats.labels import REFUSING, TRAINING, USES, in_order, lost
from licensing.formats.odrl_reading import FORMAT, VERSION, read
from licensing.formats.odrl_rules import AMOUNT, DUTIES, PAYMENT_FIELDS, PURPOSES, TERRITORY
from licensing.formats.path_patterns import canonical
from licensing.formats.policy import Effect, Payment, Policy, Rule, Written
from licensing.formats.tdmrep_values import MINING
from licensing.formats.untrusted import is_address

__all__ = ["FORMAT", "MEDIA_TYPE", "VERSION", "read", "write", "write_offer"]

Json = dict[str, Any]
NAME = "ODRL"
MEDIA_TYPE = "application/ld+json"
CONTEXT = [
    ODRL_CONTEXTS[0],
    {name: address for name, address in odrl.CONTEXT.items() if name != "odrl"} | {"vcard": VCARD},
]
FRAME = frozenset({"target", "holder", "holder_address", "contact"})
ACTIONS = {
    **{token: f"odrl:{address.rpartition('/')[2]}" for token, address in DUTIES.items()},
    "share_alike": "cc:ShareAlike",
}
EMAIL = re.compile(r"[^\s@:/<>]+@[^\s@:/<>]+")
WORD = re.compile(r"[a-z][a-z0-9_-]*")
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:\S+")
BARE = ("action", "leftOperand", "operator", "target", "unit")  # what the ODRL context reads as an address
NOT_RESEARCH = tuple(purpose for purpose in PURPOSES if purpose != "research")


def write(policy: Policy, *, uid: str = "") -> Written:
    """The policy as a Set of what is prohibited and permitted and an Offer of what can be had, one or both.

    `uid` is the address at which it will stand; without one it is named by the hash of what it says.
    """
    loss = fit_frame(policy, NAME, FRAME)
    said: dict[str, list[Json]] = {"permission": [], "prohibition": [], "offer": []}
    for number, rule in enumerate(policy.rules):
        _add(said, rule, number, policy.target, loss)
    party = _party(policy, loss)
    rules = {name: said[name] for name in ("permission", "prohibition") if said[name]}
    is_both = bool(rules and said["offer"])
    found = [_named({"@type": "Set"} | party | rules, f"{uid}#set" if is_both and uid else uid)] if rules else []
    if said["offer"]:
        found.append(_offer(party, said["offer"], f"{uid}#offer" if is_both and uid else uid))
    if not found:
        return Written(b"", "", "", tuple(loss))
    return Written(_text({"@graph": found} if is_both else found[0]), MEDIA_TYPE, "policy.json", tuple(loss))


def write_offer(policy: Policy, *, uid: str = "") -> Written:
    """TDMRep's policy document: an Offer of what can be had, and of nothing else. Nothing to offer is no bytes."""
    loss = fit_frame(policy, "TDMRep's policy", FRAME)
    said: dict[str, list[Json]] = {"permission": [], "prohibition": [], "offer": []}
    for number, rule in enumerate(policy.rules):
        if rule.effect == Effect.OFFER:
            _add(said, rule, number, policy.target, loss)
        else:
            loss.append(lost(number, "effect", "TDMRep's policy holds offers only; this is said elsewhere"))
    if not said["offer"]:
        return Written(b"", "", "", tuple(loss))
    party = _party(policy, loss)
    if not party:
        loss.append("/holder: TDMRep's policy asks who offers, and nobody is named")
    return Written(_text(_offer(party, said["offer"], uid)), MEDIA_TYPE, "tdm-policy.json", tuple(loss))


def _offer(party: Json, permissions: list[Json], uid: str) -> Json:
    return _named({"@type": "Offer", "profile": odrl.TDM_PROFILE} | party | {"permission": permissions}, uid)


def _text(document: Json) -> bytes:
    return (json.dumps({"@context": CONTEXT} | document, indent=2, ensure_ascii=False) + "\n").encode()


def _named(policy: Json, uid: str) -> Json:
    if not uid:
        uid = "urn:sha256:" + hashlib.sha256(json.dumps(policy, sort_keys=True).encode()).hexdigest()
    return {"uid": uid} | policy


def _party(policy: Policy, loss: list[str]) -> Json:
    party: Json = {}
    if policy.holder_address:
        party["uid"] = policy.holder_address
    if policy.holder:
        party["vcard:fn"] = policy.holder
    contact = policy.contact
    if EMAIL.fullmatch(contact):
        party["vcard:hasEmail"] = f"mailto:{contact}"
    elif contact:
        kind = "hasURL" if is_address(contact) else "hasTelephone" if contact.startswith("tel:") else "note"
        party[f"vcard:{kind}"] = contact
        if contact.startswith("mailto:"):
            loss.append("/contact: read back without mailto:")
    return {"assigner": party} if party else {}


def _add(said: dict[str, list[Json]], rule: Rule, number: int, target: str, loss: list[str]) -> None:
    """Write one rule where it belongs, or say why not."""
    if rule.effect in SILENT or rule.effect == Effect.PREFER_ALLOW:
        why = "a wish that allows is no permission" if rule.effect == Effect.PREFER_ALLOW else "nothing for machines"
        loss.append(lost(number, "effect", f"{why}: left out"))
        return
    refusing = rule.effect in REFUSING
    if refusing and (rule.payment or rule.duties):
        loss.append(lost(number, "payment" if rule.payment else "duties", "a prohibition asks for nothing in return"))
        if rule.payment and rule.duties:
            loss.append(lost(number, "duties", "a prohibition asks for nothing in return"))
    odd = _odd_fields(rule)
    for field in odd:
        cause = "said without it" if refusing else "left out, for without it this would allow more"
        loss.append(lost(number, field, f"cannot be written as it stands: {cause}"))
    if odd and not refusing:
        return
    rules = _rules(rule, number, target, frozenset(odd), loss)
    if refusing:
        for one in rules:
            one["colophon:effect"] = rule.effect.value
        said["prohibition"] += rules
    else:
        duties = _duties(rule, number, loss)
        said["offer" if rule.effect == Effect.OFFER else "permission"] += [one | duties for one in rules]


def _odd_fields(rule: Rule) -> list[str]:
    """Fields whose values are not of their kind, so that no reader would understand them."""
    payment = rule.payment or Payment()
    has_amount = bool(payment.amount or payment.currency)
    is_plain = bool(AMOUNT.fullmatch(payment.amount) and re.fullmatch("[A-Z]{3}", payment.currency))
    fits = {
        "uses": set(rule.uses) <= set(USES),
        "purposes": set(rule.purposes) <= set(PURPOSES),
        "territory": all(TERRITORY.fullmatch(code) for code in rule.territory),
        "valid_from": not rule.valid_from or _is_day(rule.valid_from),
        "valid_to": not rule.valid_to or _is_day(rule.valid_to),
        "path": not canonical(rule.path) or rule.path.startswith(("/", "*")),
        "agents": all(agent and ":" not in agent for agent in rule.agents),
        "payment": is_plain or not has_amount,
        "duties": all(WORD.fullmatch(duty) or ADDRESS.fullmatch(duty) for duty in rule.duties),
    }
    return [name for name, fit in fits.items() if not fit]


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _rules(rule: Rule, number: int, target: str, without: frozenset[str], loss: list[str]) -> list[Json]:
    """The rule as `odrl.policy` says statements, a rule for each action that its uses need."""
    refusing = rule.effect in REFUSING
    uses = in_order(set(rule.uses or USES) & set(USES))
    plain = in_order(set(MINING.reach(refusing)) if refusing else set(TRAINING))
    purposes = () if "purposes" in without or set(rule.purposes) == set(PURPOSES) else tuple(rule.purposes)
    tdm_word = {("research",): "tdm:research", NOT_RESEARCH: "tdm:non-research"}.get(in_order(purposes, PURPOSES), "")
    about, lost_rules = odrl.policy(
        odrl.Statement(
            kind="reservation" if refusing else "offer",
            uid=f"/rules/{number}",
            target=target,
            asserted_by="",
            uses=() if uses == plain else uses,
            purposes=() if tdm_word else purposes,
            territory=() if "territory" in without else rule.territory,
            valid_from="" if "valid_from" in without else rule.valid_from,
            valid_to="" if "valid_to" in without else rule.valid_to,
        )
    )
    loss += lost_rules
    more = [_constraint("purpose", "eq", tdm_word)] if tdm_word else []
    if canonical(rule.path) and "path" not in without:
        more.append(_constraint("colophon:path", "eq", rule.path))
        loss.append(f"/rules/{number}: paths are a constraint of ours, which others do not understand")
    if rule.agents and "agents" not in without:
        more.append(_constraint("colophon:agent", "isAnyOf", {"@list": list(rule.agents)}))
        loss.append(f"/rules/{number}: crawlers are a constraint of ours, which others do not understand")
    return [
        _whole(_compact(one), rule, more, number, loss)
        for one in about["odrl:prohibition" if refusing else "odrl:permission"]
    ]


def _constraint(left: str, operator: str, right: Any) -> Json:
    return {"leftOperand": left, "operator": operator, "rightOperand": right}


def _whole(made: Json, rule: Rule, more: list[Json], number: int, loss: list[str]) -> Json:
    """The rule of a statement, with the rest of what a rule says; its duties are put in by the caller."""
    made.pop("duty", None)
    if made.get("target") == "":
        del made["target"]
    if more:
        made["constraint"] = [*made.get("constraint", []), *more]
    if rule.policy_address:
        if is_address(rule.policy_address):
            made["dct:source"] = {"@id": rule.policy_address}
        else:
            loss.append(lost(number, "policy_address", "no http or https address: left out"))
    if not rule.machine_readable:
        made["colophon:machineReadable"] = False
        loss.append(f"/rules/{number}: that it was said in words is a term of ours, unknown to ODRL")
    return made


def _duties(rule: Rule, number: int, loss: list[str]) -> Json:
    """What is asked for. An offer that asks for nothing would be a gift to other readers: its holder is to be asked."""
    duties: list[Json] = [
        {"action": ACTIONS.get(duty) or (duty if ":" in duty else f"colophon:duty:{duty}")} for duty in rule.duties
    ]
    payment = rule.payment
    found: Json = {}
    if payment:
        said = {f"colophon:{name}": value for name in PAYMENT_FIELDS if (value := getattr(payment, name))}
        if payment == Payment():
            found["colophon:payment"] = said
        else:
            duties.append({"action": _action_of(payment), "colophon:payment": said or {"colophon:model": ""}})
        loss.append(f"/rules/{number}: how payment is counted is a term of ours; ODRL knows amount and currency")
    elif rule.effect == Effect.OFFER and not {"consent", "compensation"} & set(rule.duties):
        duties.append({"action": ACTIONS["consent"]})
        loss.append(lost(number, "duties", "the offer names no terms: consent is to be obtained"))
    return found | ({"duty": [_compact(one) for one in duties]} if duties else {})


def _action_of(payment: Payment) -> Any:
    """Attribution where that is all, else compensation, with its amount where there is one."""
    if payment.model == "attribution" and not payment.amount:
        return ACTIONS["attribution"]
    if not payment.amount:
        return ACTIONS["compensation"]
    amount = _constraint("payAmount", "eq", {"@type": "xsd:decimal", "@value": payment.amount})
    refined = amount | {"unit": f"urn:iso:std:iso:4217:{payment.currency}"}
    return [{"rdf:value": {"@id": ACTIONS["compensation"]}, "refinement": [refined]}]


def _compact(value: Any, name: str = "") -> Any:
    """The same in the names of the ODRL context: without the prefix, and addresses as text where it allows that."""
    if isinstance(value, list):
        return [_compact(one, name) for one in value]
    if not isinstance(value, dict):
        return value.removeprefix("odrl:") if isinstance(value, str) and name in (*BARE, "@type") else value
    if set(value) == {"@id"} and name in BARE:
        return value["@id"].removeprefix("odrl:")
    found = {key.removeprefix("odrl:"): said for key, said in value.items()}
    return {key: _compact(said, key) for key, said in found.items()}
