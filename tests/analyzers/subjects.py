"""Files to analyse and prompts about them, saying only what matters to a test."""

import asyncio

from reviewbot import replies
from reviewbot.diff import FileDiff, HeadText, Hunk, Line, Status
from reviewbot.findings import Category, Claim, Finding, Proposal, Severity, Voter
from reviewbot.llm import Prompt, Question, Stage, Subject


def subject(path, text, *, added=None, known=None):
    """A file with this text at head. `added`: its added lines, else all; `known`: the lines a diff shows, else all."""
    texts = text.removesuffix("\n").split("\n")
    numbered = dict(enumerate(texts, 1))
    shown = {n: t for n, t in numbered.items() if known is None or n in known}
    lines = tuple(
        Line(old=None if added is None or n in added else n, new=n, text=t) for n, t in shown.items()
    )
    hunk = Hunk(1, len(lines), min(shown), len(lines), "", lines)
    head = HeadText(shown, complete=known is None)
    return Subject(FileDiff(path, Status.MODIFIED, hunks=(hunk,)), head, (hunk,))


def claim(path, lines, title, *, body="", id_="c1"):
    """A claim of another model on these lines (first, last)."""
    finding = Finding(path, *lines, "x", Category.SECURITY, Severity.HIGH, title, body, "")
    return Claim(id_, (Proposal(finding, Voter(1, "another/model", "another")),))


def ask(model, stage, *subjects, claims=(), seconds=60):
    """The model's reply, having passed the reply schema."""
    prompt = Prompt(Question(Stage(stage), subjects, claims=tuple(claims)), "", "", "")
    return replies.parse(asyncio.run(model.complete(prompt, seconds=seconds)).text)
