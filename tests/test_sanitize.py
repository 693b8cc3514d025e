"""What may not leave us, whoever wrote it; a CommonMark parser that we did not write judges the Markdown."""

import base64
import re
import unicodedata
from urllib.parse import quote

import pytest
from hostile import NASTY, PARSER, dangers
from hypothesis import example, given
from hypothesis import strategies as st

from reviewbot.sanitize import CUT, REDACTED, Sanitizer

SECRET = "".join(("vk-", "Zr8~~~", "/Wm2???x+", "Tn5y", "_Bd7h", "Lp4c"))  # its base64 has both + and /
SHORT = "".join(("Qx7", "w9", "Lk2"))

clean = Sanitizer([SECRET, SHORT])


def b64(text):
    return base64.b64encode(text.encode()).decode()


# --- invisible ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("a\x1b[31mred\x1b[0m", "a[31mred[0m", id="terminal escapes lose their escape"),
        pytest.param("a\x9b31mb\x07\x00\x7f", "a31mb", id="C1 controls, bell, null and delete go"),
        pytest.param("pass\u200bword\u2060\ufeff", "password", id="zero-width characters go"),
        pytest.param("\u202eevil\u202c \u2066x\u2069 \u200f", "evil x ", id="bidirectional controls go"),
        pytest.param("a\U000e0049\U000e0067b", "ab", id="tag characters go"),
        pytest.param("a\ufe0f\U000e0101b", "ab", id="variation selectors, which can carry bytes, go"),
        pytest.param("a\u3164\u115fb\u00ad", "ab", id="fillers and soft hyphens go"),
        pytest.param("a\ud800b\ue000c\uffff", "abc", id="surrogates, private and unassigned code points go"),
        pytest.param("a\r\nb\rc\u2028d\u2029e", "a\nb\nc\nd\ne", id="every line end becomes a newline"),
        pytest.param("a\tb\n\n  c", "a\tb\n\n  c", id="tabs, newlines and indentation stay"),
        pytest.param(
            "Größe, 変数, переменная, 🎉", "Größe, 変数, переменная, 🎉", id="other people's letters stay"
        ),
    ],
)
def test_what_is_invisible_goes(text, left):
    assert clean.clean(text) == left


@given(st.text())
def test_nothing_invisible_survives_and_a_second_pass_changes_nothing(text):
    once = clean.clean(text)
    assert not [
        c for c in once if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn"}
    ]
    assert clean.clean(once) == once


@given(st.text())
def test_a_line_is_one_line_and_stays_as_it_is(text):
    once = clean.line(text)
    assert not set(once) & set("\n\t\r\u2028\u2029")
    assert clean.line(once) == once


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("  a\n\n  b\tc \n", "a b c", id="lines are joined by one space"),
        pytest.param("dir/two  spaces.py", "dir/two  spaces.py", id="the inside of a path is left alone"),
    ],
)
def test_a_line(text, line):
    assert clean.line(text) == line


def test_long_text_is_cut_where_one_can_see_it():
    assert clean.clean("x" * 101, limit=100) == "x" * (100 - len(CUT)) + CUT
    assert clean.clean("x" * 100, limit=100) == "x" * 100


# --- secret ------------------------------------------------------------------------------------------------------------

ENCODINGS = [
    pytest.param(lambda s: s, id="as it is"),
    pytest.param(lambda s: s[::-1], id="reversed"),
    pytest.param(str.upper, id="in capitals"),
    pytest.param(b64, id="base64"),
    pytest.param(lambda s: b64(s).rstrip("="), id="base64 without padding"),
    pytest.param(lambda s: base64.urlsafe_b64encode(s.encode()).decode(), id="URL-safe base64"),
    pytest.param(lambda s: b64(s[::-1]), id="base64 of the reverse"),
    pytest.param(lambda s: b64(s)[::-1], id="base64, reversed"),
    pytest.param(lambda s: s.encode().hex(), id="hex"),
    pytest.param(lambda s: s.encode().hex().upper(), id="hex in capitals"),
    pytest.param(lambda s: quote(s, safe=""), id="URL-encoded"),
    pytest.param(lambda s: "".join(f"%{b:02X}" for b in s.encode()), id="URL-encoded throughout"),
    pytest.param(" ".join, id="spaced out"),
    pytest.param("\u200b".join, id="held apart by zero-width characters"),
    pytest.param("`-`".join, id="one code span a letter"),
    pytest.param(lambda s: "\n".join(s[i : i + 4] for i in range(0, len(s), 4)), id="wrapped"),
]


