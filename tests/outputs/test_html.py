"""The HTML report as text: what is in it, in which order, and that nothing of it can do anything."""

import base64
import hashlib
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import reviews
from factories import CLAUDE, GEMINI, GPT, change, coverage, decision, review, spent, verdict
from hostile import NASTY

from reviewbot import outputs
from reviewbot.diff import FileDiff, Hunk, Line, Status
from reviewbot.llm import Stage
from reviewbot.outputs import html
from reviewbot.sanitize import Sanitizer

#: Tags that load, run, leave or ask; none of them has a place on the page, whoever wrote it.
ACTIVE = {"script", "img", "iframe", "object", "embed", "link", "base", "form", "input", "button", "audio", "video",
          "source", "image", "use", "foreignobject", "animate", "set", "template", "frame", "applet"}  # fmt: skip


class Reader(HTMLParser):
    """The page as a parser that we did not write sees it."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.words, self.headings, self._open = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self._open.append(tag)

    def handle_endtag(self, tag):
        self._open.pop()

    def handle_data(self, data):
        tag = self._open[-1] if self._open else ""
        if tag in {"h1", "h2", "h3"} and data.strip():
            self.headings.append((tag, data.strip()))
        if tag != "style":
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def auth():
    """The diff in which line 12 of app/auth.py came to be."""
    lines = (
        Line(10, 10, "def check(token):"),
        Line(11, None, "    if compare_digest(token, sign(SECRET)):"),
        Line(None, 11, "    expected = sign(SECRET)"),
        Line(None, 12, "    if token == expected:"),
        Line(12, 13, "        return True"),
    )
    return FileDiff("app/auth.py", Status.MODIFIED, hunks=(Hunk(10, 3, 10, 4, "", lines),))


def whole(*verdicts, **more):
    """A review with a diff and with costs by stage."""
    by_stage = (
        (CLAUDE.model, Stage.REVIEW, spent(1, "0.0300")),
        (GPT.model, Stage.REVIEW, spent(1, "0.0100")),
        (GEMINI.model, Stage.VOTE, spent(1, "0.0012")),
    )
    return review(*verdicts, change=replace(change(), files=(auth(),)), by_stage=by_stage, **more)


def rendered(made):
    return outputs.render(made, "html", Sanitizer([]), parses=lambda path, text: True)


def test_the_verdict_comes_first_then_findings_coverage_and_cost():
    headings = Reader(rendered(replace(reviews.BLOCKED, by_stage=whole().by_stage))).headings
    assert [words for tag, words in headings if tag != "h3"] == [
        "Blocked",
        "2 confirmed findings",
        "Coverage",
        "Panel",
        "Cost",
        "The change",
    ]
    assert headings[2] == ("h3", "1. Token compared in variable time")


def test_a_finding_stands_in_the_diff_and_each_leads_to_the_other():
    page = Reader(rendered(whole(verdict())))
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    links = {attrs["href"] for tag, attrs in page.tags if tag == "a"}
    assert links == {"#finding-1", "#line-1-12"}
    assert {link[1:] for link in links} <= ids
    assert len(ids) == len([1 for _, attrs in page.tags if "id" in attrs])


def test_the_diff_is_shown_with_its_numbers_and_signs():
    text = Reader(rendered(whole(verdict()))).text
    assert (
        "11 \N{MINUS SIGN} if compare_digest(token, sign(SECRET)): 11 + expected = sign(SECRET) 12 + if token"
        in text
    )
    assert "+2 \N{MINUS SIGN}1" in text


def test_votes_are_shown_with_who_and_why():
    text = Reader(rendered(reviews.BLOCKED)).text
    assert "anthropic/claude-sonnet-5-5 confirm, found it" in text
    assert "google/gemini-4-pro refute the token is random for each request" in text


def test_what_was_not_read_is_named():
    text = Reader(rendered(reviews.INCONCLUSIVE)).text
    assert "not covered critical path app/auth.py read by 1 of the 2 models it takes" in text
    assert "A review that could not be done proves nothing." in text


def test_costs_are_drawn_by_model_and_stage():
    page = Reader(rendered(whole()))
    drawn = [attrs["aria-label"] for tag, attrs in page.tags if attrs.get("role") == "img"]
    assert "all models: review: $0.0400, vote: $0.0012" in drawn
    assert f"{GEMINI.model}: vote: $0.0012" in drawn


def test_prose_is_paragraphs_lists_and_code():
    made = rendered(whole(verdict(body="One `a < b`.\n\n- two\n- **three**\n\n```\nx = 1\n```\n")))
    assert "<p>One <code>a &lt; b</code>.</p>" in made
    assert "<li>two</li>\n<li>**three**</li>" in made
    assert "<pre><code>x = 1\n</code></pre>" in made


def test_an_offline_panel_is_not_called_ai():
    text = Reader(rendered(reviews.OFFLINE)).text
    assert "Offline panel: static analysers, no AI." in text
    assert "model" not in text.replace("tokens in", "").split("Cost")[0]


def test_a_long_diff_is_cut_and_that_is_said():
    lines = tuple(Line(None, n, f"x{n}") for n in range(1, html.FILE_LINES + 2))
    long = FileDiff("app/auth.py", Status.ADDED, hunks=(Hunk(0, 0, 1, len(lines), "", lines),))
    made = rendered(review(change=replace(change(), files=(long,))))
    assert f"x{html.FILE_LINES}<" in made
    assert f"x{html.FILE_LINES + 1}<" not in made
    assert "The rest of its diff is left out here." in made


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_nothing_that_others_wrote_becomes_part_of_the_page(text):
    diff = FileDiff(text, Status.MODIFIED, hunks=(Hunk(1, 1, 1, 1, text, (Line(None, 1, text),)),))
    made = reviews.hostile(text)
    page = Reader(rendered(replace(made, change=replace(made.change, files=(diff,)))))
    plain = Reader(rendered(replace(reviews.hostile("plain"), change=replace(made.change, files=(diff,)))))
    assert not {tag for tag, _ in page.tags} & ACTIVE
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in plain.tags} | {
        "ul",
        "ol",
        "li",
        "pre",
        "code",
        "p",
    }
    for _, attrs in page.tags:
        assert not {name for name in attrs if name.startswith("on") or name in {"style", "src", "xlink:href"}}
        assert attrs.get("href", "#").startswith("#")


@pytest.mark.parametrize("made", reviews.ALL.values(), ids=reviews.ALL)
def test_the_policy_lets_in_our_style_and_nothing_else(made):
    text = rendered(made)
    style = text.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policies = [
        a["content"] for _, a in Reader(text).tags if a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == [
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    ]
    assert "url(" not in style
    assert "@import" not in style


def test_a_review_without_files_has_a_page():
    assert "0 of 0" in Reader(rendered(review(files=(), decision=decision()))).text


def test_two_files_that_look_alike_keep_their_findings_apart():
    files = (coverage("a\u200b.py"), coverage("a.py"))
    page = Reader(rendered(review(verdict(path="a.py"), files=files)))
    opened = [attrs["id"] for tag, attrs in page.tags if tag == "details" and "open" in attrs]
    assert opened == ["file-2"]
