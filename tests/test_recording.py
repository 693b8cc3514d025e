"""What was recorded says against what, and holds nothing that is anybody's secret."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "providers"))

import asked
from model_servers import KEYS
from recording import ROOT

CASSETTES = sorted((ROOT / "tests/cassettes").rglob("*.yaml"))
SECRETS = (asked.KEY, asked.AWS.key_id, asked.AWS.secret_key, *KEYS.values())
#: Keys by their form, and headers and parameters that carry one.
SHAPES = re.compile(
    r"sk-[A-Za-z0-9]|ghp_|github_pat_|AKIA|ASIA|AIza|Bearer|(?i:authorization|x-api-key|x-goog|x-amz-[ds]|cookie)"
)


def test_there_is_one_for_every_adapter():
    assert {asked.cassette_path(provider) for provider in asked.ADAPTERS} <= set(CASSETTES)


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: path.stem)
def test_a_cassette_is_from_a_stand_in_and_holds_no_secret(path):
    text = path.read_text("utf-8")
    assert re.match(r"# Recorded against .+, not a live API\.\n", text)
    assert SHAPES.search(text) is None
    assert [secret for secret in SECRETS if secret in text] == []
    assert re.findall(r"uri: https?://(?!aimock/|converse/)[^/]+", text) == []


@pytest.mark.parametrize(
    "text",
    ["sk-" + "a1b2", "Authorization: x", "X-Amz-Security-Token: x", "set-cookie: a=b", "AKI" + "A0000"],
)
def test_a_secret_would_be_seen(text):
    assert SHAPES.search(text)
