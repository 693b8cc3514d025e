"""GitHub and GraphQL: 200 with errors inside, and names of its own."""

import pytest
from github_server import executable, submodule
from rules_client import BASE, on, query, review

THREADS = """query ($first: Int) { repository(owner: "octo", name: "shop") { pullRequest(number: 1) {
  reviewThreads(first: $first) { nodes { id isOutdated isResolved line viewerCanResolve comments(first: 1) {
    nodes { author { __typename login } body viewerDidAuthor } } } pageInfo { hasNextPage endCursor } } } } }"""
OF_PULL = '{ repository(owner: "octo", name: "shop") { pullRequest(number: 1)'
RESOLVE = "mutation ($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"


def threads(server, **variables):
    found = query(server, THREADS, **{"first": 100} | variables)
    return found["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"]


def test_graphql_knows_who_is_asking_and_writes_bots_without_brackets(server, pull):
    review(pull, on(5))
    assert query(server, "{ viewer { login } }")["data"]["viewer"]["login"] == "github-actions[bot]"
    (comment,) = threads(server)[0]["comments"]["nodes"]
    assert comment["author"] == {"__typename": "Bot", "login": "github-actions"}
    assert comment["viewerDidAuthor"] is True


def test_a_thread_is_outdated_by_a_push(server, repo, pull):
    review(pull, on(5))
    assert [(it["isOutdated"], it["line"]) for it in threads(server)] == [(False, 5)]
    repo.commit("topic", {"a.py": "all new\n"})
    assert [(it["isOutdated"], it["line"]) for it in threads(server)] == [(True, None)]


def test_a_token_that_only_comments_cannot_resolve(server, pull):
    review(pull, on(5))
    (thread,) = threads(server)
    answer = query(server, RESOLVE, id=thread["id"])
    assert (answer["data"], answer["errors"][0]["type"]) == ({"resolveReviewThread": None}, "FORBIDDEN")
    assert (thread["viewerCanResolve"], pull.threads[0].resolved_by) == (False, None)


def test_a_token_that_writes_contents_resolves(server, pull):
    review(pull, on(5))
    server.token("app", permissions={"contents": "write", "pull_requests": "write"})
    query(server, RESOLVE, token="app", id=threads(server)[0]["id"])
    assert threads(server)[0]["isResolved"] is True


@pytest.mark.parametrize(
    ("first", "kind"),
    [(None, "MISSING_PAGINATION_BOUNDARIES"), (101, "EXCESSIVE_PAGINATION"), (100, None)],
)
def test_a_connection_wants_bounds(server, pull, first, kind):
    assert query(server, THREADS, first=first).get("errors", [{"type": None}])[0]["type"] == kind


def test_graphql_reads_files_by_expression_and_by_path(server, repo):
    sha = repo.commit("main", {"b": b"\0", "run.sh": executable("true\n"), "lib": submodule("1" * 40)})
    blob = "... on Blob { text isBinary byteSize isTruncated }"
    found = query(
        server,
        f"""query ($id: GitObjectID!, $e: String!) {{ repository(owner: "octo", name: "shop") {{
        text: object(expression: $e) {{ {blob} }} binary: object(expression: "main:b") {{ {blob} }}
        none: object(expression: "main:none") {{ {blob} }}
        commit: object(oid: $id) {{ ... on Commit {{ run: file(path: "run.sh") {{ mode type object {{ {blob} }} }}
        lib: file(path: "lib") {{ mode type object {{ id }} }} none: file(path: "none") {{ mode }} }} }} }} }}""",
        id=sha,
        e=f"{sha}:a.py",
    )["data"]["repository"]
    assert (found["text"]["text"], found["binary"]["isBinary"], found["none"]) == (BASE, True, None)
    run, lib, none = (found["commit"][name] for name in ("run", "lib", "none"))
    assert (run["mode"], run["object"]["text"], none) == (0o100755, "true\n", None)
    assert lib == {"mode": 0o160000, "type": "commit", "object": None}


def test_graphql_tells_who_put_a_label_on(server, pull):
    pull.label("override", login="maintainer")
    items = "timelineItems(first: 10, itemTypes: [LABELED_EVENT])"
    text = f"{OF_PULL} {{ {items} {{ nodes {{ ... on LabeledEvent {{ actor {{ login }} label {{ name }} }} }} }} }} }} }}"
    (event,) = query(server, text)["data"]["repository"]["pullRequest"]["timelineItems"]["nodes"]
    assert event == {"actor": {"login": "maintainer"}, "label": {"name": "override"}}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{ viewer { name_of_none } }", id="a field that GitHub has not"),
        pytest.param("{ viewer {", id="no document"),
        pytest.param(f"{OF_PULL} {{ lastEditedAt }} }} }}", id="a field that only GitHub has"),
    ],
)
def test_a_document_that_would_not_do_is_a_violation(server, pull, text):
    assert "errors" in query(server, text)
    assert server.violations
    server.violations.clear()
