import datetime as dt
import re
import tomllib
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import get_args

import anthropic.types
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reviewbot import catalog
from reviewbot.errors import ConfigError
from reviewbot.llm import Json, ModelSpec

TODAY = dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("name", "id_", "family"),
    [
        ("anthropic/claude-sonnet-5-5", "claude-sonnet-5-5", "claude"),
        ("openai/gpt-6.1-sol", "gpt-6.1-sol", "gpt"),
        ("google/gemini-3.8-flash", "gemini-3.8-flash", "gemini"),
        pytest.param(
            "anthropic/claude-haiku-4-5-20251001",
            "claude-haiku-4-5-20251001",
            "claude",
            id="pinned by a date",
        ),
        pytest.param(
            "openai/gpt-5.5-2026-04-23", "gpt-5.5-2026-04-23", "gpt", id="pinned by a date with dashes"
        ),
        pytest.param(
            "anthropic/claude-opus-5-5-latest", "claude-opus-5-5-latest", "claude", id="the latest of a model"
        ),
        pytest.param(
            "google/gemini-pro-latest", "gemini-pro-latest", "gemini", id="a name that ends so is itself"
        ),
        ("static/ruff", "ruff", "ruff"),
    ],
)
def test_a_known_model(name, id_, family):
    spec = catalog.lookup(name)
    assert (spec.name, spec.id, spec.family) == (name, id_, family)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param(
            "anthropic/claude-sonet-5-5", ["did you mean 'anthropic/claude-sonnet-5-5'"], id="a typing error"
        ),
        pytest.param(
            "openai/gpt-6.1-sol-mini", ["declare it under providers.openai.models"], id="not a date"
        ),
        pytest.param(
            "openai/my-own",
            ["'openai/my-own'", "providers.openai.models in .reviewbot.yml"],
            id="never heard of",
        ),
        pytest.param("openai/", ["'openai/'"], id="no id"),
        pytest.param(
            "claude-sonnet-5-5",
            ["did you mean 'anthropic/claude-sonnet-5-5'", "provider/model-id"],
            id="no provider",
        ),
        pytest.param(
            "acme/model",
            ["'acme'", "anthropic, openai, google, deepseek, ollama, bedrock, static"],
            id="unknown provider",
        ),
        pytest.param("Anthropic/claude-sonnet-5-5", ["unknown provider 'Anthropic'"], id="capitals"),
        pytest.param("", ["''"], id="nothing"),
    ],
)
def test_an_unknown_model_is_a_sentence_with_the_remedy(name, words):
    with pytest.raises(ConfigError) as caught:
        catalog.lookup(name)
    assert [word for word in words if word not in str(caught.value)] == []
    assert "\n" not in str(caught.value)


OWN = ModelSpec("openai", "my-own", "gpt", 64_000, 8_000)


def test_a_declared_model_is_known():
    assert catalog.lookup("openai/my-own", {OWN.name: OWN}) == OWN
    assert catalog.lookup("openai/my-own-20260101", {OWN.name: OWN}) == replace(OWN, id="my-own-20260101")


def test_a_declaration_wins_over_the_catalogue():
    small = ModelSpec("openai", "gpt-6-luna", "gpt", 8_000, 1_000)
    assert catalog.lookup(small.name, {small.name: small}).window == 8_000


def test_a_declared_model_is_suggested():
    with pytest.raises(ConfigError, match="did you mean 'openai/my-own'"):
        catalog.lookup("openai/my-omn", {OWN.name: OWN})


def test_every_claude_of_the_sdk_that_is_served_is_known():
    named, _ = get_args(anthropic.types.Model)
    unknown = [
        name for name in get_args(named) if f"anthropic/{catalog.unpinned(name)}" not in catalog.MODELS
    ]
    assert unknown == ["claude-mythos-preview"]  # gone since 2026-06-30


def test_answers_fit_the_window():
    assert [s.name for s in catalog.MODELS.values() if s.max_output * 2 > s.window] == []


def test_no_answer_may_be_longer_than_the_strictest_api_allows():
    assert max(catalog.output_limit(spec) for spec in catalog.MODELS.values()) == 32_000
    assert catalog.output_limit(catalog.lookup("openai/gpt-4o")) == 16_384


A, O, G, D = "anthropic", "openai", "google", "deepseek"  # noqa: E741 - the vendors' initials


