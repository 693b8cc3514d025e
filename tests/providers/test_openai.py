"""What is particular to OpenAI: how a response ends, its way of counting, its errors."""

import asyncio
import json
from dataclasses import replace
from typing import get_args

import asked
import httpx2
import openai
import pytest
from openai.types import responses

from reviewbot import catalog
from reviewbot.errors import FailureKind, ModelError
from reviewbot.llm import Stop, Usage
from reviewbot.providers import openai as adapter
from reviewbot.providers.codes import declined


def ask(server):
    return asyncio.run(asked.complete(asked.build("openai", server.url), asked.prompt("any")))


def answered(server, body):
    server.answer(200, json.dumps(body), x_request_id="req_1")
    return ask(server)


def response(*parts, **rest):
    content = parts or ({"type": "output_text", "text": "{}"},)
    reasoning = {"type": "reasoning", "summary": [], "content": None}
    return {"status": "completed", "output": [reasoning, {"type": "message", "content": content}]} | rest


def test_nothing_is_stored_at_the_vendor():
    assert adapter._request(asked.build("openai").spec, asked.prompt("any"))["store"] is False


@pytest.mark.parametrize(
    ("model", "marked"),
    [
        ("gpt-6.1-sol", True),
        ("gpt-6-luna", True),
        ("gpt-5.6-terra", True),
        ("gpt-5.5", False),
        ("gpt-4.1", False),
    ],
)
def test_the_cache_is_marked_where_the_model_takes_a_mark(model, marked):
    request = adapter._request(catalog.lookup(f"openai/{model}"), asked.prompt("any"))
    prefix, task = request["input"][0]["content"]
    assert ("prompt_cache_breakpoint" in prefix, "prompt_cache_options" in request) == (marked, marked)
    assert "prompt_cache_breakpoint" not in task


def test_review_and_vote_share_a_cache_key_and_other_files_do_not():
    spec = asked.build("openai").spec
    key = adapter._request(spec, asked.prompt("one"))["prompt_cache_key"]
    assert adapter._request(spec, asked.prompt("two"))["prompt_cache_key"] == key
    assert (
        adapter._request(spec, replace(asked.prompt("one"), prefix="File: b.py\n"))["prompt_cache_key"] != key
    )


@pytest.mark.parametrize(
    ("ending", "stop", "detail"),
    [
        pytest.param({"status": "completed"}, Stop.COMPLETE, "", id="completed"),
        pytest.param(
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
            Stop.TRUNCATED,
            "max_output_tokens",
            id="cut off",
        ),
        pytest.param(
            {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
            Stop.REFUSED,
            "content_filter",
            id="filtered",
        ),
        pytest.param(
            {"status": "incomplete"}, Stop.TRUNCATED, "incomplete", id="incomplete without a reason"
        ),
        pytest.param(
            {"status": "incomplete", "incomplete_details": {"reason": "brand_new"}},
            Stop.TRUNCATED,
            "brand_new",
            id="a reason nobody knows yet",
        ),
        pytest.param({"status": "cancelled"}, Stop.TRUNCATED, "cancelled", id="cancelled"),
        pytest.param({"status": "in_progress"}, Stop.TRUNCATED, "in_progress", id="not done"),
        pytest.param({"status": None}, Stop.TRUNCATED, "no status", id="no status"),
        pytest.param(
            {"status": "failed"}, Stop.REFUSED, "failed without a reason", id="failed without a reason"
        ),
        pytest.param(
            {"status": "failed", "error": {"code": "bio_policy", "message": "m"}},
            Stop.REFUSED,
            "bio_policy",
            id="policy",
        ),
    ],
)
def test_only_completed_is_complete(server, ending, stop, detail):
    answer = answered(server, response(**ending))
    assert (answer.stop, answer.detail) == (stop, detail)


def test_a_refusal_is_not_text(server):
    answer = answered(server, response({"type": "refusal", "refusal": "I would rather not."}))
    assert (answer.text, answer.stop, answer.detail) == ("", Stop.REFUSED, "I would rather not.")


def test_text_parts_are_joined(server):
    parts = ({"type": "output_text", "text": "{"}, {"type": "output_text", "text": "}"})
    assert answered(server, response(*parts)).text == "{}"


def test_an_empty_answer_is_empty_text(server):
    """What was billed for it is known; that it is no JSON is found by whoever parses it."""
    answer = answered(server, response(output=[], usage={"input_tokens": 9, "output_tokens": 8}))
    assert (answer.text, answer.usage) == ("", Usage(9, 0, 0, 8))


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        pytest.param(
            {
                "input_tokens": 3210,
                "input_tokens_details": {"cached_tokens": 3000, "cache_write_tokens": 200},
                "output_tokens": 50,
                "output_tokens_details": {"reasoning_tokens": 40},
            },
            Usage(3210, 3000, 200, 50),
            id="totals already include cache and reasoning",
        ),
        pytest.param({"input_tokens": 10, "output_tokens": 5}, Usage(10, 0, 0, 5), id="no details"),
        pytest.param(None, Usage(), id="none at all"),
    ],
)
def test_usage(server, usage, counted):
    assert answered(server, response(usage=usage)).usage == counted


