"""Git says what changed; the change does not get to tell git what to say."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from reviewbot import git
from reviewbot.diff import HeadText, Status
from reviewbot.errors import SourceError, UsageError

HOSTILE = b"*.py -diff -text linguist-generated\n"


def run(repo, *args, **extra):
    done = subprocess.run(
        ("git", "-C", repo, *args), check=True, capture_output=True, env={**os.environ, **extra}
    )
    return done.stdout.decode().strip()


def write(repo, files):
    for path, content in files.items():
        target = repo / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_symlink():
            target.unlink()
        target.write_bytes(content)


def commit(repo, files=None, *, removed=()):
    """Commit `files` and return the id."""
    write(repo, files or {})
    for path in removed:
        (repo / path).unlink()
    run(repo, "add", "--all", "--force")
    run(repo, "commit", "--quiet", "--allow-empty", "-m", "x")
    return run(repo, "rev-parse", "HEAD")


def new(folder, *args):
    folder.mkdir(parents=True, exist_ok=True)
    run(folder, "init", "--quiet", "--initial-branch=main", *args)
    return folder


@pytest.fixture
def repo(tmp_path):
    return new(tmp_path / "repo")


def paths(change):
    return [file.path for file in change.files]


def shown(change, path):
    (file,) = [file for file in change.files if file.path == path]
    return [line.text for hunk in file.hunks for line in hunk.lines if line.added]


def fingerprint(folder):
    """All that is in a folder, to see that nothing was changed in it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [(path, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]


def test_base_is_where_the_branch_left_it(repo):
    start = commit(repo, {"a.py": b"a = 1\n", "gone.py": b"x\n", "old name.py": b"1\n2\n3\n4\n"})
    run(repo, "switch", "--quiet", "-c", "topic")
    write(repo, {"new name.py": b"1\n2\n3\n4\n"})
    head = commit(repo, {"a.py": b"a = 2\n"}, removed=["gone.py", "old name.py"])
    run(repo, "switch", "--quiet", "main")
    commit(repo, {"elsewhere.py": b"not ours\n"})
    run(repo, "switch", "--quiet", "topic")
    write(repo, {"a.py": b"not committed\n"})

    change = git.from_base(repo, "main")

    assert (change.base, change.head) == (start, head)
    assert [(f.path, f.status, f.old_path) for f in change.files] == [
        ("a.py", Status.MODIFIED, None),
        ("gone.py", Status.DELETED, None),
        ("new name.py", Status.RENAMED, "old name.py"),
    ]
    assert change.heads == {
        "a.py": HeadText({1: "a = 2"}, complete=True),
        "new name.py": HeadText({1: "1", 2: "2", 3: "3", 4: "4"}, complete=True),
    }
    assert change.warnings == ()


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        pytest.param("main..topic", ["left.py", "right.py"], id="two dots compare the ends"),
        pytest.param("main...topic", ["right.py"], id="three start at the merge base"),
        pytest.param("main...", ["right.py"], id="a missing end is HEAD"),
        pytest.param("..main", ["left.py", "right.py"], id="a missing start is HEAD"),
        pytest.param("topic..topic", [], id="nothing changed"),
    ],
)
def test_a_range_has_two_or_three_dots(repo, span, expected):
    commit(repo, {"a.py": b"a\n"})
    run(repo, "switch", "--quiet", "-c", "topic")
    commit(repo, {"right.py": b"r\n"})
    run(repo, "switch", "--quiet", "main")
    commit(repo, {"left.py": b"l\n"})
    run(repo, "switch", "--quiet", "topic")
    assert paths(git.from_range(repo, span)) == expected


def test_staged_is_what_the_next_commit_would_hold(repo):
    base = commit(repo, {"a.py": b"1\n"})
    write(repo, {"a.py": b"2\n", "b.py": b"new\n"})
    run(repo, "add", "--all")
    write(repo, {"a.py": b"3\n", "untracked.py": b"x\n"})
    before = fingerprint(repo)
    change = git.from_staged(repo)
    assert (change.base, change.head) == (base, "")
    assert {path: head.lines for path, head in change.heads.items()} == {"a.py": {1: "2"}, "b.py": {1: "new"}}
    assert fingerprint(repo) == before, "reading the index wrote to the repository"


