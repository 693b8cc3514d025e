import pytest

from reviewbot import config
from reviewbot.environment import Environment
from reviewbot.errors import ConfigError
from reviewbot.llm import Json
from reviewbot.roster import Roster

GATEWAY = """
providers:
  router:
    base_url: https://router.example/api/v1/
    key_env: ROUTER_API_KEY
    json: object
    models:
      house-blend: {family: gpt, window: 64000, max_output: 8000}
      qwen9: {window: 64000, max_output: 8000}
  vllm: {base_url: 'http://127.0.0.1:8000/v1', local: true}
"""
KEY = "not-a-real-key"


def roster(text=GATEWAY, **environ):
    return Roster(config.load(text, source="test"), Environment.read(environ))


def test_a_gateway_is_asked_where_the_configuration_says_with_the_key_it_names():
    known = roster(ROUTER_API_KEY=KEY, OPENAI_API_KEY="another")
    assert known.base_url("router") == "https://router.example/api/v1"
    assert (known.key_variables("router"), known.key("router")) == (("ROUTER_API_KEY",), KEY)
    assert (known.key_variables("vllm"), known.key("vllm")) == ((), "")


def test_a_vendor_is_asked_where_the_environment_says():
    known = roster("", DEEPSEEK_BASE_URL="http://127.0.0.1:9", DEEPSEEK_API_KEY=KEY)
    assert (known.base_url("deepseek"), known.key("deepseek")) == ("http://127.0.0.1:9", KEY)
    assert (known.base_url("openai"), known.key("openai")) == (None, "")


@pytest.mark.parametrize(
    ("name", "family", "window", "json"),
    [
        pytest.param("router/house-blend", "gpt", 64_000, Json.OBJECT, id="declared with its family"),
        pytest.param("router/qwen9", "qwen", 64_000, Json.OBJECT, id="declared, the name tells the family"),
        pytest.param(
            "router/anthropic/claude-sonnet-5.5", "claude", 1_000_000, Json.OBJECT, id="in the catalogue"
        ),
        pytest.param("router/x-ai/grok-9", "grok", 32_768, Json.OBJECT, id="only its family is known"),
        pytest.param("vllm/Qwen/Qwen3-32B", "qwen", 32_768, Json.SCHEMA, id="of one's own"),
        pytest.param("openai/gpt-6.1-sol", "gpt", 1_050_000, Json.SCHEMA, id="of a vendor"),
    ],
)
def test_what_is_known_of_a_model(name, family, window, json):
    (spec,) = roster().specs([name])
    assert (spec.name, spec.family, spec.window, spec.json) == (name, family, window, json)


def test_a_declared_model_whose_family_nobody_can_tell():
    text = "providers: {openai: {models: {house-blend: {window: 64000, max_output: 8000}}}}"
    with pytest.raises(ConfigError, match=r"providers\.openai.models.house-blend: .* give it a family"):
        roster(text)


@pytest.mark.parametrize(
    ("name", "url", "local"),
    [
        pytest.param("ollama/qwen3", "", True, id="an Ollama is here unless it is said where"),
        pytest.param("ollama/qwen3", "http://localhost:9/v1", True, id="here, on another port"),
        pytest.param("ollama/qwen3", "http://ollama.example/v1", False, id="elsewhere"),
        pytest.param("ollama/gpt-oss:120b-cloud", "", False, id="passed on to the cloud of its vendor"),
        pytest.param("ollama/kimi-k3:cloud", "", False, id="likewise"),
        pytest.param("vllm/qwen3", "", True, id="said to be here"),
        pytest.param("router/qwen/qwen3", "", False, id="not said to be here"),
        pytest.param("deepseek/deepseek-flash", "", False, id="a vendor"),
    ],
)
def test_which_models_are_of_this_machine(name, url, local):
    (spec,) = roster(OLLAMA_BASE_URL=url).specs([name])
    assert spec.local is local
