"""What every adapter must do, whatever the vendor."""

import asyncio
import json
import os
import re
import socket

import asked
import converse_server
import pytest
import sdk_types
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter, ValidationError
from recording import cassette

from reviewbot import replies
from reviewbot.environment import AWS_VARIABLES, without_keys
from reviewbot.errors import FailureKind, ModelError
from reviewbot.llm import Stage, Stop

pytestmark = pytest.mark.parametrize("provider", asked.ADAPTERS)


SDK_TYPES = sdk_types.BODIES | dict.fromkeys(asked.CHAT, TypeAdapter(CompletionCreateParamsNonStreaming))


def replayed(provider, case, stage=Stage.REVIEW):
    with cassette(asked.cassette_path(provider)) as played:
        answer = asyncio.run(asked.complete(asked.build(provider), asked.prompt(case, stage)))
        assert played.play_count == 1
    return answer


def sent_to(server, provider, question=None):
    """What came of one question to our own server."""
    question = question or asked.prompt("any")
    return asyncio.run(asked.complete(asked.build(provider, server.url), question))


def failed(ask, *args, **kwargs):
    with pytest.raises(ModelError) as caught:
        ask(*args, **kwargs)
    return caught.value


def test_a_complete_answer_is_text_that_parses(provider):
    answer = replayed(provider, "complete")
    assert answer.stop is Stop.COMPLETE
    assert replies.parse(answer.text).read == {"a.py"}
    assert answer.detail == ""


def test_usage_is_counted(provider):
    # aimock passes on no cache counts for Anthropic; those are tested with answers of our own.
    counted = {"anthropic": (1200, 85), "google": (2000, 60)}.get(provider, (2000, 85))
    usage = replayed(provider, "complete").usage
    assert (usage.input_tokens, usage.output_tokens) == counted


def test_unicode_survives_both_ways(provider):
    answer = replayed(provider, "unicode")
    assert replies.parse(answer.text).read == {"naïve/файл/漢字🚀.py"}


@pytest.mark.parametrize(
    ("case", "stop"),
    [
        pytest.param("truncated", Stop.TRUNCATED, id="cut off at the output limit"),
        pytest.param("refused", Stop.REFUSED, id="declined"),
    ],
)
def test_an_answer_that_is_none_says_why(provider, case, stop):
    answer = replayed(provider, case)
    assert answer.stop is stop
    assert answer.detail


@pytest.mark.parametrize(
    ("case", "kind", "words"),
    [
        pytest.param("unauthorised", FailureKind.AUTH, "HTTP 40", id="401, or 403 at AWS"),
        pytest.param("forbidden", FailureKind.AUTH, "this project may not use the model", id="403"),
        pytest.param("no such model", FailureKind.NOT_FOUND, "nonesuch", id="404 names the model"),
        pytest.param("rate limit", FailureKind.RATE, "slow down", id="429"),
        pytest.param("server error", FailureKind.OVERLOAD, "something broke", id="500"),
        pytest.param("overloaded", FailureKind.OVERLOAD, "HTTP 5", id="503 or 529"),
        pytest.param("malformed", FailureKind.OVERLOAD, "HTTP 200", id="a broken body"),
    ],
)
def test_a_failure_has_its_kind(provider, case, kind, words):
    error = failed(replayed, provider, case)
    assert error.kind is kind
    assert words in str(error)


def test_everything_recorded_is_played(provider):
    """A case that nobody asks for any more is recorded for nothing."""
    with cassette(asked.cassette_path(provider)) as tape:
        texts = [bytes(request.body).decode() for request in tape.requests]
    found = [re.search(r"Task: (\w+)\\nCase: ([\w ]+)", text).groups() for text in texts]
    assert found == [(str(stage), case) for stage, case in asked.RECORDED]


# What is sent.


def bodies(provider):
    with cassette(asked.cassette_path(provider)) as tape:
        return {
            stage: json.loads(request.body)
            for (stage, case), request in zip(asked.RECORDED, tape.requests, strict=True)
            if case == "complete"
        }