def test_staged_before_the_first_commit_is_all_new(repo):
    write(repo, {"a.py": b"1\n"})
    run(repo, "add", "--all")
    change = git.from_staged(repo)
    assert [(f.path, f.status) for f in change.files] == [("a.py", Status.ADDED)]
    assert change.base == ""


def test_nothing_staged_is_an_empty_change(repo):
    assert git.from_staged(repo).files == ()
    commit(repo, {"a.py": b"1\n"})
    assert git.from_staged(repo).files == ()


def test_a_hook_can_name_the_index_that_is_being_committed(repo):
    commit(repo, {"a.py": b"1\n", "b.py": b"1\n"})
    write(repo, {"a.py": b"2\n", "b.py": b"2\n"})
    other = repo / ".git" / "next-index-1.lock"
    shutil.copy(repo / ".git" / "index", other)
    run(repo, "add", "a.py", GIT_INDEX_FILE=str(other))
    assert paths(git.from_staged(repo, index=other)) == ["a.py"]
    assert paths(git.from_staged(repo)) == []


def test_staged_works_while_git_holds_the_lock(repo):
    commit(repo, {"a.py": b"1\n"})
    write(repo, {"a.py": b"2\n"})
    run(repo, "add", "a.py")
    (repo / ".git" / "index.lock").touch()
    assert paths(git.from_staged(repo)) == ["a.py"]


def test_a_conflict_cannot_be_staged(repo):
    commit(repo, {"a.py": b"1\n"})
    run(repo, "switch", "--quiet", "-c", "topic")
    commit(repo, {"a.py": b"2\n"})
    run(repo, "switch", "--quiet", "main")
    commit(repo, {"a.py": b"3\n"})
    with pytest.raises(subprocess.CalledProcessError):
        run(repo, "merge", "topic")
    with pytest.raises(SourceError, match="is not one tree"):
        git.from_staged(repo)


@pytest.mark.parametrize("where", ["head", "working tree", "index", "info", "global"])
def test_attributes_cannot_hide_a_change(repo, where, tmp_path, monkeypatch):
    commit(repo, {"src/a.py": b"a = 1\n"})
    commit(
        repo,
        {"src/a.py": b"a = 2\n"}
        | ({".gitattributes": HOSTILE, "src/.gitattributes": HOSTILE} if where == "head" else {}),
    )
    write(repo, {"src/a.py": b"a = 3\n"})
    run(repo, "add", "src/a.py")
    if where == "working tree":
        write(repo, {".gitattributes": HOSTILE, "src/.gitattributes": HOSTILE})
    elif where == "index":
        write(repo, {".gitattributes": HOSTILE})
        run(repo, "add", ".gitattributes")
    elif where == "info":
        write(repo, {".git/info/attributes": HOSTILE})
    elif where == "global":
        write(
            tmp_path,
            {"attributes": HOSTILE, "config": f"[core]\nattributesFile = {tmp_path}/attributes\n".encode()},
        )
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    assert "Binary files" in run(repo, "diff", "HEAD~"), "git itself is not deceived; the test proves nothing"

    for change in (git.from_range(repo, "HEAD~..HEAD"), git.from_staged(repo)):
        (file,) = [file for file in change.files if file.path == "src/a.py"]
        assert (file.binary, file.problem, len(file.hunks)) == (False, None, 1)
    assert git.from_range(repo, "HEAD~..HEAD").generated == frozenset()


def test_programs_that_settings_name_are_not_run(repo, tmp_path):
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
    trap.chmod(0o755)
    commit(repo, {"a.py": b"1\n", ".gitattributes": b"*.py diff=evil filter=evil\n"})
    commit(repo, {"a.py": b"2\n"})
    write(repo, {"a.py": b"3\n"})
    run(repo, "add", "a.py")
    (repo / ".git" / "hooks").mkdir(exist_ok=True)
    for name in ("post-index-change", "reference-transaction"):
        shutil.copy(trap, repo / ".git" / "hooks" / name)
    for name in (
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.smudge",
        "core.fsmonitor",
        "core.pager",
    ):
        run(repo, "config", name, str(trap))
    git.from_range(repo, "HEAD~..HEAD")
    git.from_staged(repo)
    git.from_diff(b"--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-2\n+3\n", repo=repo)
    assert not (tmp_path / "sprung").exists()


