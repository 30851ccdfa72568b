"""Who an operator's command acts for."""

from django.core.management.base import CommandError

from registry.actors import Actor, system
from registry.errors import ColophonError
from registry.models import Organisation
from registry.services import organisations

DEFAULT_SLUG = "operator"


def acting_for(slug: str | None, command: str, fallback: Organisation | None = None) -> Actor:
    """The actor of a command for `--organisation SLUG` (made if new), else for `fallback`, else for the operator."""
    if slug is None and fallback is not None:
        return system(command, fallback)
    slug = slug or DEFAULT_SLUG
    try:
        organisation = organisations.create(slug=slug, name=slug.replace("-", " ").title(), actor=system(command))
    except ColophonError as error:
        raise CommandError(f"--organisation {slug}: {error.sentence}", returncode=2) from None
    return system(command, organisation)
