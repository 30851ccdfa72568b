"""Of many rules: which count for an address, a use and a crawler, and why."""

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.formats import ai_txt, aipref, content_signal, robots, rsl
from licensing.formats.labels import REFUSING, TRAINING, USES
from licensing.formats.path_patterns import matches
from licensing.formats.policy import Effect, Payment, Reading, Rule
from licensing.formats.precedence import Answer, Asked, Says, Stated, Why, decide, state
from licensing.formats.rsl_precedence import narrowness, weigh
from licensing.formats.rsl_terms import AI_USES
from licensing.formats.stated import says

PAGE = "https://example.org/books/1"
RESERVE = Rule(Effect.RESERVE)
OPEN = Rule(Effect.PREFER_ALLOW)


def tdm(key: str, rule: Rule, carrier: str = "file", source: str = "tdmrep.json") -> Stated:
    return Stated(key, "tdmrep", rule, carrier, source, "example.org")


def why(answer: Answer, key: str) -> str:
    return next(one.why for one in answer.rulings if one.key == key)


def verdict(answer: Answer, name: str) -> str:
    outcome = answer.of(name)
    return outcome.says.value if outcome else ""


# --- what a rule is about ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (replace(RESERVE, path="/news/"), Why.OTHER_PATH),
        (replace(RESERVE, uses=("search_index",)), Why.OTHER_USE),
        (replace(RESERVE, purposes=("research",)), Why.OTHER_PURPOSE),
        (replace(RESERVE, territory=("US",)), Why.OTHER_TERRITORY),
        (replace(RESERVE, valid_to="2025-12-31"), Why.OUT_OF_TIME),
        (replace(RESERVE, valid_from="2026-06-02"), Why.OUT_OF_TIME),
        (replace(RESERVE, agents=("GPTBot",)), Why.OTHER_AGENT),
        (Rule(Effect.WORDS, words="No training here."), Why.WORDS),
        (replace(RESERVE, machine_readable=False), Why.WORDS),
        (Rule(Effect.UNKNOWN), Why.NOT_UNDERSTOOD),
    ],
)
def test_a_rule_about_something_else_does_not_count_and_says_why(rule: Rule, reason: Why) -> None:
    asked = Asked(PAGE, "pretraining", "CCBot", "commercial", "DE", ("EU", "EEA"), on="2026-06-01")
    answer = decide(asked, [Stated("one", "odrl", rule, host="example.org")])
    assert (answer.outcomes, why(answer, "one")) == ((), reason)
    assert answer.rulings[0].sentence


def test_a_rule_for_another_host_does_not_count() -> None:
    answer = decide(Asked(PAGE), [Stated("one", "odrl", RESERVE, host="other.example")])
    assert why(answer, "one") == Why.OTHER_HOST


def test_a_rule_for_an_address_counts_for_what_lies_below_it() -> None:
    stated = Stated("one", "odrl", RESERVE, target="https://example.org/books/")
    assert decide(Asked(PAGE), [stated]).refused
    assert not decide(Asked("https://example.org/news"), [stated]).refused
    assert not decide(Asked("https://other.example/books/1"), [stated]).refused


def test_a_refusal_has_to_touch_a_territory_and_a_permission_to_contain_it() -> None:
    for effect, asked, counts in (
        (Effect.RESERVE, Asked(PAGE, territory="EU", parts=("DE", "FR")), True),
        (Effect.PERMIT, Asked(PAGE, territory="EU", parts=("DE", "FR")), False),
        (Effect.PERMIT, Asked(PAGE, territory="DE", within=("EU",)), True),
        (Effect.RESERVE, Asked(PAGE), True),
        (Effect.PERMIT, Asked(PAGE), False),
    ):
        territory = ("DE",) if asked.territory != "DE" else ("EU",)
        answer = decide(asked, [Stated("one", "odrl", Rule(effect, territory=territory))])
        assert bool(answer.outcomes) is counts, (effect, asked)


