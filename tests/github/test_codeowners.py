"""CODEOWNERS as GitHub's documentation explains it; the patterns are those of its example."""

import pytest

from reviewbot.github.codeowners import Owners


@pytest.mark.parametrize(
    ("pattern", "path", "owned"),
    [
        pytest.param("*", "a", True, id="a star is every file"),
        pytest.param("*", "a/b/c.txt", True, id="at every depth"),
        pytest.param("*.js", "a/b/c.js", True, id="an ending at every depth"),
        pytest.param("*.js", "a/b/c.jsx", False, id="and no other ending"),
        pytest.param("/build/logs/", "build/logs/a/b.txt", True, id="a folder at the top, with all in it"),
        pytest.param("/build/logs/", "x/build/logs/a.txt", False, id="and not one further down"),
        pytest.param("/build/logs/", "build/logs", False, id="a file is no folder"),
        pytest.param("docs/*", "docs/start.md", True, id="what is in a folder"),
        pytest.param("docs/*", "docs/build/trouble.md", False, id="and not what is further down"),
        pytest.param("docs/*", "x/docs/start.md", False, id="a slash inside makes it begin at the top"),
        pytest.param("/*", "README.md", True, id="files at the top"),
        pytest.param("/*", "src/a.py", False, id="and no others"),
        pytest.param("apps/", "x/apps/a.py", True, id="a folder anywhere"),
        pytest.param("/docs/", "docs/a/b.md", True, id="a folder at the top"),
        pytest.param("/scripts/", "x/scripts/a", False, id="not elsewhere"),
        pytest.param("**/logs", "deep/er/logs/a.txt", True, id="two stars before a folder"),
        pytest.param("**/logs", "logs/a.txt", True, id="which may be at the top"),
        pytest.param("/apps/github", "apps/github/a.py", True, id="a folder without a slash at its end"),
        pytest.param("a/**/b", "a/b", True, id="two stars between are no folder"),
        pytest.param("a/**/b", "a/x/y/b", True, id="or several"),
        pytest.param("a/**", "a/x/y", True, id="two stars at the end"),
        pytest.param("a?c.py", "abc.py", True, id="one character"),
        pytest.param("a?c.py", "a/c.py", False, id="that is no slash"),
        pytest.param(r"a\ b.py", "a b.py", True, id="a blank"),
        pytest.param("a.py", "axpy", False, id="a dot is a dot"),
        pytest.param("/Auth/", "auth/a.py", False, id="upper and lower case differ"),
        pytest.param("*.py", "a\nb.py", True, id="a line break in a path hides nothing"),
    ],
)
def test_what_a_pattern_matches(pattern, path, owned):
    assert Owners(f"{pattern} @ann\n").of(path) == (("@ann",) if owned else ())


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        pytest.param("* @ann\n*.py @ben\n", ("@ben",), id="the last line that matches decides"),
        pytest.param("*.py @ben\n* @ann\n", ("@ann",), id="not the closest"),
        pytest.param("* @ann\n/app/\n", (), id="a line without owners takes them away"),
        pytest.param("* @ann @shop/core ann@example.com\n", ("@ann", "@shop/core", "ann@example.com"), id="kinds"),
        pytest.param("* @ann # not @ben any more\n", ("@ann",), id="a comment after owners"),
        pytest.param("# *.py @ben\n\n  * @ann\r\n", ("@ann",), id="comments and empty lines"),
        pytest.param("* @ann\n!*.py @ben\n", ("@ann",), id="a negation is no line"),
        pytest.param("* @ann\n[a-z].py @ben\n", ("@ann",), id="nor is a range"),
        pytest.param("* @ann\n*.py @ben ?\n", ("@ann",), id="nor one with an owner that cannot be"),
        pytest.param("* @ann\n[Section] @ben\n", ("@ann",), id="nor another forge's section"),
        pytest.param("", (), id="an empty file"),
    ],
)  # fmt: skip
def test_who_owns_a_file(text, owners):
    assert Owners(text).of("app/a.py") == owners
