"""Gemini, through Google's Gemini API."""

from __future__ import annotations

import re
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


class GoogleModel:
    """One Gemini model; one request a call, without continuation and tools of the SDK."""

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
        try:
            answer = await self._client.aio.models.generate_content(
                model=self.spec.id,
                contents=[
                    types.Part(text=http.encodable(prompt.prefix)),
                    types.Part(text=http.encodable(prompt.task)),
                ],
                config=_config(self.spec, prompt, seconds),
            )
        except errors.APIError as error:
            raise _failure(error) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise http.unreachable(error) from error
        except (errors.UnknownApiResponseError, UnicodeDecodeError, RecursionError) as error:
            # The SDK decodes the body of an error before it looks at the status.
            raise ModelError(
                FailureKind.OVERLOAD, f"the answer cannot be read: {http.brief(str(error))}"
            ) from error
        raw = answer.sdk_http_response or types.HttpResponse()
        return _completion(raw.body or "")

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()
        self._client.close()


build = GoogleModel


def _config(spec: ModelSpec, prompt: Prompt, seconds: float) -> types.GenerateContentConfig:
    # No temperature: Gemini 4 ignores it. Thinking stays the model's default, in every stage alike,
    # because a change would void the prompt cache, which Gemini keeps by itself for equal beginnings.
    return types.GenerateContentConfig(
        system_instruction=http.encodable(prompt.system),
        response_mime_type="application/json",
        response_json_schema=replies.schema(),
        max_output_tokens=catalog.output_limit(spec),
        automatic_continuation=False,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        # Raw: the SDK's own parsing warns about, or dies of, what it does not expect.
        should_return_http_response=True,
        http_options=types.HttpOptions(timeout=max(1, round(seconds * 1000))),  # milliseconds
    )


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
    # The one case without a code of its own.
    if error.code == 400 and "input token count" in str(error.message).lower():
        return FailureKind.TOO_LONG
    return http.kind_of(error.code)
