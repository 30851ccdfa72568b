"""`python -m registry.merkle FILE [--key FILE]`: verify a bundle, a receipt, an agreement or a certificate, offline."""

from __future__ import annotations

import sys
from pathlib import Path

from registry.merkle import bundle, certificate, receipt, signed_document


def main(arguments: list[str]) -> int:
    """Verify whichever of the four the named file is."""
    names = [name for name in arguments if not name.startswith("-")]
    if any(certificate.is_certificate(name) for name in names):
        return certificate.main(arguments)
    if any(is_receipt(name) and signed_document.is_signed_document(name) for name in names):
        return signed_document.main(arguments)
    return (receipt if any(is_receipt(name) for name in names) else bundle).main(arguments)


def is_receipt(name: str) -> bool:
    """Whether the file of this name begins as a receipt does."""
    try:
        with Path(name).open("rb") as stream:
            return receipt.looks_like(stream.read(64))
    except (OSError, ValueError):
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
