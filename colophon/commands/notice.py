"""`colophon notice …`: notices to those who host a dataset: drafted, sent, answered, resolved."""

from __future__ import annotations

import argparse
from pathlib import Path

from colophon.commands.common import (
    Actions,
    Json,
    add_action,
    add_group,
    add_limit,
    day,
    facts,
    listed,
    many,
    public_id,
    show,
    table,
)
from colophon.exits import CLEAR, CommandError

SUMMARY = "notices to those who host a dataset"
EXAMPLE = """\
  colophon notice draft --dataset books3 --host "Heap Hosting" --email legal@heap.example
  colophon notice send 7h2m9c4x0k1z --by email
  colophon notice answer 7h2m9c4x0k1z --on 2027-01-31 --text "They will take them out.\""""
STATES = ("draft", "sent", "answered", "resolved", "withdrawn")
ASKS, LANGUAGES = ("remove", "license", "correct"), ("en", "zh-hans")
N = "7h2m9c4x0k1z"


def add_parser(commands: Actions) -> None:
    """Declare the command group."""
    actions = add_group(commands, "notice", SUMMARY, EXAMPLE)
    rows = add_action(actions, "ls", "list your notices", "notice ls --state sent", run_list, details="Newest first.")
    rows.add_argument("--state", choices=STATES, help="only those in this state")
    rows.add_argument("--dataset", metavar="SLUG")
    add_limit(rows)
    _add_draft(actions)
    amend = add_action(actions, "amend", "mend a draft", f"notice amend {N} --body letter.txt", run_amend)
    amend.add_argument("--subject")
    amend.add_argument("--body", metavar="FILE", help="the text; what is asked for and by when stands in it")
    send = add_action(
        actions, "send", "send it", f"notice send {N} --by post --on 2027-01-15", run_send,
        details="By e-mail now; or by post, which you do yourself and which is noted here.",
    )  # fmt: skip
    send.add_argument("--by", required=True, choices=("email", "post"))
    send.add_argument("--on", type=day, metavar="DAY", help="posted on (default: today)")
    shown = add_action(actions, "show", "one notice with its steps", f"notice show {N}", run_show)
    answer = add_action(
        actions, "answer", "note what the host answered", f'notice answer {N} --on 2027-01-31 --text "Yes."', run_step
    )
    resolve = add_action(
        actions, "resolve", "note what ended it", f'notice resolve {N} --on 2027-02-10 --text "Taken out."', run_step
    )
    for name, parser in (("answer", answer), ("resolve", resolve)):
        parser.add_argument("--on", type=day, required=True, metavar="DAY")
        parser.add_argument("--text", required=True)
        parser.set_defaults(step=name)
    withdraw = add_action(
        actions, "withdraw", "take it back", f'notice withdraw {N} --reason "Settled."', run_withdraw,
        details="What was sent stays on record.",
    )  # fmt: skip
    withdraw.add_argument("--reason", required=True)
    letter = add_action(
        actions, "letter", "write the letter and its works to files", f"notice letter {N} --out papers", run_letter
    )
    letter.add_argument("--out", metavar="FOLDER", default=".", help="an existing folder (default: this one)")
    for parser in (amend, send, shown, answer, resolve, withdraw, letter):
        parser.add_argument("notice", type=public_id, metavar="NOTICE")


def _add_draft(actions: Actions) -> None:
    example = 'notice draft --dataset books3 --host "Heap Hosting" --email legal@heap.example --ask license'
    details = "About your works that were found there, in checks that were published or in your own."
    draft = add_action(actions, "draft", "draft a notice", example, run_draft, details=details)
    basis = draft.add_mutually_exclusive_group(required=True)
    basis.add_argument("--dataset", metavar="SLUG")
    basis.add_argument("--clearance", type=public_id, metavar="ID", help="a check of your own")
    draft.add_argument("--host", required=True, metavar="NAME", help="who hosts it")
    draft.add_argument("--email", default="", metavar="ADDRESS")
    draft.add_argument("--address", default="", metavar="URL", help="where the host takes notices")
    draft.add_argument("--ask", choices=ASKS, default="remove", help="to take the works out, take a licence, correct")
    draft.add_argument("--language", choices=LANGUAGES, default="en")
    draft.add_argument("--answer-by", type=day, metavar="DAY", help="default: in thirty days")


