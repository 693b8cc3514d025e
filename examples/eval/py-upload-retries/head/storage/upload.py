"""Sends files to the object store."""

import logging
import time
from pathlib import Path

from storage.client import Client, TransientError

logger = logging.getLogger(__name__)


def upload(client: Client, source: Path, key: str, *, attempts: int = 3) -> str:
    """Store a file and return its version; a passing error is tried again, `attempts` times in all."""
    data = source.read_bytes()
    for attempt in range(1, attempts):
        try:
            return client.put(key, data)
        except TransientError as error:
            if attempt == attempts:
                raise
            logger.warning("upload of %s failed (%s), attempt %d of %d", key, error, attempt, attempts)
            time.sleep(2**attempt)
    raise AssertionError("unreachable")
