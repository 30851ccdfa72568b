"""A certificate verifies offline, and whatever is changed in it no longer does."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from colophon import cli
from ingest.services import audit_certificates
from registry.errors import Conflict
from registry.merkle import certificate
from registry.merkle.__main__ import main
from registry.models import Entry
from registry.services import log
from tests.ingest.audited import NAMES, audited

pytestmark = pytest.mark.django_db
CHANGES = {
    "figure": lambda said: said["result"]["batches"][0].update(positive=0),
    "seed": lambda said: said["result"].update(seed=8),
    "sample": lambda said: said["result"].update(sample="sha256:0"),
    "order": lambda said: said.update(sampled=said["concluded"], concluded=said["sampled"]),
    "audit": lambda said: said.update(audit="0000000000zz"),
    "record": lambda said: said["sampled"].update(record=said["sampled"]["record"].replace('"seed":7', '"seed":9')),
    "place": lambda said: said["concluded"]["log"].update(index=said["concluded"]["log"]["index"] + 1),
    "number": lambda said: said["concluded"].update(log=None),
    "missing": lambda said: said.pop("sampled"),
    "format": lambda said: said.update(format="colophon-receipt/1"),
}


@pytest.fixture
def certified(firm) -> dict[str, Any]:
    made = audited(firm).audit
    made.refresh_from_db()
    return audit_certificates.certify(made)


def test_a_certificate_verifies_and_says_what_was_drawn(certified):
    found = certificate.verify(json.dumps(certified).encode(), log.verifier_key())
    assert (found.seed, found.drawn, found.records, found.key_pinned) == (7, 100, 120, True)
    assert found.sampled_index < found.concluded_index
    assert found.positive == sum(row["positive"] for row in certified["result"]["batches"])
    assert not any(name in json.dumps(certified) for name in NAMES)


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_what_was_changed_does_not_verify(certified, change):
    said = copy.deepcopy(certified)
    CHANGES[change](said)
    with pytest.raises(certificate.CertificateError):
        certificate.verify(json.dumps(said).encode())


def test_another_key_than_the_pinned_one_is_refused(certified):
    with pytest.raises(certificate.CertificateError):
        certificate.verify(json.dumps(certified).encode(), "example+00000000+AAAA")


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"format": "colophon-audit-certificate/1"}', b"\xff"])
def test_what_is_no_certificate_is_refused(data):
    with pytest.raises(certificate.CertificateError):
        certificate.verify(data)


def test_both_commands_know_a_certificate_from_a_receipt(certified, tmp_path: Path, capsys):
    file = tmp_path / "certificate.json"
    file.write_text(json.dumps(certified), encoding="utf-8")
    assert main([str(file)]) == 0
    assert "taken for output" in capsys.readouterr().out
    assert cli.main(["verify", "--json", str(file)]) == 0
    assert json.loads(capsys.readouterr().out)["seed"] == 7
    file.write_text(json.dumps(certified).replace('"seed": 7', '"seed": 8'), encoding="utf-8")
    assert main([str(file)]) == 1
    assert "NOT VERIFIED" in capsys.readouterr().err


def test_there_is_none_before_both_entries_have_their_numbers(firm):
    made = audited(firm).audit
    Entry.objects.filter(pk=made.result_entry_id or 0).update(position=None)
    made.refresh_from_db()
    with pytest.raises(Conflict):
        audit_certificates.certify(made)
