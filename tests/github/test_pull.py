"""What is read through the API is what git would read; what cannot be read so is never taken for nothing."""

import os
import re
from dataclasses import replace

import pytest
from github_server import executable, submodule, symlink

from reviewbot import config, git
from reviewbot.diff import MAX_FILE, Status
from reviewbot.github import base, blobs, comparing, listing, pull
from reviewbot.github.client import GitHubError

MANY = "".join(f"line {n}\n" for n in range(40))
#: GitHub gives no patch above 20,000 changed lines.
LONG = "".join(f"line {n}\n" for n in range(25_000))


def proposed(repo, before, after, **more):
    repo.commit("main", {"README": "x\n", **before})
    repo.commit("topic", after, start="main")
    return repo.pull("topic", **more)


def read(client, made):
    return pull.read_change(client, pull.fetch(client, made.number))


def locally(repo, made):
    return git.from_range(repo.store.folder, f"{made.merge_base}..{made.head_sha}")


def shown(ours, theirs):
    """Git shows no modes of what it moved as it is; GitHub's trees have them."""
    return replace(ours, old_mode=None, new_mode=None) if theirs.old_mode is theirs.new_mode is None else ours


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"a.py": MANY}, {"a.py": MANY.replace("7\n", "seven\n")}, id="modified"),
        pytest.param({}, {"a.py": MANY}, id="added"),
        pytest.param({}, {"a.py": ""}, id="added, empty"),
        pytest.param({"a.py": MANY}, {"a.py": None}, id="deleted"),
        pytest.param({"a.py": ""}, {"a.py": None}, id="deleted, empty"),
        pytest.param({"a.py": MANY}, {"a.py": ""}, id="emptied"),
        pytest.param({"a.py": MANY}, {"a.py": None, "b.py": MANY}, id="renamed"),
        pytest.param({"a.py": MANY}, {"a.py": None, "b.py": MANY + "more\n"}, id="renamed and modified"),
        pytest.param({"a.sh": MANY}, {"a.sh": executable(MANY)}, id="made executable"),
        pytest.param({"a.sh": MANY}, {"a.sh": executable(MANY + "x\n")}, id="made executable and modified"),
        pytest.param({}, {"a": symlink("/etc/passwd")}, id="a link"),
        pytest.param({"a": MANY}, {"a": symlink("/etc/passwd")}, id="turned into a link"),
        pytest.param({"a": symlink("b")}, {"a": "b\n"}, id="a link turned into a file"),
        pytest.param({}, {"sub": submodule("1" * 40)}, id="a submodule"),
        pytest.param({"sub": submodule("1" * 40)}, {"sub": submodule("2" * 40)}, id="a submodule moved on"),
        pytest.param({"sub": submodule("1" * 40)}, {"sub": None}, id="a submodule taken away"),
        pytest.param({"a.png": b"\0a"}, {"a.png": b"\0b"}, id="binary"),
        pytest.param({}, {"a.png": b"\0b"}, id="binary, added"),
        pytest.param({"a.png": b"\0b"}, {"a.png": None}, id="binary, deleted"),
        pytest.param({"a.py": b"\0b"}, {"a.py": "a = 1\n"}, id="binary turned into text"),
        pytest.param({"a.py": "a = 1\n"}, {"a.py": b"a = 1\n\0"}, id="text hidden behind a NUL byte"),
        pytest.param({}, {"a.bin": b"\0" + bytes(MAX_FILE)}, id="binary and large"),
        pytest.param({"a.py": "a"}, {"a.py": "b"}, id="no newline at the end"),
        pytest.param({"a.py": "a\r\nb\r\n"}, {"a.py": "a\r\nc\r\n"}, id="lines that end in CRLF"),
        pytest.param(
            {"a.py": "a\nb\n"}, {"a.py": "a\rc\nb\x0c\x1c\u2028d\n"}, id="other line ends within lines"
        ),
        pytest.param(
            {"a.py": "é = 1\n".encode("latin-1")}, {"a.py": "è = 1\n".encode("latin-1")}, id="not UTF-8"
        ),
        pytest.param({"a.py": b"\xef\xbb\xbfa\n"}, {"a.py": b"\xef\xbb\xbfb\n"}, id="a byte order mark"),
        pytest.param({"a.txt": LONG}, {"a.txt": LONG.replace("line", "row")}, id="too long for a patch"),
        pytest.param({"a.txt": LONG}, {"a.txt": None}, id="too long for a patch, deleted"),
        pytest.param({}, {"a.txt": LONG * 3}, id="too long for a patch and for GraphQL"),
        pytest.param({"a.txt": LONG}, {"a.txt": None, "b.txt": LONG}, id="long, renamed"),
        pytest.param({}, {"a.txt": "x" * (MAX_FILE + 1)}, id="larger than we read"),
        pytest.param({"a.txt": "x"}, {"a.txt": "x" * (MAX_FILE + 1)}, id="grown larger than we read"),
        pytest.param(
            {}, {"a \"b\"\\ $(id) `x` 'é'.py": "x\n", "-x": "x\n", "a:b": "x\n"}, id="names with signs"
        ),
        pytest.param(
            {},
            {"*": "x\n", ":(glob)**": "x\n", " a ": "x\n", "%2e": "x\n", "a?ref=b#c": "x\n"},
            id="names that mean something",
        ),
        pytest.param({"b/a.py": MANY}, {"b/a.py": None, "b": MANY}, id="a folder turned into a file"),
        pytest.param(
            {"a.py": MANY},
            {".gitattributes": "*.py -diff\n", "a.py": MANY + "x\n"},
            id="attributes of the head",
        ),
    ],
)
def test_it_reads_what_git_reads(client, repo, before, after):
    made = proposed(repo, before, after)
    change = read(client, made)
    local = locally(repo, made)
    assert tuple(map(shown, change.files, local.files)) == local.files
    assert change.heads == local.heads
    assert not change.unlisted


