"""`python -m licensing.rules CASE.json [--human]`: answer a case. Exit 0 with the answer, 2 if it is malformed.

The facts of a dataset's model output, as a clearance keeps them, are answered likewise (`output_facts`).
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from licensing.rules import output_facts
from licensing.rules.case import CaseError, parse_case
from licensing.rules.explain import answer_json, answer_text
from licensing.rules.policy import DEFAULT_PROFILE, PolicyError, load


def main(arguments: list[str] | None = None) -> int:
    """Read a case from a file, or from standard input for "-", and print the answer."""
    parser = argparse.ArgumentParser(
        prog="python -m licensing.rules",
        description="Answer a case: may this work be used, for this, there, then, by whom?",
        epilog="example: python -m licensing.rules case.json --human",
    )
    parser.add_argument("case", metavar="CASE.json", help="the case as JSON; - reads standard input")
    parser.add_argument("--human", action="store_true", help="print sentences instead of JSON")
    parser.add_argument("--policy", metavar="NAME|FILE.toml", help="use this policy instead of the case's own")
    options = parser.parse_args(arguments)
    try:
        shown = _answer(_decode(_read(options.case)), options)
    except (CaseError, PolicyError) as error:
        print(f"{options.case}: {error}".encode("utf-8", "backslashreplace").decode(), file=sys.stderr)
        return 2
    return _print(shown)


def _answer(given: Any, options: argparse.Namespace) -> str:
    """The answer to a case, or to the facts of a dataset's model output, as JSON or as sentences."""
    if output_facts.is_output_facts(given):
        policy = load(options.policy or DEFAULT_PROFILE)
        return output_facts.answer_text(given, policy) if options.human else _encode(output_facts.answer(given, policy))
    case = parse_case(given)
    policy = _load_policy(options.policy or case.question.policy, from_case=options.policy is None)
    return answer_text(case, policy) if options.human else _encode(answer_json(case, policy))


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except (OSError, ValueError) as error:
        raise CaseError("", f"cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _decode(raw: bytes) -> Any:
    try:
        return json.loads(
            raw.decode("utf-8-sig"), object_pairs_hook=_refuse_repeated_names, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise CaseError("", f"not UTF-8: byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise CaseError("", f"not JSON: {error.msg} at line {error.lineno} column {error.colno}") from error
    except RecursionError as error:
        raise CaseError("", "nested too deeply") from error
    except ValueError as error:
        raise CaseError("", f"not JSON: {error}") from error


def _refuse_repeated_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {repeated!r} occurs twice in one object")
    return values


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _load_policy(name: str, *, from_case: bool) -> Any:
    try:
        return load(name)
    except PolicyError as error:
        if from_case:
            raise CaseError("/question/policy", str(error)) from error
        raise


def _encode(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, indent=1)


def _print(text: str) -> int:
    try:
        sys.stdout.buffer.write(text.encode("utf-8") + b"\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # whoever reads us has seen enough; keep the interpreter from complaining when it flushes once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
