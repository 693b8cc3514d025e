"""What the offline models answer to a scan, a review and a vote."""

import asyncio

import pytest
from subjects import ask, claim, subject

from reviewbot import analyzers
from reviewbot.analyzers import lexical, rulepack
from reviewbot.analyzers.analysis import Desk, Outcome
from reviewbot.analyzers.bandit import Bandit
from reviewbot.analyzers.own import Own
from reviewbot.analyzers.ruff import Ruff
from reviewbot.analyzers.seats import AnySeat, Seat
from reviewbot.analyzers.source import language_of
from reviewbot.errors import FailureKind, ModelError
from reviewbot.findings import Category, Severity
from reviewbot.llm import Prompt, Question, Stage, Stop, Usage

PYTHON = (
    "import hashlib\n\n\ndef digest(password):\n    return hashlib.md5(password).hexdigest()\n\n\nx = 1\n"
)
JAVA = 'class C {\n  Object d = MessageDigest.getInstance("MD5");\n}\n'
READERS = {
    "a.py": {"ruff", "bandit", "ast-grep", "lexical", "any"},
    "a.PYW": {"ruff", "bandit", "ast-grep", "lexical", "any"},
    "a.pyi": {"ruff", "ast-grep", "lexical", "any"},
    "a.jsx": {"ast-grep", "lexical", "any"},
    "a.mts": {"ast-grep", "lexical", "any"},
    "a.tsx": {"ast-grep", "lexical", "any"},
    "a.go": {"ast-grep", "lexical", "any"},
    "a.java": {"ast-grep", "lexical", "any"},
    "a.sql": {"any"},
    "a.vue": {"any"},
    "Makefile": {"any"},
    "py": {"any"},
}


@pytest.fixture(scope="module")
def models():
    return analyzers.build_all()


def seats(models):
    return {name: model for name, model in models.items() if name != "any"}


@pytest.mark.parametrize(("path", "names"), READERS.items())
def test_who_reads_what(models, path, names):
    assert {name for name, model in models.items() if model.reads(path)} == names


@pytest.mark.parametrize("name", analyzers.build_all())
def test_each_is_a_family_of_its_own_and_has_no_window_to_speak_of(name):
    spec = analyzers.build(name).spec
    assert (spec.name, spec.family, spec.effort) == (f"static/{name}", name, False)
    assert spec.window > 10**9


def test_an_unknown_name_is_refused():
    with pytest.raises(KeyError):
        analyzers.build("pylint")


@pytest.mark.parametrize("name", ["ruff", "bandit", "ast-grep", "lexical"])
def test_a_review_names_class_lines_and_verbatim_code(models, name):
    reply = ask(models[name], "review", subject("a.py", PYTHON))
    (found,) = reply.findings
    assert reply.read == {"a.py"}
    assert (found.first_line, found.last_line) == (5, 5)
    assert found.quote == "    return hashlib.md5(password).hexdigest()"
    assert found.title == "Weak hash (CWE-328)"
    assert (found.category, found.severity) == (Category.SECURITY, Severity.HIGH)
    assert name in found.body
    assert found.failure
    assert found.suggestion is None


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        pytest.param("digest = hashlib.md5(password)", Severity.HIGH, id="of a password"),
        pytest.param("digest = hashlib.md5(page)", Severity.MEDIUM, id="of anything else"),
    ],
)
def test_a_weak_hash_is_as_grave_as_what_it_hashes(models, code, severity):
    reply = ask(models["ruff"], "review", subject("a.py", f"import hashlib\n{code}\n"))
    assert [f.severity for f in reply.findings] == [severity]


@pytest.mark.parametrize("name", ["ruff", "bandit", "ast-grep", "lexical", "any"])
def test_what_the_change_did_not_add_is_left_alone(models, name):
    old = subject("a.py", PYTHON, added={1})
    assert ask(models[name], "review", old).findings == ()
    scanned = ask(models[name], "scan", old)
    assert (scanned.flags, scanned.read) == ((), {"a.py"})


@pytest.mark.parametrize("name", ["ruff", "bandit", "ast-grep", "lexical", "any"])
def test_a_scan_flags_the_line_with_its_risk(models, name):
    flags = ask(models[name], "scan", subject("a.py", PYTHON)).flags
    assert {(f.path, f.line, f.risk) for f in flags} == {("a.py", 5, "high")}