# --- tdmrep ------------------------------------------------------------------------------------------------------


def test_of_a_tdmrep_file_the_first_rule_that_covers_the_path_counts() -> None:
    answer = decide(Asked(PAGE), [tdm("a", replace(OPEN, path="/books/")), tdm("b", RESERVE)])
    assert (verdict(answer, "tdmrep"), why(answer, "b")) == ("allow", Why.LATER_IN_FILE)


@pytest.mark.parametrize("heavier", ["header", "html", "epub", "pdf"])
def test_a_weightier_carrier_outweighs_the_file(heavier: str) -> None:
    answer = decide(Asked(PAGE), [tdm("a", RESERVE), tdm("b", OPEN, heavier, "page")])
    assert (verdict(answer, "tdmrep"), why(answer, "a")) == ("allow", Why.WEIGHTIER_CARRIER)
    answer = decide(Asked(PAGE), [tdm("a", OPEN), tdm("b", RESERVE, heavier, "page")])
    assert verdict(answer, "tdmrep") == "reserved"


def test_html_outweighs_the_header_and_a_book_the_page() -> None:
    stated = [tdm("a", RESERVE, "header", "h"), tdm("b", OPEN, "html", "p"), tdm("c", RESERVE, "epub", "e")]
    assert verdict(decide(Asked(PAGE), stated[:2]), "tdmrep") == "allow"
    assert verdict(decide(Asked(PAGE), stated), "tdmrep") == "reserved"


def test_absence_never_resets() -> None:
    assert (
        verdict(
            decide(Asked(PAGE), [tdm("a", RESERVE), tdm("b", replace(OPEN, path="/news"), "header", "h")]), "tdmrep"
        )
        == "reserved"
    )


def test_what_was_not_understood_hides_what_it_stands_before() -> None:
    answer = decide(Asked(PAGE), [tdm("a", Rule(Effect.UNKNOWN, path="/books/")), tdm("b", OPEN)])
    assert (answer.outcomes, why(answer, "b")) == ((), Why.LATER_IN_FILE)


# --- robots.txt, aipref, Content-Signal, ai.txt ------------------------------------------------------------------


def in_robots(content: bytes, draft: str = "") -> list[Stated]:
    readings: list[Reading] = [
        robots.read(content),
        aipref.read_robots(content, draft),
        content_signal.read_robots(content),
    ]
    return [
        one
        for reading in readings
        for one in state(
            reading, carrier="robots", source="robots.txt", host="example.org", prefix=f"{reading.format}:"
        )
    ]


FILE = b"""User-Agent: *
Allow: /
Disallow: /never/
Content-Usage: train-ai=n
Content-Usage: /ai-ok/ train-ai=y
Content-Signal: ai-train=no

User-Agent: ExampleBot
Allow: /
Content-Usage: train-ai=y
"""


@pytest.mark.parametrize(
    ("path", "agent", "expected"),
    [
        ("/test", "Other", "disallow"),
        ("/never/test", "Other", ""),
        ("/ai-ok/test", "Other", "allow"),
        ("/test", "ExampleBot", "allow"),
        ("/never/test", "examplebot", "allow"),
    ],
)
def test_preferences_in_robots_are_those_of_the_example_in_the_draft(path: str, agent: str, expected: str) -> None:
    answer = decide(Asked(f"https://example.org{path}", "pretraining", agent), in_robots(FILE))
    assert verdict(answer, "aipref") == expected


def test_a_crawler_with_a_group_of_its_own_does_not_get_the_signals_of_the_others() -> None:
    assert verdict(decide(Asked(PAGE, "pretraining", "ExampleBot"), in_robots(FILE)), "content-signal") == ""
    assert verdict(decide(Asked(PAGE, "pretraining", "Other"), in_robots(FILE)), "content-signal") == "disallow"


