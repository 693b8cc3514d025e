import datetime as dt

import httpx2
import pytest

from reviewbot.errors import FailureKind
from reviewbot.providers import http

NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param(None, None, id="no header"),
        pytest.param("7", 7.0, id="seconds"),
        pytest.param("0.5", 0.5, id="a fraction"),
        pytest.param("-3", 0.0, id="never less than nothing"),
        pytest.param("inf", None, id="endless"),
        pytest.param("nan", None, id="not a number"),
        pytest.param("Sat, 21 Nov 2026 12:01:30 GMT", 90.0, id="a date"),
        pytest.param("Sat, 21 Nov 2026 12:01:30 -0000", 90.0, id="a date without a zone is UTC"),
        pytest.param("Sat, 21 Nov 2026 11:00:00 GMT", 0.0, id="a date that is over"),
        pytest.param("Sat, 99 Nov 2026", None, id="no date"),
        pytest.param("", None, id="empty"),
    ],
)
def test_seconds_to_wait(header, seconds):
    assert http.seconds_to_wait(header, NOW) == seconds


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("all\n is \t well", "all is well", id="one line"),
        pytest.param("a\x00\x1b[1mb\u202ec", "a [1mb c", id="control and direction characters"),
        pytest.param("key sk-" + "abc1" * 5 + " is bad", "key [key] is bad", id="a key"),
        pytest.param("key sk-ab****wxyz is bad", "key [key] is bad", id="the ends of a key"),
        pytest.param("sent Bearer " + "abc1" * 5, "sent [key]", id="a header"),
        pytest.param("at https://me:word@host/x", "at https://host/x", id="a password in an address"),
        pytest.param("mail me@host", "mail me@host", id="leaves other text alone"),
        pytest.param("the task-force asked", "the task-force asked", id="leaves a word with a dash alone"),
        pytest.param("x" * 999, "x" * 200, id="cut"),
    ],
)
def test_brief(text, shown):
    assert http.brief(text) == shown


def subclasses(kind):
    return {kind}.union(*(subclasses(sub) for sub in kind.__subclasses__()))


@pytest.mark.parametrize(
    "kind", sorted(subclasses(httpx2.RequestError), key=str), ids=lambda kind: kind.__name__
)
def test_every_transport_error_has_a_kind(kind):
    error = http.unreachable(kind("m"))
    timed_out = issubclass(kind, httpx2.TimeoutException)
    assert error.kind is (FailureKind.TIMEOUT if timed_out else FailureKind.NETWORK)


def test_connecting_is_given_up_sooner_than_reading():
    assert http.timeout(300).connect == 10.0
    assert http.timeout(300).read == 300
    assert http.timeout(3).connect == 3
