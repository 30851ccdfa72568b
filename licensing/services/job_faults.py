"""What people are told of a job that ended without a result, imports, lists and reports alike."""

import logging

from licensing.models import Report
from registry import jobs
from registry.models import Import, Linkage

logger = logging.getLogger(__name__)


def unforeseen(thing: Import | Linkage | Report, claim: jobs.Claim | None = None) -> str:
    """The sentence about an error that nobody foresaw, in the place where it is handled: the log has the rest.

    The error itself may quote rows of others and names of tables, so it is shown to nobody.
    """
    logger.exception("%s stopped at an unforeseen error", thing)
    return jobs.said_of_fault(claim.job if claim is not None else None)
