"""When a request to GitHub is sent again, and how long to wait before."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from github.GithubException import RateLimitExceededExceedsMaxWait, RateLimitExceededException
from github.GithubRetry import GithubRetry

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from urllib3 import BaseHTTPResponse, Retry
    from urllib3.connectionpool import ConnectionPool

#: Seconds. A longer wait for a rate limit is not worth the runner's time.
MAX_WAIT = 120
#: Times that a request waits for a limit to open.
_MAX_WAITS = 2
#: Seconds to wait at a secondary limit that does not say how long. GitHub asks for at least a minute.
_UNSAID = 60
_SERVER_TROUBLE = (500, 502, 503, 504)
_LIMITED = (403, 429)


@dataclass(slots=True)
class Meter:
    """How many requests were sent, repetitions included."""

    sent: int = 0


class Patience(GithubRetry):
    """PyGithub's retries, which obey any Retry-After, up to hours, with one limit for every kind of wait."""

    #: Not 503: where server trouble must not be repeated, a Retry-After beside it changes nothing.
    RETRY_AFTER_STATUS_CODES = frozenset(_LIMITED)

    def __init__(self, meter: Meter, **kwargs: Any) -> None:  # noqa: ANN401  # those of GithubRetry, passed on
        super().__init__(**kwargs)
        self.meter = meter

    @classmethod
    def of_reads(cls, meter: Meter, *, pause: bool) -> Patience:
        """Everything that may go better the next time is tried again."""
        return cls(
            meter,
            total=5,
            backoff_factor=0.5 if pause else 0,
            status_forcelist=[*_SERVER_TROUBLE, 429],
            raise_on_status=False,
            secondary_rate_wait=_UNSAID if pause else 0,
            max_rate_limit_wait=MAX_WAIT,
        )

    @classmethod
    def of_writes(cls, meter: Meter, *, pause: bool) -> Patience:
        """Only what GitHub says it did not do is tried again: a write whose answer was lost may have landed."""
        return cls(
            meter,
            total=2,
            read=0,
            other=0,
            allowed_methods=["POST", "PATCH", "PUT", "DELETE"],
            status_forcelist=[429],
            raise_on_status=False,
            secondary_rate_wait=_UNSAID if pause else 0,
            max_rate_limit_wait=MAX_WAIT,
        )

    def new(self, **kw: Any) -> Self:  # noqa: ANN401  # as in urllib3
        """As in urllib3: a copy for the next attempt."""
        return super().new(meter=self.meter, **kw)

    def increment(  # type: ignore[override]  # the base class narrows urllib3's in the same way
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Retry:
        """The patience left for the next attempt. Raises where there is none, or the wait is too long."""
        asked = 0.0
        if response is not None and response.status in _LIMITED:
            asked = _asked(self, response)
            if asked > MAX_WAIT:
                response.drain_conn()  # nobody else will, and it would stay open
                raise RateLimitExceededExceedsMaxWait(
                    response.status, None, dict(response.headers), wait=asked
                )
            if sum(attempt.status in _LIMITED for attempt in self.history) == _MAX_WAITS:
                response.drain_conn()
                raise RateLimitExceededException(response.status, None, dict(response.headers))
        made = super().increment(method, url, response, error, _pool, _stacktrace)  # type: ignore[arg-type]  # ditto
        if response is not None and response.status == 429:  # the base class knows these limits as 403 only
            wait = max(asked, self.secondary_rate_wait)
            made.get_backoff_time = lambda: wait  # type: ignore[method-assign]  # as the base class does it
        self.meter.sent += 1
        return made


def _asked(retry: Retry, response: BaseHTTPResponse) -> float:
    """Seconds that the headers of an answer ask to wait, 0 where they do not say."""
    after = retry.get_retry_after(response)
    if after is not None:
        return after
    reset = response.headers.get("X-RateLimit-Reset", "")
    if response.headers.get("X-RateLimit-Remaining") == "0" and reset.isdecimal():
        return max(0.0, int(reset) - time.time() + 1)
    return 0.0
