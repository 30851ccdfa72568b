"""Jobs for the tests of workers: one whose effect can be counted, and some that misbehave."""

import os
import time
from pathlib import Path

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from registry import jobs
from registry.models import Organisation


@jobs.handler("test_count", queue="engine")
def count(claim: jobs.Claim, name: str) -> None:
    """An effect that can be counted: one organisation more."""
    with transaction.atomic():
        claim.guard()
        number = Organisation.objects.filter(name=name).count()
        Organisation.objects.create(slug=f"{name}-{number}", name=name)


@jobs.handler("test_abort", queue="engine")
def abort(claim: jobs.Claim) -> None:
    """Poison: ends the process without a word."""
    os.abort()


@jobs.handler("test_raise", queue="engine")
def fail(claim: jobs.Claim) -> None:
    """Fails every time."""
    raise ValueError("this never works")


@jobs.handler("test_hang", queue="engine", time_limit_seconds=1)
def hang(claim: jobs.Claim) -> None:
    """Never ends by itself."""
    while True:
        time.sleep(0.05)


@jobs.handler("test_steps", queue="engine")
def steps(claim: jobs.Claim, trace: str) -> None:
    """A long job in short chunks; writes down each one."""
    for number in range(100_000):
        claim.progress("stepping", number)
        with Path(trace).open("a") as file:
            file.write(f"{number}\n")
        time.sleep(0.02)


@jobs.handler("test_stuck", queue="engine", time_limit_seconds=1)
def stay(claim: jobs.Claim) -> None:
    """Does not even end when it is asked to."""
    while True:
        try:
            time.sleep(0.05)
        except SoftTimeLimitExceeded:
            continue


@jobs.handler("test_slow_count", queue="engine")
def count_slowly(claim: jobs.Claim, name: str) -> None:
    """Long enough to be in the middle of when the worker is asked to end."""
    time.sleep(0.3)
    count(claim, name)
