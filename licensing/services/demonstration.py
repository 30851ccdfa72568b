"""The main job: a shelf registered, two datasets scanned by real workers, clearance decided, evidence that verifies.

Every step calls the services that the pages call; waiting is for the workers.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.models import Scan
from ingest.services import scans
from ingest.services.scans import Upload
from licensing.formats import snapshot
from licensing.models import Clearance, Report, Verdict
from licensing.services import catalogue, clearances, reports, shelf, snapshots
from registry import jobs
from registry.actors import Actor, system
from registry.errors import ColophonError
from registry.merkle import bundle
from registry.models import Job, Organisation
from registry.services import log

REQUIRED_CODES = ("PD_TERM", "LIC_MATCH", "LIC_SCOPE_GAP", "EU4_RESERVED", "US_FU")
POLL_SECONDS = 0.2

Say = Callable[[str], None]


class NotFinished(ColophonError):
    """A step of the main job failed or took too long."""

    code = "MAIN_JOB"


@dataclass
class Result:
    """What the main job found."""

    catalogue: dict[str, int]
    works: int
    scans: list[Scan] = field(default_factory=list)
    clearances: list[Clearance] = field(default_factory=list)
    snapshot: dict[str, Any] = field(default_factory=dict)
    snapshot_path: Path | None = None
    bundle: Path | None = None
    verified: str = ""

    @property
    def verdicts(self) -> Iterator[Verdict]:
        return Verdict.objects.filter(clearance__in=self.clearances).iterator()

    def missing(self) -> list[str]:
        """The reason codes, and the verdict UNKNOWN, that the samples have to give and did not."""
        codes: set[str] = set()
        unknown = False
        for verdict in self.verdicts:
            codes |= {reason["code"] for reason in verdict.reasons}
            unknown = unknown or verdict.verdict == "UNKNOWN"
        return [code for code in REQUIRED_CODES if code not in codes] + ([] if unknown else ["UNKNOWN"])


def run(samples: Path, *, out: Path, say: Say, timeout_seconds: float = 300) -> Result:
    """Run everything; raises NotFinished naming the step. Repeatable: a second run finds the shelf in place."""
    deadline = time.monotonic() + timeout_seconds
    say("catalogue")
    counts = catalogue.load()
    say("works")
    loaded = shelf.load(samples)
    _wait_for_jobs(loaded.jobs, deadline, "fingerprinting the shelf")
    rights = shelf.read(samples / "rights.toml")
    question = rights["question"]
    lab = Organisation.objects.get(slug=question["licensee"].removeprefix("org:"))
    actor = system("main-job", lab)
    result = Result(catalogue=counts, works=len(loaded.works))
    say("scans")
    for row in rights["datasets"]:
        scan = _scan(row, samples, actor)
        result.scans.append(scan)
        for territory in question["territories"]:
            result.clearances.append(
                _ask(scan=scan, row=row, question=question, territory=territory, lab=lab, actor=actor)
            )
    _wait(lambda: _ended(result.scans, Scan, ["done"], ["failed", "cancelled"]), deadline, "scanning")
    say("clearances")
    clearances.decide_ready()  # beat would, within seconds
    _wait(lambda: _ended(result.clearances, Clearance, ["decided"], ["failed"]), deadline, "deciding")
    say("snapshot")
    result.snapshot_path = out / "snapshots" / "sample.snapshot"
    result.snapshot = _snapshot(result.snapshot_path, lab)
    say("evidence")
    _evidence(result, actor, out, deadline)
    jobs.enqueue("dataset_descriptions")  # last: nothing here waits for it
    return result


def _scan(row: dict[str, Any], samples: Path, actor: Actor) -> Scan:
    return scans.request(
        dataset_name=row["name"],
        files=[Upload(name=row["path"], stream=samples / row["path"])],
        acquisition=row["acquisition"],
        copied_on=row["copied_on"],
        actor=actor,
    )


def _ask(
    *, scan: Scan, row: dict[str, Any], question: dict[str, Any], territory: str, lab: Organisation, actor: Actor
) -> Clearance:
    return clearances.request(
        scan=scan,
        use=question["use"],
        purpose=question["purpose"],
        territory=territory,
        licensee=lab,
        profile=question["policy"],
        reservation_search=row["reservation_search"],
        actor=actor,
    )


def _snapshot(path: Path, organisation: Organisation) -> dict[str, Any]:
    """Write a snapshot and read every byte of it back against its manifest."""
    done = snapshots.export(path, organisation=organisation)
    try:
        with snapshot.Snapshot(path) as written:
            written.verify()
    except snapshot.SnapshotError as error:
        raise NotFinished(f"The snapshot does not verify: {error}") from None
    return done


def _evidence(result: Result, actor: Actor, out: Path, deadline: float) -> None:
    """Make the bundle of the clearance with the most verdicts, put it under `out` and verify it there."""
    chosen = max(result.clearances, key=lambda clearance: clearance.verdicts.count())
    report = reports.request(clearance=chosen, language="en", actor=actor)
    _wait(lambda: _ended([report], Report, ["ready"], ["failed"]), deadline, "making the bundle")
    folder = out / "evidence"
    folder.mkdir(parents=True, exist_ok=True)
    result.bundle = folder / "sample-bundle.zip"
    with reports.open_bundle(report) as stream:
        result.bundle.write_bytes(stream.read())
    try:
        verified = bundle.verify_bundle(result.bundle, log.verifier_key())
    except bundle.BundleError as error:
        raise NotFinished(f"The bundle does not verify: {error}") from None
    result.verified = str(verified)


def _ended(rows: list[Any], model: Any, good: list[str], bad: list[str]) -> bool:
    """Refresh the rows; True when all ended well, NotFinished when one did not."""
    for row in rows:
        row.refresh_from_db()
        if row.state in bad:
            raise NotFinished(f"{model._meta.verbose_name} {row.public_id} {row.state}: {row.reason}")
    return all(row.state in good for row in rows)


def _wait_for_jobs(jobs: list[Job], deadline: float, step: str) -> None:
    def ended() -> bool:
        rows = list(Job.objects.filter(pk__in=[job.pk for job in jobs]))
        for job in rows:
            if job.ended and job.state != Job.State.DONE:
                raise NotFinished(f"{step}: {job.kind} {job.state}: {job.reason}")
        return all(job.ended for job in rows)

    _wait(ended, deadline, step)


def _wait(ended: Callable[[], bool], deadline: float, step: str) -> None:
    while not ended():
        if time.monotonic() > deadline:
            raise NotFinished(f"{step}: took too long. Is a worker running? `make run` starts one.")
        time.sleep(POLL_SECONDS)
