"""What a project may have the models told, and how much of it."""

import pytest

from reviewbot import guidance
from reviewbot.config import load
from reviewbot.diff import FileDiff, Status
from reviewbot.errors import ConfigError
from reviewbot.guidance import Guideline


class Files(dict):
    """A place that holds these files."""

    def below(self, folder):
        return [path.removeprefix(f"{folder}/") for path in self if path.startswith(f"{folder}/")]

    def texts(self, paths):
        return {path: self[path] for path in paths if path in self}


def gathered(text, files=()):
    return guidance.gather(load(text, source="test"), Files(files))


def test_without_anything_there_is_nothing():
    assert gathered("", {"AGENTS.md": "x"}) == guidance.Guidance()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("", ["base/scan.md.j2", "gpt/vote.md.j2"], id="the usual folder"),
        pytest.param("prompts: own/", ["vendor/m/scan.md.j2"], id="another, instead"),
    ],
)
def test_templates_are_those_of_one_folder(text, names):
    files = {
        ".github/reviewbot/prompts/gpt/vote.md.j2": "1",
        ".github/reviewbot/prompts/base/scan.md.j2": "2",
        ".github/reviewbot/prompts/README.md": "not a template",
        "own/vendor/m/scan.md.j2": "3",
        "elsewhere/x.md.j2": "4",
    }
    assert list(gathered(text, files).templates) == names


def test_guidelines_keep_their_order_and_say_where_they_stand():
    text = "guidelines: [{text: ' One. '}, {file: AGENTS.md}, {match: 'api/**', file: docs/api.md}]"
    told = gathered(text, {"AGENTS.md": "Two.\n", "docs/api.md": "Three."}).guidelines
    assert told == (
        Guideline("guidelines[0]", "One."),
        Guideline("AGENTS.md", "Two."),
        Guideline("docs/api.md", "Three.", ("api/**",)),
    )


@pytest.mark.parametrize(
    ("text", "files", "says"),
    [
        pytest.param("prompts: own", {}, "prompts: there is no template in own", id="no such folder"),
        pytest.param(
            "prompts: own", {"own/a.txt": "x"}, "there is no template in own", id="no template in it"
        ),
        pytest.param(
            "guidelines: [{text: x}, {file: a.md}]",
            {},
            r"guidelines\[1\]\.file: there is no a\.md",
            id="no such file",
        ),
        pytest.param(
            "",
            {f".github/reviewbot/prompts/m{n}/scan.md.j2": "x" for n in range(121)},
            "there are 121 templates",
            id="too many",
        ),
    ],
)
def test_what_is_not_there_is_a_configuration_error(text, files, says):
    with pytest.raises(ConfigError, match=says):
        gathered(text, files)


def test_all_guidelines_share_one_bound_and_what_is_cut_is_said():
    text = "guidelines: [{file: a.md}, {file: b.md}, {file: c.md}]"
    told = gathered(text, {"a.md": "x" * 5_000, "b.md": "y" * 5_000, "c.md": "z"}).guidelines
    assert [(len(rule.text), rule.cut) for rule in told] == [(5_000, 0), (3_000, 2_000), (0, 1)]
    assert [sentence.partition(" are")[0] for sentence in guidance.warnings(told)] == [
        "guidelines: the last 2,000 characters of b.md",
        "guidelines: the last 1 characters of c.md",
    ]


@pytest.mark.parametrize(
    ("match", "path", "old", "concerned"),
    [
        pytest.param((), "a.py", None, True, id="for all files"),
        pytest.param(("*.sql",), "db/x.sql", None, True, id="by its path"),
        pytest.param(("*.sql",), "a.py", None, False, id="not by another"),
        pytest.param(("old/**",), "new/a.py", "old/a.py", True, id="by where it was"),
        pytest.param(("**", "!*.md"), "a.md", None, False, id="taken out again"),
    ],
)
def test_which_files_a_guideline_is_for(match, path, old, concerned):
    file = FileDiff(path, Status.RENAMED if old else Status.MODIFIED, old_path=old)
    assert Guideline("x", "y", match).concerns([file]) is concerned
