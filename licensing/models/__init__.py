"""Columns and database constraints; no behaviour that reaches outside the row."""

from licensing.models.agreements import Agreement, AgreementPaper, Channel, MemberExit, TermsTemplate
from licensing.models.assertions import Grant, Offer, OpenLicence, Preference, Reservation
from licensing.models.clearance_outputs import ClearanceOutput, OutputChange
from licensing.models.clearances import Clearance, Verdict
from licensing.models.followed import FollowedDays
from licensing.models.licence_requests import Attachment, LicenceRequest, Negotiation, Reminder, RequestedWork, Step
from licensing.models.notices import Notice, NoticeEvent
from licensing.models.opinions import Opinion
from licensing.models.policies import Policy, VerdictChange
from licensing.models.provider_terms import LegalQuestion, ProviderTerms, TermsClause, TermsSighting
from licensing.models.reports import Report
from licensing.models.signals import Observation, Signal, WorkAddress
from licensing.models.sublicences import PassedOn, PassedOnStep
from licensing.models.use_declarations import Acceptance, DeclarationEvent, GeneratedPart, UseDeclaration

__all__ = [
    "Acceptance",
    "Agreement",
    "AgreementPaper",
    "Attachment",
    "Channel",
    "Clearance",
    "ClearanceOutput",
    "DeclarationEvent",
    "FollowedDays",
    "GeneratedPart",
    "Grant",
    "LegalQuestion",
    "LicenceRequest",
    "MemberExit",
    "Negotiation",
    "Notice",
    "NoticeEvent",
    "Observation",
    "Offer",
    "OpenLicence",
    "Opinion",
    "OutputChange",
    "PassedOn",
    "PassedOnStep",
    "Policy",
    "Preference",
    "ProviderTerms",
    "Reminder",
    "Report",
    "RequestedWork",
    "Reservation",
    "Signal",
    "Step",
    "TermsClause",
    "TermsSighting",
    "TermsTemplate",
    "UseDeclaration",
    "Verdict",
    "VerdictChange",
    "WorkAddress",
]
