"""ODRL policies in JSON-LD → the policy model, never taken for more than they say; pure.

Sources: W3C ODRL Information Model and Vocabulary 2.2; TDMRep final report of 10 May 2024 (profile, tdm:mine,
tdm:research). A permission whose limits are not understood is kept as not understood, and so is a prohibition: neither
is read wider. Where a policy prohibits something that is not understood, none of its permissions counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from licensing.formats import odrl
from licensing.formats.json_ld import CONTEXT, GRAPH, ODRL, VCARD, Names, Node
from licensing.formats.odrl_rules import CC, Doubt, RuleReader, texts
from licensing.formats.plain_text import MAX_RULES, bounded
from licensing.formats.policy import Effect, Fault, Policy, Reading, Rule
from licensing.formats.untrusted import parse_json, shown, source

FORMAT, VERSION = "odrl", "2.2"
PERMISSION, PROHIBITION = ODRL + "permission", ODRL + "prohibition"
OFFER, SET, POLICY = ODRL + "Offer", ODRL + "Set", ODRL + "Policy"
OTHER_TYPES = {
    ODRL + "Agreement": "an agreement speaks to its two parties alone",
    ODRL + "Request": "a request is what somebody asks for, and gives nothing",
    ODRL + "Ticket": "a ticket speaks to whoever holds it",
    ODRL + "Assertion": "an assertion says what somebody believes to have, and gives nothing",
    ODRL + "Privacy": "a privacy policy is about personal data",
}
NAMES_OF_PARTIES = ("https://schema.org/name", "http://schema.org/name", VCARD + "fn", "http://xmlns.com/foaf/0.1/name")
CONTACTS = ("hasEmail", "hasURL", "hasTelephone", "note")  # of vCard, the first that is there
FOLDED = {name.partition(":")[2]: asked for asked, name in odrl.REFUSED} | {"CommercialUse": "non_commercial"}


@dataclass(frozen=True)
class Frame:
    """Who speaks about what."""

    target: str = ""
    holder: str = ""
    holder_address: str = ""
    contact: str = ""


def read(content: bytes) -> Reading:
    """One policy, several, or those of a page's description (hasPolicy). Nothing that they refer to is fetched."""
    value, fault = parse_json(content)
    if fault:
        return Reading(FORMAT, faults=(fault,))
    faults: list[Fault] = []
    found: dict[Frame, list[Rule]] = {}
    count = 0
    for node, names, place in _policies(value, Names(), "", faults):
        for frame, rule in _PolicyReader(node, names, place, faults).rules():
            count += 1
            if count > MAX_RULES:
                faults.append(Fault("too_many_rules", place, f"only the first {MAX_RULES} rules are read"))
                break
            found.setdefault(frame, []).append(rule)
    policies = tuple(Policy(_merged(rules), **vars(frame)) for frame, rules in found.items())
    if not policies and not faults:
        faults.append(Fault("no_policy", "", "there is no policy of ODRL in it"))
    return Reading(FORMAT, VERSION, policies, bounded(faults))


def _merged(rules: list[Rule]) -> tuple[Rule, ...]:
    """Rules that differ in their uses alone as one: ODRL splits what is one rule here."""
    found: dict[Rule, list[Rule]] = {}
    for rule in rules:
        found.setdefault(replace(rule, uses=(), words=""), []).append(rule)
    merged = []
    for same in found.values():
        is_all = any(not rule.uses for rule in same)
        uses = () if is_all else tuple(dict.fromkeys(use for rule in same for use in rule.uses))
        merged.append(replace(same[0], uses=uses))
    return tuple(merged)


def _policies(value: Any, names: Names, place: str, faults: list[Fault]) -> Iterator[tuple[Node, Names, str]]:
    """Every policy with the names that hold in it."""
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from _policies(one, names, f"{place}/{number}", faults)
        return
    if not isinstance(value, dict):
        faults.append(Fault("not_an_object", place, f"a policy is an object: {shown(value)}"))
        return
    if CONTEXT in value:
        names = names.within(value[CONTEXT], place, faults)
    node = names.node(value)
    is_policy = PERMISSION in node or PROHIBITION in node
    is_policy = is_policy or any(one.startswith(ODRL) for one in names.types(node))
    if is_policy:
        yield node, names, place
        return
    for key in (GRAPH, ODRL + "hasPolicy", "https://schema.org/usageInfo"):
        for number, one in enumerate(node.get(key, ())):
            if isinstance(one, dict):
                yield from _policies(one, names, f"{place}/{key.rpartition('/')[2]}/{number}", faults)


