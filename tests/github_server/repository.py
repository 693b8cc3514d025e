"""A repository on the server: branches, pull requests, checks and the roles of people."""

from github_server import changes
from github_server.people import ROLES
from github_server.pull import Pull
from github_server.shapes import time
from github_server.store import Store


class Repository:
    """Tests put commits, pull requests and roles in; what clients did is read off `checks` and each `Pull`."""

    #: Files that a listing of a pull request goes up to, and entries of a recursive tree.
    listing_cap = 3_000
    tree_cap = 100_000

    def __init__(self, server, full_name, folder, *, private=False, default_branch="main"):
        self.server = server
        self.full_name = full_name
        self.owner, self.name = full_name.split("/")
        self.private = private
        self.default_branch = default_branch
        self.id = server.new_id()
        self.store = Store(folder)
        self.pulls = {}
        self.checks = []
        self.statuses = []
        #: Paths whose patch GitHub leaves out, as it does when it took too long to make.
        self.without_patch = set()
        self._roles, self._files = {}, {}

    # For tests

    def commit(self, branch, files, message="Change files", *, start=None):
        """Put files on a branch, new ones from `start` (default: the default branch), and push it; the SHA.

        `files` maps a path to text, bytes, None (deleted) or a `File`: `executable()`, `symlink()`, `submodule()`.
        """
        tip = self.head(branch) or self.head(start or self.default_branch) or start
        return self._pushed(branch, self.store.commit(branch, files, message, parents=[tip] if tip else []))

    def merge(self, branch, other):
        """Bring a branch up to date with another one, and push it; the SHA."""
        return self._pushed(branch, self.store.merge(branch, self.head(branch), self.head(other)))

    def point(self, branch, sha):
        """Force-push."""
        self.store.point(branch, sha)
        return self._pushed(branch, sha)

    def pull(
        self,
        head,
        base=None,
        *,
        number=None,
        title="Change files",
        body="",
        author="octocat",
        fork=False,
        draft=False,
        labels=(),
    ):
        """Open a pull request. From a fork only in name: its branch is kept in this repository."""
        number = number or max(self.pulls, default=0) + 1
        self.server.user(author)
        self.pulls[number] = Pull(
            self, number, head, base or self.default_branch,
            title=title, body=body, author=author, fork=fork, draft=draft, labels=list(labels),
        )  # fmt: skip
        return self.pulls[number]

    def grant(self, login, role):
        """One of `people.ROLES`."""
        assert role in ROLES
        self.server.user(login)
        self._roles[login] = role

    # For the server

    def role(self, login):
        if login == self.owner:
            return "admin"
        known = login in self.server.accounts
        return self._roles.get(login, "read" if known and not self.private else "none")

    def head(self, branch):
        return self.store.heads.get(branch)

    def files(self, base, head):
        if (base, head) not in self._files:
            self._files[base, head] = changes.changed_files(self.store, base, head)
        return self._files[base, head]

    def now(self):
        return time(self.server.clock())

    def _pushed(self, branch, sha):
        for pull in self.pulls.values():
            if pull.head_ref == branch and pull.state == "open":
                pull.synchronize(sha)
        return sha
