"""Addresses of signing up and in, and of one's own account: django-allauth's views under our nouns."""

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as security_keys
from allauth.usersessions import views as sessions
from django.urls import path, re_path
from django.views.decorators.http import require_POST

from registry.web import accounts, organisation
from registry.web.pages import page

sign_in, sign_out = page(account.login), require_POST(page(account.logout))

urlpatterns = [
    path("sign-in", sign_in, name="login"),
    path("sign-in", sign_in, name="account_login"),  # the name that allauth asks for
    path("sign-out", sign_out, name="logout"),
    path("sign-out", sign_out, name="account_logout"),
    path("sign-up", page(account.signup), name="account_signup"),
    path("sign-up/confirm", page(account.email_verification_sent), name="account_email_verification_sent"),
    path("sign-up/confirm/<str:key>", page(account.confirm_email), name="account_confirm_email"),
    path("sign-in/closed", page(account.account_inactive), name="account_inactive"),
    path("sign-in/password", page(account.password_reset), name="account_reset_password"),
    path("sign-in/password/sent", page(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^sign-in/password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)$",
        page(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "sign-in/password/changed",
        page(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("sign-in/again", page(account.reauthenticate), name="account_reauthenticate"),
    path("sign-in/again/second-factor", page(second_factor.reauthenticate), name="mfa_reauthenticate"),
    path("sign-in/second-factor", page(second_factor.authenticate), name="mfa_authenticate"),
    path("account/emails", page(account.email), name="account_email"),
    path("account/password", page(account.password_change), name="account_change_password"),
    path("account/password/first", page(account.password_set), name="account_set_password"),
    path("account/sessions", page(sessions.list_usersessions), name="usersessions_list"),
    path("account/second-factor", page(second_factor.index), name="mfa_index"),
    path("account/second-factor/app", page(totp.activate_totp), name="mfa_activate_totp"),
    path("account/second-factor/app/remove", page(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/second-factor/codes", page(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "account/second-factor/codes/new",
        page(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/second-factor/codes/file",
        page(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("account/second-factor/keys", page(security_keys.list_webauthn), name="mfa_list_webauthn"),
    path("account/second-factor/keys/new", page(security_keys.add_webauthn), name="mfa_add_webauthn"),
    path("account/second-factor/keys/<int:pk>", page(security_keys.edit_webauthn), name="mfa_edit_webauthn"),
    path("account/second-factor/keys/<int:pk>/remove", page(security_keys.remove_webauthn), name="mfa_remove_webauthn"),
    path("sign-in/again/key", page(security_keys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("account/close", accounts.close, name="account-close"),
    path("account/acting-for", accounts.act_for, name="act-for"),
    path("organisations/new", accounts.found, name="organisation-new"),
    path("organisation", organisation.organisation, name="organisation"),
    path("organisation/invitations", organisation.invite, name="invite"),
    path("organisation/invitations/<slug:public_id>/again", organisation.invite_again, name="invitation-again"),
    path("organisation/invitations/<slug:public_id>/revoke", organisation.revoke, name="invitation-revoke"),
    path("organisation/members/<int:member>/role", organisation.set_role, name="member-role"),
    path("organisation/members/<int:member>/remove", organisation.remove, name="member-remove"),
    path("organisation/leave", organisation.leave, name="organisation-leave"),
    path("organisation/second-factor", organisation.require_second_factor, name="organisation-second-factor"),
    path("invitation", accounts.invitation, name="invitation"),
    path("invitations/<slug:public_id>/accept", accounts.accept, name="invitation-accept"),
]
