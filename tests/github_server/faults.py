"""What goes wrong on purpose."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from github_server.exchange import Answer
from github_server.limits import secondary

_MESSAGES = {
    401: "Bad credentials",
    404: "Not Found",
    422: "Unprocessable Entity",
    500: "Server Error",
    502: "Server Error",
    503: "Service Unavailable",
}


@dataclass
class Fault:
    """Strikes requests of this method whose path, below the API's root, and body match.

    `status` 0 cuts the connection; 403 and 429 are the secondary limit, unless there is a `message`.
    """

    method: str
    path: re.Pattern
    status: int | None = 502
    after_write: bool = False
    times: int = 1
    skip: int = 0
    retry_after: int | None = None
    message: str | None = None
    containing: str = ""
    body: object = None
    action: Callable | None = None

    def strikes(self, request, text):
        """Whether this request is one of them; counts it."""
        if request.method != self.method or not self.path.search(request.path) or self.containing not in text:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return self.times >= 0

    def answer(self):
        if self.status in {403, 429} and self.message is None and self.body is None:
            return secondary(self.retry_after, self.status).answer
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        body = (
            {"message": self.message or _MESSAGES.get(self.status, "Error")}
            if self.body is None
            else self.body
        )
        return Answer(body, self.status, headers)
