"""A change read from git, or from a diff beside a working tree, without believing what the change tells git."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reviewbot import names, patch
from reviewbot.diff import MAX_FILE, Change, FileDiff, HeadText, Status, split_lines
from reviewbot.errors import SourceError, UsageError
from reviewbot.gitcalls import PATCH, Scratch, ask, git_path, look_up, scratch_beside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_LISTING = ("diff-tree", "-r", "-M", "-l1000", "--ignore-submodules=none", "--no-relative", "--no-ext-diff")


def from_diff(raw: bytes, *, repo: Path | None) -> Change:
    """The change a diff describes.

    Tracked files of `repo` complete the text at head where they agree with the hunks, applied or not yet.
    """
    files = patch.parse(raw)
    tree = _working_tree(repo) if repo else _WorkingTree(Path(), frozenset())
    heads = {file.path: _head_beside(file, tree) for file in files if file.has_head}
    changed = [file.path for file in files if file.has_head and file.hunks]
    partial = sum(not heads[path].complete for path in changed)
    warning = f"only the diff was at hand: {partial} of {len(changed)} files are judged by their hunks alone"
    return Change(files, heads=heads, warnings=(warning,) if partial else ())


def from_base(repo: Path, ref: str) -> Change:
    """What HEAD has committed since it left `ref`: their merge base against HEAD."""
    head = _commit(repo, "HEAD")
    return _between(repo, _merge_base(repo, _commit(repo, ref), head), head)


def from_range(repo: Path, span: str) -> Change:
    """`A..B` compares two commits, `A...B` their merge base with B; a missing end is HEAD."""
    dots = "..." if "..." in span else ".."
    left, found, right = span.partition(dots)
    if not found:
        raise UsageError(f"{span!r} is not a range; write A..B, or A...B to start at their merge base")
    base, head = _commit(repo, left or "HEAD"), _commit(repo, right or "HEAD")
    return _between(repo, base if dots == ".." else _merge_base(repo, base, head), head)


def from_staged(repo: Path, *, index: Path | None = None) -> Change:
    """What is staged against HEAD, or against nothing before the first commit.

    `index` is for hooks: GIT_INDEX_FILE tells them which index is being committed.
    """
    if look_up(repo, "rev-parse", "--is-bare-repository") == "true":
        raise SourceError(f"{repo} is a bare repository; nothing can be staged in it")
    born = ask(repo, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    base = born.line if born.ok else ""
    source = index or git_path(repo, "index")
    with scratch_beside(repo) as scratch:
        # On a copy: write-tree locks the index and refreshes it, and this one is the user's.
        copy = scratch.path / "staged"
        if source.exists():
            copy.write_bytes(source.read_bytes())
        written = ask(
            repo, "write-tree", "--missing-ok", env={**scratch.objects, "GIT_INDEX_FILE": str(copy)}
        )
        if not written.ok:
            raise SourceError(f"what is staged in {repo} is not one tree: {written.why}")
        empty = scratch.git("mktree").decode().strip()
        return replace(_compare(scratch, base or empty, written.line), base=base)


def top(folder: Path) -> Path | None:
    """The top folder of the working tree around `folder`; None where there is none, or no git."""
    try:
        return Path(look_up(folder, "rev-parse", "--show-toplevel"))
    except SourceError:
        return None


def default_base(repo: Path) -> str:
    """The branch a change is most likely meant for."""
    _commit(repo, "HEAD")
    for ref in ("origin/HEAD", "origin/main", "origin/master", "main", "master"):
        if ask(repo, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").ok:
            return ref
    raise SourceError(f"{repo} has no main or master branch to compare with; pass --base REF")


def _between(repo: Path, base: str, head: str) -> Change:
    with scratch_beside(repo) as scratch:
        return replace(_compare(scratch, base, head), base=base, head=head)


def _compare(scratch: Scratch, base: str, head: str) -> Change:
    ids = _head_ids(scratch.git(*_LISTING, "--raw", "-z", base, head))
    if not ids:
        return Change(())
    if len(ids) > patch.MAX_FILES:
        raise SourceError(f"the change has more than {patch.MAX_FILES:,} files; split it")
    files = patch.parse(scratch.git(*_LISTING, *PATCH, base, head, limit=patch.MAX_BYTES))
    files, heads = _heads(scratch, files, ids)
    scratch.git("read-tree", base)  # whose .gitattributes are believed
    return Change(files, heads=heads, generated=scratch.generated(file.path for file in files))


def _head_ids(raw: bytes) -> dict[str, str]:
    """The blob of each file at head, out of `diff-tree --raw -z`."""
    ids: dict[str, str] = {}
    fields = iter(raw.rstrip(b"\0").split(b"\0") if raw else ())
    for record in fields:
        *_, blob, status = record.decode("ascii").split(" ")
        old = next(fields)
        ids[names.readable(next(fields) if status[0] in "RC" else old)] = blob
    return ids


def _heads(
    scratch: Scratch, files: Sequence[FileDiff], ids: Mapping[str, str]
) -> tuple[tuple[FileDiff, ...], dict[str, HeadText]]:
    """Every text at head, and the files with a problem where there is none to be had."""
    blobs = {file.path: ids[file.path] for file in files if file.has_head}
    listed = scratch.git("cat-file", "--batch-check", feed=_one_a_line(blobs.values())).splitlines()
    problems = {}
    for path, size in zip(blobs, (entry.rpartition(b" ")[2] for entry in listed), strict=True):
        if size == b"missing":
            problems[path] = "it is not in this clone"
        elif int(size) > MAX_FILE:
            problems[path] = "it is larger than 2 MB"
    wanted = [path for path in blobs if path not in problems]
    contents = _contents(scratch, [blobs[path] for path in wanted])
    heads = {path: HeadText.whole(split_lines(data)) for path, data in zip(wanted, contents, strict=True)}
    return tuple(
        replace(f, hunks=(), problem=problems[f.path]) if f.path in problems else f for f in files
    ), heads


def _contents(scratch: Scratch, ids: Sequence[str]) -> Iterator[bytes]:
    out = scratch.git("cat-file", "--batch", feed=_one_a_line(ids))
    at = 0
    for _ in ids:
        start = out.index(b"\n", at) + 1
        end = start + int(out[at:start].rpartition(b" ")[2])
        yield out[start:end]
        at = end + 1


def _one_a_line(ids: Iterable[str]) -> bytes:
    return "".join(f"{blob}\n" for blob in ids).encode()


@dataclass(frozen=True, slots=True)
class _WorkingTree:
    top: Path
    tracked: frozenset[str]

    def lines(self, path: str) -> list[str] | None:
        """A tracked regular file of at most MAX_FILE bytes, reached without following a link; else None.

        Tracked, because a diff can name any file, and must not make us send one of secrets to a model.
        """
        target = self.top / path
        try:
            if path not in self.tracked or any(
                map(Path.is_symlink, (target, *target.parents[: path.count("/")]))
            ):
                return None
            if not target.is_file() or target.stat().st_size > MAX_FILE:
                return None
            return split_lines(target.read_bytes())
        except OSError:
            return None


def _working_tree(repo: Path) -> _WorkingTree:
    folder = top(repo)
    if folder is None:  # a diff needs no repository
        return _WorkingTree(repo, frozenset())
    return _WorkingTree(folder, frozenset(look_up(folder, "ls-files", "-z").split("\0")))


def _head_beside(file: FileDiff, tree: _WorkingTree) -> HeadText:
    lines = tree.lines(file.path)
    if lines is not None and file.agrees("RIGHT", lines):
        return HeadText.whole(lines)
    lines = tree.lines(file.old_path or file.path)
    if lines is not None and file.agrees("LEFT", lines):
        return HeadText.whole(file.applied(lines))
    return HeadText(file.shown("RIGHT"), complete=file.status is Status.ADDED and len(file.hunks) <= 1)


def _commit(repo: Path, ref: str) -> str:
    if ref.startswith("-"):
        raise SourceError(f"{ref!r} is not a commit; name a branch, a tag or an id")
    found = ask(repo, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if not found.ok:
        raise SourceError(
            found.why or f"{ref!r} is not a commit in this repository; fetch it, or name another"
        )
    return found.line


def _merge_base(repo: Path, base: str, head: str) -> str:
    found = ask(repo, "merge-base", base, head)
    if not found.ok:
        raise SourceError(
            f"{base} and {head} have no common ancestor here; fetch more history (fetch-depth: 0)"
        )
    return found.line
