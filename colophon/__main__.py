"""`python -m colophon`: the client without an installed console script."""

import sys

from colophon.cli import main

if __name__ == "__main__":
    sys.exit(main())
