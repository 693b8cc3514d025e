"""Text of a change or a model leaves the process through doors that are known, and each is tried with everything nasty."""

import ast
import json
import subprocess
import unicodedata
from pathlib import Path

import pytest
from hostile import COMMANDS, NASTY
from model_servers import KEYS, Models
from test_sanitize import b64

from reviewbot import cli
from reviewbot.formats import FORMATS

PACKAGE = Path(__file__).parents[1] / "reviewbot"

#: Every function that writes somewhere, and what keeps its text harmless. A new one needs a line here and a case that proves it.
DOORS = {
    "logs._tell": "the sanitiser and inert(), on the whole record; and titles of our own",
    "printing.check": "asks whether it is there",
    "printing._print": "inert(); what it is given comes from the functions below",
    "printing._forget_stdout": "writes nothing",
    "printing._replace": "as for _print",
    "printing.color": "asks whether it is a terminal",
    "cli.run": "writes nothing",
    "cli._review": "asks whether it is a terminal",
    "app.review": "rendered from a Page",
    "app.check_config": "the user's own configuration",
    "app.print_schema": "our own words",
    "audit.explain": "the sanitiser, once more",
    "audit.replay": "rendered from a Page",
    "audit.schema": "our own words",
    "audit.verify": "our own words and numbers",
    "record.Writer.__init__": "opens the file",
    "record.Writer.write": "JSON, redacted by the next",
    "record.Writer.close": "our own words",
    "recorded.Recorder._write": "the sanitiser, on every text in it",
    "action.job.Job.report": "rendered from a Page",
    "action.job._append": "fixed words and paths of ours as outputs; a summary rendered from a Page",
    "answers.Answers.keep": "answers as they came, for ourselves, where the user asked for a cache",
    "evaluation.answers.save_plan": "answers as they came, in a folder the user named",
    "evaluation.examination.run": "our own words, numbers and names of cases",
    "evaluation.jobs.Journal.add": "names of models and jobs and hashes of questions, in a cache of the user",
    "init.run": "the sanitiser; the user's own repository",
    "init._asked": "our own words, and asks whether there is a terminal",
    "printing.say": "inert(); what it is given comes from the functions below",
    "app._apply": "the sanitiser",
    "applying.ask": "the sanitiser, on every line",
    "applying._replace": "code of a suggestion, into the file it is for",
    "cli._applied": "asks whether it is a terminal",
    "doctor.run": "the sanitiser, in checkup.render",
    "merging.run": "rendered from a Page",
    "preview.plan": "the sanitiser, in planned.text",
    "showing.list_templates": "our own words and names of models",
    "showing.show": "what a model would be sent: laid out by context.py, with nothing invisible in it",
    "init._settled": "our own templates",
    "outputs.live.watching": "our own words and numbers; names of models through the sanitiser",
    "github.threads.resolve": "ids",
    "github.post._edit": "rendered from a Page",
    "github.post._created": "rendered from a Page",
    "github.post.upsert_summary": "deletes what is ours",
    "github.post._Posting._sent": "rendered from a Page",
    "github.check._created": "names and hashes",
    "github.check._complete": "rendered from a Page",
    "github.check._annotate": "rendered from a Page",
    "analyzers.isolation._write": "into a folder that is gone afterwards",
    "analyzers.isolation._feed": "into an analyser",
    "analyzers.worker.main": "from an analyser to us",
    "git.from_staged": "a copy of the index, for git",
    "gitcalls._run": "into git",
}

WRITING_METHODS = {"write", "write_text", "write_bytes", "writelines", "send", "say"}
WRITING_CALLS = {
    "print",
    "json.dump",
    "os.write",
    "os.open",
    "Console",
    "logging.StreamHandler",
    "logging.FileHandler",
}
STREAMS = {"sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"}


def writers(path):
    """The qualified names of functions in a module that write, and what they write with."""
    module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
    return {(f"{module}.{name}", how) for name, how in _in(ast.parse(path.read_text(encoding="utf-8")), ())}


def _in(node, scope):
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        inner = (*scope, child.name) if named else scope
        if how := _writes(child):
            yield ".".join(inner) or "(module)", how
        yield from _in(child, inner)


def _writes(node):
    text = ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""
    if text in STREAMS:
        return text
    if not isinstance(node, ast.Call):
        return ""
    called = ast.unparse(node.func)
    if called == "Console" and any(k.arg == "file" for k in node.keywords):
        return ""  # into a string, which somebody has to write
    if called in WRITING_CALLS or called.rpartition(".")[2] in WRITING_METHODS:
        return called
    if called.rpartition(".")[2] in {"open", "TemporaryFile", "NamedTemporaryFile", "fdopen"}:
        mode = [
            a.value for a in (*node.args, *(k.value for k in node.keywords)) if isinstance(a, ast.Constant)
        ]
        if any(isinstance(m, str) and set(m) & set("wax+") and len(m) <= 3 for m in mode):
            return called
    return "graphql write" if any(k.arg == "write" for k in node.keywords) else ""


