"""Answers as the outside sees them: the JSON of a case's answer, and the same for people."""

from typing import Any

from licensing.rules.case import Case
from licensing.rules.policy import Policy
from licensing.rules.terms import Verdict, in_words, territory_in_words
from licensing.rules.verdict import Answer, decide

VERDICT_WORDS = {
    Verdict.CLEARED: "cleared",
    Verdict.CONDITIONAL: "cleared with conditions",
    Verdict.EXCEPTION_CLAIMED: "relies on an exception",
    Verdict.CONTESTED: "contested",
    Verdict.NOT_CLEARED: "not cleared",
    Verdict.UNKNOWN: "unknown",
}


def answer_json(case: Case, policy: Policy) -> dict[str, Any]:
    """The answer to `case` under `policy`: verdict, status, blocks, reasons, rules_version, policy."""
    return present(decide(case), policy)


def present(answer: Answer, policy: Policy) -> dict[str, Any]:
    """An answer already decided, under `policy`, as `answer_json` shows it."""
    shown = answer.to_dict()
    return {
        "verdict": shown["verdict"],
        "status": shown["status"],
        "blocks": policy.blocks(answer),
        "reasons": shown["reasons"],
        "rules_version": shown["rules_version"],
        "policy": policy.label,
    }


def answer_text(case: Case, policy: Policy) -> str:
    """The answer for people: the question, the verdict, then each reason with its evidence and authority."""
    answer, question = decide(case), case.question
    who = question.licensee or "anyone"
    lines = [
        f"May {who} use this for {in_words(question.use)} ({in_words(question.purpose)})"
        f" in {territory_in_words(question.territory)} on {question.on.isoformat()}?",
        "",
        f"{VERDICT_WORDS[answer.verdict].capitalize()}: {answer.sentence}",
        f"Status {answer.status}. {_say_blocking(answer, policy)}",
        "",
    ]
    for reason in answer.reasons:
        mark = " (superseded)" if reason.superseded else ""
        lines.append(f"- {reason.code}, {reason.axis}: {VERDICT_WORDS[reason.verdict]}{mark}")
        lines.append(f"  {reason.sentence}")
        if reason.evidence:
            lines.append(f"  evidence: {', '.join(reason.evidence)}")
        if reason.authority:
            lines.append(f"  authority: {reason.authority}{'' if reason.verified else ' [not verified]'}")
    lines += ["", f"Rules {answer.rules_version}. This is not legal advice."]
    return "\n".join(lines)


def _say_blocking(answer: Answer, policy: Policy) -> str:
    return f"{'Blocks' if policy.blocks(answer) else 'Does not block'} under the policy {policy.label}."
