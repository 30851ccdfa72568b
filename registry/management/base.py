"""What the commands have in common: they begin at once."""

from django.core.management.base import BaseCommand


class QuickCommand(BaseCommand):
    """A command without Django's system checks, for which every page and its forms would be loaded first.

    They look at code and settings, which `make test` and `manage.py check --deploy` do too.
    """

    requires_system_checks: list[str] = []
