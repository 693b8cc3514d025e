"""GPT, through OpenAI's Responses API."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx2
import openai
from openai import AsyncOpenAI, DefaultAsyncHttpxClient
from pydantic import BaseModel

from reviewbot import catalog, replies
from reviewbot.errors import FailureKind, ModelError
from reviewbot.llm import Completion, Stop, Usage
from reviewbot.providers import codes, http

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reviewbot.endpoints import Access
    from reviewbot.llm import ModelSpec, Prompt

BASE_URL = "https://api.openai.com/v1"

#: Where each request of a batch goes.
_ENDPOINT = "/v1/responses"
#: Seconds until the vendor deletes the files of a batch, which hold the code: a job takes up to a day, and whoever was
#: interrupted may come back after a weekend.
_KEPT = 7 * 86_400
_UNHURRIED: Any = {"timeout": http.timeout(http.BATCH_SECONDS)}
_ENDED = frozenset({"completed", "expired", "cancelled"})


class OpenAIModel:
    """One GPT model; one request a call, the SDK's retries and its reading of the environment are off."""

    batch_bytes = 200_000_000  # as the SDK says at `batches.create`

    def __init__(self, spec: ModelSpec, access: Access) -> None:
        self.spec = spec
        self._client = AsyncOpenAI(
            api_key=access.key,
            base_url=access.base_url or BASE_URL,
            max_retries=0,
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
                "/responses",
                cast_to=httpx2.Response,
                body=self.request(prompt),
                options={"timeout": http.timeout(seconds)},
            )
        except openai.OpenAIError as error:
            if isinstance(error, openai.APIStatusError) and codes.declined(error.code):
                return _declined(error.code, error.request_id)
            raise _failure(error) from error
        return _completion(answer.text, answer.headers.get("x-request-id", ""))

    def request(self, prompt: Prompt) -> dict[str, Any]:
        """What is sent, asked alone or in a batch."""
        return _request(self.spec, prompt)

    async def submit(self, requests: Mapping[str, Mapping[str, Any]]) -> str:
        """Start a batch job."""
        listed = (
            {"custom_id": id_, "method": "POST", "url": _ENDPOINT, "body": body}
            for id_, body in requests.items()
        )
        content = "".join(json.dumps(line) + "\n" for line in listed).encode()
        expires = {"anchor": "created_at", "seconds": _KEPT}
        with _translated():
            file = await self._client.post(
                "/files",
                cast_to=httpx2.Response,
                body={"purpose": "batch", "expires_after": expires},
                files=[("file", ("requests.jsonl", content))],
                options=_UNHURRIED | {"headers": {"content-type": "multipart/form-data"}},
            )
            batch = {
                "input_file_id": http.parsed(_Named, file.text).id,
                "endpoint": _ENDPOINT,
                "completion_window": "24h",
                "output_expires_after": expires,
            }
            answer = await self._client.post(
                "/batches", cast_to=httpx2.Response, body=batch, options=_UNHURRIED
            )
        return http.parsed(_Named, answer.text).id

    async def collect(self, job: str, ids: Sequence[str]) -> dict[str, Completion | ModelError] | None:
        """What came of a job, by id."""
        batch = http.parsed(_Batch, await self._got(f"/batches/{quote(job, safe='')}"))
        if batch.status == "failed":
            return dict.fromkeys(ids, _unfit(batch))
        if batch.status not in _ENDED:
            return None
        files = filter(None, (batch.output_file_id, batch.error_file_id))
        texts = [await self._got(f"/files/{quote(file, safe='')}/content") for file in files]
        return {
            line.custom_id: http.settled(partial(_answered, line))
            for text in texts
            for line in http.lines(_Line, text)
        }

    async def _got(self, path: str) -> str:
        with _translated():
            return (await self._client.get(path, cast_to=httpx2.Response, options=_UNHURRIED)).text

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()


build = OpenAIModel


def _request(spec: ModelSpec, prompt: Prompt) -> dict[str, Any]:
    # No temperature: these models reject any. Reasoning effort stays the model's default,
    # in every stage alike, because a change would void the prompt cache.
    system, prefix, task = map(http.encodable, (prompt.system, prompt.prefix, prompt.task))
    shared: dict[str, Any] = {"type": "input_text", "text": prefix}
    options: dict[str, Any] = {}
    if spec.breakpoints:
        # Explicit alone, or the task behind the breakpoint would be written to the cache and paid for too.
        shared["prompt_cache_breakpoint"] = {"mode": "explicit"}
        options["prompt_cache_options"] = {"mode": "explicit"}
    return {
        "model": spec.id,
        "instructions": system,
        "input": [{"role": "user", "content": [shared, {"type": "input_text", "text": task}]}],
        "text": {
            "format": {"type": "json_schema", "name": "reply", "strict": True, "schema": replies.schema()}
        },
        "max_output_tokens": catalog.output_limit(spec),
        "store": False,  # the vendor's default is to keep the code for 30 days
        # Sends the requests that share a prefix to the machine that has it.
        "prompt_cache_key": hashlib.sha256(f"{system}\0{prefix}".encode()).hexdigest()[:32],
        **options,
    }


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except openai.OpenAIError as error:
        raise _failure(error) from error


