"""`manage.py clear DATASET`: may we use what a scan found, for this, there, then?"""

import datetime
import json
import time
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ingest import sureness
from ingest.management.operator import acting_for
from ingest.models import Scan
from licensing.models import Clearance
from licensing.rules import output_facts, policy, terms
from licensing.selectors import answers
from licensing.services import clearances
from registry.errors import ColophonError
from registry.management.base import QuickCommand
from registry.models import Organisation

POLL_SECONDS = 0.25
COMPETING = {None: None, "yes": True, "no": False}


class Command(QuickCommand):
    help = (
        "Ask a question about the latest scan of a dataset. "
        "Example: manage.py clear corpus --use pretraining --purpose commercial --territory DE --wait"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset", metavar="DATASET", help="name or slug of a dataset that was scanned")
        parser.add_argument("--use", choices=list(terms.Use), required=True)
        parser.add_argument("--purpose", choices=list(terms.Purpose), required=True)
        parser.add_argument("--territory", required=True, help="ISO 3166 code, EU, EEA or WORLD")
        parser.add_argument("--licensee", metavar="SLUG", help="who uses it (default: who asks)")
        parser.add_argument("--as-of", type=datetime.date.fromisoformat, metavar="DATE", help="default: today")
        parser.add_argument(
            "--policy",
            default=policy.DEFAULT_PROFILE,
            metavar="NAME",
            help=f"{', '.join(policy.PROFILES)}, or a policy of the organisation's own (house, house@2)",
        )
        parser.add_argument(
            "--reservation-search",
            choices=["evidenced", "not_done"],
            default="evidenced",
            help="whether somebody looked where publishers state reservations, and can show it",
        )
        parser.add_argument(
            "--product", default="", metavar="NAME", help="what it is for, where a grant names products"
        )
        parser.add_argument("--model", default="", metavar="NAME", help="which model, where a grant names models")
        parser.add_argument(
            "--competing",
            choices=["yes", "no"],
            help="whether what is made of it competes with models whose output it holds (default: not recorded)",
        )
        parser.add_argument("--released", action="store_true", help="what is made of it is released")
        parser.add_argument("--organisation", metavar="SLUG", help="who asks (default: operator)")
        parser.add_argument("--wait", action="store_true", help="until it is decided, and show the answer")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = acting_for(options["organisation"], "clear")
        named = Scan.objects.filter(organisation=actor.organisation).order_by("id")
        wanted = options["dataset"]
        scan = named.filter(release__dataset__slug=wanted).last() or named.filter(release__dataset__name=wanted).last()
        if scan is None:
            raise CommandError(f"{actor.organisation} has no scan of a dataset called {wanted}.", returncode=2)
        try:
            clearance = clearances.request(
                scan=scan,
                use=options["use"],
                purpose=options["purpose"],
                territory=options["territory"],
                licensee=_licensee(options["licensee"]),
                as_of=options["as_of"],
                profile=options["policy"],
                reservation_search=options["reservation_search"],
                product=options["product"],
                model=options["model"],
                competing=COMPETING[options["competing"]],
                released=options["released"],
                actor=actor,
            )
        except ColophonError as error:
            raise CommandError(error.sentence, returncode=2) from None
        clearances.decide_ready()
        if not options["wait"]:
            self.stdout.write(
                json.dumps({"clearance": clearance.public_id}) if options["json"] else clearance.public_id
            )
            return
        self._wait(clearance)
        facts = answers.in_full(clearance)
        self.stdout.write(json.dumps(facts, ensure_ascii=False) if options["json"] else _in_words(facts))
        if facts["exit"]:
            raise SystemExit(facts["exit"])

    def _wait(self, clearance: Clearance) -> None:
        while clearance.state == Clearance.State.WAITING:
            time.sleep(POLL_SECONDS)
            clearance.refresh_from_db()
        if clearance.state == Clearance.State.FAILED:
            raise CommandError(clearance.reason, returncode=2)


def _licensee(slug: str | None) -> Organisation | None:
    if slug is None:
        return None
    found = Organisation.objects.filter(slug=slug.removeprefix("org:")).first()
    if found is None:
        raise CommandError(f"There is no organisation {slug}.", returncode=2)
    return found


def _output_in_words(output: dict[str, Any] | None) -> list[str]:
    """What is said of model output: the verdict, each reason with the way it came, what was declared and measured."""
    if output is None or not (output["reasons"] or output["facts"]["audits"]):
        return ["        nothing is on record of model output in it: that is not “clear” either"]
    word = (output["verdict"] or "not established").replace("_", " ").lower()
    lines = [f"        model output: {word}{', which blocks' if output['blocks'] else ''}"]
    for reason in output["reasons"]:
        lines.append(f"          {reason['code']}: {reason['sentence']}")
        if reason["path"] is not None:
            lines.append(f"            {output_facts.way(output['facts']['paths'][reason['path']])}")
    return [*lines, f"          {output['share']}"]


def _in_words(facts: dict[str, Any]) -> str:
    lines = [f"clearance {facts['clearance']} of {facts['dataset']}"]
    for verdict, count in facts["totals"]["verdicts"].items():
        if count["works"]:
            lines.append(
                f"  {count['works']:>5} works, {count['words']:>9,} words  {verdict.replace('_', ' ').lower()}"
            )
    unidentified = facts["unidentified"]["documents"]
    lines.append(f"  {unidentified:>5} documents in which no registered work was identified: that is not “clear”")
    reach = sureness.sentence(facts["unidentified"]["no_match"])
    if unidentified and reach:
        lines.append(f"        {reach}")
    lines += _output_in_words(facts["output"])
    for row in facts["works"]:
        deciding = next((reason for reason in row["reasons"] if reason["verdict"] == row["verdict"]), None)
        lines.append(f"{row['verdict']:<17} {row['title']}: {deciding['sentence'] if deciding else ''}")
    return "\n".join(lines)
