"""GitHub's API for one repository: reads that try again, writes that do not land twice, failures as one sentence."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from github import Auth, Github
from github.GithubException import (
    BadAttributeException,
    GithubException,
    RateLimitExceededExceedsMaxWait,
    RateLimitExceededException,
)

from reviewbot.errors import SourceError, UsageError
from reviewbot.github.patience import Meter, Patience
from reviewbot.sanitize import Sanitizer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_API_VERSION = "2022-11-28"
#: Seconds for one answer.
_TIMEOUT = 30
#: Seconds until what GitHub has written can be read.
SETTLE = 2.0
#: Writes that go out one after the other, and the seconds before each further one: GitHub allows about 80 in a minute.
AT_ONCE, BREAK = 20, 1.0
#: Entries of one page of a list, GitHub's maximum.
PAGE = 100
#: Characters of GitHub's own words in a message.
_WORDS = 300
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
#: How a 403 begins that no waiting and no other value will change.
_NOT_ALLOWED = ("resource not accessible by", "you must authenticate via a github app")
#: How GraphQL says that a part of the answer does not exist; the part is then null.
_NOT_THERE = "Could not resolve"


class GitHubError(SourceError):
    """GitHub did not do what it was asked. `status` is that of its answer, 0 where no usable one came."""

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class ReadOnlyError(GitHubError):
    """The token may not do this, whatever is sent: one of a fork, or of a job without the permission."""


def breaks() -> Iterator[float]:
    """Seconds to wait before each write of a run."""
    return chain(repeat(0.0, AT_ONCE), repeat(BREAK))


class Client:
    """GitHub's API, as one token sees one repository.

    `settle` is how many seconds to wait before looking for a write whose answer was lost. `reads` and `writes` are PyGithub, lazy: objects cost no request until something of them is read. They differ in
    what is sent again. Calls through them belong inside `told`.
    """

    def __init__(
        self,
        *,
        token: str,
        api_url: str,
        repository: str,
        graphql_url: str = "",
        pause: bool = True,
    ) -> None:
        """Without a `graphql_url` it is where GitHub has it beside its API. `pause=False` never waits: not between requests, not before repeating one."""
        if not token:
            raise UsageError("there is no token for GitHub; set GITHUB_TOKEN")
        if not _REPOSITORY.fullmatch(repository):
            raise UsageError(f"{repository[:100]!r} is not a repository; write owner/name")
        self.repository = repository
        self.settle = SETTLE if pause else 0.0
        self._graphql_url = graphql_url
        self._host = urlsplit(api_url).netloc
        self._sanitizer = Sanitizer([token])
        self._meter = Meter()
        common: dict[str, Any] = {
            "auth": _Counted(token, self._meter),
            "base_url": api_url,
            "user_agent": "reviewbot",
            "per_page": PAGE,
            "lazy": True,
            "timeout": _TIMEOUT,
            "api_version": _API_VERSION,
            # One after the other, reads stay below GitHub's 900 a minute by themselves; writes have `_breaks`.
            "seconds_between_requests": 0,
            "seconds_between_writes": 0,
        }
        self.reads = Github(retry=Patience.of_reads(self._meter, pause=pause), **common)
        self.writes = Github(retry=Patience.of_writes(self._meter, pause=pause), **common)
        self._breaks = breaks() if pause else repeat(0.0)

    @property
    def calls(self) -> int:
        """Requests sent so far, repetitions included."""
        return self._meter.sent

    def close(self) -> None:
        """Close the connections."""
        self.reads.close()
        self.writes.close()

    def get(self, path: str, **parameters: str | int) -> Any:  # noqa: ANN401  # JSON; its readers check it
        """What GitHub has at `path`, which is relative to the repository and already quoted."""
        return self._sent(self.reads, "GET", self._url(path), parameters)[1]

    def get_any(self, path: str) -> Any:  # noqa: ANN401  # as in `get`
        """What GitHub has at `path` below the root of its API, outside of the repository."""
        return self._sent(self.reads, "GET", path, {})[1]

    def pages(self, path: str, *, limit: int) -> list[Any]:
        """The entries of a list, at most `limit` and a page."""
        found: list[Any] = []
        page = 0
        while page * PAGE < limit:
            page += 1
            headers, entries = self._sent(
                self.reads, "GET", self._url(path), {"per_page": PAGE, "page": page}
            )
            if not isinstance(entries, list):
                raise GitHubError(f"GitHub's answer to GET {self._url(path)} is not a list")
            found += entries
            if 'rel="next"' not in headers.get("link", ""):
                break
        return found

    def send(self, verb: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401  # as in `get`
        """What GitHub answers to a write, sent once."""
        return self._sent(self.writes, verb, self._url(path), {}, body)[1]

    def graphql(self, query: str, variables: Mapping[str, Any], *, write: bool = False) -> Mapping[str, Any]:
        """The `data` of the answer. What does not exist is None in it; any other error raises GitHubError."""
        github = self.writes if write else self.reads
        body = {"query": query, "variables": variables}
        url = self._graphql_url or github.requester.graphql_url
        _, answer = self._sent(github, "POST", url, {}, body)
        data, errors = (
            (answer.get(key) for key in ("data", "errors")) if isinstance(answer, dict) else (None, None)
        )
        told = [error for error in errors or () if not _absent(error)] if isinstance(errors, list) else []
        if told or not isinstance(data, dict):
            raise self._graphql_error(told)
        return data

    @contextmanager
    def told(self, doing: str) -> Iterator[None]:
        """Turn what PyGithub raises into GitHubError; `doing` is what was asked, for the message."""
        try:
            yield
        except GithubException as error:
            raise self._refusal(error, doing) from error
        except requests.RequestException as error:
            raise GitHubError(f"{self._host} {_silence(error)}; {doing} was not answered") from error
        except (AssertionError, BadAttributeException, RuntimeError, ValueError) as error:
            # PyGithub's words for an answer that is not JSON, points to another host or has the wrong types.
            raise GitHubError(f"the answer of {self._host} to {doing} is not one of GitHub's API") from error

    def _url(self, path: str) -> str:
        return f"/repos/{self.repository}{path}"

    def _sent(
        self,
        github: Github,
        verb: str,
        url: str,
        parameters: Mapping[str, str | int],
        body: Mapping[str, Any] | None = None,
    ) -> tuple[dict[str, Any], Any]:
        if github is self.writes:
            time.sleep(next(self._breaks))
        with self.told(f"{verb} {urlsplit(url).path}"):
            return github.requester.requestJsonAndCheck(verb, url, dict(parameters), input=body)

    def _refusal(self, error: GithubException, doing: str) -> GitHubError:
        status, said = error.status, self._sanitizer.line(_words(error), _WORDS)
        if isinstance(error, RateLimitExceededExceedsMaxWait):
            wait = f"{error.wait or 0:.0f} seconds"
            return GitHubError(
                f"GitHub's rate limit is used up; it opens in {wait}, run again then", status=status
            )
        if isinstance(error, RateLimitExceededException):
            return GitHubError(
                f"GitHub's rate limit is used up; {doing} was refused, run again later", status=status
            )
        if status == 401:
            return GitHubError("GitHub does not know the token (401); is it expired?", status=status)
        if status == 403 and said.lower().startswith(_NOT_ALLOWED):
            needed = self._sanitizer.line((error.headers or {}).get("x-accepted-github-permissions", ""))
            remedy = f"; it needs {needed}" if needed else ""
            return ReadOnlyError(f"the token may not do {doing}: {said}{remedy}", status=status)
        hint = "; does it exist, and may the token see it?" if status == 404 else ""
        return GitHubError(f"GitHub answered {status} to {doing}: {said or 'nothing'}{hint}", status=status)

    def _graphql_error(self, errors: list[Any]) -> GitHubError:
        first = errors[0] if errors and isinstance(errors[0], dict) else {}
        said = self._sanitizer.line(str(first.get("message", "no data")), _WORDS)
        if first.get("type") == "FORBIDDEN":
            return ReadOnlyError(f"the token may not do this: {said}", status=403)
        if first.get("type") == "RATE_LIMITED":
            return GitHubError("GitHub's rate limit is used up; run again later", status=429)
        return GitHubError(f"GitHub's GraphQL answered: {said}", status=200)


class _Counted(Auth.Token):
    """A token that counts the requests it is put on."""

    def __init__(self, token: str, meter: Meter) -> None:
        super().__init__(token)
        self._meter = meter

    def authentication(self, headers: dict[str, Any]) -> None:
        self._meter.sent += 1
        super().authentication(headers)


def _absent(error: object) -> bool:
    return isinstance(error, dict) and (
        error.get("type") == "NOT_FOUND" or str(error.get("message", "")).startswith(_NOT_THERE)
    )


def _words(error: GithubException) -> str:
    """What GitHub said, with the reasons it listed."""
    data = error.data if isinstance(error.data, dict) else {}
    reasons = [
        str(reason.get("message") or reason.get("code") or reason)
        if isinstance(reason, dict)
        else str(reason)
        for reason in data.get("errors") or ()
    ]
    return ": ".join(filter(None, [str(data.get("message") or ""), ", ".join(reasons)]))


def _silence(error: requests.RequestException) -> str:
    """Why no answer came. Never the exception's own words: they can hold the URL of a proxy, with its password."""
    words = (
        (requests.exceptions.ProxyError, "cannot be reached through the proxy"),
        (requests.exceptions.SSLError, "has a certificate that cannot be verified"),
        (requests.exceptions.Timeout, "did not answer in time"),
        (requests.exceptions.ConnectionError, "cannot be reached, or broke off"),
    )
    return next((text for kind, text in words if isinstance(error, kind)), "gave no usable answer")