def test_every_door_is_known():
    found = {name for path in PACKAGE.rglob("*.py") for name, _ in writers(path)}
    assert found - DOORS.keys() == set(), "a function that writes is not in the table"
    assert DOORS.keys() - found == set(), "the table names what writes no more"


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("def f(): print('x')", id="print"),
        pytest.param("def f(): sys.stderr.write('x')", id="a stream"),
        pytest.param("def f(): Path('x').write_text('x')", id="a file at once"),
        pytest.param("def f(): open('x', 'w')", id="a file that is opened"),
        pytest.param("def f(): path.open(mode='ab')", id="a file that is added to"),
        pytest.param("def f(): client.send('POST', '/x')", id="GitHub"),
        pytest.param("def f(): client.graphql(query, {}, write=True)", id="GitHub's other interface"),
    ],
)
def test_a_new_door_is_noticed(tmp_path, code):
    assert [name for name, _ in _in(ast.parse(code), ())][:1] == ["f"]


# --- whole runs ---------------------------------------------------------------------------------------------------------

KEY = KEYS["OPENAI_API_KEY"]

#: All of it in one text, with our key in some of the spellings a model may find.
EVERYTHING = "\n\n".join(
    [*NASTY.values(), f"{KEY} {KEY[::-1]} {b64(KEY)} {KEY.encode().hex()} {'.'.join(KEY)}"]
)
CODE = "def find(name):\n    query = run(name)  # ::error::pwned ##[error]pwned\n    return query\n"
#: A name git takes as it is.
NAME = "app/auth/::error::x ##[error]y \u202e\u200b@octocat <!-- reviewbot:v1 fp=0 -->.py"


FINDING = {
    "path": NAME, "first_line": 2, "last_line": 2, "category": "security", "severity": "high",
    "quote": "    query = run(name)  # ::error::pwned ##[error]pwned", "title": EVERYTHING, "body": EVERYTHING,
    "failure": EVERYTHING, "suggestion": EVERYTHING,
}  # fmt: skip  # an answer


def says_everything(models):
    """Models that have turned against us: whatever they may write freely is hostile."""
    lone = FINDING | {"category": "other", "quote": "    return query", "first_line": 3, "last_line": 3}
    models.say(
        review=lambda paths: {
            "findings": [FINDING | {"path": paths[0]}, FINDING | {"path": paths[0], "quote": EVERYTHING}]
        },
        vote=lambda claims: {
            "votes": [
                {"id": c, "verdict": "refute", "evidence": EVERYTHING, "reason": EVERYTHING} for c in claims
            ]
        },
    )
    models["gpt"].says["review"] = lambda paths: {"findings": [lone | {"path": paths[0]}]}


def no_json(models):
    """Models that answer in prose, or not at all."""
    for model, trouble in zip(models, ("garbage", "500", "refusal"), strict=True):
        model.trouble, model.words = trouble, EVERYTHING


def texts(value):
    """Every text in it, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield key
            if key != "path":  # GitHub's name of the file: another would be another file
                yield from texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts(part)


def assert_harmless(text):
    """Nothing invisible and nothing of the key, whatever the format."""
    try:
        parts = list(texts(json.loads(text)))
    except ValueError:
        parts = [text]
    for part in parts:
        hidden = [
            c for c in part if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn"}
        ]
        assert not hidden, repr(part[:300])
        assert not _shows_key(part), repr(part[:300])


def _shows_key(text):
    spellings = (KEY, KEY[::-1], b64(KEY), KEY.encode().hex(), ".".join(KEY))
    return [s[i : i + 12] for s in spellings for i in range(len(s) - 11) if s[i : i + 12] in text]


@pytest.fixture
def hostile_repo(tmp_path, monkeypatch):
    """A repository with a hostile change in its index, as working directory."""
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "start"], check=True)
    target = tmp_path / NAME
    target.parent.mkdir(parents=True)
    target.write_text(CODE)
    (tmp_path / "\x1b[2J\r::error::x").write_text(CODE)
    subprocess.run([*git, "add", "."], check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("answer", [says_everything, no_json], ids=["hostile text", "no JSON"])
def test_a_hostile_change_and_hostile_models_on_the_command_line(
    hostile_repo, monkeypatch, capsysbinary, answer
):
    with Models() as models:
        answer(models)
        for name, value in models.environ.items():
            monkeypatch.setenv(name, value)
        status = cli.main(["review", "--staged", "--verbose", "--record", "record"])
        assert all("review" in model.stages for model in models)
    assert status in {1, 3}
    record = (hostile_repo / "record").read_text()
    # The record keeps texts as they were, for `replay`: all that is odd in them is escaped, and secrets are gone.
    assert record.isascii()
    assert not _shows_key(record)
    for form in FORMATS:
        assert cli.main(["replay", "record", "--format", form]) == status
        assert cli.main(["replay", "record", "--format", form, "--output", form]) == status
        assert_harmless((hostile_repo / form).read_text())
    findings = json.loads((hostile_repo / "json").read_text())["findings"]
    assert bool(findings) is (answer is says_everything)
    for found in findings:
        assert cli.main(["explain", found["id"], "--record", "record"]) == 0
    out, err = (text.decode() for text in capsysbinary.readouterr())
    assert_harmless(out)
    assert_harmless(err)
    assert not COMMANDS.search(out + err)
