"""What three models say of one small change, and what must come of it: shared by the tests and the recorder."""

from dataclasses import dataclass, field
from pathlib import Path

from scripted import as_json

from reviewbot.consensus import Candidate, match
from reviewbot.findings import Category, Finding, Proposal, Severity, Voter
from reviewbot.grounding import Lines

CASSETTES = Path(__file__).parents[1] / "cassettes" / "end_to_end"

PATH = "app/auth/login.py"
LINES = (
    "import sqlite3",
    "",
    "",
    "def find_user(name):",
    '    connection = sqlite3.connect("users.db")',
    "    query = f\"SELECT * FROM users WHERE name = '{name}'\"",
    "    return connection.execute(query).fetchone()",
)
PATCH = (
    f"diff --git a/{PATH} b/{PATH}\nnew file mode 100644\nindex 0000000..1111111\n--- /dev/null\n+++ b/{PATH}\n"
    f"@@ -0,0 +1,{len(LINES)} @@\n" + "".join(f"+{line}\n" for line in LINES)
)

CLAUDE, GPT, GEMINI = "claude-sonnet-5-5", "gpt-6.1-sol", "gemini-3.8-flash"
MODELS = (CLAUDE, GPT, GEMINI)

INJECTION = Finding(
    PATH, 6, 6, LINES[5].strip(), Category.SECURITY, Severity.HIGH,
    "SQL injection through the user name",
    "The name is formatted into the SQL statement instead of being bound as a parameter.",
    "name = \"x' OR '1'='1\" returns the first user of the table.",
)  # fmt: skip
REWORDED = Finding(
    PATH, 6, 7, LINES[6].strip(), Category.CORRECTNESS, Severity.CRITICAL,
    "Unparameterised query built from raw input",
    "An f-string puts attacker-controlled text into the query that execute() runs; inject SQL and the login is bypassed.",
    "A name holding a quote changes the meaning of the statement.",
)  # fmt: skip
LEAK = Finding(
    PATH, 6, 6, LINES[5].strip(), Category.RESOURCE_LEAK, Severity.MEDIUM,
    "The connection opened for this lookup leaks",
    "Nothing ever closes the sqlite3 connection, so each call keeps a file descriptor open.",
    "After a few thousand logins the process runs out of descriptors.",
)  # fmt: skip
MADE_UP = Finding(
    PATH, 5, 5, "password = request.form['password']", Category.SECURITY, Severity.CRITICAL,
    "Password is logged in clear text",
    "The password read here ends up in the log.",
    "Anyone who can read the log can log in.",
)  # fmt: skip

DOWN = "down"


@dataclass(frozen=True)
class Scenario:
    """By model: the findings of its review (or DOWN) and its verdict and evidence in every vote."""

    name: str
    reviews: dict
    votes: dict = field(default_factory=dict)
    states: tuple = ()
    gate: str = "passed"
    exit: int = 0
    ballots: tuple = ()
    dropped: int = 0


EVIDENCE = LINES[5].strip()
SCENARIOS = (
    Scenario(
        "three of three",
        {CLAUDE: [INJECTION], GPT: [INJECTION], GEMINI: [INJECTION]},
        states=("confirmed",), gate="blocked", exit=1, ballots=("confirm", "confirm", "confirm"),
    ),
    Scenario(
        "two of three",
        {CLAUDE: [INJECTION], GPT: []},
        {GPT: ("refute", ""), GEMINI: ("confirm", EVIDENCE)},
        states=("confirmed",), gate="blocked", exit=1, ballots=("confirm", "refute", "confirm"),
    ),
    Scenario(
        "one of three",
        {CLAUDE: [INJECTION]},
        {GPT: ("refute", ""), GEMINI: ("refute", "")},
        states=("refuted",), ballots=("confirm", "refute", "refute"),
    ),
    Scenario(
        "same defect worded differently",
        {CLAUDE: [INJECTION], GPT: [REWORDED]},
        states=("confirmed",), gate="blocked", exit=1, ballots=("confirm", "confirm"),
    ),
    Scenario(
        "different defects on one line",
        {CLAUDE: [INJECTION], GPT: [LEAK]},
        {CLAUDE: ("refute", ""), GPT: ("confirm", EVIDENCE), GEMINI: ("refute", "")},
        states=("confirmed", "refuted"), gate="blocked", exit=1, ballots=("confirm", "confirm"),
    ),
    Scenario("fabricated quote", {CLAUDE: [MADE_UP]}, dropped=1),
    Scenario(
        "fabricated evidence",
        {CLAUDE: [INJECTION]},
        {GPT: ("confirm", "os.system(name)"), GEMINI: ("confirm", "eval(name)")},
        states=("unconfirmed",), ballots=("confirm", "abstain", "abstain"),
    ),
    Scenario(
        "one model down",
        {CLAUDE: [INJECTION], GPT: DOWN, GEMINI: [INJECTION]},
        states=("confirmed",), gate="blocked", exit=1, ballots=("confirm", "confirm"),
    ),
    Scenario(
        "one model down and nothing found",
        {CLAUDE: [], GPT: DOWN, GEMINI: []},
    ),
    Scenario(
        "two models down",
        {CLAUDE: [INJECTION], GPT: DOWN, GEMINI: DOWN},
        {GPT: DOWN, GEMINI: DOWN},
        states=("undecided",), gate="inconclusive", exit=3, ballots=("confirm", "unavailable", "unavailable"),
    ),
)  # fmt: skip

ENVIRONMENT = {
    "ANTHROPIC_API_KEY": "not-a-real-key",
    "OPENAI_API_KEY": "not-a-real-key",
    "GEMINI_API_KEY": "not-a-real-key",
}


def environment(host="http://aimock"):
    return {
        **ENVIRONMENT,
        "ANTHROPIC_BASE_URL": host,
        "OPENAI_BASE_URL": f"{host}/v1",
        "GOOGLE_GEMINI_BASE_URL": host,
    }


def fixtures(scenario):
    """What aimock is to answer, in its own format."""
    return [
        *(_fixture(model, "Task: review", _review(scenario.reviews.get(model, []))) for model in MODELS),
        *(_fixture(model, "Task: vote", _votes(scenario, model)) for model in MODELS),
    ]


def _fixture(model, stage, response):
    return {"match": {"model": model, "userMessage": stage}, "response": response}


FAILED = {"error": {"message": "the service is down", "type": "server_error"}, "status": 500}


def _review(findings):
    if findings == DOWN:
        return FAILED
    return {"content": _answer(findings=[as_json(f) for f in findings])}


def _votes(scenario, model):
    verdict = scenario.votes.get(model, ("cannot_tell", ""))
    if verdict == DOWN:
        return FAILED
    votes = [
        {"id": claim, "verdict": verdict[0], "evidence": verdict[1], "reason": "What the code shows."}
        for claim in _claim_ids(scenario)
    ]
    return {"content": _answer(votes=votes)}


def _answer(**parts):
    return {"read": [PATH], "flags": [], "findings": [], "votes": [], **parts}


def _claim_ids(scenario):
    candidates = [
        Candidate(Proposal(found, Voter(seat, model, model)), Lines(found.first_line, found.last_line))
        for seat, model in enumerate(MODELS, start=1)
        for found in scenario.reviews.get(model, [])
        if isinstance(found, Finding)
    ]
    return [claim.id for claim in match(candidates)]


def cassette_path(scenario):
    """Where its answers are recorded."""
    return CASSETTES / f"{scenario.name.replace(' ', '_')}.yaml"
