"""Whatever a message, an exception or a library quotes, what reaches stderr is clean, marked as ours and obeyed by nobody."""

import contextlib
import logging
import warnings

import pytest
from hostile import COMMANDS, NASTY
from test_sanitize import ENCODINGS, SECRET

from reviewbot import logs
from reviewbot.sanitize import REDACTED

OURS = logging.getLogger("reviewbot.somewhere")


@pytest.fixture
def said(capsys):
    """What stands on stderr after something was logged."""
    logs.open_door([SECRET], verbose=True)

    def after(log):
        log()
        return capsys.readouterr().err

    yield after
    logging.getLogger().handlers.pop()
    logging.captureWarnings(capture=False)


def raised(text):
    try:
        try:
            int(text)
        except ValueError as error:
            raise RuntimeError(f"while {text}") from error
    except RuntimeError:
        OURS.exception("internal error")


def in_a_group(text):
    try:
        raise ExceptionGroup("several", [OSError(text), KeyError(text)])
    except* OSError:
        OURS.exception("one of them")
    except* KeyError:
        pass


WAYS = [
    pytest.param(OURS.warning, id="message"),
    pytest.param(lambda text: OURS.info("model: %s", text), id="argument"),
    pytest.param(raised, id="trace"),
    pytest.param(in_a_group, id="trace of several"),
    pytest.param(lambda text: logging.getLogger("asyncio").error("lost: %s", text), id="library"),
    pytest.param(lambda text: warnings.warn(text, stacklevel=1), id="warning of a library"),
]


@pytest.mark.parametrize("log", WAYS)
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in NASTY.items()])
@pytest.mark.filterwarnings("default")
def test_nothing_in_a_line_acts(said, log, text):
    left = said(lambda: log(text))
    assert left.startswith("reviewbot: ")
    assert all(line.startswith(("reviewbot: ", "  | ")) for line in left.split("\n")[:-1])
    assert not COMMANDS.search(left)
    assert not [c for c in left if not (c.isprintable() or c in "\n\t" or c.isspace())]


@pytest.mark.parametrize("log", WAYS)
@pytest.mark.parametrize("encode", ENCODINGS)
@pytest.mark.filterwarnings("default")
def test_no_line_shows_a_secret(said, log, encode):
    shown = encode(SECRET).replace("\u200b", "")
    left = said(lambda: log(f"key {encode(SECRET)} end"))
    assert REDACTED in left
    assert not [i for i in range(len(shown) - 11) if shown[i : i + 12] in left]


def test_progress_is_shown_on_request_and_that_of_libraries_never(said):
    assert said(lambda: OURS.info("reading")) == "reviewbot: reading\n"
    assert said(lambda: logging.getLogger("httpx").info("POST")) == ""
    logs.open_door([], verbose=False)
    assert said(lambda: OURS.info("reading")) == ""


def test_opened_twice_it_says_everything_once(said):
    logs.open_door([], verbose=True)
    assert said(lambda: OURS.warning("x")) == "reviewbot: x\n"
    assert said(lambda: logging.getLogger("asyncio").error("x")) == "reviewbot: x\n"


@pytest.mark.parametrize(("wanted", "lines"), [(True, ["::group::ours", "::endgroup::"]), (False, [])])
def test_a_fold_holds_what_is_logged_in_it_and_ends_once(said, wanted, lines):
    def log():
        with contextlib.suppress(KeyError), logs.group("ours", wanted=wanted):
            OURS.warning("x\n::endgroup::\ny")
            raise KeyError

    left = said(log).splitlines()
    assert [line for line in left if line.startswith("::")] == lines
    assert len(left) == 3 + len(lines)
    assert not wanted or (left[0], left[-1]) == tuple(lines)
