"""Columns and database constraints; no behaviour that reaches outside the row."""

from registry.models import lookups as lookups  # registers them
from registry.models.accounts import Domain, Invitation, Membership, Organisation, Token, User
from registry.models.base import Capacity, Verification
from registry.models.datasets import Component, Dataset, DatasetFigure, Item, Release
from registry.models.holders import ClaimDecision, CounterSignature, Party, RightsClaim
from registry.models.idempotency import Reply
from registry.models.imports import ColumnMapping, Import, ImportRow
from registry.models.jobs import Job
from registry.models.limits import RequestCount
from registry.models.linkages import Linkage, LinkageDecision, LinkageRow
from registry.models.log import Checkpoint, Entry, Node
from registry.models.models_ai import AIModel, ModelVersion
from registry.models.proceedings import Proceeding
from registry.models.provenance import ProvenanceClaim, Source
from registry.models.searchable import SearchStale, SearchWord
from registry.models.webhooks import Delivery, Webhook
from registry.models.works import Contribution, Edition, Identifier, Registration, Work, WorkRevision

__all__ = [
    "AIModel",
    "Capacity",
    "Checkpoint",
    "ClaimDecision",
    "ColumnMapping",
    "Component",
    "Contribution",
    "CounterSignature",
    "Dataset",
    "DatasetFigure",
    "Delivery",
    "Domain",
    "Edition",
    "Entry",
    "Identifier",
    "Import",
    "ImportRow",
    "Invitation",
    "Item",
    "Job",
    "Linkage",
    "LinkageDecision",
    "LinkageRow",
    "Membership",
    "ModelVersion",
    "Node",
    "Organisation",
    "Party",
    "Proceeding",
    "ProvenanceClaim",
    "Registration",
    "Release",
    "Reply",
    "RequestCount",
    "RightsClaim",
    "SearchStale",
    "SearchWord",
    "Source",
    "Token",
    "User",
    "Verification",
    "Webhook",
    "Work",
    "WorkRevision",
]