class _PolicyReader:
    """One policy: what holds for all its rules, then the rules."""

    def __init__(self, node: Node, names: Names, place: str, faults: list[Fault]) -> None:
        self.node, self.names, self.place, self.faults = node, names, place, faults
        self.duties: list[str] = []  # what the policy's prohibitions ask of its permissions
        self.doubts: list[str] = []  # why its permissions do not count

    def _report(self, code: str, cause: str, place: str = "") -> None:
        self.faults.append(Fault(code, f"{self.place}{place}", cause))

    def rules(self) -> Iterator[tuple[Frame, Rule]]:
        """The rules, each with who speaks about what."""
        types = [one for one in self.names.types(self.node) if one.startswith(ODRL)]
        for one in types:
            if one in OTHER_TYPES:
                self._report("type_not_for_all", OTHER_TYPES[one], "/@type")
                return
        if not self._check_profile():
            return
        self._check_whole()
        effect = {OFFER: Effect.OFFER, SET: Effect.PERMIT, POLICY: Effect.PERMIT}.get(
            types[0] if len(types) == 1 else ""
        )
        if effect is None:
            self.doubts.append(f"what kind of policy this is, is not said: {shown(types)}")
        prohibitions = list(self._read(PROHIBITION, Effect.PROHIBIT))
        permissions = list(self._read(PERMISSION, effect or Effect.UNKNOWN))
        if permissions and self.doubts:
            self._report("permissions_in_doubt", "; ".join(self.doubts))
        for frame, rule in permissions:
            yield frame, self._under_prohibitions(rule)
        yield from prohibitions

    def _under_prohibitions(self, rule: Rule) -> Rule:
        """What is left of a permission, given all else that the policy says."""
        if self.doubts:
            return Rule(Effect.UNKNOWN, path=rule.path, policy_address=rule.policy_address, words=rule.words)
        if not self.duties or rule.effect == Effect.UNKNOWN:
            return rule
        return replace(rule, duties=tuple(dict.fromkeys((*rule.duties, *self.duties))))

    def _check_profile(self) -> bool:
        """Whether every profile is known: one that is not may change what all the words mean."""
        for value in self.node.get(ODRL + "profile", ()):
            profile = self.names.reference(value).rstrip("/#")
            if profile != odrl.TDM_PROFILE:
                self._report("profile_unknown", f"its words may mean something else: {shown(value)}", "/profile")
                return False
        return True

    def _check_whole(self) -> None:
        for name, cause in (
            ("inheritFrom", "it inherits rules that are not here"),
            ("obligation", "it obliges whoever uses it to something"),
            ("assignee", "it speaks to somebody, and not to all"),
        ):
            if ODRL + name in self.node:
                self._report("not_read", cause, f"/{name}")
                self.doubts.append(cause)

    def _read(self, kind: str, effect: Effect) -> Iterator[tuple[Frame, Rule]]:
        name, count = kind.removeprefix(ODRL), 0
        for number, value in enumerate(self.node.get(kind, ())):
            place = f"{self.place}/{name}/{number}"
            if count >= MAX_RULES:
                self.faults.append(Fault("too_many_rules", place, f"only the first {MAX_RULES} rules are read"))
                self._doubt(kind, "it prohibits more than is read")
                return
            if not isinstance(value, dict) or CONTEXT in value:
                self.faults.append(Fault("not_an_object", place, f"a rule is an object: {shown(value)}"))
                self._doubt(kind, "it prohibits something that cannot be read")
                continue
            rule_node = self.names.node(value)
            for shared in ("action", "target", "assignee"):
                if ODRL + shared not in rule_node and ODRL + shared in self.node:
                    rule_node[ODRL + shared] = self.node[ODRL + shared]
            reader = RuleReader(rule_node, self.names, place, self.faults, refusing=kind == PROHIBITION)
            for found in self._read_rule(reader, kind, effect, value):
                count += 1
                yield found

    def _read_rule(self, reader: RuleReader, kind: str, effect: Effect, value: Any) -> Iterator[tuple[Frame, Rule]]:
        uses, unknown = reader.uses()
        if uses is None and not unknown:
            unknown = ["(no action)"]
        for action in unknown:
            folded = FOLDED.get(action.removeprefix(ODRL).removeprefix(CC)) if kind == PROHIBITION else None
            if folded:
                self.duties.append(folded)
            else:
                self.faults.append(Fault("action_unknown", f"{reader.place}/action", f"none of ours: {shown(action)}"))
                self._doubt(kind, f"it prohibits what is not understood: {shown(action)}")
        if uses is None:
            return
        words = source(value)
        try:
            rule = reader.rule(effect, uses, words)
        except Doubt as doubt:
            self.faults.append(Fault("not_understood", reader.place, str(doubt)))
            self._doubt(kind, "it prohibits something within limits that are not understood")
            rule = Rule(Effect.UNKNOWN, words=words)
        for target in reader.targets():
            yield self._frame(target), rule

    def _doubt(self, kind: str, cause: str) -> None:
        if kind == PROHIBITION:
            self.doubts.append(cause)

    def _frame(self, target: str) -> Frame:
        parties = self.node.get(ODRL + "assigner", [])
        if len(parties) != 1:
            return Frame(target)
        address = self.names.reference(parties[0])
        if not isinstance(parties[0], dict):
            return Frame(target, holder_address=address)
        party = self.names.node(parties[0])
        called = (value for name in NAMES_OF_PARTIES for value in texts(party.get(name, ()), self.names))
        contacts = (value for name in CONTACTS for value in texts(party.get(VCARD + name, ()), self.names))
        contact = next(contacts, "").removeprefix("mailto:")
        return Frame(target, next(called, ""), address, contact)
