"""Policies: three profiles and your own file; they say what blocks and change nothing else."""

import pytest

from licensing.rules.case import parse_case
from licensing.rules.policy import PolicyError, blocks, load, load_profile
from licensing.rules.terms import Verdict
from licensing.rules.verdict import decide

QUESTION = {"use": "pretraining", "purpose": "commercial", "territory": "BR", "on": "2026-11-22"}
UNKNOWN = decide(parse_case({"question": QUESTION, "work": {"id": "w1"}}))
QUOTED = decide(parse_case({"question": QUESTION, "work": {"id": "w1", "relation": "quotation"}}))


@pytest.mark.parametrize(
    ("profile", "blocked"),
    [
        ("strict", {"NOT_CLEARED", "CONTESTED", "UNKNOWN", "EXCEPTION_CLAIMED"}),
        ("balanced", {"NOT_CLEARED", "CONTESTED"}),
        ("research", {"NOT_CLEARED"}),
    ],
)
def test_what_each_profile_blocks(profile, blocked):
    policy = load(profile)
    assert policy.blocked == {Verdict(name) for name in blocked}
    assert policy.label == f"{profile}@1"


def test_balanced_is_the_default():
    assert blocks(UNKNOWN) is load_profile("balanced").blocks(UNKNOWN) is False
    assert blocks(UNKNOWN, load_profile("strict")) is True


def test_your_own_file_starts_from_its_profile(tmp_path):
    own = tmp_path / "clearance.toml"
    own.write_text('profile = "balanced"\n[blocks]\nUNKNOWN = true\nCONTESTED = false\n')
    policy = load(str(own))
    assert policy.blocked == {Verdict.NOT_CLEARED, Verdict.UNKNOWN}
    assert policy.label.startswith("balanced@1+")
    assert load(own) == policy


def test_a_quotation_blocks_only_where_quotations_count(tmp_path):
    own = tmp_path / "clearance.toml"
    own.write_text('profile = "strict"\nversion = "7"\nquotations = true\n')
    assert load(own).label == "strict@7"
    assert load(own).blocks(QUOTED)
    assert not load_profile("strict").blocks(QUOTED)
    assert not load_profile("strict").counts(QUOTED)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('profile = "lenient"', "unknown profile"),
        ("profile = 1", "profile has to be a str"),
        ("[blocks]\nCLEAR = true", "'CLEAR' is not a verdict"),
        ('[blocks]\nUNKNOWN = "yes"', "has to be true or false"),
        ("blocks = 1", "blocks has to be a dict"),
        ("quotation = true", "unknown entry 'quotation'"),
        ("profile =", "not readable as TOML"),
    ],
)
def test_a_malformed_policy_is_refused_with_its_cause(tmp_path, text, cause):
    own = tmp_path / "clearance.toml"
    own.write_text(text)
    with pytest.raises(PolicyError, match=cause):
        load(own)


@pytest.mark.parametrize("name", ["lenient", "/etc/passwd", "nowhere.toml", "a\0.toml", ""])
def test_a_policy_that_does_not_exist_is_refused(name):
    with pytest.raises(PolicyError):
        load(name)


def test_a_name_from_the_network_never_opens_a_file(tmp_path):
    own = tmp_path / "clearance.toml"
    own.write_text('profile = "research"')
    with pytest.raises(PolicyError, match="unknown profile"):
        load_profile(str(own))
