"""A comment as GitHub would render it: short, ours alone in what it does, with a button only where a click does what it shows."""

import ast
import re
from dataclasses import replace

import pytest
import reviews
from factories import AUTH, CLAUDE, GEMINI, GPT, review, verdict, vote
from hostile import NASTY, PARSER, dangers

from reviewbot import outputs
from reviewbot.diff import HeadText
from reviewbot.findings import Ballot, Category, Severity
from reviewbot.globs import Globs
from reviewbot.outputs import comment
from reviewbot.review import PanelKind
from reviewbot.sanitize import REDACTED, Sanitizer

SECRET = "".join(("vk-", "Zr8~~~", "/Wm2???x+", "Tn5y", "_Bd7h", "Lp4c"))
SAFE = Sanitizer([SECRET])
HEAD = HeadText.whole(AUTH.splitlines())
FIXED = "    if hmac.compare_digest(token, expected):"


def parses(path, code):
    try:
        ast.parse(code)
    except (SyntaxError, ValueError):
        return False
    return True


def written(made=None, *, head=HEAD, kind=PanelKind.MODELS, safe=SAFE, parses=parses, **more):
    """The comment on a verdict, by default on line 12 of `AUTH`, and what is in its suggestion blocks."""
    made = made or verdict()
    text = comment.text(outputs.page(review(made, kind=kind), safe), made, head, parses, **more)
    return text.on_lines, text.on_file


def buttons(markdown):
    fences = [block for block in PARSER.parse(markdown) if block.type == "fence"]
    return [block.content for block in fences if block.info == "suggestion"]


def test_what_a_reader_sees():
    on_lines, on_file = written(verdict(suggestion=FIXED))
    assert on_lines == (
        "**High** (security): Token compared in variable time\n\n"
        "`==` stops at the first byte that differs, so the time it takes tells how much of the token was right.\n\n"
        "**If it happens:**\n\n"
        "An attacker who can measure the answer guesses the token byte by byte.\n\n"
        f"```suggestion\n{FIXED}\n```\n\n"
        "<details><summary>Votes: 2 confirm</summary>\n\n"
        "- confirm `anthropic/claude-sonnet-5-5` (found it)\n"
        "- confirm `openai/gpt-6`: nothing makes the comparison constant-time\n\n"
        "</details>"
    )
    assert on_file.startswith("**High** (security) `app/auth.py:12`: Token compared in variable time\n\n")
    assert not buttons(on_file)


@pytest.mark.parametrize(
    ("severity", "word"), [(s, s.word.capitalize()) for s in Severity], ids=[s.word for s in Severity]
)
def test_the_severity_opens_it(severity, word):
    assert written(verdict(severity=severity))[0].startswith(f"**{word}** ")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        pytest.param(PanelKind.MODELS, "Votes: 2 confirm", id="several vendors need no word"),
        pytest.param(PanelKind.ONE_VENDOR, "one vendor", id="one vendor says so"),
        pytest.param(PanelKind.OFFLINE, "no AI", id="analysers are not called AI"),
    ],
)
def test_who_stands_behind_it(kind, said):
    (heading,) = re.findall("<summary>(.*)</summary>", written(kind=kind)[0])
    assert said in heading
    assert ("offline" in heading) is (kind is PanelKind.OFFLINE)


def test_dissent_is_told():
    votes = (vote(CLAUDE, proposed=True), vote(GPT), vote(GEMINI, Ballot.REFUTE, "it is random"))
    made = written(verdict(votes=votes))[0]
    assert "Votes: 2 confirm, 1 refute" in made
    assert "- refute `google/gemini-4-pro`: it is random" in made


def test_a_finding_that_names_no_failure_leaves_no_heading():
    assert "If it happens" not in written(verdict(failure=""))[0]


def without_buttons(markdown):
    return re.sub(r"(?ms)^(`{3,})suggestion\n.*?^\1$", "", markdown)


@pytest.mark.parametrize("text", [*NASTY.values(), "```x", "- x", "**"])
def test_nothing_of_theirs_acts(text):
    made = reviews.hostile(text)
    head = HeadText.whole(["x = 1"])
    both = comment.text(outputs.page(made, SAFE), made.verdicts[0], head, lambda path, code: True)
    for markdown in (both.on_lines, both.on_file):
        assert not dangers(markdown, ours=frozenset({"html_block"}))
        html = [b.content.strip() for b in PARSER.parse(markdown) if b.type == "html_block"]
        assert all(re.fullmatch(r"</details>|<details><summary>[\w ,:]*</summary>", h) for h in html)
        assert html.count("</details>") == len(html) / 2 == 1
        assert "<!-- reviewbot" not in markdown.lower()


@pytest.mark.parametrize("text", [*NASTY.values(), "```", "~~~\n```suggestion", "x\n```\n@octocat"])
def test_a_button_holds_its_code_and_nothing_leaves_it(text):
    made = written(verdict(suggestion=text), parses=lambda path, code: True)[0]
    assert buttons(made) in ([], [text.removesuffix("\n") + "\n"])
    assert not dangers(without_buttons(made), ours=frozenset({"html_block"}))