def test_a_call_over_several_lines_is_touched_by_any_of_them(models):
    text = "import subprocess\nsubprocess.run(\n    command,\n    shell=True,\n)\n"
    for name, model in seats(models).items():
        reply = ask(model, "review", subject("a.py", text, added={4}))
        assert [f.title for f in reply.findings] == ["Shell command built from values (CWE-78)"], name


def test_of_one_class_in_one_file_only_the_first_are_told_and_the_rest_counted(models):
    reply = ask(models["lexical"], "review", subject("a.py", "eval(x)\n" * 40))
    assert len(reply.findings) == 25
    assert "15 more" in reply.findings[-1].body


def test_a_handler_that_swallows_is_one_finding_not_two(models):
    text = "try:\n    save()\nexcept:\n    pass\n"
    reply = ask(models["ruff"], "review", subject("a.py", text))
    assert [f.title for f in reply.findings] == ["Error swallowed (CWE-390)"]


@pytest.mark.parametrize("name", ["ruff", "bandit", "ast-grep", "lexical"])
@pytest.mark.parametrize(
    ("title", "lines", "verdict"),
    [
        pytest.param("Weak hash (CWE-328)", (5, 5), "confirm", id="it sees the same there"),
        pytest.param("Weak hash (CWE-328)", (4, 4), "confirm", id="one line above is the same place"),
        pytest.param("Weak hash (CWE-328)", (6, 6), "confirm", id="one line below is the same place"),
        pytest.param("Weak hash (CWE-328)", (7, 7), "refute", id="two lines below is another"),
        pytest.param("Weak hash (cwe-916)", (5, 5), "confirm", id="a neighbouring class is the same class"),
        pytest.param("Weak hash (CWE-328)", (1, 2), "refute", id="elsewhere it sees none"),
        pytest.param("SQL injection (CWE-89)", (5, 5), "refute", id="it would see that class and does not"),
        pytest.param(
            "Missing authorisation (CWE-862)", (5, 5), "cannot_tell", id="it has no rule for the class"
        ),
        pytest.param("MD5 is a weak hash", (5, 5), "confirm", id="no CWE id, but its words name the class"),
        pytest.param("MD5 is a weak hash", (1, 2), "cannot_tell", id="words are too little to refute by"),
        pytest.param("The name is misleading", (5, 5), "cannot_tell", id="the claim names no class"),
    ],
)
def test_a_vote_goes_by_class_and_lines(models, name, title, lines, verdict):
    reply = ask(models[name], "vote", subject("a.py", PYTHON), claims=[claim("a.py", lines, title)])
    (vote,) = reply.votes
    assert (vote.id, vote.verdict) == ("c1", verdict)
    assert vote.evidence == ("    return hashlib.md5(password).hexdigest()" if verdict == "confirm" else "")


@pytest.mark.parametrize(
    ("item", "path"),
    [
        pytest.param(subject("a.py", "def f(:\n"), "a.py", id="a file it could not parse"),
        pytest.param(subject("a.go", "package a\n"), "a.go", id="a language it does not read"),
        pytest.param(subject("a.py", "x = 1\n"), "b.py", id="a file it was not given"),
        pytest.param(subject("a.py", PYTHON, known={1, 2}), "a.py", id="absence, with only hunks at hand"),
    ],
)
def test_what_it_could_not_look_at_it_does_not_judge(models, item, path):
    reply = ask(models["ruff"], "vote", item, claims=[claim(path, (1, 1), "SQL (CWE-89)")])
    assert [v.verdict for v in reply.votes] == ["cannot_tell"]


@pytest.mark.parametrize("name", ["ruff", "bandit"])
def test_a_linter_that_sees_a_corner_of_a_class_does_not_vouch_for_its_absence(models, name):
    reply = ask(
        models[name], "vote", subject("a.py", PYTHON), claims=[claim("a.py", (5, 5), "Key (CWE-798)")]
    )
    assert [v.verdict for v in reply.votes] == ["cannot_tell"]


def test_a_file_nobody_can_read_is_flagged_and_not_read(models):
    reply = ask(models["any"], "scan", subject("a.sql", "select 1\n"))
    assert reply.read == frozenset()
    assert [f.reason for f in reply.flags] == ["no offline analyser reads this language"]


@pytest.mark.parametrize(
    ("path", "text", "failing"),
    [
        pytest.param("a.py", "def f(:\n    pass\n", "ruff, bandit, ast-grep", id="Python"),
        pytest.param("a.ts", "let x = (((;\n", "ast-grep", id="TypeScript"),
    ],
)
def test_a_file_some_analyser_cannot_parse_is_flagged_and_not_read(models, path, text, failing):
    reply = ask(models["any"], "scan", subject(path, text))
    assert reply.read == frozenset()
    assert [f.reason for f in reply.flags] == [f"it could not be analysed by {failing}"]