class _Part(BaseModel):
    type: str
    text: str = ""
    refusal: str = ""


class _Item(BaseModel):
    type: str
    content: list[_Part] | None = None  # of messages; reasoning has other content, or none


class _InputDetails(BaseModel):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _Usage(BaseModel):
    input_tokens: int | None = None
    input_tokens_details: _InputDetails | None = None
    output_tokens: int | None = None


class _Reason(BaseModel):
    reason: str | None = None


class _Error(BaseModel):
    code: str | None = None
    message: str | None = None


class _Response(BaseModel):
    output: list[_Item]
    status: str | None = None
    incomplete_details: _Reason | None = None
    error: _Error | None = None
    usage: _Usage | None = None


class _Named(BaseModel):
    id: str


class _Errors(BaseModel):
    data: list[_Error] | None = None


class _Batch(_Named):
    status: str
    output_file_id: str | None = None
    error_file_id: str | None = None
    errors: _Errors | None = None


class _Answer(BaseModel):
    status_code: int
    request_id: str | None = None
    body: Any = None


class _Rejected(BaseModel):
    error: _Error = _Error()


class _Line(BaseModel):
    custom_id: str
    response: _Answer | None = None
    error: _Error | None = None


def _answered(line: _Line) -> Completion:
    """The answer in a line of a batch's files. Raises ModelError."""
    answer = line.response
    if answer is None or line.error:
        error = line.error or _Error()
        kind = codes.KINDS.get(str(error.code), FailureKind.BAD_REQUEST)
        raise ModelError(kind, f"in a batch: {http.brief(error.message or error.code or kind.value)}")
    body = json.dumps(answer.body)
    if answer.status_code == 200:
        return _completion(body, answer.request_id or "")
    error = http.parsed(_Rejected, body).error
    if codes.declined(error.code):
        return _declined(error.code, answer.request_id)
    raise _no(answer.status_code, error.code, error.message or "", {})


def _unfit(batch: _Batch) -> ModelError:
    """Why none of a batch was asked at all."""
    error = next(iter((batch.errors and batch.errors.data) or ()), _Error())
    kind = codes.KINDS.get(str(error.code), FailureKind.BAD_REQUEST)
    return ModelError(kind, f"the batch failed: {http.brief(error.message or error.code or kind.value)}")


def _declined(code: str | None, request_id: str | None) -> Completion:
    return Completion("", Stop.REFUSED, Usage(), http.brief(str(code)), request_id or "")


def _completion(body: str, request_id: str) -> Completion:
    response = http.parsed(_Response, body)
    parts = [part for item in response.output if item.type == "message" for part in item.content or ()]
    stop, detail = _stop(response, [part.refusal for part in parts if part.type == "refusal"])
    return Completion(
        text="".join(part.text for part in parts if part.type == "output_text"),
        stop=stop,
        usage=_usage(response.usage or _Usage()),
        detail=http.brief(detail),
        request_id=request_id,
    )


def _stop(response: _Response, refusals: list[str]) -> tuple[Stop, str]:
    """How it ended. Raises ModelError if the model never answered."""
    if response.error is not None:
        code = response.error.code
        if codes.declined(code):
            return Stop.REFUSED, str(code)
        kind = codes.KINDS.get(str(code), FailureKind.BAD_REQUEST)
        raise ModelError(kind, f"the response failed: {http.brief(response.error.message or str(code))}")
    if refusals:
        return Stop.REFUSED, refusals[0]
    reason = response.incomplete_details and response.incomplete_details.reason
    if reason == "content_filter":
        return Stop.REFUSED, reason
    if response.status == "completed":
        return Stop.COMPLETE, ""
    if response.status == "failed":  # and no word why: a repetition would fare no better
        return Stop.REFUSED, "failed without a reason"
    # Incomplete for whatever reason, or a status we do not know: never a complete answer.
    return Stop.TRUNCATED, reason or response.status or "no status"


def _usage(usage: _Usage) -> Usage:
    details = usage.input_tokens_details or _InputDetails()
    counts = (usage.input_tokens, details.cached_tokens, details.cache_write_tokens, usage.output_tokens)
    return Usage(*(max(0, count or 0) for count in counts))


def _failure(error: openai.OpenAIError) -> ModelError:
    if isinstance(error, openai.APIStatusError):
        words = error.body.get("message") if isinstance(error.body, dict) else None
        text = words if isinstance(words, str) else error.response.text
        return _no(error.status_code, error.code, text, error.response.headers)
    if isinstance(error, openai.APIConnectionError):
        return http.unreachable(error.__cause__ or error)
    return ModelError(FailureKind.OVERLOAD, http.brief(str(error)) or type(error).__name__)


def _no(status: int, code: str | None, text: str, headers: Mapping[str, str]) -> ModelError:
    return http.rejected(status, codes.KINDS.get(str(code)) or http.kind_of(status), text, headers)
