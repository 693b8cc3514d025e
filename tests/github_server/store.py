"""A real git repository without a working tree, and what GitHub asks of it."""

import os
import subprocess
from dataclasses import dataclass
from functools import lru_cache

#: Keeps the settings of the machine out; commits are dated by `Store.commit`.
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_LITERAL_PATHSPECS": "1",  # a name is a name
    "LC_ALL": "C",
    "PATH": os.environ.get("PATH", os.defpath),
}
_EPOCH = 1_760_000_000


@dataclass(frozen=True, slots=True)
class File:
    """What a path holds: a mode as git writes it, and content: of a link the target, of a submodule or folder the SHA."""

    mode: str
    content: bytes


def executable(content):
    return File("100755", _bytes(content))


def symlink(target):
    return File("120000", _bytes(target))


def submodule(sha):
    return File("160000", sha.encode())


def _bytes(content):
    return content.encode() if isinstance(content, str) else content


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a tree. `size` is None for what is no blob."""

    mode: str
    kind: str
    sha: str
    size: int | None
    path: str


class Store:
    """Everything is addressed by full SHA; names are resolved first, by `resolve`."""

    def __init__(self, folder):
        self.folder = folder
        #: Where each branch is; nobody else moves them.
        self.heads = {}
        self._commits = 0
        init = ["git", "init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(folder)]
        subprocess.run(init, check=True, env=_ENVIRONMENT)
        self.git = lru_cache(maxsize=512)(self._git)  # what a full SHA names never changes

    def _git(self, *args):
        return self.run(*args)

    def run(self, *args, feed=b""):
        command = ["git", "-C", str(self.folder), *args]
        return subprocess.run(command, input=feed, capture_output=True, check=True, env=_ENVIRONMENT).stdout

    def commit(self, branch, files, message, *, parents=()):
        """A commit on `branch`, made on top of the first parent; None as content deletes a path."""
        self._commits += 1
        who = f"Author <author@example.com> {_EPOCH + 60 * self._commits} +0000".encode()
        text = message.encode()
        ancestry = zip([b"from", *[b"merge"] * len(parents)], parents, strict=False)
        stream = [
            b"commit refs/heads/%b\nmark :1\nauthor %b\ncommitter %b\n" % (branch.encode(), who, who),
            b"data %d\n%b\n" % (len(text), text),
            *(b"%b %b\n" % (word, sha.encode()) for word, sha in ancestry),
            *(_change(path, content) for path, content in files.items()),
            b"\nget-mark :1\n",
        ]
        self.heads[branch] = (
            self.run("fast-import", "--quiet", "--force", feed=b"".join(stream)).decode().strip()
        )
        return self.heads[branch]

    def merge(self, branch, one, other):
        tree = self.git("merge-tree", "--write-tree", one, other).decode().strip()
        return self.commit(branch, {"": File("040000", tree.encode())}, "Merge", parents=[one, other])

    def point(self, branch, sha):
        self.run("update-ref", f"refs/heads/{branch}", sha)
        self.heads[branch] = sha

    def resolve(self, name, kind="commit"):
        """The SHA of a branch, or of whatever else git takes for one; None when there is none."""
        if kind == "commit" and name in self.heads:
            return self.heads[name]
        found = self.look_up(f"{name}^{{{kind}}}")
        return found and found[0]

    @property
    def empty_tree(self):
        return self.run("hash-object", "-t", "tree", "-w", "--stdin").decode().strip()

    def blob(self, sha):
        return self.git("cat-file", "blob", sha)

    def look_up(self, expression):
        """SHA, kind and bytes of what an expression like "main:a.py" names, or None."""
        answer = self.run("cat-file", "--batch", feed=expression.encode() + b"\n")
        head, _, rest = answer.partition(b"\n")
        facts = head.decode("utf-8", "replace").split(" ")
        if len(facts) != 3 or facts[1] not in {"blob", "tree", "commit", "tag"}:
            return None
        return facts[0], facts[1], rest[: int(facts[2])]

    def tree(self, sha, *options, path=None):
        """The entries below a commit or tree; of one folder or file with `path`."""
        listed = self.git("ls-tree", "-z", "-l", *options, sha, *(["--", path] if path else []))
        return [_entry(line) for line in listed.decode("utf-8", "replace").split("\0") if line]

    def entry(self, sha, path):
        """What is at a path, or None."""
        return (
            next((entry for entry in self.tree(sha, path=path) if entry.path == path), None) if path else None
        )

    def merge_base(self, one, other):
        return self.git("merge-base", one, other).decode().strip()

    def commits(self, base, head):
        """From the oldest on."""
        return self.git("rev-list", "--reverse", f"{base}..{head}").decode().split()


def _change(path, content):
    name = os.fsencode(path)  # names need not be UTF-8
    if name.startswith(b'"') or b"\n" in name:
        name = b'"%b"' % name.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    if content is None:
        return b"D %b\n" % name
    file = content if isinstance(content, File) else File("100644", _bytes(content))
    if file.mode in {"040000", "160000"}:
        return b"M %b %b %b\n" % (file.mode.encode(), file.content, name)
    return b"M %b inline %b\ndata %d\n%b\n" % (file.mode.encode(), name, len(file.content), file.content)


def _entry(line):
    facts, _, path = line.partition("\t")
    mode, kind, sha, size = facts.split()
    return Entry(mode, kind, sha, int(size) if size.isdigit() else None, path)