@pytest.mark.parametrize("encode", ENCODINGS)
@pytest.mark.parametrize(
    "secret", [pytest.param(SECRET, id="long"), pytest.param(SHORT, id="eight characters")]
)
def test_a_secret_goes_in_every_spelling(encode, secret):
    assert clean.clean(f"key: {encode(secret)} end") == f"key: {REDACTED} end"


@given(
    st.sampled_from([p.values[0] for p in ENCODINGS[:12]]),
    st.integers(0, len(SECRET)),
    st.integers(12, len(SECRET)),
)
def test_so_does_every_piece_of_twelve(encode, start, size):
    whole = encode(SECRET)
    piece = whole[start : start + size]
    if len(piece) >= 12 and "=" not in piece:
        assert clean.clean(f"<{piece}>") == f"<{REDACTED}>"


@given(
    st.sampled_from([SECRET, SHORT]), st.text("abc", max_size=8), st.text("abc", max_size=8), st.booleans()
)
def test_base64_of_a_longer_text_does_not_carry_it_out(secret, before, after, url_safe):
    encoded = b64(before + secret + after)
    encoded = encoded.replace("+", "-").replace("/", "_") if url_safe else encoded
    first, end = -(-len(before) * 8 // 6), (len(before) + len(secret)) * 8 // 6
    size = min(12, end - first)
    left = clean.clean(encoded)
    assert not [i for i in range(first, end - size + 1) if encoded[i : i + size] in left]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(SECRET[:11], id="eleven characters of a long one"),
        pytest.param(
            "value = load_key(name)\nif value == expected:\n    return [1, 2, 3]", id="ordinary code"
        ),
    ],
)
def test_what_gives_nothing_away_stays(text):
    assert clean.clean(text) == text


def test_a_placeholder_is_no_secret():
    assert (
        Sanitizer(["", "  ", "test", "ollama"]).clean("run the test with ollama")
        == "run the test with ollama"
    )


def test_a_secret_is_redacted_before_the_text_is_cut():
    assert SECRET[:6] not in clean.clean("x" * 92 + SECRET, limit=112)


def test_a_sanitizer_does_not_show_what_it_knows():
    assert SECRET not in repr(clean) + str(clean)


# --- active ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in NASTY.items()])
def test_nothing_in_markdown_acts(text):
    made = clean.markdown(text)
    assert not dangers(made)
    assert not re.search(r"<!--\s*reviewbot|^\s*/", made, re.IGNORECASE | re.MULTILINE)
    assert clean.markdown(made) == made
    assert not dangers(clean.inline(text))
    assert "\n" not in clean.inline(text)


FRAGMENTS = st.sampled_from(
    [
        *(
            "`",
            "``",
            "```",
            "~~~",
            "~",
            "\n",
            "\n\n",
            " ",
            "    ",
            "\t",
            "\\",
            "*",
            "**",
            "_",
            "__",
            "|",
            "---",
            ":-",
            "=",
            "#",
        ),
        *(
            "[",
            "](",
            ")",
            "!",
            "<",
            ">",
            "&",
            "&#64;",
            "&lt;",
            "$",
            "@a",
            "#1",
            "GH-1",
            "http://a.b",
            "www.a.b",
            "a1b2c3d4",
        ),
        *(
            "suggestion",
            "math",
            "- ",
            "1. ",
            "> ",
            "<!--",
            "-->",
            "<b>",
            "</details>",
            "/x",
            "word",
            "[a]: b",
            "é",
            "\u200b",
        ),
    ]
)


