"""Settings of the workers that tests start: a short lease, and sizes that a test may choose through the environment."""

import os

from config.settings.test import *  # noqa: F403

JOB_LEASE_SECONDS = int(os.environ.get("TEST_LEASE_SECONDS", "1"))
JOB_MAX_ATTEMPTS = int(os.environ.get("TEST_MAX_ATTEMPTS", "3"))
SCAN_CHUNK_BYTES = int(os.environ.get("TEST_CHUNK_BYTES", str(256 * 1024)))
