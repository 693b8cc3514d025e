"""What can go wrong at a vendor, at every vendor, in a review with one seat in trouble, two well and one standing by."""

import asyncio
import json
import re
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from model_servers import _WRITTEN
from scripted import EMPTY

from reviewbot import app, config, git, seating
from reviewbot.environment import Environment
from reviewbot.prompts import Templates
from reviewbot.sanitize import Sanitizer

PATCH = b"""\
diff --git a/app/auth/login.py b/app/auth/login.py
new file mode 100644
--- /dev/null
+++ b/app/auth/login.py
@@ -0,0 +1,2 @@
+def login(name):
+    return check(name)
"""
PATH = "app/auth/login.py"

#: The model in trouble, by provider.
MODELS = {
    "anthropic": "anthropic/claude-sonnet-5-5",
    "openai": "openai/gpt-6.1-sol",
    "google": "google/gemini-3.8-flash",
    "deepseek": "deepseek/deepseek-flash",
    "ollama": "ollama/qwen3-coder:30b",
    "bedrock": "bedrock/us.amazon.nova-pro-v1:0",
    "gateway": "gateway/meta-llama/llama-4-maverick",
}
WELL = ("well/mistral/devstral-2", "well/x-ai/grok-4")
STANDBY = "well/z-ai/glm-5.3"

CONFIG = """
panel: [{model}, {well[0]}, {well[1]}]
standby: [{standby}]
providers:
  gateway: {{base_url: "{url}/gateway/v1"}}
  well: {{base_url: "{url}/well/v1"}}
budget: {{seconds: {seconds}, call_seconds: {call_seconds}}}
"""


@dataclass(frozen=True)
class Fault:
    """What a server does with one request. `body` may differ by provider; with `text` it is an answer that holds that text."""

    name: str
    status: int = 200
    text: str | None = None
    end: str = "ended"
    headers: dict = field(default_factory=dict)
    bodies: dict = field(default_factory=dict)
    statuses: dict = field(default_factory=dict)
    silent: bool = False
    hangs_up: bool = False
    stops_midway: bool = False


def said(message, **more):
    return {"error": {"message": message, **more}, "message": message}


