"""The sentences by which services of the channels refuse something, listed so that pages say them in every language."""

from django.utils.translation import gettext_noop as _

from registry.web.refusals import register

__all__ = ["SENTENCES", "register"]
SENTENCES = (
    # requests
    _("Choose the works in exactly one way: by their ids, by a search, by a list, or by a clearance."),
    _("There is no work to ask for in this."),
    _("There is no work left in this request."),
    _("Some of these works do not exist, or nobody may know of them."),
    _("There is no such work."),
    _("This request was sent already."),
    _("This list is not linked yet."),
    _("This clearance is not decided yet."),
    # negotiations
    _("Somebody else has answered in this negotiation since you looked at it. Look at it again."),
    _("“%(work)s” is no work of this negotiation."),
    _("Nothing would be left. Refuse the request instead."),
    _("Write something, or attach a file."),
    _("The file is empty."),
    _("%(day)s is still to come."),
    _("The day by which an answer is wanted is over."),
    _("State your authority for these works first. %(sentences)s"),
    # declared uses
    _("Records of model output name this draft: change it, or have it approved."),
    _("It has not begun: it is ended today."),
    # terms, agreements
    _("Say what is paid, also where it is free."),
    _("Say of what the royalty is a share."),
    _("The last day, %(day)s, is over."),
    _("No work is left to grant. %(sentences)s"),
    _("No work is left to offer. %(sentences)s"),
    _("An organisation needs no licence from itself."),
    _("A licence cannot be revoked for days that are over."),
    _("The agreement ends on %(day)s, before that day."),
    _("Say why."),
    _("This agreement was revoked: what follows it is a new one."),
    _("This agreement has no last day, so there is nothing to renew."),
    _("This agreement has been renewed already."),
    _("The renewal would end before it begins on %(day)s."),
    # standing offers
    _("This offer was taken back."),
    _("This offer was taken back before."),
    _("This offer ended on %(day)s."),
    _("Your organisation has accepted this offer already."),
    _("Others have accepted this offer as often as it was made: %(titles)s."),
    _("This offer says its terms in words only. Send a request for a licence instead."),
    _("What is exclusive can be accepted once."),
    _("An offer can be accepted once at least."),
    # sub-licences, members that leave
    _("The licence that is to be passed on has ended."),
    _("This sub-licence has ended, so there is nothing to object to."),
    _("A society does not leave itself."),
    _("Members leave from today on at the earliest."),
    # statements
    _("The last day is before the first."),
    _("%(name)s names no open licence known here; use an SPDX identifier, as CC-BY-4.0."),
    _("Name the licence by its SPDX identifier, as CC-BY-4.0."),
    # notices
    _("None of your works was found there, in a published check or in one of yours."),
    _("Somebody else changed this notice since you read it."),
    _("This day is still to come."),
    _("Say who hosts the dataset."),
    # signals and addresses
    _("%(host)s was read less than a minute ago, or is being read now."),
    _("Only the usual port of https is read."),
    _("This is no web address."),
    _("A web address begins with https:// or http://."),
    _("An address has no spaces, backslashes or control characters."),
    _("An address with a name or a password in it is not kept: leave them out."),
    _("A * stands at the end alone, where it means everything below."),
    _("The host of this address is no name of the internet."),
    _("The host of this address is no name of the internet, like press.example."),
    _("This name never leads to a place on the internet."),
    _("These are no crawl records: a WARC file begins with WARC/, or is gzipped."),
    _("This day is still to come: nobody has seen it then."),
    _("%(address)s is stated already."),
)
