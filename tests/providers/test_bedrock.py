"""What is particular to AWS Bedrock: credentials, regions, its stop reasons, its way of counting, its errors."""

import asyncio
import json
import subprocess
import sys
import threading
from dataclasses import replace

import asked
import botocore.exceptions as errors
import converse_server
import pytest

from reviewbot import catalog, providers
from reviewbot.endpoints import Access, Aws
from reviewbot.errors import ConfigError, FailureKind, ModelError
from reviewbot.llm import Stop, Usage
from reviewbot.providers import bedrock as adapter

CLAUDE = "bedrock/us.anthropic.claude-sonnet-5-5"


def build(aws=asked.AWS, url=None, name=CLAUDE):
    return providers.build(catalog.lookup(name), Access(base_url=url, aws=aws))


def ask(server, aws=asked.AWS, name=CLAUDE):
    return asyncio.run(asked.complete(build(aws, server.url, name), asked.prompt("any")))


def answered(server, body, **kwargs):
    server.answer(200, json.dumps(body), x_amzn_requestid="req_1")
    return ask(server, **kwargs)


def response(*blocks, reason="end_turn", **rest):
    content = list(blocks) or [{"text": "{}"}]
    return {"output": {"message": {"role": "assistant", "content": content}}, "stopReason": reason} | rest


#: Decided by the default: an answer that ended so is not complete, and not refused either.
NOT_COMPLETE = {"tool_use", "stop_sequence", "malformed_model_output", "malformed_tool_use"}


def test_every_stop_reason_of_the_service_is_decided():
    """Fails for a reason that a newer botocore adds, until somebody has decided what it means."""
    reasons = set(converse_server.OPERATION.output_shape.members["stopReason"].enum)
    assert reasons == set(adapter._STOPS) | NOT_COMPLETE | {"model_context_window_exceeded"}


@pytest.mark.parametrize("reason", [*adapter._STOPS, *sorted(NOT_COMPLETE), "brand_new", None])
def test_only_the_end_of_the_turn_is_complete(server, reason):
    answer = answered(server, response(reason=reason))
    assert answer.stop is adapter._STOPS.get(reason, Stop.TRUNCATED)
    assert (answer.stop is Stop.COMPLETE) == (reason == "end_turn")
    assert answer.detail == ("" if reason == "end_turn" else reason or "no stop reason")


def test_a_window_that_is_too_small_is_no_answer(server):
    with pytest.raises(ModelError) as caught:
        answered(server, response(reason="model_context_window_exceeded"))
    assert caught.value.kind is FailureKind.TOO_LONG


def test_reasoning_is_not_part_of_the_answer(server):
    thought = {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}}
    assert answered(server, response(thought, {"text": '{"read"'}, {"text": ": []}"})).text == '{"read": []}'


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        pytest.param(
            {
                "inputTokens": 10,
                "cacheWriteInputTokens": 200,
                "cacheReadInputTokens": 3000,
                "outputTokens": 5,
            },
            Usage(3210, 3000, 200, 5),
            id="cache reads and writes are part of the input",
        ),
        pytest.param({"inputTokens": 10, "outputTokens": 5}, Usage(10, 0, 0, 5), id="no cache"),
        pytest.param(None, Usage(), id="none at all"),
    ],
)
def test_usage(server, usage, counted):
    assert answered(server, response(usage=usage)).usage == counted


def test_the_request_id_is_kept(server):
    assert answered(server, response()).request_id == "req_1"


# What is asked of whose models.


@pytest.mark.parametrize(
    ("id_", "family", "enforced", "marked"),
    [
        ("anthropic.claude-haiku-5-5", "claude", True, True),
        ("global.anthropic.claude-sonnet-5-5", "claude", True, True),
        ("eu.anthropic.claude-haiku-4-5-20251001-v1:0", "claude", True, True),
        pytest.param(
            "us.anthropic.claude-opus-4-1-20250805-v1:0",
            "claude",
            False,
            True,
            id="before schemas were enforced",
        ),
        ("global.openai.gpt-6.1-sol", "gpt", True, False),
        ("openai.gpt-oss-120b-1:0", "gpt", False, False),
        ("us.meta.llama4-maverick-17b-instruct-v1:0", "llama", False, False),
        ("us.deepseek.r1-v1:0", "deepseek", False, False),
        ("qwen.qwen3-coder-480b-a35b-v1:0", "qwen", False, False),
        ("mistral.mistral-large-3-675b-instruct", "mistral", False, False),
        ("amazon.nova-pro-v1:0", "nova", False, False),
        ("google.gemma-3-27b-it", "gemini", False, False),
        (
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-5-5",
            "claude",
            True,
            True,
        ),
    ],
)
def test_the_models_of_every_vendor(id_, family, enforced, marked):
    spec = catalog.lookup(f"bedrock/{id_}")
    sent = adapter.request(spec, asked.prompt("any"))
    assert (spec.family, sent["modelId"]) == (family, id_)
    assert ("outputConfig" in sent) is enforced
    assert sent["system"] == [{"text": asked.prompt("any").system}]
    assert ({"cachePoint": {"type": "default"}} in sent["messages"][0]["content"]) is marked
    assert converse_server.problems(sent) == ""