def texts(provider, body):
    """The text blocks of the one user message, first to last."""
    if provider in asked.CHAT:
        _, message = body["messages"]
        assert message["role"] == "user"
        return [message["content"]]
    match provider:
        case "anthropic":
            (message,) = body["messages"]
        case "openai":
            (message,) = body["input"]
        case "google":
            (message,) = body["contents"]
        case "bedrock":
            (message,) = body["messages"]
    assert message["role"] == "user"
    return [block["text"] for block in message.get("content") or message["parts"] if "text" in block]


def schema(provider, body):
    """The schema that the vendor is to enforce; where it can enforce JSON alone the template tells the schema."""
    match provider:
        case "bedrock":
            form = body["outputConfig"]["textFormat"]
            assert form["type"] == "json_schema"
            return json.loads(form["structure"]["jsonSchema"]["schema"])
        case "deepseek":
            return body["response_format"]
        case "ollama" | "gateway":
            assert body["response_format"]["json_schema"]["strict"] is True
            return body["response_format"]["json_schema"]["schema"]
        case "anthropic":
            return body["output_config"]["format"]["schema"]
        case "openai":
            assert body["text"]["format"]["strict"] is True
            return body["text"]["format"]["schema"]
        case "google":
            assert body["generationConfig"]["responseMimeType"] == "application/json"
            return body["generationConfig"]["responseJsonSchema"]


@pytest.mark.parametrize("stage", Stage)
def test_the_user_message_is_the_files_and_then_the_task(provider, stage):
    question = asked.prompt("complete", stage)
    sent = texts(provider, bodies(provider)[stage])
    expected = [question.prefix, question.task]
    assert sent == (["\n".join(expected)] if provider in asked.CHAT else expected)
    assert question.task.startswith(f"Task: {stage}\n")


def test_stages_differ_in_the_task_alone(provider):
    """Anything else that changed would void the prompt cache: schema, system, limits, effort."""
    without_task = {
        json.dumps(body).replace(f"Task: {stage}", "Task: X") for stage, body in bodies(provider).items()
    }
    assert len(without_task) == 1


def test_the_vendor_is_given_the_reply_schema(provider):
    json_alone = {"type": "json_object"}
    wanted = json_alone if provider == "deepseek" else replies.schema()
    assert schema(provider, bodies(provider)[Stage.SCAN]) == wanted


#: By every vendor's name for it, anywhere in a request: something the model could do besides answering.
ABILITIES = re.compile(
    r"tool|function|mcp|container|computer|code_?(?:execution|interpreter)|grounding|retriev|search|connector|agent|attachment|file_?(?:id|data|url)|url",
    re.IGNORECASE,
)


def keys(value):
    match value:
        case dict():
            for key, part in value.items():
                yield key
                if key not in {"schema", "responseJsonSchema"}:
                    yield from keys(part)
        case list():
            for part in value:
                yield from keys(part)


@pytest.mark.parametrize("stage", Stage)
def test_a_model_gets_no_tools(provider, stage):
    assert not [key for key in keys(bodies(provider)[stage]) if ABILITIES.search(key)]


def test_a_temperature_is_never_sent(provider):
    """Current models of two vendors reject any."""
    assert not re.search(r"temperature|top_?p|top_?k", json.dumps(bodies(provider)), re.IGNORECASE)


def test_the_answer_is_limited(provider):
    body = bodies(provider)[Stage.VOTE]
    limits = (
        body.get("max_tokens"),
        body.get("max_output_tokens"),
        body.get("generationConfig", {}).get("maxOutputTokens"),
        body.get("inferenceConfig", {}).get("maxTokens"),
    )
    guessed = provider in {"ollama", "gateway"}  # nobody told us what these models can do
    assert [limit for limit in limits if limit] == [8_192 if guessed else 32_000]


