import datetime as dt
import re
from dataclasses import replace
from typing import get_args

import anthropic.types
import pytest

from reviewbot import catalog
from reviewbot.errors import ConfigError
from reviewbot.llm import ModelSpec

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
        pytest.param("acme/model", ["'acme'", "anthropic, openai, google, static"], id="unknown provider"),
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


A, O, G = "anthropic", "openai", "google"  # noqa: E741 - the vendors' initials


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
            {"ollama"},
            ("static/ruff", "static/bandit", "static/ast-grep"),
            "static/any",
            id="no key we have a panel for",
        ),
    ],
)
def test_the_panel_that_the_keys_buy(keys, panel, scan):
    assert (catalog.default_panel(keys), catalog.default_scan(keys)) == (panel, scan)


@pytest.mark.parametrize("keys", [{A, O, G}, {A, O}, {A, G}, {O, G}, {A}, {O}, {G}, set()])
def test_every_default_is_catalogued_and_no_model_sits_twice(keys):
    panel = catalog.default_panel(keys)
    assert len(set(panel)) == 3
    for name in (*panel, catalog.default_scan(keys), *catalog.default_standby(keys)):
        assert catalog.retiring(catalog.lookup(name), TODAY) is None


def test_only_the_offline_panel_has_a_standby():
    assert catalog.default_standby(set()) == ("static/lexical",)
    assert catalog.default_standby({O}) == ()


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
