"""`python -m registry.merkle BUNDLE.zip [--key FILE]`: verify an evidence bundle, offline."""

from __future__ import annotations

import sys

from registry.merkle.bundle import main

if __name__ == "__main__":
    sys.exit(main())
