"""What the import linter cannot see: relations between models, jobs and their handlers, commands and their pages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class
from django.db.models import Field, ForeignObjectRel
from django.utils.module_loading import autodiscover_modules

from registry import jobs

ROOT = Path(__file__).resolve().parents[2]
ORDER = ("registry", "ingest", "licensing")  # each may point at those before it
MAKEFILE = ROOT / "Makefile"


def relations() -> Iterator[tuple[str, str, Field]]:
    """(package of the model, package it points at, the field) of every relation, auto-made tables included."""
    for label in ORDER:
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            for field in model._meta.get_fields():
                target = getattr(field, "related_model", None)
                if isinstance(field, ForeignObjectRel) or target is None or isinstance(target, str):
                    continue
                yield label, target._meta.app_label, field


def sources(package: str, folder: str = "") -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / package / folder).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def test_relations_between_models_point_down() -> None:
    upwards = [
        str(field)
        for label, target, field in relations()
        if target in ORDER and ORDER.index(target) > ORDER.index(label)
    ]
    assert upwards == []


def test_relations_across_packages_leave_nothing_behind_on_the_model_they_point_at() -> None:
    named = [
        str(field)
        for label, target, field in relations()
        if target in ORDER and target != label and not (field.remote_field and field.remote_field.hidden)
    ]
    assert named == []


def test_there_are_relations_to_look_at() -> None:
    crossing = {(label, target) for label, target, _ in relations() if label != target}
    assert {("ingest", "registry"), ("licensing", "registry"), ("licensing", "ingest")} <= crossing


@pytest.mark.parametrize("package", ORDER)
def test_no_service_imports_a_task(package: str) -> None:
    found = []
    for path, tree in sources(package, "services"):
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = getattr(node, "module", None) or ""
            if "tasks" in [*module.split("."), *(name.split(".")[-1] for name in names)]:
                found.append(f"{path}:{getattr(node, 'lineno', 0)}")
    assert found == []


def test_every_kind_of_job_that_is_enqueued_has_a_handler() -> None:
    autodiscover_modules("tasks")
    enqueued: dict[str, str] = {}
    for package in ORDER:
        for path, tree in sources(package):
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("jobs.enqueue"):
                    kind = node.args[0]
                    if isinstance(kind, ast.Constant):
                        enqueued[str(kind.value)] = f"{path}:{node.lineno}"
    assert len(enqueued) > 5
    assert {kind: place for kind, place in enqueued.items() if kind not in jobs.HANDLERS} == {}


def test_every_handler_runs_on_a_queue_that_workers_take() -> None:
    autodiscover_modules("tasks")
    wanted = {handler.queue for handler in jobs.HANDLERS.values()}
    for place in ("config/launcher/run.py", "compose.yaml"):
        workers = re.findall(r'"--queues", "([a-z,]+)"', (ROOT / place).read_text(encoding="utf-8"))
        assert wanted <= {queue for queues in workers for queue in queues.split(",")}, place


def own_commands() -> dict[str, str]:
    return {name: app for name, app in get_commands().items() if app in ORDER}


def test_every_management_command_is_documented_with_an_example() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    undocumented = [name for name in own_commands() if f"manage.py {name}" not in page]
    assert own_commands()
    assert undocumented == []


def test_no_documented_command_is_gone() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    named = set(re.findall(r"manage\.py ([a-z_]+)", page))
    assert named - set(get_commands()) == set()


def test_every_option_of_a_command_is_documented() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    common = {"--help", "--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color"}
    common |= {"--force-color", "--skip-checks"}
    missing = []
    for name, app in own_commands().items():
        section = re.search(rf"^### `{name}.*?(?=^##|\Z)", page, re.MULTILINE | re.DOTALL)
        assert section, name
        parser = load_command_class(app, name).create_parser("manage.py", name)
        options = {option for action in parser._actions for option in action.option_strings if option[:2] == "--"}
        missing += [f"{name} {option}" for option in sorted(options - common) if option not in section.group()]
    assert missing == []


def test_every_make_target_is_documented() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):.*## ", MAKEFILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(targets) > 10
    assert [target for target in targets if f"`make {target}" not in page] == []
