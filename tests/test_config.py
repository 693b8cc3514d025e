import json
from decimal import Decimal

import jsonschema
import pytest
from pydantic import ValidationError

from reviewbot.config import Config, find, load, schema
from reviewbot.critical import ALWAYS_CRITICAL_PATHS, DEFAULT_CRITICAL_PATHS, RULES
from reviewbot.errors import ConfigError, Exit
from reviewbot.findings import Severity

EVERYTHING = """
scan: openai/small
panel: [anthropic/a, [openai/b, openai/c], google/d]
standby: [openai/e]
consensus: {threshold: 3, mode: strict, distinct: family, proposers: {flagged: 1, critical: 3}}
critical: {paths: ["src/core/**", "!**/testdata/**"], content: [sql, auth]}
ignore: ["docs/**"]
gate: {mode: report, block_at: critical, on_inconclusive: warn, scope: all}
comments: {max: 0, min_severity: low}
budget: {usd: 1.10, seconds: 60, call_seconds: 20.5}
privacy: {local_only: ["secret/**"]}
providers: {openai: {models: {b: {family: gpt, window: 200000, max_output: 8000}}}}
prices: {openai/b: {input: 0, output: 2.5}}
routing: [{files: docs, review: never}, {match: "a/**", scan: openai/s, panel: [a/x, b/y, [c/z, c/w]], proposers: 1}]
cache: {enabled: true, days: 0.5, megabytes: 10}
lenses: [{name: security}, {name: money, focus: Rounding., paths: "pay/**", models: openai/b, proposers: 1}]
facts: true
prompts: own/prompts
guidelines: [{file: AGENTS.md}, {match: "api/**", text: "Handlers return problem+json."}]
"""


def config(text=""):
    return load(text, source=".reviewbot.yml")


def test_every_key_of_the_contract_is_read():
    read = config(EVERYTHING)
    assert read.scan == ("openai/small",)
    assert read.panel == (("anthropic/a",), ("openai/b", "openai/c"), ("google/d",))
    assert read.standby == ("openai/e",)
    assert (read.consensus.threshold, read.consensus.mode, read.consensus.distinct) == (3, "strict", "family")
    assert (read.consensus.proposers.flagged, read.consensus.proposers.critical) == (1, 3)
    assert read.critical.paths == ("src/core/**", "!**/testdata/**")
    assert read.critical.content == ("sql", "auth")
    assert read.ignore == ("docs/**",)
    assert (read.gate.mode, read.gate.block_at) == ("report", Severity.CRITICAL)
    assert (read.gate.on_inconclusive, read.gate.scope) == ("warn", "all")
    assert (read.comments.max, read.comments.min_severity) == (0, Severity.LOW)
    assert (read.budget.usd, read.budget.seconds, read.budget.call_seconds) == (Decimal("1.1"), 60, 20.5)
    assert read.privacy.local_only == ("secret/**",)
    assert read.providers["openai"].models["b"].window == 200_000
    assert read.prices["openai/b"].output == Decimal("2.5")
    never, other = read.routing
    assert (never.files, never.match, never.review) == ("docs", (), "never")
    assert (other.match, other.scan, other.proposers, other.review) == (
        ("a/**",),
        ("openai/s",),
        1,
        "flagged",
    )
    assert other.panel == (("a/x",), ("b/y",), ("c/z", "c/w"))
    assert (read.cache.enabled, read.cache.days, read.cache.megabytes) == (True, 0.5, 10)


def test_defaults():
    read = config()
    assert (read.scan, read.panel, read.standby) == (None, None, ())
    assert (read.consensus.threshold, read.consensus.mode, read.consensus.distinct) == (2, "lazy", None)
    assert (read.consensus.proposers.flagged, read.consensus.proposers.critical) == (2, 3)
    assert (read.critical.paths, read.critical.content) == (DEFAULT_CRITICAL_PATHS, tuple(RULES))
    assert (read.ignore, read.privacy.local_only) == ((), ())
    assert (read.gate.mode, read.gate.block_at) == ("enforce", Severity.HIGH)
    assert (read.gate.on_inconclusive, read.gate.scope) == ("block", "critical")
    assert (read.comments.max, read.comments.min_severity) == (20, Severity.MEDIUM)
    assert (read.budget.usd, read.budget.seconds, read.budget.call_seconds) == (None, 900, 240)
    assert (read.routing, read.cache.enabled) == ((), False)
    assert read.warnings() == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("# later", id="only a comment"),
        pytest.param("{}", id="an empty mapping"),
        pytest.param("gate:\n  # mode: off\n", id="a section with its lines commented out"),
        pytest.param("budget: {usd: null}\nscan: ~\npanel: null", id="unset said aloud"),
    ],
)
def test_nothing_said_is_the_default(text):
    assert config(text) == Config()


