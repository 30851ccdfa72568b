"""The typed environment: every setting that comes from outside is read here, once.

`make up` writes `var/env` with the addresses and secrets of the embedded services; what is already in the process's
environment wins over that file. A missing variable ends the start with its name.
"""

import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent

env = environ.Env()


def load_file(path: Path) -> None:
    """Add `NAME=value` lines of `path` to the environment; names that are set already keep their value."""
    if path.is_file():
        environ.Env.read_env(path, overwrite=False)


def required(name: str) -> str:
    """Return the variable's value; raise ImproperlyConfigured naming it when it is missing or empty."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(
            f"The environment variable {name} is not set. Set it, or run `make up` which writes it to var/env."
        )
    return value


def folder(name: str, default: Path) -> Path:
    """Return the folder a variable names, or the default, as an absolute path."""
    return Path(os.environ.get(name) or default).resolve()
