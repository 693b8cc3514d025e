"""How many requests GitHub takes: so many an hour, and so much new content a minute."""

from collections import deque

from github_server.exchange import RefusedError
from github_server.shapes import time

CONTENT_A_MINUTE = 80
_SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    " If you reach out to GitHub Support for help, please include the request ID."
)


class Limits:
    """Counts for all tokens together. `remaining` may be set by a test."""

    limit = 1_000

    def __init__(self, clock):
        self._clock = clock
        self.remaining = self.limit
        self.reset = int(clock()) + 3_600
        self._content = deque()

    def headers(self, resource):
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(self.remaining, 0)),
            "X-RateLimit-Used": str(self.limit - max(self.remaining, 0)),
            "X-RateLimit-Reset": str(self.reset),
            "X-RateLimit-Resource": resource,
        }

    def shape(self):
        remaining = max(self.remaining, 0)
        return {
            "limit": self.limit,
            "remaining": remaining,
            "reset": self.reset,
            "used": self.limit - remaining,
        }

    def graph_shape(self):
        shape = self.shape()
        reset = time(shape.pop("reset"))
        return shape | {"cost": 1, "nodeCount": 1, "resetAt": reset}

    @property
    def exhausted(self):
        return self.remaining <= 0 and self._clock() < self.reset

    def spend(self):
        if self._clock() >= self.reset:
            self.remaining, self.reset = self.limit, int(self._clock()) + 3_600
        if self.exhausted:
            raise RefusedError(403, "API rate limit exceeded for installation ID 1.")
        self.remaining -= 1

    def give_back(self):
        self.remaining += 1

    def create_content(self):
        now = self._clock()
        while self._content and self._content[0] <= now - 60:
            self._content.popleft()
        if len(self._content) >= CONTENT_A_MINUTE:
            raise secondary(60)
        self._content.append(now)


def secondary(retry_after=None, status=403):
    return RefusedError(
        status, _SECONDARY, **({"Retry_After": str(retry_after)} if retry_after is not None else {})
    )
