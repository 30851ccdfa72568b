"""The kit of a work says in every format what its policy says, and lists what a format cannot say."""

import io
import json
import zipfile

from licensing.formats import odrl_policy, rsl, rsl_carriers, tdmrep
from licensing.formats.kit import FILES, Subject, archive, files
from licensing.formats.policy import Effect, Policy, Rule

RESERVED = Rule(Effect.RESERVE, uses=("pretraining", "fine_tuning", "preference_tuning"))
SITE = Policy((Rule(Effect.RESERVE, path="/books/lamp"),), holder="A Press")
ALONE = Policy((Rule(Effect.RESERVE),), target="https://press.example/books/lamp", holder="A Press")
SUBJECT = Subject(SITE, ALONE, "https://press.example/books/lamp", "https://press.example")


def test_every_file_is_there_and_is_read_back_as_it_was_meant() -> None:
    made = {one.name: one for one in files(SUBJECT)}
    assert tuple(made) == FILES
    [policy] = tdmrep.read(made["tdmrep.json"].content).policies
    assert [(rule.effect, rule.path) for rule in policy.rules] == [(Effect.RESERVE, "/books/lamp")]
    assert rsl.read(made["license.xml"].content).policies[0].rules[0].effect in (Effect.PROHIBIT, Effect.RESERVE)
    assert odrl_policy.read(made["policy.jsonld"].content).policies[0].target == ALONE.target
    assert b"License: https://press.example/license.xml" in made["robots.txt"].content
    page = rsl_carriers.read_html(b"<head>" + made["rsl-page.html"].content, address=SUBJECT.address)
    assert [rule.effect for policy in page.policies for rule in policy.rules] == [Effect.PROHIBIT]
    assert made["rsl-headers.txt"].content.startswith(b"Link: <https://press.example/license.xml>;")
    assert b"145" in made["onix.xml"].content or b"<EpubUsageType>11" in made["onix.xml"].content


def test_what_a_format_cannot_say_is_listed_in_the_zip() -> None:
    content = archive(files(SUBJECT), "The Lamp")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        loss = json.loads(packed.read("LOSS.json"))
        assert set(packed.namelist()) - {"LOSS.json"} == {name for name, one in loss["files"].items() if one["says"]}
    assert "/holder: TDMRep does not name who speaks" in loss["files"]["tdmrep.json"]["loss"]
    assert not loss["files"]["tdm-policy.json"]["says"]
    assert content == archive(files(SUBJECT), "The Lamp")
