"""Open licences by SPDX identifier."""

import pytest

from licensing.rules.licences import find_licence, spelt


@pytest.mark.parametrize(
    ("identifier", "properties"),
    [
        ("CC0-1.0", {"dedication"}),
        ("PDDL-1.0", {"dedication"}),
        ("CC-BY-1.0", {"attribution"}),
        ("CC-BY-4.0", {"attribution"}),
        ("cc-by-4.0", {"attribution"}),
        ("CC-BY-3.0-AT", {"attribution"}),
        ("CC-BY-3.0-IGO", {"attribution"}),
        ("CC-BY-SA-2.1-JP", {"attribution", "share_alike"}),
        ("CC-BY-NC-2.0", {"attribution", "non_commercial"}),
        ("CC-BY-NC-SA-2.0-DE", {"attribution", "non_commercial", "share_alike"}),
        ("CC-BY-ND-3.0-DE", {"attribution", "no_derivatives"}),
        ("CC-BY-NC-ND-4.0", {"attribution", "non_commercial", "no_derivatives"}),
        ("ODC-By-1.0", {"attribution"}),
        ("ODbL-1.0", {"attribution", "share_alike"}),
        ("MIT", {"attribution"}),
        ("BSD-3-Clause", {"attribution"}),
        ("BSD-2-Clause-Patent", {"attribution"}),
        ("Apache-2.0", {"attribution"}),
        ("GPL-2.0-or-later", {"attribution", "share_alike"}),
        ("LGPL-2.1-only", {"attribution", "share_alike"}),
        ("AGPL-3.0", {"attribution", "share_alike"}),
        ("GFDL-1.2-no-invariants-or-later", {"attribution", "share_alike"}),
        ("OFL-1.1-RFN", {"attribution", "share_alike"}),
        ("0BSD", set()),
        ("GPL-2.0-only WITH Classpath-exception-2.0", {"attribution", "share_alike"}),
        ("MIT OR GPL-3.0-only", {"attribution"}),
        ("(MIT AND CC-BY-NC-4.0)", {"attribution", "non_commercial"}),
        ("LicenseRef-own OR MIT", {"attribution"}),
    ],
)
def test_properties_of_a_licence(identifier, properties):
    licence = find_licence(identifier)
    assert licence is not None
    assert {name for name, value in vars(licence).items() if value is True} == properties
    assert licence.id == identifier


@pytest.mark.parametrize(
    "identifier", ["OpenAI", "CC-BY", "CC-BY-5.0", "CC-BY-NC", "", "Unknown", "MIT AND LicenseRef-own", "Apache-2.0x"]
)
def test_an_unknown_identifier_is_no_licence(identifier):
    assert find_licence(identifier) is None


@pytest.mark.parametrize(
    "identifier",
    ["CC-BY-4.0", "CC-BY-3.0-AT", "CC0-1.0", "ODC-By-1.0", "ODbL-1.0", "MIT", "BSD-3-Clause", "Apache-2.0", "Zlib",
     "GPL-2.0-or-later", "LGPL-2.1-only", "PostgreSQL", "Python-2.0", "Unlicense", "etalab-2.0", "DL-DE-BY-2.0",
     "CDLA-Permissive-2.0", "CDLA-Sharing-1.0", "OGL-Canada-2.0", "FreeBSD-DOC", "GFDL-1.3-no-invariants-only",
     "MPL-2.0-no-copyleft-exception", "Unicode-DFS-2016", "CC-BY-NC-ND-4.0", "OFL-1.1", "0BSD", "MIT-0", "MIT-CMU"],
)  # fmt: skip
def test_an_identifier_is_spelt_as_spdx_spells_it(identifier: str) -> None:
    assert {spelt(given) for given in (identifier, identifier.lower(), f" {identifier.upper()} ")} == {identifier}


def test_expressions_and_unknown_names_are_not_spelt_anew() -> None:
    assert spelt("mit OR apache-2.0") == "mit OR apache-2.0"
    assert spelt("our own licence") == "our own licence"
