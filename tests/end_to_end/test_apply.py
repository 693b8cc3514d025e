"""A suggestion that models confirm gets into the working tree, through the whole program and over HTTP."""

import subprocess

import pytest
from model_servers import Models, confirming

from reviewbot import cli

BAD = "import hashlib\n\n\ndef digest(password):\n    return hashlib.md5(password.encode()).hexdigest()\n"
QUOTE = "    return hashlib.md5(password.encode()).hexdigest()"
BETTER = "    return hashlib.scrypt(password.encode(), salt=b'', n=2, r=8, p=1).hex()"
FINDING = {
    "path": "auth/digest.py", "first_line": 5, "last_line": 5, "quote": QUOTE, "category": "security",
    "severity": "high", "title": "Password hashed with MD5", "body": "It is fast to guess.",
    "failure": "A leaked table is read in hours.", "suggestion": BETTER,
}  # fmt: skip


@pytest.fixture
def repo(tmp_path):
    def git(*args):
        subprocess.run(["git", "-C", str(tmp_path), *args], check=True, capture_output=True)

    git("init", "-q")
    (tmp_path / "auth").mkdir()
    (tmp_path / "auth" / "digest.py").write_text(BAD)
    git("add", ".")
    return tmp_path


@pytest.fixture
def review(repo, monkeypatch, capsys):
    with Models() as models:
        models["claude"].says["review"] = {"findings": [FINDING]}
        models.say(vote=confirming(QUOTE))
        for name, value in models.environ.items():
            monkeypatch.setenv(name, value)

        def run(*flags):
            status = cli.main(["review", "--staged", "--repo", str(repo), *flags])
            return status, capsys.readouterr().err

        yield run


def test_all_that_is_confirmed_and_fits_is_applied(review, repo):
    status, err = review("--apply", "all")
    assert status == 1  # the gate is about what was reviewed
    assert "applied auth/digest.py:5: Password hashed with MD5" in err
    assert (repo / "auth/digest.py").read_text() == BAD.replace(QUOTE, BETTER)


def test_what_was_edited_since_is_refused(review, repo):
    edited = BAD.replace("md5", "sha1")
    (repo / "auth/digest.py").write_text(edited)
    _, err = review("--apply", "all")
    assert "left auth/digest.py:5: these lines have been changed since they were reviewed" in err
    assert (repo / "auth/digest.py").read_text() == edited


def test_without_a_terminal_nobody_can_be_asked(review, repo):
    status, err = review("--apply")
    assert status == 2
    assert "use --apply all" in err
    assert (repo / "auth/digest.py").read_text() == BAD
