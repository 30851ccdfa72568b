"""The CAWG training and data mining assertion, read and written as JSON; pure.

Source: CAWG Training and Data Mining Assertion 1.1 of 6 May 2025; its predecessor in C2PA 1.x differs in its labels
only. An assertion is part of a signed manifest. Neither its signature nor its binding to a file is checked here: what
is read is what somebody wrote. `constrained` without a word of what the constraint is counts as notAllowed.
"""

import json
from collections.abc import Iterator
from typing import Any

from licensing.formats.fitting import fit, fit_frame, fit_uses
from licensing.formats.labels import REFUSING, TRAINING, Label, lost
from licensing.formats.plain_text import bounded
from licensing.formats.policy import Effect, Fault, Policy, Reading, Rule, Written
from licensing.formats.untrusted import is_address, parse_json, shown, source

FORMAT, NAME = "cawg", "CAWG"
VERSION, OLD_VERSION = "1.1", "c2pa-1"
LABEL, OLD_LABEL = "cawg.training-mining", "c2pa.training-mining"
# ai_training is that of models which generate nothing: none of our uses
LABELS = (
    Label("data_mining", rough=("search_index",)),
    Label("ai_inference", sure=("rag_grounding",), rough=("evaluation", "synthetic_generation")),
    Label("ai_training"),
    Label("ai_generative_training", sure=TRAINING),
)
BY_NAME = {label.name: label for label in LABELS}
ALLOWED, NOT_ALLOWED, CONSTRAINED = "allowed", "notAllowed", "constrained"
INFO, INFO_IN_PROSE = "constraint_info", "constraints_info"  # the schema's name, and the one its text uses
STRICTEST = (NOT_ALLOWED, CONSTRAINED, ALLOWED)
MAX_INFO_CHARS = 10_000
MAX_ENTRIES = 1000

Answer = tuple[str, str, int]  # use, constraint, number of the rule that says so


def read(content: bytes) -> Reading:
    """The assertion's data, the assertion with its label, or a manifest (or report of one) that holds it."""
    value, fault = parse_json(content)
    if fault:
        return Reading(FORMAT, faults=(fault,))
    faults: list[Fault] = []
    found = list(_assertions(value, "", faults))
    if not found:
        faults.append(Fault("no_assertion", "", f"there is no assertion {LABEL}"))
        return Reading(FORMAT, faults=bounded(faults))
    label, data, place = found[0]
    if len(found) > 1:
        faults.append(Fault("several_assertions", found[1][2], "more than one such assertion; none is taken"))
        return Reading(FORMAT, faults=bounded(faults))
    version = OLD_VERSION if label == OLD_LABEL else VERSION
    rules = tuple(_entries(data, place, label.partition(".")[0], faults))
    return Reading(FORMAT, version, (Policy(rules),) if rules else (), bounded(faults))


def _assertions(value: Any, place: str, faults: list[Fault]) -> Iterator[tuple[str, Any, str]]:
    """Label, data and place of each assertion about mining. Of a report of several manifests the active one counts."""
    if not isinstance(value, dict):
        faults.append(Fault("not_an_object", place, f"an assertion is an object: {shown(value)}"))
    elif isinstance(value.get("manifests"), dict):
        active = value.get("active_manifest")
        manifest = value["manifests"].get(active) if isinstance(active, str) else None
        if manifest is None:
            faults.append(Fault("no_active_manifest", place, "which of the manifests counts is not said"))
        else:
            yield from _assertions(manifest, f"{place}/manifests/{shown(active)}", faults)
    elif isinstance(value.get("assertions"), list):
        for number, one in enumerate(value["assertions"]):
            if isinstance(one, dict) and one.get("label") in (LABEL, OLD_LABEL):
                yield one["label"], one.get("data"), f"{place}/assertions/{number}/data"
    elif "label" in value:
        if value["label"] in (LABEL, OLD_LABEL):
            yield value["label"], value.get("data"), f"{place}/data"
    elif "entries" in value:
        names = value["entries"] if isinstance(value["entries"], dict) else {}
        is_old = bool(names) and all(name.startswith("c2pa.") for name in names)
        yield OLD_LABEL if is_old else LABEL, value, place


def _entries(data: Any, place: str, prefix: str, faults: list[Fault]) -> Iterator[Rule]:
    entries = data.get("entries") if isinstance(data, dict) else None
    if not isinstance(entries, dict):
        faults.append(Fault("no_entries", f"{place}/entries", "the assertion has no entries"))
        return
    for number, (name, entry) in enumerate(entries.items()):
        if number >= MAX_ENTRIES:
            faults.append(Fault("too_many_entries", place, f"only the first {MAX_ENTRIES} entries are read"))
            return
        where = f"{place}/entries/{shown(name)}"
        namespace, _, use = name.partition(".")
        label = BY_NAME.get(use) if namespace == prefix else None
        answer = entry.get("use") if isinstance(entry, dict) else None
        if label is None:
            faults.append(Fault("entry_unknown", where, f"no entry of version {VERSION}; it says {shown(answer)}"))
        elif rule := _rule(label, entry, where, faults):
            yield rule


