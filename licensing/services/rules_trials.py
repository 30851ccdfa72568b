"""Trials of changed rules as jobs: an operator hands changed tables in, a worker says which verdicts would differ.

A trial is a job and two folders of files: the tables as they were handed in, and what came of them. Nothing in the
registry changes, so the log has no entry of it. After thirty days a trial's files are removed.
"""

import datetime
import json
import secrets
import tomllib
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

import registry.access
from ingest import blobs
from licensing.rules import tables
from licensing.services import rules_preview
from registry import jobs
from registry.errors import InvalidInput
from registry.jobs import Claim
from registry.models import Job, Work

JOB = "rules_preview"
FOLDER = "trials"
KEPT = datetime.timedelta(days=30)
Json = dict[str, Any]


def known_tables() -> list[str]:
    """The names of the tables that the rules are made of, without their ending."""
    return sorted(path.stem for path in tables.FOLDER.glob("*.toml"))


def request(changed: Mapping[str, bytes]) -> Job:
    """Have a worker decide all stored verdicts with these tables (name without `.toml` → bytes) for those in use.

    Raises InvalidInput with every fault: no table, one that does not exist, is too large or is no TOML.
    """
    errors = _faults(changed)
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    _remove_old()
    folder = secrets.token_hex(6)
    keys = {name: blobs.put(raw, f"{FOLDER}/{folder}").key for name, raw in sorted(changed.items())}
    with transaction.atomic():
        return jobs.enqueue(JOB, folder=folder, tables=keys)


def _faults(changed: Mapping[str, bytes]) -> list[dict[str, str]]:
    causes = [] if changed else ["Choose at least one changed table."]
    known = known_tables()
    for name, raw in sorted(changed.items()):
        if name not in known:
            causes.append(f"There is no table {name}; there are {', '.join(known)}.")
        elif len(raw) > rules_preview.MAX_TABLE_BYTES:
            causes.append(f"The table {name} is larger than {rules_preview.MAX_TABLE_BYTES >> 20} MiB.")
        else:
            try:
                tomllib.loads(raw.decode())
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                causes.append(f"The table {name} cannot be read: {error}.")
    return [{"pointer": "/tables", "cause": cause} for cause in causes]


def _remove_old() -> None:
    for owner in blobs.owners(FOLDER):
        if blobs.is_older(f"{FOLDER}/{owner}", KEPT):
            blobs.delete_folder(f"{FOLDER}/{owner}")


def run(claim: Claim, *, folder: str, tables: Mapping[str, str]) -> None:
    """What the job does: decide again, compare, and keep the result beside the tables."""
    changed = {name: blobs.read(key) for name, key in tables.items()}
    preview = rules_preview.of_tables(changed, claim=claim)
    blobs.put(json.dumps(preview.to_json(), ensure_ascii=False).encode(), f"{FOLDER}/{folder}/result")


def trials() -> QuerySet[Job]:
    """Every trial, newest first."""
    return Job.objects.filter(kind=JOB).order_by("-id")


def result(job: Job) -> Json | None:
    """What came of a trial (`Preview.to_json`); None while it runs, when it failed, or when it is too old."""
    if job.state != Job.State.DONE:
        return None
    found = blobs.listing(f"{FOLDER}/{job.arguments['folder']}/result")
    return json.loads(blobs.read(found[0].key)) if found else None


def published(found: Json) -> dict[str, Work]:
    """The works that a result names and that everybody may know of, by their public ids."""
    named = {one["work"] for one in found["changes"]}
    named.update(one["work"] for row in found["reasons"] for one in row["examples"])
    known = Work.objects.filter(registry.access.standing(), public_id__in=named)
    return {work.public_id: work for work in known}
