"""Rules and readings as JSON and back; what comes back is not believed about shapes; pure."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from licensing.formats.policy import Effect, Fault, Payment, Policy, Reading, Rule
from licensing.formats.recognition import Found

Json = dict[str, Any]
LISTS = frozenset({"uses", "purposes", "territory", "agents", "duties"})
TEXTS = frozenset({"valid_from", "valid_to", "path", "policy_address", "words"})
OF_POLICY = ("target", "holder", "holder_address", "contact", "server")
UNSTORABLE = str.maketrans({"\0": "\ufffd"} | dict.fromkeys(range(55296, 57344), "�"))


def plain(text: str) -> str:
    """The text without what a database takes in no column."""
    return text.translate(UNSTORABLE)


def rule_json(rule: Rule) -> Json:
    """A rule without what it does not say."""
    found = {name: value for name, value in asdict(rule).items() if value not in ("", (), [], None, True)}
    found["effect"] = rule.effect.value
    if not rule.machine_readable:
        found["machine_readable"] = False
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def parse_rule(value: Mapping[str, Any]) -> Rule:
    """A rule as `rule_json` wrote it. Raises ValueError, TypeError or KeyError for anything else."""
    given: Json = {"effect": Effect(value["effect"]), "machine_readable": value.get("machine_readable", True) is True}
    for name in LISTS & value.keys():
        given[name] = tuple(_text(each) for each in value[name])
    for name in TEXTS & value.keys():
        given[name] = _text(value[name])
    if value.get("payment") is not None:
        names = [field.name for field in fields(Payment)]
        given["payment"] = Payment(**{name: _text(value["payment"].get(name, "")) for name in names})
    return Rule(**given)


def found_json(found: Found) -> Json:
    """What one format says, for the pipe between two processes."""
    reading = found.reading
    return {
        "carrier": found.carrier,
        "format": reading.format,
        "format_version": reading.format_version,
        "policies": [
            {name: getattr(policy, name) for name in OF_POLICY} | {"rules": [rule_json(each) for each in policy.rules]}
            for policy in reading.policies
        ],
        "faults": [[plain(each.code), plain(each.place), plain(each.cause)] for each in reading.faults],
    }


def parse_found(value: Mapping[str, Any]) -> Found:
    """The reverse of `found_json`. Raises ValueError, TypeError or KeyError for anything else."""
    policies = tuple(
        Policy(tuple(map(parse_rule, each["rules"])), **{name: _text(each.get(name, "")) for name in OF_POLICY})
        for each in value["policies"]
    )
    faults = tuple(Fault(_text(code), _text(place), _text(cause)) for code, place, cause in value["faults"])
    reading = Reading(_text(value["format"]), _text(value["format_version"]), policies, faults)
    return Found(_text(value["carrier"]), reading)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {type(value).__name__}")
    return plain(value)
