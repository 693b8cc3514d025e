"""What it takes to ask a provider: an address, a key, or an account at AWS."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

#: Variables that hold a secret, by the form of their names; a configuration can name such a one as `key_env`.
SECRET_NAME = re.compile(r"[A-Z][A-Z0-9_]*_(?:API_KEY|TOKEN)")

#: Where an Ollama is, unless it is said where.
OLLAMA = "http://127.0.0.1:11434/v1"

#: How a usable address is described to whoever gave another one.
WANTED = "must be http(s)://host[:port][/path], without user name, password or query"


@dataclass(frozen=True, slots=True)
class Aws:
    """What the environment says of an account at AWS. What is empty is left to botocore: profiles, roles, containers."""

    key_id: str = ""
    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    bearer: str = field(default="", repr=False)
    region: str = ""
    elsewhere: bool = False  # whether it points at credentials that are not in it

    @property
    def at_hand(self) -> bool:
        """Whether there are credentials, as far as can be told without asking anybody."""
        return bool(self.key_id or self.bearer or self.elsewhere)


@dataclass(frozen=True, slots=True)
class Access:
    """How one provider is asked. A key may be "", an address None: then it is the vendor's own."""

    key: str = field(default="", repr=False)
    base_url: str | None = None
    aws: Aws = field(default_factory=Aws)


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