def test_any_disallow_wins_between_header_and_robots() -> None:
    header = state(aipref.read(b"train-ai=y"), carrier="header", source=PAGE, prefix="header:")
    answer = decide(Asked(PAGE, "pretraining"), [*in_robots(FILE), *header])
    assert (verdict(answer, "aipref"), why(answer, "header:0")) == ("disallow", Why.REFUSAL_WINS)
    refusing = state(aipref.read(b"train-ai=n"), carrier="header", source=PAGE, prefix="header:")
    assert (
        verdict(decide(Asked("https://example.org/ai-ok/1", "pretraining"), [*in_robots(FILE), *refusing]), "aipref")
        == "disallow"
    )


def test_a_contract_outweighs_a_preference_and_nothing_else() -> None:
    asked = Asked(PAGE, "pretraining", contract=True)
    answer = decide(asked, [*in_robots(FILE), tdm("t", RESERVE)])
    assert (answer.of("aipref").why, verdict(answer, "aipref")) == (Why.CONTRACT, "allow")  # type: ignore[union-attr]
    assert (verdict(answer, "content-signal"), verdict(answer, "tdmrep")) == ("disallow", "reserved")


def test_of_patterns_of_one_length_the_allow_counts_in_robots_and_the_refusal_in_ai_txt() -> None:
    content = b"User-agent: *\nDisallow: /books/\nAllow: /books/\n"
    crawl = decide(Asked(PAGE), in_robots(content))
    assert (verdict(crawl, "robots"), why(crawl, "robots:0")) == ("allow", Why.ALLOW_WINS_TIE)
    training = decide(Asked(PAGE, "pretraining"), state(ai_txt.read(content), source="ai.txt"))
    assert verdict(training, "ai.txt") == "disallow"


def test_a_crawler_that_nobody_names_is_not_refused_by_what_is_said_to_others() -> None:
    answer = decide(Asked(PAGE, "pretraining"), in_robots(b"User-agent: GPTBot\nDisallow: /\n"))
    assert (answer.outcomes, why(answer, "robots:0")) == ((), Why.OTHER_AGENT)


def test_formats_are_answered_each_by_itself() -> None:
    answer = decide(Asked(PAGE, "pretraining"), [*in_robots(FILE), tdm("t", OPEN)])
    assert {one.format: one.says.value for one in answer.outcomes} == {
        "robots": "allow",
        "aipref": "disallow",
        "content-signal": "disallow",
        "tdmrep": "allow",
    }
    assert {one.format for one in answer.refused} == {"aipref", "content-signal"}


# --- RSL ---------------------------------------------------------------------------------------------------------


def licences(*scopes: str, url: str = "/", carrier: str = "file") -> list[Stated]:
    licence = "".join(f"<license>{scope}</license>" for scope in scopes)
    text = f'<rsl xmlns="https://rslstandard.org/rsl"><content url="{url}">{licence}</content></rsl>'
    return state(rsl.read(text.encode()), carrier=carrier, source=url, host="example.org", prefix=f"{url}:")


def permits(tokens: str) -> str:
    return f'<permits type="usage">{tokens}</permits>'


def prohibits(tokens: str) -> str:
    return f'<prohibits type="usage">{tokens}</prohibits>'


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (licences(permits("ai-train"), prohibits("all")), "allow"),
        (licences(permits("ai-train"), prohibits("ai-all")), "allow"),
        (licences(permits("ai-all"), prohibits("all")), "allow"),
        (licences(permits("all"), prohibits("ai-all")), "disallow"),
        (licences(permits("ai-train"), prohibits("ai-train")), "disallow"),
        (licences(permits("ai-all"), prohibits("ai-train")), "disallow"),
        (licences(permits("ai-train"), prohibits("search ai-train ai-input")), "disallow"),
        (licences(permits("all")) + licences(prohibits("ai-train"), url="/books/"), "disallow"),
        (licences(prohibits("ai-train")) + licences(permits("ai-train"), url="/books/"), "allow"),
        (licences(prohibits("ai-train")) + licences(permits("all"), url="/books/"), "disallow"),
        (licences(prohibits("ai-train")) + licences(permits("ai-train"), url="/news/"), "disallow"),
        (licences(prohibits("ai-train")) + licences(permits("ai-train"), carrier="html"), "allow"),
        (licences(permits("search")), "disallow"),
        (licences(prohibits("search")), ""),
        (licences(permits("search"), permits("ai-train")), "allow"),
    ],
)
def test_a_narrower_rule_counts_and_of_equal_ones_the_refusal(stated: list[Stated], expected: str) -> None:
    assert verdict(decide(Asked(PAGE, "pretraining"), stated), "rsl") == expected


