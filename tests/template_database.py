"""The database that test databases are copies of: migrated once for each state of the migrations, copied in a moment.

`python -m tests.template_database` makes it ahead of the tests; a run that finds none makes it first.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import django
import psycopg
from django.apps import apps
from django.conf import settings
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "template_colophon_"
LOCK = 0x74656D70  # one run makes it, the others wait
KEPT = 3  # templates of earlier states, for checkouts that change between them


def ready() -> str:
    """Name of the template for the migrations as they are now, which is there on return."""
    database = settings.DATABASES["default"]
    place = {"host": database["HOST"], "port": database["PORT"] or 5432, "user": database["USER"]}
    with psycopg.connect(**place, password=database["PASSWORD"], dbname="postgres", autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        name = PREFIX + _state()
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            _forget_old(server)
            _make(server, name, **place, password=database["PASSWORD"])
    return name


def _state() -> str:
    """A digest of every migration of every application, the installed ones included."""
    digest = hashlib.sha256()
    for config in apps.get_app_configs():
        for file in sorted(Path(config.path, "migrations").glob("*.py")):
            digest.update(f"{config.label}/{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _make(server: psycopg.Connection, name: str, *, host: str, port: int, user: str, password: str) -> None:
    unfinished = f"{name}_unfinished"
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(unfinished)))
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
    address = f"postgres://{user}:{password}@{host}:{port}/{unfinished}"
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"DATABASE_URL": address}, check=True)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    server.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(name)))


def _forget_old(server: psycopg.Connection) -> None:
    known = "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC OFFSET %s"
    for (name,) in server.execute(known, [PREFIX, KEPT]).fetchall():
        try:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        except psycopg.errors.ObjectInUse:  # somebody copies it just now
            continue


if __name__ == "__main__":
    django.setup()
    ready()
