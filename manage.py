#!/usr/bin/env python
"""Django's command line, with the development settings unless DJANGO_SETTINGS_MODULE says otherwise."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError


def main() -> None:
    """Run the command; what is missing around it is a sentence, not a traceback, unless --traceback asks for one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError) as error:
        if "--traceback" in sys.argv:
            raise
        hint = " Is it up? `make up` starts it." if isinstance(error, OperationalError) else ""
        sys.stderr.write(f"{type(error).__name__}: {str(error).strip()}{hint}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
