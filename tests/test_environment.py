import sys
from pathlib import Path

import pytest

from reviewbot.environment import KEY_VARIABLES, TOKEN_VARIABLES, Environment, Hub, Runner, without_keys
from reviewbot.errors import UsageError


@pytest.mark.parametrize(
    ("environ", "keys"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param(
            {"ANTHROPIC_API_KEY": "a1", "OPENAI_API_KEY": "o1"},
            {"anthropic": "a1", "openai": "o1"},
            id="two keys",
        ),
        pytest.param({"DEEPSEEK_API_KEY": "d1"}, {"deepseek": "d1"}, id="DeepSeek"),
        pytest.param({"GEMINI_API_KEY": "g1"}, {"google": "g1"}, id="Gemini by its own name"),
        pytest.param({"GOOGLE_API_KEY": "g2"}, {"google": "g2"}, id="Gemini by Google's"),
        pytest.param(
            {"GEMINI_API_KEY": "g1", "GOOGLE_API_KEY": "g2"}, {"google": "g1"}, id="the closer name counts"
        ),
        pytest.param(
            {"GEMINI_API_KEY": " ", "GOOGLE_API_KEY": "g2"}, {"google": "g2"}, id="a blank one does not count"
        ),
        pytest.param({"ANTHROPIC_API_KEY": ""}, {}, id="empty is unset, as for a secret a fork does not get"),
        pytest.param(
            {"ANTHROPIC_API_KEY": " a1\n"}, {"anthropic": "a1"}, id="a pasted line break is no part of a key"
        ),
    ],
)
def test_keys(environ, keys):
    assert Environment.read(environ).keys == keys


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("hush hush", id="a blank inside"),
        pytest.param("hush\nhush", id="a line break inside"),
        pytest.param("hush\x00", id="a control character"),
        pytest.param("hüsh", id="a letter no header takes"),
        pytest.param("\u200bhush", id="an invisible character"),
    ],
)
@pytest.mark.parametrize("name", [name for names in KEY_VARIABLES.values() for name in names])
def test_a_broken_key_is_named_and_not_shown(name, key):
    with pytest.raises(UsageError, match=name) as caught:
        Environment.read({name: key})
    assert "sh" not in str(caught.value).replace(name, "")


def test_keys_are_not_in_the_repr():
    assert "hush" not in repr(Environment.read({"OPENAI_API_KEY": "hush"}))


@pytest.mark.parametrize(
    ("url", "read"),
    [
        pytest.param("https://gateway.example/v1", "https://gateway.example/v1", id="https"),
        pytest.param("http://127.0.0.1:8080/", "http://127.0.0.1:8080", id="http, a port, a slash too many"),
        pytest.param("http://[::1]:8080", "http://[::1]:8080", id="an IPv6 address"),
    ],
)
@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("ANTHROPIC_BASE_URL", "anthropic"),
        ("OPENAI_BASE_URL", "openai"),
        ("GOOGLE_GEMINI_BASE_URL", "google"),
        ("DEEPSEEK_BASE_URL", "deepseek"),
        ("OLLAMA_BASE_URL", "ollama"),
    ],
)
def test_base_urls(name, provider, url, read):
    assert Environment.read({name: url}).base_urls == {provider: read}


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("gateway.example", id="no scheme"),
        pytest.param("file:///etc/passwd", id="another scheme"),
        pytest.param("https://", id="no host"),
        pytest.param("https://user:hush@gateway.example", id="a password"),
        pytest.param("https://gateway.example/?key=hush", id="a query"),
        pytest.param("https://gateway.example/#hush", id="a fragment"),
        pytest.param("https://gateway.example:99999", id="a port out of range"),
        pytest.param("https://gateway.example:0", id="port 0"),
        pytest.param("https://[::1", id="half an address"),
        pytest.param("https://gate way.example", id="a blank"),
        pytest.param("https://gateway.example/a\nb", id="a line break"),
    ],
)
def test_a_broken_url_is_named_and_not_shown(url):
    with pytest.raises(UsageError, match="OPENAI_BASE_URL must be") as caught:
        Environment.read({"OPENAI_BASE_URL": url})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("", None, id="empty is unset"),
        pytest.param(" 30 ", 30, id="a whole number"),
        pytest.param("0.5", 0.5, id="half a second"),
    ],
)
def test_times(text, seconds):
    read = Environment.read({"REVIEWBOT_CALL_SECONDS": text, "REVIEWBOT_TOTAL_SECONDS": text})
    assert (read.call_seconds, read.total_seconds) == (seconds, seconds)


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "1e999", "5m", "five"])
@pytest.mark.parametrize("name", ["REVIEWBOT_CALL_SECONDS", "REVIEWBOT_TOTAL_SECONDS"])
def test_a_time_that_is_none_is_refused(name, text):
    with pytest.raises(UsageError, match=f"{name} is .*greater than 0"):
        Environment.read({name: text})


