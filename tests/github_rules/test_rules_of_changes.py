"""GitHub and the change: which files, with what patch, in how many pages, and what is in them."""

import base64

import pytest
from github_server import executable, rest_pulls, submodule, symlink
from rules_client import BASE, HOME, ask


def listed(server, number=1):
    return {it["filename"]: it for it in ask(server, "GET", f"{HOME}/pulls/{number}/files?per_page=100").body}


def test_files_are_compared_with_the_merge_base(server, repo, pull):
    repo.commit("main", {"elsewhere.py": "not of this pull request\n"})
    assert list(listed(server)) == ["a.py"]
    repo.commit("topic", {"b.py": "b\n"})
    assert list(listed(server)) == ["a.py", "b.py"]
    repo.merge("topic", "main")
    assert list(listed(server)) == ["a.py", "b.py"]
    assert pull.merge_base == repo.head("main")


@pytest.mark.parametrize(
    ("before", "after", "path", "expected"),
    [
        pytest.param({}, {"b.py": "b\n"}, "b.py", ("added", 1, 0, "@@ -0,0 +1 @@\n+b"), id="added"),
        pytest.param({}, {"b.py": ""}, "b.py", ("added", 0, 0, None), id="added and empty"),
        pytest.param({"b.py": "b\n"}, {"b.py": None}, "b.py", ("removed", 0, 1, "@@ -1 +0,0 @@\n-b"), id="removed"),
        pytest.param({"b.py": "b\n"}, {"b.py": "c\r\n"}, "b.py", ("modified", 1, 1, "@@ -1 +1 @@\n-b\n+c\r"), id="modified"),
        pytest.param({"b.py": BASE}, {"b.py": None, "c d.py": BASE}, "c d.py", ("renamed", 0, 0, None), id="renamed"),
        pytest.param({"b.py": "b\n"}, {"b.py": executable("b\n")}, "b.py", ("changed", 0, 0, None), id="mode only"),
        pytest.param({"b": "b\n"}, {"b": symlink("a.py")}, "b",
                     ("changed", 1, 1, "@@ -1 +0,0 @@\n-b\n@@ -0,0 +1 @@\n+a.py\n\\ No newline at end of file"), id="file to link"),
        pytest.param({"b": b"\0"}, {"b": b"\0\1"}, "b", ("modified", 0, 0, None), id="binary"),
        pytest.param({}, {"lib": submodule("1" * 40)}, "lib", ("added", 1, 0, f"@@ -0,0 +1 @@\n+Subproject commit {'1' * 40}"), id="submodule"),
    ],
)  # fmt: skip
def test_a_file_is_listed(server, repo, before, after, path, expected):
    repo.commit("main", before or {"other": "x"})
    repo.commit("topic", after, start="main")
    repo.pull("topic")
    (file,) = listed(server).values()
    assert file["filename"] == path
    assert (file["status"], file["additions"], file["deletions"], file.get("patch")) == expected
    assert file.get("previous_filename") == ("b.py" if file["status"] == "renamed" else None)


def test_a_patch_is_left_out_when_it_is_too_long_or_the_test_says_so(server, repo):
    repo.commit("topic", {"long.py": "x\n" * 20_001, "slow.py": "x\n", "plain.py": "x\n"})
    repo.without_patch.add("slow.py")
    repo.pull("topic")
    assert [path for path, file in listed(server).items() if "patch" in file] == ["plain.py"]
    assert listed(server)["long.py"]["additions"] == 20_001


def test_patches_end_when_all_of_them_are_too_long(server, repo):
    repo.commit("topic", {f"{name}.txt": "x" * 400_000 for name in "bcde"})
    repo.pull("topic")
    assert [path for path, file in listed(server).items() if "patch" in file] == ["b.txt", "c.txt"]


def test_files_come_in_pages_up_to_a_cap_and_are_all_counted(server, repo):
    repo.commit("topic", {f"{number:04}.py": "x\n" for number in range(3_001)})
    repo.pull("topic")
    first = ask(server, "GET", f"{HOME}/pulls/1/files?per_page=1000")
    assert len(first.body) == 100
    assert '?per_page=1000&page=2>; rel="next"' in first.headers["Link"]
    assert 'page=30>; rel="last"' in first.headers["Link"]
    last = ask(server, "GET", f"{HOME}/pulls/1/files?per_page=100&page=30")
    assert len(last.body) == 100
    assert 'rel="next"' not in last.headers["Link"]
    assert ask(server, "GET", f"{HOME}/pulls/1").body["changed_files"] == 3_001


