import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.critical import DEFAULT_CRITICAL_PATHS
from reviewbot.globs import Globs, exactly


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        pytest.param("**/auth/**", "auth/x.py", id="two stars match nothing too"),
        pytest.param("**/auth/**", "a/b/auth/c/d.py", id="two stars match any depth"),
        pytest.param("**/auth/**", "SRC/Auth/X.PY", id="case does not matter in a path"),
        pytest.param("**/AUTH/**", "src/auth/x.py", id="nor in a glob"),
        pytest.param("*.sql", "a/b/c.sql", id="without a slash it matches at any depth"),
        pytest.param("vendor/", "x/vendor/y/z.go", id="a folder stands for what is in it"),
        pytest.param("/setup.py", "setup.py", id="a leading slash means the top"),
        pytest.param("a/*.py", "a/b.py", id="one star stays in its folder"),
        pytest.param("[a-c].py", "b.py", id="a range"),
        pytest.param(r"\{x\}.py", "{x}.py", id="an escaped brace is a brace"),
        pytest.param("**/auth/**", "a\n/auth/x.py", id="a line break in a path hides nothing"),
        pytest.param("**/auth/**", "auth/x\r\n.py", id="nor does one at the end"),
    ],
)
def test_matches(glob, path):
    assert Globs([glob]).match(path) == glob


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        pytest.param("**/auth/**", "author/x.py", id="a longer name is another folder"),
        pytest.param("**/auth/**", "src/auth", id="a file named like the folder"),
        pytest.param("/setup.py", "a/setup.py", id="a leading slash means the top only"),
        pytest.param("a/*.py", "a/b/c.py", id="one star does not cross folders"),
        pytest.param("a/b.py", "x/a/b.py", id="an inner slash anchors"),
        pytest.param("*.sql", "a.sqlx", id="the whole name counts"),
        pytest.param("*.sql", "", id="no path"),
    ],
)
def test_leaves_alone(glob, path):
    assert Globs([glob]).match(path) is None


def test_the_last_glob_decides():
    globs = Globs(["**/auth/**", "!**/auth/testdata/**", "**/auth/testdata/key.pem"])
    assert globs.match("auth/x.py") == "**/auth/**"
    assert globs.match("auth/testdata/x.py") is None
    assert globs.match("auth/testdata/key.pem") == "**/auth/testdata/key.pem"


def test_any_of_several_paths_is_enough():
    assert Globs(["*.sql"]).match("a.py", "b.sql") == "*.sql"


@pytest.mark.parametrize(
    ("glob", "why"),
    [
        pytest.param(
            "*.{js,ts}", "braces", id="braces would match literally, so a critical path would not be one"
        ),
        pytest.param("!", "not a glob", id="a lone exclamation mark"),
        pytest.param("[z-a]", "not a glob", id="a range backwards"),
        pytest.param("a\\", "not a glob", id="a backslash that escapes nothing"),
        pytest.param("", "matches no path", id="empty"),
        pytest.param("# auth", "matches no path", id="a comment"),
        pytest.param("/", "matches no path", id="the root"),
        pytest.param("a[", "matches no path", id="a bracket never closed"),
    ],
)
def test_refuses_what_would_match_nothing(glob, why):
    with pytest.raises(ValueError, match=why):
        Globs(["*.py", glob])


@given(st.text(max_size=60))
def test_any_path_can_be_asked_about(path):
    Globs(DEFAULT_CRITICAL_PATHS).match(path)


@given(
    st.text(alphabet="ab/.*?[]{}! #\\", min_size=1, max_size=12).filter(
        lambda path: path.strip("/. ") == path
    )
)
def test_a_path_can_be_meant_exactly(path):
    assert Globs([exactly(path)]).match(path)
    assert not Globs([exactly(path)]).match(f"x/{path}", f"{path}x")
