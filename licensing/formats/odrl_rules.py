"""One rule of an ODRL policy: its action, its constraints, its duties; pure. What is not understood raises Doubt."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from licensing.formats import odrl
from licensing.formats.json_ld import ODRL, RDF, Names, Node, literal
from licensing.formats.labels import USES, in_order
from licensing.formats.path_patterns import canonical
from licensing.formats.policy import Effect, Fault, Payment, Rule
from licensing.formats.tdmrep_values import MINING
from licensing.formats.untrusted import is_address, shown

OURS = odrl.CONTEXT["colophon"]
TDM = odrl.CONTEXT["tdm"]
CC = odrl.CONTEXT["cc"]
DCT = odrl.CONTEXT["dct"]
MINE, USE_ACTION, USE_WORD = TDM + "mine", ODRL + "use", OURS + "use:"
PURPOSE_WORD = OURS + "purpose:"
PURPOSES = ("commercial", "research", "internal_experiment", "education", "government", "personal")
TDM_PURPOSES = {
    TDM + "research": ("research",),
    TDM + "non-research": tuple(purpose for purpose in PURPOSES if purpose != "research"),
}
DUTIES = {
    "consent": ODRL + "obtainConsent",
    "compensation": ODRL + "compensate",
    "attribution": ODRL + "attribute",
    "share_alike": CC + "ShareAlike",
}
DUTY_WORD = OURS + "duty:"
TOKENS = {address: token for token, address in DUTIES.items()} | {CC + "Attribution": "attribution"}
TERRITORY = re.compile(r"[A-Z]{2}|EEA|WORLD")
DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T00:00:00(?:\.0+)?(?:Z|[+-]00:00)?)?", re.ASCII)
MAX_VALUES = 1000  # of one constraint, and duties of one rule
AMOUNT = re.compile(r"\d{1,15}(?:\.\d{1,6})?", re.ASCII)
CURRENCY_WORD = "urn:iso:std:iso:4217:"
EFFECTS = {
    False: (Effect.PERMIT, Effect.OFFER),
    True: (Effect.RESERVE, Effect.PROHIBIT, Effect.PREFER_DISALLOW),
}
KNOWN = {
    *(ODRL + name for name in ("action", "target", "constraint", "duty", "assigner", "uid", "remedy")),
    "@id", "@type", OURS + "effect", OURS + "payment", OURS + "machineReadable", DCT + "source",
}  # fmt: skip
PAYMENT_FIELDS = ("model", "amount", "currency", "address", "custom", "accepts")


class Doubt(Exception):
    """Something limits the rule that is not understood: it cannot be said how far it reaches."""


class RuleReader:
    """One permission or prohibition."""

    def __init__(self, node: Node, names: Names, place: str, faults: list[Fault], *, refusing: bool) -> None:
        self.node, self.names, self.place, self.faults, self.refusing = node, names, place, faults, refusing
        self.refinements: list[Any] = []

    def targets(self) -> list[str]:
        """What the rule is about; one empty target where nothing is named."""
        found = [self.names.reference(value) for value in self.node.get(ODRL + "target", ())]
        return list(dict.fromkeys(found)) or [""]

    def uses(self) -> tuple[tuple[str, ...] | None, list[str]]:
        """The uses of its actions, () for all; None where none of them is ours. And the actions that are not."""
        found: set[str] = set()
        unknown: list[str] = []
        is_all = False
        for value in self.node.get(ODRL + "action", ()):
            action, refined = self._action(value)
            if action.startswith(USE_WORD) and action.removeprefix(USE_WORD) in USES and not refined:
                found.add(action.removeprefix(USE_WORD))
            elif action in (MINE, USE_ACTION):
                named = self._refined_uses(refined)
                is_all = is_all or (named is None and action == USE_ACTION)
                found |= set(named or (MINING.reach(self.refusing) if action == MINE else ()))
            else:
                unknown.append(action or shown(value))
        if is_all:
            return (), unknown
        return (in_order(found) if found else None), unknown

    def _action(self, value: Any) -> tuple[str, list[Any]]:
        if not isinstance(value, dict):
            return self.names.reference(value), []
        node = self.names.node(value)
        inner = node.get(RDF + "value", [])
        action = self.names.reference(inner[0]) if len(inner) == 1 else self.names.reference(value)
        return action, node.get(ODRL + "refinement", [])

    def _refined_uses(self, refinements: list[Any]) -> tuple[str, ...] | None:
        """The uses that an action is narrowed to; None: it is not. What else narrows it is kept for `rule`."""
        named: tuple[str, ...] | None = None
        for one in refinements:
            constraint = self._constraint(one)
            if constraint and constraint[0] == OURS + "use" and named is None:
                words = [self.names.reference(value).removeprefix(USE_WORD) for value in constraint[2]]
                if words and set(words) <= set(USES):
                    named = in_order(set(words))
                    continue
            self.refinements.append(one)
        return named

    def rule(self, effect: Effect, uses: tuple[str, ...], words: str) -> Rule:
        """The rule. Raises Doubt where something limits it that is not understood."""
        if self.refinements:
            raise Doubt(f"its action is refined: {shown(self.refinements[0])}")
        odd = sorted(name for name in self.node if name not in KNOWN and name.startswith((ODRL, OURS)))
        if odd:
            raise Doubt(f"{shown(odd[0])} is not understood")
        if [one for one in self.node.get(ODRL + "target", ()) if not self._is_plain(one)]:
            raise Doubt("its target is no plain address")
        fields: dict[str, Any] = {}
        for value in self.node.get(ODRL + "constraint", ()):
            self._constrain(fields, value)
        payment, duties = self._duties()
        sources = [self.names.reference(value) for value in self.node.get(DCT + "source", ())]
        return Rule(
            self._effect(effect),
            uses,
            **fields,
            payment=payment,
            duties=duties,
            policy_address=next((one for one in sources if is_address(one)), ""),
            words=words,
            machine_readable=self.node.get(OURS + "machineReadable") != [False],
        )

    def _is_plain(self, target: Any) -> bool:
        node = self.names.node(target) if isinstance(target, dict) else {}
        return bool(self.names.reference(target)) and not {ODRL + "refinement", ODRL + "source"} & node.keys()

    def _effect(self, effect: Effect) -> Effect:
        """The effect that the policy gives, or a sharper word of ours for it."""
        for value in self.node.get(OURS + "effect", ()):
            if not isinstance(value, str) or value not in EFFECTS[self.refusing]:
                raise Doubt(f"its effect contradicts it: {shown(value)}")
            if self.refusing:
                return Effect(value)
        return effect

    def _constraint(self, value: Any) -> tuple[str, str, list[Any]] | None:
        """Left operand, operator and right operands; None for what is no plain constraint."""
        node = self.names.node(value) if isinstance(value, dict) else {}
        if set(node) - {"@id", "@type"} != {ODRL + "leftOperand", ODRL + "operator", ODRL + "rightOperand"}:
            return None
        left, operator = node[ODRL + "leftOperand"], node[ODRL + "operator"]
        if len(left) != 1 or len(operator) != 1:
            return None
        return self.names.reference(left[0]), self.names.reference(operator[0]), node[ODRL + "rightOperand"]

    def _constrain(self, fields: dict[str, Any], value: Any) -> None:
        constraint = self._constraint(value)
        if constraint is None:
            raise Doubt(f"no plain constraint: {shown(value)}")
        left, operator, right = constraint
        name, said = self._limit(left, operator.removeprefix(ODRL), right)
        if name in fields or not said:
            raise Doubt(f"limited twice, or by nothing: {shown(value)}")
        fields[name] = said

    def _limit(self, left: str, operator: str, right: list[Any]) -> tuple[str, Any]:
        is_list = operator in ("isAnyOf", "isPartOf") or (operator == "eq" and len(right) == 1)
        if left == ODRL + "dateTime" and len(right) == 1:
            return self._day(operator, literal(right[0]))
        texts = list(tokens(right, self.names))
        if not is_list or len(texts) != len(right) or len(texts) > MAX_VALUES:
            raise Doubt(f"{shown(left)} {operator} is not understood")
        if left == ODRL + "purpose":
            return "purposes", self._purposes(texts)
        if left == ODRL + "spatial" and all(TERRITORY.fullmatch(code) for code in texts):
            return "territory", tuple(dict.fromkeys(texts))
        if left == OURS + "agent":
            return "agents", tuple(dict.fromkeys(texts))
        if left == OURS + "path" and len(texts) == 1:
            return "path", canonical(texts[0])
        raise Doubt(f"{shown(left)} {operator} {shown(texts)} is not understood")

    def _day(self, operator: str, value: Any) -> tuple[str, str]:
        match = DAY.fullmatch(value) if isinstance(value, str) else None
        step = {"gteq": 0, "gt": 1, "lteq": 0, "lt": -1}.get(operator)
        try:
            day = date.fromisoformat(match.group(1)) if match else None
            if day is None or step is None or ("T" in value and operator in ("gt", "lteq")):
                raise ValueError
            return ("valid_from" if operator.startswith("g") else "valid_to"), (day + timedelta(days=step)).isoformat()
        except (ValueError, OverflowError):
            raise Doubt(f"dateTime {operator} {shown(value)} is no whole day") from None

    def _purposes(self, words: list[str]) -> tuple[str, ...]:
        """Ours where they are named, for TDMRep's word beside them is rougher; else what TDMRep's words mean."""
        ours = {word.removeprefix(PURPOSE_WORD) for word in words if word.startswith(PURPOSE_WORD)}
        if ours - set(PURPOSES):
            raise Doubt(f"a purpose that is not known: {shown(sorted(ours)[0])}")
        found = set(ours)
        for word in words:
            meant = TDM_PURPOSES.get(self.names.address(word), ())
            if not meant and not word.startswith(PURPOSE_WORD):
                raise Doubt(f"a purpose that is not known: {shown(word)}")
            if not ours & set(meant):
                found |= set(meant)
        return in_order(found, PURPOSES)

    def _duties(self) -> tuple[Payment | None, tuple[str, ...]]:
        payment = self._payment(self.node.get(OURS + "payment", []))
        found: dict[str, None] = {}
        if len(self.node.get(ODRL + "duty", ())) > MAX_VALUES:
            raise Doubt(f"more than {MAX_VALUES} duties")
        for value in self.node.get(ODRL + "duty", ()):
            node = self.names.node(value) if isinstance(value, dict) else {}
            actions = node.get(ODRL + "action", [])
            if len(actions) != 1:
                raise Doubt(f"a duty that is not understood: {shown(value)}")
            said = self._payment(node.get(OURS + "payment", []))
            action, refined = self._action(actions[0])
            payment = said or payment
            asked = TOKENS.get(action) or action.removeprefix(DUTY_WORD)
            if not said or asked not in ("compensation", "attribution"):
                found[asked] = None
            if not said and asked == "compensation" and refined:
                payment = self._compensation(refined)
            self._report_duty(value, node, asked)
        return payment, tuple(found)

    def _report_duty(self, value: Any, node: Node, asked: str) -> None:
        if asked not in DUTIES and ":" in asked:
            self.faults.append(Fault("duty_unknown", f"{self.place}/duty", f"kept as it stands: {shown(asked)}"))
        if set(node) - {"@id", "@type", ODRL + "action", OURS + "payment"}:
            self.faults.append(
                Fault("duty_limited", f"{self.place}/duty", f"what limits it is not read: {shown(value)}")
            )

    def _compensation(self, refinements: list[Any]) -> Payment | None:
        """The amount of a compensation, as far as it is plain; how it is counted is not said."""
        for value in refinements:
            node = dict(self.names.node(value)) if isinstance(value, dict) else {}
            units = [self.names.reference(one) for one in node.pop(ODRL + "unit", [])]
            rest = {key: said for key, said in node.items() if key.startswith(ODRL)}
            if [self.names.reference(one) for one in rest.get(ODRL + "leftOperand", ())] != [ODRL + "payAmount"]:
                continue
            amounts = [str(literal(one)) for one in rest.get(ODRL + "rightOperand", ())]
            if len(units) == len(amounts) == 1 and AMOUNT.fullmatch(amounts[0]) and units[0].startswith(CURRENCY_WORD):
                return Payment(model="", amount=amounts[0], currency=units[0].removeprefix(CURRENCY_WORD))
        self.faults.append(Fault("amount_unknown", f"{self.place}/duty", "how much is asked for is not understood"))
        return None

    def _payment(self, said: list[Any]) -> Payment | None:
        if not said:
            return None
        node = self.names.node(said[0]) if len(said) == 1 and isinstance(said[0], dict) else {}
        values = {name: node.get(OURS + name, [""]) for name in PAYMENT_FIELDS}
        is_plain = all(len(one) == 1 and isinstance(one[0], str) for one in values.values())
        if not node or not is_plain or set(node) - {OURS + name for name in PAYMENT_FIELDS}:
            raise Doubt(f"a payment that is not understood: {shown(said)}")
        return Payment(**{name: one[0] for name, one in values.items()})


def texts(values: Iterable[Any], names: Names) -> Iterator[str]:
    """The texts of some values as they stand, or the addresses that they are."""
    for value in values:
        text = literal(value)
        if isinstance(text, str):
            yield text
        elif reference := names.reference(value):
            yield reference


def tokens(values: Iterable[Any], names: Names) -> Iterator[str]:
    """The same, but what is written as a compact address is one: TDMRep writes "tdm:research" as text."""
    return (names.address(text) if ":" in text else text for text in texts(values, names))