@pytest.mark.parametrize(
    ("keys", "panel", "scan"),
    [
        pytest.param(
            {A, O, G},
            ("anthropic/claude-sonnet-5-5", "openai/gpt-6.1-sol", "google/gemini-3.8-flash"),
            "anthropic/claude-haiku-5-5",
            id="three vendors",
        ),
        pytest.param(
            {O, G},
            ("openai/gpt-6.1-sol", "google/gemini-3.8-flash", "openai/gpt-6.1-terra"),
            "openai/gpt-6-luna",
            id="two vendors: the first has two seats",
        ),
        pytest.param(
            {G},
            ("google/gemini-3.8-flash", "google/gemini-4-argon", "google/gemini-3.5-flash"),
            "google/gemini-3.5-flash-lite",
            id="one vendor",
        ),
        pytest.param(set(), ("static/ruff", "static/bandit", "static/ast-grep"), "static/any", id="no key"),
        pytest.param(
            {A, O, G, D},
            ("anthropic/claude-sonnet-5-5", "openai/gpt-6.1-sol", "google/gemini-3.8-flash"),
            "anthropic/claude-haiku-5-5",
            id="four vendors: the fourth stands by",
        ),
        pytest.param(
            {G, D},
            ("google/gemini-3.8-flash", "deepseek/deepseek-flash", "google/gemini-4-argon"),
            "google/gemini-3.5-flash-lite",
            id="two vendors, one of them DeepSeek",
        ),
        pytest.param(
            {D},
            ("deepseek/deepseek-flash", "deepseek/deepseek-v4-pro", "deepseek/deepseek-v4-flash"),
            "deepseek/deepseek-flash",
            id="DeepSeek alone",
        ),
        pytest.param(
            {"ollama"},
            ("static/ruff", "static/bandit", "static/ast-grep"),
            "static/any",
            id="what nobody asked for makes no panel",
        ),
    ],
)
def test_the_panel_that_the_keys_buy(keys, panel, scan):
    assert (catalog.default_panel(keys), catalog.default_scan(keys)) == (panel, scan)


@pytest.mark.parametrize("keys", [set(some) for n in range(5) for some in combinations((A, O, G, D), n)])
def test_every_default_is_catalogued_and_no_model_sits_twice(keys):
    panel = catalog.default_panel(keys)
    assert len(set(panel)) == 3
    for name in (*panel, catalog.default_scan(keys), *catalog.default_standby(keys)):
        assert catalog.retiring(catalog.lookup(name), TODAY) is None


@pytest.mark.parametrize(
    ("keys", "standby"),
    [
        pytest.param(set(), ("static/lexical",), id="offline"),
        pytest.param({A, O, G}, (), id="three vendors sit"),
        pytest.param({A, O, G, D}, ("deepseek/deepseek-flash",), id="the fourth has no seat"),
    ],
)
def test_who_has_no_seat_stands_by(keys, standby):
    assert catalog.default_standby(keys) == standby


@pytest.mark.parametrize(
    ("name", "today", "warning"),
    [
        pytest.param("openai/gpt-5", "2026-10-11", None, id="61 days before"),
        pytest.param("openai/gpt-5", "2026-10-12", "is switched off on 2026-12-11", id="60 days before"),
        pytest.param("openai/gpt-5", "2026-12-11", "is switched off on 2026-12-11", id="on the day"),
        pytest.param("openai/gpt-5", "2026-12-12", "was switched off on 2026-12-11", id="after it"),
        pytest.param(
            "anthropic/claude-sonnet-4-5-20250929", "2026-11-21", "is switched off on 2026-11-30", id="pinned"
        ),
        pytest.param("openai/gpt-6.1-sol", "2026-11-21", None, id="no date announced"),
    ],
)
def test_retiring(name, today, warning):
    said = catalog.retiring(catalog.lookup(name), dt.date.fromisoformat(today))
    assert said == warning or (warning in said and name in said)


def test_only_known_models_retire():
    assert set(catalog.RETIRES) <= set(catalog.MODELS)


def test_retirements_of_claude_are_those_of_the_sdk():
    deprecated = anthropic.resources.messages.messages.DEPRECATED_MODELS
    dates = {
        f"anthropic/{name}": dt.datetime.strptime(re.sub("(st|nd|rd|th),", ",", date), "%B %d, %Y").date()  # noqa: DTZ007 - a day
        for name, date in deprecated.items()
    }
    known = {name: date for name, date in dates.items() if name in catalog.MODELS}
    assert known == {name: date for name, date in catalog.RETIRES.items() if name.startswith("anthropic/")}


# The same model behind other doors.