@pytest.fixture(scope="module")
def settled(tmp_path_factory):
    """A repository that many tests read, and the change of its last commit."""
    repo = new(tmp_path_factory.mktemp("settled"))
    text = "".join(f"{n}\n\n" for n in range(30)).encode()
    commit(repo, {"src/größe.py": text, "src/old.py": text + b"x\n"})
    write(repo, {"src/größe.py": text.replace(b"5\n", b"five\n"), "src/new.py": text + b"y\n"})
    commit(repo, removed=["src/old.py"])
    change = git.from_range(repo, "HEAD~..HEAD")
    assert [(file.path, len(file.hunks)) for file in change.files] == [("src/größe.py", 3), ("src/new.py", 1)]
    return repo, change


@pytest.mark.parametrize(
    "setting",
    [
        "diff.noprefix=true", "diff.mnemonicPrefix=true", "diff.srcPrefix=x/", "diff.renames=false", "diff.context=0",
        "diff.interHunkContext=99", "diff.algorithm=patience", "diff.submodule=log", "diff.relative=true", "color.ui=always",
        "diff.orderFile=/nowhere", "diff.wsErrorHighlight=all", "diff.ignoreSubmodules=all", "core.quotePath=true",
        "diff.suppressBlankEmpty=true", "diff.indentHeuristic=false", "core.abbrev=4", "core.bigFileThreshold=1",
        "diff.colorMoved=zebra", "core.attributesFile=.gitattributes", "diff.statGraphWidth=1", "log.showSignature=true",
    ],
)  # fmt: skip
def test_settings_do_not_change_the_reading(settled, setting, tmp_path, monkeypatch):
    """Neither the user's nor the repository's."""
    repo, expected = settled
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    run(repo, "config", "--global", *setting.split("=", 1))
    local = repo / ".git" / "config"
    before = local.read_bytes()
    run(repo, "config", *setting.split("=", 1))
    try:
        assert git.from_range(repo / "src", "HEAD~..HEAD") == expected
    finally:
        local.write_bytes(before)


def test_a_change_cannot_hide_its_submodules(repo, tmp_path):
    library = new(tmp_path / "library")
    first = commit(library, {"l.py": b"1\n"})
    second = commit(library, {"l.py": b"2\n"})
    write(repo, {".gitmodules": b'[submodule "lib"]\n\tpath = lib\n\turl = ../library\n\tignore = all\n'})
    for revision in (first, second):
        run(repo, "update-index", "--add", "--cacheinfo", f"160000,{revision},lib")
        run(repo, "add", ".gitmodules")
        run(repo, "commit", "--quiet", "-m", "x")
    change = git.from_range(repo, "HEAD~..HEAD")
    assert shown(change, "lib") == [f"Subproject commit {second}"]
    assert change.heads == {}


def test_the_base_decides_what_is_generated(repo):
    attributes = b"*.pb.go linguist-generated\n[attr]made linguist-generated\nvendor/** linguist-vendored=true\nmade.txt made\n"
    commit(
        repo,
        {
            ".gitattributes": attributes,
            "sub/.gitattributes": b"kept.pb.go -linguist-generated\n*.lock linguist-generated=false\n",
        },
    )
    commit(repo, {
        ".gitattributes": b"* linguist-generated\n", "x.pb.go": b"1\n", "sub/x.pb.go": b"1\n", "sub/kept.pb.go": b"1\n",
        "vendor/deep/x.c": b"1\n", "made.txt": b"1\n", "src/vendor/x.c": b"1\n", "sub/x.lock": b"1\n", "größe.pb.go": b"1\n",
    })  # fmt: skip
    change = git.from_range(repo, "HEAD~..HEAD")
    assert change.generated == {"x.pb.go", "sub/x.pb.go", "vendor/deep/x.c", "made.txt", "größe.pb.go"}


