"""An index over words finds the works a row may be, also where a word is misspelt."""

import json
from pathlib import Path

import pytest

from registry.linkage import bulk
from registry.linkage.catalogue import catalogue_of
from registry.linkage.facts import RowFacts, WorkFacts

WORKS = [
    WorkFacts(number, title, authors=(author,), public_id=f"w{number}", reference=f"r{number}")
    for number, (title, author) in enumerate(
        [
            ("Pride and Prejudice", "Jane Austen"),
            ("Moby Dick", "Herman Melville"),
            ("紅樓夢", "曹雪芹"),
            ("The Time Machine", "H. G. Wells"),
            ("The War of the Worlds", "H. G. Wells"),
        ]
        * 1,
        1,
    )
]


def test_a_row_with_slips_finds_its_work_among_others() -> None:
    catalogue = catalogue_of(WORKS)
    rows = {
        1: RowFacts("Pride & Prejudise", "Austen, J."),
        2: RowFacts("Moby Dick; or, The Whale", "Melville"),
        3: RowFacts("红楼梦", "Cao Xueqin"),
        4: RowFacts("The tiem machine (Classics, #3)", "Wells, H. G."),
    }
    for wanted, row in rows.items():
        assert catalogue.link(1, row).decision.candidates[0].work == wanted
    assert catalogue.link(1, RowFacts("Nothing like it", "Nobody Known")).decision.decision == "none"
    assert catalogue_of([]).link(1, rows[1]).decision.decision == "none"


def test_a_share_that_fails_ends_the_whole(tmp_path: Path) -> None:
    (tmp_path / "works").write_text("", encoding="utf-8")
    (tmp_path / "rows").write_text("no JSON\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="ended with 1"):
        bulk.link(tmp_path / "works", tmp_path / "rows", tmp_path, 2)
    (tmp_path / "rows").write_text('[1, "Moby Dick", "", "", "", ""]\n', encoding="utf-8")
    bulk.link(tmp_path / "works", tmp_path / "rows", tmp_path, 2)
    assert json.loads((tmp_path / "out0").read_text(encoding="utf-8"))["decision"] == "none"


def test_shares_of_a_list_are_linked_from_what_the_database_copied_out(tmp_path: Path) -> None:
    lines = [
        "\t".join(
            [
                str(work.id),
                work.public_id,
                work.reference,
                work.title,
                "",
                "1813",
                work.authors[0],
                "\\N",
                "\\N",
                "\\N",
                "\\N",
            ]
        )
        for work in WORKS
    ]
    lines.append(
        "9\tw9\tr9\tA tab\\tand a \\\\ slash\t\t\t\\N\t\\N\tUn titre\x1fEin Titel\t1999\x1ePress\t9780141439518"
    )
    (tmp_path / "works").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = [
        [1, "Moby Dick", "Melville, Herman", "", "", ""],
        [2, "", "", "", "", "9780141439518"],
        [3, "Ein Titel", "", "", "", ""],
    ]
    (tmp_path / "rows").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    told = []
    bulk.link(tmp_path / "works", tmp_path / "rows", tmp_path, 2)
    for out in (tmp_path / "out0", tmp_path / "out1"):
        told += [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    by_row = {one["row"]: one for one in told}
    assert by_row[1]["work"] == 2
    assert by_row[1]["candidates"][0]["reference"] == "r2"
    assert by_row[2]["candidates"][0]["work"] == "w9"
    assert by_row[3]["candidates"][0]["key"] == 9