VENDORS_OWN = [spec for spec in catalog.MODELS.values() if spec.provider != "static"]
GATEWAYS = {"openrouter": Json.SCHEMA, "azure": Json.OBJECT}


@given(
    st.sampled_from(VENDORS_OWN),
    st.sampled_from(["", "anthropic/", "openai/", "google/", "~vendor/"]),
    st.sampled_from(["", ":free", ":batch", "-20260101", "-latest"]),
    st.booleans(),
)
def test_a_model_is_of_one_family_through_every_gateway(spec, before, behind, dots):
    id_ = re.sub(r"(?<=\d)-(?=\d)", ".", spec.id) if dots else spec.id
    assume(not (behind.startswith("-") and id_.endswith("-latest")))  # nobody pins what is not pinned
    for gateway, json in GATEWAYS.items():
        seen = catalog.lookup(f"{gateway}/{before}{id_}{behind}", gateways=GATEWAYS)
        assert (seen.family, seen.window, seen.max_output) == (spec.family, spec.window, spec.max_output)
        assert (seen.provider, seen.json, seen.breakpoints) == (gateway, json, False)


@pytest.mark.parametrize(
    ("id_", "family"),
    [
        ("qwen3-coder:30b", "qwen"),
        ("qwen2.5-coder:7b-instruct-q4_K_M", "qwen"),
        ("llama3.3", "llama"),
        ("codellama:13b", "llama"),
        ("meta-llama/llama-4-scout", "llama"),
        ("deepseek-r1:70b", "deepseek"),
        pytest.param("deepseek/deepseek-r1-distill-llama-70b", "deepseek", id="whose it is now comes first"),
        pytest.param("nvidia/llama-3.1-nemotron-70b", "llama", id="likewise"),
        pytest.param("gemma4:31b", "gemini", id="Google's open weights are Google's"),
        pytest.param("gpt-oss:20b", "gpt", id="OpenAI's open weights are OpenAI's"),
        ("openai/gpt-oss-120b:free", "gpt"),
        ("hf.co/Qwen/Qwen3-32B-GGUF", "qwen"),
        ("mistral-small3.2", "mistral"),
        ("mistralai/devstral-2", "mistral"),
        ("phi4", "phi"),
        ("x-ai/grok-4", "grok"),
        ("z-ai/glm-5.3", "glm"),
        ("moonshotai/kimi-k3", "kimi"),
        ("o3-mini", "gpt"),
        pytest.param("my-fine-tune", None, id="a name that says nothing"),
        pytest.param("supernova-9", None, id="a word inside another is none"),
    ],
)
def test_a_name_tells_the_family(id_, family):
    assert catalog.family(id_) == family


def test_the_names_in_the_catalogue_tell_their_families():
    assert [spec.name for spec in VENDORS_OWN if catalog.family(spec.id) != spec.family] == []


def test_an_ollama_has_what_window_its_server_has_whatever_the_model():
    spec = catalog.lookup("ollama/deepseek-v4-flash")
    assert (spec.family, spec.window, spec.max_output) == ("deepseek", 32_768, 8_192)


@pytest.mark.parametrize("name", ["ollama/my-fine-tune", "azure/my-deployment"])
def test_a_model_of_nobody_has_to_be_declared(name):
    with pytest.raises(ConfigError, match="names no family that is known; declare it with its family under"):
        catalog.lookup(name, gateways=GATEWAYS)


@pytest.mark.parametrize(
    ("provider", "json", "breakpoints"),
    [
        ("anthropic", Json.SCHEMA, True),
        ("openai", Json.SCHEMA, False),
        ("deepseek", Json.OBJECT, False),
        ("ollama", Json.SCHEMA, False),
    ],
)
def test_a_declared_model_can_what_its_provider_can(provider, json, breakpoints):
    spec = catalog.declare(provider, "new", "some", 64_000, 8_000)
    assert (spec.json, spec.breakpoints, spec.effort) == (json, breakpoints, False)


def test_the_catalogue_is_one_file_without_unknown_words():
    table = tomllib.loads((Path(catalog.__file__).parent / "catalog.toml").read_text("utf-8"))
    facts = {"family", "window", "max_output", "json", "effort", "breakpoints"}
    for provider, section in table.items():
        assert set(section) == facts | {"panel", "scan", "models"}
        assert {section["scan"], *section["panel"]} <= set(section["models"])
        for id_, own in section["models"].items():
            assert set(own) <= facts | {"retires"}, f"{provider}/{id_}"
