"""SDKs are imported one after the other, beside what else there is to do."""

import asyncio
import subprocess
import sys
import threading

import pytest

from reviewbot import catalog
from reviewbot.providers.sdks import Sdks

GPT = catalog.lookup("openai/gpt-6-luna")


def test_what_was_begun_is_done_in_order_and_then_the_rest():
    done = []
    with Sdks(done.extend) as importing:
        importing.begin(["google", "openai"])
        importing.begin(["openai", "anthropic"])
        finished = threading.Event()
        importing.also(finished.set)
        finished.wait()
    assert done == ["google", "openai", "anthropic"]


def test_a_model_is_ready_when_its_sdk_is_there_whoever_gives_up_waiting():
    go, done = threading.Event(), []

    def preload(names):
        go.wait()
        done.extend(names)

    async def wait():
        with Sdks(preload) as importing:
            impatient = asyncio.create_task(importing.ready(GPT))
            patient = asyncio.create_task(importing.ready(GPT))
            await asyncio.sleep(0)
            impatient.cancel()
            await asyncio.sleep(0)
            assert done == []
            go.set()
            await patient
            await importing.ready(GPT)

    asyncio.run(wait())
    assert done == ["openai"]


def test_an_sdk_that_cannot_be_imported_is_said_to_who_waits():
    def preload(_):
        raise ModuleNotFoundError("no such module")

    async def wait():
        with Sdks(preload) as importing:
            await importing.ready(GPT)

    with pytest.raises(ModuleNotFoundError, match="no such module"):
        asyncio.run(wait())


def test_analysers_take_no_sdk():
    code = """
import sys
from reviewbot.providers.sdks import Sdks
with Sdks() as importing:
    importing.begin(["static"])
    importing._begun["static"].result()
print({"httpx2", "anyio"} & set(sys.modules))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert run.stdout.strip() == "set()"


def test_a_model_of_a_vendor_is_built_without_its_sdk():
    code = """
import sys
from reviewbot import catalog, providers
from reviewbot.endpoints import Access
model = providers.prepared(catalog.lookup("anthropic/claude-haiku-5-5"), Access("not-a-real-key"))
print(model.spec.name, model.reads("x.py"), "anthropic" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert run.stdout.split() == ["anthropic/claude-haiku-5-5", "True", "False"]
