"""The adapters and the questions they are asked, shared by the tests and by the script that records the answers."""

from pathlib import Path

from reviewbot import catalog, providers
from reviewbot.endpoints import Access, Aws
from reviewbot.llm import Json, Prompt, Question, Stage

CASSETTES = Path(__file__).parents[1] / "cassettes"

#: A model and what comes behind the host, by provider. A gateway is what a configuration can add.
ADAPTERS = {
    "anthropic": ("anthropic/claude-sonnet-5-5", ""),
    "openai": ("openai/gpt-6.1-sol", "/v1"),
    "google": ("google/gemini-3.8-flash", ""),
    "deepseek": ("deepseek/deepseek-flash", ""),
    "ollama": ("ollama/qwen3-coder:30b", "/v1"),
    "bedrock": ("bedrock/us.anthropic.claude-sonnet-5-5", ""),
    "gateway": ("gateway/mistral/devstral-2", "/api/v1"),
}
#: Those that speak OpenAI's chat completions.
CHAT = {"deepseek", "ollama", "gateway"}
GATEWAYS = {"gateway": Json.SCHEMA}

#: Every question that is recorded. The answers are in tests/fixtures/contract.json.
RECORDED = (
    *((stage, "complete") for stage in Stage),
    *(
        (Stage.REVIEW, case)
        for case in (
            "unicode",
            "truncated",
            "refused",
            "unauthorised",
            "forbidden",
            "no such model",
            "rate limit",
            "server error",
            "overloaded",
            "malformed",
        )
    ),
)

#: Not a real one, and without the shape of one.
KEY = "not-a-real-key"


#: An account that is none, either.
AWS = Aws(key_id="NOTAREALKEYID", secret_key="not-a-real-secret-key", region="us-east-1")


def build(provider, host="http://127.0.0.1:4010"):
    name, path = ADAPTERS[provider]
    key = "" if provider in {"ollama", "bedrock"} else KEY
    return providers.build(catalog.lookup(name, gateways=GATEWAYS), Access(key, host + path, AWS))


def prompt(case, stage=Stage.REVIEW):
    return Prompt(
        Question(stage, ()),
        system="You review code.",
        prefix="File: a.py\n1 x = naïve('漢字 🚀')\n",
        task=f"Task: {stage}\nCase: {case}\n",
    )


async def complete(model, question, seconds=5.0):
    """The completion; the model is closed whatever happens."""
    try:
        return await model.complete(question, seconds=seconds)
    finally:
        await model.close()


def cassette_path(provider):
    """Where the answers of one provider are recorded."""
    return CASSETTES / f"{provider}.yaml"