@pytest.mark.parametrize(
    ("text", "panel"),
    [
        pytest.param("panel: offline", "offline", id="offline"),
        pytest.param("panel: [a/x, b/y, c/z]", (("a/x",), ("b/y",), ("c/z",)), id="three models"),
        pytest.param("panel: [[a/x, a/y], b/y, c/z]", (("a/x", "a/y"), ("b/y",), ("c/z",)), id="a chain"),
        pytest.param(
            "panel: [ollama/qwen3:8b, b/y@1, c/z/w]",
            (("ollama/qwen3:8b",), ("b/y@1",), ("c/z/w",)),
            id="odd ids",
        ),
    ],
)
def test_panels(text, panel):
    assert config(text).panel == panel


def test_the_gate_can_be_turned_off_with_the_word_off():
    assert config("gate: {mode: off}").gate.mode == "off"


def test_an_empty_list_of_content_rules_turns_them_off():
    assert config("critical: {content: []}").critical.content == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("panel: [a/x, b/y]", "three seats, not 2", id="two seats"),
        pytest.param("panel: [a/x, b/y, c/z, d/w]", "three seats, not 4", id="four seats"),
        pytest.param("panel: online", "offline", id="another word"),
        pytest.param("panel: [a/x, [], c/z]", "at least one model", id="an empty chain"),
        pytest.param("scan: []", "at least one model", id="no scan model in the list"),
        pytest.param("panel: [a/x, a/x, c/z]", "the panel names a/x twice", id="one model in two seats"),
        pytest.param(
            "panel: [a/x, [b/y, a/x], c/z]", "the panel names a/x twice", id="one model in a seat and a chain"
        ),
        pytest.param(
            "panel: [a/x, b/y, c/z]\nstandby: [c/z]", "standby c/z already has a seat", id="a seated standby"
        ),
        pytest.param("standby: [c/z, c/z]", "standby names c/z twice", id="a standby twice"),
        pytest.param(
            "routing: [{review: never}]",
            r"routing\[0\] \(line 1\): a rule needs match or files",
            id="a rule for what",
        ),
        pytest.param(
            "routing: [{files: docs}]", "a rule needs review, proposers, scan or panel", id="a rule of what"
        ),
        pytest.param(
            "routing: [{files: doc, review: never}]",
            r"routing\[0\].files \(line 1\) is 'doc': it must be one of tests, docs, migrations, generated, config, did you mean docs?",
            id="no such kind",
        ),
        pytest.param(
            "routing: [{match: '{a,b}', review: never}]", "braces mean nothing in a glob", id="no glob"
        ),
        pytest.param(
            "routing: [{match: a, revue: never}]",
            r"routing\[0\].revue \(line 1\) is not a known key, did you mean",
            id="a typing error",
        ),
        pytest.param(
            "routing: [{match: a, review: never, proposers: 1}]",
            "review: never leaves nothing",
            id="never, by one seat",
        ),
        pytest.param(
            "routing: [{match: a, review: always, scan: a/x}]", "leave scan out", id="scanned without a scan"
        ),
        pytest.param(
            "routing: [{match: a, panel: [a/x, b/y]}]", "a panel has three seats, not 2", id="a rule's panel"
        ),
        pytest.param("routing: [{match: a, panel: offline}]", "it must be a list", id="not offline for some"),
        pytest.param(
            "routing: [{match: a, panel: [a/x, a/x, b/y]}]",
            "the panel names a/x twice",
            id="a rule's panel, doubled",
        ),
        pytest.param("cache: {enabled: 1}", "cache.enabled", id="enabled is true or false"),
        pytest.param("scan: [a/x, a/x]", "scan names a/x twice", id="a scan model twice"),
        pytest.param("standby: [gpt]", "provider/model-id", id="a model without its provider"),
        pytest.param("standby: ['a/x y']", "provider/model-id", id="a model with a blank"),
        pytest.param(
            "consensus: {threshold: 1}", "greater than or equal to 2", id="one voice is no consensus"
        ),
        pytest.param("consensus: {threshold: 4}", "less than or equal to 3", id="four of three"),
        pytest.param(
            "consensus: {proposers: {flagged: 0}}", "greater than or equal to 1", id="nobody proposes"
        ),
        pytest.param("consensus: {threshold: true}", "integer", id="true is not a number"),
        pytest.param("consensus: {threshold: 2.0}", "integer", id="nor is 2.0 a count"),
        pytest.param(
            "critical: {content: [everything]}", "one of auth, crypto", id="a rule that is not there"
        ),
        pytest.param("critical: {paths: ['']}", "matches no path", id="an empty glob"),
        pytest.param("privacy: {local_only: ['[z-a]']}", "not a glob", id="a glob that cannot be compiled"),
        pytest.param("budget: {usd: 0}", "greater than 0", id="no money"),
        pytest.param("budget: {usd: true}", "budget.usd", id="true is not money"),
        pytest.param("budget: {seconds: -1}", "greater than 0", id="negative time"),
        pytest.param("comments: {max: -1}", "greater than or equal to 0", id="fewer than no comments"),
        pytest.param(
            "prices: {a/x: {input: -1, output: 0}}", "greater than or equal to 0", id="a negative price"
        ),
        pytest.param("prices: {a/x: {input: 1}}", "output .* missing", id="half a price"),
        pytest.param("prices: {x: {input: 1, output: 1}}", "provider/model-id", id="a price of nothing"),
        pytest.param(
            "providers: {openai: {models: {x: {family: GPT, window: 2, max_output: 1}}}}",
            "lower-case",
            id="a family shouted",
        ),
        pytest.param(
            "providers: {openai: {models: {x: {family: gpt, window: 2, max_output: 2}}}}",
            "smaller than window",
            id="no room for input",
        ),
        pytest.param("providers: {static: {base_url: 'http://x'}}", "not static", id="a name that is taken"),
        pytest.param("providers: {OpenRouter: {base_url: 'http://x'}}", "lower-case", id="a name shouted"),
        pytest.param("providers: {acme: {}}", "acme.base_url is missing", id="a provider that is nowhere"),
        pytest.param(
            "providers: {openai: {base_url: 'http://x'}}",
            "openai.base_url is for providers that are not built in",
            id="an address of a vendor, which is in the environment alone",
        ),
        pytest.param(
            "providers: {ollama: {json: text}}",
            "ollama.json is for providers that are not built in",
            id="an ability of a vendor",
        ),
        pytest.param(
            "providers: {acme: {base_url: acme.example}}", "must be http", id="an address without scheme"
        ),
        pytest.param(
            "providers: {acme: {base_url: 'http://acme.example', json: xml}}",
            "one of schema, object, text",
            id="json",
        ),
        pytest.param(
            "providers: {acme: {base_url: 'http://10.0.0.9/v1', local: true}}",
            "said to be local, but its base_url is not on this machine",
            id="another machine is not this one",
        ),
        pytest.param(
            "providers: {acme: {base_url: 'http://x', key_env: ACME_KEY}}",
            "ends in _API_KEY or _TOKEN",
            id="a variable that nobody would keep secret",
        ),
        pytest.param("lenses: [{name: a}, {name: a}]", "lenses name a twice", id="two lenses of one name"),
        pytest.param("lenses: [{name: ../a}]", "lenses", id="a lens that is a path"),
        pytest.param("prompts: ../own", "must be a path in the repository", id="a folder outside"),
        pytest.param("prompts: /own", "must be a path in the repository", id="an absolute one"),
        pytest.param(
            "guidelines: [{match: a}]", "needs text or file, and not both", id="a guideline without words"
        ),
        pytest.param(
            "guidelines: [{text: a, file: b}]", "needs text or file, and not both", id="one with two"
        ),
    ],
)
def test_refuses(text, message):
    with pytest.raises(ConfigError, match=message) as caught:
        config(text)
    assert caught.value.exit is Exit.USAGE


