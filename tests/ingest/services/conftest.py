"""A publisher with works to hand in, and a way to run every job that is waiting."""

from collections.abc import Callable
from pathlib import Path

import pytest

from registry import jobs
from registry.actors import Actor, system
from registry.models import Job, Work
from registry.services import organisations, works

TEXTS = Path(__file__).resolve().parents[3] / "samples" / "shelf" / "texts"


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()
    settings.INDEX_DIR = tmp_path / "index"


@pytest.fixture
def publisher(db) -> Actor:
    return system("test", organisations.create(slug="press", name="Press", actor=system("test")))


@pytest.fixture
def firm(db) -> Actor:
    return system("test", organisations.create(slug="firm", name="Firm", actor=system("test")))


@pytest.fixture
def register(publisher) -> Callable[[str], Work]:
    def register(title: str) -> Work:
        return works.register(works.WorkFacts(title=title), actor=publisher)

    return register


@pytest.fixture
def alice() -> Path:
    return TEXTS / "carroll-alice.txt"


@pytest.fixture
def darkness() -> Path:
    return TEXTS / "conrad-heart-of-darkness.txt"


@pytest.fixture
def run_jobs() -> Callable[[], dict[str, str]]:
    """Run what is queued until nothing is left; returns the state each kind ended in."""

    def run_jobs() -> dict[str, str]:
        ended: dict[str, str] = {}
        kinds = [kind for kind in jobs.HANDLERS if kind != "search_index"]
        while (job := Job.objects.filter(state=Job.State.QUEUED, kind__in=kinds).order_by("id").first()) is not None:
            ended[job.kind] = jobs.run(job.pk)
        return ended

    return run_jobs
