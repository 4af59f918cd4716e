"""A strict, scripted model behind OpenAI's chat completions, on loopback HTTP.

    async with LlmServer() as llm:                 # or `with`, in a test without an event loop
        llm.say("The lamp was lit in 1871. [1]")
        llm.fail(RateLimited(retry_after=1))       # what comes first
        answer = await ask(llm.url, llm.key, llm.model, "When was the lamp lit?")
        request = await llm.next_request()         # or llm.next_request().wait()
        assert "The lamp" in request.text
        assert not llm.violations

It runs in a thread of its own, so that a client may block the test's. It says what it was told to, whole or as a
stream, refuses what OpenAI refuses in OpenAI's words, and notes those mistakes of the client as violations. A token is
a word.

A stream that a test leads step by step waits at a gate:

        gate = Gate()
        llm.say(Reply("One two three.", gate=gate))
        gate.send(2)
        await gate.sent(2)
        gate.release()
"""

from .asking import Message, Request
from .faults import (
    BrokenJson,
    CutStream,
    EmptyChoices,
    ErrorInStream,
    Failure,
    Fault,
    HtmlError,
    MurmurAfter,
    RateLimited,
    Refused,
    ServerError,
    Stall,
    StallAfter,
    WrongShape,
)
from .holds import Gate
from .replies import Ending, Reply, ToolCall
from .server import LlmServer
from .waiting import Waiting

__all__ = [
    "BrokenJson",
    "CutStream",
    "EmptyChoices",
    "Ending",
    "ErrorInStream",
    "Failure",
    "Fault",
    "Gate",
    "HtmlError",
    "LlmServer",
    "Message",
    "MurmurAfter",
    "RateLimited",
    "Refused",
    "Reply",
    "Request",
    "ServerError",
    "Stall",
    "StallAfter",
    "ToolCall",
    "Waiting",
    "WrongShape",
]
