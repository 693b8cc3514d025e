"""Any model behind OpenAI's chat completions: DeepSeek, Ollama, and whatever server a configuration names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2
from pydantic import BaseModel, Field, ValidationError

from reviewbot import catalog, endpoints, replies
from reviewbot.context import estimate_tokens
from reviewbot.errors import FailureKind, ModelError
from reviewbot.llm import Completion, Json, Stop, Usage
from reviewbot.providers import codes, http

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewbot.endpoints import Access
    from reviewbot.llm import ModelSpec, Prompt

#: Where those are that need no address in the configuration.
BASE_URLS = {"deepseek": "https://api.deepseek.com", "ollama": endpoints.OLLAMA}

_STOPS = {"stop": Stop.COMPLETE, "length": Stop.TRUNCATED, "content_filter": Stop.REFUSED}

#: Endings that say the server failed, not the model: DeepSeek's when it is out of machines, OpenRouter's for an error upstream.
_BROKE_OFF = {"insufficient_system_resource", "error"}

#: A text that was read whole has at least this share of the tokens we estimate, whichever tokenizer counted it.
_LEAST_SHARE = 0.5
#: Windows are multiples of it, and a prompt that was cut fills the window to the last token.
_WINDOWS_STEP = 1024


class ChatModel:
    """One model; one request a call, made without an SDK: the protocol is one POST, and nobody enforces more."""

    def __init__(self, spec: ModelSpec, access: Access) -> None:
        self.spec = spec
        self._url = f"{access.base_url or BASE_URLS[spec.provider]}/chat/completions"
        self._client = httpx2.AsyncClient(
            verify=http.trust(),
            follow_redirects=False,
            headers={"authorization": f"Bearer {access.key}"} if access.key else {},
        )

    def reads(self, path: str) -> bool:  # noqa: ARG002 - part of the Model protocol
        """A language model reads every language."""
        return True

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:
        """Ask once. Raises ModelError."""
        body = request(self.spec, prompt)
        try:
            answer = await self._client.post(self._url, json=body, timeout=http.timeout(seconds))
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise http.unreachable(error) from error
        request_id = answer.headers.get("x-request-id", "")
        if answer.status_code != 200:
            return _rejected(answer.status_code, answer.text, answer.headers, request_id)
        return _completion(self.spec, body, answer.text, request_id)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()


build = ChatModel


def request(spec: ModelSpec, prompt: Prompt) -> dict[str, Any]:
    """The body. The three texts are two strings: DeepSeek refuses lists of parts, and some templates two user turns."""
    system, user = http.encodable(prompt.system), http.encodable(f"{prompt.prefix}\n{prompt.task}")
    # OpenAI's own models want the newer name of the limit, other servers may know the older one only.
    limit = "max_completion_tokens" if spec.family == "gpt" and "oss" not in spec.id else "max_tokens"
    return {
        "model": spec.id,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        limit: catalog.output_limit(spec),
        **_response_format(spec.json),
    }


def _response_format(enforced: Json) -> dict[str, Any]:
    match enforced:
        case Json.SCHEMA:
            schema = {"name": "reply", "strict": True, "schema": replies.schema()}
            return {"response_format": {"type": "json_schema", "json_schema": schema}}
        case Json.OBJECT:
            return {"response_format": {"type": "json_object"}}
        case Json.TEXT:
            return {}


class _Message(BaseModel):
    content: str | None = None  # what a model thinks before it answers comes in fields of its own
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _PromptDetails(BaseModel):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    prompt_tokens_details: _PromptDetails | None = None
    prompt_cache_hit_tokens: int | None = None  # DeepSeek's
    completion_tokens: int | None = None


class _Error(BaseModel):
    message: str | None = None
    code: str | int | None = None
    type: str | None = None


class _Failed(BaseModel):
    error: _Error


class _Response(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


def _completion(spec: ModelSpec, body: Mapping[str, Any], text: str, request_id: str) -> Completion:
    failed = _error(text)
    if failed:  # OpenRouter says 200 before it knows
        status = failed.code if isinstance(failed.code, int) and 400 <= failed.code < 600 else 500
        return _rejected(status, text, {}, request_id)
    response = http.parsed(_Response, text)
    usage = response.usage or _Usage()
    _check_read_whole(spec, body, usage.prompt_tokens)
    choice = response.choices[0]
    reason = choice.finish_reason or "no finish reason"
    if reason in _BROKE_OFF:
        raise ModelError(FailureKind.OVERLOAD, f"the answer broke off: {reason}")
    # A reason not listed is one we do not know: never a complete answer.
    stop = Stop.REFUSED if choice.message.refusal else _STOPS.get(reason, Stop.TRUNCATED)
    content = choice.message.content or ""
    return Completion(
        text=http.unfenced(content) if spec.json is Json.TEXT else content,
        stop=stop,
        usage=_usage(usage),
        detail="" if stop is Stop.COMPLETE else http.brief(choice.message.refusal or reason),
        request_id=request_id,
    )


def _usage(usage: _Usage) -> Usage:
    details = usage.prompt_tokens_details or _PromptDetails()
    cached = details.cached_tokens or usage.prompt_cache_hit_tokens
    counts = (usage.prompt_tokens, cached, details.cache_write_tokens, usage.completion_tokens)
    return Usage(*(max(0, count or 0) for count in counts))


def _check_read_whole(spec: ModelSpec, body: Mapping[str, Any], counted: int | None) -> None:
    """Raises ModelError if a server of one's own cut the prompt down to its window, which Ollama does without a word."""
    if counted is None or not (spec.provider == "ollama" or spec.local):
        return
    estimated = estimate_tokens("".join(message["content"] for message in body["messages"]))
    filled = 0 < counted < estimated and counted % _WINDOWS_STEP == 0
    if filled or counted < estimated * _LEAST_SHARE:
        raise ModelError(
            FailureKind.TOO_LONG,
            f"it read {counted} of about {estimated} tokens and cut the rest; raise its window "
            "(OLLAMA_CONTEXT_LENGTH of the Ollama server), or declare the smaller one under "
            f"providers.{spec.provider}.models",
        )


def _error(text: str) -> _Error | None:
    """The error a body tells of, if it is in OpenAI's format, or in Ollama's older one of a plain string."""
    try:
        return _Failed.model_validate_json(text).error
    except ValidationError:
        pass
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        return None
    words = plain.get("error") if isinstance(plain, dict) else None
    return _Error(message=words) if isinstance(words, str) else None


def _rejected(status: int, text: str, headers: Mapping[str, str], request_id: str) -> Completion:
    """A refusal is an answer, everything else a ModelError."""
    error = _error(text) or _Error()
    code = str(error.code or error.type or "")
    if codes.declined(code):
        return Completion("", Stop.REFUSED, Usage(), http.brief(code), request_id)
    kind = codes.KINDS.get(code) or http.kind_of(status)
    # The one case without a code everywhere.
    if status == 400 and "maximum context length" in (error.message or ""):
        kind = FailureKind.TOO_LONG
    raise http.rejected(status, kind, error.message or text, headers)