def test_what_has_no_text_at_head_has_none(repo):
    commit(repo, {"big.txt": b"x\n", "a.py": b"a\n"})
    (repo / "link").symlink_to("/etc/passwd")
    commit(
        repo,
        {"big.txt": b"x" * (git.MAX_FILE + 1), "bin": b"\x00\x01", "latin\n.py": b"1\n"},
        removed=["a.py"],
    )
    change = git.from_range(repo, "HEAD~..HEAD")
    files = {file.path: file for file in change.files}
    assert files["big.txt"].problem == "it is larger than 2 MB"
    assert files["bin"].binary
    assert "control" in files["latin\n.py"].problem
    assert files["link"].new_mode == "120000"
    assert change.heads == {"link": HeadText({1: "/etc/passwd"}, complete=True)}


def test_a_file_that_becomes_a_link_is_one_file(repo):
    commit(repo, {"a.py": b"1\n2\n"})
    (repo / "a.py").unlink()
    (repo / "a.py").symlink_to("b.py")
    commit(repo)
    (file,) = git.from_range(repo, "HEAD~..HEAD").files
    assert (file.status, file.old_mode, file.new_mode) == (Status.MODIFIED, "100644", "120000")
    assert file.shown("RIGHT") == {1: "b.py"}


def test_it_works_wherever_git_does(repo, tmp_path):
    commit(repo, {"src/a.py": b"1\n"})
    commit(repo, {"src/a.py": b"2\n"})
    expected = git.from_range(repo, "HEAD~..HEAD")
    run(repo, "worktree", "add", "--quiet", tmp_path / 'tree "q\\' / "x")
    run(tmp_path, "clone", "--quiet", "--bare", repo, tmp_path / "bare.git")
    run(tmp_path, "clone", "--quiet", "--shared", repo, tmp_path / "borrower")
    outer = new(tmp_path / "outer")
    run(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repo), "inner")
    quoted = tmp_path / 'a "quoted\\" name'
    shutil.copytree(repo, quoted)
    for folder in (
        repo / "src",
        tmp_path / 'tree "q\\' / "x",
        tmp_path / "bare.git",
        tmp_path / "borrower",
        outer / "inner",
        quoted,
    ):
        assert git.from_range(folder, "HEAD~..HEAD") == expected
    with pytest.raises(SourceError, match="bare"):
        git.from_staged(tmp_path / "bare.git")


def test_a_repository_with_the_new_hash_is_read_too(tmp_path):
    repo = new(tmp_path / "repo", "--object-format=sha256")
    commit(repo, {"a.py": b"1\n"})
    commit(repo, {"a.py": b"2\n", "empty": b""})
    change = git.from_range(repo, "HEAD~..HEAD")
    assert [file.problem for file in change.files] == [None, None]
    assert len(change.head) == 64