@pytest.mark.parametrize(
    ("environ", "plain"), [({}, False), ({"NO_COLOR": ""}, False), ({"NO_COLOR": "1"}, True)]
)
def test_no_color(environ, plain):
    assert Environment.read(environ).no_color is plain


def test_keys_can_be_taken_out_of_reach_of_child_processes():
    secret = [*(name for names in KEY_VARIABLES.values() for name in names), *TOKEN_VARIABLES]
    environ = dict.fromkeys(secret, "x") | {"PATH": "/bin"}
    without_keys(environ)
    assert environ == {"PATH": "/bin"}


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        pytest.param("OPENROUTER_API_KEY", True, id="a key of a provider that a configuration may name"),
        pytest.param("NPM_TOKEN", True, id="somebody else's token"),
        pytest.param("ANTHROPIC_CUSTOM_HEADERS", True, id="headers an SDK would send"),
        pytest.param("OPENAI_ORG_ID", True, id="an account an SDK would bill"),
        pytest.param("GOOGLE_GENAI_USE_VERTEXAI", True, id="another API an SDK would ask"),
        pytest.param("HTTPS_PROXY", False, id="the way out"),
        pytest.param("SSL_CERT_FILE", False, id="whom to trust"),
        pytest.param("AWS_REGION", False, id="where AWS is"),
        pytest.param("TOKENIZERS", False, id="a name that only begins so"),
    ],
)
def test_what_would_change_requests_or_is_secret_goes_too(name, gone):
    environ = {name: "x"}
    without_keys(environ)
    assert (environ == {}) is gone


AWS = {
    "AWS_ACCESS_KEY_ID": "NOTAREALKEYID",
    "AWS_SECRET_ACCESS_KEY": "not-a-real-secret",
    "AWS_SESSION_TOKEN": "not-a-real-session-at-all",
    "AWS_BEARER_TOKEN_BEDROCK": "not-a-real-bearer",
}


def test_an_account_at_aws():
    environment = Environment.read(AWS | {"AWS_DEFAULT_REGION": "eu-west-1"})
    aws = environment.aws
    assert [aws.key_id, aws.secret_key, aws.session_token, aws.bearer] == list(AWS.values())
    assert (aws.region, aws.at_hand) == ("eu-west-1", True)
    assert set(AWS.values()) <= set(environment.redacted)
    assert "not-a-real" not in repr(environment)
    left = dict(AWS) | {"AWS_PROFILE": "team", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "for-botocore"}
    without_keys(left)
    assert left == {"AWS_PROFILE": "team", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "for-botocore"}


