"""The offline models: analysers that answer in the reply schema, as any other model of the panel does."""

from __future__ import annotations

import asyncio
import json
from bisect import bisect_left, bisect_right
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from reviewbot.analyzers.classes import CLASSES, claim_class, guessed_classes, severity
from reviewbot.analyzers.source import language_of
from reviewbot.errors import ModelError
from reviewbot.findings import Severity
from reviewbot.llm import Completion, ModelSpec, Stage, Stop, Usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reviewbot.analyzers.analysis import Desk, Mark, Outcome
    from reviewbot.diff import HeadText
    from reviewbot.findings import Claim
    from reviewbot.llm import Prompt, Question, Subject

#: Tokens mean nothing to an analyser; more than any unit has.
_ENDLESS = 1 << 40

#: Findings of one class in one file; the last of them says how many more there are.
_MOST_OF_A_CLASS = 25

#: Characters of a quoted line. A minified file has lines of megabytes.
_LONGEST_QUOTE = 400


def _spec(name: str) -> ModelSpec:
    return ModelSpec(
        provider="static", id=name, family=name, window=_ENDLESS, max_output=_ENDLESS, effort=False
    )


@dataclass(slots=True)
class _Answer:
    """A reply while it is put together; its fields are those of the reply schema."""

    read: list[str]
    flags: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    votes: list[dict[str, Any]]

    def completion(self) -> Completion:
        return Completion(json.dumps(asdict(self)), Stop.COMPLETE, Usage())


class Seat:
    """One analyser in a seat: it scans, proposes and votes."""

    def __init__(self, desk: Desk) -> None:
        """The desk may be shared, so that scan, review and vote analyse a file once."""
        self._desk = desk
        self._name = desk.analyser.name

    @property
    def spec(self) -> ModelSpec:
        """`static/<name>`, a family of its own."""
        return _spec(self._name)

    def reads(self, path: str) -> bool:
        """Whether the analyser has rules for the language."""
        return self._desk.analyser.reads(path)

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:
        """Answer from the question's files and claims; the text of the prompt plays no part. Raises ModelError."""
        question = prompt.question
        seen = await self._desk.read(question.subjects, seconds=seconds)
        answer = _Answer(_read(question.subjects, seen), [], [], [])
        if question.stage is Stage.VOTE:
            answer.votes = [self._vote(claim, question, seen, answer.read) for claim in question.claims]
        else:
            for subject in _one_each(question.subjects, seen):
                marks = of_the_change(question.subjects, subject, seen[subject.file.path])
                if question.stage is Stage.SCAN:
                    answer.flags += [_flag(self._name, subject, mark) for mark in marks]
                else:
                    answer.findings += _findings(self._name, subject, marks)
        return answer.completion()

    async def close(self) -> None:
        """Nothing is held between calls."""

    def _vote(
        self, claim: Claim, question: Question, seen: Mapping[str, Outcome], read: Sequence[str]
    ) -> dict[str, Any]:
        finding, cwe = claim.finding, claim_class(claim.finding)
        head = next((s.head for s in question.subjects if s.file.path == finding.path), None)
        language = language_of(finding.path)
        analyser = self._desk.analyser
        if head is None or language is None or finding.path not in read:
            return _opinion(claim, "cannot_tell", "", f"{self._name} could not analyse this file")
        meant = ({cwe} if cwe else guessed_classes(finding)) & analyser.covers(language)
        if not meant:
            return _opinion(claim, "cannot_tell", "", f"{self._name} has no rule for {cwe or 'this claim'}")
        for mark in seen[finding.path].marks:
            if mark.cwe in meant and _overlap(mark, finding.first_line - 1, finding.last_line + 1):
                return _opinion(
                    claim,
                    "confirm",
                    _quote(head, mark),
                    f"{self._name} {mark.rule} reports {mark.cwe} on {_lines(mark)}",
                )
        if cwe is None or not head.complete or cwe not in analyser.refutes(language):
            # A class guessed from words may be the wrong one: too little to refute by.
            reason = f"{self._name} sees no {cwe or 'such defect'} there, but not all of it would"
            return _opinion(claim, "cannot_tell", "", reason)
        return _opinion(
            claim, "refute", "", f"{self._name} has rules for {cwe} in this language and sees none there"
        )


class AnySeat:
    """`static/any`, the offline scan: it flags a file as soon as one analyser reports something in it."""

    def __init__(self, desks: Sequence[Desk]) -> None:
        """Asks every one of the desks."""
        self._desks = desks

    @property
    def spec(self) -> ModelSpec:
        """`static/any`."""
        return _spec("any")

    def reads(self, path: str) -> bool:  # noqa: ARG002 - the protocol's
        """Every file: one that no analyser can read is flagged for that."""
        return True

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:
        """Flags only, whatever is asked. A file counts as read when every analyser of its language read it.

        Raises ModelError if not one analyser works.
        """
        subjects = prompt.question.subjects
        answer = _Answer([], [], [], [])
        results = await asyncio.gather(*(attempt(desk, subjects, seconds) for desk in self._desks))
        seen = {
            desk.analyser.name: result
            for desk, result in zip(self._desks, results, strict=True)
            if not isinstance(result, ModelError)
        }
        if not seen and isinstance(results[0], ModelError):
            raise results[0]
        for path in dict.fromkeys(s.file.path for s in subjects):
            self._scan(path, [s for s in subjects if s.file.path == path], seen, answer)
        return answer.completion()

    async def close(self) -> None:
        """Nothing is held between calls."""

    def _scan(
        self,
        path: str,
        subjects: Sequence[Subject],
        seen: Mapping[str, Mapping[str, Outcome]],
        answer: _Answer,
    ) -> None:
        wanted = [desk.analyser.name for desk in self._desks if desk.analyser.reads(path)]
        if not wanted:
            answer.flags.append(_doubt(path, "no offline analyser reads this language"))
            return
        done = [name for name in wanted if path in seen.get(name, {}) and _read(subjects, seen[name])]
        if done == wanted:
            answer.read.append(path)
        else:
            missing = ", ".join(name for name in wanted if name not in done)
            answer.flags.append(_doubt(path, f"it could not be analysed by {missing}"))
        for name in done:
            marks = of_the_change(subjects, subjects[0], seen[name][path])
            answer.flags += [_flag(name, subjects[0], mark) for mark in marks]


