"""Settings of the workers that tests start: a short lease, and sizes that a test may choose through the environment."""

import os
from pathlib import Path

from config.settings.test import *  # noqa: F403
from config.settings.test import BLOB_URL as OWN_BLOB_URL
from config.settings.test import INDEX_DIR as OWN_INDEX_DIR

JOB_LEASE_SECONDS = int(os.environ.get("TEST_LEASE_SECONDS", "1"))
JOB_MAX_ATTEMPTS = int(os.environ.get("TEST_MAX_ATTEMPTS", "3"))
SCAN_CHUNK_BYTES = int(os.environ.get("TEST_CHUNK_BYTES", str(256 * 1024)))
SCAN_PART_BYTES = int(os.environ.get("TEST_PART_BYTES", str(256 << 20)))
BLOB_URL = os.environ.get("TEST_BLOB_URL") or OWN_BLOB_URL
INDEX_DIR = Path(os.environ.get("TEST_INDEX_DIR") or OWN_INDEX_DIR)  # of its own: a worker on another machine
