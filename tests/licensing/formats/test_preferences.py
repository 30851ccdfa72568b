"""What formats of preferences share, read and written."""

from licensing.formats.labels import TRAINING, USES
from licensing.formats.policy import Effect, Policy, Rule
from licensing.formats.preferences import AGAIN, audiences, comments, places, sayable, split_path

NO = Rule(Effect.PREFER_DISALLOW)


def test_crawlers_are_grouped_by_what_they_collect_for() -> None:
    assert list(audiences(["", "GPTBot", "Foobot", "ClaudeBot"])) == [
        ((), ()),
        (("GPTBot", "ClaudeBot"), TRAINING),
        (("Foobot",), ()),
    ]


def test_what_is_said_of_a_wider_place_stands_again_for_uses_that_are_not_spoken_of() -> None:
    general = Rule(Effect.PREFER_DISALLOW)
    own = Rule(Effect.PREFER_ALLOW, uses=("search_index",), path="/a")
    loss: list[str] = []
    found = places([(0, general), (1, own)], [], loss)
    assert loss == [AGAIN]
    assert [(number, tuple(rule.uses)) for number, rule in found[(), "/a"]] == [
        (1, ("search_index",)),
        (0, tuple(use for use in USES if use != "search_index")),
    ]
    assert found[(), ""] == [(0, general)]


def test_crawlers_with_groups_elsewhere_get_what_everybody_gets_unless_they_are_spoken_to() -> None:
    own = Rule(Effect.PREFER_ALLOW, agents=("CCBot",))
    found = places([(0, NO), (1, own)], [("GPTBot", "CCBot")], [])
    assert {place: [rule.effect for _number, rule in said] for place, said in found.items()} == {
        ((), ""): [Effect.PREFER_DISALLOW],
        (("CCBot",), ""): [Effect.PREFER_ALLOW],
        (("GPTBot",), ""): [Effect.PREFER_DISALLOW],
    }


def test_a_pattern_with_a_star_is_no_wider_place() -> None:
    found = places([(0, Rule(Effect.PREFER_DISALLOW, path="/*")), (1, Rule(Effect.PREFER_ALLOW, path="/a"))], [], [])
    assert [number for number, _rule in found[(), "/a"]] == [1]


def test_a_line_cannot_be_broken_out_of() -> None:
    for rule in (
        Rule(NO.effect, path="/a\nAllow: /"),
        Rule(NO.effect, agents=("*\nAllow: /",)),
        Rule(NO.effect, path="/a #b"),
    ):
        loss: list[str] = []
        assert not sayable(rule, 0, "robots.txt", loss)
        assert "left out" in loss[0]
    written = list(comments(Policy((Rule(Effect.WORDS, words="No training.\nUser-agent: *\nAllow: /"),)), []))
    assert written == ["# No training. User-agent: * Allow: /\n"]


def test_paths_come_before_a_space() -> None:
    assert split_path("/a\ttrain-ai=n") == ("/a", "train-ai=n")
    assert split_path("train-ai=n") == ("", "train-ai=n")
    assert split_path("/a") == ("/a", "")
