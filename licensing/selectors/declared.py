"""What a dataset's declared licences amount to, as far as the rules know them: for pictures, never a verdict."""

import re
from collections.abc import Mapping, Sequence

from licensing.rules.licences import find_licence
from registry.models import Dataset

SPELT = {  # names that describers use → SPDX
    "mit license": "MIT", "apache license 2.0": "Apache-2.0", "apache 2.0": "Apache-2.0", "isc license": "ISC",
    "bsd 3-clause license": "BSD-3-Clause", "bsd 2-clause license": "BSD-2-Clause", "odc by 1.0": "ODC-By-1.0",
    "gnu general public license v3.0": "GPL-3.0-only", "gnu general public license v2.0": "GPL-2.0-only",
    "cdla permissive 1.0": "CDLA-Permissive-1.0", "cdla sharing 1.0": "CDLA-Sharing-1.0",
}  # fmt: skip


def spdx(name: str) -> str:
    """The SPDX identifier that a declared name stands for, or the name itself."""
    spelt = " ".join(name.split())
    if known := SPELT.get(spelt.lower()):
        return known
    address = re.search(r"(?:spdx\.org|choosealicense\.com)/licenses/([\w.+-]+)", spelt)
    deed = re.search(r"creativecommons\.org/licenses/([a-z-]+)/([\d.]+)", spelt)
    if address:
        return address[1]
    return f"CC-{deed[1].upper()}-{deed[2]}" if deed else spelt.replace(" ", "-")


def status(dataset: Dataset) -> str:
    """DISPUTED in proceedings, TERMS_RESTRICTED by a provider's terms, OPEN_LICENCE where all that is declared is open.

    Prefetch `proceedings` of many datasets.
    """
    if dataset.proceedings.all():
        return "DISPUTED"
    said: Sequence[Mapping[str, str]] = dataset.licences
    if any(row["kind"] == "terms" for row in said):
        return "TERMS_RESTRICTED"
    names = [row["name"] for row in said if row["kind"] == "licence"] or [dataset.declared_licence]
    is_complete = all(row["kind"] == "licence" for row in said)
    known = [find_licence(spdx(name)) for name in names if name]
    if known and is_complete and all(licence is not None for licence in known):
        return "PUBLIC_DOMAIN" if all(licence and licence.dedication for licence in known) else "OPEN_LICENCE"
    return "UNKNOWN"