def test_variables_of_a_hook_do_not_lead_elsewhere(repo, tmp_path, monkeypatch):
    commit(repo, {"a.py": b"1\n"})
    commit(repo, {"a.py": b"2\n"})
    other = new(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    monkeypatch.setenv("GIT_DIFF_OPTS", "-u0")
    assert paths(git.from_range(repo, "HEAD~..HEAD")) == ["a.py"]


@pytest.fixture
def foreign(tmp_path, monkeypatch):
    """A git that takes every repository for somebody else's, as in a container."""
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {shutil.which("git")} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", str(wrapper.parent), prepend=os.pathsep)


def test_a_repository_of_another_user_is_refused_with_the_remedy(repo, request):
    commit(repo, {"a.py": b"1\n"})
    request.getfixturevalue("foreign")
    with pytest.raises(SourceError, match=r"dubious ownership.*safe\.directory"):
        git.from_base(repo, "HEAD")


@pytest.mark.parametrize("how", ["global", "environment"])
def test_the_users_safe_directory_holds(repo, tmp_path, monkeypatch, request, how):
    commit(repo, {"a.py": b"1\n"})
    commit(repo, {"a.py": b"2\n"})
    request.getfixturevalue("foreign")
    if how == "global":
        write(tmp_path, {"config": b"[safe]\n\tdirectory = *\n"})
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    else:
        for name, value in (("COUNT", "1"), ("KEY_0", "safe.directory"), ("VALUE_0", "*")):
            monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    assert paths(git.from_range(repo, "HEAD~..HEAD")) == ["a.py"]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        pytest.param(lambda repo: git.from_base(repo, "nope"), "'nope' is not a commit", id="unknown ref"),
        pytest.param(
            lambda repo: git.from_base(repo, "--output=x"), "'--output=x' is not a commit", id="an option"
        ),
        pytest.param(
            lambda repo: git.from_range(repo, "-x..HEAD"), "'-x' is not a commit", id="an option in a range"
        ),
        pytest.param(lambda repo: git.from_base(repo, ""), "'' is not a commit", id="no ref"),
        pytest.param(lambda repo: git.from_base(repo, "HEAD:a.py"), "not a commit", id="a file"),
        pytest.param(
            lambda repo: git.from_base(repo, "island"), "no common ancestor", id="unrelated histories"
        ),
        pytest.param(
            lambda repo: git.from_base(repo.parent, "main"), "not a git repository", id="no repository"
        ),
        pytest.param(
            lambda repo: git.from_staged(repo.parent), "not a git repository", id="no repository, staged"
        ),
        pytest.param(
            lambda repo: git.default_base(repo.parent), "not a git repository", id="no repository, no base"
        ),
        pytest.param(
            lambda repo: git.from_base(repo / "no", "main"), "cannot change to", id="no such folder"
        ),
    ],
)
def test_what_git_cannot_do_is_said_in_one_sentence(repo, call, sentence):
    commit(repo, {"a.py": b"1\n"})
    run(repo, "checkout", "--quiet", "--orphan", "island")
    commit(repo, {"b.py": b"1\n"})
    run(repo, "switch", "--quiet", "main")
    with pytest.raises(SourceError, match=sentence) as caught:
        call(repo)
    assert "\n" not in str(caught.value)
    assert not (repo / "x").exists()


def test_a_range_without_dots_is_usage(repo):
    with pytest.raises(UsageError, match=r"A\.\.B"):
        git.from_range(repo, "HEAD")


def test_without_git_it_says_so(repo, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="git is not on PATH"):
        git.from_base(repo, "main")
    assert git.top(repo) is None


def test_objects_that_are_not_there_are_said_to_be_missing(repo):
    commit(repo, {"a.py": b"1\n"})
    commit(repo, {"a.py": b"2\n"})
    blob = run(repo, "rev-parse", "HEAD:a.py")
    (repo / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(SourceError, match="partial or shallow"):
        git.from_range(repo, "HEAD~..HEAD")


@pytest.mark.parametrize(
    ("branches", "expected"),
    [
        pytest.param(["refs/heads/main", "refs/remotes/origin/master", "refs/remotes/origin/dev"], "origin/HEAD", id="what the remote says"),
        pytest.param(["refs/heads/main", "refs/remotes/origin/master"], "origin/master", id="a remote branch"),
        pytest.param(["refs/heads/master"], "master", id="a local branch"),
    ],
)  # fmt: skip
def test_the_base_is_guessed_from_the_usual_names(tmp_path, branches, expected):
    repo = new(tmp_path / "repo")
    run(repo, "switch", "--quiet", "-c", "topic")
    head = commit(repo, {"a.py": b"1\n"})
    for branch in branches:
        run(repo, "update-ref", branch, head)
    if expected == "origin/HEAD":
        run(repo, "symbolic-ref", "refs/remotes/origin/HEAD", branches[-1])
    assert git.default_base(repo) == expected


def test_without_a_usual_name_a_base_must_be_given(repo):
    run(repo, "switch", "--quiet", "-c", "topic")
    commit(repo, {"a.py": b"1\n"})
    with pytest.raises(SourceError, match="--base"):
        git.default_base(repo)


BEFORE, AFTER = b"one\ntwo\nthree\n", b"one\n2\nthree\n"
DIFF = b"diff --git a/src/a.py b/src/a.py\nindex 1111111..2222222 100644\n--- a/src/a.py\n+++ b/src/a.py\n@@ -2 +2 @@\n-two\n+2\n"
WHOLE = HeadText({1: "one", 2: "2", 3: "three"}, complete=True)
HUNKS = HeadText({2: "2"}, complete=False)


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        pytest.param({"src/a.py": AFTER}, WHOLE, id="applied"),
        pytest.param({"src/a.py": BEFORE}, WHOLE, id="not applied yet"),
        pytest.param({"src/a.py": b"other\nfile\n"}, HUNKS, id="another version"),
        pytest.param({"src/a.py": b""}, HUNKS, id="empty"),
        pytest.param({"src/a.py": AFTER + b"x" * git.MAX_FILE}, HUNKS, id="too large"),
        pytest.param({}, HUNKS, id="not there"),
    ],
)
def test_the_working_tree_completes_a_diff_it_agrees_with(repo, present, expected):
    commit(repo, {"README": b"x\n", **present})
    (repo / "src").mkdir(exist_ok=True)
    for folder in (repo, repo / "src"):
        change = git.from_diff(DIFF, repo=folder)
        assert change.heads == {"src/a.py": expected}
        assert bool(change.warnings) is not expected.complete