def run_draft(options: argparse.Namespace) -> int:
    """Draft a notice and show it."""
    from colophon.client import Registry  # noqa: PLC0415

    body = {
        "dataset": options.dataset or "",
        "clearance": options.clearance or "",
        "host_name": options.host,
        "host_email": options.email,
        "host_address": options.address,
        "ask": options.ask,
        "language": options.language,
        "answer_by": options.answer_by,
    }
    with Registry(options.registry) as registry:
        made = registry.post("notices", body)
    by = "email" if made["host_email"] else "post"
    show(options, made, [*_lines(made), f"Send it: colophon notice send {made['id']} --by {by}"])
    return CLEAR


def _lines(notice: Json) -> list[str]:
    """A notice: where it stands, its text, its steps."""
    pairs = [
        ("notice", f"{notice['id']}, {notice['state']}"),
        ("dataset", notice["dataset"]),
        ("to", " ".join(part for part in (notice["host_name"], notice["host_email"], notice["host_address"]) if part)),
        ("asks", f"{notice['ask']}, about {many(notice['works'], 'work')}"),
        ("answer by", notice["answer_by"]),
        ("subject", notice["subject"]),
    ]
    steps = [(event["on"], event["kind"], event["text"]) for event in notice["events"]]
    return [*facts(pairs), "", *notice["body"].splitlines(), "", *table(steps, none="")]


def run_amend(options: argparse.Namespace) -> int:
    """Mend a draft."""
    from colophon.client import Registry  # noqa: PLC0415

    body: Json = {}
    if options.subject is not None:
        body["subject"] = options.subject
    if options.body is not None:
        try:
            body["body"] = Path(options.body).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeError) as error:
            raise CommandError(f"{options.body}: cannot be read: {error}") from None
    if not body:
        raise CommandError("Say what to mend: --subject or --body.")
    with Registry(options.registry) as registry:
        found = registry.patch(f"notices/{options.notice}", body)
    show(options, found, _lines(found))
    return CLEAR


def run_list(options: argparse.Namespace) -> int:
    """A line a notice."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        rows = listed(registry, "notices", options.limit, state=options.state, dataset=options.dataset)
    lines = [
        (row["id"], row["state"], row["answer_by"], f"{row['works']:,}", row["host_name"], row["subject"])
        for row in rows
    ]
    show(options, rows, table(lines, none="There is no such notice."))
    return CLEAR


def run_show(options: argparse.Namespace) -> int:
    """One notice."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        found = registry.get(f"notices/{options.notice}")
    show(options, found, _lines(found))
    return CLEAR


def run_send(options: argparse.Namespace) -> int:
    """Send it, or note that it was posted."""
    return _step(options, "send", {"by": options.by, "on": options.on})


def run_step(options: argparse.Namespace) -> int:
    """Note an answer, or the end."""
    return _step(options, options.step, {"on": options.on, "text": options.text})


def run_withdraw(options: argparse.Namespace) -> int:
    """Take it back."""
    return _step(options, "withdraw", {"reason": options.reason})


def _step(options: argparse.Namespace, step: str, body: Json) -> int:
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        found = registry.post(f"notices/{options.notice}/{step}", body)
    show(options, found, [f"{found['id']}: {found['state']}."])
    return CLEAR


def run_letter(options: argparse.Namespace) -> int:
    """Write the letter and the table of works."""
    from colophon.client import Registry  # noqa: PLC0415

    folder = Path(options.out)
    if not folder.is_dir():
        raise CommandError(f"{folder}: there is no such folder.")
    letter, works = folder / f"notice-{options.notice}.txt", folder / f"works-{options.notice}.csv"
    with Registry(options.registry) as registry:
        registry.download(f"notices/{options.notice}/letter", letter)
        registry.download(f"notices/{options.notice}/works", works)
    show(options, {"letter": str(letter), "works": str(works)}, [str(letter), str(works)])
    return CLEAR
