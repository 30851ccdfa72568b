"""`colophon check`: answers, exit codes, formats, baselines."""

import json

import pytest

from colophon.exits import worst
from tests.colophon.calls import GIFT, PROJECT, PROPOSAL, SHADOWS, UNRELATED
from tests.colophon.snapshots import write_snapshot


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory):
    return write_snapshot(tmp_path_factory.mktemp("snapshot") / "small.snapshot")


@pytest.fixture
def check(run, snapshot):
    def check_here(*arguments):
        return run("check", *arguments, "--snapshot", snapshot, "--as-of", "2026-11-22")

    return check_here


@pytest.fixture
def unknown(tmp_path):
    path = tmp_path / "unknown.txt"
    path.write_text(UNRELATED)
    return path


def test_a_public_domain_work_is_clear(check):
    outcome = check(GIFT)
    assert outcome.code == 0
    answer = outcome.json
    assert answer["exit"] == 0
    assert answer["snapshot"].startswith("sha256:")
    assert answer["question"] == {
        "use": "pretraining",
        "purpose": "commercial",
        "territory": "US",
        "on": "2026-11-22",
        "policy": "balanced",
    }
    [work] = answer["works"]
    assert (work["work"], work["verdict"], work["status"]) == ("gift", "CLEARED", "PUBLIC_DOMAIN")
    assert [reason["code"] for reason in work["reasons"]] == ["PD_TERM"]
    assert work["matches"][0]["document"] == str(GIFT)
    assert work["matches"][0]["relation"] == "copy"
    assert answer["totals"]["verdicts"]["CLEARED"]["works"] == 1


def test_a_licence_that_does_not_cover_blocks(check):
    outcome = check(GIFT, SHADOWS)
    assert outcome.code == 1
    assert [(row["work"], row["blocks"]) for row in outcome.json["works"]] == [("gift", False), ("shadows", True)]
    assert outcome.json["works"][1]["reasons"][0]["code"] == "OPEN_NC"


def test_the_territory_decides_about_a_reservation(check):
    american = check(PROPOSAL, "--acquisition", "lawful", "--copied-on", "2022-06-01")
    assert (american.code, american.json["works"][0]["verdict"]) == (0, "EXCEPTION_CLAIMED")
    german = check(PROPOSAL, "--acquisition", "lawful", "--copied-on", "2022-06-01", "--territory", "de")
    assert (german.code, german.json["works"][0]["decided_by"]) == (1, "EU4_RESERVED")


def test_unknown_never_exits_0(check):
    outcome = check(PROPOSAL)
    assert (outcome.code, outcome.json["works"][0]["verdict"]) == (4, "UNKNOWN")
    assert check(PROPOSAL, "--allow-unidentified").code == 4
    assert check(PROPOSAL, "--policy", "strict").code == 1


def test_unidentified_text_alone_is_undetermined_unless_allowed(check, unknown):
    outcome = check(unknown)
    assert outcome.code == 4
    unidentified = outcome.json["unidentified"]
    no_match = unidentified.pop("no_match")
    assert unidentified == {
        "documents": 1,
        "characters": len(UNRELATED),
        "files": [{"file": str(unknown), "documents": 1, "characters": len(UNRELATED)}],
    }
    assert (no_match["words"], no_match["error_ratio"], no_match["min_words"]) == (100, 0.05, 50)
    assert [(row["precision"], row["script"]) for row in no_match["found"]] == [
        ("sketch", "alphabetic"),  # the snapshot holds no texts
        ("sketch", "han"),
    ]
    assert check(unknown, "--allow-unidentified").code == 0
    assert check(unknown, GIFT).code == 4
    assert check(unknown, SHADOWS).code == 1