def test_what_is_moved_as_it_is_costs_nothing_more(client, repo):
    made = proposed(repo, {"a.png": b"\0" * 99}, {"a.png": None, "b.png": b"\0" * 99})
    change = read(client, made)
    assert [(file.status, file.binary, file.problem) for file in change.files] == [
        (Status.RENAMED, False, None)
    ]
    assert client.calls == 3


def test_a_usual_pull_request_takes_four_requests(server, client, repo):
    paths = [f"src/part{n % 3}/file{n}.py" for n in range(10)]
    before = dict.fromkeys(paths, MANY) | {
        ".reviewbot.yml": "ignore: []\n",
        ".gitattributes": "*.lock binary\n",
    }
    made = proposed(repo, before, dict.fromkeys(paths, MANY + "more\n"))
    found = pull.fetch(client, made.number)
    assert base.config(client, found.base_sha) == config.load("ignore: []", source="")
    change = pull.read_change(client, found)
    assert len(change.heads) == 10
    assert [f"{asked.method} {asked.path.rpartition('/')[2]}" for asked in server.requests] == [
        "GET 1", "POST graphql", "GET files", "POST graphql",
    ]  # fmt: skip
    assert client.calls == 4


def test_a_missing_patch_costs_two_more_for_all_files_together(client, repo):
    paths = [f"file{n}.py" for n in range(10)]
    repo.without_patch = set(paths)
    made = proposed(repo, dict.fromkeys(paths, MANY), dict.fromkeys(paths, MANY + "more\n"))
    change = read(client, made)
    assert change.files == locally(repo, made).files
    assert client.calls == 5


def test_the_old_text_is_that_of_the_merge_base(client, repo):
    repo.commit("main", {"a.py": MANY, "gone.py": MANY})
    repo.commit("topic", {"a.py": MANY + "more\n", "gone.py": None, "b.py": "b\n"}, start="main")
    repo.commit("main", {"a.py": "another\n" + MANY, "gone.py": "another\n" + MANY, "b.py": "c\n"})
    repo.without_patch = {"a.py", "gone.py", "b.py"}
    made = repo.pull("topic")
    change = read(client, made)
    assert change.files == locally(repo, made).files
    assert change.base == repo.head("main")


def test_more_files_than_one_page(client, repo):
    files = {f"src/{n}.py": f"a = {n}\n" for n in range(130)}
    made = proposed(repo, {}, files)
    change = read(client, made)
    assert {path: list(text.lines.values()) for path, text in change.heads.items()} == {
        path: [text.strip()] for path, text in files.items()
    }
    assert not change.unlisted
    assert client.calls == 1 + 2 + 2


def test_files_that_github_does_not_list_are_known_to_be_missing(client, repo):
    repo.listing_cap = 3
    change = read(client, proposed(repo, {}, {f"{n}.py": "x\n" for n in range(4)}))
    assert len(change.files) == 3
    assert change.unlisted


