"""Claude, through Anthropic's Messages API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anthropic
import httpx2
from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient
from pydantic import BaseModel

from reviewbot import catalog, replies
from reviewbot.errors import FailureKind, ModelError
from reviewbot.llm import Completion, Stop, Usage
from reviewbot.providers import http

if TYPE_CHECKING:
    from reviewbot.endpoints import Access
    from reviewbot.llm import ModelSpec, Prompt

BASE_URL = "https://api.anthropic.com"

_STOPS = {"end_turn": Stop.COMPLETE, "max_tokens": Stop.TRUNCATED, "refusal": Stop.REFUSED}

#: By `error.details.error_code`, where the status alone says less.
_CODES = {
    "enforced_spend_limit_reached": FailureKind.MONEY,
    "contract_spend_limit_reached": FailureKind.MONEY,
    "organization_on_hold": FailureKind.AUTH,
}
#: By `error.type`, for errors that come without an HTTP error status.
_TYPES = {
    "authentication_error": FailureKind.AUTH,
    "permission_error": FailureKind.AUTH,
    "billing_error": FailureKind.MONEY,
    "rate_limit_error": FailureKind.RATE,
    "invalid_request_error": FailureKind.BAD_REQUEST,
    "not_found_error": FailureKind.NOT_FOUND,
}


class AnthropicModel:
    """One Claude model; one request a call, the SDK's retries and its reading of the environment are off."""

    def __init__(self, spec: ModelSpec, access: Access) -> None:
        self.spec = spec
        self._client = AsyncAnthropic(
            api_key=access.key,
            base_url=access.base_url or BASE_URL,
            max_retries=0,
            open_telemetry=False,
            http_client=DefaultAsyncHttpxClient(verify=http.trust(), follow_redirects=False),
        )

    def reads(self, path: str) -> bool:  # noqa: ARG002 - part of the Model protocol
        """A language model reads every language."""
        return True

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:
        """Ask once. Raises ModelError."""
        try:
            # Raw: the SDK's own parsing lets broken bodies through as half-filled objects, and takes 0.2 s to import.
            answer = await self._client.post(
                "/v1/messages",
                cast_to=httpx2.Response,
                body=_request(self.spec, prompt),
                options={"timeout": http.timeout(seconds)},
            )
        except anthropic.AnthropicError as error:
            raise _failure(error) from error
        return _completion(answer.text, answer.headers.get("request-id", ""))

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()


build = AnthropicModel


def _request(spec: ModelSpec, prompt: Prompt) -> dict[str, Any]:
    # No temperature: this API version rejects any. Thinking and effort stay the model's defaults,
    # in every stage alike, because a change of either would void the prompt cache.
    return {
        "model": spec.id,
        "max_tokens": catalog.output_limit(spec),
        "system": [{"type": "text", "text": http.encodable(prompt.system)}],
        "messages": [
            {
                "role": "user",
                "content": [
                    {
                        "type": "text",
                        "text": http.encodable(prompt.prefix),
                        "cache_control": {"type": "ephemeral"},
                    },
                    {"type": "text", "text": http.encodable(prompt.task)},
                ],
            }
        ],
        "output_config": {"format": {"type": "json_schema", "schema": replies.schema()}},
    }


class _Block(BaseModel):
    type: str
    text: str = ""


class _StopDetails(BaseModel):
    category: str | None = None


class _Usage(BaseModel):
    input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    output_tokens: int | None = None


class _Message(BaseModel):
    content: list[_Block]
    stop_reason: str | None = None
    stop_details: _StopDetails | None = None
    usage: _Usage | None = None


def _completion(body: str, request_id: str) -> Completion:
    message = http.parsed(_Message, body)
    if message.stop_reason == "model_context_window_exceeded":
        raise ModelError(FailureKind.TOO_LONG, "question and answer together exceed the model's window")
    detail = (
        (message.stop_details and message.stop_details.category) or message.stop_reason or "no stop reason"
    )
    # A reason not listed is one we did not ask for or do not know: never a complete answer.
    stop = _STOPS.get(message.stop_reason or "", Stop.TRUNCATED)
    return Completion(
        text="".join(block.text for block in message.content if block.type == "text"),
        stop=stop,
        usage=_usage(message.usage or _Usage()),
        detail="" if stop is Stop.COMPLETE else http.brief(detail),
        request_id=request_id,
    )


def _usage(usage: _Usage) -> Usage:
    # Anthropic counts cache reads and writes beside the input, we count them in it.
    fresh, written, read = (
        max(0, count or 0)
        for count in (usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens)
    )
    return Usage(fresh + written + read, read, written, max(0, usage.output_tokens or 0))


def _failure(error: anthropic.AnthropicError) -> ModelError:
    if isinstance(error, anthropic.APIStatusError):
        text = error.api_message if isinstance(error.api_message, str) else error.response.text
        return http.rejected(error.status_code, _kind(error), text, error.response.headers)
    if isinstance(error, anthropic.APIConnectionError):
        return http.unreachable(error.__cause__ or error)
    if isinstance(error, anthropic.CredentialsError):
        return ModelError(FailureKind.AUTH, http.brief(str(error)))
    return ModelError(FailureKind.OVERLOAD, http.brief(str(error)) or type(error).__name__)


def _kind(error: anthropic.APIStatusError) -> FailureKind:
    if error.error_code in _CODES:
        return _CODES[error.error_code]
    # The one case without a code of its own.
    if error.status_code == 400 and "prompt is too long" in str(error.api_message).lower():
        return FailureKind.TOO_LONG
    if error.status_code < 300:
        return _TYPES.get(str(error.type), FailureKind.OVERLOAD)
    return http.kind_of(error.status_code)
