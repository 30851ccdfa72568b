"""The vocabularies of RSL 1.0 and what they mean in ours; pure. Specific tokens stand before general ones."""

from licensing.formats.labels import TRAINING, USES, Label
from licensing.formats.policy import Payment

FORMAT = "rsl"
VERSION = "1.0"
OLD_VERSION = "0.9"  # the draft of September 2025: lists with commas, payment type inference
MEDIA_TYPE = "application/rsl+xml"
FILE_NAME = "license.xml"

AI_USES = tuple(use for use in USES if use != "search_index")
USAGE = (
    Label("ai-train", TRAINING),
    Label("ai-input", ("rag_grounding",), ("synthetic_generation",)),
    Label("ai-index", (), ("rag_grounding",)),  # the index that grounding needs; being in it permits no answer
    Label("search", ("search_index",)),
    Label("ai-all", AI_USES),
    Label("all", USES),
)
PURPOSES = ("commercial", "research", "internal_experiment", "education", "government", "personal")
USER = (
    Label("education", ("education",)),
    Label("government", ("government",)),
    Label("personal", ("personal",)),
    Label("commercial", ("commercial",), ("internal_experiment",)),
    Label("non-commercial", ("research", "education", "personal"), ("government",)),
)
BY_NAME = {"usage": {label.name: label for label in USAGE}, "user": {label.name: label for label in USER}}
EEA_ALONE = ("IS", "LI", "NO")  # what EEA has beside EU, which RSL can name
FREE = ("free", "attribution")  # models that ask for no money
MODELS = ("purchase", "subscription", "training", "crawl", "use", "contribution", "attribution", "free")
WARRANTIES = ("ownership", "authority", "no-infringement", "privacy-consent", "no-malware")
DISCLAIMERS = ("as-is", "no-warranty", "no-liability", "no-indemnity")
EEA = "EEA"
ATTRIBUTION, REPORTING = "attribution", "reporting"  # duties


def asks(payment: Payment | None) -> bool:
    """Whether a licence has to be got: anything but free and attribution, and a price whatever the type."""
    if payment is None:
        return False
    if payment.amount or payment.accepts or payment.custom:
        return True
    return payment.model not in (*FREE, "") or (not payment.model and bool(payment.address))
