"""Everything the process environment says, read once and checked."""

from __future__ import annotations

import math
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewbot import endpoints
from reviewbot.endpoints import SECRET_NAME, Aws
from reviewbot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

#: Variables that hold a provider's key; the first that is set counts.
KEY_VARIABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "anthropic": ("ANTHROPIC_API_KEY",),
        "openai": ("OPENAI_API_KEY",),
        "google": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        "deepseek": ("DEEPSEEK_API_KEY",),
    }
)

URL_VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "anthropic": "ANTHROPIC_BASE_URL",
        "openai": "OPENAI_BASE_URL",
        "google": "GOOGLE_GEMINI_BASE_URL",
        "deepseek": "DEEPSEEK_BASE_URL",
        "ollama": "OLLAMA_BASE_URL",
        "bedrock": "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    }
)

#: Shorter values of variables that are not known to hold a key may be words, which redacting would take out of every text.
_SHORTEST_UNKNOWN = 16

#: Credentials of AWS that stand in the environment itself.
AWS_VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_BEARER_TOKEN_BEDROCK",
)
#: Variables that say where else they are.
_AWS_ELSEWHERE = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
#: The one token that is read later, by botocore, whenever it fetches credentials of a container.
_AWS_CONTAINER_TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105 - a name

#: The vendors' SDKs read headers, projects and addresses from variables that begin so; only what is above counts.
_OF_SDKS = ("ANTHROPIC_", "OPENAI_", "GEMINI_", "GOOGLE_")

#: Variables that hold a token for GitHub; the first that is set counts.
TOKEN_VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN")

#: Where GitHub is, unless the runner says otherwise, as those of a GitHub Enterprise Server do.
API_URL = "https://api.github.com"


#: Where traces go; the OpenTelemetry SDK reads it, and the variables beside it, itself.
TRACES_VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"


@dataclass(frozen=True, slots=True)
class Hub:
    """Where GitHub is, and the token for it, "" where none is set."""

    token: str = field(default="", repr=False)
    api_url: str = API_URL
    graphql_url: str = ""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Hub:
        """Raises UsageError as `Environment.read` does."""
        return cls(
            token=_key(environ, TOKEN_VARIABLES),
            api_url=_url(environ, "GITHUB_API_URL") or API_URL,
            graphql_url=_url(environ, "GITHUB_GRAPHQL_URL"),
        )


@dataclass(frozen=True, slots=True)
class Environment:
    """What was set. Mappings are by provider and lack those that are not set; times are in seconds, None if unset.

    `secrets` is by variable: every one whose name says that it holds a key or a token.
    """

    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    base_urls: Mapping[str, str] = field(default_factory=dict)
    aws: Aws = field(default_factory=Aws)
    hub: Hub = field(default_factory=Hub)
    call_seconds: float | None = None
    total_seconds: float | None = None
    no_color: bool = False
    traced: bool = False  # whether there is somewhere to send traces
    cache_dir: Path | None = None  # REVIEWBOT_CACHE_DIR
    user_cache: Path | None = None  # where this system keeps what programs could make again
    index_file: Path | None = None  # where git keeps the index during `git commit FILE`, for hooks

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Environment:
        """Blank counts as unset. Raises UsageError naming a variable that cannot be used, never a key's value."""
        keys = {provider: _key(environ, names) for provider, names in KEY_VARIABLES.items()}
        urls = {provider: _url(environ, name) for provider, name in URL_VARIABLES.items()}
        return cls(
            keys=MappingProxyType({provider: key for provider, key in keys.items() if key}),
            secrets=MappingProxyType(_secrets(environ)),
            base_urls=MappingProxyType({provider: url for provider, url in urls.items() if url}),
            aws=_aws(environ),
            hub=Hub.read(environ),
            call_seconds=_seconds(environ, "REVIEWBOT_CALL_SECONDS"),
            total_seconds=_seconds(environ, "REVIEWBOT_TOTAL_SECONDS"),
            no_color=bool(_text(environ, "NO_COLOR")),
            traced=bool(_text(environ, TRACES_VARIABLE)),
            cache_dir=Path(folder) if (folder := _text(environ, "REVIEWBOT_CACHE_DIR")) else None,
            user_cache=_user_cache(environ),
            index_file=Path(index) if (index := _text(environ, "GIT_INDEX_FILE")) else None,
        )

    def key(self, variable: str) -> str:
        """The key in the variable that a configuration names, "" if it is not set. Raises UsageError as `read` does."""
        return _key(self.secrets, (variable,))

    def keyless(self) -> Environment:
        """The same without the keys of models."""
        return replace(self, keys=MappingProxyType({}), secrets=MappingProxyType({}), aws=Aws())

    @property
    def redacted(self) -> tuple[str, ...]:
        """What no output may show."""
        aws = (self.aws.key_id, self.aws.secret_key, self.aws.session_token, self.aws.bearer)
        return (*self.keys.values(), *filter(None, (*aws, self.hub.token)), *_unshown(self.secrets))


