"""From the configuration and the keys at hand to a panel, or one sentence that says what is missing."""

import asyncio
from datetime import date

import pytest

from reviewbot import config, seating
from reviewbot.environment import Environment
from reviewbot.errors import ConfigError
from reviewbot.review import PanelKind

ALL = ("anthropic", "openai", "google")


def environment(*providers):
    return Environment(keys=dict.fromkeys(providers, "not-a-real-key"))


def plan(text="", keys=(), **kwargs):
    return seating.plan(config.load(text, source="test"), environment(*keys), **kwargs)


def names(chains):
    return [[spec.name for spec in chain] for chain in chains]


@pytest.mark.parametrize(
    ("keys", "kind", "families"),
    [
        pytest.param(ALL, PanelKind.MODELS, ["claude", "gpt", "gemini"], id="three keys: three families"),
        pytest.param(
            ("anthropic", "google"), PanelKind.MODELS, ["claude", "gemini", "claude"], id="two keys"
        ),
        pytest.param(("openai",), PanelKind.ONE_VENDOR, ["gpt", "gpt", "gpt"], id="one key: one vendor"),
        pytest.param((), PanelKind.OFFLINE, ["ruff", "bandit", "ast-grep"], id="no key: offline"),
    ],
)
def test_the_keys_at_hand_make_the_panel(keys, kind, families):
    made = plan(keys=keys)
    assert made.kind is kind
    assert list(made.families) == families
    assert len({spec.name for chain in made.seats for spec in chain}) == 3


@pytest.mark.parametrize(
    ("text", "kwargs"),
    [
        pytest.param("panel: offline", {}, id="configured"),
        pytest.param("", {"offline": True}, id="asked for"),
    ],
)
def test_offline_asks_nobody_else_whatever_keys_there_are(text, kwargs):
    made = plan(text, ALL, **kwargs)
    assert {spec.provider for spec in made.specs} == {"static"}


PANEL = "panel: [anthropic/claude-sonnet-5-5, [openai/gpt-6.1-sol, openai/gpt-6.1-terra], google/gemini-3.8-flash]"


def test_a_seat_may_be_a_chain():
    assert names(plan(PANEL, ALL).seats)[1] == ["openai/gpt-6.1-sol", "openai/gpt-6.1-terra"]


@pytest.mark.parametrize(
    ("text", "keys", "message"),
    [
        pytest.param(
            PANEL,
            ("anthropic", "google"),
            "seat 2: 'openai/gpt-6.1-sol' has no key; set OPENAI_API_KEY",
            id="seat",
        ),
        pytest.param(PANEL, (), "has no key; set ANTHROPIC_API_KEY", id="a panel, and no key at all"),
        pytest.param(
            "scan: openai/gpt-6-luna", ("google",), "scan: 'openai/gpt-6-luna' has no key", id="scan"
        ),
        pytest.param(
            "standby: [openai/gpt-6-luna]",
            ("google",),
            "standby: 'openai/gpt-6-luna' has no key",
            id="standby",
        ),
        pytest.param(
            "scan: openai/gpt-nope", ALL, "model 'openai/gpt-nope' is not known", id="unknown model"
        ),
        pytest.param(
            "scan: openai/gpt-nope", (), "model 'openai/gpt-nope' is not known", id="unknown, and no key"
        ),
        pytest.param("scan: acme/gpt-6-luna", ALL, "unknown provider 'acme'", id="unknown provider"),
        pytest.param(
            "consensus: {distinct: family}",
            ("google",),
            "consensus.distinct is family",
            id="one vendor refused",
        ),
    ],
)
def test_what_cannot_sit_is_one_sentence(text, keys, message):
    with pytest.raises(ConfigError) as refused:
        plan(text, keys)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_declared_model_may_sit():
    text = "providers: {openai: {models: {gpt-9: {family: gpt, window: 1000000, max_output: 64000}}}}\nscan: openai/gpt-9"
    assert plan(text, ALL).scan[0].window == 1_000_000


def test_one_vendor_and_two_seats_of_one_family_are_said():
    assert plan(keys=("google",)).warnings(date(2026, 11, 1))[-1].startswith("one vendor")
    assert "two families" in plan(keys=("google", "openai")).warnings(date(2026, 11, 1))[-1]
    assert plan(keys=ALL).warnings(date(2026, 11, 1)) == ()


def test_private_files_reach_no_model_elsewhere():
    settings = config.load("privacy: {local_only: ['secrets/**']}", source="test")
    made = seating.plan(settings, environment(*ALL))
    panel = seating.build(made, settings, environment(*ALL))
    try:
        assert panel.readers("secrets/key.py") == frozenset()
        assert len(panel.readers("src/page.py")) == 3
        assert not any(model.reads("secrets/key.py") for model in panel.scan)
    finally:
        asyncio.run(panel.close())
