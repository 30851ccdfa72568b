"""var/env: made once, kept, private; and what is said when something outside is missing."""

import base64
import os
import runpy
import socket
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.launcher import environment
from config.launcher.environment import LauncherError, Layout

SETTINGS = Path(__file__).resolve().parents[2] / "config" / "settings"
PRODUCTION = ("ALLOWED_HOSTS", "SITE_URL", "LOG_ORIGIN", "EMAIL_URL", "MAIL_FROM")


def test_secrets_are_made_once_and_kept(checkout: Layout) -> None:
    checkout.make()
    environment.ensure_secrets(checkout)
    first = checkout.env_file.read_text()
    environment.ensure_secrets(checkout)
    assert checkout.env_file.read_text() == first
    assert len(base64.b64decode(environment.read(checkout.env_file)["LOG_SIGNING_KEY"])) == 32


def test_env_file_is_readable_by_its_owner_only(checkout: Layout) -> None:
    checkout.make()
    environment.ensure_secrets(checkout)
    assert stat.S_IMODE(checkout.env_file.stat().st_mode) == 0o600


def test_missing_secret_is_added_beside_those_that_exist(checkout: Layout) -> None:
    checkout.make()
    environment.write(checkout.env_file, {"SECRET_KEY": "mine", "EXTRA": "kept=as it is"})
    environment.ensure_secrets(checkout)
    values = environment.read(checkout.env_file)
    assert (values["SECRET_KEY"], values["EXTRA"]) == ("mine", "kept=as it is")
    assert values["TOKEN_PEPPER"]


def test_two_checkouts_share_neither_folder_nor_port(tmp_path: Path) -> None:
    one, other = Layout(tmp_path / "one"), Layout(tmp_path / "other")
    assert one.outside != other.outside
    assert environment.choose_port(one, "postgres") != environment.choose_port(other, "postgres")


def test_port_stays_the_same_until_someone_takes_it(checkout: Layout) -> None:
    port = environment.choose_port(checkout, "postgres")
    assert environment.choose_port(checkout, "postgres", port) == port
    with socket.create_server(("127.0.0.1", port)):
        assert environment.choose_port(checkout, "postgres", port) != port


def test_address_from_outside_is_told_from_one_sourced_from_the_file(
    checkout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.make()
    environment.write(checkout.env_file, {"DATABASE_URL": "postgres://own"})
    monkeypatch.setenv("DATABASE_URL", "postgres://own")
    assert environment.given(checkout, "DATABASE_URL") is None
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere")
    assert environment.given(checkout, "DATABASE_URL") == "postgres://elsewhere"


def test_children_get_the_file_and_what_is_set_outside_wins(checkout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout.make()
    environment.write(checkout.env_file, {"SECRET_KEY": "file", "TOKEN_PEPPER": "file"})
    monkeypatch.setenv("TOKEN_PEPPER", "outside")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    values = environment.for_children(checkout)
    assert (values["SECRET_KEY"], values["TOKEN_PEPPER"]) == ("file", "outside")


def test_folder_that_cannot_be_written_is_explained(checkout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout.var.mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere
    with pytest.raises(LauncherError, match="cannot be written by this user"):
        checkout.make()


@pytest.mark.parametrize(
    ("file", "name"),
    [(file, name) for file in ("base.py",) for name in ("SECRET_KEY", "TOKEN_PEPPER", "LOG_SIGNING_KEY")]
    + [("base.py", "DATABASE_URL"), ("base.py", "BROKER_URL")]
    + [("prod.py", name) for name in PRODUCTION],
)
def test_missing_variable_ends_the_start_with_its_name(monkeypatch: pytest.MonkeyPatch, file: str, name: str) -> None:
    for other in PRODUCTION:
        monkeypatch.setenv(other, "set")
    monkeypatch.setenv(name, "")
    with pytest.raises(ImproperlyConfigured, match=rf"\b{name}\b"):
        runpy.run_path(str(SETTINGS / file))
