"""Every address of the site with who may read it: the list that `test_routes` holds the URLconf to."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

PUBLIC = (200, 200, 200)
OWN = (302, 404, 200)  # the site asks to sign in, strangers find nothing, members read
MEMBERS = (302, 200, 200)  # each sees what is theirs
POST_ONLY = (302, 405, 405)
OPERATORS = (302, 404, 404)
API_OWN = (404, 404, 200)
SIGNED_OUT = (200, 302, 302)
PERSONS = (302, 200, 200)  # one's own, with an organisation or without
NOWHERE = (302, 302, 302)  # leads on: to sign in, to an earlier step, or to what has to be set up first
LINKED = (200, 200, 200)  # says the same to everybody who comes without the link of a mail


@dataclass(frozen=True)
class Route:
    """An address of the URLconf: its name, or its pattern where it has none."""

    name: str
    pattern: str


def every_route() -> Iterator[Route]:
    """Every address but those of django-admin, which answers to staff alone."""
    yield from _walk(get_resolver().url_patterns, "")


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if route != "admin/":
                yield from _walk(pattern.url_patterns, route)
        else:
            yield Route(pattern.name or route, route)


# name → (what a GET gives to nobody, to a member of another organisation, to a member of the one it belongs to)
EXPECTED: dict[str, tuple[int, int, int]] = {
    "home": PUBLIC,
    "search": PUBLIC,
    "search-suggestions": PUBLIC,
    "works": PUBLIC,
    "work": PUBLIC,
    "datasets": PUBLIC,
    "dataset": (404, 404, 200),
    "holder": PUBLIC,
    "entity": (302, 302, 302),  # leads to the page of what has this id
    "reconcile": PUBLIC,
    "reconcile-suggest": PUBLIC,
    "reconcile-properties": PUBLIC,
    "reconcile-preview": (404, 404, 404),  # of nothing, without an id
    "models": PUBLIC,
    "model": PUBLIC,
    "log": PUBLIC,
    "log-entry": PUBLIC,
    "problems": PUBLIC,
    "matches-explained": PUBLIC,
    "reasons": PUBLIC,
    "reason": PUBLIC,
    "login": SIGNED_OUT,
    "account_login": SIGNED_OUT,
    "logout": (405, 405, 405),
    "account_logout": (405, 405, 405),
    "account_signup": SIGNED_OUT,
    "account_email_verification_sent": LINKED,
    "account_confirm_email": LINKED,
    "account_inactive": LINKED,
    "account_reset_password": LINKED,
    "account_reset_password_done": LINKED,
    "account_reset_password_from_key": LINKED,
    "account_reset_password_from_key_done": LINKED,
    "account_reauthenticate": PERSONS,
    "mfa_reauthenticate": NOWHERE,
    "mfa_authenticate": NOWHERE,
    "account_email": PERSONS,
    "account_change_password": PERSONS,
    "account_set_password": NOWHERE,
    "usersessions_list": PERSONS,
    "mfa_index": PERSONS,
    "mfa_activate_totp": NOWHERE,
    "mfa_deactivate_totp": (302, 404, 404),
    "mfa_view_recovery_codes": (302, 404, 404),
    "mfa_generate_recovery_codes": NOWHERE,
    "mfa_download_recovery_codes": (302, 404, 404),
    "mfa_list_webauthn": PERSONS,
    "mfa_add_webauthn": NOWHERE,
    "mfa_edit_webauthn": (302, 302, 302),
    "mfa_remove_webauthn": (302, 302, 302),
    "mfa_reauthenticate_webauthn": NOWHERE,
    "account-close": NOWHERE,
    "act-for": (302, 405, 405),
    "organisation-new": PERSONS,
    "organisation": MEMBERS,
    "invite": POST_ONLY,
    "invitation-again": POST_ONLY,
    "invitation-revoke": POST_ONLY,
    "member-role": POST_ONLY,
    "member-remove": POST_ONLY,
    "organisation-leave": MEMBERS,
    "organisation-second-factor": POST_ONLY,
    "invitation": LINKED,
    "invitation-accept": POST_ONLY,
    "set_language": (302, 302, 302),  # back to the first page
    "account": MEMBERS,
    "token-create": POST_ONLY,
    "token-revoke": POST_ONLY,
    "register": MEMBERS,
    "receipt": OWN,
    "receipt-file": OWN,
    "work-amend": OWN,
    "edition": OWN,
    "work-merge": OWN,
    "work-split": OWN,
    "work-withdraw": OWN,
    "work-restore": POST_ONLY,
    "work-publish": POST_ONLY,
    "work-undo": POST_ONLY,
    "text": (302, 403, 200),
    "text-withdraw": OWN,
    "statement": (302, 403, 200),
    "statement-withdraw": OWN,
    "authority": MEMBERS,
    "authority-many": MEMBERS,
    "authority-state": MEMBERS,  # for any work that they can see
    "claim-withdraw": OWN,
    "claim-concede": OWN,
    "claim-confirm": MEMBERS,
    "claim-unconfirm": (302, 409, 409),  # of a claim that neither has confirmed
    "domain-new": MEMBERS,
    "domain": OWN,
    "domain-check": POST_ONLY,
    "domain-remove": POST_ONLY,
    "disputes": PUBLIC,
    "dispute": PUBLIC,
    "agreement": MEMBERS,
    "decision-confirm": POST_ONLY,
    "decision-refuse": MEMBERS,  # both are sides of it
    "decision": OPERATORS,
    "decision-withdraw": OPERATORS,
    "verifications": OPERATORS,
    "verification": OPERATORS,
    "jobs": MEMBERS,
    "job": OWN,
    "job-cancel": POST_ONLY,
    "verify": PUBLIC,
    "notices": MEMBERS,
    "notice-new": MEMBERS,
    "notice": OWN,
    "notice-amend": OWN,
    "notice-step": OWN,
    "notice-letter": OWN,
    "notice-works": OWN,
    "agreement-document": OWN,
    "agreement-file": OWN,
    "webhooks": MEMBERS,
    "webhook-new": MEMBERS,
    "webhook": OWN,
    "webhook-test": POST_ONLY,
    "webhook-enable": POST_ONLY,
    "webhook-secret": POST_ONLY,
    "webhook-remove": POST_ONLY,
    "webhook-again": POST_ONLY,
    "imports": MEMBERS,
    "import-new": MEMBERS,
    "import-sample": POST_ONLY,
    "import": OWN,
    "import-columns": POST_ONLY,
    "import-apply": POST_ONLY,
    "import-cancel": POST_ONLY,
    "import-undo": OWN,
    "import-refused": OWN,
    "import-acknowledgement": OWN,
    "linkages": MEMBERS,
    "linkage-new": MEMBERS,
    "linkage": OWN,
    "linkage-cancel": POST_ONLY,
    "linkage-review": OWN,
    "linkage-decision": POST_ONLY,
    "linkage-results": OWN,
    "policies": MEMBERS,
    "policy-new": MEMBERS,
    "policy": OWN,
    "policy-withdraw": POST_ONLY,
    "desk": MEMBERS,
    "inbox": MEMBERS,
    "requests": MEMBERS,
    "request-new": MEMBERS,
    "request": OWN,
    "request-amend": OWN,
    "request-without": POST_ONLY,
    "request-send": POST_ONLY,
    "request-cancel": OWN,
    "negotiation": OWN,
    "negotiation-file": OWN,
    "negotiation-move": OWN,
    "agreements": MEMBERS,
    "licence-agreement": OWN,
    "licence-agreement-revoke": OWN,
    "licence-agreement-renew": OWN,
    "offers": MEMBERS,
    "offer-new": MEMBERS,
    "offer": PUBLIC,
    "offer-accept": MEMBERS,  # whoever fits may
    "offer-withdraw": OWN,
    "terms-templates": MEMBERS,
    "terms-template-new": MEMBERS,
    "terms-template": OWN,
    "terms-template-withdraw": POST_ONLY,
    "signals": MEMBERS,
    "signal-new": MEMBERS,
    "signal-read": MEMBERS,
    "signal-crawl": MEMBERS,
    "signal": (404, 404, 200),  # what a firm handed in of somebody else's site is its own
    "signal-raw": (404, 404, 200),
    "work-signals": PUBLIC,
    "address-withdraw": POST_ONLY,
    "work-kit": PUBLIC,
    "work-kit-zip": PUBLIC,
    "work-kit-file": PUBLIC,
    "holder-kit": PUBLIC,
    "holder-kit-zip": PUBLIC,
    "own-tdmrep": PUBLIC,
    "own-licence": PUBLIC,
    "own-robots": PUBLIC,
    "api-observation-list": PUBLIC,  # what the registry read, and one's own
    "api-observation-detail": API_OWN,
    "api-observation-raw": API_OWN,
    "api-observation-read": (405, 405, 405),
    "api-observation-crawl": (405, 405, 405),
    "api-work-address-list": PUBLIC,
    "api-work-address-withdraw": (405, 405, 405),
    "api-work-signals": PUBLIC,
    "checks": MEMBERS,
    "check-new": MEMBERS,
    "check": OWN,
    "check-cancel": POST_ONLY,
    "check-resume": POST_ONLY,
    "check-withhold": POST_ONLY,
    "clearance": OWN,
    "report-request": POST_ONLY,
    "verdict": OWN,
    "match": OWN,
    "reports": MEMBERS,
    "report": OWN,
    "report-bundle": OWN,
    "api-work-list": PUBLIC,
    "api-work-detail": PUBLIC,
    "api-work-revisions": API_OWN,
    "api-work-receipt": API_OWN,
    "api-work-withdraw": (405, 405, 405),
    "api-work-restore": (405, 405, 405),
    "api-work-publish": (405, 405, 405),
    "api-work-merge": (405, 405, 405),
    "api-work-split": (405, 405, 405),
    "api-work-undo": (405, 405, 405),
    "api-deposit-list": API_OWN,
    "api-deposit-detail": API_OWN,
    "api-deposit-withdraw": (405, 405, 405),
    "api-dataset-list": PUBLIC,
    "api-dataset-detail": API_OWN,
    "api-item-list": API_OWN,
    "api-model-list": PUBLIC,
    "api-model-detail": PUBLIC,
    "api-claim-list": PUBLIC,
    "api-authority-list": PUBLIC,
    "api-authority-detail": PUBLIC,
    "api-authority-bulk": (405, 405, 405),
    "api-authority-withdraw": (405, 405, 405),
    "api-domain-list": PUBLIC,  # empty for whoever has none
    "api-domain-detail": API_OWN,
    "api-domain-check": (405, 405, 405),
    "api-domain-remove": (405, 405, 405),
    "api-dispute-list": PUBLIC,
    "api-policy-list": PUBLIC,  # empty for whoever has none
    "api-policy-detail": API_OWN,
    "api-policy-withdraw": (405, 405, 405),
    "api-decision-list": PUBLIC,
    "api-decision-detail": (404, 200, 200),  # a proposal: its sides see it
    "api-job-list": PUBLIC,  # empty for whoever has none
    "api-job-detail": API_OWN,
    "api-job-cancel": (405, 405, 405),
    "api-scan-list": PUBLIC,
    "api-scan-detail": API_OWN,
    "api-match-list": API_OWN,
    "api-clearance-list": PUBLIC,
    "api-clearance-detail": API_OWN,
    "api-verdict-list": API_OWN,
    "api-verdict-change-list": API_OWN,
    "api-licence-request-list": PUBLIC,  # empty for whoever has none
    "api-licence-request-detail": API_OWN,
    "api-licence-request-send": (405, 405, 405),
    "api-licence-request-cancel": (405, 405, 405),
    "api-negotiation-list": PUBLIC,  # empty for whoever has none
    "api-negotiation-detail": API_OWN,
    "api-negotiation-moves": (405, 405, 405),
    "api-negotiation-files": (405, 405, 405),
    "api-step-list": API_OWN,
    "api-requested-work-list": API_OWN,
    "api-attachment-list": API_OWN,
    "api-attachment-content": API_OWN,
    "api-agreement-list": PUBLIC,  # empty for whoever has none
    "api-agreement-detail": API_OWN,
    "api-agreement-revoke": (405, 405, 405),
    "api-agreement-renew": (405, 405, 405),
    "api-agreement-sublicences": (405, 405, 405),
    "api-grant-list": API_OWN,
    "api-offer-list": PUBLIC,
    "api-offer-detail": PUBLIC,
    "api-offer-accept": (405, 405, 405),
    "api-offer-withdraw": (405, 405, 405),
    "api-terms-template-list": PUBLIC,  # empty for whoever has none
    "api-terms-template-detail": API_OWN,
    "api-terms-template-remove": (405, 405, 405),
    "api-linkage-list": PUBLIC,  # empty for whoever has none
    "api-linkage-detail": API_OWN,
    "api-linkage-cancel": (405, 405, 405),
    "api-linkage-results": API_OWN,
    "api-linkage-row-list": API_OWN,
    "api-linkage-row-decision": (405, 405, 405),
    "api-linkage-row-undo": (405, 405, 405),
    "api-import-list": PUBLIC,
    "api-import-detail": API_OWN,
    "api-import-apply": (405, 405, 405),
    "api-import-cancel": (405, 405, 405),
    "api-import-undo": (405, 405, 405),
    "api-import-refused": API_OWN,
    "api-import-acknowledgement": API_OWN,
    "api-import-row-list": API_OWN,
    "api-report-list": PUBLIC,
    "api-report-detail": API_OWN,
    "api-report-bundle": API_OWN,
    "api-webhook-list": PUBLIC,  # empty for whoever has none
    "api-webhook-detail": API_OWN,
    "api-webhook-secret": (405, 405, 405),
    "api-webhook-test": (405, 405, 405),
    "api-webhook-enable": (405, 405, 405),
    "api-webhook-remove": (405, 405, 405),
    "api-delivery-list": API_OWN,
    "api-delivery-again": (405, 405, 405),
    "api-account": PUBLIC,  # says who asks, were it nobody
    "api-organisation-list": PUBLIC,  # one's own
    "api-explain": (405, 405, 405),
    "api-search": PUBLIC,
    "api-search-suggest": (400, 400, 400),  # what was typed is asked for
    "api-log": PUBLIC,
    "api-log-entry": PUBLIC,
    "api-log-consistency": (400, 400, 400),  # without its two sizes
    "api-schema": PUBLIC,
    "api-docs": PUBLIC,
    "api/": (404, 404, 404),  # whatever else is asked of the API
}
# the lists that answer everybody, and what they hold of somebody else's
PRIVATE_LISTS = (
    "api-job-list",
    "api-scan-list",
    "api-clearance-list",
    "api-import-list",
    "api-report-list",
    "api-webhook-list",
)


# the pages of whoever registered the work; all others belong to whoever asked for the check
OF_THE_REGISTRANT = (
    *(
        "text",
        "text-withdraw",
        "statement",
        "statement-withdraw",
        "licence-agreement-revoke",
        "licence-agreement-renew",
        "offer-withdraw",
        "receipt",
        "receipt-file",
        "edition",
        "claim-withdraw",
        "claim-concede",
        "domain",
        "decision-refuse",
        "api-domain-detail",
        "api-decision-detail",
    ),
    *("work-amend", "work-merge", "work-split", "work-withdraw", "work-restore", "work-publish", "work-undo"),
    *("api-work-revisions", "api-work-receipt", "api-deposit-list", "api-deposit-detail"),
)