def test_the_key_is_in_a_header_and_nowhere_else(provider, server):
    failed(sent_to, server, provider)
    ((path, headers, body),) = server.seen
    place = {"google": ["x-goog-api-key"], "ollama": [], "bedrock": []}.get(provider, ["authorization"])
    assert [name for name, value in headers.items() if asked.KEY in value] == place
    assert asked.KEY not in path
    assert asked.KEY.encode() not in body
    assert asked.AWS.secret_key not in f"{path}{headers}{body}"


# What a server can do to us.


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param({}, None, id="no Retry-After"),
        pytest.param({"retry_after": "3600"}, 3600.0, id="an hour: reported, whoever asks decides"),
        pytest.param({"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0, id="a date that is over"),
        pytest.param({"retry_after": "soon"}, None, id="nonsense"),
    ],
)
def test_retry_after(provider, server, header, seconds):
    server.answer(429, '{"error": {"message": "slow down"}}', **header)
    error = failed(sent_to, server, provider)
    assert (error.kind, error.retry_after) == (FailureKind.RATE, seconds)


@pytest.mark.parametrize("status", [401, 408, 409, 429, 500, 503, 529])
def test_one_call_is_one_request(provider, server, status):
    server.answer(status, '{"error": {"message": "no"}}', retry_after="0", x_should_retry="true")
    failed(sent_to, server, provider)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="nothing"),
        pytest.param("null", id="null"),
        pytest.param("[]", id="a list"),
        pytest.param("{}", id="an empty object"),
        pytest.param('{"content": null, "output": null, "candidates": null, "choices": null}', id="nulls"),
        pytest.param(
            '{"content": "x", "output": "x", "candidates": "x", "choices": "x"}',
            id="text where a list belongs",
        ),
        pytest.param(
            '{"content": [null], "output": [null], "candidates": [null], "choices": [null]}',
            id="null where a block belongs",
        ),
        pytest.param("[" * 100_000, id="nested too deeply"),
        pytest.param("<!DOCTYPE html><title>Sign in</title>", id="the page of a gateway"),
        pytest.param(b"\xff\xfe\x00", id="no text at all"),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_body_of_another_kind_is_a_model_error(provider, server, status, body):
    server.answer(status, body)
    error = failed(sent_to, server, provider)
    assert error.kind in {FailureKind.OVERLOAD, FailureKind.BAD_REQUEST}
    assert "\n" not in str(error)
    assert len(str(error)) < 300


def test_a_page_instead_of_json_is_quoted(provider, server):
    server.answer(200, "<!DOCTYPE html><title>Sign in</title>", content_type="text/html")
    assert "Sign in" in str(failed(sent_to, server, provider))


def test_a_redirect_takes_the_key_nowhere(provider, serve):
    gateway, elsewhere = serve(), serve()
    gateway.answer(307, "", location=elsewhere.url)
    error = failed(sent_to, gateway, provider)
    assert error.kind is FailureKind.BAD_REQUEST
    assert "redirect" in str(error)
    assert elsewhere.seen == []


def test_nobody_listens(provider):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    error = failed(asyncio.run, asked.complete(asked.build(provider, url), asked.prompt("any")))
    assert error.kind is FailureKind.NETWORK


def test_the_server_hangs_up(provider, server):
    server.hang_up = True
    assert failed(sent_to, server, provider).kind is FailureKind.NETWORK
    assert len(server.seen) == 1


def test_the_server_never_answers(provider, server):
    server.silent = True

    async def patient():
        async with asyncio.timeout(10):  # only reached by an adapter that takes seconds for another unit
            await asked.complete(asked.build(provider, server.url), asked.prompt("any"), seconds=0.2)

    error = failed(asyncio.run, patient())
    assert (error.kind, str(error)) == (FailureKind.TIMEOUT, "timed out waiting for the answer")


def test_cancelling_is_not_a_model_error(provider, server):
    server.silent = True

    async def impatient():
        async with asyncio.timeout(0.1):
            await asked.complete(asked.build(provider, server.url), asked.prompt("any"), seconds=60)

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())


