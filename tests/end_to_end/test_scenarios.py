"""Three scripted models, from the command line to the exit status, over recorded HTTP."""

import json

import pytest
import scenarios
from recording import cassette

from reviewbot import cli


@pytest.fixture
def run(monkeypatch, tmp_path, capsysbinary):
    """Run one scenario; its exit status, report and stderr."""

    def review(scenario, *flags, played=True):
        for name, value in scenarios.environment().items():
            monkeypatch.setenv(name, value)
        patch = tmp_path / "change.patch"
        patch.write_text(scenarios.PATCH)
        (tmp_path / "repo").mkdir(exist_ok=True)
        with cassette(scenarios.cassette_path(scenario)) as tape:
            status = cli.main(
                ["review", "--diff", str(patch), "--repo", str(tmp_path / "repo"), "--format", "json", *flags]
            )
        captured = capsysbinary.readouterr()
        assert tape.play_count == (len(tape) if played else 0), "not what was recorded was asked for"
        return status, json.loads(captured.out), captured.err.decode()

    return review


ALL = pytest.mark.parametrize("scenario", [pytest.param(s, id=s.name) for s in scenarios.SCENARIOS])


@ALL
def test_its_record_gives_the_same_report_without_a_call(scenario, run, tmp_path, capsysbinary):
    record, again = tmp_path / "record.jsonl", tmp_path / "again.json"
    status, report, _ = run(scenario, "--record", str(record))
    assert cli.main(["record", "verify", str(record)]) == 0
    assert cli.main(["replay", str(record), "--format", "json", "--output", str(again)]) == status
    assert again.read_text() == json.dumps(report, ensure_ascii=False, indent=2) + "\n"
    key = next(value for name, value in scenarios.environment().items() if name.endswith("_API_KEY"))
    assert key not in record.read_text()


@ALL
def test_what_comes_of_three_opinions(scenario, run):
    status, report, _ = run(scenario)
    assert status == scenario.exit
    assert report["gate"]["status"] == scenario.gate
    assert tuple(f["state"] for f in report["findings"]) == scenario.states
    if scenario.ballots:
        assert tuple(v["vote"] for v in report["findings"][0]["votes"]) == scenario.ballots
    assert len(report["dropped"]) == scenario.dropped
    assert report["files"][0]["tier"] == "critical"


def by_name(name):
    return next(s for s in scenarios.SCENARIOS if s.name == name)


def test_a_review_of_an_unchanged_change_asks_no_model(run, monkeypatch, tmp_path):
    monkeypatch.setenv("REVIEWBOT_CACHE_DIR", str(tmp_path / "answers"))
    first, again = run(by_name("two of three")), run(by_name("two of three"), played=False)
    assert again[0] == first[0]
    assert (again[1]["findings"], again[1]["files"]) == (first[1]["findings"], first[1]["files"])
    assert (again[1]["usage"]["calls"], again[1]["usage"]["cost_usd"]) == (0, "0.0000")
    assert run(by_name("two of three"), "--no-cache")[1]["usage"]["calls"] == first[1]["usage"]["calls"]


def test_a_model_that_is_down_is_named(run):
    _, report, _ = run(by_name("one model down"))
    assert [seat["status"] for seat in report["panel"]] == ["ok", "unavailable", "ok"]
    assert any("openai/gpt-6.1-sol: server error" in warning for warning in report["warnings"])


def test_a_lone_finding_is_in_the_report_and_never_inline(run):
    _, report, _ = run(by_name("one of three"))
    assert [f["inline"] for f in report["findings"]] == [False]


def test_every_request_is_counted_and_priced(run):
    _, report, _ = run(by_name("two models down"))
    assert report["usage"]["calls"] == 1 + 2 * 2 + 2 * 2
    assert report["usage"]["cost_usd"] is not None
