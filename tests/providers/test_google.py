"""What is particular to Google: its finish reasons, its way of counting, its errors."""

import asyncio
import json

import asked
import pytest
from google.genai import errors, types

from reviewbot.errors import FailureKind, ModelError
from reviewbot.llm import Stop, Usage
from reviewbot.providers import google as adapter


def ask(server):
    return asyncio.run(asked.complete(asked.build("google", server.url), asked.prompt("any")))


def answered(server, body):
    server.answer(200, json.dumps(body))
    return ask(server)


def response(reason="STOP", parts=({"text": "{}"},), **rest):
    return {"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": reason}]} | rest


#: Decided by the default: an answer that ended so is not complete, and not refused either.
NOT_COMPLETE = {
    "FINISH_REASON_UNSPECIFIED", "OTHER", "MALFORMED_FUNCTION_CALL", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_OTHER", "NO_IMAGE", "IMAGE_RECITATION", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS",
    "MISSING_THOUGHT_SIGNATURE", "MALFORMED_RESPONSE", "CONTINUATION",
}  # fmt: skip


def test_every_finish_reason_of_the_sdk_is_decided():
    """Fails for a reason the SDK adds, until somebody has decided what it means."""
    assert {reason.value for reason in types.FinishReason} == set(adapter._STOPS) | NOT_COMPLETE


@pytest.mark.parametrize("reason", [*adapter._STOPS, *sorted(NOT_COMPLETE), "BRAND_NEW", None])
def test_only_stop_is_complete(server, reason):
    answer = answered(server, response(reason))
    assert answer.stop is adapter._STOPS.get(reason, Stop.TRUNCATED)
    assert (answer.stop is Stop.COMPLETE) == (reason == "STOP")
    assert answer.detail == ("" if reason == "STOP" else reason or "no finish reason")


@pytest.mark.parametrize("reason", ["SAFETY", "PROHIBITED_CONTENT", "BRAND_NEW"])
def test_a_blocked_prompt_is_a_refusal(server, reason):
    answer = answered(
        server, {"promptFeedback": {"blockReason": reason}, "usageMetadata": {"promptTokenCount": 9}}
    )
    assert (answer.text, answer.stop, answer.detail, answer.usage) == ("", Stop.REFUSED, reason, Usage(9))


@pytest.mark.parametrize(
    "candidate",
    [
        pytest.param({"finishReason": "STOP"}, id="no content"),
        pytest.param({"finishReason": "STOP", "content": None}, id="content is null"),
        pytest.param({"finishReason": "STOP", "content": {"role": "model"}}, id="no parts"),
    ],
)
def test_an_empty_answer_is_empty_text(server, candidate):
    """What was billed for it is known; that it is no JSON is found by whoever parses it."""
    answer = answered(server, {"candidates": [candidate], "usageMetadata": {"promptTokenCount": 9}})
    assert (answer.text, answer.usage) == ("", Usage(9))


def test_no_candidates_is_no_answer(server):
    with pytest.raises(ModelError, match="no answer in it"):
        answered(server, {"candidates": []})


def test_thoughts_are_not_part_of_the_answer(server):
    parts = [{"text": "hm", "thought": True}, {"text": '{"read"'}, {"text": ": []}", "thoughtSignature": "x"}]
    assert answered(server, response(parts=parts)).text == '{"read": []}'


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        pytest.param(
            {
                "promptTokenCount": 3210,
                "cachedContentTokenCount": 3000,
                "candidatesTokenCount": 50,
                "thoughtsTokenCount": 400,
                "totalTokenCount": 3660,
            },
            Usage(3210, 3000, 0, 450),
            id="thoughts are part of the output",
        ),
        pytest.param({"promptTokenCount": 10}, Usage(10), id="no output"),
        pytest.param(None, Usage(), id="none at all"),
    ],
)
def test_usage(server, usage, counted):
    assert answered(server, response(usageMetadata=usage)).usage == counted


def test_the_response_id_is_kept(server):
    assert answered(server, response(responseId="r1")).request_id == "r1"


def test_a_long_answer_is_not_continued_behind_our_back(server):
    body = response("CONTINUATION")
    body["candidates"][0]["continuationToken"] = "dG9rZW4="
    assert answered(server, body).stop is Stop.TRUNCATED
    assert len(server.seen) == 1


