"""The answer of axis 4 for a whole dataset, decided from stored facts: which models' output reached it, under which
terms, what share was declared and what audits measured.

Pure: the same facts give the same answer under one rules version. `licensing.selectors.output_facts` gathers the facts,
a clearance keeps them, and `python -m licensing.rules FACTS.json` decides them again.

Shape of the facts (all JSON; docs/clearances.md says the same with an example):

    format      "colophon-output-facts/1"
    dataset     {slug, name, release}
    question    {use, purpose, territory, on, licensee, licensee_kind, competing_model, released}
    paths       [{generator {slug, name, provider}, way [{kind, slug, name}], steps [{relation, statuses, claims}],
                  established, direct,
                  part {id, by, share_percent, records, acquired, generated_from, generated_to} | null,
                  generations [{generated_by (as in a case), version {id, key, title, text_sha256, verified}}
                               | {gap, why {cause, …} (licensing.rules.gap_texts; older facts lack it)}]}]
    declared    {percent: "12.50" | null, complete: bool}: shares that the dataset's own parts add up to
    audits      [{id, …, measured {…}, generators [{generator, model, copies, at_least, …}]}], newest first
    questions   [{key, question, codes, opinion {id, answer, valid_from, signed_as, sha256} | null}]
    cycles, is_cut
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from licensing.rules import gap_texts
from licensing.rules.case import CaseError, parse_case
from licensing.rules.contracts import judge_contract, version_unknown
from licensing.rules.explain import VERDICT_WORDS
from licensing.rules.gap_texts import GapText, why
from licensing.rules.policy import Policy
from licensing.rules.reasons import Reason
from licensing.rules.terms import Verdict
from licensing.rules.verdict import rules_version

FORMAT = "colophon-output-facts/1"
UNNAMED = "an unnamed model"
# what becomes of the question in a case: the rest of it is about the output
_OF_OUTPUT = ("competing_model", "released")
Json = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """One reason with what it is about: `path` and `generation` are places in the facts, or `audit` is.

    `decides` is false where a step of the path is only reported, alleged, denied or guessed.
    """

    reason: Reason
    decides: bool
    path: int | None = None
    generation: int | None = None
    audit: int | None = None

    def to_dict(self, *, with_params: bool = False) -> Json:
        """As it is stored: the reason, and its places in the facts."""
        places = {"path": self.path, "generation": self.generation, "audit": self.audit}
        said = self.reason if self.decides else self.reason.supersede()
        return said.to_dict(with_params=with_params) | places | {"decides": self.decides}


def is_output_facts(obj: Any) -> bool:
    """Whether a decoded document is the facts of a dataset's output rather than a case."""
    return isinstance(obj, dict) and obj.get("format") == FORMAT


def answer(facts: Mapping[str, Any], policy: Policy) -> Json:
    """The answer to the facts: verdict (None: nothing on record), blocks, reasons (worst first), rules_version, policy.

    Raises CaseError where the facts are not such facts.
    """
    found = reasons(facts)
    verdict = min((one.reason.verdict for one in found if one.decides), key=lambda word: word.rank, default=None)
    return {
        "verdict": verdict.value if verdict else None,
        "blocks": verdict in policy.blocked,
        "reasons": [one.to_dict() for one in found],
        "rules_version": rules_version(),
        "policy": policy.label,
    }


def reasons(facts: Mapping[str, Any]) -> list[Found]:
    """Every reason: what decides first, then the worst, then the shortest way."""
    if not is_output_facts(facts):
        raise CaseError("/format", f"is not {FORMAT}")
    try:
        found = [*_of_paths(facts), *_of_audits(facts)]
        ways: dict[int | None, int] = {number: len(path["steps"]) for number, path in enumerate(facts["paths"])}
    except (KeyError, TypeError, AttributeError) as error:
        raise CaseError("", f"the facts lack or misspell {error}") from error
    found.sort(key=lambda one: (not one.decides, one.reason.verdict.rank, ways.get(one.path, 0)))
    return found


def _of_paths(facts: Mapping[str, Any]) -> Iterator[Found]:
    for number, path in enumerate(facts["paths"]):
        seen: set[tuple[str, str]] = set()
        for place, generation in enumerate(path["generations"]):
            reason = judge(facts["question"], path, generation)
            if (reason.code, reason.sentence) not in seen:
                seen.add((reason.code, reason.sentence))
                yield Found(reason, bool(path["established"]), path=number, generation=place)


def judge(question: Mapping[str, Any], path: Mapping[str, Any], generation: Mapping[str, Any]) -> Reason:
    """What one version of the terms says of output that came by one path, or that no version is known."""
    if "gap" in generation:
        gap = gap_texts.read(generation["gap"], generation.get("why"))
        return version_unknown(path["generator"]["provider"], gap)
    asked = {name: value for name, value in question.items() if name not in _OF_OUTPUT and value is not None}
    said = generation["generated_by"] | {name: question.get(name) for name in _OF_OUTPUT}
    said["released"] = bool(said["released"])
    (reason,) = judge_contract(parse_case({"question": asked, "generated_by": said, "assertions": []}))
    return reason


