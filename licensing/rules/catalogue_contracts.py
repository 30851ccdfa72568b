"""The reasons about how a copy was acquired, and about what contracts say of model output: axes 3 and 4."""

from licensing.rules.reason_texts import ACQUISITION, CONTRACT, ReasonText
from licensing.rules.terms import Verdict

_V = Verdict

COPIES_AND_CONTRACTS: dict[str, ReasonText] = {
    # acquisition
    "US_FU_PIRATED": ReasonText(
        ACQUISITION,
        _V.NOT_CLEARED,
        "The copy came from a shadow library, which fair use does not excuse under this registry's policy.",
        "Bartz v. Anthropic; Kadrey v. Meta differs",
        split=True,
    ),
    "EU4_NO_ACCESS": ReasonText(
        ACQUISITION,
        _V.NOT_CLEARED,
        "The copy came from a shadow library, or past a paywall or protection: the lawful access that the exceptions "
        "in {territory} ask for is missing.",
        "Directive (EU) 2019/790, art. 3(1) and 4(1), recital 14",
    ),
    "ACQ_PIRATED": ReasonText(
        ACQUISITION,
        _V.NOT_CLEARED,
        "The copy came from a shadow library; a licence for the use does not make that copy a lawful one.",
    ),
    "ACQ_UNKNOWN": ReasonText(
        ACQUISITION,
        _V.UNKNOWN,
        "How the copy was obtained is not known, and only an exception carries this use.",
    ),
    "COPY_BEFORE_GRANT": ReasonText(
        ACQUISITION,
        _V.CONDITIONAL,
        "The copy was made on {copied_on}, before the grant began on {begins}; the grant does not speak for that time.",
    ),
    "COPY_WHILE_PROTECTED": ReasonText(
        ACQUISITION,
        _V.CONDITIONAL,
        "The copy was made on {copied_on}, when the work was still protected in {territory} (to the end of {until}).",
    ),
    # contract
    "TOU_COMPETE": ReasonText(
        CONTRACT,
        _V.NOT_CLEARED,
        "The licensee accepted {terms} of {provider}, which forbid using output to develop competing models, and the"
        " use is a competing model.",
    ),
    "TOU_PRIVITY": ReasonText(
        CONTRACT,
        _V.CONTESTED,
        "{terms} of {provider} forbid using output to develop competing models; whether they bind a licensee who"
        " {bound} and got the output through {acquired} is contested.",
    ),
    "TOU_NO_TRAINING": ReasonText(
        CONTRACT,
        _V.NOT_CLEARED,
        "The licensee accepted {terms} of {provider}, which forbid using output to train or improve other models, and"
        " the use is {use}.",
    ),
    "TOU_NON_COMMERCIAL": ReasonText(
        CONTRACT,
        _V.NOT_CLEARED,
        "The licensee accepted {terms} of {provider}, which forbid commercial use of output, and the purpose is"
        " {purpose}.",
    ),
    "TOU_LIMIT_PRIVITY": ReasonText(
        CONTRACT,
        _V.CONTESTED,
        "{terms} of {provider} forbid this use of output; whether they bind a licensee who {bound} and got the output"
        " through {acquired} is contested.",
    ),
    "TOU_EXPERIMENT": ReasonText(
        CONTRACT,
        _V.CONDITIONAL,
        "The output of {provider} is used in an experiment only: no competing model, and nothing is released.",
    ),
    "TOU_NOT_COMPETING": ReasonText(
        CONTRACT,
        _V.CONDITIONAL,
        "{terms} of {provider} forbid competing models; the use is declared not to be one, and must stay so.",
    ),
    "TOU_SILENT": ReasonText(
        CONTRACT,
        _V.CONDITIONAL,
        "{terms} of {provider} do not forbid competing models; their other conditions have to be kept.",
    ),
    "TOU_USE_UNKNOWN": ReasonText(
        CONTRACT,
        _V.UNKNOWN,
        "{terms} of {provider} forbid competing models, and it is not recorded whether the use is one.",
    ),
    "TOU_VERSION_UNKNOWN": ReasonText(
        CONTRACT,
        _V.UNKNOWN,
        "Which terms of {provider} applied is not known: {gap}.",
    ),
}
