"""Completions as OpenAI's API writes them: whole, and in the chunks of a stream."""

import json
from collections.abc import Iterator
from typing import Any

from .asking import Request
from .replies import Reply, ToolCall, pieces_of, tokens

CREATED = 1_767_225_600
"""When every completion was made, so that the same script gives the same bytes."""

DONE = b"data: [DONE]\n\n"

Json = dict[str, Any]


def completion(request: Request, reply: Reply) -> Json:
    message: Json = {"role": "assistant", "content": reply.text, "refusal": reply.refusal}
    if not reply.text and (reply.refusal or reply.tool_calls):
        message["content"] = None
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if reply.tool_calls:
        message["tool_calls"] = [_call(request, place, call) for place, call in enumerate(reply.tool_calls)]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish_reason}
    return {**_head(request, "chat.completion"), "choices": [choice], "usage": usage(request, reply)}


def first_chunk(request: Request, reply: Reply) -> Json:
    """It tells the role, before any piece."""
    content = "" if reply.refusal is None and (reply.text or not reply.tool_calls) else None
    return _chunk(request, {"role": "assistant", "content": content, "refusal": None})


def piece_chunk(request: Request, reply: Reply, piece: str) -> Json:
    return _chunk(request, {"refusal" if reply.refusal else "content": piece})


def reasoning_chunks(request: Request, reply: Reply) -> Iterator[Json]:
    for piece in pieces_of(reply.reasoning):
        yield _chunk(request, {"reasoning_content": piece})


def call_chunks(request: Request, reply: Reply) -> Iterator[Json]:
    """Each call: its name, then its arguments in pieces."""
    for place, call in enumerate(reply.tool_calls):
        begun = {"index": place, **_call(request, place, ToolCall(call.name, ""))}
        yield _chunk(request, {"tool_calls": [begun]})
        for piece in pieces_of(call.arguments):
            yield _chunk(request, {"tool_calls": [{"index": place, "function": {"arguments": piece}}]})


def last_chunks(request: Request, reply: Reply) -> Iterator[Json]:
    """Why it ends, and the usage where it is wanted."""
    yield _chunk(request, {}, reply.finish_reason)
    if request.wants_usage:
        yield {**_chunk(request, {}), "choices": [], "usage": usage(request, reply)}


def empty_chunk(request: Request) -> Json:
    return {**_chunk(request, {}), "choices": []}


def usage(request: Request, reply: Reply) -> Json:
    prompt, answer = prompt_tokens(request), reply.tokens
    return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}


def prompt_tokens(request: Request) -> int:
    return tokens(message.content for message in request.messages)


def models(model: str) -> Json:
    listed = {"id": model, "object": "model", "created": CREATED, "owned_by": "tests"}
    return {"object": "list", "data": [listed]}


def event(data: Json) -> bytes:
    """One event of a stream."""
    return b"data: " + encoded(data) + b"\n\n"


def encoded(data: Json) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


def _chunk(request: Request, delta: Json, finish_reason: str | None = None) -> Json:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    chunk = {**_head(request, "chat.completion.chunk"), "choices": [choice]}
    return {**chunk, "usage": None} if request.wants_usage else chunk


def _head(request: Request, kind: str) -> Json:
    return {"id": f"chatcmpl-{request.number + 1}", "object": kind, "created": CREATED, "model": request.model}


def _call(request: Request, place: int, call: ToolCall) -> Json:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": f"call_{request.number + 1}_{place + 1}", "type": "function", "function": function}
