"""What can go wrong, as one tree, and the exit status each branch ends in.

ReviewbotError         70
├── UsageError          2  flags, files and values given by the user
│   └── ConfigError     2  .reviewbot.yml
├── SourceError         4  git or GitHub did not deliver the change
└── ModelError             one call to one model failed; never leaves the pipeline
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Exit(IntEnum):
    """Exit statuses of every command; part of the contract."""

    PASSED = 0
    BLOCKED = 1
    USAGE = 2
    INCONCLUSIVE = 3
    SOURCE = 4
    INTERNAL = 70
    INTERRUPTED = 130


class ReviewbotError(Exception):
    """A failure with a sentence for the user: it names the thing, then the remedy."""

    exit = Exit.INTERNAL


class UsageError(ReviewbotError):
    """The command line, or a file it names, cannot be used."""

    exit = Exit.USAGE


class ConfigError(UsageError):
    """The configuration is broken or cannot be met."""


class SourceError(ReviewbotError):
    """Git or GitHub failed."""

    exit = Exit.SOURCE


class FailureKind(StrEnum):
    """Why a model gave no usable answer. The words appear in reports."""

    AUTH = "not authorised"
    MONEY = "account empty"
    NOT_FOUND = "no such model"
    RATE = "rate limited"
    OVERLOAD = "server error"
    NETWORK = "not reachable"
    TIMEOUT = "timed out"
    TOO_LONG = "input too long"
    BAD_REQUEST = "request rejected"
    TRUNCATED = "answer cut off"
    REFUSED = "declined"
    UNPARSABLE = "answer not JSON"
    OFF_SCHEMA = "answer off schema"
    UNREADABLE = "cannot read the language"
    BUDGET = "over budget"
    LEAKED = "leaked its instructions"


class ModelError(ReviewbotError):
    """One call failed. Adapters raise it; `asking` turns it into a value."""

    def __init__(self, kind: FailureKind, message: str, *, retry_after: float | None = None) -> None:
        """`retry_after` is in seconds, as asked for by the server."""
        super().__init__(message)
        self.kind = kind
        self.retry_after = retry_after
