"""Requests as the vendors' own SDKs describe them: the strictest description there is of each API."""

from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from anthropic.types.messages.batch_create_params import BatchCreateParams as AnthropicBatch
from google.genai import types
from openai.types.batch_create_params import BatchCreateParams as OpenAIBatch
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from pydantic import BaseModel, ConfigDict, TypeAdapter


class GoogleBody(BaseModel):
    contents: list[types.Content]
    systemInstruction: types.Content  # noqa: N815 - as it is sent
    generationConfig: types.GenerationConfig  # noqa: N815 - likewise


class OpenAILine(BaseModel):
    """A line of a batch's input file, as the guide to the Batch API has it; the SDK has no type for it."""

    model_config = ConfigDict(extra="forbid")

    custom_id: str
    method: str
    url: str
    body: dict


#: By vendor: one request, and what starts a batch of them. Google's has types for its parts alone.
BODIES = {
    "anthropic": TypeAdapter(MessageCreateParamsNonStreaming),
    "openai": TypeAdapter(ResponseCreateParamsNonStreaming),
    "google": TypeAdapter(GoogleBody),
}
BATCHES = {"anthropic": TypeAdapter(AnthropicBatch), "openai": TypeAdapter(OpenAIBatch)}
