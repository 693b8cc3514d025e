"""Every set of keys gives the panel, the label and the exit status that the documentation names, over HTTP."""

import itertools
import json

import pytest
from model_servers import KEYS, Models

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
FINDING = {
    "path": "auth/digest.py", "first_line": 5, "last_line": 5, "quote": PATCH.splitlines()[-1][1:],
    "category": "security", "severity": "high", "title": "Password hashed with MD5", "body": "It is fast to guess.",
    "failure": "A leaked table is read in hours.", "suggestion": None,
}  # fmt: skip
SETS = [keys for number in range(4) for keys in itertools.combinations(KEYS, number)]
FAMILIES = {"ANTHROPIC_API_KEY": "claude", "OPENAI_API_KEY": "gpt", "GEMINI_API_KEY": "gemini"}


@pytest.fixture
def review(tmp_path, monkeypatch, capsysbinary):
    (tmp_path / "change.patch").write_text(PATCH)
    monkeypatch.chdir(tmp_path)

    def run(keys, finding, *flags):
        with Models() as models:
            models.say(review={"findings": [finding] if finding else []})
            for name, value in models.environ.items():
                if name in keys or name not in KEYS:
                    monkeypatch.setenv(name, value)
            status = cli.main(["review", "--diff", "change.patch", *flags])
        return status, capsysbinary.readouterr().out.decode()

    return run


@pytest.mark.parametrize("keys", [pytest.param(keys, id=" ".join(keys) or "none") for keys in SETS])
def test_a_defect_that_all_see_blocks_and_the_label_says_who_they_are(keys, review):
    status, text = review(keys, FINDING, "--format", "json")
    report = json.loads(text)
    families = {seat["family"] for seat in report["panel"]}
    assert families == ({FAMILIES[key] for key in keys} or {"ruff", "bandit", "ast-grep"})
    assert "confirmed" in [found["state"] for found in report["findings"]]
    assert (status, report["gate"]["status"]) == (1, "blocked")
    assert any("one vendor" in warning for warning in report["warnings"]) is (len(keys) == 1)
    assert any("two seats are of one family" in warning for warning in report["warnings"]) is (len(keys) == 2)


@pytest.mark.parametrize("keys", [pytest.param(keys, id=" ".join(keys) or "none") for keys in SETS])
def test_nothing_found_passes_and_people_read_who_looked(keys, review, tmp_path):
    (tmp_path / "change.patch").write_text(PATCH.replace("md5", "sha256").replace("password", "text"))
    status, text = review(keys, None)
    assert status == 0
    assert "Gate: PASSED" in text
    assert ("one vendor" in text) is (len(keys) == 1)
    assert ("static analysers, no AI" in text) is (not keys)
