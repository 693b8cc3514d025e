import pytest

from reviewbot.config import load
from reviewbot.errors import ConfigError

# `problems` words the refusals of `config.load`; a table of whole sentences is the clearest account of both.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("gat: {}", "gat (line 1) is not a known key, did you mean gate?", id="a key misspelt"),
        pytest.param(
            "gate:\n  mod: off",
            "gate.mod (line 2) is not a known key, did you mean gate.mode?",
            id="a key inside misspelt",
        ),
        pytest.param("zebra: []", "zebra (line 1) is not a known key", id="a key nothing resembles"),
        pytest.param(
            "providers: {openai: {models: {x: {family: a, windo: 2, max_output: 1}}}}",
            "providers.openai.models.x.window (line 1) is missing; providers.openai.models.x.windo (line 1) is not a"
            " known key, did you mean providers.openai.models.x.window?",
            id="a key under a name the user chose",
        ),
        pytest.param(
            "gate: {mode: Report}",
            "gate.mode (line 1) is 'Report': it must be one of enforce, report, off, did you mean report?",
            id="a word in the wrong case",
        ),
        pytest.param(
            "gate: {block_at: grave}",
            "gate.block_at (line 1) is 'grave': it must be one of low, medium, high, critical",
            id="a word of no list",
        ),
        pytest.param(
            "gate: {mode: false}",
            "gate.mode (line 1) is false: it must be one of enforce, report, off",
            id="false is not off",
        ),
        pytest.param(
            "consensus: {threshold: 4}",
            "consensus.threshold (line 1) is 4: it must be less than or equal to 3",
            id="a number out of range",
        ),
        pytest.param(
            "comments: {max: '5'}",
            "comments.max (line 1) is '5': it must be a valid integer",
            id="a number in quotes",
        ),
        pytest.param("ignore: docs", "ignore (line 1) is 'docs': it must be a list", id="a word for a list"),
        pytest.param(
            "gate: [enforce]", "gate (line 1): it must be a mapping of keys", id="a list for a section"
        ),
        pytest.param(
            "panel: [a/b, c/d]", "panel (line 1): a panel has three seats, not 2", id="a seat missing"
        ),
        pytest.param(
            "scan: gpt",
            "scan (line 1) is 'gpt': a model is written provider/model-id, e.g. anthropic/claude-sonnet-5-5",
            id="half a name",
        ),
        pytest.param(
            "comments: {max: }",
            "comments.max (line 1) is empty: it must be a valid integer",
            id="a value left out",
        ),
        pytest.param(
            "ignore:\n  - a\n  - 'b{c,d}'",
            "ignore[1] (line 3) is 'b{c,d}': braces mean nothing in a glob; write one for each alternative",
            id="an item of a list",
        ),
        pytest.param(
            'gate: {mode: "a\\nb"}',
            r"gate.mode (line 1) is 'a\nb': it must be one of enforce, report, off",
            id="a line break stays in its quotes",
        ),
        pytest.param('"a\\nb": 1', r"'a\nb' (line 1) is not a known key", id="also in a key"),
        pytest.param(
            "standby: " + "x" * 500,
            "standby (line 1) is '" + "x" * 56 + "...: it must be a list",
            id="a long value is cut",
        ),
        pytest.param(
            "{a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1}", "and 2 more", id="after five there are more"
        ),
        pytest.param(
            "- a", "the file must consist of keys and values, as in `panel: offline`", id="no mapping at all"
        ),
        pytest.param("a: [", "line 1: expected the node content, but found '<stream end>'", id="not YAML"),
    ],
)
def test_one_sentence_says_what_is_wrong(text, message):
    with pytest.raises(ConfigError) as caught:
        load(text, source="here.yml")
    said = str(caught.value)
    assert said.startswith("here.yml: ")
    assert said.endswith(message)
    assert "\n" not in said


def test_after_five_problems_the_rest_are_counted():
    with pytest.raises(ConfigError) as caught:
        load("{a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1}", source="s")
    assert str(caught.value).count("is not a known key") == 5
    assert str(caught.value).endswith("; and 2 more")


def test_several_problems_are_told_at_once():
    with pytest.raises(ConfigError) as caught:
        load("gate: {mode: x, block_at: y}\nignor: []", source="s")
    assert str(caught.value).count(";") == 2


def test_a_value_under_an_unknown_key_is_not_repeated():
    with pytest.raises(ConfigError) as caught:
        load("providers: {openai: {api_key: hush}}", source="s")
    assert "hush" not in str(caught.value)
