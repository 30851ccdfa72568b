"""One after the other: imports of an organisation, and attempts at the same file; and the word of how far one is."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connection, connections

from licensing.services.import_states import RUNNING, State, end
from registry import jobs
from registry.errors import Conflict
from registry.models import Import, Organisation

HOLDER_CLASS = 0x696D71  # an import that a command works on, without a job, is held by its process
TURN_CLASS = 0x696D70  # one import of an organisation at a time is taken in, or over
POLL_SECONDS = 0.2

Say = Callable[[str, int, int | None], None]


def lock(organisation: Organisation) -> None:
    """Until the transaction ends nobody else takes in, or over, an import of this organisation."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TURN_CLASS, organisation.pk])


def wait_for_turn(batch: Import, say: Say) -> None:
    """The same, telling the person who waits: what was written before is then seen."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [TURN_CLASS, batch.organisation_id])
            if cursor.fetchone()[0]:
                return
        say("waiting for another import", 0, None)
        time.sleep(POLL_SECONDS)


def require_alone(organisation: Organisation, digest: str) -> None:
    """Raises Conflict where a file of this SHA-256 is being worked on; call it under `lock`."""
    for twin in Import.objects.filter(organisation=organisation, sha256=digest, state__in=RUNNING):
        if twin.job_id is None and _try_to_hold(twin):
            _let_go(twin)
            end(twin, State.FAILED, "The process that worked on it ended without a word.")
            continue
        sentence = f"This very file is being worked on at the moment (import {twin.public_id}); wait until it is done."
        raise Conflict(sentence, **{"import": twin.public_id})


@contextmanager
def working_on(batch: Import) -> Iterator[None]:
    """For whoever checks and applies without a job: a process that dies lets the import go."""
    _try_to_hold(batch)
    try:
        yield
    finally:
        _let_go(batch)


def _try_to_hold(batch: Import) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [HOLDER_CLASS, batch.pk])
        return bool(cursor.fetchone()[0])


def _let_go(batch: Import) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [HOLDER_CLASS, batch.pk])


@contextmanager
def told(claim: jobs.Claim | None) -> Iterator[Say]:
    """Tell the job's progress from outside the transaction, which would keep it to itself."""
    if claim is None:
        yield lambda stage, done, total: None
        return
    if connection.in_atomic_block:  # a test's transaction: another connection would not see the job
        yield claim.progress
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import-progress") as speaker:
        try:
            yield lambda stage, done, total: speaker.submit(claim.progress, stage, done, total).result()
        finally:
            speaker.submit(connections.close_all).result()
