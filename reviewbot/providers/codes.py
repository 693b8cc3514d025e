"""What OpenAI's error codes mean, wherever its protocols are spoken."""

from __future__ import annotations

from reviewbot.errors import FailureKind

#: By `error.code`, of an HTTP error or of a response that failed.
KINDS = {
    "insufficient_quota": FailureKind.MONEY,
    "billing_hard_limit_reached": FailureKind.MONEY,
    "context_length_exceeded": FailureKind.TOO_LONG,
    "rate_limit_exceeded": FailureKind.RATE,
    "server_error": FailureKind.OVERLOAD,
    "invalid_api_key": FailureKind.AUTH,
    "batch_expired": FailureKind.TIMEOUT,
}


def declined(code: str | None) -> bool:
    """Whether the code says that the vendor will not have this text answered; new policies get new codes."""
    return code in {"invalid_prompt", "content_filter"} or "policy" in (code or "")
