"""What is asked in a batch is asked in the same words as alone, and answered in the same form."""

import asyncio
import json

import asked
import pytest
from model_servers import Model
from pydantic import ValidationError

from reviewbot import catalog, replies
from reviewbot.errors import FailureKind, ModelError
from reviewbot.llm import BatchModel, Prompt, Question, Stage, Stop, Usage

VENDORS = {"anthropic": "claude", "openai": "gpt", "google": "gemini"}
IDS = ("first-1", "second-1", "third-1")


@pytest.fixture(params=VENDORS)
def provider(request):
    return request.param


@pytest.fixture
def server(provider):
    model = Model(VENDORS[provider])
    yield model
    model.stop()


def prompt(path):
    return Prompt(
        Question(Stage.REVIEW, ()), "You review code.", f"File: {path}\n1 x = 1\n", "Task: review\n"
    )


PROMPTS = [prompt(f"{id_}.py") for id_ in IDS]


def with_model(provider, server, work):
    """What `work` makes of an adapter that speaks to the server."""
    (url,) = server.environ.values()

    async def run():
        model = asked.build(provider, url.removesuffix(asked.ADAPTERS[provider][1]))
        try:
            return await work(model)
        finally:
            await model.close()

    return asyncio.run(run())


async def batch(model):
    job = await model.submit({id_: model.request(one) for id_, one in zip(IDS, PROMPTS, strict=True)})
    return await model.collect(job, IDS)


def test_every_answer_finds_its_question(provider, server):
    found = with_model(provider, server, batch)
    assert {id_: replies.parse(answer.text).read for id_, answer in found.items()} == {
        id_: {f"{id_}.py"} for id_ in IDS
    }
    assert {(a.stop, a.usage) for a in found.values()} == {(Stop.COMPLETE, Usage(1_000, 0, 0, 100))}


def test_a_batch_asks_what_is_asked_alone(provider, server):
    async def alone(model):
        return [await model.complete(one, seconds=5) for one in PROMPTS]

    answers = with_model(provider, server, alone)
    sent = [json.loads(body) for body in server.heard]
    found = with_model(provider, server, batch)
    (together,) = server.batches.jobs.values()
    assert together == sent
    assert [found[id_].text for id_ in IDS] == [answer.text for answer in answers]


def test_a_job_at_work_has_no_answers_yet(provider, server):
    server.batches.looks = 1

    async def looks(model):
        job = await model.submit({id_: model.request(one) for id_, one in zip(IDS, PROMPTS, strict=True)})
        return await model.collect(job, IDS), await model.collect(job, IDS)

    first, second = with_model(provider, server, looks)
    assert first is None
    assert len(second) == 3


@pytest.mark.parametrize(
    ("trouble", "stop"),
    [
        pytest.param("cut off", Stop.TRUNCATED, id="cut off"),
        pytest.param("refusal", Stop.REFUSED, id="declined"),
    ],
)
def test_an_answer_that_is_none_says_so_as_ever(provider, server, trouble, stop):
    server.trouble = trouble
    assert {answer.stop for answer in with_model(provider, server, batch).values()} == {stop}


@pytest.mark.parametrize(
    ("trouble", "words", "kind"),
    [
        pytest.param("400", "no such field", FailureKind.BAD_REQUEST, id="not accepted"),
        pytest.param("500", "something broke", FailureKind.OVERLOAD, id="the server failed"),
    ],
)
def test_a_question_that_failed_says_why(provider, server, trouble, words, kind):
    server.trouble, server.words = trouble, words
    found = with_model(provider, server, batch)
    assert set(found) == set(IDS)
    assert {(error.kind, words in str(error)) for error in found.values()} == {(kind, True)}


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        pytest.param("expired", FailureKind.TIMEOUT, id="not answered within the day"),
        pytest.param("cancelled", FailureKind.BAD_REQUEST, id="cancelled by somebody"),
    ],
)
def test_a_job_that_ended_early(provider, server, trouble, kind):
    server.batches.trouble = trouble
    found = with_model(provider, server, batch)
    assert {found[id_].kind for id_ in IDS} == {kind}


@pytest.mark.parametrize(
    "provider", ["openai", "google"], indirect=True
)  # Anthropic judges each request for itself
def test_a_job_that_was_refused_as_a_whole(provider, server):
    server.batches.trouble = "failed"
    found = with_model(provider, server, batch)
    assert {found[id_].kind for id_ in IDS} == {FailureKind.BAD_REQUEST}


def test_an_answer_that_is_missing_is_nobody_elses(provider, server):
    server.batches.trouble = "one missing"
    found = with_model(provider, server, batch)
    if provider == "google":  # which says no more of an answer than its place
        assert {found[id_].kind for id_ in IDS} == {FailureKind.BAD_REQUEST}
    else:
        assert sorted(found) == ["second-1", "third-1"]
        assert {replies.parse(a.text).read == {f"{id_}.py"} for id_, a in found.items()} == {True}


def test_a_job_that_is_gone(provider, server):
    server.batches.trouble = "gone"
    with pytest.raises(ModelError) as caught:
        with_model(provider, server, batch)
    assert caught.value.kind is FailureKind.NOT_FOUND


def test_the_stand_in_is_as_strict_as_the_vendors_own_types(provider, server):
    with_model(provider, server, batch)
    ((body, *_),) = server.batches.jobs.values()
    with pytest.raises(ValidationError, match="temprature"):
        server.batches.start("another", {"a-1": {**body, "temprature": 0}})


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "{}", '{"id": 1, "name": 1, "metadata": []}', "<html>", '{"metadata": {"output": 1}}'],
)
@pytest.mark.parametrize("call", ["submit", "collect"])
def test_a_body_of_another_kind_is_a_model_error(provider, serve, call, body):
    script = serve().answer(200, body)

    async def work():
        model = asked.build(provider, script.url)
        try:
            if call == "submit":
                await model.submit({"a-1": model.request(PROMPTS[0])})
            else:
                await model.collect("batches/b1", ["a-1"])
        finally:
            await model.close()

    with pytest.raises(ModelError) as caught:
        asyncio.run(work())
    assert caught.value.kind is FailureKind.OVERLOAD


@pytest.mark.parametrize("provider", ["deepseek", "ollama", "gateway", "bedrock"])
def test_the_others_take_no_batches(provider):
    assert not isinstance(asked.build(provider), BatchModel)


def test_ids_and_limits_fit_the_vendor(provider):
    model = asked.build(provider)
    assert isinstance(model, BatchModel)
    assert model.batch_bytes > 4 * catalog.lookup(asked.ADAPTERS[provider][0]).window
    asyncio.run(model.close())
