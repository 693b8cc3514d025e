"""The reviews that every output is shown."""

from dataclasses import replace

from factories import (
    CLAUDE,
    GEMINI,
    GPT,
    change,
    coverage,
    decision,
    review,
    seat,
    spent,
    verdict,
    vote,
)

from reviewbot.diff import HeadText
from reviewbot.findings import Ballot, Category, Dropped, Severity, State, Voter
from reviewbot.llm import Stage
from reviewbot.review import PanelKind, Scan, SeatStatus, Status
from reviewbot.triage import Tier

README = coverage(
    "README.md", tier=Tier.NORMAL, why="no critical path or content", scan=Scan.CLEAR, reviewed_by=()
)
LOCK = coverage("poetry.lock", tier=Tier.SKIP, why="lock file", reviewed_by=())
CART = coverage(
    "shop/cart.py",
    tier=Tier.NORMAL,
    why="no critical path or content",
    scan=Scan.FLAGGED,
    reviewed_by=(CLAUDE.model, GPT.model),
)

PASSED = review(
    files=(coverage(), CART, README, LOCK),
    decision=decision(
        Status.PASSED,
        "1 critical file covered, no confirmed or undecided finding of severity high or above on it",
    ),
)

SPLIT = verdict(
    claim="c1",
    votes=(
        vote(CLAUDE, proposed=True),
        vote(GPT, reason="`hmac` is imported and never used"),
        vote(
            GEMINI, Ballot.REFUTE, "the token is random for each request, so timing tells nothing that lasts"
        ),
    ),
    suggestion="    if hmac.compare_digest(token, expected):",
)
CART_FINDING = verdict(
    claim="c2",
    path="shop/cart.py",
    first_line=3,
    last_line=4,
    quote="for item in items:",
    severity=Severity.MEDIUM,
    category=Category.CORRECTNESS,
    title="Items are removed from the list that is being walked",
    body="After `items.remove(item)` the loop skips the next item:\n\n- two expired items in a row leave one\n- nothing reports it",
    failure="A cart with two expired items is sold with one of them.",
    critical=False,
)
BLOCKED = review(
    SPLIT,
    CART_FINDING,
    verdict(
        State.UNCONFIRMED,
        claim="c3",
        votes=(vote(GPT, proposed=True), vote(CLAUDE, Ballot.ABSTAIN, "cannot see the caller")),
        first_line=2,
        title="`load` may return None",
        severity=Severity.MEDIUM,
        category=Category.ERROR_HANDLING,
    ),
    verdict(
        State.REFUTED,
        claim="c4",
        votes=(vote(GEMINI, proposed=True), vote(GPT, Ballot.REFUTE, "line 14 raises it")),
        first_line=6,
        title="Denied is never raised",
        severity=Severity.LOW,
        category=Category.MAINTAINABILITY,
    ),
    change=change(
        heads=change().heads
        | {
            "shop/cart.py": HeadText(
                {2: "\tnow = clock()", 3: "\tfor item in items:", 4: "\t\titems.remove(item)"}, complete=False
            )
        }
    ),
    files=(coverage(), CART, README, LOCK),
    total=spent(7, "0.1873"),
    dropped=(Dropped("shop/cart.py", "Missing await", "its quote is not in the file"),),
    decision=decision(
        Status.BLOCKED, "confirmed high finding on app/auth.py:12: Token compared in variable time"
    ),
)

SONNET, OPUS, HAIKU = (
    Voter(n, f"anthropic/claude-{name}-5", "claude") for n, name in enumerate(("sonnet", "opus", "haiku"), 1)
)
INCONCLUSIVE = review(
    verdict(
        State.UNDECIDED,
        claim="c1",
        votes=(
            vote(SONNET, proposed=True),
            vote(OPUS, Ballot.UNAVAILABLE, "timed out: no answer within 120 s"),
            vote(HAIKU, Ballot.UNAVAILABLE, "server error: 529 overloaded"),
        ),
    ),
    change=change(repository="", number=None),
    files=(
        coverage(
            reviewed_by=(SONNET.model,),
            gap="read by 1 of the 2 models it takes (timed out: no answer within 120 s)",
        ),
        coverage("db/logo.png", why="path matches **/db/**", reviewed_by=(), gap="its content is binary"),
        LOCK,
    ),
    panel=(
        seat(SONNET),
        seat(OPUS, SeatStatus.UNAVAILABLE),
        seat(HAIKU, SeatStatus.DEGRADED, "anthropic/claude-fable-5"),
    ),
    kind=PanelKind.ONE_VENDOR,
    total=spent(5, None),
    by_stage=(),  # as in a report that was read back
    by_model=((SONNET.model, spent(3)), (OPUS.model, spent(1, None)), (HAIKU.model, spent(1, None))),
    warnings=("no price is known for anthropic/claude-opus-5; set prices in .reviewbot.yml",),
    decision=decision(
        Status.INCONCLUSIVE,
        "app/auth.py was not covered: read by 1 of the 2 models it takes (timed out: no answer within 120 s)",
        "db/logo.png was not covered: its content is binary",
        "undecided high finding on app/auth.py:12: Token compared in variable time",
        enforced=False,
    ),
)

RUFF, BANDIT, ASTGREP = (
    Voter(n, f"static/{name}", name) for n, name in enumerate(("ruff", "bandit", "ast-grep"), 1)
)
OFFLINE = review(
    change=change(repository="", number=None, base="", head=""),
    files=(coverage(reviewed_by=(RUFF.model, BANDIT.model, ASTGREP.model)),),
    panel=tuple(map(seat, (RUFF, BANDIT, ASTGREP))),
    kind=PanelKind.OFFLINE,
    total=spent(3, "0", input_tokens=0, cached_tokens=0, output_tokens=0),
    by_stage=(),
    by_model=tuple(
        (v.model, spent(1, "0", input_tokens=0, cached_tokens=0, output_tokens=0))
        for v in (RUFF, BANDIT, ASTGREP)
    ),
    seconds=0.84,
    decision=decision(
        Status.PASSED,
        "1 critical file covered, no confirmed or undecided finding of severity high or above on it",
    ),
)

ALL = {"passed": PASSED, "blocked": BLOCKED, "inconclusive": INCONCLUSIVE, "offline": OFFLINE}


def hostile(text):
    """A review in which a change and its models say `text` wherever they can."""
    votes = (vote(CLAUDE, reason=text, proposed=True), vote(Voter(2, f"openai/{text}", text), reason=text))
    said = {"path": text, "quote": text, "title": text, "body": text, "failure": text}
    return replace(
        review(
            verdict(claim="c1", votes=votes, suggestion=text, **said),
            *(
                verdict(state, claim=f"c-{state}", votes=votes, **said)
                for state in State
                if state is not State.CONFIRMED
            ),
        ),
        change=change(
            repository=text,
            title=text,
            body=text,
            heads={text: HeadText(dict.fromkeys(range(20), text), complete=True)},
        ),
        files=(coverage(text, why=text, gap=text, reviewed_by=(text,)), coverage(text, why=text)),
        panel=(seat(replace(GPT, model=text, family=text), SeatStatus.DEGRADED, text),),
        total=spent(1, None),
        by_model=((text, spent(1, None)),),
        by_stage=((text, Stage.REVIEW, spent(1, None)),),
        dropped=(Dropped(text, text, text),),
        warnings=(text,),
        decision=decision(Status.BLOCKED, text),
    )