def test_broken_syntax_on_old_lines_does_not_make_the_change_unread(models):
    text = 'class C {\n  int broken = ;\n  int x = 1;\n  Object d = MessageDigest.getInstance("MD5");\n}\n'
    reply = ask(models["ast-grep"], "review", subject("a.java", text, added={4}))
    assert reply.read == {"a.java"}
    assert ask(models["ast-grep"], "review", subject("a.java", text, added={2})).read == frozenset()


def test_one_bad_file_does_not_cost_the_others(models):
    bad, good = subject("bad.py", "def f(:\n"), subject("good.py", PYTHON)
    for name in ("ruff", "bandit"):
        reply = ask(models[name], "review", bad, good)
        assert reply.read == {"good.py"}
        assert [f.path for f in reply.findings] == ["good.py"]


def test_an_answer_costs_nothing_and_is_complete(models):
    prompt = Prompt(Question(Stage.REVIEW, (subject("a.java", JAVA),)), "", "", "")
    answer = asyncio.run(models["lexical"].complete(prompt, seconds=60))
    assert (answer.stop, answer.usage) == (Stop.COMPLETE, Usage())


class Counting:
    """An analyser that says how often it was run, and breaks on texts that hold a word."""

    name = "counting"

    def __init__(self, *, breaks_on=None, kind=FailureKind.OVERLOAD):
        self.runs = []
        self._breaks_on = breaks_on
        self._kind = kind

    def reads(self, path):
        return language_of(path) is not None

    def covers(self, language):
        return frozenset()

    refutes = covers

    async def run(self, texts, *, seconds):
        self.runs.append([source.text for source in texts])
        if self._breaks_on is not None and any(self._breaks_on in source.text for source in texts):
            raise ModelError(self._kind, "counting broke")
        return [Outcome() for _ in texts]


def test_scan_review_and_vote_analyse_a_file_once():
    counting = Counting()
    desk = Desk(counting)
    scan, seat = AnySeat([desk]), Seat(desk)
    files = [subject("a.py", "x = 1\n"), subject("b.py", "y = 1\n")]
    ask(scan, "scan", *files)
    ask(seat, "review", *files)
    ask(seat, "vote", files[1], claims=[claim("b.py", (1, 1), "SQL (CWE-89)")])
    assert counting.runs == [["x = 1\n", "y = 1\n"]]


def test_a_file_that_changed_is_analysed_again():
    counting = Counting()
    seat = Seat(Desk(counting))
    ask(seat, "review", subject("a.py", "x = 1\n"))
    ask(seat, "review", subject("a.py", "x = 2\n"))
    assert counting.runs == [["x = 1\n"], ["x = 2\n"]]


def test_a_file_that_breaks_the_analyser_is_found_out_and_the_others_are_read():
    files = [subject(f"{n}.py", "boom\n" if n == 5 else f"x = {n}\n") for n in range(8)]
    reply = ask(Seat(Desk(Counting(breaks_on="boom"))), "review", *files)
    assert reply.read == {f"{n}.py" for n in range(8) if n != 5}


def test_an_analyser_that_does_not_work_at_all_is_an_error_not_an_answer():
    with pytest.raises(ModelError, match="counting broke"):
        ask(Seat(Desk(Counting(breaks_on=""))), "review", subject("a.py", "x = 1\n"))


def test_the_scan_goes_on_with_the_analysers_that_work():
    scan = AnySeat([Desk(Counting(breaks_on="")), Desk(Own("lexical", lexical.rules))])
    reply = ask(scan, "scan", subject("a.py", PYTHON))
    assert reply.read == frozenset()
    assert [f.reason for f in reply.flags] == [
        "it could not be analysed by counting",
        "lexical py-hash: Weak hash (CWE-328)",
    ]


def test_the_scan_is_an_error_when_no_analyser_works():
    with pytest.raises(ModelError):
        ask(AnySeat([Desk(Counting(breaks_on=""))]), "scan", subject("a.py", "x = 1\n"))


@pytest.mark.parametrize("make", [Ruff, Bandit, lambda: Own("ast-grep", rulepack.rules)])
def test_time_that_is_up_is_a_timeout(make):
    with pytest.raises(ModelError) as failure:
        ask(Seat(Desk(make())), "review", subject("a.py", PYTHON), seconds=0.001)
    assert failure.value.kind is FailureKind.TIMEOUT
