"""Findings on a pull request: one review, each finding once, and no answer of GitHub's that loses or doubles one."""

import pytest
from posted import FILES, finding, fingerprint

from reviewbot.github import check, threads
from reviewbot.github import pull as pulls
from reviewbot.github.post import Posted, upsert_summary

REVIEWS = "/pulls/1/reviews$"
ON_FILE = "/pulls/1/comments$"
NOTES = "/issues/1/comments$"


def prints(*numbers):
    return tuple(map(fingerprint, numbers))


def test_one_review_at_the_head(hub):
    made = hub.post(finding(1), finding(2, "f1.py", 18, 21), finding(3, "f2.py", 24))
    assert made == Posted(posted=prints(1, 2, 3))
    (review,) = hub.pull.reviews
    assert (review.state, review.commit, review.login) == (
        "COMMENTED",
        hub.pull.head_sha,
        "github-actions[bot]",
    )
    assert review.body == "**reviewbot**: 3 findings on lines of this change\n\n<!-- reviewbot:v1 review -->"
    places = [(c.path, c.side, c.start_line, c.line) for c in hub.pull.comments]
    assert places == [("f0.py", "RIGHT", None, 21), ("f1.py", "RIGHT", 18, 21), ("f2.py", "RIGHT", None, 24)]
    assert hub.pull.comments[0].body == f"finding 1\n\n<!-- reviewbot:v1 fp={fingerprint(1)} -->"


