"""The table of providers: what it imports, and what it refuses to build."""

import subprocess
import sys

import pytest

from reviewbot import catalog, providers
from reviewbot.endpoints import Access
from reviewbot.environment import KEY_VARIABLES, URL_VARIABLES
from reviewbot.fields import BUILT_IN

SDKS = "{'anthropic', 'openai', 'google.genai', 'httpx2', 'genai_prices'}"


def printed(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize(
    ("code", "loaded"),
    [
        pytest.param(
            "import reviewbot.providers, reviewbot.catalog, reviewbot.pricing", "[]", id="the table"
        ),
        pytest.param(
            "from reviewbot import providers; providers.preload(['static'])",
            "[]",
            id="a provider without SDK",
        ),
        pytest.param(
            "from reviewbot import providers; providers.preload(['openai'])",
            "['httpx2', 'openai']",
            id="only the one needed",
        ),
        pytest.param(
            "from reviewbot import providers; providers.preload(['ollama', 'deepseek', 'of-the-config'])",
            "['httpx2']",
            id="no SDK for what speaks OpenAI's protocol",
        ),
    ],
)
def test_sdks_are_imported_when_needed(code, loaded):
    assert printed(f"{code}\nimport sys; print(sorted({SDKS} & set(sys.modules)))") == loaded


def test_every_catalogued_vendor_has_an_adapter():
    assert set(catalog.PROVIDERS) - {"static"} == set(providers.PROVIDERS) == set(BUILT_IN)


def test_every_provider_has_variables_for_its_key_and_its_address():
    assert set(URL_VARIABLES) == set(providers.PROVIDERS)
    assert set(KEY_VARIABLES) == set(providers.PROVIDERS) - {"ollama", "bedrock"}


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("anthropic/claude-haiku-5-5", "https://api.anthropic.com"),
        ("openai/gpt-6-luna", "https://api.openai.com/v1/"),
        ("deepseek/deepseek-flash", "https://api.deepseek.com/chat/completions"),
        ("ollama/qwen3-coder:30b", "http://127.0.0.1:11434/v1/chat/completions"),
    ],
)
def test_without_an_address_it_is_the_vendor(name, address):
    model = providers.build(catalog.lookup(name), Access("not-a-real-key"))
    assert (getattr(model, "_url", None) or str(model._client.base_url)) == address
