"""A pull request: where it stands, and all that was said on it."""

from dataclasses import dataclass, field, replace

from github_server import anchors, changes


@dataclass
class IssueComment:
    id: int
    login: str
    body: str
    created: str
    updated: str
    app: str | None = None
    minimized: str | None = None


@dataclass
class Review:
    """`state` as REST writes it: PENDING, COMMENTED, APPROVED, CHANGES_REQUESTED."""

    id: int
    login: str
    body: str
    state: str
    commit: str
    submitted: str | None


@dataclass
class Comment:
    """A review comment as it was made. `side` and `line` are None on one of a whole file.

    `base` and `commit` are the two ends of the diff it was made on; where it is now, `Pull.now` tells.
    """

    id: int
    login: str
    body: str
    review: Review
    path: str
    base: str
    commit: str
    created: str
    updated: str
    side: str | None = None
    line: int | None = None
    start_side: str | None = None
    start_line: int | None = None
    position: int | None = None
    hunk: str = ""
    reply_to: int | None = None
    minimized: str | None = None

    @property
    def of_file(self):
        return self.line is None


@dataclass
class Thread:
    """A comment and its replies."""

    comments: list = field(default_factory=list)
    resolved_by: str | None = None

    @property
    def id(self):
        return self.comments[0].id


@dataclass
class Labeled:
    id: int
    label: str
    login: str
    added: bool
    created: str


@dataclass(frozen=True)
class Now:
    """Where a comment is at the present head; all None when it is outdated."""

    path: str | None = None
    line: int | None = None
    start_line: int | None = None
    position: int | None = None


class Pull:
    """Its head is wherever its branch is; its base was fixed at the last push, as on GitHub."""

    def __init__(self, repository, number, head_ref, base_ref, *, title, body, author, fork, draft, labels):
        self.repository = repository
        self.number = number
        self.id = repository.server.new_id()
        self.head_ref, self.base_ref = head_ref, base_ref
        self.title, self.body, self.author = title, body, author
        self.fork, self.fork_deleted, self.draft, self.labels = fork, False, draft, labels
        self.state, self.merged = "open", False
        self.created = self.updated = repository.now()
        self.pushes = []
        self.reviews, self.threads, self.issue_comments, self.events = [], [], [], []
        self.synchronize(repository.head(head_ref))

    # Where it stands

    def synchronize(self, sha):
        """Take note of a push."""
        assert sha, f"there is no branch {self.head_ref}"
        self.pushes.append(sha)
        self.head_sha = sha
        self.base_sha = self.repository.head(self.base_ref)
        self.updated = self.repository.now()

    @property
    def merge_base(self):
        return self.repository.store.merge_base(self.base_sha, self.head_sha)

    @property
    def commits(self):
        return self.repository.store.commits(self.base_sha, self.head_sha)

    def files(self, commit=None):
        """Changed from the merge base to `commit`, which is the head."""
        return self.repository.files(self.merge_base, commit or self.head_sha)

    # What was said on it

    @property
    def comments(self):
        """The review comments, by age."""
        return sorted((comment for thread in self.threads for comment in thread.comments), key=lambda c: c.id)

    def visible(self, login):
        """The review comments that this person sees: those of others' pending reviews are hidden."""
        return [c for c in self.comments if c.review.state != "PENDING" or c.review.login == login]

    def thread(self, comment_id):
        return next((t for t in self.threads if any(c.id == comment_id for c in t.comments)), None)

    def now(self, comment):
        """Follow a comment through the pushes since it was made."""
        if comment.of_file:
            return Now(comment.path) if any(f.path == comment.path for f in self.files()) else Now()
        ends = [self._moved(comment, comment.side, comment.line)]
        if comment.start_line:
            ends.insert(0, self._moved(comment, comment.start_side, comment.start_line))
        if not all(ends):
            return Now()
        (path, last), (_, first) = ends[-1], ends[0]
        file = next((file for file in self.files() if file.path == path), None)
        place = file and file.places.get((comment.side, last))
        if not place or (comment.start_line and (comment.start_side, first) not in file.places):
            return Now()
        return Now(path, last, first if comment.start_line else None, place.position)

    def _moved(self, comment, side, line):
        store = self.repository.store
        if side == "RIGHT":
            return changes.moved_line(store, comment.path, line, comment.commit, self.head_sha)
        moved = changes.moved_line(store, self._old_path(comment), line, comment.base, self.merge_base)
        return moved and (comment.path, moved[1])

    def _old_path(self, comment):
        then = self.repository.files(comment.base, comment.commit)
        return next((f.previous for f in then if f.path == comment.path and f.previous), comment.path)

    # Saying it: for handlers, and for tests that play the other people

    def say(self, login, body, *, app=None):
        """An issue comment."""
        now = self.repository.now()
        self.issue_comments.append(IssueComment(self._id(login), login, body, now, now, app))
        return self.issue_comments[-1]

    def say_on(self, login, path, line, body, *, side="RIGHT"):
        """A review comment on a line of the diff."""
        draft = {"path": path, "line": line, "side": side, "body": body}
        place = anchors.of_single(draft, self.files())
        return self.open_thread(self.review(login, "", "COMMENTED", self.head_sha), draft, place)

    def review(self, login, body, state, commit):
        submitted = None if state == "PENDING" else self.repository.now()
        self.reviews.append(Review(self._id(login), login, body, state, commit, submitted))
        return self.reviews[-1]

    def open_thread(self, review, draft, place):
        now = self.repository.now()
        comment = Comment(
            id=self._id(review.login),
            login=review.login,
            body=draft["body"],
            review=review,
            path=draft["path"],
            base=self.merge_base,
            commit=review.commit,
            created=now,
            updated=now,
            **place,
        )
        self.threads.append(Thread([comment]))
        return comment

    def reply(self, thread, login, body):
        """A comment below another makes a review of its own."""
        root, now = thread.comments[0], self.repository.now()
        review = self.review(login, "", "COMMENTED", root.commit)
        said = {"id": self._id(login), "login": login, "body": body, "created": now, "updated": now}
        thread.comments.append(replace(root, **said, review=review, reply_to=root.id, minimized=None))
        return thread.comments[-1]

    def label(self, name, login="octocat", *, added=True):
        """Put a label on, or take it off."""
        self.labels = [label for label in self.labels if label != name] + ([name] if added else [])
        self.events.append(Labeled(self._id(login), name, login, added, self.repository.now()))

    def close(self, *, merged=False):
        self.state, self.merged, self.updated = "closed", merged, self.repository.now()

    def _id(self, login):
        """A new number; who says something has an account."""
        self.repository.server.user(login)
        return self.repository.server.new_id()