def test_a_rename_is_completed_from_its_old_name(repo):
    commit(repo, {"old.py": BEFORE})
    raw = (
        b"diff --git a/old.py b/new.py\nsimilarity index 60%\nrename from old.py\nrename to new.py\n"
        + DIFF[DIFF.index(b"@@") :]
    )
    assert git.from_diff(raw, repo=repo).heads == {"new.py": WHOLE}


def test_untracked_files_are_never_read(repo):
    commit(repo, {"README": b"x\n"})
    write(repo, {"src/a.py": AFTER})
    assert git.from_diff(DIFF, repo=repo).heads == {"src/a.py": HUNKS}


@pytest.mark.parametrize("linked", ["src/a.py", "src"])
def test_links_are_not_followed(repo, tmp_path, linked):
    commit(repo, {"src/a.py": AFTER})
    write(tmp_path, {"secret/a.py": AFTER})
    target = repo / linked
    shutil.rmtree(repo / "src")
    target.parent.mkdir(exist_ok=True)
    target.symlink_to(tmp_path / ("secret" if linked == "src" else "secret/a.py"))
    assert git.from_diff(DIFF, repo=repo).heads == {"src/a.py": HUNKS}


def test_a_fifo_is_not_waited_for(repo):
    commit(repo, {"src/a.py": AFTER})
    (repo / "src" / "a.py").unlink()
    os.mkfifo(repo / "src" / "a.py")
    assert git.from_diff(DIFF, repo=repo).heads == {"src/a.py": HUNKS}


@pytest.mark.parametrize("where", [None, Path("/")])
def test_without_a_repository_hunks_are_all_there_is_and_it_says_so(where):
    added = b"diff --git a/n.py b/n.py\nnew file mode 100644\n--- /dev/null\n+++ b/n.py\n@@ -0,0 +1 @@\n+n\n"
    gone = (
        b"diff --git a/g.py b/g.py\ndeleted file mode 100644\n--- a/g.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-g\n"
    )
    mode = b"diff --git a/m.py b/m.py\nold mode 100644\nnew mode 100755\n"
    change = git.from_diff(DIFF + added + gone + mode, repo=where)
    assert change.heads == {
        "src/a.py": HUNKS,
        "n.py": HeadText({1: "n"}, complete=True),
        "m.py": HeadText({}, complete=False),
    }
    assert change.warnings == ("only the diff was at hand: 1 of 2 files are judged by their hunks alone",)
    assert (change.base, change.head, change.generated) == ("", "", frozenset())


def test_a_file_with_a_problem_has_no_head(repo):
    commit(repo, {"src/a.py": AFTER})
    assert git.from_diff(DIFF.replace(b"@@ -2 +2 @@", b"@@ -2 +2,7 @@"), repo=repo).heads == {}
