"""Statements as ODRL 2.2 policies, with the W3C TDMRep profile where mining for training is meant; pure.

A policy says no more than the statement does; its uid is its @id (ODRL JSON-LD). What ODRL cannot say, or says only
roughly, stands in `loss`, sentence by sentence. Terms: W3C ODRL Vocabulary 2.2; TDMRep final report of 10 May 2024
(action tdm:mine, purposes, profile).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from registry.importers.tdm import MINING, ROUGHLY_MINING

Json = dict[str, Any]
TDM_PROFILE = "http://www.w3.org/ns/tdmrep"
CONTEXT: Json = {
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "tdm": "http://www.w3.org/ns/tdmrep#",
    "cc": "http://creativecommons.org/ns#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "colophon": "urn:colophon:",
}
RESEARCH, NOT_RESEARCH = "tdm:research", "tdm:non-research"

ASKED = (("attribution", "odrl:attribute"), ("share_alike", "cc:ShareAlike"))
REFUSED = (
    ("non_commercial", "cc:CommericalUse"),
    ("no_derivatives", "odrl:derive"),
)  # spelt as the vocabulary spells it
# fields of an offer's terms that its policy says in words of ODRL
SAID_IN_ODRL = frozenset({"uses", "purposes", "territory", "valid_from", "valid_to", "attribution", "fee"})
CONSENT: Json = {"odrl:action": {"@id": "odrl:obtainConsent"}}  # an offer is a licence only once it is taken up


@dataclass(frozen=True)
class Statement:
    """One public statement about a work; `uid` and `target` are addresses, dates are ISO or empty."""

    kind: str  # reservation | offer | open_licence
    uid: str
    target: str
    asserted_by: str
    asserted_by_address: str = ""
    capacity: str = ""
    verification: str = ""
    uses: Sequence[str] = ()
    purposes: Sequence[str] = ()
    territory: Sequence[str] = ()
    valid_from: str = ""
    valid_to: str = ""
    observed_at: str = ""
    machine_readable: bool = True
    licence: str = ""  # SPDX, of an open licence
    # what that licence asks for or refuses: attribution, share_alike, non_commercial, no_derivatives; None: not known
    conditions: frozenset[str] | None = None
    address: str = ""  # where an offer is accepted, or where it was stated
    terms: str = ""
    agreed_terms: Json | None = None  # of an offer, as `licensing.rules.agreement` writes them
    at_most: int | None = None  # so many may accept it, and no more
    words: str = ""  # the statement as it stands in its source
    source: str = ""  # the format it was read in, with its version
    sha256: str = ""  # of the bytes that it was read from


def policy(said: Statement) -> tuple[Json, list[str]]:
    """The statement as a policy, and what is lost in it."""
    loss: list[str] = []
    about: Json = {
        "@id": said.uid,
        "@type": "odrl:Offer" if said.kind == "offer" else "odrl:Set",
    }
    if said.kind != "open_licence":
        about["odrl:profile"] = {"@id": TDM_PROFILE}
    about |= _about(said, loss)
    if said.kind == "reservation":
        about["odrl:prohibition"] = _rules(said, loss)
        if not said.machine_readable:
            loss.append(f"{said.uid}: the reservation was made in words; here it looks machine-readable.")
    elif said.kind == "offer":
        duties = [CONSENT, *_asked_for(said.agreed_terms or {})]
        about["odrl:permission"] = [rule | {"odrl:duty": duties} for rule in _rules(said, loss)]
        about |= _agreed(said, loss)
        if said.terms:
            loss.append(
                f"{said.uid}: the offer's terms are words; as policy it has its scope, and that consent is obtained."
            )
    else:
        about |= _open_licence(said, loss)
    return about, loss


def _about(said: Statement, loss: list[str]) -> Json:
    """Who says it, since when it is known, how far it was verified: ODRL has no words for the last two."""
    assigner: Json = {"@type": "odrl:Party", "https://schema.org/name": said.asserted_by}
    if said.asserted_by_address:
        assigner["@id"] = said.asserted_by_address
    about: Json = {"odrl:assigner": assigner}
    if said.observed_at:
        about["dct:issued"] = _date(said.observed_at)
    if said.address:
        about["dct:source"] = {"@id": said.address}
    if said.observed_at:
        loss.append(
            f"{said.uid}: the day of issue is the day on which it was seen; when it was first said is not known."
        )
    ours = {
        "colophon:capacity": said.capacity,
        "colophon:verification": said.verification,
        "colophon:source": said.source,
        "colophon:sha256": said.sha256,
    }
    about |= {name: value for name, value in ours.items() if value}
    if said.capacity or said.verification:
        loss.append(f"{said.uid}: capacity and verification of the speaker are terms of ours, unknown to ODRL.")
    if said.source or said.sha256:
        loss.append(f"{said.uid}: what it was read from is a term of ours, unknown to ODRL.")
    if in_words := list(dict.fromkeys(filter(None, (said.terms, said.words)))):
        about["dct:description"] = in_words if len(in_words) > 1 else in_words[0]
    return about


def _asked_for(terms: Json) -> list[Json]:
    """The duties that an offer's terms name and ODRL has words for."""
    duties: list[Json] = [{"odrl:action": {"@id": "odrl:attribute"}}] if terms.get("attribution") else []
    fee = terms.get("fee") or {}
    if fee.get("model", "free") == "free":
        return duties
    action: Json = {"@id": "odrl:compensate"}
    if fee.get("amount"):
        amount = _constraint("odrl:payAmount", "odrl:eq", {"@type": "xsd:decimal", "@value": fee["amount"]})
        amount["odrl:unit"] = {"@id": f"urn:iso:std:iso:4217:{fee['currency']}"}
        action = {"rdf:value": {"@id": "odrl:compensate"}, "odrl:refinement": amount}
    return [*duties, {"odrl:action": action}]


