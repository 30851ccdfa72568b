"""What `make run` uses: the same parts as production, on one machine, with plain HTTP."""

from config.env import env
from config.settings.base import *  # noqa: F403
from config.settings.base import ROOT

DEBUG = False
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
vars().update(env.email_url("EMAIL_URL", default=f"filemail:///{ROOT}/var/mail"))  # a file for each mail
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # plain HTTP, which browsers let keys answer to on this machine alone
