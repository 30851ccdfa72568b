"""Columns and database constraints; no behaviour that reaches outside the row."""

from licensing.models.assertions import Grant, Offer, OpenLicence, Preference, Reservation
from licensing.models.clearances import Clearance, Verdict
from licensing.models.provider_terms import LegalQuestion, ProviderTerms
from licensing.models.reports import Report

__all__ = [
    "Clearance",
    "Grant",
    "LegalQuestion",
    "Offer",
    "OpenLicence",
    "Preference",
    "ProviderTerms",
    "Report",
    "Reservation",
    "Verdict",
]
