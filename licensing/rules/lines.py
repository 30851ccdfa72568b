"""`python -m licensing.rules.lines FOLDER CASES.jsonl`: decide many cases with the tables of a folder.

Prints a line with the rules' version, then a line a case, {"verdict", "status", "reasons"}. A case or a table that
cannot be read ends it with 2 and its cause.
"""

import json
import sys
from pathlib import Path
from typing import Any

from licensing.rules import tables


def main(arguments: list[str]) -> int:
    """Decide and print; the folder is set before anything is read from it."""
    folder, cases = Path(arguments[0]), Path(arguments[1])
    tables.FOLDER = folder
    try:
        from licensing.rules.batch import decide_many  # noqa: PLC0415 (reads its tables from the folder)
        from licensing.rules.verdict import rules_version  # noqa: PLC0415

        _line({"rules_version": rules_version()})
        with cases.open(encoding="utf-8") as file:
            for answer in decide_many(map(json.loads, file)):
                shown = answer.to_dict()
                _line({name: shown[name] for name in ("verdict", "status", "reasons")})
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 2
    return 0


def _line(value: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(value, ensure_ascii=False).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
