"""A run as a trace, sent to a receiver that speaks OTLP."""

import asyncio
import gzip
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from scripted import DOWN, Scripted, asker, change, concluded, file, finding, finds, panel, votes

from reviewbot import pipeline
from reviewbot.consensus import Mode, Quorum
from reviewbot.findings import Severity
from reviewbot.rules import Rules
from reviewbot.traces import tracing
from reviewbot.triage import Tier, Triaged

RULES = Rules(Quorum(2, 2), Mode.LAZY, proposers_flagged=2, proposers_critical=3, block_at=Severity.HIGH)


@pytest.fixture
def receiver(monkeypatch):
    """Where OTLP goes; the spans that came."""
    spans = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            assert self.path == "/v1/traces"
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    spans.extend(scope.spans)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        yield spans
        server.shutdown()
        thread.join()


@pytest.fixture
def traced(receiver):
    """The spans of a review by three models, one of which is down; by name, with their attributes."""
    made = change(file("auth/login.py"), file("src/page.py"))
    triaged = [Triaged(f, t, "") for f, t in zip(made.files, (Tier.CRITICAL, Tier.NORMAL), strict=True)]
    models = (
        Scripted("a/one", review=finds(finding(body="the body of a finding"))),
        Scripted("b/two", review=DOWN, vote=DOWN),
        Scripted("c/three", vote=votes("confirm")),
    )
    with tracing() as tell:

        async def gathered():
            return await pipeline.gather(made, triaged, panel(*models), RULES, asker(tell=tell), tell)

        tell(concluded(asyncio.run(gathered()), RULES))
    return receiver


def attributes(span):
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in span.attributes}


def test_there_is_one_trace_with_a_span_for_the_run_each_stage_and_each_call(traced):
    assert len({span.trace_id for span in traced}) == 1
    by_id = {span.span_id: span for span in traced}
    above = {span.name: by_id[span.parent_span_id].name for span in traced if span.parent_span_id}
    assert {name for name in above if not name.startswith("chat ")} == {"scan", "review", "vote"}
    assert {above[name] for name in ("scan", "review", "vote")} == {"reviewbot review"}
    assert {above[name] for name in above if name.startswith("chat ")} == {"scan", "review", "vote"}


def test_a_call_has_the_names_of_the_genai_conventions(traced):
    call = next(span for span in traced if span.name == "chat three")
    said = attributes(call)
    assert said["gen_ai.operation.name"] == "chat"
    assert said["gen_ai.provider.name"] == "c"
    assert said["gen_ai.request.model"] == "three"
    assert said["gen_ai.usage.input_tokens"] >= 0
    assert Decimal(said["reviewbot.cost_usd"]) == Decimal("0.01")


def test_a_call_that_failed_says_of_what_kind(traced):
    calls = [span for span in traced if span.name == "chat two"]
    assert calls
    assert {attributes(span)["error.type"] for span in calls} == {"server error"}


def test_the_run_says_how_it_ended(traced):
    root = next(span for span in traced if not span.parent_span_id)
    assert attributes(root)["reviewbot.gate"] == "blocked"
    assert attributes(root)["reviewbot.findings.confirmed"] == 1


def test_no_span_holds_a_word_of_the_change_or_of_a_model(traced):
    text = "".join(map(str, traced))
    for word in ("the body of a finding", "auth/login.py", "page.py"):
        assert word not in text


def test_a_run_that_is_interrupted_still_sends_its_trace(receiver):
    with pytest.raises(KeyboardInterrupt), tracing():
        raise KeyboardInterrupt
    assert [span.name for span in receiver] == ["reviewbot review"]
