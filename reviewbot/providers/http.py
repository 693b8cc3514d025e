"""What the adapters of all vendors share: limits of a request, and how an HTTP answer becomes ours or a ModelError."""

from __future__ import annotations

import email.utils
import functools
import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import anyio
import httpx2
from pydantic import BaseModel, ValidationError

from reviewbot.errors import FailureKind, ModelError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping

    from reviewbot.llm import Completion

T = TypeVar("T", bound=BaseModel)

#: Seconds to reach a server; one that is up answers a connect at once.
CONNECT_SECONDS = 10.0
#: Seconds for each request about a batch job; its files can have hundreds of megabytes.
BATCH_SECONDS = 300.0

_SHAPES_OF_KEYS = re.compile(r"\b(?:sk-|AIza|Bearer\s)[\w*.\-]{4,}|[\w\-]*\*{3,}[\w\-]*")
_USERINFO = re.compile(r"(?<=://)[^/@\s]+@")


@functools.cache
def trust() -> ssl.SSLContext:
    """The certificates of the operating system (or SSL_CERT_FILE), read once: that takes 20 ms a time."""
    return httpx2.create_ssl_context()


def warm_up() -> None:
    """What the first request would wait for otherwise: certificates, and the module that opens connections."""
    trust()
    anyio.run(anyio.sleep, 0)


def timeout(seconds: float) -> httpx2.Timeout:
    """Limits for connecting and for each read; the whole call is bounded by whoever asks."""
    return httpx2.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))


def encodable(text: str) -> str:
    """The text with what UTF-8 cannot carry replaced: file names and sources may hold lone surrogates."""
    return text.encode("utf-8", "replace").decode("utf-8")


def parsed(model: type[T], body: str) -> T:
    """The body of a 200 as `model`. Raises ModelError OVERLOAD if it is not in the API's format at all."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        message = f"HTTP 200, but the answer is not in the format of the API: {brief(body) or 'empty'}"
        raise ModelError(FailureKind.OVERLOAD, message) from error


def lines(model: type[T], text: str) -> Iterator[T]:
    """A file of JSON lines, each as `model`. Raises ModelError as `parsed` does."""
    # Not splitlines(): JSON may hold other characters that it takes for the end of a line.
    return (parsed(model, line) for line in text.split("\n") if line.strip())


def settled(read: Callable[[], Completion]) -> Completion | ModelError:
    """What came of one question of a batch; its failure is its own, the others have theirs."""
    try:
        return read()
    except ModelError as error:
        return error


def kind_of(status: int) -> FailureKind:
    """What an HTTP status means where the vendor says nothing more exact."""
    match status:
        case 401 | 403 | 407:
            return FailureKind.AUTH
        case 402:
            return FailureKind.MONEY
        case 404:
            return FailureKind.NOT_FOUND
        case 413:
            return FailureKind.TOO_LONG
        case 429:
            return FailureKind.RATE
        case 408 | 409 | 425 | 499:  # the server or a proxy gave up on us; asking again may work
            return FailureKind.OVERLOAD
        case _:
            return FailureKind.OVERLOAD if status >= 500 else FailureKind.BAD_REQUEST


def unreachable(error: BaseException) -> ModelError:
    """A request that got no answer; `error` is the HTTP library's, because the SDKs' own do not say what happened."""
    if isinstance(error, httpx2.TimeoutException):
        where = "connecting" if isinstance(error, httpx2.ConnectTimeout) else "waiting for the answer"
        return ModelError(FailureKind.TIMEOUT, f"timed out {where}")
    return ModelError(FailureKind.NETWORK, brief(str(error)) or type(error).__name__)


def rejected(
    status: int, kind: FailureKind, text: str, headers: Mapping[str, str], *, retry_after: float | None = None
) -> ModelError:
    """An answer that says no, in one sentence."""
    if 300 <= status < 400:
        # Followed, it could carry the key to another host.
        text = "redirects are not followed; set the base URL to where the API really is"
    if status == 401:
        text = "the key was not accepted"  # vendors quote parts of it
    message = f"HTTP {status}: {brief(text) or kind.value}"
    if retry_after is None:
        retry_after = seconds_to_wait(headers.get("retry-after"), datetime.now(UTC))
    return ModelError(kind, message, retry_after=retry_after)


def seconds_to_wait(header: str | None, now: datetime) -> float | None:
    """A Retry-After header, seconds or a date, as seconds from `now`; None if there is none or it is nonsense."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            until = email.utils.parsedate_to_datetime(header)
        except ValueError:
            return None
        seconds = (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def unfenced(text: str) -> str:
    """The text without one code fence around the whole of it, which models add whose vendor enforces no JSON."""
    found = re.fullmatch(r"\s*```(?:json)?\s*\n(.*)\n\s*```\s*", text, re.DOTALL)
    return found[1] if found else text


def brief(text: str) -> str:
    """The first 200 characters of a vendor's words on one line, without keys and passwords."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[:2000]).split())
    return _SHAPES_OF_KEYS.sub("[key]", _USERINFO.sub("", line))[:200]