QUOTA = {
    "anthropic": said("spend limit", details={"error_code": "enforced_spend_limit_reached"}),
    "google": said("quota", details=[{"violations": [{"quotaId": "GenerateRequestsPerDayPerProject"}]}]),
}
WHOLE = json.dumps({**EMPTY, "read": [PATH]})
FAULTS = (
    Fault("429 with Retry-After", 429, headers={"retry-after": "1"}),
    Fault("429 with a long Retry-After", 429, headers={"retry-after": "3600"}),
    Fault("429 without Retry-After", 429),
    Fault(
        "429, out of quota",
        429,
        bodies={"": said("no credit", code="insufficient_quota"), **QUOTA},
        statuses={"deepseek": 402, "gateway": 402},
    ),
    Fault("500", 500),
    Fault("529", 529),
    Fault("401", 401, statuses={"bedrock": 403}),
    Fault("hang", silent=True),
    Fault("reset", hangs_up=True),
    Fault("cut stream", text=WHOLE, stops_midway=True),
    Fault("truncated", text=WHOLE[: len(WHOLE) // 2], end="cut"),
    Fault("refusal", text="", end="refused"),
    Fault("garbage", text="Looks good to me!"),
    Fault("wrong keys", text=json.dumps({"answer": "yes"})),
    Fault("blank", text=" \n "),
)


def chat(text, end, tokens):
    reason = {"ended": "stop", "cut": "length", "refused": "content_filter"}[end]
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": tokens, "completion_tokens": 100, "total_tokens": tokens + 100}
    return {"choices": [{"index": 0, "message": message, "finish_reason": reason}], "usage": usage}


def converse(text, end, tokens):
    reason = {"ended": "end_turn", "cut": "max_tokens", "refused": "content_filtered"}[end]
    usage = {"inputTokens": tokens, "outputTokens": 100, "totalTokens": tokens + 100}
    message = {"role": "assistant", "content": [{"text": text}]}
    return {"output": {"message": message}, "stopReason": reason, "usage": usage}


def written(provider, text, end, tokens):
    match provider:
        case "anthropic" | "openai" | "google":
            vendor = {"anthropic": "claude", "openai": "gpt", "google": "gemini"}[provider]
            return _WRITTEN[vendor](text, end)
        case "bedrock":
            return converse(text, end, tokens)
        case _:
            return chat(text, end, tokens)


@dataclass
class Trial:
    """One review: which fault at which provider, in how many requests (None is all). Counts them as they come.

    Unless told otherwise the other seats are well, and a standby too.
    """

    provider: str
    fault: Fault | None = None
    times: int | None = None
    everywhere: bool = False
    seen: int = 0

    def meets(self, provider):
        """The fault this request meets, if any."""
        if provider != self.provider and not self.everywhere:
            return None
        self.seen += 1
        return self.fault if self.times is None or self.seen <= self.times else None


class Server:
    """All APIs at once; the first part of a path is the number of a trial, the second the provider."""

    def __init__(self):
        self.trials = []
        self.url = ""
        self._over = asyncio.Event()
        self._open = {}

    def add(self, trial):
        """The address at which this trial happens."""
        self.trials.append(trial)
        return f"{self.url}/{len(self.trials) - 1}"

    async def handle(self, reader, writer):
        self._open[asyncio.current_task()] = writer
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
                if not await self._answer(head.split()[1].decode(), await reader.readexactly(length), writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            del self._open[asyncio.current_task()]
            writer.close()

    async def _answer(self, path, body, writer):
        """Whether the connection can go on."""
        number, provider = path.split("/")[1:3]
        fault = self.trials[int(number)].meets(provider) or Fault("none", text=WHOLE)
        if fault.silent:
            await self._over.wait()
        if fault.silent or fault.hangs_up:
            return False
        tokens = len(body) // 3
        if fault.text is None:
            answer = fault.bodies.get(provider) or fault.bodies.get("") or said("the service says no")
        else:
            answer = written(provider, fault.text, fault.end, tokens)
        data = json.dumps(answer).encode()
        headers = {"content-type": "application/json", **fault.headers, "content-length": str(len(data))}
        status = fault.statuses.get(provider, fault.status)
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        writer.write(data[: len(data) // 2] if fault.stops_midway else data)
        await writer.drain()
        return not fault.stops_midway

    async def stop(self):
        self._over.set()
        for writer in self._open.values():
            writer.close()
        await asyncio.gather(*self._open)


@asynccontextmanager
async def serving():
    server = Server()
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        await server.stop()


def environ(url):
    """Variables for every provider."""
    return {
        "ANTHROPIC_API_KEY": "not-a-real-key",
        "OPENAI_API_KEY": "not-a-real-key",
        "GEMINI_API_KEY": "not-a-real-key",
        "DEEPSEEK_API_KEY": "not-a-real-key",
        "AWS_ACCESS_KEY_ID": "NOTAREALKEYID",
        "AWS_SECRET_ACCESS_KEY": "not-a-real-secret-key",
        "AWS_REGION": "us-east-1",
        "ANTHROPIC_BASE_URL": f"{url}/anthropic",
        "OPENAI_BASE_URL": f"{url}/openai/v1",
        "GOOGLE_GEMINI_BASE_URL": f"{url}/google",
        "DEEPSEEK_BASE_URL": f"{url}/deepseek",
        "OLLAMA_BASE_URL": f"{url}/ollama/v1",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": f"{url}/bedrock",
    }


@dataclass(frozen=True)
class Outcome:
    """What came of a trial: by whom the seat in trouble was taken, the requests made, and the gate."""

    answered_by: str  # "itself", "standby" or "nobody"
    calls: int
    gate: str
    seconds: float
    failures: tuple[str, ...]


async def reviewed(settings, variables):
    """A review of one critical file by whom configuration and environment say."""
    environment = Environment.read(variables)
    made = seating.plan(settings, environment)
    change, started = git.from_diff(PATCH, repo=None), time.monotonic()
    return await app.reviewed(
        change, settings, environment, made, Sanitizer(()), Templates(), started=started
    )


async def review(server, trial, *, call_seconds, seconds):
    """One review, within its limits."""
    url = server.add(trial)
    model = MODELS[trial.provider]
    text = CONFIG.format(
        model=model, well=WELL, standby=STANDBY, url=url, seconds=seconds, call_seconds=call_seconds
    )
    result = await reviewed(config.load(text, source="test"), environ(url))
    seat = result.panel[0]
    who = {model: "itself", STANDBY: "standby"}.get(seat.model, seat.model)
    return Outcome(
        answered_by="nobody" if seat.status == "unavailable" else who,
        calls=result.total.calls,
        gate=str(result.decision.status),
        seconds=result.seconds,
        failures=tuple(warning for warning in result.warnings if warning.startswith(model)),
    )
