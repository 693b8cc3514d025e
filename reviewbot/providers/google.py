"""Gemini, through Google's Gemini API."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx2
from google import genai
from google.genai import errors, types
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from reviewbot import catalog, replies
from reviewbot.errors import FailureKind, ModelError
from reviewbot.llm import Completion, Stop, Usage
from reviewbot.providers import http

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reviewbot.endpoints import Access
    from reviewbot.llm import ModelSpec, Prompt

BASE_URL = "https://generativelanguage.googleapis.com"

#: v1beta has every parameter we send, is what gateways and test servers offer, and is not read from the environment.
API_VERSION = "v1beta"

_STOPS = {
    "STOP": Stop.COMPLETE,
    "MAX_TOKENS": Stop.TRUNCATED,
    **dict.fromkeys(
        (
            "SAFETY",
            "RECITATION",
            "LANGUAGE",
            "BLOCKLIST",
            "PROHIBITED_CONTENT",
            "SPII",
            "ESCALATION",
            "PUP_LIMITED_DISABLED",
            "MODEL_ARMOR",
        ),
        Stop.REFUSED,
    ),
}


#: How a batch job can end without all of its answers.
_ENDED_EARLY = {
    "JOB_STATE_FAILED": (FailureKind.BAD_REQUEST, "the batch failed"),
    "JOB_STATE_CANCELLED": (FailureKind.BAD_REQUEST, "the batch was cancelled before it was answered"),
    "JOB_STATE_EXPIRED": (FailureKind.TIMEOUT, "the batch expired before it was answered"),
}
#: What the SDK raises of bodies that are not as it expects: it decodes that of an error before it looks at the status,
#: and takes that of a batch apart as it comes.
_UNREAD = (errors.UnknownApiResponseError, UnicodeDecodeError, RecursionError)
_UNREAD_BATCH = (ValueError, AttributeError, TypeError, RecursionError)
_ENDED = frozenset({"JOB_STATE_SUCCEEDED", "JOB_STATE_PARTIALLY_SUCCEEDED"})
#: By code of gRPC, which is what a question of a batch fails with; all others are the server's failures.
_STATUSES = {
    3: FailureKind.BAD_REQUEST,
    5: FailureKind.NOT_FOUND,
    7: FailureKind.AUTH,
    8: FailureKind.RATE,
    9: FailureKind.BAD_REQUEST,
    11: FailureKind.BAD_REQUEST,
    16: FailureKind.AUTH,
}


class GoogleModel:
    """One Gemini model; one request a call, without continuation and tools of the SDK."""

    batch_bytes = 20_000_000  # of requests in the call itself, as the documentation of the Batch API says

    def __init__(self, spec: ModelSpec, access: Access) -> None:
        self.spec = spec
        # Ours, so that redirects are not followed and an installed aiohttp is not picked up, which retries.
        self._http = httpx2.AsyncClient(verify=http.trust(), follow_redirects=False)
        self._client = genai.Client(
            api_key=access.key,
            enterprise=False,
            http_options=types.HttpOptions(
                base_url=access.base_url or BASE_URL,
                api_version=API_VERSION,
                httpx_async_client=self._http,
                # Never used, but the SDK would read the certificates twice more for them.
                httpx_client=httpx2.Client(verify=http.trust()),
                async_client_args={"ssl": http.trust()},
            ),
        )

    def reads(self, path: str) -> bool:  # noqa: ARG002 - part of the Model protocol
        """A language model reads every language."""
        return True

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:
        """Ask once. Raises ModelError."""
        asked = self.request(prompt)
        alone = {
            # Raw: the SDK's own parsing warns about, or dies of, what it does not expect.
            "should_return_http_response": True,
            "http_options": _limit(seconds),
        }
        with _translated(_UNREAD):
            answer = await self._client.aio.models.generate_content(
                model=self.spec.id, contents=asked["contents"], config=asked["config"] | alone
            )
        raw = answer.sdk_http_response or types.HttpResponse()
        return _completion(raw.body or "")

    def request(self, prompt: Prompt) -> dict[str, Any]:
        """What the SDK makes a request of, asked alone or in a batch."""
        return _request(self.spec, prompt)

    async def submit(self, requests: Mapping[str, Mapping[str, Any]]) -> str:
        """Start a batch job."""
        listed = [types.InlinedRequest(**asked) for asked in requests.values()]
        config = types.CreateBatchJobConfig(http_options=_limit(http.BATCH_SECONDS), display_name="reviewbot")
        with _translated(_UNREAD_BATCH):
            job = await self._client.aio.batches.create(model=self.spec.id, src=listed, config=config)
        if not job.name:
            raise ModelError(FailureKind.OVERLOAD, "HTTP 200, but there is no batch in it")
        return job.name

    async def collect(self, job: str, ids: Sequence[str]) -> dict[str, Completion | ModelError] | None:
        """What came of a job; answers come in the order of the questions, and say no more than that."""
        config = types.GetBatchJobConfig(http_options=_limit(http.BATCH_SECONDS))
        with _translated(_UNREAD_BATCH):
            found = await self._client.aio.batches.get(name=job, config=config)
        if not found.state:
            raise ModelError(FailureKind.OVERLOAD, "HTTP 200, but there is no batch in it")
        state = found.state.name
        if state in _ENDED_EARLY:
            return dict.fromkeys(ids, ModelError(*_ENDED_EARLY[state]))
        if state not in _ENDED:
            return None
        answers = (found.dest and found.dest.inlined_responses) or []
        if len(answers) != len(ids):
            words = f"the batch has {len(answers)} answers to {len(ids)} questions"
            return dict.fromkeys(ids, ModelError(FailureKind.BAD_REQUEST, words))
        return {
            id_: http.settled(partial(_answered, answer)) for id_, answer in zip(ids, answers, strict=True)
        }

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()
        self._client.close()


build = GoogleModel


def _limit(seconds: float) -> types.HttpOptions:
    return types.HttpOptions(timeout=max(1, round(seconds * 1000)))  # milliseconds


@contextmanager
def _translated(unread: tuple[type[Exception], ...]) -> Iterator[None]:
    """ModelErrors instead of what the SDK raises; `unread` is what it may raise of a body that is not as it expects."""
    try:
        yield
    except errors.APIError as error:
        raise _failure(error) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise http.unreachable(error) from error
    except unread as error:
        raise ModelError(
            FailureKind.OVERLOAD, f"the answer cannot be read: {http.brief(str(error))}"
        ) from error


def _request(spec: ModelSpec, prompt: Prompt) -> dict[str, Any]:
    # No temperature: Gemini 4 ignores it. Thinking stays the model's default, in every stage alike,
    # because a change would void the prompt cache, which Gemini keeps by itself for equal beginnings.
    return {
        "contents": [{"text": http.encodable(prompt.prefix)}, {"text": http.encodable(prompt.task)}],
        "config": {
            "system_instruction": http.encodable(prompt.system),
            "response_mime_type": "application/json",
            "response_json_schema": replies.schema(),
            "max_output_tokens": catalog.output_limit(spec),
            "automatic_continuation": False,
            "automatic_function_calling": {"disable": True},
        },
    }


class _Json(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _Part(_Json):
    text: str = ""
    thought: bool | None = None


class _Content(_Json):
    parts: list[_Part] | None = None


class _Candidate(_Json):
    content: _Content | None = None
    finish_reason: str | None = None


class _Feedback(_Json):
    block_reason: str | None = None


class _Usage(_Json):
    prompt_token_count: int | None = None
    tool_use_prompt_token_count: int | None = None
    cached_content_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None


class _Response(_Json):
    candidates: list[_Candidate] | None = None
    prompt_feedback: _Feedback | None = None
    usage_metadata: _Usage | None = None
    response_id: str | None = None


def _answered(answer: types.InlinedResponse) -> Completion:
    """One answer of a batch. Raises ModelError."""
    if answer.response:
        return _completion(answer.response.model_dump_json(by_alias=True, exclude_none=True))
    error = answer.error or types.JobError()
    kind = _STATUSES.get(error.code or 0, FailureKind.OVERLOAD)
    if _too_long(error.message):
        kind = FailureKind.TOO_LONG
    raise ModelError(kind, f"in a batch: {http.brief(error.message or kind.value)}")


def _completion(body: str) -> Completion:
    response = http.parsed(_Response, body)
    blocked = response.prompt_feedback and response.prompt_feedback.block_reason
    if not response.candidates and not blocked:
        raise ModelError(FailureKind.OVERLOAD, "HTTP 200, but there is no answer in it")
    candidate = response.candidates[0] if response.candidates else _Candidate()
    reason = blocked or candidate.finish_reason or "no finish reason"
    # A reason not listed is one we do not know, or no answer: never a complete one.
    stop = Stop.REFUSED if blocked else _STOPS.get(reason, Stop.TRUNCATED)
    parts = (candidate.content and candidate.content.parts) or []
    return Completion(
        text="".join(part.text for part in parts if not part.thought),
        stop=stop,
        usage=_usage(response.usage_metadata or _Usage()),
        detail="" if stop is Stop.COMPLETE else http.brief(reason),
        request_id=response.response_id or "",
    )


def _usage(usage: _Usage) -> Usage:
    asked, tools, cached, answered, thought = (
        max(0, count or 0)
        for count in (
            usage.prompt_token_count,
            usage.tool_use_prompt_token_count,
            usage.cached_content_token_count,
            usage.candidates_token_count,
            usage.thoughts_token_count,
        )
    )
    return Usage(asked + tools, cached, 0, answered + thought)


def _failure(error: errors.APIError) -> ModelError:
    details = _details(error)
    delays = [
        float(found[1])
        for detail in details
        if (found := re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)s", str(detail.get("retryDelay"))))
    ]
    headers = getattr(error.response, "headers", None) or {}
    text = error.message if isinstance(error.message, str) else str(error.status or "")
    return http.rejected(
        error.code,
        _kind(error, details),
        text,
        headers,
        retry_after=None if "retry-after" in headers else max(delays, default=None),
    )


def _details(error: errors.APIError) -> list[dict[str, Any]]:
    """The machine-readable parts of Google's error format, as far as the body has them."""
    body = error.details.get("error") if isinstance(error.details, dict) else None
    details = body.get("details") if isinstance(body, dict) else None
    return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []


def _kind(error: errors.APIError, details: list[dict[str, Any]]) -> FailureKind:
    if any(detail.get("reason") in {"API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED"} for detail in details):
        return FailureKind.AUTH
    if any(detail.get("reason") in {"BILLING_DISABLED"} for detail in details):
        return FailureKind.MONEY
    if error.code == 429 and "PerDay" in str([detail.get("violations") for detail in details]):
        return FailureKind.MONEY  # a quota of the day does not come back while we wait
    if error.code == 400 and _too_long(error.message):
        return FailureKind.TOO_LONG
    return http.kind_of(error.code)


def _too_long(message: object) -> bool:
    """The one case without a code of its own."""
    return "input token count" in str(message).lower()
