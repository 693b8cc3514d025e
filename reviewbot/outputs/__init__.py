"""Every form a finished review is written in, and the one place where its text is made safe for all of them."""

from __future__ import annotations

import importlib
from collections import Counter
from dataclasses import dataclass, field, fields, is_dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from reviewbot.findings import Ballot, State
from reviewbot.formats import FORMATS
from reviewbot.review import PanelKind, SeatStatus
from reviewbot.suggesting import applicable
from reviewbot.triage import Tier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from reviewbot.diff import Change, Line
    from reviewbot.findings import Verdict, Vote
    from reviewbot.review import Coverage, Review, SeatReport
    from reviewbot.sanitize import Sanitizer
    from reviewbot.sharding import Part
    from reviewbot.suggesting import Parses

#: Fields whose text keeps its lines; every other text becomes one line.
_BLOCKS = frozenset({"body", "failure", "quote", "suggestion"})
_LIMITS = {"title": 200}
_LINE_LIMIT = 1_000

#: The claims that are not findings, and what the state means.
OTHERS = {
    State.UNDECIDED: "undecided: votes that failed could have confirmed it",
    State.UNCONFIRMED: "unconfirmed: said by one, not confirmed by another",
    State.REFUTED: "refuted: said by one, denied by another",
}

#: Lines shown around a finding's, and of a finding at most.
_CONTEXT = 2
_SHOWN_LINES = 12

T = TypeVar("T")


