"""The catalogue of reasons: what each code says, on which axis, with which verdict and on whose authority.

A sentence is a template over named facts. `verified=False` marks an authority that was put down from memory and not
yet checked against its source. Here stand the reasons about the work (identity, axes 1 and 2); those about copies and
contracts stand in `catalogue_contracts`.
"""

from licensing.rules.catalogue_contracts import COPIES_AND_CONTRACTS
from licensing.rules.reason_texts import ACQUISITION, AXES, CONTRACT, COPYRIGHT, COVERAGE, IDENTITY, ReasonText
from licensing.rules.terms import Verdict

__all__ = ["ACQUISITION", "AXES", "CATALOGUE", "CONTRACT", "COPYRIGHT", "COVERAGE", "IDENTITY", "ReasonText"]

_V = Verdict
_DSM3 = "Directive (EU) 2019/790, art. 3"
_DSM4 = "Directive (EU) 2019/790, art. 4"

CATALOGUE: dict[str, ReasonText] = {
    # identity
    "ID_WEAK": ReasonText(
        IDENTITY,
        _V.UNKNOWN,
        "It is not established that this text is the work: {basis}, so what is recorded about the work is not applied.",
    ),
    "QUOTATION": ReasonText(
        IDENTITY,
        _V.UNKNOWN,
        "Only a quotation of the work was found; it is listed, and counts only under a policy that counts quotations.",
    ),
    # copyright
    "PD_TERM": ReasonText(
        COPYRIGHT,
        _V.CLEARED,
        "The work is in the public domain in {territory}: {basis}, so that protection ended with {until} at the"
        " latest and it is free since 1 January {free}{but}.",
    ),
    "PD_NO_RENEWAL": ReasonText(
        COPYRIGHT,
        _V.CLEARED,
        "The work is in the public domain in the United States: published in {published}, its copyright was not renewed"
        " in the 28th year, so that protection ended with {until}, and {basis}.",
        "17 USC 304(a) (1909 Act, s. 24)",
    ),
    "PD_RESTORATION": ReasonText(
        COPYRIGHT,
        _V.UNKNOWN,
        "The copyright of this work, published in {published}, was not renewed in the United States, but {origin}:"
        " unless shown otherwise it was restored on 1 January 1996 and lasts to the end of {restored_to}.",
        "17 USC 104A",
    ),
    "PD_DEDICATION": ReasonText(
        COPYRIGHT,
        _V.CLEARED,
        "{holder} has given the work to the public domain under {licence}.",
    ),
    "OUT_NO_AUTHOR": ReasonText(
        COPYRIGHT,
        _V.UNKNOWN,
        "No registered work was found in this output of {provider}; whether such output is anyone's work is an open"
        " question, so the provider's terms decide.",
    ),
    # coverage
    "LIC_MATCH": ReasonText(
        COVERAGE,
        _V.CLEARED,
        "{licensee} is licensed by {licensor} for {use} in {territory}{term}, {proof}{duties}.",
    ),
    "AUTH_UNVERIFIED": ReasonText(
        COVERAGE,
        _V.UNKNOWN,
        "A {what} from {licensor} would cover this use, but it is not established that it authorises anything: {gap}.",
    ),
    "LIC_SCOPE_GAP": ReasonText(
        COVERAGE,
        _V.NOT_CLEARED,
        "{licensee} has a licence from {licensor} that does not cover this: {gaps}.",
    ),
    "DISPUTE_OWNER": ReasonText(
        COVERAGE,
        _V.CONTESTED,
        "Who may authorise {use} in {territory} is disputed: {basis}.",
    ),
    "LICENCE_LAUNDERED": ReasonText(
        COVERAGE,
        _V.CONTESTED,
        "{declarer} declares the licence {declared}, but {source} is {upstream}.",
    ),
    "OPEN_BY": ReasonText(
        COVERAGE,
        _V.CONDITIONAL,
        "The work is under the open licence {licence}, given by {holder}; {conditions}.",
    ),
    "OPEN_SA_MODEL": ReasonText(
        COVERAGE,
        _V.CONTESTED,
        "The work is under {licence}, given by {holder}; whether a model trained on it must carry the same licence is"
        " contested.",
    ),
    "OPEN_NC": ReasonText(
        COVERAGE,
        _V.NOT_CLEARED,
        "The work is under {licence}, given by {holder}, which does not license {purpose} purposes.",
        "CC 4.0 §2(a)(1), §2(a)(2)",
    ),
    "OPEN_ND": ReasonText(
        COVERAGE,
        _V.CONTESTED,
        "The work is under {licence}, given by {holder}; whether a trained model is a derivative that it forbids is"
        " contested.",
    ),
    "OPEN_UNRECOGNISED": ReasonText(
        COVERAGE,
        _V.UNKNOWN,
        "{licence}, declared by {holder}, is not an open licence known to these rules and is not treated as one.",
    ),
    "LIC_OFFERED": ReasonText(
        COVERAGE,
        _V.UNKNOWN,
        "{licensor} offers a licence for {use} in {territory}; the next step is to accept it.",
    ),
    "EU4_RESERVED": ReasonText(
        COVERAGE,
        _V.NOT_CLEARED,
        "{holder} reserved text and data mining of the work in {scope} with a machine-readable signal that was in"
        " force {when}, and {licensee} is not a research organisation mining for research.",
        _DSM4 + "(3)",
    ),
    "EU4_NOT_MR": ReasonText(
        COVERAGE,
        _V.CONTESTED,
        "{holder} reserved text and data mining of the work in {scope} in words only, in force {when}; whether that is"
        " enough is contested.",
        _DSM4 + "(3); OLG Hamburg, 5 U 104/24, 10 December 2025 (insufficient as of 2021; appeal allowed)",
    ),
    "EU4_OPEN": ReasonText(
        COVERAGE,
        _V.EXCEPTION_CLAIMED,
        "In {territory} the exception for text and data mining is claimed: it asks for lawful access, and an evidenced"
        " search found no reservation in force {when}.",
        _DSM4,
    ),
    "EU3": ReasonText(
        COVERAGE,
        _V.EXCEPTION_CLAIMED,
        "In {territory} the exception for scientific research is claimed: the licensee is a {licensee_kind} mining"
        " for research; it asks for lawful access, and no reservation limits it.",
        _DSM3,
    ),
    "EU4_NOT_SEARCHED": ReasonText(
        COVERAGE,
        _V.UNKNOWN,
        "In {territory} the exception for text and data mining could apply, but nobody has searched for a reservation.",
        _DSM4 + "(3)",
    ),
    "EXC_NOT_IN_FORCE": ReasonText(
        COVERAGE,
        _V.NOT_CLEARED,
        "The copy was made on {copied_on}, before the exception for text and data mining came into force in {state} on"
        " {in_force}.",
    ),
    "JP30_4": ReasonText(
        COVERAGE,
        _V.EXCEPTION_CLAIMED,
        "In Japan the exception for uses that are not for enjoying the work's expression is claimed for {use}.",
        "Copyright Act of Japan, art. 30-4",
    ),
    "SG244": ReasonText(
        COVERAGE,
        _V.EXCEPTION_CLAIMED,
        "In Singapore the exception for computational data analysis of a lawfully accessed copy is claimed for {use}.",
        "Copyright Act 2021 (Singapore), s. 244",
    ),
    "US_FU": ReasonText(
        COVERAGE,
        _V.EXCEPTION_CLAIMED,
        "In the United States fair use is claimed for {use}, without a licence; it asks for a lawful copy, and courts"
        " are split.",
        "17 USC 107; Bartz v. Anthropic; Kadrey v. Meta; Thomson Reuters v. Ross (not generative, on appeal)",
        verified=False,
        split=True,
    ),
    "UK_29A": ReasonText(
        COVERAGE,
        _V.NOT_CLEARED,
        "In the United Kingdom no licence covers {use} for {purpose} purposes, and the exception for text and data"
        " analysis is non-commercial only.",
        "CDPA 1988, s. 29A",
    ),
    "CN_NO_TDM": ReasonText(
        COVERAGE,
        _V.CONTESTED,
        "In China no grant covers {use}, no exception names text and data mining, and reasonable use is contested.",
        "Copyright Law of the PRC (2020), art. 24",
        verified=False,
    ),
    "EXC_OUTPUT": ReasonText(
        COVERAGE,
        _V.CONTESTED,
        "Only an exception for mining or training is at hand; whether it carries {use}, which puts the work itself into"
        " outputs, is contested.",
        "LG München I, GEMA v. OpenAI",
        verified=False,
    ),
    "NO_EVIDENCE": ReasonText(
        COVERAGE,
        _V.UNKNOWN,
        "Nothing on file authorises {use} for {purpose} purposes in {territory} on {on}, and no exception known to"
        " these rules applies.",
    ),
    # acquisition and contract
    **COPIES_AND_CONTRACTS,
}
