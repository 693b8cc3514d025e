"""Models of many vendors, through the Converse API of AWS Bedrock."""

from __future__ import annotations

import asyncio
import functools
import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import botocore.exceptions as errors
from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session
from botocore.tokens import ScopedEnvTokenProvider, TokenProviderChain
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from reviewbot import catalog, replies
from reviewbot.errors import ConfigError, FailureKind, ModelError
from reviewbot.llm import Completion, Json, Stop, Usage
from reviewbot.providers import http

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reviewbot.endpoints import Access, Aws
    from reviewbot.llm import ModelSpec, Prompt

T = TypeVar("T")

_STOPS = {
    "end_turn": Stop.COMPLETE,
    "max_tokens": Stop.TRUNCATED,
    "guardrail_intervened": Stop.REFUSED,
    "content_filtered": Stop.REFUSED,
}

#: By the name of the error, where its HTTP status says less, or something else.
_CODES = {
    "ThrottlingException": FailureKind.RATE,
    "ServiceQuotaExceededException": FailureKind.RATE,
    "ModelNotReadyException": FailureKind.RATE,
    "ModelTimeoutException": FailureKind.OVERLOAD,
    "ModelErrorException": FailureKind.OVERLOAD,
    "UnrecognizedClientException": FailureKind.AUTH,
    "ExpiredTokenException": FailureKind.AUTH,
}

_CREDENTIALS = (
    errors.NoCredentialsError,
    errors.PartialCredentialsError,
    errors.CredentialRetrievalError,
    errors.UnknownCredentialError,
    errors.MetadataRetrievalError,
    errors.ProfileNotFound,
    errors.RefreshWithMFAUnsupportedError,
    errors.NoAuthTokenError,
    errors.TokenRetrievalError,
    errors.SSOError,
    errors.LoginError,
)
_TIMEOUTS = (errors.ConnectTimeoutError, errors.ReadTimeoutError)
_TRANSPORT = (
    errors.ConnectionError,
    errors.HTTPClientError,
    errors.IncompleteReadError,
    errors.ResponseStreamingError,
    errors.ChecksumError,
)


class BedrockModel:
    """One model at Bedrock; one request a call, in a thread, since botocore waits; its retries are off."""

    def __init__(self, spec: ModelSpec, access: Access) -> None:
        """Raises ConfigError where the region is missing, or half of the credentials."""
        self.spec = spec
        self._session = _session(access.aws)
        self._region = access.aws.region or _configured_region(self._session)
        self._base_url = access.base_url
        self._bearer = bool(access.aws.bearer)
        self._making = threading.Lock()

    def reads(self, path: str) -> bool:  # noqa: ARG002 - part of the Model protocol
        """A language model reads every language."""
        return True

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:
        """Ask once. Raises ModelError."""
        try:
            answer = await _in_thread(lambda: self._converse(prompt, seconds))
        except (errors.BotoCoreError, errors.ClientError) as error:
            raise _failure(error) from error
        if answer.status != 200:
            raise _rejected(answer)
        return _completion(self.spec, answer)

    async def close(self) -> None:
        """Nothing to let go of: each call closes its own connection."""

    def _converse(self, prompt: Prompt, seconds: float) -> _Answer:
        # A client a call: its timeouts cannot be changed, and it takes 10 ms where the connection takes 100.
        config = Config(
            connect_timeout=min(http.CONNECT_SECONDS, seconds),
            read_timeout=seconds,
            retries={"total_max_attempts": 1},
            signature_version="bearer" if self._bearer else None,
        )
        with self._making:  # sessions are not made for threads
            client = self._session.create_client(
                "bedrock-runtime", region_name=self._region, endpoint_url=self._base_url, config=config
            )
        answers: list[_Answer] = []

        def keep(response_dict: dict[str, Any], **_: object) -> None:
            # Raw: botocore's own parsing dies of bodies that are not what it expects.
            answers.append(
                _Answer(response_dict["status_code"], response_dict["body"], response_dict["headers"])
            )
            response_dict.update(status_code=200, body=b"{}")

        client.meta.events.register("before-parse.bedrock-runtime.Converse", keep)
        try:
            client.converse(**request(self.spec, prompt))
        except errors.ClientError:
            if not answers:  # then it is of the service that lends credentials
                raise
        finally:
            client.close()
        return answers[-1]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came over HTTP; names of headers are case-insensitive."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


build = BedrockModel


async def _in_thread(function: Callable[[], T]) -> T:
    """What `function` returns or raises. Its thread never keeps the process from ending, as a pool's would."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def deliver(outcome: T | BaseException) -> None:
        if done.cancelled():
            return
        if isinstance(outcome, BaseException):
            done.set_exception(outcome)
        else:
            done.set_result(outcome)

    def work() -> None:
        outcome: T | BaseException
        try:
            outcome = function()
        except BaseException as error:  # noqa: BLE001 - raised where the answer is awaited
            outcome = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(deliver, outcome)

    threading.Thread(target=work, name="bedrock", daemon=True).start()
    return await done


@functools.cache
def _loader() -> Loader:
    """Reads descriptions of AWS's services, which takes 0.2 s, and keeps them."""
    return Loader()