def outweighs(permission: Stated, refusal: Stated) -> bool:
    """The obvious reference: in no respect broader, in one narrower."""
    (mine, my_path), (theirs, their_path) = narrowness(permission), narrowness(refusal)
    pairs = [*zip(mine, theirs, strict=True), (my_path, their_path)]
    return all(left >= right for left, right in pairs) and any(left > right for left, right in pairs)


licences_drawn = st.tuples(
    st.sampled_from([Effect.PERMIT, Effect.PROHIBIT]),
    st.sampled_from(["", "/b", "/books/"]),
    st.sampled_from([(), TRAINING, AI_USES]),
    st.sampled_from([(), ("education",)]),
    st.sampled_from(["file", "html"]),
)


@given(st.lists(licences_drawn, max_size=8))
def test_refusals_stand_that_no_single_permission_outweighs(
    drawn: list[tuple[Effect, str, tuple[str, ...], tuple[str, ...], str]],
) -> None:
    found = [
        Stated(str(number), "rsl", Rule(effect, path=path, uses=uses, purposes=purposes), carrier)
        for number, (effect, path, uses, purposes, carrier) in enumerate(drawn)
    ]
    permissions = [one for one in found if one.rule.effect == Effect.PERMIT]
    standing = [
        one
        for one in found
        if one.rule.effect == Effect.PROHIBIT and not any(outweighs(other, one) for other in permissions)
    ]
    counting, outweighed = weigh(found)
    assert counting == (standing or permissions)
    assert {one.key for one in counting} | {one.key for one, _why in outweighed} == {one.key for one in found}


def test_thousands_of_rules_are_weighed_in_seconds() -> None:
    rules = [Rule(Effect.PROHIBIT, path="/" + "*" * (n % 500)) for n in range(2000)]
    rules += [Rule(Effect.PERMIT, path="/" + "*" * (n % 499)) for n in range(2000)]
    for name in ("rsl", "robots", "aipref", "tdmrep", "odrl"):
        found = [Stated(str(number), name, rule, "file", "one") for number, rule in enumerate(rules)]
        began = time.perf_counter()
        decide(Asked(PAGE, "pretraining"), found)
        assert time.perf_counter() - began < 5, name


def test_what_permits_enumerates_leaves_the_rest_unlicensed_and_says_so() -> None:
    answer = decide(Asked(PAGE, "pretraining"), licences(permits("search")))
    assert answer.of("rsl").why == Why.NOT_LISTED  # type: ignore[union-attr]
    students = licences(permits("ai-train") + '<permits type="user">education</permits>')
    assert verdict(decide(Asked(PAGE, "pretraining", purpose="commercial"), students), "rsl") == "disallow"
    assert verdict(decide(Asked(PAGE, "pretraining", purpose="education"), students), "rsl") == "allow"
    assert verdict(decide(Asked(PAGE, "pretraining"), students), "rsl") == ""


def test_an_offer_is_conditional() -> None:
    offered = licences(permits("ai-train") + '<payment type="training"/>')
    assert verdict(decide(Asked(PAGE, "pretraining"), offered), "rsl") == "conditional"


def test_a_licence_line_for_a_crawler_replaces_the_general_one() -> None:
    own = [
        replace(one, rule=replace(one.rule, agents=("GPTBot",)), source="own", key=f"own{one.key}")
        for one in licences(permits("all"))
    ]
    stated = [*licences(prohibits("all")), *own]
    assert verdict(decide(Asked(PAGE, "pretraining", "GPTBot"), stated), "rsl") == "allow"
    assert verdict(decide(Asked(PAGE, "pretraining", "Other"), stated), "rsl") == "disallow"


