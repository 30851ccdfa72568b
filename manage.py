#!/usr/bin/env python
"""Django's command line, with the development settings unless DJANGO_SETTINGS_MODULE says otherwise."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError


def main() -> None:
    """Run the command; what is missing around it is a sentence, not a traceback, unless --traceback asks for one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError, ProgrammingError) as error:
        no_table = getattr(error.__cause__, "sqlstate", "") == "42P01"
        if "--traceback" in sys.argv or (isinstance(error, ProgrammingError) and not no_table):
            raise
        hint = " Is it up? `make up` starts it." if isinstance(error, OperationalError) else ""
        hint = " Run `manage.py migrate` first." if no_table else hint
        sys.stderr.write(f"{type(error).__name__}: {str(error).strip()}{hint}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
