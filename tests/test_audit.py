"""What a record tells afterwards: the same decision, another one, and the story of a finding."""

import json
from pathlib import Path

import pytest

from reviewbot import cli

EXAMPLES = Path(__file__).parents[1] / "examples"
POLICY = "consensus: {threshold: 3}\ncomments: {max: 1}\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A folder with the report and the record of one run by the offline panel."""
    folder = tmp_path_factory.mktemp("run")
    flags = ["--panel", "offline", "--format", "json", "--repo", str(EXAMPLES)]
    made = ["--output", str(folder / "report.json"), "--record", str(folder / "record.jsonl")]
    assert cli.main(["review", "--diff", str(EXAMPLES / "change.patch"), *flags, *made]) == 1
    return folder


@pytest.fixture
def said(capsys, run):
    """Run one command on the record; its exit status and what it prints, or its one sentence of error."""

    def on_record(*arguments):
        status = cli.main([a if a != "RECORD" else str(run / "record.jsonl") for a in arguments])
        out, err = capsys.readouterr()
        return status, out or err

    return on_record


def test_the_same_policy_gives_the_same_report_byte_for_byte(run, said):
    assert said("replay", "RECORD", "--format", "json") == (1, (run / "report.json").read_text())


def test_another_policy_says_what_it_changes(run, said, tmp_path):
    (tmp_path / "new.yml").write_text(POLICY)
    status, text = said("replay", "RECORD", "--config", str(tmp_path / "new.yml"))
    assert status == 1
    assert text.startswith("Under this configuration:\n")
    assert "confirmed → unconfirmed" in text
    assert "no longer an inline comment" in text
    assert "no longer covered" in text


def test_its_own_policy_changes_nothing(said, tmp_path):
    (tmp_path / "same.yml").write_text("")
    _, text = said("replay", "RECORD", "--config", str(tmp_path / "same.yml"))
    assert text.startswith("Under this configuration nothing changes.\n")


def test_a_run_that_was_asked_nothing_more_counts_only_what_was_found_alone(run, said, tmp_path):
    (tmp_path / "alone.yml").write_text("consensus: {mode: independent}\n")
    _, text = said("replay", "RECORD", "--config", str(tmp_path / "alone.yml"), "--format", "json")
    votes = [vote for found in json.loads(text)["findings"] for vote in found["votes"]]
    assert all(vote["proposed"] for vote in votes)


def test_the_story_of_a_finding(run, said):
    found = json.loads((run / "report.json").read_text())["findings"][0]
    status, text = said("explain", found["id"], "--record", "RECORD")
    assert status == 0
    assert said("explain", found["fingerprint"][:8], "--record", "RECORD") == (0, text)
    for vote in found["votes"]:
        assert vote["model"] in text
    for words in (
        found["title"],
        "its evidence, found in the file",
        "it is an inline comment",
        "gate: blocked",
    ):
        assert words in text


@pytest.mark.parametrize(
    "finding", [pytest.param("nothing", id="unknown"), pytest.param("", id="all of them")]
)
def test_a_finding_that_is_not_one_is_usage(finding, said):
    status, text = said("explain", finding, "--record", "RECORD")
    assert status == 2
    assert text.count("\n") == 1


@pytest.mark.parametrize(
    ("spoil", "status", "says"),
    [
        pytest.param(lambda text: text, 0, "sound: ", id="as written"),
        pytest.param(lambda text: text.replace("critical", "normal", 1), 1, "broken: line 1", id="edited"),
        pytest.param(lambda text: text[:-1], 3, "cut off: ", id="cut off"),
    ],
)
def test_a_record_is_verified(spoil, status, says, run, tmp_path, capsys):
    (tmp_path / "r").write_text(spoil((run / "record.jsonl").read_text()))
    assert cli.main(["record", "verify", str(tmp_path / "r")]) == status
    assert capsys.readouterr().out.startswith(says)


def test_a_run_that_did_not_end_has_nothing_to_replay(run, tmp_path, capsys):
    (tmp_path / "r").write_text((run / "record.jsonl").read_text().partition("\n")[0] + "\n")
    assert cli.main(["replay", str(tmp_path / "r")]) == 2
    assert "nothing to replay" in capsys.readouterr().err


def test_the_schema_says_what_each_kind_of_line_holds(run, said):
    _, text = said("record", "schema")
    kinds = {json.loads(line)["kind"] for line in (run / "record.jsonl").read_text().splitlines()}
    assert kinds - {"end"} <= set(json.loads(text))


def test_prompts_are_kept_whole_only_where_the_configuration_asks(tmp_path):
    (tmp_path / "c.yml").write_text("record: {prompts: true}\n")
    flags = ["--panel", "offline", "--output", str(tmp_path / "out"), "--config", str(tmp_path / "c.yml")]
    diff = ["--diff", str(EXAMPLES / "clean.patch"), "--repo", str(tmp_path)]
    assert cli.main(["review", *diff, *flags, "--record", str(tmp_path / "r")]) in (0, 3)
    lines = map(json.loads, (tmp_path / "r").read_text().splitlines())
    requests = [line["data"] for line in lines if line["kind"] == "request"]
    assert requests
    assert all(f"Task: {request['stage']}" in request["text"]["task"] for request in requests)
