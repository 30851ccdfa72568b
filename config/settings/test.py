"""What `make test` uses: real PostgreSQL and broker, found through var/env or the environment."""

import os
import secrets
from pathlib import Path

from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASES, ROOT

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

# No test loses its server, so nobody waits until the disk has what was committed.
DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"

# Every run has its own blobs and index, so that two runs never see each other's files. Nothing is made here: type
# checks and `manage.py` read these settings too. What a killed run leaves lies under var/, where `make clean` finds it.
_scratch = Path(os.environ.get("TEST_SCRATCH") or ROOT / "var" / "scratch" / f"{os.getpid()}-{secrets.token_hex(4)}")
BLOB_URL = (_scratch / "blobs").as_uri()
INDEX_DIR = _scratch / "index"
ELASTICSEARCH_URL = ""
SCAN_CHUNK_BYTES = 256 * 1024
JOB_LEASE_SECONDS = 5
SITE_URL = "http://testserver"
STATIC_ROOT = ROOT / "var" / "static"
WHITENOISE_AUTOREFRESH = True
API_REQUESTS_PER_MINUTE = 1_000_000
API_ANONYMOUS_REQUESTS_PER_MINUTE = 1_000_000  # all tests come from one address
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # plain HTTP, which browsers let keys answer to on this machine alone