@pytest.mark.parametrize(
    ("environ", "at_hand"),
    [
        pytest.param({}, False, id="nothing"),
        pytest.param({"AWS_REGION": "us-east-1"}, False, id="a region is no account"),
        pytest.param({"AWS_PROFILE": "team"}, True, id="a profile"),
        pytest.param({"AWS_WEB_IDENTITY_TOKEN_FILE": "/token"}, True, id="a role by web identity"),
        pytest.param({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://x"}, True, id="a container"),
        pytest.param({"AWS_BEARER_TOKEN_BEDROCK": "k"}, True, id="an API key of Bedrock"),
    ],
)
def test_whether_there_is_an_account_at_aws(environ, at_hand):
    assert Environment.read(environ).aws.at_hand is at_hand


def test_the_files_of_the_aws_command_line_are_an_account(tmp_path):
    assert not Environment.read({"HOME": str(tmp_path)}).aws.at_hand
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").touch()
    assert Environment.read({"HOME": str(tmp_path)}).aws.at_hand


LONG = "not-a-real-key-at-all"


def test_the_key_a_configuration_names():
    environment = Environment.read({"OPENROUTER_API_KEY": f" {LONG}\n", "OTHER": LONG})
    assert environment.key("OPENROUTER_API_KEY") == LONG
    assert environment.key("AZURE_API_KEY") == ""
    assert environment.key("OTHER") == ""
    assert LONG not in repr(environment)


def test_a_broken_key_of_somebody_else_harms_nobody_until_it_is_used():
    environment = Environment.read({"MY_API_KEY": "hush hush"})
    with pytest.raises(UsageError, match="MY_API_KEY holds blanks") as caught:
        environment.key("MY_API_KEY")
    assert "hush" not in str(caught.value)


def test_what_no_output_may_show():
    environment = Environment.read(
        {"OPENAI_API_KEY": "short", "OPENROUTER_API_KEY": LONG, "CSRF_TOKEN": "development"}
    )
    assert set(environment.redacted) == {"short", LONG}


def test_a_hook_knows_which_index_is_being_committed():
    assert str(Environment.read({"GIT_INDEX_FILE": ".git/next-index"}).index_file) == str(
        Path(".git/next-index")
    )
    assert Environment.read({}).index_file is None


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="they have rules of their own")
@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        pytest.param({"HOME": "/people/x", "XDG_CACHE_HOME": "/tmp/xdg"}, "/tmp/xdg", id="as XDG says"),
        pytest.param({"HOME": "/people/x"}, "/people/x/.cache", id="at home"),
        pytest.param(
            {"HOME": "/people/x", "XDG_CACHE_HOME": "here"}, None, id="a relative one does not count"
        ),
        pytest.param({}, None, id="no home"),
    ],
)
def test_where_this_system_keeps_what_can_be_made_again(environ, folder):
    assert Environment.read(environ).user_cache == (folder and Path(folder))


RUNNER = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REPOSITORY": "octo/shop"}


def test_a_runner_that_says_little_is_github_itself():
    runner = Runner.read(RUNNER)
    assert (runner.mode, runner.gate) == ("all", "")
    assert Environment.read(RUNNER).hub == Hub("", "https://api.github.com", "")


@pytest.mark.parametrize("missing", sorted(RUNNER))
def test_outside_of_a_runner_there_is_nothing_to_do(missing):
    with pytest.raises(UsageError, match="reviewbot review"):
        Runner.read({name: value for name, value in RUNNER.items() if name != missing})


@pytest.mark.parametrize(("name", "value"), [("REVIEWBOT_MODE", "everything"), ("REVIEWBOT_GATE", "on")])
def test_an_input_that_is_none_of_ours_is_refused(name, value):
    with pytest.raises(UsageError, match=f"{name} is {value!r}; use one of"):
        Runner.read({**RUNNER, name: value})


@pytest.mark.parametrize(
    ("tokens", "used"),
    [({"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}, "a"), ({"GH_TOKEN": "b"}, "b"), ({"GITHUB_TOKEN": " "}, "")],
)
def test_the_token_for_github(tokens, used):
    environment = Environment.read(tokens)
    assert environment.hub.token == used
    assert used not in environment.redacted if not used else used in environment.redacted
    assert "token=" not in repr(environment)


@pytest.mark.parametrize(
    ("report", "found"),
    [
        pytest.param(
            "out/report.json", "/work space/shop/out/report.json", id="a relative path is in the workspace"
        ),
        pytest.param("/tmp/report.json", "/tmp/report.json", id="an absolute path is where it says"),
        pytest.param("", None, id="none"),
    ],
)
def test_the_path_of_a_report(report, found):
    runner = Runner.read({**RUNNER, "GITHUB_WORKSPACE": "/work space/shop", "REVIEWBOT_REPORT": report})
    assert runner.report == (found and Path(found))


def test_the_run_has_a_number_and_an_attempt():
    runner = Runner.read({**RUNNER, "GITHUB_RUN_ID": "9021", "GITHUB_RUN_ATTEMPT": "2"})
    assert (runner.run_id, runner.run_attempt) == ("9021", "2")
    assert (Runner.read(RUNNER).run_id, Runner.read(RUNNER).run_attempt) == ("", "")


@pytest.mark.parametrize("name", ["GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"])
def test_a_number_that_is_none_is_refused(name):
    with pytest.raises(UsageError, match=f"{name} is .*must be a number"):
        Runner.read({**RUNNER, name: "7 head=0123"})