async def attempt(
    desk: Desk, subjects: Sequence[Subject], seconds: float
) -> Mapping[str, Outcome] | ModelError:
    """What an analyser saw in each file, or why it does not work."""
    try:
        return await desk.read(subjects, seconds=seconds)
    except ModelError as error:
        return error


def _read(subjects: Sequence[Subject], seen: Mapping[str, Outcome]) -> list[str]:
    """The files whose added lines were all understood."""
    return [
        path
        for path in dict.fromkeys(s.file.path for s in subjects)
        if path in seen
        and not any(
            first <= line <= last for first, last in seen[path].gaps for line in _added(subjects, path)
        )
    ]


def _touch(gaps: Iterable[tuple[int, int]], lines: Iterable[int]) -> bool:
    ordered = sorted(lines)
    return any(bisect_left(ordered, first) < bisect_right(ordered, last) for first, last in gaps)


def _one_each(subjects: Iterable[Subject], seen: Mapping[str, Outcome]) -> list[Subject]:
    return list({s.file.path: s for s in subjects if s.file.path in seen}.values())


def _added(subjects: Iterable[Subject], path: str) -> list[int]:
    return [
        line.new
        for subject in subjects
        if subject.file.path == path
        for hunk in subject.hunks
        for line in hunk.lines
        if line.added and line.new is not None
    ]


def of_the_change(subjects: Iterable[Subject], subject: Subject, outcome: Outcome) -> list[Mark]:
    """The marks that touch an added line; of those that say the same of the same lines the first."""
    added = set(_added(subjects, subject.file.path))
    said: dict[str, set[int]] = {}
    kept: list[Mark] = []
    for mark in sorted(outcome.marks, key=lambda mark: mark.cwe in _SAID_BY):
        lines = range(mark.first_line, mark.last_line + 1)
        again = any(
            not said.get(cwe, set()).isdisjoint(lines) for cwe in (mark.cwe, _SAID_BY.get(mark.cwe, ""))
        )
        if not again and not added.isdisjoint(lines):
            said.setdefault(mark.cwe, set()).update(lines)
            kept.append(mark)
    return kept


#: A handler that swallows everything catches everything: one remark is enough.
_SAID_BY = {"CWE-396": "CWE-390"}


def _overlap(mark: Mark, first: int, last: int) -> bool:
    return mark.first_line <= last and first <= mark.last_line


def _quote(head: HeadText, mark: Mark) -> str:
    lines = [head.lines[n] for n in range(mark.first_line, mark.last_line + 1) if n in head.lines]
    text = "\n".join(lines)
    return text if len(text) <= _LONGEST_QUOTE * len(lines) else lines[0][:_LONGEST_QUOTE]


def _lines(mark: Mark) -> str:
    return (
        f"line {mark.first_line}"
        if mark.first_line == mark.last_line
        else f"lines {mark.first_line} to {mark.last_line}"
    )


def _findings(name: str, subject: Subject, marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """Of each class the first few: who fills a file with one defect gets no review of a thousand pages."""
    by_class: dict[str, list[Mark]] = {}
    for mark in marks:
        by_class.setdefault(mark.cwe, []).append(mark)
    findings = []
    for same in by_class.values():
        shown = [_finding(name, subject, mark) for mark in same[:_MOST_OF_A_CLASS]]
        if len(same) > len(shown):
            shown[-1]["body"] += f" {len(same) - len(shown)} more of this class follow in this file."
        findings += shown
    return findings


def _finding(name: str, subject: Subject, mark: Mark) -> dict[str, Any]:
    known, quote = CLASSES[mark.cwe], _quote(subject.head, mark)
    return {
        "path": subject.file.path,
        "first_line": mark.first_line,
        "last_line": mark.last_line,
        "quote": quote,
        "category": known.category.value,
        "severity": severity(mark.cwe, quote).word,
        "title": f"{known.title} ({mark.cwe})",
        "body": " ".join(filter(None, (mark.says, known.why, f"Reported by {name} {mark.rule}."))),
        "failure": known.failure,
        "suggestion": None,
    }


def _flag(name: str, subject: Subject, mark: Mark) -> dict[str, Any]:
    risk = min(severity(mark.cwe, _quote(subject.head, mark)), Severity.HIGH)  # a flag knows no critical
    reason = f"{name} {mark.rule}: {CLASSES[mark.cwe].title} ({mark.cwe})"
    return {"path": subject.file.path, "line": mark.first_line, "risk": risk.word, "reason": reason}


def _doubt(path: str, reason: str) -> dict[str, Any]:
    return {"path": path, "line": 1, "risk": "low", "reason": reason}


def _opinion(claim: Claim, verdict: str, evidence: str, reason: str) -> dict[str, Any]:
    return {"id": claim.id, "verdict": verdict, "evidence": evidence, "reason": reason}
