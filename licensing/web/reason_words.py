"""What pages say of each reason in plain words, and the questions that it leaves open."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PLAIN: dict[str, str | Promise] = {
    "ID_WEAK": _("Only the title agrees, or the shared text is too short: nobody can say that this is the work."),
    "QUOTATION": _(
        "A quotation was found and no more. It is listed, and counts only where a policy counts quotations."
    ),
    "PD_TERM": _("The term of protection has run out there, so that nobody has to be asked."),
    "PD_NO_RENEWAL": _("In the United States works up to 1963 had to be renewed in their 28th year. This one was not."),
    "PD_RESTORATION": _("Not renewed, but from abroad: in 1996 such works got their American copyright back."),
    "PD_DEDICATION": _("A holder has given the rights up for everybody."),
    "OUT_NO_AUTHOR": _("A model wrote this, and no registered work was found in it."),
    "LIC_MATCH": _("Whoever asks has a licence that covers use, purpose, territory and day, and it was verified."),
    "AUTH_UNVERIFIED": _("There is a licence that would do, but it is not shown that its giver could give it."),
    "LIC_SCOPE_GAP": _(
        "Whoever asks has a licence, and it does not reach this. A narrow licence shows that one was needed."
    ),
    "DISPUTE_OWNER": _(
        "Two who are not related each say that the right is theirs, or one reserves what another grants."
    ),
    "LICENCE_LAUNDERED": _("A licence was declared on the way that is not the one at the source."),
    "OPEN_BY": _("An open licence allows it under conditions that can be kept, such as naming the author."),
    "OPEN_SA_MODEL": _("The licence asks that what is made of the work carries it as well."),
    "OPEN_NC": _("The licence is for non-commercial purposes, and this one is commercial."),
    "OPEN_ND": _("The licence allows no derivatives."),
    "OPEN_UNRECOGNISED": _("What was declared is no open licence that these rules know, so it counts as none."),
    "LIC_OFFERED": _("A licence can be had on published terms. That is the next step, and not yet a licence."),
    "EU4_RESERVED": _("The holder said no in a way that machines can read, before the copy was made."),
    "EU4_NOT_MR": _("The holder said no, but only in a sentence for people."),
    "EU4_OPEN": _("Mining is allowed in the EU where access is lawful and nobody reserved it; a search found nothing."),
    "EU3": _("Research organisations and heritage institutions may mine for research, whatever is reserved."),
    "EU4_NOT_SEARCHED": _("It could be allowed, but nobody has looked whether it is reserved."),
    "EXC_NOT_IN_FORCE": _("When the copy was made, the exception was not law there yet."),
    "JP30_4": _("Japan allows uses that are not for enjoying what a work expresses."),
    "SG244": _("Singapore allows computational analysis of copies that were lawfully accessed."),
    "US_FU": _("Without a licence only fair use is left, which a court weighs case by case."),
    "UK_29A": _("The British exception for text and data analysis is for non-commercial research alone."),
    "CN_NO_TDM": _("Chinese law names no exception for mining, and nobody granted a licence."),
    "EXC_OUTPUT": _("Exceptions for training may end where a use puts the work itself into outputs."),
    "NO_EVIDENCE": _("Nothing on file allows it. That is no proof that it is forbidden, and no permission."),
    "US_FU_PIRATED": _("The copy came from a shadow library, and this registry does not take that for fair use."),
    "EU4_NO_ACCESS": _("The copy came from a shadow library; the exceptions of the EU ask for lawful access."),
    "ACQ_PIRATED": _("The copy came from a shadow library. A licence for the use does not make it a lawful copy."),
    "ACQ_UNKNOWN": _("Only an exception carries the use, and nobody knows how the copy was obtained."),
    "COPY_BEFORE_GRANT": _("The copy is older than the licence, which does not speak for the time before it."),
    "COPY_WHILE_PROTECTED": _("The work is free now and was not yet when the copy was made."),
    "TOU_COMPETE": _("Whoever asks accepted terms that forbid a competing model, and makes one."),
    "TOU_PRIVITY": _("The terms forbid competing models, but whoever asks got the output from somebody else."),
    "TOU_EXPERIMENT": _("An experiment that competes with nobody and of which nothing is released."),
    "TOU_NOT_COMPETING": _("The terms forbid competing models; it is declared that none is made."),
    "TOU_SILENT": _("The terms say nothing against competing models."),
    "TOU_USE_UNKNOWN": _("The terms forbid competing models, and nobody recorded whether one is made."),
    "TOU_VERSION_UNKNOWN": _("Which version of the terms applied that day is not known, and none is guessed."),
}
OPEN: dict[str, list[str | Promise]] = {
    "PD_RESTORATION": [
        _("Was the work still protected in its country on 1 January 1996?"),
        _("Was it published in the United States within 30 days?"),
    ],
    "OUT_NO_AUTHOR": [_("Can the output of a model be anybody's work?")],
    "OPEN_BY": [_("What does naming the author mean for a model?")],
    "OPEN_SA_MODEL": [_("Is a trained model an adaptation that has to carry the licence?")],
    "OPEN_NC": [_("Does an exception allow what the licence does not?")],
    "OPEN_ND": [_("Is a trained model a derivative?")],
    "EU4_RESERVED": [_("Which formats are machine-readable means, and from when on?")],
    "EU4_NOT_MR": [_("Is a sentence that a machine could understand a machine-readable one? An appeal is allowed.")],
    "EU4_OPEN": [_("Does mining cover the training of generative models?"), _("How wide a search is enough?")],
    "EU3": [_("How far may a research organisation work with firms?")],
    "JP30_4": [_("When does a use unreasonably prejudice the holder, as where databases for training are on sale?")],
    "SG244": [_("Is access lawful that terms of use forbid?")],
    "US_FU": [_("Is training transformative, and does it harm a market for licences? Courts are split.")],
    "UK_29A": [_("Will the law be changed, and from when?")],
    "CN_NO_TDM": [_("Is training reasonable use where neither exploitation nor interests are affected?")],
    "EXC_OUTPUT": [_("Is what a model has memorised a copy? Courts of first instance differ.")],
    "US_FU_PIRATED": [_("Does a fair purpose excuse a pirated copy? Bartz says no for the library, Kadrey weighs it.")],
    "EU4_NO_ACCESS": [_("Is access lawful where a work is freely visible against the holder's will?")],
    "DISPUTE_OWNER": [_("Who holds AI rights under contracts that were made before anybody named them?")],
    "LICENCE_LAUNDERED": [_("Is somebody protected who relied on a declared licence in good faith?")],
    "TOU_PRIVITY": [
        _("Do terms bind who never accepted them?"),
        _("Is the restriction enforceable under competition law?"),
    ],
    "TOU_COMPETE": [_("Is the restriction enforceable under competition law?")],
}  # fmt: skip
