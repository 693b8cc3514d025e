"""What other tools found goes in, and what they read comes out, through the whole program and over HTTP."""

import json

import pytest
from model_servers import Models, confirming

from reviewbot import cli

PATCH = """\
diff --git a/auth/digest.py b/auth/digest.py
new file mode 100644
--- /dev/null
+++ b/auth/digest.py
@@ -0,0 +1,5 @@
+import hashlib
+
+
+def digest(password):
+    return hashlib.md5(password.encode()).hexdigest()
"""
QUOTE = "    return hashlib.md5(password.encode()).hexdigest()"
FINDING = {
    "path": "auth/digest.py", "first_line": 5, "last_line": 5, "quote": QUOTE, "category": "security",
    "severity": "high", "title": "Password hashed with MD5", "body": "It is fast to guess.",
    "failure": "A leaked table is read in hours.", "suggestion": "    return hashlib.scrypt(password.encode(), salt=b'', n=2, r=8, p=1).hex()",
}  # fmt: skip


def sarif(path, line):
    place = {"artifactLocation": {"uri": path}, "region": {"startLine": line}}
    result = {
        "ruleId": "weak-hash",
        "message": {"text": "MD5 is weak"},
        "locations": [{"physicalLocation": place}],
    }
    return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "semgrep"}}, "results": [result]}]}


@pytest.fixture
def review(tmp_path, monkeypatch, capsysbinary):
    """Review the patch with three models of which one finds the defect; exit status, output and what they were sent."""
    with Models() as models:
        models["claude"].says["review"] = {"findings": [FINDING]}
        models.say(vote=confirming(QUOTE))
        sent = []
        for model in models:
            model.answer = _heard(model.answer, sent)
        for name, value in models.environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        (tmp_path / "change.patch").write_text(PATCH)

        def run(*flags):
            status = cli.main(["review", "--diff", "change.patch", *flags])
            return status, capsysbinary.readouterr().out.decode(), sent

        yield run


def _heard(answer, sent):
    def heard(body):
        sent.append(json.dumps(body, ensure_ascii=False))
        return answer(body)

    return heard


def test_reviewers_are_shown_what_another_tool_found_and_voters_are_not(review, tmp_path):
    (tmp_path / "a.sarif").write_text(json.dumps(sarif("auth/digest.py", 5)))
    (tmp_path / "b.sarif").write_text(json.dumps(sarif("elsewhere.py", 1)))
    _, _, sent = review("--evidence", "a.sarif", "--evidence", "b.sarif")
    told = ["| auth/digest.py, line 5, semgrep weak-hash: MD5 is weak" in text for text in sent]
    assert told == ["Task: review" in text for text in sent]
    assert any(told)
    assert not all(told)
    assert not any("elsewhere.py" in text for text in sent)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("sarif", '"primaryLocationLineHash"'),
        ("rdjson", '"value": "security"'),
        ("gitlab", '"check_name": "reviewbot/security"'),
        ("html", "<h3>1. Password hashed with MD5</h3>"),
    ],
)
def test_every_form_tells_what_was_confirmed(review, form, says):
    status, out, _ = review("--format", form)
    assert status == 1
    assert says in out
    assert out.count("Password hashed with MD5") >= 1


def test_a_suggestion_that_still_parses_is_offered_to_reviewdog(review):
    _, out, _ = review("--format", "rdjson")
    (diagnostic,) = json.loads(out)["diagnostics"]
    assert [s["text"] for s in diagnostic["suggestions"]] == [FINDING["suggestion"]]
