"""Addresses of requests, negotiations, agreements, offers and templates of terms."""

from django.urls import path

from licensing.web import (
    agreements,
    negotiations,
    offers,
    requests,
    requests_desk,
    sublicence_pages,
    sublicences,
    terms_templates,
)

urlpatterns = [
    path("desk", requests_desk.desk, name="desk"),
    path("inbox", negotiations.inbox, name="inbox"),
    path("requests", requests.request_list, name="requests"),
    path("requests/new", requests.new_request, name="request-new"),
    path("requests/<slug:public_id>", requests.show_request, name="request"),
    path("requests/<slug:public_id>/amend", requests.amend_request, name="request-amend"),
    path("requests/<slug:public_id>/without", requests.leave_out, name="request-without"),
    path("requests/<slug:public_id>/send", requests.send_request, name="request-send"),
    path("requests/<slug:public_id>/cancel", requests.cancel_request, name="request-cancel"),
    path("negotiations/<slug:public_id>", negotiations.negotiation, name="negotiation"),
    path("negotiations/<slug:public_id>/files/<slug:attachment>", negotiations.attachment, name="negotiation-file"),
    path("negotiations/<slug:public_id>/moves/<slug:move>", negotiations.make_move, name="negotiation-move"),
    path("agreements", agreements.agreement_list, name="agreements"),
    path("agreements/<slug:public_id>", agreements.agreement, name="licence-agreement"),
    path("agreements/<slug:public_id>/revoke", agreements.revoke_agreement, name="licence-agreement-revoke"),
    path("agreements/<slug:public_id>/renew", agreements.renew_agreement, name="licence-agreement-renew"),
    path("agreements/<slug:public_id>/pass-on", sublicences.pass_on, name="licence-agreement-pass-on"),
    path("sublicences/<slug:public_id>", sublicence_pages.sublicence, name="sublicence"),
    path("offers", offers.offer_list, name="offers"),
    path("offers/new", offers.new_offer, name="offer-new"),
    path("offers/<slug:public_id>", offers.offer, name="offer"),
    path("offers/<slug:public_id>/accept", offers.accept_offer, name="offer-accept"),
    path("offers/<slug:public_id>/withdraw", offers.withdraw_offer, name="offer-withdraw"),
    path("terms", terms_templates.template_list, name="terms-templates"),
    path("terms/new", terms_templates.new_template, name="terms-template-new"),
    path("terms/<slug:public_id>", terms_templates.template, name="terms-template"),
    path("terms/<slug:public_id>/withdraw", terms_templates.withdraw_template, name="terms-template-withdraw"),
]
