"""What is particular to Anthropic: its stop reasons, its way of counting, its errors."""

import asyncio
import json
import re
from typing import get_args

import anthropic
import asked
import httpx2
import pytest

from reviewbot.errors import FailureKind, ModelError
from reviewbot.llm import Stop, Usage
from reviewbot.providers import anthropic as adapter


def answered(server, body):
    server.answer(200, json.dumps(body), request_id="req_1")
    return asyncio.run(asked.complete(asked.build("anthropic", server.url), asked.prompt("any")))


def message(**parts):
    return {"content": [{"type": "text", "text": "{}"}], "stop_reason": "end_turn"} | parts


def test_the_prefix_is_marked_for_the_cache_and_the_task_is_not():
    request = adapter._request(asked.build("anthropic").spec, asked.prompt("any"))
    prefix, task = request["messages"][0]["content"]
    assert prefix["cache_control"] == {"type": "ephemeral"}
    assert "cache_control" not in task


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("end_turn", Stop.COMPLETE),
        ("max_tokens", Stop.TRUNCATED),
        ("refusal", Stop.REFUSED),
        pytest.param("stop_sequence", Stop.TRUNCATED, id="we sent no stop sequence"),
        pytest.param("tool_use", Stop.TRUNCATED, id="we sent no tools"),
        ("pause_turn", Stop.TRUNCATED),
        pytest.param("daydreaming", Stop.TRUNCATED, id="a reason nobody knows yet"),
        pytest.param(None, Stop.TRUNCATED, id="no reason"),
    ],
)
def test_only_the_end_of_the_turn_is_complete(server, reason, stop):
    assert answered(server, message(stop_reason=reason)).stop is stop


def test_every_stop_reason_of_the_sdk_is_decided():
    decided = set(adapter._STOPS) | {"model_context_window_exceeded"}
    assert set(get_args(anthropic.types.StopReason)) - decided == {"stop_sequence", "tool_use", "pause_turn"}


def test_a_window_that_is_too_small_is_no_answer(server):
    with pytest.raises(ModelError) as caught:
        answered(server, message(stop_reason="model_context_window_exceeded"))
    assert caught.value.kind is FailureKind.TOO_LONG


def test_a_refusal_names_its_category(server):
    body = message(content=[], stop_reason="refusal", stop_details={"type": "refusal", "category": "cyber"})
    answer = answered(server, body)
    assert (answer.text, answer.stop, answer.detail) == ("", Stop.REFUSED, "cyber")


def test_thinking_is_not_part_of_the_answer(server):
    blocks = [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "text", "text": '{"read"'},
        {"type": "redacted_thinking", "data": "d"},
        {"type": "text", "text": ": []}"},
    ]
    assert answered(server, message(content=blocks)).text == '{"read": []}'


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        pytest.param(
            {
                "input_tokens": 10,
                "cache_creation_input_tokens": 200,
                "cache_read_input_tokens": 3000,
                "output_tokens": 5,
            },
            Usage(3210, 3000, 200, 5),
            id="cache reads and writes are part of the input",
        ),
        pytest.param({"input_tokens": 10, "output_tokens": 5}, Usage(10, 0, 0, 5), id="no cache"),
        pytest.param({"input_tokens": -10, "output_tokens": None}, Usage(), id="nonsense is nothing"),
        pytest.param(None, Usage(), id="none at all"),
    ],
)
def test_usage(server, usage, counted):
    assert answered(server, message(usage=usage)).usage == counted


def test_the_request_id_is_kept(server):
    assert answered(server, message()).request_id == "req_1"


# Every error the SDK can raise.

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/messages")