def _of_audits(facts: Mapping[str, Any]) -> Iterator[Found]:
    """Output that an audit found and nothing on record explains: nobody can say under which terms it stands."""
    known = {path["generator"]["slug"] for path in facts["paths"] if path["established"]}
    for number, audit in enumerate(facts["audits"]):
        measured = audit["measured"]
        if measured is None or not measured["at_least"] > 0:
            continue
        strangers = [one for one in audit["generators"] if one["at_least"] > 0 and one["model"] not in known]
        for one in strangers:
            gap = why("audit_copies", copies=one["copies"], generator=one["generator"], sampled=measured["sampled"])
            yield Found(_unknown(one.get("provider") or one["generator"], gap, audit), True, audit=number)
        if not strangers and not known:
            gap = why("audit_unrecorded", positive=measured["positive"], sampled=measured["sampled"])
            yield Found(_unknown(UNNAMED, gap, audit), True, audit=number)
        elif not strangers and (surplus := _surplus(facts, measured)):
            yield Found(_unknown(_providers(facts), surplus, audit), True, audit=number)


def _unknown(provider: str, gap: GapText, audit: Mapping[str, Any]) -> Reason:
    return version_unknown(provider, gap, evidence=(f"audit:{audit['id']}",))


def _surplus(facts: Mapping[str, Any], measured: Mapping[str, Any]) -> GapText | None:
    """Why more output is there than was declared; None where it is not, where a share is not declared, or where some
    came in another dataset's text: how much of that there is nobody declared."""
    declared = facts["declared"]
    is_all_direct = all(path["direct"] for path in facts["paths"] if path["established"])
    if declared["percent"] is None or not declared["complete"] or not is_all_direct:
        return None
    low = measured["at_least"]  # of all records; the corrected share is one of those that are long enough
    if low * 100 <= float(Decimal(declared["percent"])):
        return None
    return why("audit_surplus", measured=f"{low:.1%}", declared=declared["percent"])


def _providers(facts: Mapping[str, Any]) -> str:
    names = dict.fromkeys(path["generator"]["provider"] for path in facts["paths"] if path["established"])
    return ", ".join(names)


def answer_text(facts: Mapping[str, Any], policy: Policy) -> str:
    """The answer for people: the verdict, every reason with the way it arrived, what was declared and measured."""
    said = answer(facts, policy)
    verdict = VERDICT_WORDS[Verdict(said["verdict"])].capitalize() if said["verdict"] else "Nothing on record"
    effect = "Blocks" if said["blocks"] else "Does not block"
    lines = [f"Model output in {facts['dataset']['name']}: {verdict}. {effect} under the policy {policy.label}.", ""]
    for reason in said["reasons"]:
        mark = "" if reason["decides"] else " (not established)"
        lines += [f"- {reason['code']}: {VERDICT_WORDS[Verdict(reason['verdict'])]}{mark}", f"  {reason['sentence']}"]
        if reason["path"] is not None:
            lines.append(f"  {way(facts['paths'][reason['path']])}")
    lines += ["", share_sentence(facts), f"Rules {said['rules_version']}. This is not legal advice."]
    return "\n".join(lines)


def way(path: Mapping[str, Any]) -> str:
    """How output came, in names: Answers ← Koala ← ShareGPT ← ChatGPT."""
    return " ← ".join(row["name"] for row in path["way"])


def share_sentence(facts: Mapping[str, Any]) -> str:
    """What share was declared, and what the newest audit measured, in English."""
    percent = facts["declared"]["percent"]
    declared = f"{percent} per cent is declared" if percent is not None else "No share is declared"
    audit = measured_by(facts)
    if audit is None:
        return f"{declared}; no audit measured it."
    measured = audit["measured"]
    low, high = measured["interval"]
    return (
        f"{declared}; audit {audit['id']} measured {measured['rate']:.1%} (95 % interval {low:.1%} to {high:.1%}) of"
        f" {measured['records']} records."
    )


def measured_by(facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The newest audit with a figure; None where none measured the dataset."""
    return next((one for one in facts["audits"] if one["measured"] is not None), None)


def whole_generation(facts: Mapping[str, Any], found: Sequence[Found]) -> Json | None:
    """The `generated_by` of every text of a dataset that one model wrote altogether, by what is established of it.

    Of several versions of the terms the one that decides. None where only a part was generated, where more than one
    model wrote it or where no version is known: then the limit stays at the level of the dataset.
    """
    whole = [path for path in facts["paths"] if path["direct"] and path["established"] and path["part"]]
    shares = [Decimal(path["part"]["share_percent"] or 0) for path in whole]
    if len({path["generator"]["slug"] for path in whole}) != 1 or sum(shares) != 100:
        return None
    for one in found:
        if one.decides and one.path is not None and facts["paths"][one.path] in whole:
            return _case_of(facts, one)
    return None


def _case_of(facts: Mapping[str, Any], found: Found) -> Json:
    """The `generated_by` of a case from which the rules give the same reason of axis 4."""
    assert found.path is not None
    assert found.generation is not None
    path = facts["paths"][found.path]
    generation = path["generations"][found.generation]
    asked = {name: facts["question"].get(name) for name in _OF_OUTPUT}
    if "gap" not in generation:
        return {**generation["generated_by"], **asked, "released": bool(asked["released"])}
    part = path["part"]
    return {
        "provider": path["generator"]["provider"],
        "model": path["generator"]["slug"],
        "acquired": part["acquired"],
        "competing_model": asked["competing_model"],
        "released": bool(asked["released"]),
    }


def is_known(verdict: str | None) -> bool:
    """Whether the answer says anything but that something is not known. Nothing on record is no answer, never clear."""
    return verdict is not None and verdict != Verdict.UNKNOWN