def test_the_request_id_is_kept(server):
    assert answered(server, response()).request_id == "req_1"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("server_error", FailureKind.OVERLOAD),
        ("rate_limit_exceeded", FailureKind.RATE),
        ("data_residency_mismatch", FailureKind.BAD_REQUEST),
    ],
)
def test_a_response_that_failed(server, code, kind):
    with pytest.raises(ModelError) as caught:
        answered(server, response(status="failed", error={"code": code, "message": "went wrong"}))
    assert caught.value.kind is kind
    assert "went wrong" in str(caught.value)


def test_every_policy_code_of_the_sdk_is_a_refusal():
    codes = get_args(responses.ResponseError.model_fields["code"].annotation)
    assert {code for code in codes if declined(code)} == {
        "invalid_prompt",
        "bio_policy",
        "misalignment_policy_violation",
        "image_content_policy_violation",
    }


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        pytest.param(
            429, {"code": "insufficient_quota"}, FailureKind.MONEY, id="an empty account is no rate limit"
        ),
        pytest.param(429, {"code": "rate_limit_exceeded"}, FailureKind.RATE, id="a rate limit"),
        pytest.param(402, {}, FailureKind.MONEY, id="payment required"),
        pytest.param(400, {"code": "context_length_exceeded"}, FailureKind.TOO_LONG, id="too long"),
        pytest.param(400, {"code": "unsupported_value"}, FailureKind.BAD_REQUEST, id="another bad request"),
        pytest.param(404, {"code": "model_not_found"}, FailureKind.NOT_FOUND, id="no such model"),
        pytest.param(500, "a string", FailureKind.OVERLOAD, id="an error that is no object"),
    ],
)
def test_error_bodies(server, status, error, kind):
    server.answer(status, json.dumps({"error": error}))
    with pytest.raises(ModelError) as caught:
        ask(server)
    assert caught.value.kind is kind


@pytest.mark.parametrize("code", ["invalid_prompt", "content_policy_violation"])
def test_a_prompt_against_policy_is_a_refusal(server, code):
    server.answer(400, json.dumps({"error": {"code": code, "message": "m"}}), x_request_id="req_2")
    answer = ask(server)
    assert (answer.stop, answer.detail, answer.request_id) == (Stop.REFUSED, code, "req_2")


# Every error the SDK can raise.

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/responses")

KINDS = {
    "OpenAIError": FailureKind.OVERLOAD,
    "APIError": FailureKind.OVERLOAD,
    "APIStatusError": FailureKind.BAD_REQUEST,
    "APITimeoutError": FailureKind.TIMEOUT,
    "APIConnectionError": FailureKind.NETWORK,
    "APIResponseValidationError": FailureKind.OVERLOAD,
    "BadRequestError": FailureKind.BAD_REQUEST,
    "AuthenticationError": FailureKind.AUTH,
    "OAuthError": FailureKind.AUTH,
    "PermissionDeniedError": FailureKind.AUTH,
    "NotFoundError": FailureKind.NOT_FOUND,
    "ConflictError": FailureKind.OVERLOAD,
    "UnprocessableEntityError": FailureKind.BAD_REQUEST,
    "RateLimitError": FailureKind.RATE,
    "InternalServerError": FailureKind.OVERLOAD,
    # Never raised by the one call we make; they must not be taken for anything final all the same.
    "LengthFinishReasonError": FailureKind.OVERLOAD,
    "ContentFilterFinishReasonError": FailureKind.OVERLOAD,
    "WebSocketQueueFullError": FailureKind.OVERLOAD,
    "WebSocketConnectionClosedError": FailureKind.OVERLOAD,
}


def exported():
    named = {name: getattr(openai, name) for name in openai.__all__}
    return {n: c for n, c in named.items() if isinstance(c, type) and issubclass(c, openai.OpenAIError)}


def raised(name):
    """An instance as the SDK raises it."""
    kind = exported()[name]
    if issubclass(kind, openai.OAuthError):
        return kind(response=httpx2.Response(401, request=REQUEST), body=None)
    if issubclass(kind, openai.APIStatusError):
        status = getattr(kind, "status_code", 500 if kind is openai.InternalServerError else 418)
        return kind("m", response=httpx2.Response(status, request=REQUEST), body=None)
    if issubclass(kind, openai.APIConnectionError):
        cause = httpx2.ReadTimeout if issubclass(kind, openai.APITimeoutError) else httpx2.ConnectError
        error = kind(request=REQUEST)
        error.__cause__ = cause("m")
        return error
    if issubclass(kind, openai.APIResponseValidationError):
        return kind(httpx2.Response(200, request=REQUEST), None)
    if issubclass(kind, openai.APIError):
        return kind("m", request=REQUEST, body=None)
    if kind is openai.LengthFinishReasonError:
        return kind(completion=openai.types.chat.ChatCompletion.model_construct(usage=None))
    if kind is openai.ContentFilterFinishReasonError:
        return kind()
    if kind is openai.WebSocketConnectionClosedError:
        return kind("m", unsent_messages=[])
    return kind("m")


@pytest.mark.parametrize("name", exported())
def test_every_error_of_the_sdk_has_a_kind(name):
    """Fails for a class the SDK adds, until somebody has decided what it means."""
    assert adapter._failure(raised(name)).kind is KINDS[name]
