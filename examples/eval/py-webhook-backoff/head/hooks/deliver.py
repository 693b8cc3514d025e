"""Delivers events to the addresses of partners."""

import logging
import time

import httpx

logger = logging.getLogger(__name__)


async def deliver(client: httpx.AsyncClient, url: str, event: dict) -> bool:
    """Whether the partner took the event."""
    for _ in range(3):
        response = await client.post(url, json=event, timeout=10)
        if response.status_code == 429:
            pause = min(int(response.headers.get("Retry-After", "5")), 60)
            logger.info("%s asks for %d seconds", url, pause)
            time.sleep(pause)
            continue
        return response.is_success
    return False