def _session(aws: Aws) -> Session:
    """A session with the credentials that were in the environment, which botocore itself finds no more."""
    session = Session()
    session.register_component("data_loader", _loader())
    if bool(aws.key_id) != bool(aws.secret_key):
        raise ConfigError(
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together, but only one of them is set"
        )
    if aws.key_id:
        session.set_credentials(aws.key_id, aws.secret_key, aws.session_token or None)
    if aws.bearer:
        environ = {"AWS_BEARER_TOKEN_BEDROCK": aws.bearer}
        session.register_component(
            "token_provider", TokenProviderChain([ScopedEnvTokenProvider(session, environ)])
        )
    return session


def _configured_region(session: Session) -> str:
    try:
        region = session.get_config_variable("region")
    except errors.BotoCoreError as error:
        raise ConfigError(f"AWS: {http.brief(str(error))}") from error
    if not region:
        raise ConfigError("Bedrock needs a region; set AWS_REGION, e.g. to us-east-1")
    return str(region)


def request(spec: ModelSpec, prompt: Prompt) -> dict[str, Any]:
    """The parameters of `converse`."""
    system, prefix, task = map(http.encodable, (prompt.system, prompt.prefix, prompt.task))
    form: dict[str, Any] = {}
    if spec.json is Json.SCHEMA:
        schema = {"name": "reply", "schema": json.dumps(replies.schema())}
        form["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}
    mark = [{"cachePoint": {"type": "default"}}] if spec.breakpoints else []
    return {
        "modelId": spec.id,
        "system": [{"text": system}],
        "messages": [{"role": "user", "content": [{"text": prefix}, *mark, {"text": task}]}],
        "inferenceConfig": {"maxTokens": catalog.output_limit(spec)},
        **form,
    }


class _Json(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _Block(_Json):
    text: str | None = None  # reasoning and tools come in blocks without


class _Message(_Json):
    content: list[_Block]


class _Output(_Json):
    message: _Message


class _Usage(_Json):
    input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_write_input_tokens: int | None = None
    output_tokens: int | None = None


class _Response(_Json):
    output: _Output
    stop_reason: str | None = None
    usage: _Usage | None = None


def _completion(spec: ModelSpec, answer: _Answer) -> Completion:
    response = http.parsed(_Response, answer.text)
    reason = response.stop_reason or "no stop reason"
    if reason == "model_context_window_exceeded":
        raise ModelError(FailureKind.TOO_LONG, "question and answer together exceed the model's window")
    # A reason not listed is one we did not ask for or do not know: never a complete answer.
    stop = _STOPS.get(reason, Stop.TRUNCATED)
    text = "".join(block.text or "" for block in response.output.message.content)
    return Completion(
        text=http.unfenced(text) if spec.json is Json.TEXT else text,
        stop=stop,
        usage=_usage(response.usage or _Usage()),
        detail="" if stop is Stop.COMPLETE else http.brief(reason),
        request_id=answer.headers.get("x-amzn-requestid", ""),
    )


def _usage(usage: _Usage) -> Usage:
    # As at Anthropic, cache reads and writes are counted beside the input; we count them in it.
    fresh, written, read = (
        max(0, count or 0)
        for count in (usage.input_tokens, usage.cache_write_input_tokens, usage.cache_read_input_tokens)
    )
    return Usage(fresh + written + read, read, written, max(0, usage.output_tokens or 0))


class _Error(BaseModel):
    message: str


def _rejected(answer: _Answer) -> ModelError:
    code = answer.headers.get("x-amzn-errortype", "").partition(":")[0]
    try:
        text = _Error.model_validate_json(answer.text).message
    except ValidationError:
        text = answer.text
    kind = _CODES.get(code) or http.kind_of(answer.status)
    # The one case without a code of its own; each vendor's models have words of their own for it.
    if code == "ValidationException" and "too long" in text.lower():
        kind = FailureKind.TOO_LONG
    return http.rejected(answer.status, kind, text or code, answer.headers)


def _failure(error: errors.BotoCoreError | errors.ClientError) -> ModelError:
    """What went wrong before there was an answer."""
    words = http.brief(str(error)) or type(error).__name__
    if isinstance(error, (*_CREDENTIALS, errors.ClientError)):
        return ModelError(FailureKind.AUTH, f"no usable AWS credentials: {words}")
    if isinstance(error, _TIMEOUTS):
        where = "connecting" if isinstance(error, errors.ConnectTimeoutError) else "waiting for the answer"
        return ModelError(FailureKind.TIMEOUT, f"timed out {where}")
    if isinstance(error, _TRANSPORT):
        return ModelError(FailureKind.NETWORK, words)
    # Regions, endpoints, parameters: what botocore finds wrong before it sends anything.
    return ModelError(FailureKind.BAD_REQUEST, words)