@given(st.lists(FRAGMENTS | st.characters(), max_size=25).map("".join))
@example("`a```b``@a")
@example("$`@a`$")
def test_no_combination_of_them_acts(text):
    made = clean.markdown(text)
    assert not dangers(made)
    assert clean.markdown(made) == made
    assert not dangers(clean.inline(text))


@pytest.mark.parametrize(
    ("text", "made"),
    [
        pytest.param(
            "Uses `==`, **not** constant time.",
            "Uses `==`, **not** constant time.",
            id="code spans and emphasis",
        ),
        pytest.param("1. one\n2. two\n   - three", "1. one\n2. two\n   - three", id="lists"),
        pytest.param("```python\nx = a[0] < b\n```", "```python\nx = a[0] < b\n```", id="a code block"),
        pytest.param(
            "see `a[0] @ b` and `<T>`", "see `a[0] @ b` and `<T>`", id="what is active elsewhere, in code"
        ),
        pytest.param("snake_case, f(x) - 1, a/b, C# 3", "snake_case, f(x) - 1, a/b, C# 3", id="words"),
        pytest.param(
            "thanks @octocat, #12", "thanks `@`octocat, `#`12", id="a mention and a reference are split"
        ),
        pytest.param(
            "see (https://a.example/b).", "see (`https://a.example/b`).", id="an address is shown, not linked"
        ),
        pytest.param("a < b && c[0]", "a &lt; b &amp;&amp; c&#91;0&#93;", id="signs are escaped"),
        pytest.param("~~~py\na\n~~~\nb", "```py\na\n```\nb", id="tildes become backticks"),
        pytest.param(
            "  ```py\n    a\n  b\n  ```", "```py\n  a\nb\n```", id="an indented block moves to the margin"
        ),
    ],
)
def test_what_a_reader_needs_stays(text, made):
    assert clean.markdown(text) == made


def test_markdown_hides_secrets_and_limits_too():
    assert clean.markdown(f"`{SECRET}` {b64(SECRET)}") == "`[redacted]` &#91;redacted&#93;"
    assert clean.markdown("x" * 101, limit=100).endswith("… &#91;cut&#93;")


@pytest.mark.parametrize(
    ("code", "language", "block"),
    [
        pytest.param("x = 1", "python", "```python\nx = 1\n```", id="ordinary code"),
        pytest.param("```\n````", "", "`````\n```\n````\n`````", id="longer than any run inside"),
        pytest.param("~~~\n```", "md", "````md\n~~~\n```\n````", id="tildes close nothing"),
        pytest.param("x", "c++", "```c++\nx\n```", id="a language with signs"),
        pytest.param("x", "py`\n@octocat", "```\nx\n```", id="no language out of strange letters"),
        pytest.param("x", "suggestion", "```suggestion\nx\n```", id="a suggestion, when we ask for one"),
        pytest.param(f"a\x1b\u202e = '{SECRET}'", "", f"```\na = '{REDACTED}'\n```", id="cleaned"),
        pytest.param("<!-- reviewbot:v1 -->", "", "```\n<! -- reviewbot:v1 -->\n```", id="no marker of ours"),
    ],
)
def test_a_fence_holds_its_content(code, language, block):
    assert clean.fence(code, language) == block


@given(st.text("`~\n ab", max_size=30))
def test_no_content_closes_a_fence(code):
    blocks = PARSER.parse(clean.fence(code, "python") + "\n\nafter")
    assert [block.type for block in blocks] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert blocks[0].content == code + "\n"


@pytest.mark.parametrize(
    ("text", "span"),
    [
        pytest.param("app/auth.py", "`app/auth.py`", id="a path"),
        pytest.param("a`b``c", "```a`b``c```", id="backticks inside"),
        pytest.param("`a", "`` `a ``", id="a backtick at an end"),
        pytest.param("a\n@octocat", "`a @octocat`", id="one line"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_code_span(text, span):
    assert clean.code(text) == span