def test_a_model_keeps_its_limits_at_bedrock():
    here, there = catalog.lookup(CLAUDE), catalog.lookup("anthropic/claude-sonnet-5-5")
    assert (here.window, here.max_output) == (there.window, there.max_output)


def test_a_fence_is_taken_off_where_nobody_promised_json(server):
    fenced = response({"text": "```json\n{}\n```"})
    assert answered(server, fenced, name="bedrock/amazon.nova-pro-v1:0").text == "{}"
    assert answered(server, fenced).text != "{}"


# Credentials and regions.


def test_a_request_is_signed_for_the_account(server):
    answered(server, response(), aws=replace(asked.AWS, session_token="a-session"))
    ((path, headers, body),) = server.seen
    assert converse_server.signed("POST", server.url + path, headers, body, asked.AWS)
    assert headers["x-amz-security-token"] == "a-session"
    other = replace(asked.AWS, secret_key="another")
    assert not converse_server.signed("POST", server.url + path, headers, body, other)


BEARER = Aws(bearer=asked.KEY, region="us-east-1")


def test_an_api_key_of_bedrock_goes_as_it_is():
    model, sent = build(BEARER), []

    def instead_of_sending(request, **_):
        sent.append((request.url, request.headers["authorization"]))
        raise errors.EndpointConnectionError(endpoint_url=request.url)

    model._session.register("before-send.bedrock-runtime.Converse", instead_of_sending)
    with pytest.raises(ModelError):
        asyncio.run(asked.complete(model, asked.prompt("any")))
    ((url, header),) = sent
    assert url.startswith("https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude")
    assert header == f"Bearer {asked.KEY}".encode()


def test_an_api_key_of_bedrock_never_goes_unencrypted(server):
    with pytest.raises(ModelError, match="requires an HTTPS endpoint"):
        ask(server, aws=BEARER)
    assert server.seen == []


def test_without_credentials_it_says_so(server):
    with pytest.raises(ModelError, match="no usable AWS credentials: Unable to locate credentials") as caught:
        ask(server, aws=Aws(region="us-east-1"))
    assert caught.value.kind is FailureKind.AUTH
    assert server.seen == []


def test_credentials_of_a_profile_are_found(server, monkeypatch, tmp_path):
    file = tmp_path / "credentials"
    file.write_text(f"[team]\naws_access_key_id = FROMTHEFILE\naws_secret_access_key = {asked.KEY}\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_PROFILE", "team")
    answered(server, response(), aws=Aws(region="us-east-1"))
    ((_, headers, _),) = server.seen
    assert "Credential=FROMTHEFILE/" in headers["authorization"]


@pytest.mark.parametrize(
    ("aws", "environ", "words"),
    [
        pytest.param(Aws(), {}, "Bedrock needs a region; set AWS_REGION", id="no region"),
        pytest.param(Aws(key_id="A", region="r"), {}, "belong together", id="half a pair"),
        pytest.param(
            Aws(), {"AWS_PROFILE": "nobody"}, "profile (nobody) could not be found", id="no such profile"
        ),
    ],
)
def test_what_can_be_known_before_asking_is_a_sentence(monkeypatch, aws, environ, words):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        build(aws)
    assert words in str(caught.value)


def test_a_region_of_the_profile_counts(monkeypatch, tmp_path):
    file = tmp_path / "config"
    file.write_text("[default]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    assert build(Aws())._region == "eu-west-1"
    assert build(Aws(region="us-east-1"))._region == "us-east-1"


def test_a_region_that_cannot_be_one_is_a_failure():
    with pytest.raises(ModelError, match="region") as caught:
        asyncio.run(asked.complete(build(replace(asked.AWS, region="not a region")), asked.prompt("any")))
    assert caught.value.kind is FailureKind.BAD_REQUEST


def test_without_botocore_it_says_what_to_install():
    code = (
        "import sys; sys.modules['botocore'] = None\n"
        "from reviewbot import catalog, providers\n"
        "from reviewbot.endpoints import Access\n"
        f"providers.build(catalog.lookup({CLAUDE!r}), Access())"
    )
    said = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True).stderr
    assert said.rstrip().endswith(
        f"{CLAUDE} needs the package botocore; install it with: pip install 'reviewbot[bedrock]'"
    )


# Threads.


