"""What is particular to OpenAI's chat completions as DeepSeek, Ollama and gateways speak them."""

import asyncio
import json
from dataclasses import replace

import asked
import pytest

from reviewbot import catalog, replies
from reviewbot.errors import FailureKind, ModelError
from reviewbot.llm import Json, Stop, Usage
from reviewbot.providers import chat as adapter


def ask(server, provider="deepseek", **spec):
    model = asked.build(provider, server.url)
    model.spec = replace(model.spec, **spec)
    return asyncio.run(asked.complete(model, asked.prompt("any")))


def answered(server, body, provider="deepseek", **spec):
    server.answer(200, json.dumps(body), x_request_id="req_1")
    return ask(server, provider, **spec)


def response(reason="stop", usage=None, **message):
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "{}"} | message,
        "finish_reason": reason,
    }
    return {"id": "r", "object": "chat.completion", "choices": [choice], "usage": usage}


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("stop", Stop.COMPLETE),
        ("length", Stop.TRUNCATED),
        ("content_filter", Stop.REFUSED),
        pytest.param("tool_calls", Stop.TRUNCATED, id="we sent no tools"),
        pytest.param("daydreaming", Stop.TRUNCATED, id="a reason nobody knows yet"),
        pytest.param(None, Stop.TRUNCATED, id="no reason"),
    ],
)
def test_only_stop_is_complete(server, reason, stop):
    assert answered(server, response(reason)).stop is stop


@pytest.mark.parametrize("reason", ["insufficient_system_resource", "error"])
def test_a_server_that_gave_up_may_be_asked_again(server, reason):
    with pytest.raises(ModelError, match=reason) as caught:
        answered(server, response(reason))
    assert caught.value.kind is FailureKind.OVERLOAD


def test_a_refusal_is_not_text(server):
    answer = answered(server, response(content=None, refusal="I would rather not."))
    assert (answer.text, answer.stop, answer.detail) == ("", Stop.REFUSED, "I would rather not.")


def test_what_the_model_thought_is_not_part_of_the_answer(server):
    answer = answered(server, response(content='{"read": []}', reasoning_content="hm", reasoning="hm"))
    assert answer.text == '{"read": []}'


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param(" \n\n \t ", id="blanks, which DeepSeek sends in place of what is no JSON"),
    ],
)
def test_a_blank_answer_is_billed_and_says_so(server, content):
    answer = answered(server, response(content=content, usage={"prompt_tokens": 9, "completion_tokens": 8}))
    assert answer.usage == Usage(9, 0, 0, 8)
    with pytest.raises(ModelError, match="the answer is blank") as caught:
        replies.parse(answer.text)
    assert caught.value.kind is FailureKind.UNPARSABLE


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        pytest.param(
            {"prompt_tokens": 3210, "prompt_cache_hit_tokens": 3000, "completion_tokens": 50},
            Usage(3210, 3000, 0, 50),
            id="DeepSeek's cache hits",
        ),
        pytest.param(
            {
                "prompt_tokens": 3210,
                "prompt_tokens_details": {"cached_tokens": 3000, "cache_write_tokens": 200},
                "completion_tokens": 50,
                "completion_tokens_details": {"reasoning_tokens": 40},
            },
            Usage(3210, 3000, 200, 50),
            id="totals already include cache and reasoning",
        ),
        pytest.param({"prompt_tokens": -1, "completion_tokens": None}, Usage(), id="nonsense is nothing"),
        pytest.param(None, Usage(), id="none at all"),
    ],
)
def test_usage(server, usage, counted):
    assert answered(server, response(usage=usage)).usage == counted


def test_the_request_id_is_kept(server):
    assert answered(server, response()).request_id == "req_1"


# Who enforces what of the answer's form.


def sent(name, enforced=Json.SCHEMA):
    spec = catalog.lookup(name, gateways={"gateway": enforced})
    return adapter.request(spec, asked.prompt("any"))


@pytest.mark.parametrize(
    ("enforced", "form"),
    [
        pytest.param(Json.SCHEMA, "json_schema", id="a schema"),
        pytest.param(Json.OBJECT, "json_object", id="that it is JSON"),
        pytest.param(Json.TEXT, None, id="nothing"),
    ],
)
def test_what_the_server_is_to_enforce(enforced, form):
    body = sent("gateway/mistral/devstral-2", enforced)
    assert body.get("response_format", {}).get("type") == form
    assert body["messages"][0]["content"] == asked.prompt("any").system  # the schema is told by the template


