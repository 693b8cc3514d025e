"""Every rule of ours finds what it is for and leaves alone what looks like it."""

from pathlib import Path

import pytest
import yaml

from reviewbot.analyzers import astgrep, bandit, lexical, ruff, rulepack
from reviewbot.analyzers.classes import CLASSES
from reviewbot.analyzers.source import Language

CASES = Path(__file__).parent / "cases"
LANGUAGES = {
    "python": [Language.PYTHON],
    "javascript": [Language.JAVASCRIPT, Language.TSX],  # TSX is TypeScript with more
    "go": [Language.GO],
    "java": [Language.JAVA],
}
AROUND = {
    Language.GO: "package p\n\nfunc f() {{\n{}\n}}\n",
    Language.JAVA: "class C {{\n  void f() {{\n{}\n  }}\n}}\n",
}
#: Made here, so that no scanner takes this file for a leak.
FILLED_IN = {"<AWS_KEY>": "AKI" + "A" + "B2" * 8, "<PRIVATE_KEY>": "-----BEGIN RSA " + "PRIVATE KEY-----"}


def cases(pack):
    return yaml.safe_load((CASES / f"{pack}.yml").read_text("utf-8"))


def snippets(kind):
    for pack, languages in LANGUAGES.items():
        for rule, case in cases(pack).items():
            for number, code in enumerate(case[kind], 1):
                for language in languages:
                    yield pytest.param(language, rule, code, case, id=f"{language} {rule} {kind} {number}")


def placed(language, code):
    for name, value in FILLED_IN.items():
        code = code.replace(name, value)
    return AROUND.get(language, "{}\n").format(code)


def classes_in(outcome):
    return {mark.cwe for mark in outcome.marks}


@pytest.mark.parametrize(("language", "rule", "code", "case"), list(snippets("match")))
def test_a_rule_matches_what_it_is_for(language, rule, code, case):
    outcome = astgrep.read(language, placed(language, code))
    assert rule in {mark.rule for mark in outcome.marks}
    assert outcome.gaps == ()


@pytest.mark.parametrize(("language", "rule", "code", "case"), list(snippets("no_match")))
def test_no_rule_of_the_class_matches_harmless_code(language, rule, code, case):
    outcome = astgrep.read(language, placed(language, code))
    assert rulepack.rules(language)[rule].cwe not in classes_in(outcome)
    assert outcome.gaps == ()


@pytest.mark.parametrize(("language", "rule", "code", "case"), list(snippets("match")))
def test_the_token_patterns_find_the_same_classes(language, rule, code, case):
    found = rulepack.rules(language)[rule].cwe in classes_in(lexical.read(language, placed(language, code)))
    assert found is not case.get("tree_only", False)


@pytest.mark.parametrize(("language", "rule", "code", "case"), list(snippets("no_match")))
def test_the_token_patterns_leave_the_same_code_alone(language, rule, code, case):
    assert rulepack.rules(language)[rule].cwe not in classes_in(
        lexical.read(language, placed(language, code))
    )


@pytest.mark.parametrize(("pack", "language"), [(pack, langs[0]) for pack, langs in LANGUAGES.items()])
def test_each_rule_has_cases_of_both_kinds(pack, language):
    table = cases(pack)
    assert set(table) == set(rulepack.rules(language))
    assert all(case["match"] and case["no_match"] for case in table.values())


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("pack", [rulepack, lexical])
def test_each_rule_names_a_class_that_has_words(pack, language):
    assert {rule.cwe for rule in pack.rules(language).values()} <= set(CLASSES)


@pytest.mark.parametrize("table", [ruff.RULES, bandit.RULES], ids=["ruff", "bandit"])
def test_each_rule_of_a_linter_names_a_class_that_has_words(table):
    assert set(table.values()) <= set(CLASSES)


CODE = {
    Language.PYTHON: ('# eval(x)\nnote = "eval(x)"\n', "CWE-95"),
    Language.JAVASCRIPT: ('// eval(x)\n/* document.write(x) */\nlet note = "eval(x)";\n', "CWE-95"),
    Language.GO: ('package p\n\n// md5.Sum(x)\nvar note = "md5.Sum(x)"\n', "CWE-328"),
    Language.JAVA: (
        'class C {\n  // new ObjectInputStream(x)\n  String s = "new ObjectInputStream(x)";\n}\n',
        "CWE-502",
    ),
}


@pytest.mark.parametrize(("language", "text", "cwe"), [(k, *v) for k, v in CODE.items()])
@pytest.mark.parametrize("read", [astgrep.read, lexical.read], ids=["ast-grep", "lexical"])
def test_code_in_comments_and_texts_is_not_code(read, language, text, cwe):
    assert read(language, text).marks == ()
