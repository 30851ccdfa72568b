"""The channels' vocabulary in the reader's language: states, moves, fees, channels, and why nobody is asked."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from licensing.selectors.granting import Why

Words = dict[str, str | Promise]

STATES: Words = {
    "enquiry": _("looking for who has the rights"),
    "authority_check": _("authority to be confirmed"),
    "requested": _("waits for an answer"),
    "offered": _("offer made"),
    "countered": _("counter-offer made"),
    "granted": _("granted"),
    "delivered": _("granted, delivered"),
    "renewed": _("granted, renewed"),
    "expired": _("expired"),
    "revoked": _("revoked"),
    "refused": _("refused"),
    "withdrawn": _("request withdrawn"),
    "unanswerable": _("nobody to ask"),
}
# state → the look of its chip and its stretch of the bar: that of a verdict
LOOKS = {
    "granted": "cleared",
    "delivered": "cleared",
    "renewed": "cleared",
    "offered": "conditional",
    "countered": "conditional",
    "requested": "exception_claimed",
    "authority_check": "exception_claimed",
    "expired": "contested",
    "revoked": "not_cleared",
    "refused": "not_cleared",
    "withdrawn": "unknown",
    "enquiry": "unknown",
    "unanswerable": "unknown",
}
REQUEST_STATES: Words = {
    "draft": _("draft, not sent"),
    "splitting": _("being divided among the rightsholders"),
    "open": _("under way"),
    "closed": _("every rightsholder has answered"),
    "cancelled": _("cancelled"),
}
AGREEMENT_STATES: Words = {
    "running": _("in force"),
    "expired": _("expired"),
    "revoked": _("revoked"),
}
AGREEMENT_LOOKS = {"running": "cleared", "expired": "contested", "revoked": "not_cleared"}
# what a step says that its side did
STEPS: Words = {
    "check": _("looked for who has the rights"),
    "confirm": _("confirmed the authority to grant"),
    "disclaim": _("does not have these rights"),
    "offer": _("made an offer"),
    "counter": _("made a counter-offer"),
    "accept": _("accepted"),
    "grant": _("granted what was asked"),
    "refuse": _("refused"),
    "retract": _("took the offer back"),
    "withdraw": _("withdrew the request"),
    "deliver": _("delivered"),
    "report": _("reported the use"),
    "pay": _("recorded a payment"),
    "renew": _("renewed the agreement"),
    "expire": _("recorded that the agreement ended"),
    "revoke": _("revoked the agreement"),
    "message": _("wrote"),
}
BUTTONS: Words = {
    "confirm": _("Confirm that you can grant this"),
    "disclaim": _("These are not our rights"),
    "offer": _("Make an offer"),
    "counter": _("Make a counter-offer"),
    "accept": _("Accept these terms"),
    "grant": _("Grant as asked"),
    "refuse": _("Refuse"),
    "retract": _("Take the offer back"),
    "withdraw": _("Withdraw the request"),
    "deliver": _("Record a delivery"),
    "report": _("Report the use"),
    "pay": _("Record a payment"),
    "renew": _("Renew"),
    "revoke": _("Revoke"),
    "message": _("Write a message"),
}
# what a move amounts to, said on its page before it is made
EXPLAINED: Words = {
    "confirm": _("You say that your organisation can grant licences for these works. The request then waits for you."),
    "disclaim": _("You say that your organisation cannot grant this. The request to you ends."),
    "offer": _(
        "You put terms on the table. The other side can accept them as they stand, so say everything that counts."
    ),
    "counter": _("You put other terms on the table. The rightsholder can accept them as they stand."),
    "accept": _("You agree to exactly the terms below. An agreement is concluded at once, and it binds both sides."),
    "grant": _("You grant exactly what was asked for. An agreement is concluded at once, and it binds both sides."),
    "refuse": _("This negotiation ends. A reason helps the other side, but you owe none."),
    "retract": _("Your offer is no longer on the table. The request waits for your answer again."),
    "withdraw": _("You no longer ask this rightsholder. The negotiation ends."),
    "deliver": _("Record what you delivered, how and when. The file itself may be attached or kept elsewhere."),
    "report": _("Say what the works were used for, as the agreement asks. The report is kept with the negotiation."),
    "pay": _("Record a payment that was made or received. No money moves here."),
    "renew": _("A new agreement continues this one on the same terms for a further term."),
    "revoke": _("From the day you name the licence permits nothing any more. Days that are over stay as they were."),
    "message": _("Both sides see what you write. It changes nothing in the terms."),
}
SIDES: Words = {
    "firm": _("waits for the firm that asks"),
    "holder": _("waits for the rightsholder"),
    "": _("waits for nobody"),
}
CHANNELS: Words = {
    "direct": _("direct licence"),
    "standing_offer": _("standing offer"),
    "collective_opt_in": _("collective licence, members opt in"),
    "collective_extended": _("extended collective licence"),
    "open_licence": _("open licence"),
    "platform": _("platform"),
    "statutory_exception": _("statutory exception"),
    "reservation": _("reservation"),
}
FEES: Words = {
    "free": _("free of charge"),
    "flat": _("flat fee"),
    "per_work": _("fee per work"),
    "per_token": _("fee per token"),
    "royalty": _("royalty"),
    "subscription": _("subscription"),
    "contribution": _("contribution"),
}
SUBLICENSING: Words = {
    "none": _("to nobody"),
    "affiliates": _("to affiliates"),
    "allowed": pgettext_lazy("a licence may be passed on", "to anybody"),
}
SURVIVAL: Words = {
    "keep": _("what was trained may be kept and used"),
    "no_new_training": _("what was trained may be kept, nothing new is trained"),
    "delete": _("weights that were trained on the works are deleted"),
}
LICENSEE_KINDS: Words = {
    "company": _("company"),
    "research_organisation": _("research organisation"),
    "cultural_heritage": _("cultural heritage institution"),
    "public_body": _("public body"),
    "person": _("person"),
}
SUBLICENCE_STATES: Words = {
    "told": pgettext_lazy("a sub-licence", "no objection"),
    "objected": pgettext_lazy("a sub-licence", "objected to"),
    "answered": pgettext_lazy("a sub-licence", "objection answered"),
    "settled": pgettext_lazy("a sub-licence", "objection settled"),
}
SUBLICENCE_LOOKS = {"told": "cleared", "objected": "contested", "answered": "contested", "settled": "cleared"}
SUBLICENCE_STEPS: Words = {
    "objected": _("objected"),
    "answered": _("answered the objection"),
    "settled": _("said that the objection is settled"),
}
SUBLICENCE_BUTTONS: Words = {
    "object": _("Object"),
    "answer": pgettext_lazy("an objection", "Answer"),
    "settle": _("It is settled"),
}
CAUSES: Words = {
    "granted": _("a licence was granted"),
    "expired": _("a licence expired"),
    "revoked": _("a licence was revoked"),
    "stated": _("something was stated about the work"),
    "verified": _("somebody's right to grant was verified"),
    "decided": _("a dispute about the work was decided, or a decision was withdrawn"),
    "dated": _("something said of the work began or ended on its day"),
    "output": _("what is on record of model output in the dataset changed"),
    "rules": _("the rules changed"),
}
WHY: Words = {
    Why.NOBODY_KNOWN: _("Nobody has claimed rights in this work here."),
    Why.NOT_HERE: _("The rightsholder is known by name but answers nobody here yet."),
    Why.DISPUTED: _("Several parties each claim the exclusive right; a grant by one of them would stay contested."),
    Why.AI_RIGHTS_RETAINED: _("Whoever claims this work says that the AI rights stayed with the author."),
    Why.OWN: _("The organisation that asks claims this work itself."),
    Why.CAPACITY: _("In its capacity the rightsholder cannot speak through this channel."),
    Why.MANDATE_MISSING: _("The mandate of whoever speaks for the rightsholder has not been shown and verified."),
    Why.NOT_BEGUN: _("The rightsholder's claim to this work has not begun yet."),
    Why.NO_CLAIM: _("The rightsholder has no standing claim to this work."),
    Why.CLAIM_ENDED: _("The rightsholder's claim to this work has ended."),
    Why.SET_ASIDE: _("A decision set the rightsholder's claim to this work aside."),
    Why.ENDS_BEFORE: _("The rightsholder's claim to this work ends before the terms do."),
    Why.TERRITORY: _("The rightsholder's claim to this work does not reach the whole territory of the terms."),
    Why.LEFT_REPERTOIRE: _("The work left the society's repertoire."),
    Why.EXCLUSIVE_ELSEWHERE: _("The rightsholder has given a licence that keeps it from giving this one."),
    Why.WITHDRAWN_WORK: _("The work was withdrawn from the registry."),
    Why.NOT_IN_LICENCE: _("The licence that the sub-licence rests on does not reach this work."),
    Why.OFFERED_ALREADY: _("The very same offer for this work stands already."),
}
WHAT_TO_DO: Words = {
    Why.NOBODY_KNOWN: _("Look for the publisher on the page of the work, and ask them to register here."),
    Why.NOT_HERE: _("Write to them yourself, and have what you agree on recorded here."),
    Why.DISPUTED: _("Wait until the dispute is settled, or leave these works out."),
    Why.AI_RIGHTS_RETAINED: _("Ask the author, whom the page of the work names."),
    Why.OWN: _("Nothing: these are yours."),
}