@pytest.mark.parametrize(
    ("content", "enforced", "text"),
    [
        pytest.param('```json\n{"a": 1}\n```\n', Json.TEXT, '{"a": 1}', id="one around all of it"),
        pytest.param("```\n{}\n```", Json.TEXT, "{}", id="without a word"),
        pytest.param("Here:\n```json\n{}\n```", Json.TEXT, "Here:\n```json\n{}\n```", id="not out of prose"),
        pytest.param("```json\n{}\n```", Json.SCHEMA, "```json\n{}\n```", id="a broken promise stays one"),
    ],
)
def test_a_fence_is_taken_off_where_nobody_promised_json(server, content, enforced, text):
    assert answered(server, response(content=content), "gateway", json=enforced).text == text


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("gateway/openai/gpt-6.1-sol", "max_completion_tokens"),
        ("gateway/openai/gpt-oss-120b", "max_tokens"),
        ("gateway/mistral/devstral-2", "max_tokens"),
        ("deepseek/deepseek-flash", "max_tokens"),
    ],
)
def test_the_limit_has_the_name_the_model_knows(name, key):
    assert {"max_tokens", "max_completion_tokens"} & set(sent(name)) == {key}


# A prompt that a server of one's own has cut.


def long(name="ollama", size=6000):
    model = asked.build(name)
    question = replace(asked.prompt("any"), prefix="x" * 3 * size)
    return model.spec, adapter.request(model.spec, question)


@pytest.mark.parametrize(
    ("counted", "cut"),
    [
        pytest.param(4096, True, id="exactly a window"),
        pytest.param(2048, True, id="a smaller one"),
        pytest.param(2500, True, id="less than half"),
        pytest.param(0, True, id="nothing"),
        pytest.param(4097, False, id="a tokenizer may need a third less than we think"),
        pytest.param(6000, False, id="as estimated"),
        pytest.param(8192, False, id="more, if it is a window's size"),
        pytest.param(None, False, id="not counted"),
    ],
)
def test_a_prompt_that_was_cut_is_found_by_its_tokens(counted, cut):
    spec, body = long()
    if not cut:
        adapter._check_read_whole(spec, body, counted)
        return
    with pytest.raises(
        ModelError, match=f"it read {counted} of about 60.. tokens.*OLLAMA_CONTEXT_LENGTH"
    ) as caught:
        adapter._check_read_whole(spec, body, counted)
    assert caught.value.kind is FailureKind.TOO_LONG


@pytest.mark.parametrize(("local", "checked"), [(True, True), (False, False)])
def test_a_vendor_is_trusted_to_say_when_it_is_too_much(local, checked):
    spec, body = long("gateway")
    if checked:
        with pytest.raises(ModelError):
            adapter._check_read_whole(replace(spec, local=local), body, 1024)
    else:
        adapter._check_read_whole(replace(spec, local=local), body, 1024)


def test_a_cut_prompt_has_no_answer(server):
    with pytest.raises(ModelError) as caught:
        answered(server, response(usage={"prompt_tokens": 3, "completion_tokens": 8}), "ollama")
    assert caught.value.kind is FailureKind.TOO_LONG


# What servers say of failures.


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        pytest.param(
            402, {"error": {"message": "Insufficient Balance"}}, FailureKind.MONEY, id="DeepSeek: no money"
        ),
        pytest.param(
            429, {"error": {"code": "insufficient_quota"}}, FailureKind.MONEY, id="an empty account"
        ),
        pytest.param(
            429, {"error": {"code": 429, "message": "slow"}}, FailureKind.RATE, id="a code that is a status"
        ),
        pytest.param(
            422, {"error": {"message": "bad"}}, FailureKind.BAD_REQUEST, id="DeepSeek: invalid parameters"
        ),
        pytest.param(
            404, {"error": "model 'x' not found"}, FailureKind.NOT_FOUND, id="Ollama: a plain string"
        ),
        pytest.param(
            400, {"error": {"code": "context_length_exceeded"}}, FailureKind.TOO_LONG, id="too long"
        ),
        pytest.param(
            400,
            {"error": {"message": "This model's maximum context length is 8192 tokens."}},
            FailureKind.TOO_LONG,
            id="too long, in words alone",
        ),
        pytest.param(503, {"error": {"message": "overloaded"}}, FailureKind.OVERLOAD, id="overloaded"),
        pytest.param(
            200,
            {"error": {"code": 502, "message": "upstream"}},
            FailureKind.OVERLOAD,
            id="OpenRouter: 200, and then an error",
        ),
        pytest.param(
            200, {"error": {"code": 402, "message": "credits"}}, FailureKind.MONEY, id="200, and no credit"
        ),
        pytest.param(
            200, {"error": {"code": -5}}, FailureKind.OVERLOAD, id="200, and a code that is no status"
        ),
        pytest.param(200, {"choices": []}, FailureKind.OVERLOAD, id="200, and no answer"),
    ],
)
def test_error_bodies(server, status, body, kind):
    server.answer(status, json.dumps(body))
    with pytest.raises(ModelError) as caught:
        ask(server)
    assert caught.value.kind is kind


@pytest.mark.parametrize("code", ["content_filter", "content_policy_violation"])
def test_a_prompt_against_policy_is_a_refusal(server, code):
    server.answer(400, json.dumps({"error": {"code": code, "message": "m"}}), x_request_id="req_2")
    answer = ask(server)
    assert (answer.stop, answer.detail, answer.request_id) == (Stop.REFUSED, code, "req_2")
