"""Production: everything secret comes from the environment and is missed at start, HTTPS only."""

import environ

from config.env import env, required
from config.settings.base import *  # noqa: F403
from config.settings.base import CELERY_BROKER_URL, REST_FRAMEWORK  # noqa: F401

ALLOWED_HOSTS = [host.strip() for host in required("ALLOWED_HOSTS").split(",")]
SITE_URL = required("SITE_URL")
LOG_ORIGIN = required("LOG_ORIGIN")

CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True

DEFAULT_FROM_EMAIL = required("MAIL_FROM")
vars().update(environ.Env.email_url_config(required("EMAIL_URL")))  # smtp+tls://name:password@host:587
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1)  # the one that ends HTTPS
REST_FRAMEWORK = REST_FRAMEWORK | {"NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT}

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
