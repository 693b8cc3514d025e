"""Different words for one class of defect meet; ordinary words name none."""

import pytest

from reviewbot.defects import classes, known


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("SQL injection through the name", "CWE-89"),
        ("Query is concatenated from user input", "CWE-89"),
        ("User input is interpolated into the SQL string", "CWE-89"),
        ("Command injection: shell=True", "CWE-78"),
        ("An attacker can run arbitrary commands", "CWE-78"),
        ("yaml.load on untrusted data", "CWE-502"),
        ("MD5 is used for passwords", "CWE-328"),
        ("Certificate verification is disabled", "CWE-295"),
        ("A hard-coded API key", "CWE-798"),
        ("Path traversal via the file name", "CWE-22"),
        ("The exception is silently swallowed", "CWE-390"),
        ("Missing authorization check", "CWE-862"),
        ("Null pointer dereference when user is absent", "CWE-476"),
        ("Throws a NullPointerException", "CWE-476"),
        ("There is no nil check on the host", "CWE-476"),
        ("The double-checked locking is incomplete", "CWE-362"),
        ("The map is written without synchronization", "CWE-362"),
        ("Off-by-one in the loop bound", "CWE-193"),
        ("Race condition between check and use", "CWE-362"),
        ("File handle is never closed", "CWE-772"),
        ("N+1 query inside the loop", "n-plus-one"),
    ],
)
def test_what_a_text_names(text, named):
    assert named in classes(text)


@pytest.mark.parametrize(
    "text",
    [
        "The total is computed before tax is added",
        "JSON is deserialized twice",
        "The button has no label",
        "The dialog key is renamed",
        "",
    ],
)
def test_texts_that_name_nothing(text):
    assert classes(text) == frozenset()


def test_a_written_id_settles_it():
    assert classes("SQL built from strings (CWE-89), near a hard-coded password") == {"CWE-89"}


def test_neighbours_in_the_cwe_tree_are_one_class():
    assert classes("Code injection (CWE-94)") == classes("Text is evaluated, CWE-95") == known({"CWE-94"})


def test_only_the_beginning_of_a_text_is_looked_at():
    assert classes("x " * 100_000 + "sql injection") == frozenset()
