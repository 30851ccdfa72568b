"""Settings that hold everywhere. dev, test and prod add what differs."""

import os

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.env import ROOT, env, folder, load_file, required

load_file(ROOT / "var" / "env")

SECRET_KEY = required("SECRET_KEY")
TOKEN_PEPPER = required("TOKEN_PEPPER")
LOG_SIGNING_KEY = required("LOG_SIGNING_KEY")  # base64 of an Ed25519 seed, 32 bytes
LOG_ORIGIN = os.environ.get("LOG_ORIGIN", "colophon.invalid/log")

DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SITE_URL = os.environ.get("SITE_URL", "http://localhost:8000")

INSTALLED_APPS = [
    "registry.apps.RegistryConfig",
    "ingest.apps.IngestConfig",
    "licensing.apps.LicensingConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rules.apps.AutodiscoverRulesConfig",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "registry.web.middleware.DatabaseDownMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "registry.web.context.site",
            ],
        },
    }
]

DATABASES = {"default": env.db_url_config(required("DATABASE_URL"))}
# A machine that is lost in the middle of a transaction must not keep its locks for the two hours that TCP would allow.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
    "options",
    "-c idle_in_transaction_session_timeout=300s"
    " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3",
)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["CONN_MAX_AGE"] = 60
# What all processes and machines have to agree on: how often somebody tried to sign in, or to have a mail sent.
# In PostgreSQL, because it is there wherever the site is and loses nothing when a process or the broker starts anew.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "registry.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # of who asked to stay signed in; other sessions end with the browser

ACCOUNT_ADAPTER = "registry.web.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "registry.web.account_forms.SignInForm",
    "signup": "registry.web.account_forms.SignUpForm",
    "add_email": "registry.web.account_forms.AddressForm",
    "reset_password": "registry.web.account_forms.ForgottenPasswordForm",
    "reset_password_from_key": "registry.web.account_forms.NewPasswordForm",
    "change_password": "registry.web.account_forms.ChangedPasswordForm",
}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that signed up, and nowhere else
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = {
    "login_failed": "20/5m/ip,5/5m/key",  # the lockout: by account, and by address across accounts
    "signup": "20/h/ip",
    "reset_password": "20/h/ip,5/h/key",
    "invite": "30/h/user",
    "invite_again": "1/m/key",
    "found_organisation": "10/d/user",
    "verify_document": "30/m/ip",
    "check_domain": "20/m/user",  # a look may hold a process for half a minute
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)  # whose X-Forwarded-For is believed
MFA_ADAPTER = "registry.web.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Colophon"
MFA_TOTP_TOLERANCE = 1  # codes of the step before and after: clocks of telephones are not exact (RFC 6238, 5.2)

DEFAULT_FROM_EMAIL = os.environ.get("MAIL_FROM", "Colophon <colophon@localhost>")
EMAIL_TIMEOUT = 20

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = folder("STATIC_ROOT", ROOT / "var" / "static")
STATICFILES_DIRS = [ROOT / "static"]

# Where things are kept beside the database. PostgreSQL is the truth: index and search can be deleted and rebuilt.
BLOB_URL = os.environ.get("BLOB_URL") or (ROOT / "var" / "blobs").as_uri()
INDEX_DIR = folder("INDEX_DIR", ROOT / "var" / "index")
INDEX_CACHE_BYTES = env.int("INDEX_CACHE_BYTES", default=0)  # of segment files on this machine; 0: what the disk has
INDEX_SEGMENT_BYTES = env.int("INDEX_SEGMENT_BYTES", default=32 << 30)  # merging makes none larger
INDEX_KEEP_SECONDS = env.int("INDEX_KEEP_SECONDS", default=300)  # how often a worker's machine fetches and clears

ELASTICSEARCH_URL = os.environ.get("ELASTICSEARCH_URL", "")
SEARCH_INDEX_PREFIX = os.environ.get("SEARCH_INDEX_PREFIX", "colophon")

CELERY_BROKER_URL = required("BROKER_URL")
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=60)
JOB_MAX_ATTEMPTS = env.int("JOB_MAX_ATTEMPTS", default=3)
SCAN_CHUNK_BYTES = env.int("SCAN_CHUNK_BYTES", default=32 << 20)  # text of a shard; a longer document is one alone
SCAN_PART_BYTES = env.int("SCAN_PART_BYTES", default=256 << 20)  # of files that one job reads, as handed in
SCAN_DAILY_BYTES = env.int("SCAN_DAILY_BYTES", default=100 * 10**9)  # of an organisation in 24 hours; 0: no limit
SCAN_STRAGGLER_SECONDS = env.int("SCAN_STRAGGLER_SECONDS", default=30)  # what no shard is called slow before

API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=600)  # of one token or signed-in person
API_ANONYMOUS_REQUESTS_PER_MINUTE = env.int("API_ANONYMOUS_REQUESTS_PER_MINUTE", default=120)  # of one address

REST_FRAMEWORK = {
    "NUM_PROXIES": env.int("TRUSTED_PROXIES", default=0),  # whose X-Forwarded-For is believed
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "registry.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["registry.api.permissions.ScopedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "registry.api.pagination.Cursor",
    "PAGE_SIZE": 50,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_VERSIONING_CLASS": None,
    "EXCEPTION_HANDLER": "registry.api.problems.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Colophon API",
    "DESCRIPTION": "The clearance registry for AI training data.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=4 << 30)  # of one catalogue file
UPLOADS_KEPT_BYTES = env.int("UPLOADS_KEPT_BYTES", default=20 << 30)  # of an organisation; 0: no limit
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {name: {"level": "WARNING"} for name in ("botocore", "aiobotocore")},
}
