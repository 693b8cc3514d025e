"""What may be said of a server to ask: its address, and the name of the variable with its key."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

#: Variables that hold a secret, by the form of their names; a configuration can name such a one as `key_env`.
SECRET_NAME = re.compile(r"[A-Z][A-Z0-9_]*_(?:API_KEY|TOKEN)")

#: Where an Ollama is, unless it is said where.
OLLAMA = "http://127.0.0.1:11434/v1"

#: How a usable address is described to whoever gave another one.
WANTED = "must be http(s)://host[:port][/path], without user name, password or query"


def usable(url: str) -> bool:
    """Whether requests with a key may go there: nothing hidden in it, and a path can be put behind it."""
    try:
        parts = urlsplit(url)
        found = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return found and not ("@" in parts.netloc or "?" in url or "#" in url or " " in url) and url.isprintable()


def loopback(url: str) -> bool:
    """Whether the host of a usable address is this machine; a name other than localhost may be anybody's."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