KINDS = {
    "AnthropicError": FailureKind.OVERLOAD,
    "APIError": FailureKind.OVERLOAD,
    "APIStatusError": FailureKind.BAD_REQUEST,
    "APITimeoutError": FailureKind.TIMEOUT,
    "APIConnectionError": FailureKind.NETWORK,
    "APIResponseValidationError": FailureKind.OVERLOAD,
    "APIWebhookValidationError": FailureKind.OVERLOAD,
    "BadRequestError": FailureKind.BAD_REQUEST,
    "AuthenticationError": FailureKind.AUTH,
    "PaymentRequiredError": FailureKind.MONEY,
    "PermissionDeniedError": FailureKind.AUTH,
    "NotFoundError": FailureKind.NOT_FOUND,
    "RequestTimeoutError": FailureKind.OVERLOAD,
    "ConflictError": FailureKind.OVERLOAD,
    "PreconditionFailedError": FailureKind.BAD_REQUEST,
    "ContentTooLargeError": FailureKind.TOO_LONG,
    "RequestTooLargeError": FailureKind.TOO_LONG,
    "UnprocessableEntityError": FailureKind.BAD_REQUEST,
    "RateLimitError": FailureKind.RATE,
    "RequestHeaderFieldsTooLargeError": FailureKind.BAD_REQUEST,
    "ClientClosedRequestError": FailureKind.OVERLOAD,
    "InternalServerError": FailureKind.OVERLOAD,
    "HTTPNotImplementedError": FailureKind.OVERLOAD,
    "ServiceUnavailableError": FailureKind.OVERLOAD,
    "GatewayTimeoutError": FailureKind.OVERLOAD,
    "DeadlineExceededError": FailureKind.OVERLOAD,
    "OverloadedError": FailureKind.OVERLOAD,
    "ClaudeCodeKeyCreatorNotMemberError": FailureKind.BAD_REQUEST,
    "ClaudeCodeVersionTooOldError": FailureKind.BAD_REQUEST,
    "CMEKKeyDisabledError": FailureKind.BAD_REQUEST,
    "CMEKKeyNetworkBlockedError": FailureKind.BAD_REQUEST,
    "CMEKContextUnavailableError": FailureKind.OVERLOAD,
    "CMEKKeyUnreachableError": FailureKind.OVERLOAD,
    "OrganizationOnHoldError": FailureKind.AUTH,
    "OrganizationTypeNotSupportedError": FailureKind.BAD_REQUEST,
    "ParentOrganizationRequiredError": FailureKind.BAD_REQUEST,
    "RequestBodyEncodingInvalidError": FailureKind.BAD_REQUEST,
    "RequestBodyEncodingUnsupportedError": FailureKind.BAD_REQUEST,
    "RequestBodyTooLargeAfterDecodingError": FailureKind.TOO_LONG,
    "LinkedOrganizationBillingUnavailableError": FailureKind.MONEY,
    "LinkedOrganizationSpendLimitReachedError": FailureKind.MONEY,
    "ContractSpendLimitReachedError": FailureKind.MONEY,
    "EnforcedSpendLimitReachedError": FailureKind.MONEY,
    "RampLimitExceededError": FailureKind.RATE,
    "SandboxEgressRestrictedError": FailureKind.AUTH,
    "RetryableError": FailureKind.OVERLOAD,
    "CredentialsError": FailureKind.AUTH,
    "IdentityTokenFileError": FailureKind.AUTH,
}


def exported():
    named = {name: getattr(anthropic, name) for name in anthropic.__all__}
    return {n: c for n, c in named.items() if isinstance(c, type) and issubclass(c, anthropic.AnthropicError)}


def raised(name):
    """An instance as the SDK raises it, with the body the API sends."""
    kind = exported()[name]
    if issubclass(kind, anthropic.APIStatusError):
        status = getattr(kind, "status_code", 500 if issubclass(kind, anthropic.InternalServerError) else 418)
        declared = str(
            vars(kind).get("__annotations__", {}).get("error_code")
        )  # 'Literal["the_code"]', if it has one
        code = re.findall(r"['\"](\w+)['\"]", declared)
        body = {"error": {"type": "t", "message": "m", "details": {"error_code": code[0]} if code else None}}
        return kind("m", response=httpx2.Response(status, request=REQUEST, json=body), body=body)
    if issubclass(kind, anthropic.APIConnectionError):
        cause = httpx2.ReadTimeout if issubclass(kind, anthropic.APITimeoutError) else httpx2.ConnectError
        error = kind(request=REQUEST)
        error.__cause__ = cause("m")
        return error
    if issubclass(kind, anthropic.APIResponseValidationError):
        return kind(httpx2.Response(200, request=REQUEST), None)
    if issubclass(kind, anthropic.APIError):
        return kind("m", request=REQUEST, body=None)
    return kind("m")


@pytest.mark.parametrize("name", exported())
def test_every_error_of_the_sdk_has_a_kind(name):
    """Fails for a class the SDK adds, until somebody has decided what it means."""
    assert adapter._failure(raised(name)).kind is KINDS[name]


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        pytest.param(
            400, {"message": "prompt is too long: 9 > 8"}, FailureKind.TOO_LONG, id="only the message says so"
        ),
        pytest.param(
            400, {"message": "messages: required"}, FailureKind.BAD_REQUEST, id="another bad request"
        ),
        pytest.param(
            429,
            {"details": {"error_code": "enforced_spend_limit_reached"}},
            FailureKind.MONEY,
            id="the limit is money",
        ),
        pytest.param(
            429, {"details": {"error_code": "brand_new"}}, FailureKind.RATE, id="a code nobody knows yet"
        ),
        pytest.param(500, "a string", FailureKind.OVERLOAD, id="an error that is no object"),
        pytest.param(
            500,
            {"message": {"no": "text"}, "details": []},
            FailureKind.OVERLOAD,
            id="a message that is no text",
        ),
    ],
)
def test_error_bodies(server, status, error, kind):
    server.answer(status, json.dumps({"type": "error", "error": error}))
    with pytest.raises(ModelError) as caught:
        asyncio.run(asked.complete(asked.build("anthropic", server.url), asked.prompt("any")))
    assert caught.value.kind is kind


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("overloaded_error", FailureKind.OVERLOAD),
        ("rate_limit_error", FailureKind.RATE),
        ("billing_error", FailureKind.MONEY),
        ("brand_new_error", FailureKind.OVERLOAD),
    ],
)
def test_an_error_in_an_answer_that_began_well(type_, kind):
    body = {"type": "error", "error": {"type": type_, "message": "m"}}
    error = anthropic.APIStatusError(
        "m", response=httpx2.Response(200, request=REQUEST, json=body), body=body
    )
    assert adapter._failure(error).kind is kind
