"""Readings for tests: files handed in by a press, as they stood at an address on a day."""

import datetime

from licensing.models import Observation
from licensing.services import observations
from licensing.services.observations import Kept
from registry.actors import Actor
from registry.models import Work

ROBOTS = "https://press.example/robots.txt"
TDMREP = "https://press.example/.well-known/tdmrep.json"
RESERVED = b'[{"location": "/books/*", "tdm-reservation": 1, "tdm-policy": "https://press.example/policy.json"}]'
NOT_RESERVED = b'[{"location": "/", "tdm-reservation": 0}]'


def moment(day: str) -> datetime.datetime:
    """Noon of a day."""
    return datetime.datetime.fromisoformat(f"{day}T12:00:00+00:00")


def hand_in(
    content: bytes, day: str, *, actor: Actor, address: str = TDMREP, work: Work | None = None, file_name: str = ""
) -> tuple[Observation, Kept]:
    """A file that was seen on a day."""
    return observations.hand_in(
        content=content, file_name=file_name, address=address, observed_at=moment(day), work=work, actor=actor
    )