def error(status, message, *details):
    return json.dumps({"error": {"code": 0, "message": message, "status": status, "details": details}})


INFO = "type.googleapis.com/google.rpc.ErrorInfo"
QUOTA = "type.googleapis.com/google.rpc.QuotaFailure"
RETRY = "type.googleapis.com/google.rpc.RetryInfo"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        pytest.param(
            400,
            error("INVALID_ARGUMENT", "API key not valid.", {"@type": INFO, "reason": "API_KEY_INVALID"}),
            FailureKind.AUTH,
            id="a wrong key is a 400 here",
        ),
        pytest.param(
            400,
            error("INVALID_ARGUMENT", "The input token count (2000000) exceeds the maximum (1048576)."),
            FailureKind.TOO_LONG,
            id="only the message says that it is too long",
        ),
        pytest.param(
            400, error("INVALID_ARGUMENT", "Unknown name"), FailureKind.BAD_REQUEST, id="another bad request"
        ),
        pytest.param(
            404, error("NOT_FOUND", "models/x is not found"), FailureKind.NOT_FOUND, id="no such model"
        ),
        pytest.param(429, error("RESOURCE_EXHAUSTED", "slow down"), FailureKind.RATE, id="a rate limit"),
        pytest.param(
            429,
            error(
                "RESOURCE_EXHAUSTED",
                "quota",
                {
                    "@type": QUOTA,
                    "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}],
                },
            ),
            FailureKind.MONEY,
            id="the day's quota does not come back soon",
        ),
        pytest.param(
            429,
            error(
                "RESOURCE_EXHAUSTED",
                "quota",
                {"@type": QUOTA, "violations": [{"quotaId": "RequestsPerMinute"}]},
            ),
            FailureKind.RATE,
            id="the minute's quota does",
        ),
        pytest.param(
            403,
            error("PERMISSION_DENIED", "m", {"@type": INFO, "reason": "BILLING_DISABLED"}),
            FailureKind.MONEY,
            id="billing",
        ),
        pytest.param(503, error("UNAVAILABLE", "overloaded"), FailureKind.OVERLOAD, id="overloaded"),
        pytest.param(500, '{"error": "a string"}', FailureKind.OVERLOAD, id="an error that is no object"),
        pytest.param(
            400,
            '{"error": {"details": [7], "message": 8}}',
            FailureKind.BAD_REQUEST,
            id="details that are none",
        ),
    ],
)
def test_error_bodies(server, status, body, kind):
    server.answer(status, body)
    with pytest.raises(ModelError) as caught:
        ask(server)
    assert caught.value.kind is kind


@pytest.mark.parametrize(
    ("delay", "header", "seconds"),
    [
        pytest.param("17s", None, 17.0, id="in the body"),
        pytest.param("3.5s", None, 3.5, id="with a fraction"),
        pytest.param("17s", "5", 5.0, id="the header is nearer to the truth"),
        pytest.param("soon", None, None, id="nonsense"),
        pytest.param(17, None, None, id="a number is not their format"),
    ],
)
def test_the_delay_it_asks_for(server, delay, header, seconds):
    server.answer(429, error("RESOURCE_EXHAUSTED", "m", {"@type": RETRY, "retryDelay": delay}))
    if header:
        server.headers["retry-after"] = header
    with pytest.raises(ModelError) as caught:
        ask(server)
    assert caught.value.retry_after == seconds


def test_every_error_of_the_sdk_is_caught_or_cannot_happen():
    """Fails for a class the SDK adds, until somebody has decided what it means."""
    classes = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    caught = {"APIError", "ClientError", "ServerError", "UnknownApiResponseError"}
    of_tools = {"UnknownFunctionCallArgumentError", "UnsupportedFunctionError", "FunctionInvocationError"}
    of_interactions = {"ContinuationInterruptedError"}
    assert classes == caught | of_tools | of_interactions | {"ExperimentalWarning"}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (302, FailureKind.BAD_REQUEST),
        (204, FailureKind.BAD_REQUEST),
        (418, FailureKind.BAD_REQUEST),
        (599, FailureKind.OVERLOAD),
    ],
)
def test_a_status_without_a_class_of_its_own(code, kind):
    assert adapter._failure(errors.APIError(code, {})).kind is kind
