"""What can go wrong around one run of the action: a sentence, and the hand that makes it happen."""

import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from action_runs import JOB, READ

LOGIN = "app/auth/login.py"
LINES = (
    "import sqlite3",
    "",
    "",
    "def find_user(name):",
    '    connection = sqlite3.connect("users.db")',
    "    query = f\"SELECT * FROM users WHERE name = '{name}'\"",
    "    return connection.execute(query).fetchone()",
)
TEXT = "\n".join(LINES) + "\n"
#: Two findings that all models make of it, each in other words than the other.
FOUND = (
    {
        "path": LOGIN, "first_line": 6, "last_line": 6, "quote": LINES[5].strip(), "category": "security",
        "severity": "high", "title": "SQL injection through the user name",
        "body": "The name is formatted into the statement instead of being bound.",
        "failure": "name = \"x' OR '1'='1\" returns the first user.", "suggestion": None,
    },
    {
        "path": LOGIN, "first_line": 5, "last_line": 5, "quote": LINES[4].strip(), "category": "resource-leak",
        "severity": "medium", "title": "Connections pile up",
        "body": "Nothing closes the handle, so every login keeps a file descriptor.",
        "failure": "After some thousand logins there is no descriptor left.", "suggestion": None,
    },
)  # fmt: skip
REVIEWS, COMMENTS = r"/pulls/\d+/reviews", r"/issues/\d+/comments"


@dataclass(frozen=True)
class Fault:
    """`arrange` gets the stand-in for GitHub and the pull request."""

    what: str
    arrange: Callable = lambda *_: None
    permissions: dict = field(default_factory=lambda: JOB)


def github(method, path, status, **details):
    return lambda server, _pull: server.fault(method, path, status, **details)


def push(server, pull):
    server.when(
        "POST",
        r"/graphql",
        lambda: pull.repository.commit(pull.head_ref, {"b.py": "b = 1\n"}),
        containing="reviewThreads",
    )


def cancel(server, _pull):
    server.when("GET", r"/files", lambda: signal.raise_signal(signal.SIGINT))


#: What the server of a model can do.
OF_MODELS = {
    "429": "answers 429, too many requests",
    "500": "answers 500",
    "401": "does not know the key",
    "hang": "does not answer at all",
    "cut off": "breaks off in the middle of its answer",
    "refusal": "refuses",
    "garbage": "answers in prose",
}
NOTHING = Fault("nothing")
OF_GITHUB = (
    NOTHING,
    Fault("the review is posted, but the answer is a 502", github("POST", REVIEWS, 502, after_write=True)),
    Fault("the review is not posted, and the answer is a 502", github("POST", REVIEWS, 502)),
    Fault("the connection breaks when the review is posted", github("POST", REVIEWS, 0, after_write=True)),
    Fault(
        "one line is rejected with a 422", github("POST", REVIEWS, 422, containing=FOUND[1]["title"], times=9)
    ),
    Fault("every line is rejected with a 422", github("POST", REVIEWS, 422, times=50)),
    Fault("a secondary rate limit that is soon over", github("POST", REVIEWS, 403, retry_after=0)),
    Fault("a secondary rate limit of an hour", github("POST", REVIEWS, 403, retry_after=3_600, times=50)),
    Fault("the summary is posted, but the answer is a 502", github("POST", COMMENTS, 502, after_write=True)),
    Fault(
        "the check is made, but the answer is a 502", github("POST", r"/check-runs", 502, after_write=True)
    ),
    Fault(
        "the check is completed, but the answer is a 502",
        github("PATCH", r"/check-runs", 502, after_write=True),
    ),
    Fault("GraphQL is down", github("POST", r"/graphql", 502, times=500)),
    Fault("the list of files cannot be had", github("GET", r"/files", 500, times=50)),
    Fault("GitHub does not know the token", github("GET", r"", 401, times=500)),
    Fault("the head moves while the review goes on", push),
    Fault("the token may only read, as that of a fork", permissions=READ),
    Fault("the token may not write checks", permissions={"contents": "read", "pull_requests": "write"}),
    Fault("the token may not write to pull requests", permissions={"contents": "read", "checks": "write"}),
    Fault("the run is cancelled", cancel),
)
