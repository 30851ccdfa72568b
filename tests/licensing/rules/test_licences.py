"""Open licences by SPDX identifier."""

import pytest

from licensing.rules.licences import find_licence


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
