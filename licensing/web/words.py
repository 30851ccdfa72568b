"""Licensing's vocabulary in the reader's language. Codes are stored, these are shown."""

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from licensing.evidence.wording import LANGUAGES, wording
from licensing.rules import terms

VERDICTS: dict[str, str | Promise] = {
    "NOT_CLEARED": _("not cleared"),
    "CONTESTED": _("contested"),
    "UNKNOWN": _("unknown"),
    "EXCEPTION_CLAIMED": _("relies on an exception"),
    "CONDITIONAL": _("cleared with conditions"),
    "CLEARED": _("cleared"),
}
STATUSES: dict[str, str | Promise] = {
    "DISPUTED": _("disputed"),
    "TERMS_RESTRICTED": _("restricted by terms"),
    "PUBLIC_DOMAIN": _("public domain"),
    "LICENSED": _("licensed"),
    "OPEN_LICENCE": _("openly licensed"),
    "RESERVED": _("reserved"),
    "OFFERED": _("offered"),
    "UNKNOWN": _("status unknown"),
}
# what the declared licences of a dataset amount to: nobody's decision
DECLARED: dict[str, str | Promise] = {
    "DISPUTED": _("subject of proceedings"),
    "TERMS_RESTRICTED": _("a provider's terms restrict it"),
    "PUBLIC_DOMAIN": _("public domain is declared"),
    "OPEN_LICENCE": _("an open licence is declared"),
    "UNKNOWN": _("nothing clear is declared"),
    "MIXED": _("several of these"),
}
USES: dict[str, str | Promise] = {
    "pretraining": _("pretraining"),
    "fine_tuning": _("fine-tuning"),
    "preference_tuning": _("preference tuning"),
    "rag_grounding": _("retrieval (RAG grounding)"),
    "evaluation": _("evaluation"),
    "synthetic_generation": _("generation of synthetic data"),
    "search_index": _("search index"),
    "research_experiment": _("research experiment"),
}
PURPOSES: dict[str, str | Promise] = {
    "commercial": _("commercial"),
    "research": _("research"),
    "internal_experiment": _("internal experiment"),
    "education": _("education"),
    "government": _("government"),
    "personal": _("personal"),
}
POLICIES: dict[str, str | Promise] = {
    "strict": _("strict: only what is cleared passes, with its conditions"),
    "balanced": _("balanced: what is not cleared or contested blocks"),
    "research": _("research: only what is not cleared blocks"),
}
AXES: dict[str, str | Promise] = {
    "identity": _("identity"),
    "copyright": _("copyright"),
    "coverage": _("authorisation"),
    "acquisition": _("how the copy was obtained"),
    "contract": _("contract"),
}
STATEMENTS: dict[str, str | Promise] = {
    "reservation": _("reservation"),
    "preference": _("preference"),
    "grant": _("grant"),
    "offer": _("offer"),
    "open-licence": _("open licence"),
}
LIKELIHOODS: dict[str, str | Promise] = {
    "extremely_likely": _("extremely likely to be copied text"),
    "very_likely": _("very likely to be copied text"),
    "likely": _("likely to be copied text"),
    "as_likely_as_not": _("as likely to be copied text as not"),
    "unlikely": _("unlikely to be copied text"),
}
COMMON_TERRITORIES = ("US", "EU", "DE", "FR", "GB", "JP", "SG", "CN", "WORLD")
REASONS: dict[str, str | Promise] = {
    "ID_WEAK": _("The work is not established"),
    "QUOTATION": _("Only a quotation"),
    "PD_TERM": _("Public domain: the term has ended"),
    "PD_NO_RENEWAL": _("Public domain: not renewed in the United States"),
    "PD_RESTORATION": _("Perhaps restored in the United States"),
    "PD_DEDICATION": _("Given to the public domain"),
    "OUT_NO_AUTHOR": _("Model output without a registered work"),
    "LIC_MATCH": _("Licensed for this"),
    "AUTH_UNVERIFIED": _("Authority not verified"),
    "LIC_SCOPE_GAP": _("A licence that does not reach this"),
    "DISPUTE_OWNER": _("Ownership is disputed"),
    "LICENCE_LAUNDERED": _("The declared licence is not the original one"),
    "OPEN_BY": _("Open licence whose conditions can be met"),
    "OPEN_SA_MODEL": _("Share-alike licence"),
    "OPEN_NC": _("Non-commercial licence"),
    "OPEN_ND": _("No-derivatives licence"),
    "OPEN_UNRECOGNISED": _("Not a known open licence"),
    "LIC_OFFERED": _("A licence is on offer"),
    "EU4_RESERVED": _("Reserved in the EU, machine-readable"),
    "EU4_NOT_MR": _("Reserved in the EU, in words only"),
    "EU4_OPEN": _("EU exception for text and data mining"),
    "EU3": _("EU exception for scientific research"),
    "EU4_NOT_SEARCHED": _("Nobody searched for reservations"),
    "EXC_NOT_IN_FORCE": _("Copied before the exception was in force"),
    "JP30_4": _("Japanese exception for non-enjoyment"),
    "SG244": _("Singaporean exception for data analysis"),
    "US_FU": _("Fair use is claimed"),
    "UK_29A": _("No British exception for this purpose"),
    "CN_NO_TDM": _("No Chinese exception names this"),
    "EXC_OUTPUT": _("An exception that may not reach outputs"),
    "NO_EVIDENCE": _("Nothing on file authorises this"),
    "US_FU_PIRATED": _("Copy from a shadow library (US)"),
    "EU4_NO_ACCESS": _("No lawful access (EU)"),
    "ACQ_PIRATED": _("Copy from a shadow library"),
    "ACQ_UNKNOWN": _("Origin of the copy unknown"),
    "COPY_BEFORE_GRANT": _("Copied before the grant began"),
    "COPY_WHILE_PROTECTED": _("Copied while still protected"),
    "TOU_COMPETE": _("Terms forbid competing models"),
    "TOU_PRIVITY": _("Whether the terms bind is contested"),
    "TOU_NO_TRAINING": _("Terms forbid training other models"),
    "TOU_NON_COMMERCIAL": _("Terms forbid commercial use"),
    "TOU_LIMIT_PRIVITY": _("Whether the terms' limits bind is contested"),
    "TOU_EXPERIMENT": _("Experiment only"),
    "TOU_NOT_COMPETING": _("Declared not to compete"),
    "TOU_SILENT": _("Terms do not forbid this"),
    "TOU_USE_UNKNOWN": _("Not recorded whether it competes"),
    "TOU_VERSION_UNKNOWN": _("Version of the terms unknown"),
}


def said(words: dict[str, str | Promise], code: object) -> str:
    """The word for a code; a code without one is shown as it is spelt, without underscores."""
    return str(words.get(str(code), str(code).replace("_", " ")))


def territory(code: str) -> str:
    """A territory in the reader's language, in English where no other name is at hand."""
    name = terms.territory_in_words(code)
    language = (get_language() or "en").lower()
    return wording(language).territory(code, name) if language in LANGUAGES and language != "en" else name