def _unknown(_path: str, _text: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Page:
    """A review ready to be written. All of its text is clean; Markdown must still go through the sanitizer's `markdown`.

    `fingerprints` and `excerpts` are by claim id: the first as comments carry them, so made before anything was cleaned; the
    second the finding's lines at head, by number, with two around them. `review.change` holds no files and no heads.
    """

    review: Review
    fingerprints: Mapping[str, str]
    excerpts: Mapping[str, Mapping[int, str]]
    sanitizer: Sanitizer
    original: Review = field(repr=False)  # as it came: for this class alone
    parses: Parses = _unknown
    width: int = 80  # columns
    color: bool = False
    tree: Path | None = None  # the working tree, absolute: where links to lines lead
    part: Part | None = None

    def confirmed(self) -> Iterator[tuple[Verdict, str]]:
        """What programs are told of: confirmed findings, each with a name that no other one of this run has.

        The name stays while the code stays; `:1` sets the first of several with one fingerprint apart from the next.
        """
        seen: Counter[str] = Counter()
        for verdict in self.review.verdicts:
            if verdict.state is State.CONFIRMED:
                name = self.fingerprints[verdict.claim.id]
                seen[name] += 1
                yield verdict, f"{name}:{seen[name]}"

    def files(self) -> Iterator[tuple[Coverage, Iterator[Sequence[Line]], Sequence[Verdict]]]:
        """Each file of the change: its coverage, the lines of its hunks, and what is claimed of it.

        Lines are cleaned as they are taken, so only who shows them pays for it.
        """
        diffs = {file.path: file for file in self.original.change.files}
        pairs = list(zip(self.original.verdicts, self.review.verdicts, strict=True))
        for raw, file in zip(self.original.files, self.review.files, strict=True):
            hunks = diffs[raw.path].hunks if raw.path in diffs else ()
            claims = [clean for verdict, clean in pairs if verdict.finding.path == raw.path]
            yield file, (self._shown(hunk.lines) for hunk in hunks), claims

    def _shown(self, lines: Sequence[Line]) -> Sequence[Line]:
        return [replace(line, text=_code_line(line.text, self.sanitizer)) for line in lines]

    def suggestion(self, verdict: Verdict) -> str | None:
        """The code that may replace its lines; None unless it is sure to do what it shows and nothing else."""
        if verdict.finding.suggestion is None:
            return None
        (raw,) = (v for v in self.original.verdicts if v.claim.id == verdict.claim.id)
        head = self.original.change.heads.get(raw.finding.path)
        return applicable(raw.finding, head, self.sanitizer, self.parses)


class Output(Protocol):
    """What each module of `FORMATS` offers."""

    def render(self, page: Page) -> str:
        """The page as text that ends with a newline."""


def render(
    review: Review,
    form: str,
    sanitizer: Sanitizer,
    *,
    width: int = 80,
    color: bool = False,
    tree: Path | None = None,
    parses: Parses = _unknown,
    part: Part | None = None,
    fingerprints: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The review in one of `FORMATS`. `width`, `color` and `tree` matter to the terminal only; without `parses` nothing is suggested.

    `part` is for the report of a part of a change; `fingerprints` are by claim id, of findings that have lost their quote.
    """
    module = cast("Output", importlib.import_module(f"reviewbot.outputs.{FORMATS[form]}"))
    made = page(review, sanitizer, width=width, color=color, tree=tree, parses=parses)
    told = _safe(part, sanitizer) if part else None
    return module.render(replace(made, part=told, fingerprints={**made.fingerprints, **fingerprints}))


def page(
    review: Review,
    sanitizer: Sanitizer,
    *,
    width: int = 80,
    color: bool = False,
    tree: Path | None = None,
    parses: Parses = _unknown,
) -> Page:
    """The review with everything that a change or a model wrote in it made safe."""
    bare = replace(review, change=replace(review.change, files=(), heads={}))
    return Page(
        review=_safe(bare, sanitizer),
        fingerprints={v.claim.id: v.finding.fingerprint for v in review.verdicts},
        excerpts={v.claim.id: _excerpt(review.change, v, sanitizer) for v in review.verdicts},
        sanitizer=sanitizer,
        original=review,
        parses=parses,
        width=width,
        color=color,
        tree=tree,
    )


def place(verdict: Verdict) -> str:
    """`path:line` or `path:first-last`."""
    found = verdict.finding
    last = f"-{found.last_line}" if found.last_line > found.first_line else ""
    return f"{found.path}:{found.first_line}{last}"


def subject(change: Change) -> str:
    """What was reviewed: `owner/name#number`, or a local change, with its commits where it has any."""
    name = f"{change.repository}#{change.number}" if change.number is not None else "local change"
    commits = "..".join(commit[:7] for commit in (change.base, change.head) if commit)
    return f"{name} ({commits})" if commits else name


def caveat(review: Review) -> str:
    """What a reader must know of the panel, "" where models of several vendors sat in it."""
    return {
        PanelKind.MODELS: "",
        PanelKind.ONE_VENDOR: "one vendor: all models that voted come from the same company",
        PanelKind.OFFLINE: "offline panel: static analysers, no AI",
        PanelKind.NOBODY: "nobody has reviewed this",
    }[review.kind]


def seated(seat: SeatReport) -> str:
    """The model in a seat, with what went wrong there."""
    status = "cannot read these files" if seat.unable else str(seat.status)
    if seat.replaced:
        reason = ", which cannot read these files" if seat.unable else ""
        notes = [f"in place of {seat.replaced}{reason}"]
    else:
        notes = [] if seat.status is SeatStatus.OK else [status]
    return seat.model + (f" ({', '.join(notes)})" if notes else "")


def tally(verdict: Verdict) -> str:
    """The votes in numbers: `2 confirm, 1 refute`."""
    counted = Counter(vote.ballot for vote in verdict.votes)
    return ", ".join(f"{counted[ballot]} {ballot}" for ballot in Ballot if counted[ballot])


def voted(vote: Vote, safe: Sanitizer, limit: int = 1_000) -> str:
    """One vote in Markdown: `confirm` by whom, and why."""
    reason = f": {safe.inline(vote.reason, limit)}" if vote.reason else ""
    return f"{vote.ballot} {safe.code(vote.voter.model)}{' (found it)' if vote.proposed else ''}{reason}"


def prose(page: Page, verdict: Verdict) -> str:
    """What is wrong and what happens then, for programs that make a comment of it: Markdown in which nothing acts."""
    found, safe = verdict.finding, page.sanitizer
    failure = f"If it happens: {found.failure}" if found.failure else ""
    parts = [safe.inline(found.title), safe.markdown(found.body), safe.markdown(failure)]
    return "\n\n".join(filter(str.strip, [*parts, f"Votes: {tally(verdict)}."]))


def collapsed(heading: str, body: str) -> str:
    """A fold in Markdown. `heading` is in HTML: our own words only."""
    # The empty lines make GitHub read the body as Markdown again.
    return f"<details><summary>{heading}</summary>\n\n{body}\n\n</details>"


def headline(review: Review) -> str:
    """How many findings were confirmed, or that nobody looked for any, for a heading."""
    if not (review.files or review.change.unlisted):
        return "Nothing to review: the change is empty"
    if review.kind is PanelKind.NOBODY:
        return next(
            (reason for reason in review.decision.reasons if reason.startswith("skipped: ")), "Skipped"
        )
    confirmed = sum(v.state is State.CONFIRMED for v in review.verdicts)
    return count(confirmed, "confirmed finding") if confirmed else "No confirmed findings"


def coverage(review: Review) -> str:
    """How much of the change was read, and how: no finding means nothing without it."""
    covered = [file for file in review.files if file.covered]
    skipped = sum(file.tier is Tier.SKIP for file in covered)
    reviewed = [file for file in covered if file.reviewed_by]
    readers = len({model for file in reviewed for model in file.reviewed_by})
    who = "analyser" if review.kind is PanelKind.OFFLINE else "model"
    parts = (
        (len(reviewed), f"reviewed by {count(readers, who)}"),
        (len(covered) - skipped - len(reviewed), "cleared by the quick scan"),
        (skipped, "skipped"),
    )
    how = ", ".join(f"{number} {what}" for number, what in parts if number)
    old = sum(bool(file.since) for file in covered)
    then = (
        f"; {old} unchanged since an earlier review of this pull request, and not read again" if old else ""
    )
    return f"{len(covered)} of {count(len(review.files), 'file')} covered{how and ': ' + how}{then}"


def spent(review: Review) -> str:
    """Calls, tokens, dollars and seconds."""
    total = review.total
    tokens = f"{total.input_tokens:,} tokens in ({total.cached_tokens:,} cached), {total.output_tokens:,} out"
    used = [tokens] if total.input_tokens or total.output_tokens else []
    return ", ".join([count(total.calls, "call"), *used, dollars(total.cost), f"{review.seconds:.1f} s"])


def comparison(review: Review) -> tuple[str, str] | None:
    """The dearest model, and what the run would have cost with it alone; None where that is not known or says nothing."""
    if review.compared is None or not review.total.cost or review.compared[1] <= review.total.cost:
        return None
    model, cost = review.compared
    return model, dollars(cost)


def dollars(cost: Decimal | None) -> str:
    """A cost for people; unknown is not free, and a little is not nothing."""
    if cost is None:
        return "cost unknown"
    if not cost:
        return "free"
    return f"${cost:.4f}" if cost >= Decimal("0.0001") else "under $0.0001"


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _safe(value: T, sanitizer: Sanitizer, name: str = "") -> T:
    """`value` with every text in it cleaned, whatever it is made of: a field added later is covered too."""
    made: Any = value
    if type(made) is str:  # not an enum: those are our own words
        block = name in _BLOCKS
        made = sanitizer.clean(made) if block else sanitizer.line(made, _LIMITS.get(name, _LINE_LIMIT))
    elif isinstance(value, tuple | frozenset):
        made = type(value)(_safe(item, sanitizer, name) for item in value)
    elif is_dataclass(value) and not isinstance(value, type):
        parts = {f.name: _safe(getattr(value, f.name), sanitizer, f.name) for f in fields(value)}
        made = replace(value, **parts)
    return cast("T", made)


def _excerpt(change: Change, verdict: Verdict, sanitizer: Sanitizer) -> Mapping[int, str]:
    found = verdict.finding
    head = change.heads.get(found.path)
    if head is None:
        return {}
    last = min(found.last_line, found.first_line + _SHOWN_LINES - 1)
    wanted = range(found.first_line - _CONTEXT, last + _CONTEXT + 1)
    return {n: _code_line(head.lines[n], sanitizer) for n in wanted if n in head.lines}


def _code_line(text: str, sanitizer: Sanitizer) -> str:
    return sanitizer.clean(text.rstrip()).replace("\n", " ")