def test_the_words_of_a_vendor_are_cut_and_carry_no_secret(provider, server):
    key = "sk-" + "a1b2c3d4" * 4
    words = f"bad\n\x1b[31m key {key} at http://me:pass@host/ " + "x" * 999
    server.answer(400, json.dumps({"error": {"message": words}, "message": words}))
    error = failed(sent_to, server, provider)
    assert str(error).startswith("HTTP 400: bad [31m key [key] at http://host/ xxx")
    assert len(str(error)) < 250


def test_what_a_vendor_says_of_a_wrong_key_is_not_repeated(provider, server):
    """It quotes parts of the key, in shapes nobody can list."""
    server.answer(
        401, json.dumps({"error": {"message": f"Incorrect key: {asked.KEY[:6]}...{asked.KEY[-3:]}"}})
    )
    assert str(failed(sent_to, server, provider)) == "HTTP 401: the key was not accepted"


def test_text_that_utf8_cannot_carry_is_sent_all_the_same(provider, server):
    """A file name or a source may hold bytes that are no UTF-8."""
    question = asked.prompt("\udcff")
    failed(sent_to, server, provider, question)
    ((_, _, body),) = server.seen
    assert texts(provider, json.loads(body))[-1].endswith(question.task.replace("\udcff", "?"))


PATHS = {
    "anthropic": "/v1/messages",
    "openai": "/v1/responses",
    "google": "/v1beta/models/gemini-3.8-flash:generateContent",
    "deepseek": "/chat/completions",
    "ollama": "/v1/chat/completions",
    "gateway": "/api/v1/chat/completions",
    "bedrock": "/model/us.anthropic.claude-sonnet-5-5/converse",
}


def test_the_environment_changes_neither_key_nor_address_nor_headers(provider, server, monkeypatch):
    for name in ("ANTHROPIC", "OPENAI", "GEMINI", "GOOGLE", "DEEPSEEK"):
        monkeypatch.setenv(f"{name}_API_KEY", "another")
        monkeypatch.setenv(f"{name}_BASE_URL", "http://127.0.0.1:9/")
        monkeypatch.setenv(f"{name}_CUSTOM_HEADERS", "x-smuggled: another\nauthorization: Bearer another")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "another")
    monkeypatch.setenv("OPENAI_ORG_ID", "another")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "another")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "v9")
    for name in AWS_VARIABLES:
        monkeypatch.setenv(name, "another")
    without_keys(os.environ)  # as every run does before it builds a model
    failed(sent_to, server, provider)
    ((path, headers, body),) = server.seen
    assert path == PATHS[provider]
    assert [name for name, value in headers.items() if "another" in value] == []
    assert b"another" not in body


def test_a_request_is_what_the_sdk_of_the_vendor_would_send(provider):
    if provider == "bedrock":
        for body in bodies(provider).values():
            assert converse_server.problems({"modelId": "m", **body}) == ""
            assert "temprature" in converse_server.problems({"modelId": "m", **body, "temprature": 0})
        return
    for body in bodies(provider).values():
        SDK_TYPES[provider].validate_python(body, extra="forbid")
    with pytest.raises(ValidationError, match="temprature"):  # and they do refuse what the API does not know
        SDK_TYPES[provider].validate_python(body | {"temprature": 0}, extra="forbid")


def test_a_proxy_of_the_environment_is_used(provider, server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.url)
    model = asked.build(provider, "http://api.example")
    failed(asyncio.run, asked.complete(model, asked.prompt("any")))
    ((path, _, _),) = server.seen
    assert path.startswith("http://api.example/")


def test_a_model_reads_every_language_and_knows_itself(provider):
    model = asked.build(provider)
    assert model.spec.name == asked.ADAPTERS[provider][0]
    assert model.reads("x.cobol")
    asyncio.run(model.close())
