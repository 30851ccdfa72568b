"""Addresses of the pages about authority, domains, disputes and verification."""

from django.urls import path

from licensing.web import authority, disputes, domains, operators

urlpatterns = [
    path("works/<slug:public_id>/authority", authority.state, name="authority-state"),
    path("works/<slug:public_id>/dispute", disputes.dispute, name="dispute"),
    path("works/<slug:public_id>/dispute/agreement", disputes.propose, name="agreement"),
    path("works/<slug:public_id>/dispute/decision", disputes.decide, name="decision"),
    path("authority", authority.mine, name="authority"),
    path("authority/many", authority.state_many, name="authority-many"),
    path("authority/domains/new", domains.new, name="domain-new"),
    path("authority/domains/<slug:public_id>", domains.domain, name="domain"),
    path("authority/domains/<slug:public_id>/check", domains.check, name="domain-check"),
    path("authority/domains/<slug:public_id>/remove", domains.remove, name="domain-remove"),
    path("authority/<slug:public_id>/withdraw", authority.withdraw, name="claim-withdraw"),
    path("authority/<slug:public_id>/confirm", authority.counter_sign, name="claim-confirm"),
    path("authority/<slug:public_id>/unconfirm", authority.withdraw_counter_signature, name="claim-unconfirm"),
    path("authority/<slug:public_id>/concede", disputes.concede, name="claim-concede"),
    path("disputes", disputes.dispute_list, name="disputes"),
    path("decisions/<slug:public_id>/confirm", disputes.confirm, name="decision-confirm"),
    path("decisions/<slug:public_id>/refuse", disputes.refuse, name="decision-refuse"),
    path("decisions/<slug:public_id>/withdraw", disputes.withdraw, name="decision-withdraw"),
    path("operators/verifications", operators.verifications, name="verifications"),
    path("operators/claims", operators.waiting_claims, name="claims-waiting"),
    path("operators/claims/<slug:slug>", operators.verify_claims, name="claims-verify"),
    path("operators/verifications/<slug:kind>/<slug:public_id>", operators.verify, name="verification"),
]