@pytest.mark.parametrize(
    ("attributes", "generated"),
    [
        pytest.param({".gitattributes": "*.js linguist-generated\n"}, {"a/x.js", "a/b/y.js"}, id="everywhere"),
        pytest.param({"a/b/.gitattributes": "*.js linguist-vendored=true\n"}, {"a/b/y.js"}, id="in a folder"),
        pytest.param(
            {".gitattributes": "*.js linguist-generated\n", "a/b/.gitattributes": "y.js -linguist-generated\n"},
            {"a/x.js"},
            id="the nearer one decides",
        ),
        pytest.param({".gitattributes": "[attr]made linguist-generated\na/** made\n"}, {"a/x.js", "a/b/y.js", "a/z.py"}, id="a macro"),
        pytest.param({".gitattributes": "# é\n*.js linguist-generated\n".encode("latin-1")}, {"a/x.js", "a/b/y.js"}, id="not UTF-8"),
        pytest.param({".gitattributes": symlink("other"), "other": "* linguist-generated\n"}, set(), id="a link is not followed"),
        pytest.param({}, set(), id="none at base"),
    ],
)  # fmt: skip
def test_the_base_decides_what_is_generated(client, repo, attributes, generated):
    files = {"a/x.js": "x\n", "a/b/y.js": "y\n", "a/z.py": "z\n", ".gitattributes": "* linguist-generated\n"}
    made = proposed(repo, attributes, files)
    change = read(client, made)
    assert change.generated == generated
    assert change.generated == locally(repo, made).generated
    assert not change.warnings


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        pytest.param("a\nb.py", "control characters", id="a line break"),
        pytest.param("a\x1b[2Jb.py", "control characters", id="a terminal's command"),
        pytest.param("\\..\\x", "leads out|absolute", id="a way out, elsewhere"),
        pytest.param("C:/x", "absolute", id="a drive"),
    ],
)
def test_a_hostile_name_is_not_looked_up(server, client, repo, name, problem):
    made = proposed(repo, {}, {name: "x\n", "b.py": "x\n"})
    change = read(client, made)
    told = {file.path: file.problem for file in change.files}
    assert told == {file.path: file.problem for file in locally(repo, made).files}
    assert re.search(problem, told.pop(name))
    assert list(told.values()) == [None]
    assert name not in [
        value for asked in server.asked("POST", "graphql") for value in asked.body["variables"].values()
    ]


def test_a_name_that_is_not_utf_8_is_a_problem(client, repo):
    change = read(client, proposed(repo, {}, {os.fsdecode(b"caf\xe9.py"): "x\n"}))
    assert [file.problem for file in change.files] == ["GitHub does not give it at head"]
    assert not change.heads


def test_a_push_meanwhile_is_noticed(server, client, repo):
    made = proposed(repo, {"a.py": MANY, "b.py": MANY}, {"a.py": MANY + "1\n", "b.py": MANY + "1\n"})
    found = pull.fetch(client, made.number)
    server.when("GET", r"/files$", lambda: repo.commit("topic", {"a.py": MANY + "2\n", "c.py": "c\n"}))
    change = pull.read_change(client, found)
    assert {file.path: file.problem for file in change.files} == {
        "a.py": "it changed while it was read",
        "b.py": None,
        "c.py": "GitHub does not give it at head",
    }
    assert pull.head_sha(client, made.number) == made.head_sha != found.head_sha


def entry(path="a.py", **changed):
    """As GitHub lists a file."""
    given = {"filename": path, "status": "modified", "sha": None, "additions": 0, "deletions": 0}
    return listing.listed(given | changed)


def compared(client, repo, listed, before, after):
    made = proposed(repo, before, after)
    places = [blobs.Place(sha, "a.py", content=True) for sha in (made.base_sha, made.head_sha)]
    seen = blobs.entries(client, places)
    (file,) = comparing.compared(client, made.base_sha, made.head_sha, [listed], seen).files
    return file, locally(repo, made).files[0]


@pytest.mark.parametrize(
    "listed",
    [
        pytest.param({}, id="no patch, and not a line counted, as for an attribute that hides the lines"),
        pytest.param({"additions": 1, "patch": "@@ -1 +1 @@\n-a\n+c"}, id="counts that the patch does not bear out"),
        pytest.param({"additions": 1, "deletions": 1, "patch": "@@ -1 +1 @@\n-a\n+c"}, id="a patch of another text"),
        pytest.param({"additions": 1, "deletions": 1, "patch": "@@ -1 +9 @@\n-a\n+b"}, id="lines that are not there"),
        pytest.param({"additions": 1, "deletions": 1, "patch": "@@ -1,2 +1 @@\n-a"}, id="a patch cut short"),
        pytest.param({"additions": 1, "deletions": 1, "patch": "Binary files differ"}, id="not a patch"),
    ],
)  # fmt: skip
def test_a_patch_that_cannot_be_believed_is_made_anew(client, repo, listed):
    file, local = compared(client, repo, entry(**listed), {"a.py": "a\n"}, {"a.py": "b\n"})
    assert file == local