@pytest.mark.parametrize("key", ["base_url: 'https://me:hush@acme.example'", "key_env: hush-hush-hush"])
def test_what_may_hold_a_secret_is_not_repeated(key):
    with pytest.raises(ConfigError, match=r"providers\.acme") as caught:
        config(f"providers: {{acme: {{{key}}}}}")
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("panel: [a/x, b/y, c/z]\nscan: a/x", id="a seated model may scan"),
        pytest.param("panel: [a/x, b/y, c/z]\nstandby: [a/y]", id="a standby of a seated provider"),
        pytest.param("panel: offline\nstandby: [a/x]", id="a standby beside the offline panel"),
        pytest.param("comments: {max: 0}", id="no inline comments"),
        pytest.param("prices: {ollama/x: {input: 0, output: 0}}", id="a model that is free"),
        pytest.param(
            "providers: {vllm: {base_url: 'http://[::1]:8000/v1', local: true}}", id="a server of one's own"
        ),
        pytest.param(
            "providers: {acme: {base_url: 'https://acme.example/v1', key_env: ACME_API_KEY, json: object}}",
            id="a gateway",
        ),
    ],
)
def test_leaves_alone(text):
    config(text)


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        pytest.param("", [], id="defaults"),
        pytest.param(
            "consensus: {proposers: {critical: 1}}",
            ["proposers.critical is 1, below the threshold of 2"],
            id="one proposer",
        ),
        pytest.param("consensus: {proposers: {flagged: 1}}", [], id="one proposer of what is not critical"),
        pytest.param("consensus: {mode: independent}", [], id="independent, and enough of them"),
        pytest.param(
            "consensus: {mode: independent, threshold: 3}",
            ["for flagged files cannot reach the threshold of 3"],
            id="too few by themselves",
        ),
        pytest.param("budget: {seconds: 100}", ["call_seconds is longer"], id="a call longer than the run"),
    ],
)
def test_warns_of_what_is_probably_not_meant(text, warnings):
    given = config(text).warnings()
    assert len(given) == len(warnings)
    assert all(want in got for want, got in zip(warnings, given, strict=True))


