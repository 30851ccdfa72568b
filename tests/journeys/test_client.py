"""A firm and two rightsholders with the client alone: asked, granted, offered, accepted, proven, revoked."""

from pathlib import Path
from typing import Any

import pytest

from licensing.models import VerdictChange
from registry import jobs
from registry.services import log
from tests import factories, workers
from tests.colophon.calls import Outcome, run_process
from tests.licensing import asked
from tests.registry.api import clients

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
PRICE = "per_work 2.50 EUR"


class Shell:
    """Somebody at a terminal, signed in."""

    def __init__(self, person: clients.Person, registry: str, home: Path) -> None:
        token = clients.new_token(person)[1]
        self._variables = {"COLOPHON_TOKEN": token, "COLOPHON_REGISTRY": registry, "XDG_CONFIG_HOME": str(home)}

    def run(self, *arguments: object) -> Outcome:
        return run_process(*arguments, **self._variables)

    def ask(self, *arguments: object) -> Any:
        """What a command prints as JSON; it has to end well."""
        done = self.run(*arguments, "--json")
        assert done.code in (0, 1), done.error
        return done.json


def test_a_firm_and_two_rightsholders_go_all_the_way_in_a_shell(
    service_environment: dict[str, str], live_server: Any, tmp_path: Path
) -> None:
    people = {name: clients.member(factories.organisation(name, name.title())) for name in ("acme", "north", "south")}
    firm, north, south = (Shell(person, live_server.url, tmp_path) for person in people.values())
    works = [*asked.claimed(people["north"], 3), *asked.claimed(people["south"], 2)]
    clearance = asked.clearance(people["acme"], works, territory="CN")
    dataset = clearance.scan.release.dataset.slug

    with workers.running(service_environment, tmp_path / "worker.log"):
        assert firm.ask("request", "missing", "--dataset", dataset)["missing"] == 5
        request = firm.ask("request", "new", "--clearance", clearance.public_id, "--fee", "free", "--send")
        assert (request["state"], len(request["parts"])) == ("open", 2)

        [of_north] = north.ask("desk")["as_holder"]
        assert north.ask("negotiation", "grant", of_north["id"])["to_state"] == "granted"
        [of_south] = south.ask("desk")["as_holder"]
        south.ask("negotiation", "offer", of_south["id"], "--fee", PRICE, "--message", "Not for nothing.")
        [offered] = firm.ask("negotiation", "ls", "--waiting")
        assert offered["terms"]["fee"]["amount"] == "2.50"
        assert firm.ask("negotiation", "accept", offered["id"])["negotiation"]["state"] == "granted"
        workers.wait_until(lambda: VerdictChange.objects.count() == 5, meanwhile=jobs.sweep)
        assert firm.run("request", "missing", "--dataset", dataset).code == 0
        assert "closed" in firm.run("request", "show", request["id"]).out.decode()

        [granted] = firm.ask("agreement", "ls", "--granted-by", "north")
        papers = firm.ask("agreement", "document", granted["id"], "--out", tmp_path)
        key = tmp_path / "key.txt"
        key.write_text(log.verifier_key())
        assert firm.run("verify", papers["jsonld"], "--key", key).code == 0
        assert firm.ask("agreement", "check", papers["pdf"])["standing"] == "in_force"

        north.ask("agreement", "revoke", granted["id"], "--reason", "The contract for the other books was broken.")
        assert firm.ask("agreement", "check", papers["jsonld"])["standing"] == "revoked"
        workers.wait_until(lambda: VerdictChange.objects.count() == 5 + 3, meanwhile=jobs.sweep)
    again = firm.run("request", "missing", "--clearance", clearance.public_id)
    assert (again.code, "a licence would help with 3" in again.out.decode()) == (1, True)
    log.sequence_all()
    assert log.verify()["ok"]
