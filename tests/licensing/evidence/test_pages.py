"""The pages of passages: readable by themselves, whatever stands in the texts."""

import re

import pytest
from lxml import html

from licensing.evidence import collect, passages
from licensing.evidence.passages import Listed
from licensing.evidence.wording import wording
from tests.licensing import evidenced

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages() -> dict[str, tuple[str, html.HtmlElement]]:
    found = {}
    scene = evidenced.scene()
    for finding in collect.walk(scene.clearance):
        raw = passages.match_page(finding, finding.matches[0], wording("en")).decode()
        found[finding.work["title"]] = raw, html.fromstring(raw)
    return found


def test_both_sides_stand_beside_each_other_with_differences_marked(pages) -> None:
    _, page = pages["The Lamp"]
    sides = page.xpath('(//div[@class="pair"])[1]/section')
    assert [section.findtext("h3") for section in sides] == ["Document, characters 8–110", "Work, characters 0–102"]
    assert [section.xpath(".//mark/text()") for section in sides] == [["dinner"], ["supper"]]
    assert sides[0].xpath('.//*[@class="context"]/text()') == ["Before. ", " After."]


def test_a_work_whose_text_is_not_held_is_said_to_be_so(pages) -> None:
    _, page = pages[evidenced.HOSTILE]
    assert "not held by the registry" in str(page.xpath('string(//div[@class="pair"]/section[2])'))


def test_nothing_in_a_page_runs_or_loads(pages) -> None:
    for raw, page in pages.values():
        assert not page.xpath("//script | //img | //link | //iframe | //*[@onerror]")
        assert not re.search(r'(src|href)="(?!index\.html)', raw)
        assert "default-src 'none'" in page.xpath('//meta[@http-equiv="Content-Security-Policy"]/@content')[0]


def test_names_keep_their_direction_to_themselves(pages) -> None:
    _, page = pages[evidenced.HOSTILE]
    assert page.xpath("//h1/bdi[@dir='auto']/text()") == [evidenced.HOSTILE]
    assert page.xpath("//html/@lang") == ["en"]
    assert set(page.xpath('//p[@class="text"]/@dir')) == {"auto"}
    _, chinese = pages["紅葉記"]
    assert chinese.xpath('//section[2]/p[@class="text"]/@lang') == ["zh-Hant"]


def test_passages_without_stored_text_are_listed_by_their_characters(pages) -> None:
    _, page = pages["The Lamp"]
    assert page.xpath("//table//td/text()") == ["2", "8–110", "0–102"]


def test_a_page_says_how_sure_its_match_is(pages) -> None:
    said = {
        title: page.xpath("//dt[.='How sure']/following-sibling::dd[1]/text()") for title, (_, page) in pages.items()
    }
    assert said == {
        "The Lamp": ["93.1 %, very likely to be copied text"],
        "紅葉記": ["> 99.9 %, extremely likely to be copied text"],
        evidenced.HOSTILE: ["– (matched before this was estimated)"],
    }


def test_what_many_works_share_stands_apart_from_the_passages(pages) -> None:
    _, page = pages["The Lamp"]
    sides = page.xpath("//h2[@id='shared']/following-sibling::div[@class='pair']/section")
    assert [side.findtext("h3") for side in sides] == ["Document, characters 0–89", "Work, characters 300–389"]
    assert [evidenced.NOTICE in side.xpath("string()") for side in sides] == [True, True]
    assert not page.xpath("//somebody")
    _, other = pages["紅葉記"]
    assert not other.xpath("//h2[@id='shared']")


def test_the_index_says_how_many_matches_have_a_page() -> None:
    rows = [Listed("passages/000001-w.html", "<b>Emma</b>", "a&b.txt", "CLEARED", 0.99812)]
    page = html.fromstring(b"".join(passages.index_page(rows, 7, wording("zh-hans"))))
    assert page.xpath("//tbody//a/@href") == ["000001-w.html"]
    assert page.xpath("//tbody//td[last()]/text()") == ["99.8 %"]
    assert page.xpath("//tbody//bdi/text()") == ["<b>Emma</b>", "a&b.txt"]
    assert "7 项匹配中有 1 项附有页面" in str(page.xpath("string(//body)"))
