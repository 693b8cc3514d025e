"""Claude, through Anthropic's Messages API."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import anthropic
import httpx2
from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient
from pydantic import BaseModel

from reviewbot import catalog, replies
from reviewbot.errors import FailureKind, ModelError
from reviewbot.llm import Completion, Stop, Usage
from reviewbot.providers import http

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
_BATCHES = "/v1/messages/batches"
_UNHURRIED: Any = {"timeout": http.timeout(http.BATCH_SECONDS)}
#: By `type` of what a batch has instead of an answer.
_UNANSWERED = {
    "expired": (FailureKind.TIMEOUT, "the batch expired before it was answered"),
    "canceled": (FailureKind.BAD_REQUEST, "the batch was cancelled before it was answered"),
}


class AnthropicModel:
    """One Claude model; one request a call, the SDK's retries and its reading of the environment are off."""

    batch_bytes = 256_000_000  # as the documentation of Message Batches says

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
        # Raw: the SDK's own parsing lets broken bodies through as half-filled objects, and takes 0.2 s to import.
        with _translated():
            answer = await self._client.post(
                "/v1/messages",
                cast_to=httpx2.Response,
                body=self.request(prompt),
                options={"timeout": http.timeout(seconds)},
            )
        return _completion(answer.text, answer.headers.get("request-id", ""))

    def request(self, prompt: Prompt) -> dict[str, Any]:
        """What is sent, asked alone or in a batch."""
        return _request(self.spec, prompt)

    async def submit(self, requests: Mapping[str, Mapping[str, Any]]) -> str:
        """Start a batch job."""
        listed = [{"custom_id": id_, "params": body} for id_, body in requests.items()]
        with _translated():
            answer = await self._client.post(
                _BATCHES, cast_to=httpx2.Response, body={"requests": listed}, options=_UNHURRIED
            )
        return http.parsed(_Batch, answer.text).id

    async def collect(self, job: str, ids: Sequence[str]) -> dict[str, Completion | ModelError] | None:  # noqa: ARG002 - each answer says whose it is
        """What came of a job, by id."""
        path = f"{_BATCHES}/{quote(job, safe='')}"
        with _translated():
            answer = await self._client.get(path, cast_to=httpx2.Response, options=_UNHURRIED)
            if http.parsed(_Batch, answer.text).processing_status != "ended":
                return None
            # Not from the address in that answer: it may be of another host, and the key would go there.
            found = await self._client.get(f"{path}/results", cast_to=httpx2.Response, options=_UNHURRIED)
        return {
            line.custom_id: http.settled(partial(_answered, line.result, job))
            for line in http.lines(_Line, found.text)
        }

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


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except anthropic.AnthropicError as error:
        raise _failure(error) from error


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


class _Batch(BaseModel):
    id: str
    processing_status: str


class _Error(BaseModel):
    type: str = ""
    message: str = ""


class _Errored(BaseModel):
    error: _Error = _Error()


class _Result(BaseModel):
    type: str
    message: Any = None
    error: _Errored = _Errored()


class _Line(BaseModel):
    custom_id: str
    result: _Result


def _answered(result: _Result, job: str) -> Completion:
    """The answer in a line of a batch's results. Raises ModelError."""
    if result.type == "succeeded":
        return _completion(json.dumps(result.message), job)
    if result.type in _UNANSWERED:
        raise ModelError(*_UNANSWERED[result.type])
    error = result.error.error
    kind = _TYPES.get(error.type, FailureKind.OVERLOAD)
    if kind is FailureKind.BAD_REQUEST and _too_long(error.message):
        kind = FailureKind.TOO_LONG
    raise ModelError(kind, f"in a batch: {http.brief(error.message) or kind.value}")


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
    if error.status_code == 400 and _too_long(str(error.api_message)):
        return FailureKind.TOO_LONG
    if error.status_code < 300:
        return _TYPES.get(str(error.type), FailureKind.OVERLOAD)
    return http.kind_of(error.status_code)


def _too_long(message: str) -> bool:
    """The one case without a code of its own."""
    return "prompt is too long" in message.lower()