def _rule(label: Label, entry: Any, place: str, faults: list[Fault]) -> Rule | None:
    answer = entry.get("use") if isinstance(entry, dict) else None
    if not isinstance(answer, str) or answer not in (ALLOWED, NOT_ALLOWED, CONSTRAINED):
        cause = f"neither {ALLOWED}, {NOT_ALLOWED} nor {CONSTRAINED}, so nothing is said: {shown(answer)}"
        faults.append(Fault("use_unknown", f"{place}/use", cause))
        return None
    info = _info(entry, place, faults) if answer == CONSTRAINED else ""
    refusing = answer == NOT_ALLOWED or (answer == CONSTRAINED and not info)
    uses = label.reach(refusing)
    if not uses:
        faults.append(Fault("use_not_ours", place, f"{answer} for what is none of the registry's uses without doubt"))
        return None
    words = source({label.name: entry})
    if not info:
        return Rule(Effect.PREFER_DISALLOW if refusing else Effect.PREFER_ALLOW, uses, words=words)
    if is_address(info):
        return Rule(Effect.OFFER, uses, policy_address=info, words=words)
    return Rule(Effect.OFFER, uses, words=info, machine_readable=False)


def _info(entry: dict[str, Any], place: str, faults: list[Fault]) -> str:
    """What the constraint is; empty where nothing can be read of it."""
    info = entry.get(INFO, entry.get(INFO_IN_PROSE))
    if INFO not in entry and INFO_IN_PROSE in entry:
        faults.append(Fault("name_in_prose", f"{place}/{INFO_IN_PROSE}", f"the schema calls it {INFO}; it is read"))
    if not isinstance(info, str) or not info.strip():
        faults.append(Fault("constraint_missing", f"{place}/{INFO}", f"{CONSTRAINED} without more means {NOT_ALLOWED}"))
        return ""
    cleaned = info.strip().replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    return cleaned[:MAX_INFO_CHARS]


def write(policy: Policy) -> Written:
    """The assertion with its label, as manifests take it in. Where rules contradict each other, the refusal is said."""
    loss = fit_frame(policy, NAME, ())
    said: dict[str, list[Answer]] = {}
    for number, rule in enumerate(policy.rules):
        is_in_words = rule.effect == Effect.OFFER and not rule.policy_address
        is_said, lost_of_rule = fit(rule, number, NAME, ("machine_readable",) if is_in_words else ())
        loss += lost_of_rule
        if not is_said:
            continue
        answer, info, lost_of_rule = _answer(rule, number)
        loss += lost_of_rule
        if not answer:
            continue
        labels, lost_of_rule = fit_uses(rule, number, NAME, LABELS)
        loss += lost_of_rule
        for label in labels.labels:
            said.setdefault(label, []).append((answer, info, number))
    entries = {f"cawg.{label.name}": _entry(said[label.name], loss) for label in LABELS if label.name in said}
    content = json.dumps({"label": LABEL, "data": {"entries": entries}}, indent=2, ensure_ascii=False) + "\n"
    return Written(content.encode(), "application/json", "cawg.training-mining.json", tuple(loss))


def _answer(rule: Rule, number: int) -> tuple[str, str, list[str]]:
    """The rule's answer and what its constraint is; "" and why, where there is none."""
    if rule.effect in REFUSING:
        loss = [] if rule.effect == Effect.PREFER_DISALLOW else [lost(number, "effect", "said as not allowed, no more")]
        if rule.policy_address:
            loss.append(lost(number, "policy_address", "what is not allowed names no terms"))
        return NOT_ALLOWED, "", loss
    if rule.effect == Effect.OFFER:
        info = rule.policy_address or ("" if rule.machine_readable else rule.words)
        is_fit = is_address(info) if rule.policy_address else _is_text(info)
        if not is_fit:
            return "", "", [lost(number, "effect", "an offer without terms would mean not allowed: left out")]
        return CONSTRAINED, info, []
    if rule.effect == Effect.PERMIT:
        if rule.policy_address:
            return "", "", [lost(number, "policy_address", "allowed names no licence: the permission is left out")]
        return ALLOWED, "", [lost(number, "effect", "allowed is a wish, and no licence")]
    loss = [lost(number, "policy_address", "what is allowed names no terms")] if rule.policy_address else []
    return ALLOWED, "", loss


def _is_text(info: str) -> bool:
    """Whether some words are read again as they are written."""
    is_kept = "\x00" not in info and info == info.strip().encode("utf-8", "replace").decode()
    return is_kept and 0 < len(info) <= MAX_INFO_CHARS and not is_address(info)


def _entry(answers: list[Answer], loss: list[str]) -> dict[str, str]:
    """The strictest of some answers, and of several alike the first; what other rules say is lost."""
    use, info, _ = min(answers, key=lambda one: STRICTEST.index(one[0]))
    cause = f"another rule says {use} of the same entry: that is said"
    loss += [lost(number, "effect", cause) for other, said, number in answers if (other, said) != (use, info)]
    return {"use": use} | ({INFO: info} if info else {})
