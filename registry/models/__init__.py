"""Columns and database constraints; no behaviour that reaches outside the row."""

from registry.models.accounts import Membership, Organisation, Token, User
from registry.models.base import Capacity, Verification
from registry.models.datasets import Component, Dataset, DatasetFigure, Item, Release
from registry.models.holders import Party, RightsClaim
from registry.models.jobs import Job
from registry.models.log import Checkpoint, Entry, Node
from registry.models.models_ai import AIModel, ModelVersion
from registry.models.proceedings import Proceeding
from registry.models.provenance import ProvenanceClaim, Source
from registry.models.works import Contribution, Edition, Identifier, Registration, Work

__all__ = [
    "AIModel",
    "Capacity",
    "Checkpoint",
    "Component",
    "Contribution",
    "Dataset",
    "DatasetFigure",
    "Edition",
    "Entry",
    "Identifier",
    "Item",
    "Job",
    "Membership",
    "ModelVersion",
    "Node",
    "Organisation",
    "Party",
    "Proceeding",
    "ProvenanceClaim",
    "Registration",
    "Release",
    "RightsClaim",
    "Source",
    "Token",
    "User",
    "Verification",
    "Work",
]
