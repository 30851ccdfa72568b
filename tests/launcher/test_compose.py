"""The production shape in compose.yaml. It is read here, not started: that needs a container engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
REQUIRED = re.compile(r"required\(\"([A-Z_]+)\"\)")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


def test_every_part_of_production_is_there(services: dict[str, Any]) -> None:
    assert set(services) == {"postgres", "redis", "elasticsearch", "migrate", "web", "worker", "webhooks", "beat"}


def test_images_are_official_and_name_their_version(services: dict[str, Any]) -> None:
    for name in ("postgres", "redis", "elasticsearch"):
        repository, _, tag = services[name]["image"].rpartition(":")
        assert repository in ("postgres", "valkey/valkey", "docker.elastic.co/elasticsearch/elasticsearch")
        assert tag[0].isdigit(), name


def test_every_variable_the_settings_require_is_set(services: dict[str, Any]) -> None:
    sources = (ROOT / "config" / "settings" / name for name in ("base.py", "prod.py"))
    required = {name for source in sources for name in REQUIRED.findall(source.read_text())}
    assert {"SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS"} <= required
    for name in ("migrate", "web", "worker", "webhooks", "beat"):
        assert required <= set(services[name]["environment"]), name


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "compose.yaml").read_text()
    for name, rest in re.findall(r"(?<!\$)\$\{([A-Z_]+)(.*?)\}", text):
        if name not in ("PORT", "COLOPHON_VERSION"):
            assert rest.startswith(":?"), f"{name} must be required"


def test_our_containers_are_read_only_and_without_privileges(services: dict[str, Any]) -> None:
    for name in ("migrate", "web", "worker", "webhooks", "beat"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in services[name]["security_opt"]


def test_every_running_service_has_a_health_check(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "healthcheck" not in service] == ["migrate"]


def test_the_image_holds_the_source_and_leaves_out_state_and_tests() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {"colophon", "config", "ingest", "licensing", "registry", "templates", "manage.py"} <= kept
    assert not kept & {"var", ".venv", ".git", "tests"}