def _agreed(said: Statement, loss: list[str]) -> Json:
    """The terms of an offer as they stand, whole: they decide. What ODRL has no words for is listed."""
    about: Json = {}
    more = [name for name, value in (said.agreed_terms or {}).items() if value and name not in SAID_IN_ODRL]
    if said.agreed_terms:
        about["colophon:terms"] = {"@type": "@json", "@value": said.agreed_terms}
    if more:
        loss.append(f"{said.uid}: {', '.join(more)} stand in colophon:terms alone; ODRL has no words for them.")
    if "fee" in (said.agreed_terms or {}):
        loss.append(
            f"{said.uid}: of the fee ODRL says that it is due, and its amount; how it is counted is in colophon:terms."
        )
    if said.at_most is not None:
        about["colophon:atMost"] = said.at_most
        loss.append(f"{said.uid}: that {said.at_most} may accept it and no more is a term of ours, unknown to ODRL.")
    return about


def _rules(said: Statement, loss: list[str]) -> list[Json]:
    """A rule for mining and, apart, one for each use that is no mining. No uses named means every one of them."""
    mining = [use for use in said.uses if use in (*MINING, *ROUGHLY_MINING)]
    others = [use for use in said.uses if use not in (*MINING, *ROUGHLY_MINING)]
    rough = [use for use in mining if use in ROUGHLY_MINING]
    if rough:
        loss.append(f"{said.uid}: {', '.join(rough)} under tdm:mine is our reading of TDMRep.")
    rules = []
    if mining or not said.uses:
        action: Json = {"@id": "tdm:mine"}
        if mining:
            narrowed = _constraint("colophon:use", "odrl:isAnyOf", [f"colophon:use:{use}" for use in mining])
            action = {"rdf:value": {"@id": "tdm:mine"}, "odrl:refinement": narrowed}
        rules.append(_rule(said, action, loss))
    for use in others:
        loss.append(f"{said.uid}: TDMRep has no action for {use}; ours stands in its place.")
        rules.append(_rule(said, {"@id": f"colophon:use:{use}"}, loss))
    return rules