def test_a_call_that_hangs_does_not_keep_the_process_alive(server):
    server.silent = True

    async def impatient():
        async with asyncio.timeout(0.1):
            await asked.complete(build(url=server.url), asked.prompt("any"), seconds=2)

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())
    waiting = [thread for thread in threading.enumerate() if thread.name == "bedrock"]
    assert waiting
    assert all(thread.daemon for thread in waiting)


def test_a_bug_in_the_thread_is_raised_where_the_answer_is_awaited():
    with pytest.raises(ZeroDivisionError):
        asyncio.run(adapter._in_thread(lambda: 1 // 0))


# Every error the service describes, and every one botocore can raise.


@pytest.mark.parametrize(
    ("code", "status", "message", "kind"),
    [
        ("AccessDeniedException", 403, "m", FailureKind.AUTH),
        ("UnrecognizedClientException", 403, "m", FailureKind.AUTH),
        ("ExpiredTokenException", 400, "m", FailureKind.AUTH),
        ("ThrottlingException", 429, "m", FailureKind.RATE),
        pytest.param(
            "ThrottlingException", 400, "m", FailureKind.RATE, id="with the status of other services"
        ),
        ("ServiceQuotaExceededException", 400, "m", FailureKind.RATE),
        ("ModelNotReadyException", 429, "m", FailureKind.RATE),
        ("ModelTimeoutException", 408, "m", FailureKind.OVERLOAD),
        ("ModelErrorException", 424, "m", FailureKind.OVERLOAD),
        ("InternalServerException", 500, "m", FailureKind.OVERLOAD),
        ("ServiceUnavailableException", 503, "m", FailureKind.OVERLOAD),
        ("ResourceNotFoundException", 404, "m", FailureKind.NOT_FOUND),
        ("ValidationException", 400, "on-demand throughput isn't supported", FailureKind.BAD_REQUEST),
        ("ValidationException", 400, "Input is too long for requested model.", FailureKind.TOO_LONG),
        ("ValidationException", 400, "prompt is too long: 9 tokens > 8 maximum", FailureKind.TOO_LONG),
    ],
)
def test_errors_of_the_service(server, code, status, message, kind):
    server.answer(status, json.dumps({"message": message}), x_amzn_errortype=f"{code}:http://x/")
    with pytest.raises(ModelError) as caught:
        ask(server)
    assert caught.value.kind is kind


def test_every_error_of_the_service_is_decided():
    described = {shape.name for shape in converse_server.OPERATION.error_shapes}
    by_status = {
        "AccessDeniedException", "InternalServerException", "ServiceUnavailableException",
        "ResourceNotFoundException", "ValidationException",
    }  # fmt: skip
    assert described == by_status | (described & set(adapter._CODES))


AUTH = {
    "NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "UnknownCredentialError",
    "MetadataRetrievalError", "ProfileNotFound", "RefreshWithMFAUnsupportedError", "NoAuthTokenError",
    "TokenRetrievalError", "SSOError", "SSOTokenLoadError", "UnauthorizedSSOTokenError", "LoginError",
    "LoginAuthorizationCodeError", "LoginInsufficientPermissions", "LoginRefreshRequired", "LoginTokenLoadError",
    "ClientError", "EventStreamError",
}  # fmt: skip
TIMEOUT = {"ConnectTimeoutError", "ReadTimeoutError"}
NETWORK = {
    "ConnectionError", "EndpointConnectionError", "ProxyConnectionError", "SSLError", "ConnectionClosedError",
    "HTTPClientError", "IncompleteReadError", "ResponseStreamingError", "ChecksumError",
}  # fmt: skip
#: Bugs in descriptions of services, not things that happen to a call: they are to be seen.
NOT_CAUGHT = {"UndefinedModelAttributeError", "MissingServiceIdError"}


def exported():
    named = {name: value for name, value in vars(errors).items() if isinstance(value, type)}
    return {n: c for n, c in named.items() if issubclass(c, Exception) and not issubclass(c, Warning)}


def raised(kind):
    """An instance, without what its message would be filled with."""
    error = kind.__new__(kind)
    Exception.__init__(error, "m")
    return error


@pytest.mark.parametrize("name", sorted(set(exported()) - NOT_CAUGHT))
def test_every_error_of_botocore_has_a_kind(name):
    """Connection errors are for another try, credentials are not, and what else is wrong was wrong before."""
    kinds = {FailureKind.AUTH: AUTH, FailureKind.TIMEOUT: TIMEOUT, FailureKind.NETWORK: NETWORK}
    expected = next((kind for kind, names in kinds.items() if name in names), FailureKind.BAD_REQUEST)
    kind = exported()[name]
    assert issubclass(kind, errors.BotoCoreError | errors.ClientError)
    assert adapter._failure(raised(kind)).kind is expected


def test_the_lists_name_errors_that_exist():
    assert set(exported()) >= AUTH | TIMEOUT | NETWORK | NOT_CAUGHT