@pytest.mark.parametrize("files", [1, 301])
def test_the_diff_is_text_unless_it_is_too_large(server, repo, files):
    repo.commit("topic", {f"{number}.py": "x\n" for number in range(files)})
    repo.pull("topic")
    reply = ask(server, "GET", f"{HOME}/pulls/1", Accept="application/vnd.github.v3.diff")
    if files <= rest_pulls.MAX_DIFF_FILES:
        assert reply.body.startswith("diff --git a/0.py b/0.py\n")
    else:
        assert (reply.status, reply.body["errors"][0]["code"]) == (406, "too_large")


def test_a_push_moves_the_head(server, repo, pull):
    old = pull.head_sha
    new = repo.commit("topic", {"b.py": "b\n"})
    assert ask(server, "GET", f"{HOME}/pulls/1").body["head"]["sha"] == new != old
    assert [it["sha"] for it in ask(server, "GET", f"{HOME}/pulls/1/commits").body] == [old, new]


def test_a_comparison_has_the_merge_base_on_every_page_and_files_on_the_first(server, repo, pull):
    fork_point = repo.head("main")
    repo.commit("main", {"b.py": "b\n"})
    first, second = (ask(server, "GET", f"{HOME}/compare/main...topic?page={page}").body for page in (1, 2))
    assert first["merge_base_commit"]["sha"] == second["merge_base_commit"]["sha"] == fork_point
    assert first["status"] == "diverged"
    assert [it["filename"] for it in first["files"]] == ["a.py"]
    assert "files" not in second


def test_content_is_base64_or_raw(server, repo):
    repo.commit("main", {"d/é.txt": "text\n"})
    path = f"{HOME}/contents/d/%C3%A9.txt?ref=main"
    assert base64.b64decode(ask(server, "GET", path).body["content"]) == b"text\n"
    assert ask(server, "GET", path, Accept="application/vnd.github.raw+json").body == "text\n"
    assert [it["path"] for it in ask(server, "GET", f"{HOME}/contents/d").body] == ["d/é.txt"]


def test_content_above_a_megabyte_comes_raw_only(server, repo):
    repo.commit("main", {"big.txt": "x" * 1_000_001})
    path = f"{HOME}/contents/big.txt"
    assert ask(server, "GET", path).body["content"] == ""
    assert len(ask(server, "GET", path, Accept="application/vnd.github.raw").body) == 1_000_001


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        pytest.param("to-file", "file", id="a link to a file is the file"),
        pytest.param("to-nowhere", "symlink", id="any other link is itself"),
        pytest.param("lib", "submodule", id="a submodule"),
    ],
)
def test_content_that_is_no_file(server, repo, path, kind):
    modules = '[submodule "lib"]\n\tpath = lib\n\turl = https://example.com/lib.git\n'
    repo.commit("main", {"to-file": symlink("a.py"), "to-nowhere": symlink("/etc/passwd")})
    repo.commit("main", {"lib": submodule("1" * 40), ".gitmodules": modules})
    assert ask(server, "GET", f"{HOME}/contents/{path}").body["type"] == kind


@pytest.mark.parametrize(
    "path", ["contents/none.py", "contents/a.py?ref=none", "git/blobs/" + "1" * 40, "pulls/9"]
)
def test_what_is_not_there_is_404(server, repo, path):
    assert ask(server, "GET", f"{HOME}/{path}").status == 404


def test_a_tree_says_when_it_is_cut(server, repo):
    repo.commit(
        "main",
        {"run.sh": executable("true\n"), "link": symlink("a.py"), "lib": submodule("1" * 40), "d/e": "x"},
    )
    flat, deep = (ask(server, "GET", f"{HOME}/git/trees/main{more}").body for more in ("", "?recursive=1"))
    assert {it["path"]: it["mode"] for it in flat["tree"]} == {
        "a.py": "100644", "d": "040000", "lib": "160000", "link": "120000", "run.sh": "100755",
    }  # fmt: skip
    assert "d/e" in {it["path"] for it in deep["tree"]}
    repo.tree_cap = 2
    assert ask(server, "GET", f"{HOME}/git/trees/main?recursive=1").body["truncated"] is True
