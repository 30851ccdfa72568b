"""The two values of TDMRep, `tdm-reservation` and `tdm-policy`, whichever carrier they come in; pure.

Source: W3C TDM Reservation Protocol, final community group report of 10 May 2024. 1 reserves mining, 0 does not; any
other value is an error of protocol, and then nothing is said. A policy alone changes no reservation.
"""

from collections.abc import Iterable, Sequence
from urllib.parse import urljoin

from licensing.formats.fitting import fit, fit_uses
from licensing.formats.labels import REFUSING, Label, lost
from licensing.formats.path_patterns import EVERYWHERE, matches, path_of
from licensing.formats.policy import Effect, Fault, Policy, Rule
from licensing.formats.untrusted import is_address, shown
from registry.importers import tdm

FORMAT, NAME = "tdmrep", "TDMRep"
VERSION = tdm.VERSION
MINING = Label("tdm:mine", sure=tdm.MINING, rough=tdm.ROUGHLY_MINING)
RESERVATION, POLICY = "tdm-reservation", "tdm-policy"
CAN = frozenset({"path"})


def read_values(
    reservations: Sequence[str], policies: Sequence[str], place: str, faults: list[Fault], address: str = ""
) -> Rule | None:
    """What one header, page, book or document says as a whole; `address` is its own, for relative policies.

    None: it says nothing. Values that contradict each other are not understood.
    """
    if not reservations and not policies:
        return None
    policy = read_policy(policies, place, faults, address)
    words = "; ".join(
        [*(f"{RESERVATION}: {shown(one)}" for one in reservations), *(f"{POLICY}: {shown(one)}" for one in policies)]
    )
    values = {value.strip() for value in reservations}
    if not values:
        faults.append(Fault("policy_alone", place, "a policy without a reservation: it reserves nothing by itself"))
        return Rule(Effect.UNKNOWN, policy_address=policy, words=words)
    if len(values) > 1:
        faults.append(Fault("reservation_unclear", place, f"it is said {len(values)} times, and not the same"))
        return Rule(Effect.UNKNOWN, words=words)
    value = values.pop()
    return read_value({"0": 0, "1": 1}.get(value, value), policy, place, faults, words=words)


def read_policy(policies: Iterable[object], place: str, faults: list[Fault], address: str = "") -> str:
    """The address of the policy, absolute; empty, and a fault, where it cannot be told."""
    found = list(dict.fromkeys(one.strip() if isinstance(one, str) else repr(one) for one in policies))
    if len(found) > 1:
        faults.append(Fault("policy_unclear", place, f"{len(found)} policies are named; none is taken"))
        return ""
    if not found:
        return ""
    try:
        policy = urljoin(address, found[0]) if address else found[0]
    except ValueError:
        policy = ""
    if not is_address(policy):
        faults.append(Fault("policy_not_address", place, f"no http or https address: {shown(found[0])}"))
        return ""
    return policy


def read_value(value: object, policy: str, place: str, faults: list[Fault], *, path: str = "", words: str = "") -> Rule:
    """The rule of a reservation. 0 is a wish and no licence, and its policy is not looked at."""
    if isinstance(value, bool) or value not in (0, 1):
        faults.append(Fault("reservation_unknown", place, f"neither 0 nor 1, so nothing is said: {shown(value)}"))
        return Rule(Effect.UNKNOWN, path=path, policy_address=policy, words=words)
    if value == 1:
        return Rule(Effect.RESERVE, MINING.reach(True), path=path, policy_address=policy, words=words)
    if policy:
        faults.append(Fault("policy_ignored", place, "a policy counts only where rights are reserved"))
    return Rule(Effect.PREFER_ALLOW, MINING.reach(False), path=path, words=words)


def say_value(rule: Rule, number: int) -> tuple[int | None, list[str]]:
    """1, 0, or None where TDMRep cannot say the rule; and what is lost in it. Offers are no value: see `say_offers`."""
    is_said, loss = fit(rule, number, NAME, CAN)
    if not is_said:
        return None, loss
    said, lost_uses = fit_uses(rule, number, NAME, (MINING,))
    loss += lost_uses
    if not said.labels:
        return None, loss
    if rule.effect in REFUSING:
        if rule.effect != Effect.RESERVE:
            loss.append(lost(number, "effect", "TDMRep knows reservations only: it is said as one"))
        return 1, loss
    if rule.effect == Effect.PERMIT:
        if rule.policy_address:
            return None, [*loss, lost(number, "policy_address", "TDMRep names no licence: the permission is left out")]
        loss.append(lost(number, "effect", "that rights are not reserved is a wish, and no licence"))
    elif rule.policy_address:
        loss.append(lost(number, "policy_address", "TDMRep looks at no policy where rights are not reserved"))
    return 0, loss


def sayable(rule: Rule, number: int, loss: list[str]) -> str:
    """The address of the rule's terms, where it is one: it may come to stand in a header."""
    if not rule.policy_address or is_address(rule.policy_address):
        return rule.policy_address
    loss.append(lost(number, "policy_address", f"no http or https address: {shown(rule.policy_address)}"))
    return ""


def find_rule(policy: Policy, address: str) -> Rule | None:
    """The rule for an address: the first whose pattern covers its path, whatever it says. None: nothing is said."""
    path = path_of(address)
    return next((rule for rule in policy.rules if matches(rule.path, path)), None)


def covers(pattern: str, other: str) -> bool:
    """Whether a pattern without wildcards covers everything that another one covers."""
    return pattern in EVERYWHERE or (not set("*$") & set(pattern) and other.startswith(pattern))


def resolve(found: Iterable[Rule | None]) -> Rule | None:
    """What counts of several carriers, given from the file by header and page to the book or document itself.

    A later one replaces an earlier one, value by value; what it does not say resets nothing.
    """
    rule, policy = None, ""
    for one in found:
        if one is None:
            continue
        policy = one.policy_address or policy
        if one.effect != Effect.UNKNOWN:
            rule = one
    if rule is None:
        return None
    kept = policy if rule.effect == Effect.RESERVE else ""
    return Rule(rule.effect, rule.uses, path=rule.path, policy_address=kept, words=rule.words)