@pytest.mark.parametrize("number", [1, 2, 20], ids="{} findings".format)
def test_the_number_of_requests_does_not_grow(hub, number):
    pull, seen, before = pulls.fetch(hub.client, 1), threads.read(hub.client, 1), hub.client.calls
    found = [finding(n, f"f{n % 6}.py", 18 + n // 6) for n in range(number)]
    assert len(hub.post(*found, pull=pull, seen=seen).posted) == number
    assert hub.client.calls - before == 1


@pytest.mark.parametrize("number", [0, 1, 20], ids="{} findings".format)
def test_all_that_a_run_writes(hub, number):
    """Check, what is there, review, summary, check: the only requests beside those that read the change."""
    pull, before = pulls.fetch(hub.client, 1), hub.client.calls
    run = check.start(hub.client, check.Binding(1, pull.base_sha, pull.head_sha))
    seen = threads.read(hub.client, 1)
    hub.post(*(finding(n, f"f{n % 6}.py", 18 + n // 6) for n in range(number)), pull=pull, seen=seen)
    upsert_summary(hub.client, pull, "summary", seen)
    assert check.finish(hub.client, run, "success", title="t", summary="s").completed
    assert hub.client.calls - before == (5 if number else 4)


def test_nothing_found_makes_no_review(hub):
    assert hub.post() == Posted()
    assert hub.writes() == []


def test_what_is_found_again_is_not_posted_again(hub):
    hub.post(finding(1), finding(2))
    again = hub.post(finding(1, body="other words", first_line=19), finding(3), finding(2))
    assert again == Posted(posted=prints(3), skipped_existing=prints(1, 2))
    assert hub.fingerprints() == [*prints(1, 2, 3)]


def test_a_run_that_finds_nothing_new_makes_no_review(hub):
    hub.post(finding(1))
    assert hub.post(finding(1)) == Posted(skipped_existing=prints(1))
    assert len(hub.pull.reviews) == 1


def test_two_findings_that_are_one_are_posted_once(hub):
    assert hub.post(finding(1), finding(1, first_line=19)) == Posted(posted=prints(1))
    assert [c.line for c in hub.pull.comments] == [21]


@pytest.mark.parametrize("state", ["open", "resolved", "outdated", "hidden", "on a file"])
def test_the_state_of_a_thread_does_not_matter(hub, state):
    """Whoever has dealt with a finding does not want to hear of it again."""
    if state == "on a file":
        hub.post(finding(1, first_line=2))
        assert hub.pull.comments[0].of_file
    else:
        hub.post(finding(1))
    if state == "resolved":
        hub.pull.threads[0].resolved_by = "octocat"
    if state == "hidden":
        hub.pull.comments[0].minimized = "OFF_TOPIC"
    if state == "outdated":
        hub.push({"f0.py": "".join(f"other {n}\n" for n in range(41))})
        assert hub.pull.now(hub.pull.comments[0]).line is None
    assert hub.post(finding(1, first_line=19)) == Posted(skipped_existing=prints(1))


def test_a_second_push_posts_what_is_new(hub):
    hub.post(finding(1))
    hub.push({"f1.py": FILES["f1.py"].replace("line 30\n", "line 30\nmore\n")})
    assert hub.post(finding(1, first_line=22), finding(2, "f1.py", 31)).posted == prints(2)
    assert [review.commit for review in hub.pull.reviews] == hub.pull.pushes


def test_more_threads_than_a_page(hub):
    for start in range(0, 240, 60):
        hub.a_minute_later()
        hub.post(*(finding(n) for n in range(start, start + 60)))
    assert hub.post(*(finding(n) for n in range(0, 240, 3))).posted == ()


@pytest.mark.parametrize("who", ["octocat", "other-app[bot]"])
def test_a_marker_of_somebody_else_counts_for_nothing(hub, who):
    hub.post(finding(1), client=hub.client_of("theirs", who))
    assert hub.fingerprints() == [*prints(1)]
    assert hub.post(finding(1)).posted == prints(1)


def test_a_reply_that_quotes_our_marker_counts_for_nothing(hub):
    theirs = hub.client_of("theirs", "octocat")
    hub.post(finding(1, fingerprint="other"))
    reply = {"body": hub.pull.comments[0].body.replace("fp=other", f"fp={fingerprint(2)}")}
    theirs.send("POST", f"/pulls/1/comments/{hub.pull.comments[0].id}/replies", reply)
    assert hub.post(finding(2)).posted == prints(2)


def test_after_a_push_nothing_is_posted_on_the_old_head(hub):
    pull, seen = pulls.fetch(hub.client, 1), threads.read(hub.client, 1)
    hub.push({"f0.py": "other\n"})
    assert hub.post(finding(1), pull=pull) == Posted(moved=True)
    assert hub.pull.reviews == []
    # Known too late: the commit is not part of the pull request any more.
    hub.repo.point("topic", hub.repo.commit("elsewhere", {"f0.py": "forced\n"}))
    assert hub.post(finding(1), pull=pull, seen=seen) == Posted(moved=True)
    assert hub.pull.reviews == []


# Lines that GitHub rejects


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(finding(9, first_line=2), id="not in the diff"),
        pytest.param(finding(9, first_line=2, last_line=21), id="begins outside of the diff"),
        pytest.param(finding(9, first_line=21, last_line=900), id="ends after the file"),
    ],
)
def test_a_rejected_line_becomes_a_comment_on_the_file(hub, bad):
    made = hub.post(finding(1), bad, finding(2, "f1.py"))
    assert made == Posted(posted=prints(1, 2), file_level=prints(9))
    assert len(hub.server.asked("POST", REVIEWS)) == 2
    assert [len([c for c in hub.pull.comments if c.review is r]) for r in hub.pull.reviews] == [2, 1]
    on_file = hub.pull.comments[-1]
    assert (on_file.of_file, on_file.body) == (
        True,
        f"finding 9 of f0.py\n\n<!-- reviewbot:v1 fp={fingerprint(9)} -->",
    )


def test_a_file_that_is_not_in_the_change_is_left_to_the_summary(hub):
    made = hub.post(finding(1), finding(9, "elsewhere.py"))
    assert (made.posted, made.file_level) == (prints(1), ())
    (failure,) = made.failed
    assert failure.fingerprint == fingerprint(9)
    assert str(failure).startswith(
        "the finding on elsewhere.py:21 could not be posted there: GitHub answered 422"
    )


def test_all_lines_of_a_file_without_a_patch_are_rejected_at_once(hub):
    """What GitHub does not show has no lines to be commented on."""
    hub.repo.without_patch.add("f0.py")
    hub.server.fault("POST", REVIEWS, 422, times=99, containing='"f0.py"')
    before = len(hub.server.requests)
    found = [finding(n, first_line=18 + n) for n in range(6)] + [
        finding(n, "f1.py", 11 + n) for n in range(7, 13)
    ]
    made = hub.post(*found)
    assert (made.posted, made.file_level) == (prints(*range(7, 13)), prints(*range(6)))
    assert len(hub.pull.reviews) == 1 + 6
    assert len(hub.server.asked("POST", REVIEWS)) == 2
    assert len(hub.server.requests) - before == 2 + 1 + 1 + 1 + 1 + 6


def refuse(hub, *numbers, times=99):
    """Let GitHub reject these findings, for no reason that can be seen in the diff."""
    for number in numbers:
        hub.server.fault("POST", REVIEWS, 422, times=times, containing=fingerprint(number))


@pytest.mark.parametrize("bad", [1, 2, 5], ids="the {}th".format)
def test_a_line_that_is_rejected_for_no_visible_reason(hub, bad):
    """The others are still one review."""
    refuse(hub, bad)
    made = hub.post(*(finding(n, f"f{n}.py") for n in range(1, 6)))
    assert made.file_level == prints(bad)
    assert set(made.posted) == set(prints(*range(1, 6))) - set(prints(bad))
    assert len(hub.pull.reviews) == 1 + 1
    assert sorted(hub.fingerprints()) == [*prints(*range(1, 6))]


@pytest.mark.parametrize("bad", [(3,), (0, 1), (0, 19), (2, 9, 11), tuple(range(20))], ids=str)
def test_rejected_among_many(hub, bad):
    refuse(hub, *bad)
    made = hub.post(*(finding(n, f"f{n % 6}.py", 18 + n // 6) for n in range(20)))
    told = [*made.posted, *made.file_level, *(failure.fingerprint for failure in made.failed)]
    assert sorted(told) == [*prints(*range(20))]
    assert sorted(hub.fingerprints()) == sorted([*made.posted, *made.file_level])
    assert len(hub.server.asked("POST", REVIEWS)) <= 40
    assert len(made.file_level) <= 10
    if len(bad) <= 3:
        assert set(made.file_level) == set(prints(*bad))


# Answers that get lost


@pytest.mark.parametrize("status", [502, 500, 0], ids=["502", "500", "cut off"])
def test_a_review_whose_answer_was_lost_is_not_sent_twice(hub, status):
    hub.server.fault("POST", REVIEWS, status, after_write=True)
    assert hub.post(finding(1), finding(2, "f1.py")) == Posted(posted=prints(1, 2))
    assert len(hub.server.asked("POST", REVIEWS)) == len(hub.pull.reviews) == 1


@pytest.mark.parametrize("status", [502, 503, 0], ids=["502", "503", "cut off"])
def test_a_review_that_was_lost_on_its_way_is_sent_again(hub, status):
    hub.server.fault("POST", REVIEWS, status)
    assert hub.post(finding(1)) == Posted(posted=prints(1))
    assert len(hub.pull.reviews) == 1


def test_a_review_that_is_lost_twice_is_told(hub):
    hub.server.fault("POST", REVIEWS, 502, times=2)
    made = hub.post(finding(1), finding(2))
    assert [failure.fingerprint for failure in made.failed] == [*prints(1, 2)]
    assert "502" in made.failed[0].why
    assert len(hub.server.asked("POST", REVIEWS)) == 2


def test_lost_once_then_written_without_an_answer(hub):
    hub.server.fault("POST", REVIEWS, 502)
    hub.server.fault("POST", REVIEWS, 502, after_write=True, skip=1)
    assert hub.post(finding(1)) == Posted(posted=prints(1))
    assert len(hub.pull.reviews) == 1


def test_lost_where_a_line_is_rejected_too(hub):
    refuse(hub, 2)
    hub.server.fault("POST", REVIEWS, 502, after_write=True, skip=1)
    made = hub.post(finding(1), finding(2, "f1.py"), finding(3, "f2.py"))
    assert (set(made.posted), made.file_level) == (set(prints(1, 3)), prints(2))
    assert sorted(hub.fingerprints()) == [*prints(1, 2, 3)]


@pytest.mark.parametrize("after_write", [True, False], ids=["written", "not written"])
def test_a_comment_on_a_file_whose_answer_was_lost(hub, after_write):
    hub.server.fault("POST", ON_FILE, 502, after_write=after_write)
    assert hub.post(finding(9, first_line=2)) == Posted(file_level=prints(9))
    assert hub.fingerprints() == [*prints(9)]


def test_a_comment_on_a_file_that_is_refused_costs_no_other(hub):
    hub.server.fault("POST", ON_FILE, 422, containing=fingerprint(8))
    made = hub.post(finding(7, first_line=2), finding(8, first_line=3), finding(9, first_line=4))
    assert (made.file_level, [f.fingerprint for f in made.failed]) == (prints(7, 9), [*prints(8)])


def test_a_run_that_was_cancelled_after_its_review_is_taken_up(hub):
    hub.post(finding(1), finding(2))
    hub.server.fault("POST", NOTES, 0, times=2)  # it never got to its summary
    assert hub.summarise("first").problem
    assert hub.post(finding(1), finding(2), finding(3)).posted == prints(3)
    assert hub.summarise("second").problem == ""
    assert len(hub.pull.issue_comments) == 1


# Limits and rights


@pytest.mark.parametrize(
    ("status", "retry_after"),
    [(403, 0), (429, 0), (403, None), (429, None)],
    ids=["403", "429", "403 bare", "429 bare"],
)
def test_a_secondary_limit_is_waited_for(hub, status, retry_after):
    hub.server.fault("POST", REVIEWS, status, retry_after=retry_after)
    assert hub.post(finding(1)) == Posted(posted=prints(1))
    assert len(hub.server.asked("POST", REVIEWS)) == 2


def test_a_limit_that_is_too_long_is_told(hub):
    hub.server.fault("POST", REVIEWS, 403, retry_after=3_600, times=9)
    made = hub.post(finding(1))
    assert "rate limit" in made.failed[0].why
    assert len(hub.server.asked("POST", REVIEWS)) == 1


@pytest.mark.parametrize(
    "permissions", [{}, {"contents": "read", "pull_requests": "read"}], ids=["a fork", "read"]
)
def test_a_token_that_may_only_read_is_told(hub, permissions):
    made = hub.post(finding(1), finding(2), client=hub.client_of("fork", permissions=permissions))
    assert (made.posted, made.file_level) == ((), ())
    assert {failure.why for failure in made.failed} == {made.failed[0].why}
    assert "the token may not" in made.failed[0].why
    assert hub.pull.reviews == []


# The summary


def test_one_summary_is_edited_by_later_runs(hub):
    first = hub.summarise("one")
    second = hub.summarise("two")
    assert first == second
    assert first.url.endswith(f"#issuecomment-{hub.pull.issue_comments[0].id}")
    assert [note.body for note in hub.pull.issue_comments] == ["two\n\n<!-- reviewbot:v1 summary -->"]


def test_the_same_summary_is_not_written_again(hub):
    hub.summarise("one")
    before = len(hub.writes())
    assert hub.summarise("one").url
    assert len(hub.writes()) == before


def test_a_summary_of_somebody_else_is_left_alone(hub):
    theirs = "<!-- reviewbot:v1 summary -->"
    hub.client_of("theirs", "octocat").send("POST", "/issues/1/comments", {"body": theirs})
    hub.summarise("ours")
    assert [(note.login, note.body.startswith("ours")) for note in hub.pull.issue_comments] == [
        ("octocat", False),
        ("github-actions[bot]", True),
    ]


def test_other_comments_of_our_author_are_left_alone(hub):
    """Every workflow of a repository writes as the same bot."""
    hub.client.send("POST", "/issues/1/comments", {"body": "coverage: 80 %"})
    hub.summarise("ours")
    assert hub.pull.issue_comments[0].body == "coverage: 80 %"
    assert len(hub.pull.issue_comments) == 2


def test_the_summary_is_found_behind_many_comments(hub):
    hub.summarise("one")
    talk = hub.client_of("theirs", "octocat")
    for _ in range(3):
        hub.a_minute_later()
        for n in range(50):
            talk.send("POST", "/issues/1/comments", {"body": f"talk {n}"})
    hub.summarise("two")
    assert hub.pull.issue_comments[0].body.startswith("two")


def test_two_summaries_become_one(hub):
    """Two runs at a time both find none."""
    before = threads.read(hub.client, 1)
    hub.summarise("one", seen=before)
    hub.summarise("two", seen=before)
    assert len(hub.pull.issue_comments) == 2
    hub.summarise("three")
    assert [note.body.split("\n")[0] for note in hub.pull.issue_comments] == ["three"]


@pytest.mark.parametrize("after_write", [True, False], ids=["written", "not written"])
@pytest.mark.parametrize("status", [502, 0], ids=["502", "cut off"])
def test_a_summary_whose_answer_was_lost_is_there_once(hub, status, after_write):
    hub.server.fault("POST", NOTES, status, after_write=after_write)
    made = hub.summarise("one")
    assert (made.problem, len(hub.pull.issue_comments)) == ("", 1)
    assert made.url.endswith(f"#issuecomment-{hub.pull.issue_comments[0].id}")
    hub.server.fault("PATCH", "/issues/comments/", status, after_write=after_write)
    assert hub.summarise("two").problem == ""
    assert hub.pull.issue_comments[0].body.startswith("two")


def test_a_summary_that_cannot_be_written_is_told(hub):
    made = hub.summarise("one", client=hub.client_of("fork", permissions={"contents": "read"}))
    assert made.url == ""
    assert made.problem.startswith("the summary could not be written: the token may not")
    hub.summarise("one")
    hub.server.fault("PATCH", "/issues/comments/", 500, times=2)
    made = hub.summarise("two")
    assert made.url.endswith(f"#issuecomment-{hub.pull.issue_comments[0].id}")
    assert "500" in made.problem


def test_a_summary_is_never_longer_than_github_takes(hub):
    assert hub.summarise("é" * 70_000).problem == ""
    text = hub.pull.issue_comments[0].body
    assert len(text.encode()) <= 60_000
    assert text.endswith("\n…\n\n<!-- reviewbot:v1 summary -->")
