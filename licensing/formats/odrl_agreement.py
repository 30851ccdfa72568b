"""An agreement as an ODRL 2.2 Agreement in JSON-LD; pure.

What ODRL has no words for stands under names of ours, and the terms as they were agreed stand in the document whole
(`colophon:terms`): they decide. Source: W3C ODRL Information Model 2.2 and Vocabulary 2.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from licensing.formats.odrl import CONTEXT, MINING

Json = dict[str, Any]
SCHEMA_NAME = "https://schema.org/name"
NOBODY = "none"  # as affiliates: the licensee alone


@dataclass(frozen=True)
class PartySaid:
    """A party: its slug and its name."""

    slug: str
    name: str


@dataclass(frozen=True)
class WorkSaid:
    """A work: its address, its title, its identifiers as addresses (urn:isbn:…)."""

    address: str
    title: str
    identifiers: Sequence[str] = ()


@dataclass(frozen=True)
class AgreementSaid:
    """What the document says. Dates are ISO; `terms` are JSON as `licensing.rules.agreement` writes them."""

    address: str
    registry: str
    granted_by: PartySaid
    licensee: PartySaid
    channel: str
    terms: Json
    valid_from: str
    valid_to: str
    issued: str
    works: Sequence[WorkSaid]
    entry: str = ""
    offer: str = ""
    under: str = ""
    renews: str = ""


def document(said: AgreementSaid) -> Json:
    """The whole document, without the registry's proof."""
    about: Json = {
        "@context": CONTEXT,
        "@id": said.address,
        "@type": "odrl:Agreement",
        "odrl:assigner": _party(said.granted_by),
        "odrl:assignee": _party(said.licensee),
        "dct:issued": _date(said.issued),
        "dct:publisher": {"@id": said.registry},
        "colophon:channel": said.channel,
        "colophon:terms": said.terms,
        "colophon:works": [_work(work) for work in said.works],
        "odrl:target": {"@id": f"{said.address}#works", "@type": "odrl:AssetCollection"},
        "odrl:permission": _permissions(said),
    }
    prohibitions = _prohibitions(said.terms)
    if prohibitions:
        about["odrl:prohibition"] = prohibitions
    obligations = _obligations(said.terms)
    if obligations:
        about["odrl:obligation"] = obligations
    links = {
        "colophon:entry": said.entry,
        "colophon:offer": said.offer,
        "colophon:under": said.under,
        "dct:replaces": said.renews,
    }
    return about | {name: value for name, value in links.items() if value}


def _party(party: PartySaid) -> Json:
    return {"@id": f"colophon:organisation:{party.slug}", "@type": "odrl:Party", SCHEMA_NAME: party.name}


def _work(work: WorkSaid) -> Json:
    about: Json = {"@id": work.address, SCHEMA_NAME: work.title}
    if work.identifiers:
        about["dct:identifier"] = list(work.identifiers)
    return about


def _permissions(said: AgreementSaid) -> list[Json]:
    """One permission for mining, one for each other use, and to pass the licence on where that is agreed."""
    uses = said.terms["uses"]
    mining = [use for use in uses if use in MINING]
    actions: list[Json] = []
    if mining:
        narrowed = _constraint("colophon:use", "odrl:isAnyOf", [{"@id": f"colophon:use:{use}"} for use in mining])
        actions.append({"rdf:value": {"@id": "tdm:mine"}, "odrl:refinement": narrowed})
    actions += [{"@id": f"colophon:use:{use}"} for use in uses if use not in MINING]
    constraints = _constraints(said)
    duties = _duties(said.terms)
    rules = []
    for action in actions:
        rule: Json = {"odrl:action": action}
        if constraints:
            rule["odrl:constraint"] = constraints
        if duties:
            rule["odrl:duty"] = duties
        rules.append(rule)
    if said.terms.get("sublicensing") in ("affiliates", "allowed"):
        rule = {"odrl:action": {"@id": "odrl:grantUse"}}
        if said.terms["sublicensing"] == "affiliates":
            rule["odrl:constraint"] = [_constraint("odrl:recipient", "odrl:isA", {"@id": "colophon:affiliate"})]
        rules.append(rule)
    return rules


def _constraints(said: AgreementSaid) -> list[Json]:
    terms, found = said.terms, []
    if terms.get("purposes"):
        names = [{"@id": f"colophon:purpose:{purpose}"} for purpose in terms["purposes"]]
        found.append(_constraint("odrl:purpose", "odrl:isAnyOf", names))
    territory = [code for code in terms.get("territory") or [] if code != "WORLD"]
    if territory:
        found.append(_constraint("odrl:spatial", "odrl:isAnyOf", territory))
    if said.valid_from:
        found.append(_constraint("odrl:dateTime", "odrl:gteq", _date(said.valid_from)))
    if said.valid_to:
        found.append(_constraint("odrl:dateTime", "odrl:lteq", _date(said.valid_to)))
    lists = (
        ("licensee_kinds", "colophon:licenseeKind"),
        ("models", "colophon:model"),
        ("products", "odrl:product"),
    )
    found += [_constraint(name, "odrl:isAnyOf", list(terms[key])) for key, name in lists if terms.get(key)]
    affiliates = terms.get("affiliates") or []
    if affiliates:
        slugs = [said.licensee.slug, *(slug for slug in affiliates if slug != NOBODY)]
        parties = [{"@id": f"colophon:organisation:{slug}"} for slug in slugs]
        found.append(_constraint("odrl:recipient", "odrl:isAnyOf", parties))
    limits = terms.get("output_limits") or {}
    if limits.get("verbatim_words") is not None:
        found.append(_constraint("colophon:verbatimWords", "odrl:lteq", limits["verbatim_words"]))
    return found


def _duties(terms: Json) -> list[Json]:
    duties: list[Json] = []
    if terms.get("attribution"):
        duties.append({"odrl:action": {"@id": "odrl:attribute"}})
    fee = terms.get("fee")
    if fee and fee["model"] != "free":
        action: Json = {"@id": "odrl:compensate"}
        if fee.get("amount"):
            amount = _constraint("odrl:payAmount", "odrl:eq", {"@type": "xsd:decimal", "@value": fee["amount"]})
            amount["odrl:unit"] = f"ISO4217:{fee['currency']}"
            action = {"rdf:value": {"@id": "odrl:compensate"}, "odrl:refinement": amount}
        duties.append({"odrl:action": action, "colophon:feeModel": fee["model"]})
    if terms.get("audit"):
        duties.append({"odrl:action": {"@id": "colophon:submitToAudit"}})
    return duties


def _prohibitions(terms: Json) -> list[Json]:
    rules: list[Json] = []
    if terms.get("sublicensing", "none") == "none":
        rules.append({"odrl:action": {"@id": "odrl:grantUse"}})
    if terms.get("survival") == "no_new_training":
        rules.append({"odrl:action": {"@id": "colophon:trainAfterEnd"}})
    return rules


def _obligations(terms: Json) -> list[Json]:
    """What is owed whether or not the works are used: weights are deleted after the end."""
    if terms.get("survival") != "delete":
        return []
    return [{"odrl:action": {"@id": "odrl:delete"}, "odrl:target": {"@id": "colophon:trainedWeights"}}]


def _constraint(left: str, operator: str, right: Any) -> Json:
    return {
        "@type": "odrl:Constraint",
        "odrl:leftOperand": {"@id": left},
        "odrl:operator": {"@id": operator},
        "odrl:rightOperand": {"@list": right} if isinstance(right, list) else right,
    }


def _date(day: str) -> Json:
    return {"@type": "xsd:date", "@value": day}