# --- laws --------------------------------------------------------------------------------------------------------

small_rules = st.builds(
    Rule,
    effect=st.sampled_from([one for one in Effect if one != Effect.WORDS]),
    uses=st.sampled_from([(), TRAINING, ("search_index",), ("rag_grounding", "pretraining")]),
    path=st.sampled_from(["", "/books/", "/books/1$", "/news/"]),
    agents=st.sampled_from([(), ("GPTBot",)]),
    payment=st.sampled_from([None, Payment("crawl", "1", "EUR")]),
)
FORMATS = ("tdmrep", "robots", "aipref", "content-signal", "ai.txt", "rsl", "cawg", "onix", "odrl")
CARRIERS = ("file", "robots", "header", "html", "epub", "pdf")


@st.composite
def stated(draw: st.DrawFn, formats: Sequence[str] = FORMATS) -> list[Stated]:
    drawn = draw(st.lists(st.tuples(small_rules, st.sampled_from(formats), st.sampled_from(CARRIERS)), max_size=6))
    return [Stated(str(number), name, rule, carrier, carrier) for number, (rule, name, carrier) in enumerate(drawn)]


questions = st.builds(
    Asked,
    address=st.just(PAGE),
    use=st.sampled_from(USES),
    agent=st.sampled_from(["", "GPTBot", "CCBot"]),
    contract=st.booleans(),
)


@given(questions, stated())
def test_every_statement_gets_one_ruling_and_outcomes_rest_on_those_that_count(
    asked: Asked, found: list[Stated]
) -> None:
    answer = decide(asked, found)
    assert [one.key for one in answer.rulings] == [one.key for one in found]
    counting = {one.key for one in answer.rulings if one.counts}
    assert counting == {key for one in answer.outcomes if one.why == Why.COUNTS for key in one.keys}
    assert all(one.sentence and one.why for one in answer.rulings)


@given(questions, stated())
def test_one_format_says_nothing_about_another(asked: Asked, found: list[Stated]) -> None:
    answer = decide(asked, found)
    for name in {one.format for one in found} - {
        "aipref",
        "content-signal",
    }:  # these ask robots whether it may be fetched
        alone = decide(asked, [one for one in found if one.format == name])
        assert alone.of(name) == answer.of(name)


@given(questions, stated([name for name in FORMATS if name != "tdmrep"]), st.randoms())
def test_order_does_not_matter_but_in_a_tdmrep_file(asked: Asked, found: list[Stated], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = decide(asked, found), decide(asked, shuffled)
    assert {(out.format, out.says, frozenset(out.keys)) for out in one.outcomes} == {
        (out.format, out.says, frozenset(out.keys)) for out in other.outcomes
    }


@given(questions, stated(["aipref", "content-signal", "rsl", "cawg", "odrl"]))
def test_what_permits_rests_on_a_permission_that_reaches_the_question(asked: Asked, found: list[Stated]) -> None:
    by_key = {one.key: one for one in found}
    for outcome in decide(asked, found).outcomes:
        for key in outcome.keys if outcome.why == Why.COUNTS else ():
            rule = by_key[key].rule
            assert says(rule) == outcome.says or rule.effect in REFUSING or outcome.says == Says.CONDITIONAL
            assert not rule.uses or asked.use in rule.uses
            assert matches(rule.path, "/books/1")


@given(questions, stated(["cawg", "onix", "odrl"]))
def test_a_refusal_more_never_makes_an_answer_better(asked: Asked, found: list[Stated]) -> None:
    before = decide(asked, found)
    after = decide(asked, [*found, Stated("more", "odrl", RESERVE)])
    assert {one.format for one in before.refused} <= {one.format for one in after.refused}
    assert any(one.format == "odrl" for one in after.refused)