def test_a_patch_that_ends_early_is_made_anew(client, repo):
    listed = entry(
        additions=2, deletions=2, patch="@@ -1,4 +1,4 @@\n-line 0\n+LINE 0\n line 1\n line 2\n line 3"
    )
    after = MANY.replace("line 0", "LINE 0").replace("line 39", "LINE 39")
    file, local = compared(client, repo, listed, {"a.py": MANY}, {"a.py": after})
    assert len(local.hunks) == 2
    assert file == local


def test_what_did_not_change_is_not_passed_over(client, repo):
    file, _ = compared(client, repo, entry(), {"a.py": "a\n"}, {"b.py": "b\n"})
    assert file.problem == "GitHub lists it as changed, but it is the same"


def test_contents_that_come_one_by_one_have_a_limit(client, repo, monkeypatch):
    monkeypatch.setattr(comparing, "_MAX_SINGLE", 2)
    change = read(client, proposed(repo, {}, {f"{n}.py": b"\xe9 = %d\n" % n for n in range(4)}))
    assert [file.problem for file in change.files] == [None, None, *["GitHub does not give its text"] * 2]


def test_a_file_listed_twice_is_a_problem():
    class Pages:
        def pages(self, _path, *, limit):
            return [
                {"filename": "a.py", "status": s, "sha": None, "additions": 0, "deletions": 0}
                for s in ("added", "modified")
            ]

    (one,) = listing.read(Pages(), 1)
    assert "more than once" in one.file.problem


def test_without_graphql_the_change_is_the_same(server, client, repo):
    repo.without_patch = {"long.py"}
    before = {
        "a.py": MANY,
        "long.py": MANY,
        "gone.py": MANY,
        "moved.py": MANY,
        ".gitattributes": "a.py linguist-generated\n",
    }
    after = {
        "a.py": MANY + "x\n",
        "long.py": "x\n" + MANY,
        "gone.py": None,
        "moved.py": None,
        "b.py": MANY,
        "i.png": b"\0",
    }
    made = proposed(repo, before, after)
    server.fault("POST", "/graphql", 404, times=100)
    change = read(client, made)
    local = locally(repo, made)
    assert [replace(file, old_mode=None, new_mode=None) for file in change.files] == [
        replace(file, old_mode=None, new_mode=None) for file in local.files
    ]
    assert (change.heads, change.generated) == (local.heads, local.generated)


def test_without_a_merge_base_only_the_files_without_a_patch_are_lost(server, client, repo):
    repo.without_patch = {"b.py"}
    made = proposed(repo, {"a.py": MANY, "b.py": MANY}, {"a.py": "x\n" + MANY, "b.py": "x\n" + MANY})
    server.fault("GET", "/compare/", 404)
    change = read(client, made)
    assert [file.path for file in change.files if file.problem] == ["b.py"]


def test_a_large_answer_that_fails_is_asked_for_in_parts(server, client, repo):
    files = {f"{n}.py": "x\n" for n in range(15)}
    made = proposed(repo, {}, files)
    server.fault("POST", "/graphql", 502, times=6)
    change = read(client, made)
    assert set(change.heads) == set(files)


def test_github_being_down_is_an_error(server, client, repo):
    made = proposed(repo, {}, {f"{n}.py": "x\n" for n in range(15)})
    server.fault("POST", "/graphql", 502, times=100)
    server.fault("GET", "/contents/", 502, times=100)
    with pytest.raises(GitHubError, match="502"):
        read(client, made)


def test_fetch_says_where_it_stands(client, repo):
    repo.commit("main", {"a": "1\n"})
    repo.commit("topic", {"a": "2\n"})
    made = repo.pull("topic", title="A title", body="", author="mona", fork=True, draft=True, labels=["x"])
    assert pull.fetch(client, made.number) == pull.Pull(
        number=made.number,
        title="A title",
        body="",
        author="mona",
        author_is_bot=False,
        head_sha=repo.head("topic"),
        base_sha=repo.head("main"),
        base_ref="main",
        fork=True,
        draft=True,
        labels=("x",),
        changed_files=1,
        state="open",
    )


def test_fetch_of_none_is_an_error(client, repo):
    with pytest.raises(GitHubError, match="404") as caught:
        pull.fetch(client, 99)
    assert caught.value.status == 404
