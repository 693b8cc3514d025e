"""The table of providers: what it imports, and what it refuses to build."""

import subprocess
import sys

import pytest

from reviewbot import catalog, providers
from reviewbot.errors import ConfigError

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
    ],
)
def test_sdks_are_imported_when_needed(code, loaded):
    assert printed(f"{code}\nimport sys; print(sorted({SDKS} & set(sys.modules)))") == loaded


def test_every_catalogued_vendor_has_an_adapter():
    assert set(catalog.PROVIDERS) - {"static"} == set(providers.PROVIDERS)


def build(key="not-a-real-key", base_url=None):
    return providers.build(catalog.lookup("anthropic/claude-haiku-5-5"), key=key, base_url=base_url)


@pytest.mark.parametrize("key", ["", "  ", "two words", "line\nbreak", "ключ", "nul\0"])
def test_a_key_that_cannot_be_sent_is_named_not_shown(key):
    """HTTP libraries refuse it too, with an error that quotes it."""
    with pytest.raises(ConfigError, match="ANTHROPIC_API_KEY") as caught:
        build(key)
    assert not key.strip() or key not in str(caught.value)


def test_space_around_a_key_is_not_part_of_it():
    assert build(" not-a-real-key\n")._client.api_key == "not-a-real-key"


@pytest.mark.parametrize(
    "address",
    ["gateway:8080", "ftp://gateway", "http://", "http://me:word@[bad", "http://host:99999", "http://host:x"],
)
def test_an_address_that_is_none_is_named_not_shown(address):
    with pytest.raises(ConfigError, match="ANTHROPIC_BASE_URL") as caught:
        build(base_url=address)
    assert address not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("anthropic/claude-haiku-5-5", "https://api.anthropic.com"),
        ("openai/gpt-6-luna", "https://api.openai.com/v1/"),
    ],
)
@pytest.mark.parametrize("base_url", [None, "", " "])
def test_without_an_address_it_is_the_vendor(name, address, base_url):
    model = providers.build(catalog.lookup(name), key="not-a-real-key", base_url=base_url)
    assert str(model._client.base_url) == address