@dataclass(frozen=True, slots=True)
class Runner:
    """What the runner of GitHub Actions and the inputs of the action say. Paths are None where none was given."""

    event: str
    payload: Path | None
    repository: str
    output: Path | None = None
    summary: Path | None = None
    temp: Path = Path()
    mode: str = "all"
    gate: str = ""
    config: str = ""
    report: Path | None = None
    shard: str = ""  # for mode review, I/N
    shards: str = ""  # for mode plan, digits
    run_id: str = ""  # digits, as the attempt; "" where the runner does not say
    run_attempt: str = ""
    folds: bool = False  # whether its log has folds

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Runner:
        """Raises UsageError where a variable that every runner sets is missing, or an input is none we know."""

        def path(name: str) -> Path | None:
            return Path(text) if (text := _text(environ, name)) else None

        report = path("REVIEWBOT_REPORT")
        event, repository = _text(environ, "GITHUB_EVENT_NAME"), _text(environ, "GITHUB_REPOSITORY")
        if not event or not repository:
            raise UsageError(
                "`reviewbot action` runs inside GitHub Actions; on the command line use `reviewbot review`"
            )
        mode = _choice(environ, "REVIEWBOT_MODE", ("all", "review", "post", "plan", "close"))
        if mode != "review" and _text(environ, "REVIEWBOT_SHARD"):
            raise UsageError(f"`shard` is for mode review, which only writes a report; the mode is {mode}")
        return cls(
            event=event,
            payload=path("GITHUB_EVENT_PATH"),
            repository=repository,
            output=path("GITHUB_OUTPUT"),
            summary=path("GITHUB_STEP_SUMMARY"),
            temp=path("RUNNER_TEMP") or Path(tempfile.gettempdir()),
            mode=mode,
            gate=_choice(environ, "REVIEWBOT_GATE", ("", "enforce", "report", "off")),
            config=_text(environ, "REVIEWBOT_CONFIG"),
            # We run in another folder; who writes a relative path means the workspace, as other actions do.
            report=(path("GITHUB_WORKSPACE") or Path()) / report if report else None,
            shard=_text(environ, "REVIEWBOT_SHARD"),
            shards=_number(environ, "REVIEWBOT_SHARDS"),
            run_id=_number(environ, "GITHUB_RUN_ID"),
            run_attempt=_number(environ, "GITHUB_RUN_ATTEMPT"),
            folds=_text(environ, "GITHUB_ACTIONS") == "true",
        )


def redacted(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What no log may show, whether or not the environment can be used."""
    return _unshown(_secrets(environ))


def _secrets(environ: Mapping[str, str]) -> dict[str, str]:
    names = (name for name in environ if SECRET_NAME.fullmatch(name) or name in AWS_VARIABLES)
    return {name: text for name in names if (text := _text(environ, name))}


def _unshown(secrets: Mapping[str, str]) -> tuple[str, ...]:
    known = {*(name for names in KEY_VARIABLES.values() for name in names), *TOKEN_VARIABLES, *AWS_VARIABLES}
    return tuple(text for name, text in secrets.items() if name in known or len(text) >= _SHORTEST_UNKNOWN)


def without_keys(environ: MutableMapping[str, str]) -> None:
    """Take out of `environ` what no program started later should inherit, and what would change requests behind our back."""
    for name in list(environ):
        secret = name in AWS_VARIABLES or (SECRET_NAME.fullmatch(name) and name != _AWS_CONTAINER_TOKEN)
        if secret or name.startswith(_OF_SDKS):
            del environ[name]


def _aws(environ: Mapping[str, str]) -> Aws:
    key_id, secret_key, session_token, bearer = (_text(environ, name) for name in AWS_VARIABLES)
    folder = Path(_text(environ, "HOME") or _text(environ, "USERPROFILE"), ".aws")
    files = any((folder / name).is_file() for name in ("credentials", "config"))
    return Aws(
        key_id=key_id,
        secret_key=secret_key,
        session_token=session_token,
        bearer=bearer,
        region=_text(environ, "AWS_REGION") or _text(environ, "AWS_DEFAULT_REGION"),
        elsewhere=files or any(_text(environ, name) for name in _AWS_ELSEWHERE),
    )


def _text(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, "").strip()


def _number(environ: Mapping[str, str], name: str) -> str:
    value = _text(environ, name)
    if value and not (value.isascii() and value.isdecimal() and len(value) <= 20):
        raise UsageError(f"{name} is {value[:40]!r}; it must be a number")
    return value


def _choice(environ: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = _text(environ, name) or allowed[0]
    if value not in allowed:
        raise UsageError(f"{name} is {value[:40]!r}; use one of {', '.join(filter(None, allowed))}")
    return value


def _key(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    for name in names:
        key = _text(environ, name)
        # Anything else cannot go into an HTTP header; the client would fail late, with the key in its message.
        if not (key.isascii() and key.isprintable() and " " not in key):
            raise UsageError(f"{name} holds blanks, line breaks or other characters no key has; set it again")
        if key:
            return key
    return ""


def _url(environ: Mapping[str, str], name: str) -> str:
    """The URL without a slash at its end. One that may hold a password is not repeated in the message."""
    url = _text(environ, name)
    if url and not endpoints.usable(url):
        raise UsageError(f"{name} {endpoints.WANTED}")
    return url.rstrip("/")


def _user_cache(environ: Mapping[str, str]) -> Path | None:
    """As the XDG base directory specification, Apple and Microsoft have it; None where there is no home."""
    if sys.platform == "win32":
        home, below = _text(environ, "LOCALAPPDATA"), ""
    elif sys.platform == "darwin":
        home, below = _text(environ, "HOME"), "Library/Caches"
    elif xdg := _text(environ, "XDG_CACHE_HOME"):
        home, below = xdg, ""
    else:
        home, below = _text(environ, "HOME"), ".cache"
    return Path(home, below) if Path(home).is_absolute() else None


def _seconds(environ: Mapping[str, str], name: str) -> float | None:
    text = _text(environ, name)
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise UsageError(f"{name} is {text[:40]!r}; it must be a number of seconds greater than 0")
    return seconds
