"""One policy in every format: each export says what the policy says, and what it does not say is in its loss."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import combinations

import pytest
from hypothesis import Phase, given, settings

from licensing.formats import cawg, odrl_policy, onix_rights, rsl, rsl_writing, tdmrep
from licensing.formats.labels import REFUSING, TRAINING, USES
from licensing.formats.policy import Effect, Payment, Policy, Reading, Rule, Written
from tests.licensing.formats.round_trips import lost_fields, meaning, never_looser, policies


@dataclass(frozen=True)
class Format:
    write: Callable[[Policy], Written]
    read: Callable[[bytes], Reading]


FORMATS = {
    "cawg": Format(cawg.write, cawg.read),
    "odrl": Format(odrl_policy.write, odrl_policy.read),
    "onix": Format(onix_rights.write, onix_rights.read),
    "rsl": Format(rsl_writing.write, rsl.read),
    "tdmrep": Format(tdmrep.write, tdmrep.read),
}
NOT_SAID = ("left out", "not made to say", "that is said", "a wish that allows", "no permission")
UNSAID = re.compile(r"has no word for ([a-z_, ]+): not said")
SAID_ANYWAY = ("words", "machine_readable")  # the words of a source are its own


def exported(name: str, policy: Policy) -> tuple[list[Policy], tuple[str, ...]]:
    """The policies that are read back, and the loss of the export."""
    written = FORMATS[name].write(policy)
    if not written.content:
        return [], written.loss
    reading = FORMATS[name].read(written.content)
    assert reading.faults == ()
    return list(reading.policies), written.loss


def silent(policy: Policy, back: Sequence[Policy], loss: Sequence[str]) -> list[str]:
    """What differs between the policy and what was read back, and no loss names; by rule and field."""
    named = lost_fields(loss)
    said = [rule for one in back for rule in meaning(one).rules]
    found = []
    for number, rule in enumerate(policy.rules):
        sentences = [one for one in loss if one.startswith(f"/rules/{number}/")]
        if any(word in sentence for sentence in sentences for word in NOT_SAID):
            continue
        lost = named.get(number, set())
        if {"effect", "uses"} <= lost:
            continue
        (mine,) = meaning(Policy((rule,))).rules
        unsaid = {use for one in sentences if (match := UNSAID.search(one)) for use in match[1].split(", ")}
        if unsaid >= set(mine.uses or USES):
            continue
        compared = [one.name for one in fields(Rule) if one.name not in (*SAID_ANYWAY, "uses", *lost)]
        alike = [one for one in said if all(getattr(one, name) == getattr(mine, name) for name in compared)]
        if not alike:
            found.append(f"/rules/{number}: not said")
        carried = {use for one in alike for use in one.uses or USES}
        if "uses" not in lost and not set(mine.uses or USES) <= carried:
            found.append(f"/rules/{number}/uses: {sorted(set(mine.uses or USES) - carried)}")
    return found


def refused(rules: Sequence[Rule]) -> set[str]:
    return {use for rule in rules if rule.effect in REFUSING for use in rule.uses or USES}


PRESS = Policy(
    (
        Rule(Effect.RESERVE, TRAINING, policy_address="https://press.example/terms"),
        Rule(Effect.OFFER, TRAINING, duties=("consent",), policy_address="https://press.example/terms"),
    ),
    holder="作家出版社",
    contact="rights@press.example",
)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_reservation_with_terms_says_the_same_in_every_format(name: str) -> None:
    back, loss = exported(name, PRESS)
    rules = [rule for one in back for rule in one.rules]
    assert set(TRAINING) <= refused(rules)
    assert "https://press.example/terms" in {rule.policy_address for rule in rules} or "policy_address" in str(loss)
    assert never_looser(PRESS, back)
    assert silent(PRESS, back, loss) == []
    assert Effect.PERMIT not in {rule.effect for rule in rules}


@pytest.mark.parametrize("name", sorted(FORMATS))
@given(policy=policies)
def test_what_is_not_read_back_is_in_the_loss(name: str, policy: Policy) -> None:
    back, loss = exported(name, policy)
    assert silent(policy, back, loss) == []
    assert never_looser(policy, back)


@given(policy=policies)
def test_two_exports_of_one_policy_differ_only_in_what_either_lists(policy: Policy) -> None:
    everywhere = replace(policy, rules=tuple(replace(rule, path="", agents=()) for rule in policy.rules))
    made = {name: exported(name, everywhere) for name in sorted(FORMATS)}
    for one, other in combinations(sorted(FORMATS), 2):
        (left, left_loss), (right, right_loss) = made[one], made[other]
        differing = refused([rule for each in left for rule in each.rules])
        differing ^= refused([rule for each in right for rule in each.rules])
        about = {
            use
            for number, lost in (*lost_fields(left_loss).items(), *lost_fields(right_loss).items())
            if lost & {"uses", "effect", "purposes"}
            for use in USES  # of a label that means more than was meant, any use
            if everywhere.rules[number].effect in REFUSING
        }
        assert differing <= about, (one, other)


LOSSY = Policy(
    (
        Rule(
            Effect.OFFER,
            TRAINING,
            purposes=("research",),
            territory=("DE",),
            valid_to="2027-12-31",
            path="/books/",
            agents=("GPTBot",),
            payment=Payment("crawl", "12.50", "EUR"),
            policy_address="https://press.example/terms",
        ),
        Rule(Effect.PREFER_DISALLOW, ("pretraining",), territory=("CN",), valid_from="2026-01-01"),
        Rule(Effect.PREFER_ALLOW, ("search_index",)),
    )
)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_loss_that_is_not_listed_would_be_found(name: str) -> None:
    back, loss = exported(name, LOSSY)
    assert silent(LOSSY, back, loss) == []
    assert loss
    assert silent(LOSSY, back, ()) != []


REACHED: dict[str, Callable[[Policy], bool]] = {
    "nothing": lambda policy: not policy.rules,
    "several rules": lambda policy: len(policy.rules) >= 3,
    "a refusal beside an offer": lambda policy: {Effect.RESERVE, Effect.OFFER} <= {one.effect for one in policy.rules},
    "paths": lambda policy: any(rule.path.startswith("/books") for rule in policy.rules),
    "countries": lambda policy: any("DE" in rule.territory for rule in policy.rules),
    "fees": lambda policy: any(rule.payment and rule.payment.currency == "CNY" for rule in policy.rules),
    "first and last days": lambda policy: any(rule.valid_from and rule.valid_to for rule in policy.rules),
    "crawlers": lambda policy: any(rule.agents for rule in policy.rules),
    "Chinese": lambda policy: policy.holder == "作家出版社",
    "Chinese words": lambda policy: any("训练" in rule.words for rule in policy.rules),
    "said in words": lambda policy: any(not rule.machine_readable for rule in policy.rules),
    **{f"effect {one}": lambda policy, one=one: any(rule.effect == one for rule in policy.rules)  # type: ignore[misc]
       for one in Effect if one not in (Effect.WORDS, Effect.UNKNOWN)},
}  # fmt: skip


def test_the_policies_at_random_reach_all_that_matters() -> None:
    reached: set[str] = set()

    @settings(max_examples=400, phases=[Phase.generate], derandomize=True)
    @given(policies)
    def look(policy: Policy) -> None:
        reached.update(name for name, is_there in REACHED.items() if is_there(policy))

    look()
    assert reached == set(REACHED)