def test_is_frozen():
    with pytest.raises(ValidationError):
        config().gate.mode = "off"


@pytest.mark.parametrize("text", ["", EVERYTHING, "panel: offline"])
def test_survives_json(text):
    assert Config.model_validate_json(config(text).model_dump_json()) == config(text)


@pytest.mark.parametrize("text", ["", EVERYTHING, "panel: offline"])
def test_the_schema_accepts_what_is_accepted(text):
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(json.loads(config(text).model_dump_json(exclude_none=True)), schema())


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"gat": {}}, id="a key misspelt"),
        pytest.param({"gate": {"mode": "x"}}, id="a word of no list"),
        pytest.param({"comments": {"min_severity": "High"}}, id="a severity in the wrong case"),
        pytest.param({"panel": ["a/x"]}, id="a panel of one"),
        pytest.param({"panel": "online"}, id="another word for the panel"),
        pytest.param({"critical": {"content": ["everything"]}}, id="a rule that is not there"),
        pytest.param({"consensus": {"threshold": 4}}, id="a number out of range"),
    ],
)
def test_the_schema_refuses_what_is_refused(document):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema())
    with pytest.raises(ConfigError):
        config(json.dumps(document))


def sections(model=Config):
    yield model
    for field in model.model_fields.values():
        if hasattr(field.annotation, "model_fields"):
            yield from sections(field.annotation)


@pytest.mark.parametrize("section", list(sections()), ids=lambda section: section.__name__)
def test_every_key_is_described(section):
    assert [name for name, field in section.model_fields.items() if not field.description] == []


def test_the_schema_shows_every_default():
    shown = {key: part["default"] for key, part in schema()["properties"].items()}
    assert shown == json.loads(Config().model_dump_json())
    gate = schema()["$defs"]["Gate"]["properties"]
    assert gate["block_at"]["default"] == "high"
    assert schema()["$defs"]["Comments"]["properties"]["min_severity"]["default"] == "medium"


def test_the_schema_names_what_is_always_critical():
    paths = schema()["$defs"]["Critical"]["properties"]["paths"]["description"]
    assert all(glob in paths for glob in ALWAYS_CRITICAL_PATHS)


def test_finds_the_file(tmp_path):
    assert find(tmp_path) is None
    (tmp_path / ".reviewbot.yml").write_text("")
    assert find(tmp_path) == tmp_path / ".reviewbot.yml"


def test_says_so_when_the_file_has_a_name_that_is_not_read(tmp_path):
    (tmp_path / ".reviewbot.yaml").write_text("")
    with pytest.raises(ConfigError, match=r"rename it to \.reviewbot\.yml"):
        find(tmp_path)
    (tmp_path / ".reviewbot.yml").write_text("")
    assert find(tmp_path) == tmp_path / ".reviewbot.yml"