@pytest.mark.parametrize("field", ["title", "body", "failure", "category", "path"])
def test_a_finding_cannot_make_a_button_by_talking(field):
    said = "x\n```suggestion\nrm -rf /\n```\n~~~suggestion\nrm\n~~~"
    of = {field: Category.OTHER if field == "category" else said}
    assert not buttons(written(verdict(**of))[0])


def test_a_secret_never_shows():
    told = verdict(title=SECRET, body=SECRET, failure=SECRET[5:20], suggestion=f"    x = '{SECRET}'")
    on_lines, on_file = written(told)
    assert SECRET[5:17] not in on_lines + on_file
    assert not buttons(on_lines)


@pytest.mark.parametrize("char", ["<", "|", "@", "é", "\U0001f600", "`", "$ ", "_", "*", "# ", "-\n", "a\n"])
def test_the_longest_still_fits(char):
    long = char * 12_000
    votes = tuple(vote(who, reason=long, proposed=True) for who in (CLAUDE, GPT, GEMINI) * 3)
    head = HeadText.whole(["x = 1"])
    told = verdict(
        title=long, body=long, failure=long, votes=votes, first_line=1, quote="x = 1", suggestion="#" * 4_000
    )
    on_lines, on_file = written(told, head=head)
    assert max(len(on_lines.encode()), len(on_file.encode())) < 60_000


MULTI = {"first_line": 12, "last_line": 13, "quote": "    if token == expected:\n        return True"}


@pytest.mark.parametrize(
    "of_finding",
    [
        pytest.param({"suggestion": FIXED}, id="one line"),
        pytest.param({"suggestion": f"{FIXED}\n"}, id="a line end at its end is no line"),
        pytest.param({"suggestion": FIXED, "quote": "token == expected"}, id="part of the line is quoted"),
        pytest.param({"suggestion": f"{FIXED}\n        return 1", **MULTI}, id="several lines"),
        pytest.param({"suggestion": FIXED.replace(":", ':  # `a` "```"')}, id="with a fence in it"),
        pytest.param({"suggestion": "    # @octocat https://x.example\n" + FIXED}, id="code stays code"),
    ],
)
def test_a_button(of_finding):
    (code,) = buttons(written(verdict(**of_finding))[0])
    assert code == of_finding["suggestion"].removesuffix("\n") + "\n"


CRLF = HeadText.whole([f"{line}\r" for line in AUTH.splitlines()])
HUNKS = HeadText(HEAD.lines, complete=False)


@pytest.mark.parametrize(
    ("of_finding", "head"),
    [
        pytest.param({"suggestion": None}, HEAD, id="nothing suggested"),
        pytest.param({"suggestion": "  "}, HEAD, id="nothing in it"),
        pytest.param({"suggestion": "    if token == expected:"}, HEAD, id="no change"),
        pytest.param(
            {"suggestion": FIXED, "first_line": 11}, HEAD, id="the lines are others than the quote's"
        ),
        pytest.param(
            {"suggestion": FIXED, "quote": "if token == wanted:"}, HEAD, id="the quote is not there"
        ),
        pytest.param(
            {"suggestion": FIXED, **MULTI, "quote": "token == expected"}, HEAD, id="quotes one line of two"
        ),
        pytest.param({"suggestion": FIXED + " ("}, HEAD, id="the file no longer parses"),
        pytest.param({"suggestion": FIXED.strip()}, HEAD, id="without its indentation"),
        pytest.param({"suggestion": FIXED}, None, id="the file is not known"),
        pytest.param({"suggestion": FIXED}, HUNKS, id="only the hunks are known"),
        pytest.param({"suggestion": FIXED}, CRLF, id="lines that end otherwise"),
        pytest.param({"suggestion": FIXED + "  # \u202e"}, HEAD, id="something nobody sees in it"),
        pytest.param({"suggestion": FIXED + f"  # {REDACTED}"}, HEAD, id="something was taken out before"),
        pytest.param({"suggestion": FIXED + "  # <!-- reviewbot:v1 -->"}, HEAD, id="our marker in it"),
        pytest.param({"suggestion": FIXED + "\n        pass" * 400}, HEAD, id="too long to be read"),
    ],
)
def test_no_button(of_finding, head):
    assert not buttons(written(verdict(**of_finding), head=head)[0])


PROTECTED = (".github/workflows/ci.yml", ".GitHub/Workflows/ci.yml", ".github/actions/x/action.yml", "CODEOWNERS",
             "docs/CODEOWNERS", ".reviewbot.yml", ".github/reviewbot/base/review.md.j2")  # fmt: skip


@pytest.mark.parametrize("path", PROTECTED)
def test_no_button_in_what_guards_the_repository(path):
    told = verdict(path=path, suggestion=FIXED)
    assert not buttons(written(told, parses=lambda path, code: True)[0])
    assert buttons(written(replace_path(told, "src/ci.yml"), parses=lambda path, code: True)[0])


def test_no_button_where_the_caller_says_so():
    told = verdict(suggestion=FIXED)
    assert not buttons(written(told, protected=Globs(["app/**"]))[0])


def replace_path(made, path):
    (proposal, *rest) = made.claim.proposals
    moved = replace(proposal, finding=replace(proposal.finding, path=path))
    return replace(made, claim=replace(made.claim, proposals=(moved, *rest)))