def test_a_quotation_is_listed_and_identifies_nothing(check, tmp_path):
    path = tmp_path / "quoting.txt"
    path.write_text(UNRELATED + SHADOWS.read_text()[3000:3120] + UNRELATED)
    outcome = check(path)
    [work] = outcome.json["works"]
    assert (work["relation"], work["counts"], work["blocks"]) == ("quotation", False, False)
    assert outcome.json["unidentified"]["documents"] == 1
    assert outcome.code == 4
    assert check(path, "--allow-unidentified").code == 0
    policy = tmp_path / "quotations.toml"
    policy.write_text('profile = "balanced"\nquotations = true\n[blocks]\nUNKNOWN = true\n')
    counted = check(path, "--policy", policy)
    assert (counted.code, counted.json["works"][0]["counts"]) == (1, True)
    assert counted.json["unidentified"]["documents"] == 0


def test_bad_records_outrank_findings_unless_skipped(check, tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text(json.dumps({"text": SHADOWS.read_text()}) + "\n{broken\n")
    outcome = check(path)
    assert (outcome.code, outcome.json["exit"], outcome.json["totals"]["skipped"]) == (2, 2, 1)
    assert f"{path}#2" in outcome.error
    assert check(path, "--skip-bad").code == 1


def test_nothing_to_check_is_3(check, tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"")
    assert check(tmp_path, "--skip-bad").code == 3


def test_of_several_exit_codes_the_worst_wins():
    assert worst([0, 3, 4, 1, 2]) == 2
    assert worst([0, 3, 4, 1]) == 1
    assert worst([0, 3, 4]) == 4
    assert worst([0, 3]) == 3
    assert worst([]) == 0


def test_the_sample_datasets_have_findings_and_nothing_bad(check):
    outcome = check(PROJECT / "samples" / "pile-shape.jsonl.zst", PROJECT / "samples" / "books3-shape.tar.gz")
    assert outcome.code == 1
    assert outcome.error == ""
    assert {row["work"] for row in outcome.json["works"]} == {"gift", "proposal", "shadows"}


def test_jobs_do_not_change_the_answer(check, unknown):
    assert check(GIFT, SHADOWS, unknown).out == check(GIFT, SHADOWS, unknown, "--jobs", "2").out


def test_a_translation_is_judged_by_its_own_dates(run, tmp_path):
    editions = {"e1": {"id": "e1", "translation": True, "published": "1999", "authors": [{"name": "T", "died": None}]}}
    path = write_snapshot(tmp_path / "t.snapshot", editions=editions)
    outcome = run("check", GIFT, "--snapshot", path, "--as-of", "2026-11-22")
    [work] = outcome.json["works"]
    assert work["matches"][0]["edition"] == "e1"
    assert work["verdict"] != "CLEARED"


def test_the_organisation_of_the_snapshot_is_the_licensee_unless_told(run, tmp_path):
    path = write_snapshot(tmp_path / "own.snapshot", organisation="acme")
    assert run("check", GIFT, "--snapshot", path).json["question"]["licensee"] == "org:acme"
    other = run("check", GIFT, "--snapshot", path, "--licensee", "other", "--licensee-kind", "public_body")
    assert other.json["question"]["licensee"] == "org:other"
    assert other.json["question"]["licensee_kind"] == "public_body"


def test_product_and_model_are_part_of_the_question_where_they_are_stated(run, tmp_path):
    path = write_snapshot(tmp_path / "named.snapshot")
    silent = run("check", GIFT, "--snapshot", path).json["question"]
    assert not {"product", "model"} & set(silent)
    named = run("check", GIFT, "--snapshot", path, "--product", "Acme Chat", "--model", "Acme-7B").json["question"]
    assert (named["product"], named["model"]) == ("Acme Chat", "Acme-7B")


def test_human_format_puts_the_verdict_first(check, unknown):
    lines = check(GIFT, SHADOWS, unknown, "--format", "human").out.decode().splitlines()
    assert lines[0] == "Not clear: 1 of the 2 works found blocks."
    assert "pretraining (commercial) in the United States on 2026-11-22" in lines[1]
    assert any(line.startswith("幽夢影 (shadows): not cleared, blocks") for line in lines)
    table = [line.split() for line in lines if line.startswith(("work ", "gift ", "shadows "))]
    assert [row[0] for row in table] == ["work", "shadows", "gift"]
    assert "how sure" in next(line for line in lines if line.startswith("work "))
    assert any("only the fingerprint of a work is held" in line for line in lines)
    assert not any("where the text of a work is held" in line for line in lines)
    assert "not legal advice" in lines[-1]


def test_sarif_names_rule_level_and_characters(check, tmp_path):
    path = tmp_path / "my data.jsonl"
    path.write_text(json.dumps({"id": "x 1", "text": UNRELATED + SHADOWS.read_text()}, ensure_ascii=False) + "\n")
    outcome = check(path, GIFT, "--format", "sarif")
    assert outcome.code == 1
    log = outcome.json
    assert log["version"] == "2.1.0"
    [run_] = log["runs"]
    rules = run_["tool"]["driver"]["rules"]
    [result] = run_["results"]
    assert (result["ruleId"], result["level"]) == ("OPEN_NC", "error")
    assert rules[result["ruleIndex"]]["id"] == "OPEN_NC"
    location = result["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"].endswith("my%20data.jsonl#x%201")
    region = location["physicalLocation"]["region"]
    assert abs(region["charOffset"] - len(UNRELATED)) < 300
    assert region["charLength"] > 5000
    assert location["logicalLocations"][0]["fullyQualifiedName"] == f"{path}#x 1"
    assert run_["columnKind"] == "unicodeCodePoints"


def test_a_baseline_leaves_only_what_is_new(check, tmp_path, unknown):
    baseline = tmp_path / "baseline.json"
    baseline.write_bytes(check(SHADOWS, unknown).out)
    same = check(SHADOWS, unknown, "--diff", baseline)
    assert same.code == 0
    assert (same.json["works"], same.json["unidentified"]["documents"]) == ([], 0)
    copy = tmp_path / "again.txt"
    copy.write_bytes(SHADOWS.read_bytes())
    more = check(SHADOWS, copy, PROPOSAL, "--diff", baseline)
    assert more.code == 1
    assert [row["work"] for row in more.json["works"]] == ["proposal", "shadows"]
    assert [match["document"] for match in more.json["works"][1]["matches"]] == [str(copy)]
    assert check(GIFT, "--diff", baseline).json["diff"]["resolved"] == ["shadows"]


def test_a_baseline_that_answers_something_else_is_refused(check, tmp_path):
    baseline = tmp_path / "baseline.json"
    baseline.write_bytes(check(GIFT).out)
    outcome = check(GIFT, "--diff", baseline, "--territory", "DE")
    assert outcome.code == 2
    assert "territory was US, now DE" in outcome.error
    baseline.write_text('{"works": []}')
    assert check(GIFT, "--diff", baseline).code == 2


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["--territory", "XX"], "--territory XX"),
        (["--policy", "lenient"], "policy lenient: unknown profile"),
        (["--use", "mining"], "invalid choice: 'mining'"),
        (["--copied-on", "yesterday"], "'yesterday' is not a date"),
        (["--registry", "https://registry.invalid"], "give --snapshot FILE"),
        (["--jobs", "0"], "not a whole number"),
    ],
)
def test_usage_errors_are_one_sentence_and_exit_2(check, arguments, cause):
    outcome = check(GIFT, *arguments)
    assert outcome.code == 2
    assert cause in outcome.error
    assert outcome.out == b""


def test_a_check_needs_a_snapshot(run, tmp_path):
    outcome = run("check", GIFT)
    assert outcome.code == 2
    assert "--snapshot" in outcome.error
    for name in (tmp_path / "missing.snapshot", GIFT):
        wrong = run("check", GIFT, "--snapshot", name)
        assert wrong.code == 2
        assert name.name in wrong.error


def test_a_snapshot_whose_facts_were_changed_is_refused(run, snapshot, tmp_path):
    changed = tmp_path / "changed.snapshot"
    changed.write_bytes(snapshot.read_bytes().replace(b"CC-BY-NC-4.0", b"CC-BY-ND-4.0"))
    outcome = run("check", GIFT, "--snapshot", changed)
    assert outcome.code == 2
    assert "works.jsonl" in outcome.error
