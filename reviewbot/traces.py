"""One OpenTelemetry trace for a run: a span for each stage and each call, with names of the GenAI conventions.

It is sent where `OTEL_EXPORTER_OTLP_ENDPOINT` says, and nowhere without it. Spans hold counts, names of models and
kinds of failure: no code, no prompt, no answer.
"""

from __future__ import annotations

import importlib.util
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reviewbot import __version__
from reviewbot.errors import UsageError
from reviewbot.events import Answered, Sent, Unanswered
from reviewbot.findings import State
from reviewbot.review import Review

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, Tracer

#: Names of providers in the conventions, where they differ from ours.
_PROVIDERS = {"google": "gcp.gemini", "bedrock": "aws.bedrock"}


@contextmanager
def tracing(
    exporter: SpanExporter | None = None, *, clock: Callable[[], int] = time.time_ns
) -> Iterator[Traced]:
    """A trace of what is told inside, sent at its end. `clock` gives nanoseconds since 1970.

    Without `exporter` it goes by OTLP over HTTP where the environment says. Raises UsageError if it cannot.
    """
    if importlib.util.find_spec("opentelemetry.exporter") is None:
        raise UsageError(
            "traces need more packages; install reviewbot[otel], or unset OTEL_EXPORTER_OTLP_ENDPOINT"
        )
    # Not at the top: they are an extra, and take a third of a second.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - see above
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - see above
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - see above
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - see above

    resource = Resource.create({"service.name": "reviewbot", "service.version": __version__})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
    traced = Traced(provider.get_tracer("reviewbot", __version__), clock)
    try:
        yield traced
    finally:
        traced.end()
        provider.shutdown()


class Traced:
    """Listens to a run and makes spans of what it hears."""

    def __init__(self, tracer: Tracer, clock: Callable[[], int]) -> None:
        """The root span opens at once."""
        self._tracer = tracer
        self._clock = clock
        self._root = tracer.start_span("reviewbot review", start_time=clock())
        self._stages: dict[str, Span] = {}
        self._calls: dict[int, Span] = {}
        self._ends: dict[str, int] = {}  # when the last call of a stage ended
        self._stage_of: dict[int, str] = {}

    def __call__(self, happened: object) -> None:
        """Note one value of the run; `events` says which there are."""
        match happened:
            case Sent():
                self._sent(happened)
            case Answered(call, _, completion, cost):
                usage = completion.usage
                span = self._calls.pop(call)
                span.set_attributes(
                    {
                        "gen_ai.usage.input_tokens": usage.input_tokens,
                        "gen_ai.usage.output_tokens": usage.output_tokens,
                        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
                        "gen_ai.response.finish_reasons": (str(completion.stop),),
                        "reviewbot.cost_usd": "unknown" if cost is None else str(cost),
                    }
                )
                self._ended(call, span)
            case Unanswered(call, _, failure):
                span = self._calls.pop(call)
                self._fail(span, str(failure.kind))
                self._ended(call, span)
            case Review():
                self._reviewed(happened)

    def end(self) -> None:
        """Close what is open: stages end with their last call."""
        for call, span in list(self._calls.items()):
            self._fail(span, "the run ended first")
            self._ended(call, span)
        for stage, span in self._stages.items():
            span.end(self._ends.get(stage, self._clock()))
        self._root.end(self._clock())

    def _sent(self, sent: Sent) -> None:
        from opentelemetry.trace import SpanKind, set_span_in_context  # noqa: PLC0415 - see `tracing`

        stage, now = str(sent.prompt.question.stage), self._clock()
        if stage not in self._stages:
            above = set_span_in_context(self._root)
            self._stages[stage] = self._tracer.start_span(stage, above, start_time=now)
        self._stage_of[sent.call] = stage
        self._calls[sent.call] = self._tracer.start_span(
            f"chat {sent.spec.id}",
            set_span_in_context(self._stages[stage]),
            kind=SpanKind.CLIENT,
            start_time=now,
            attributes={
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": _PROVIDERS.get(sent.spec.provider, sent.spec.provider),
                "gen_ai.request.model": sent.spec.id,
                "reviewbot.family": sent.spec.family,
                "reviewbot.files": len(sent.prompt.question.subjects),
                "reviewbot.claims": len(sent.prompt.question.claims),
                "reviewbot.repair": bool(sent.prompt.question.error),
            },
        )

    def _ended(self, call: int, span: Span) -> None:
        now = self._clock()
        span.end(now)
        self._ends[self._stage_of[call]] = now

    def _fail(self, span: Span, kind: str) -> None:
        from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415 - see `tracing`

        span.set_attribute("error.type", kind)
        span.set_status(Status(StatusCode.ERROR, kind))

    def _reviewed(self, review: Review) -> None:
        states = [verdict.state for verdict in review.verdicts]
        self._root.set_attributes(
            {
                "reviewbot.gate": str(review.decision.status),
                "reviewbot.files": len(review.files),
                "reviewbot.files.covered": sum(file.covered for file in review.files),
                **{f"reviewbot.findings.{state}": states.count(state) for state in State},
            }
        )
