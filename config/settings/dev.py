"""What `make run` uses: the same parts as production, on one machine, with plain HTTP."""

from config.settings.base import *  # noqa: F403

DEBUG = False
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
