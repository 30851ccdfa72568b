"""How a rule is made to fit a format that cannot say all of it, the same way for every format; pure.

What the format cannot narrow, a refusal says wider, and a permission does not say at all: so nobody reads more leave
out of an export than was given. Either is a sentence of `loss`, with a pointer to the field that it is about.
"""

from collections.abc import Collection
from dataclasses import fields

from licensing.formats.labels import USES, Label, Said, in_order, lost, say
from licensing.formats.policy import Effect, Payment, Policy, Rule

# Fields of a rule that make it reach less far, in the words of a sentence
NARROWING = {
    "purposes": "purposes",
    "territory": "territories",
    "valid_from": "first day",
    "valid_to": "last day",
    "path": "paths",
    "agents": "single crawlers",
}
ASKING = {"payment": "payment", "duties": "duties"}
SILENT = frozenset({Effect.WORDS, Effect.UNKNOWN})


def unsaid(rule: Rule, can: Collection[str]) -> list[str]:
    """The fields that narrow the rule or ask for something, and that the format has no words for."""
    return [name for name in (*NARROWING, *ASKING) if name not in can and _asks(rule, name)]


def _asks(rule: Rule, name: str) -> bool:
    if name == "payment":
        return rule.payment is not None
    if name == "territory":
        return bool(rule.territory) and "WORLD" not in rule.territory
    return bool(getattr(rule, name))


def fit(rule: Rule, number: int, name: str, can: Collection[str]) -> tuple[bool, list[str]]:
    """Whether the format `name` says rule `number` at all, and what is lost in it; `can` are fields that it can say.

    An offer is said although its terms are not: whoever reads it is sent to where they stand.
    """
    if rule.effect in SILENT:
        what = "words for people" if rule.effect == Effect.WORDS else "something that was not understood"
        return False, [lost(number, "effect", f"{what}, which {name} is not made to say")]
    missing = unsaid(rule, can)
    loss = []
    harmless = {"payment"} if rule.payment == Payment() else set()  # that it is free allows no more than before
    is_left_out = rule.effect in (Effect.PERMIT, Effect.PREFER_ALLOW) and bool(set(missing) - harmless)
    for field in missing:
        thing = NARROWING.get(field) or ASKING[field]
        if is_left_out:
            sentence = f"{name} knows no {thing}; without them this would allow more, so it is left out"
        elif rule.effect == Effect.OFFER:
            sentence = f"{name} knows no {thing}; they stand in the offer's own terms"
        elif field in ASKING:
            sentence = f"{name} knows no {thing}"
        else:
            sentence = f"{name} knows no {thing}; the refusal is said of all"
        loss.append(lost(number, field, sentence))
    if not rule.machine_readable and "machine_readable" not in can:
        loss.append(lost(number, "machine_readable", "it was said in words; here it is said to machines"))
    return not is_left_out, loss


def fit_uses(rule: Rule, number: int, name: str, labels: Collection[Label]) -> tuple[Said, list[str]]:
    """The labels that say the rule's uses, and what is lost in them."""
    refusing = rule.effect not in (Effect.PERMIT, Effect.OFFER, Effect.PREFER_ALLOW)
    said = say(rule.uses or USES, labels, refusing)
    loss = []
    if said.unsaid:
        loss.append(lost(number, "uses", f"{name} has no word for {', '.join(said.unsaid)}: not said"))
    if said.besides:
        loss.append(lost(number, "uses", f"{name} says them together with {', '.join(said.besides)}"))
    if said.doubtful:
        loss.append(f"/rules/{number}: others may read {', '.join(said.doubtful)} into it, which are not meant")
    return said, loss


def fit_frame(policy: Policy, name: str, can: Collection[str]) -> list[str]:
    """What is lost of who speaks about what, around the rules."""
    words = {
        "target": "what it is about follows from where it stands",
        "holder": f"{name} does not name who speaks",
        "holder_address": f"{name} does not name who speaks",
        "contact": f"{name} has no contact",
        "warranties": f"{name} has no warranties",
        "disclaimers": f"{name} has no disclaimers",
        "server": f"{name} names no licence server",
    }
    names = [each.name for each in fields(policy) if each.name != "rules"]
    return [f"/{each}: {words[each]}" for each in names if each not in can and getattr(policy, each)]


def reach(labels: Collection[Label], *, refusing: bool) -> tuple[str, ...]:
    """All uses that some labels mean, in the order of the vocabulary."""
    return in_order({use for label in labels for use in label.reach(refusing)})