def _rule(said: Statement, action: Json, loss: list[str]) -> Json:
    rule: Json = {"odrl:target": {"@id": said.target}, "odrl:action": action}
    constraints = _constraints(said, loss)
    if constraints:
        rule["odrl:constraint"] = constraints
    return rule


def _constraints(said: Statement, loss: list[str]) -> list[Json]:
    found = []
    if said.purposes:
        found.append(_constraint("odrl:purpose", "odrl:isAnyOf", _purposes(said, loss)))
    if said.territory and "WORLD" not in said.territory:
        found.append(_constraint("odrl:spatial", "odrl:isAnyOf", list(said.territory)))
    if said.valid_from:
        found.append(_constraint("odrl:dateTime", "odrl:gteq", _date(said.valid_from)))
    if said.valid_to:
        found.append(_constraint("odrl:dateTime", "odrl:lteq", _date(said.valid_to)))
    return found


def _purposes(said: Statement, loss: list[str]) -> list[str]:
    """TDMRep tells research from the rest; our own words stand beside, so that nothing gets wider."""
    named = [RESEARCH if purpose == "research" else NOT_RESEARCH for purpose in said.purposes]
    if any(purpose != "research" for purpose in said.purposes):
        loss.append(f"{said.uid}: TDMRep knows research and the rest; {', '.join(said.purposes)} is said in our words.")
    return [*dict.fromkeys(named), *(f"colophon:purpose:{purpose}" for purpose in said.purposes)]


def _constraint(left: str, operator: str, right: Any) -> Json:
    def value(one: Any) -> Any:
        return {"@id": one} if isinstance(one, str) and ":" in one else one

    listed = [value(one) for one in right] if isinstance(right, list) else value(right)
    return {
        "@type": "odrl:Constraint",
        "odrl:leftOperand": {"@id": left},
        "odrl:operator": {"@id": operator},
        "odrl:rightOperand": {"@list": listed} if isinstance(listed, list) else listed,
    }


def _open_licence(said: Statement, loss: list[str]) -> Json:
    """What the licence permits and asks for, as far as the rules know it."""
    about: Json = {"dct:license": said.licence}
    if said.conditions is None:
        loss.append(f"{said.uid}: {said.licence} is no open licence known here; nothing is said of what it permits.")
        return about
    action: Json = {"@id": "odrl:use"}
    if said.uses:
        narrowed = _constraint("colophon:use", "odrl:isAnyOf", [f"colophon:use:{use}" for use in said.uses])
        action = {"rdf:value": {"@id": "odrl:use"}, "odrl:refinement": narrowed}
        loss.append(f"{said.uid}: that it is for {', '.join(said.uses)} alone is a term of ours, unknown to ODRL.")
    permission = _rule(said, action, loss)
    duties = [{"odrl:action": {"@id": name}} for asked, name in ASKED if asked in said.conditions]
    if duties:
        permission["odrl:duty"] = duties
    about["odrl:permission"] = [permission]
    refused = [_rule(said, {"@id": name}, loss) for asked, name in REFUSED if asked in said.conditions]
    if refused:
        about["odrl:prohibition"] = refused
    loss.append(f"{said.uid}: of {said.licence} only its main conditions are said; its text decides.")
    return about


def restriction(target: str, provider: str, uid: str) -> tuple[Json, list[str]]:
    """A provider's terms over a dataset of its model's output: who is bound by them is another question."""
    rule: Json = {"odrl:target": {"@id": target}, "odrl:action": {"@id": "colophon:develop-competing-model"}}
    about: Json = {
        "@id": uid,
        "@type": "odrl:Set",
        "odrl:assigner": {"@type": "odrl:Party", "https://schema.org/name": provider},
        "odrl:prohibition": [rule],
    }
    return about, [f"{uid}: terms of {provider} bind who accepted them; ODRL cannot say that others may not be bound."]


def _date(day: str) -> Json:
    return {"@type": "xsd:date", "@value": day}
