"""The scripted model is as strict as OpenAI: driven by OpenAI's own client, and raw where that is kind."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessageParam

from tests.llm import (
    BrokenJson,
    CutStream,
    EmptyChoices,
    ErrorInStream,
    Failure,
    Fault,
    Gate,
    HtmlError,
    LlmServer,
    Message,
    RateLimited,
    Refused,
    Reply,
    Request,
    ServerError,
    Stall,
    StallAfter,
    ToolCall,
    WrongShape,
)

pytestmark = pytest.mark.timeout(60)

PROMPT: list[ChatCompletionMessageParam] = [
    {"role": "system", "content": "Answer from the passages."},
    {"role": "user", "content": "When was the lamp lit?"},
]
TOOL = {"type": "function", "function": {"name": "cite", "parameters": {"type": "object"}}}
LIT = "The lamp was lit in 1871. [1]"
LONG = "long" * 8_000_000  # more than a connection takes before its other end reads
BRIEF_SECONDS = 0.2  # for what never comes


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    with LlmServer() as server:
        yield server


@pytest.fixture
def client(llm: LlmServer) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=llm.url, api_key=llm.key, max_retries=0) as client:
        yield client


@pytest.fixture
async def waiter(llm: LlmServer) -> AsyncIterator[openai.AsyncOpenAI]:
    """A client in the test's own event loop."""
    async with openai.AsyncOpenAI(base_url=llm.url, api_key=llm.key, max_retries=0) as client:
        yield client


def ask(client: openai.OpenAI, model: str = "scripted-1", **more: Any) -> ChatCompletion:
    completion = client.chat.completions.create(model=model, messages=PROMPT, **more)
    assert isinstance(completion, ChatCompletion)
    return completion


def stream(client: openai.OpenAI, **more: Any) -> openai.Stream[ChatCompletionChunk]:
    chunks = client.chat.completions.create(model="scripted-1", messages=PROMPT, stream=True, **more)
    assert isinstance(chunks, openai.Stream)
    return chunks


def said(chunks: Iterator[ChatCompletionChunk]) -> list[str]:
    """The pieces of a stream that bring something."""
    deltas = (choice.delta.content for chunk in chunks for choice in chunk.choices)
    return [delta for delta in deltas if delta]


def body(**changes: Any) -> dict[str, Any]:
    """A good request, but for the changes."""
    return {"model": "scripted-1", "messages": PROMPT, **changes}


def post(llm: LlmServer, given: Any = None, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {llm.key}"}
    return httpx.post(f"{llm.url}/chat/completions", **({"headers": headers, "json": given} | more))


def error_of(response: httpx.Response) -> dict[str, Any]:
    error = response.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    return dict(error)


# Replies


def test_it_says_what_it_is_told_to(llm: LlmServer, client: openai.OpenAI) -> None:
    llm.say(LIT)
    completion = ask(client, temperature=0)
    assert completion.object == "chat.completion"
    assert completion.model == llm.model
    [choice] = completion.choices
    assert (choice.message.role, choice.message.content, choice.finish_reason) == ("assistant", LIT, "stop")
    assert choice.message.refusal is None
    assert choice.message.tool_calls is None
    assert completion.usage is not None
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (9, 7)
    assert completion.usage.total_tokens == 16
    assert not llm.violations


def test_replies_come_in_their_order(llm: LlmServer, client: openai.OpenAI) -> None:
    llm.say("One.", times=2)
    llm.say("Two.")
    assert [ask(client).choices[0].message.content for _ in range(3)] == ["One.", "One.", "Two."]


def test_a_stream_is_the_same_in_pieces(llm: LlmServer, client: openai.OpenAI) -> None:
    llm.say(LIT)
    first, *pieces, last = list(stream(client))
    assert {chunk.object for chunk in (first, *pieces, last)} == {"chat.completion.chunk"}
    assert {chunk.id for chunk in (first, *pieces, last)} == {"chatcmpl-1"}
    assert (first.choices[0].delta.role, first.choices[0].delta.content) == ("assistant", "")
    assert said(iter(pieces)) == ["The", " lamp", " was", " lit", " in", " 1871.", " [1]"]
    assert (last.choices[0].delta.content, last.choices[0].finish_reason) == (None, "stop")
    assert all(chunk.choices[0].finish_reason is None for chunk in (first, *pieces))


def test_a_stream_tells_the_usage_where_it_is_wanted(llm: LlmServer, client: openai.OpenAI) -> None:
    llm.say(LIT)
    *chunks, last = list(stream(client, stream_options={"include_usage": True}))
    assert all(chunk.usage is None and chunk.choices for chunk in chunks)
    assert last.choices == []
    assert last.usage is not None
    assert (last.usage.prompt_tokens, last.usage.completion_tokens, last.usage.total_tokens) == (9, 7, 16)
    llm.say(LIT)
    assert list(stream(client, stream_options={"include_usage": False}))[-1].choices[0].finish_reason == "stop"


def test_a_stream_ends_with_done(llm: LlmServer) -> None:
    llm.say("Yes.\nNo.")
    response = post(llm, body(stream=True))
    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    *events, end, nothing = response.text.split("\n\n")
    assert (end, nothing) == ("data: [DONE]", "")
    assert [json.loads(event.removeprefix("data: "))["choices"][0]["delta"] for event in events] == [
        {"role": "assistant", "content": "", "refusal": None},
        {"content": "Yes."},
        {"content": "\nNo."},
        {},
    ]


def test_the_pieces_may_be_given(llm: LlmServer, client: openai.OpenAI) -> None:
    llm.say(Reply("Lit. [1]", pieces=("Li", "t. [", "1]")))
    assert said(stream(client)) == ["Li", "t. [", "1]"]
    with pytest.raises(ValueError, match="the pieces are not the text"):
        Reply("Lit. [1]", pieces=("Li", "t."))


@pytest.mark.parametrize("text", ["", " ", "one", " one  two\n\nthree ", "Лампу зажгли.\n"])
def test_pieces_are_the_whole_text(llm: LlmServer, client: openai.OpenAI, text: str) -> None:
    llm.say(text, times=2)
    assert "".join(said(stream(client))) == text
    assert ask(client).choices[0].message.content == text


@pytest.mark.parametrize("ending", ["length", "content_filter"])
def test_a_reply_may_end_otherwise(llm: LlmServer, client: openai.OpenAI, ending: Any) -> None:
    llm.say(Reply("The lamp was", ending=ending), times=2)
    assert ask(client, max_tokens=3).choices[0].finish_reason == ending
    assert list(stream(client))[-1].choices[0].finish_reason == ending


def test_a_model_may_refuse(llm: LlmServer, client: openai.OpenAI) -> None:
    llm.say(Reply(refusal="I can't help."), times=2)
    [choice] = ask(client).choices
    assert (choice.message.refusal, choice.message.content, choice.finish_reason) == ("I can't help.", None, "stop")
    chunks = list(stream(client))
    assert "".join(chunk.choices[0].delta.refusal or "" for chunk in chunks) == "I can't help."
    assert said(iter(chunks)) == []
    with pytest.raises(ValueError, match="says nothing else"):
        Reply(LIT, refusal="I can't help.")


def test_a_model_may_think_aloud_beside_what_it_says(llm: LlmServer, client: openai.OpenAI) -> None:
    llm.say(Reply(LIT, reasoning="Was it lit?"), times=2)
    [choice] = ask(client).choices
    assert (choice.message.content, choice.message.model_extra) == (LIT, {"reasoning_content": "Was it lit?"})
    chunks = list(stream(client))
    thought = [chunk.choices[0].delta.model_extra or {} for chunk in chunks if chunk.choices]
    assert "".join(each.get("reasoning_content", "") for each in thought) == "Was it lit?"


def test_a_model_may_call_tools(llm: LlmServer, client: openai.OpenAI) -> None:
    calls = (ToolCall("cite", '{"passage": 1}'), ToolCall("cite"))
    llm.say(Reply(tool_calls=calls), times=2)
    [choice] = ask(client, tools=[TOOL], tool_choice="auto").choices
    assert (choice.message.content, choice.finish_reason) == (None, "tool_calls")
    found = [call for call in choice.message.tool_calls or [] if call.type == "function"]
    assert [(call.function.name, call.function.arguments) for call in found] == [
        ("cite", '{"passage": 1}'),
        ("cite", "{}"),
    ]

    chunks = list(stream(client, tools=[TOOL]))
    assert chunks[-1].choices[0].finish_reason == "tool_calls"
    names, arguments = dict[int, str](), dict[int, str]()
    for part in (part for chunk in chunks for part in chunk.choices[0].delta.tool_calls or []):
        assert part.function
        names.setdefault(part.index, part.function.name or "")
        arguments[part.index] = arguments.get(part.index, "") + (part.function.arguments or "")
    assert (names, arguments) == ({0: "cite", 1: "cite"}, {0: '{"passage": 1}', 1: "{}"})


def test_a_call_of_a_tool_goes_back_with_its_result(llm: LlmServer, client: openai.OpenAI) -> None:
    llm.say(Reply(tool_calls=(ToolCall("cite"),)))
    llm.say("Done.")
    called = ask(client, tools=[TOOL]).choices[0].message
    assert called.tool_calls
    result = {"role": "tool", "tool_call_id": called.tool_calls[0].id, "content": "Passage 1."}
    messages = [*PROMPT, called.model_dump(include={"role", "content", "tool_calls"}), result]
    assert post(llm, body(messages=messages, tools=[TOOL])).status_code == 200
    assert not llm.violations


def test_a_function_may_answer_from_the_prompt(llm: LlmServer, client: openai.OpenAI) -> None:
    def last_word(request: Request) -> Reply | str:
        word = request.messages[-1].content.split()[-1]
        return word if request.stream else Reply(word, ending="length")

    llm.answer_by(last_word)
    llm.say("First what is queued.")
    assert ask(client).choices[0].message.content == "First what is queued."
    [choice] = ask(client).choices
    assert (choice.message.content, choice.finish_reason) == ("lit?", "length")
    assert said(stream(client)) == ["lit?"]


@pytest.mark.parametrize("fails", [pytest.fail, lambda text: [][0]])
def test_what_goes_wrong_in_the_function_is_raised_in_the_end(fails: Callable[[str], Any]) -> None:
    with pytest.raises((pytest.fail.Exception, IndexError)):  # noqa: PT012, SIM117
        with LlmServer() as llm:
            llm.answer_by(lambda request: str(fails("no passages")))
            assert post(llm, body()).status_code == 500
            assert not llm.violations


async def test_what_goes_wrong_in_the_function_never_hides_the_test_s_own_failure() -> None:
    with pytest.raises(RuntimeError, match="the test's own"):  # noqa: PT012
        async with LlmServer() as llm:
            llm.answer_by(lambda request: str(1 / 0))
            assert post(llm, body()).status_code == 500
            raise RuntimeError("the test's own")


def test_what_is_not_scripted_is_not_said(llm: LlmServer, client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="no reply for this request"):
        ask(client)
    assert llm.violations == ["POST /v1/chat/completions: The test has no reply for this request."]


# Strictness


def test_a_key_is_asked_for(llm: LlmServer) -> None:
    llm.say(LIT)
    with pytest.raises(openai.AuthenticationError) as raised:
        ask(openai.OpenAI(base_url=llm.url, api_key="sk-other", max_retries=0))
    assert raised.value.code == "invalid_api_key"
    missing = post(llm, body(), headers={})
    assert (missing.status_code, error_of(missing)["message"]) == (401, "You didn't provide an API key.")
    assert httpx.get(f"{llm.url}/models").status_code == 401
    assert len(llm.violations) == 3
    assert [request.status for request in llm.requests] == [401, 401]
    assert llm.unused == [repr(Reply(LIT))]


def test_no_key_is_asked_for_where_there_is_none() -> None:
    with LlmServer(key=None) as llm:
        llm.say(LIT)
        assert post(llm, body(), headers={}).status_code == 200


def test_other_models_are_not_there(llm: LlmServer, client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="The model `other` does not exist") as raised:
        ask(client, model="other")
    assert raised.value.code == "model_not_found"
    assert [model.id for model in client.models.list()] == [llm.model]


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"colour": "red"}, "colour", "unknown_parameter"),
        ({"messages": []}, "messages", "empty_array"),
        ({"messages": "Hello"}, "messages", "invalid_type"),
        ({"messages": ["Hello"]}, "messages[0]", "invalid_type"),
        ({"messages": [{"content": "x"}]}, "messages[0].role", "missing_required_parameter"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "missing_required_parameter"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "invalid_value"),
        ({"messages": [{"role": "user", "content": None}]}, "messages[0].content", "invalid_type"),
        ({"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "messages[0].content[0]", None),
        ({"messages": [{"role": "user", "content": "x", "age": 1}]}, "messages[0].age", "unknown_parameter"),
        ({"messages": [{"role": "assistant", "content": None}]}, "messages[0].content", "invalid_type"),
        ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "1"}]}, "messages[0].role", None),
        ({"model": 1}, "model", "invalid_type"),
        ({"stream": "yes"}, "stream", "invalid_type"),
        ({"stream_options": {"include_usage": True}}, "stream_options", None),
        ({"stream": True, "stream_options": {"usage": True}}, "stream_options.usage", "unknown_parameter"),
        ({"stream": True, "stream_options": {"include_usage": 1}}, "stream_options.include_usage", "invalid_type"),
        ({"temperature": "hot"}, "temperature", "invalid_type"),
        ({"temperature": True}, "temperature", "invalid_type"),
        ({"temperature": 2.1}, "temperature", "above_max_value"),
        ({"temperature": -1}, "temperature", "below_min_value"),
        ({"max_tokens": 0}, "max_tokens", "below_min_value"),
        ({"max_tokens": 1.5}, "max_tokens", "invalid_type"),
        ({"max_completion_tokens": "5"}, "max_completion_tokens", "invalid_type"),
        ({"max_tokens": 5, "max_completion_tokens": 5}, "max_tokens", "invalid_parameter_combination"),
        ({"n": 2}, "n", "above_max_value"),
        ({"stop": []}, "stop", "empty_array"),
        ({"response_format": "json"}, "response_format", "invalid_type"),
        ({"response_format": {"type": "xml"}}, "response_format.type", "invalid_value"),
        ({"response_format": {"type": "json_object"}}, "messages", None),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema", "missing_required_parameter"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a"}}},
            "response_format.json_schema.schema",
            "missing_required_parameter",
        ),
        ({"tools": []}, "tools", "empty_array"),
        ({"tools": [{"type": "function"}]}, "tools[0].function", "missing_required_parameter"),
        ({"tools": [{**TOOL, "type": "hammer"}]}, "tools[0].type", "invalid_value"),
        ({"tools": [TOOL], "tool_choice": "maybe"}, "tool_choice", "invalid_value"),
        ({"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "b"}}}, "tool_choice", None),
        ({"tool_choice": "auto"}, "tool_choice", None),
        ({"parallel_tool_calls": False}, "parallel_tool_calls", None),
    ],
    ids=str,
)
def test_what_openai_refuses_is_refused(llm: LlmServer, changes: dict[str, Any], param: str, code: str | None) -> None:
    llm.say(LIT)
    response = post(llm, body(**changes))
    error = error_of(response)
    assert (response.status_code, error["type"]) == (400, "invalid_request_error")
    assert str(error["param"]).startswith(param)
    assert code is None or error["code"] == code
    assert llm.violations == [f"POST /v1/chat/completions: {error['message']}"]
    assert llm.unused == [repr(Reply(LIT))]


@pytest.mark.parametrize(
    "changes",
    [
        {"temperature": 0.1, "top_p": 1, "seed": 7, "n": 1, "max_tokens": 100, "user": "alice"},
        {"max_completion_tokens": 100, "presence_penalty": -2, "frequency_penalty": 2.0, "reasoning_effort": "low"},
        {"stream": None, "stream_options": None, "temperature": None, "max_tokens": None, "stop": None, "n": None},
        {"stop": ["\n", "."], "stream": False},
        {"stop": "."},
        {"response_format": {"type": "text"}},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}, "strict": True}}},
        {"response_format": {"type": "json_object"}, "messages": [{"role": "user", "content": "Answer in JSON."}]},
        {"tools": [TOOL], "tool_choice": "required", "parallel_tool_calls": False},
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "cite"}}},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}], "name": "alice"}]},
        {"messages": [{"role": "developer", "content": "x"}, {"role": "assistant", "content": "y"}]},
        {"messages": [{"role": "assistant", "content": None, "refusal": "No."}, {"role": "user", "content": "?"}]},
        {"messages": [{"role": "assistant", "refusal": "No."}, {"role": "user", "content": "?"}]},
    ],
    ids=str,
)
def test_what_openai_takes_is_taken(llm: LlmServer, changes: dict[str, Any]) -> None:
    llm.say(LIT)
    response = post(llm, body(**changes))
    assert response.status_code == 200, response.text
    assert not llm.violations


def test_no_model_and_no_messages(llm: LlmServer) -> None:
    for missing, message in (("model", "you must provide a model"), ("messages", "Missing required parameter")):
        response = post(llm, {name: value for name, value in body().items() if name != missing})
        assert (response.status_code, message in error_of(response)["message"]) == (400, True)


def test_what_is_no_request_is_refused(llm: LlmServer) -> None:
    key = {"Authorization": f"Bearer {llm.key}"}
    typed = {**key, "Content-Type": "application/json"}
    broken = post(llm, json=None, content=b'{"model": ', headers=typed)
    assert (broken.status_code, "could not parse" in error_of(broken)["message"]) == (400, True)
    assert error_of(post(llm, [1]))["code"] == "invalid_type"
    plain = post(llm, json=None, content=json.dumps(body()), headers={**key, "Content-Type": "text/plain"})
    assert error_of(plain)["code"] == "unsupported_content_type"
    assert httpx.get(f"{llm.url}/chat/completions", headers=key).status_code == 405
    assert httpx.post(f"{llm.url}/completions", headers=key, json={}).status_code == 404
    assert len(llm.violations) == 5
    assert llm.requests[0].raw == b'{"model": '
    assert [(request.messages, request.model, request.stream) for request in llm.requests] == [
        ((), "", False),
        ((), "", False),
        (tuple(Message(str(each["role"]), str(each["content"])) for each in PROMPT), "scripted-1", False),
        ((), "", False),
    ]


def test_a_prompt_may_be_too_long_for_the_model() -> None:
    with LlmServer(context_window=9) as llm:
        llm.say(LIT)
        assert post(llm, body()).status_code == 200
        longer = post(llm, body(messages=[*PROMPT, {"role": "user", "content": "Please!"}]))
        assert error_of(longer)["code"] == "context_length_exceeded"
        assert "maximum context length is 9 tokens. However, your messages resulted in 10" in longer.text
        assert not llm.violations


# Faults


def test_a_rate_limit_tells_when_to_come_again(llm: LlmServer, client: openai.OpenAI) -> None:
    llm.fail(RateLimited(retry_after=0.25))
    llm.fail(RateLimited())
    with pytest.raises(openai.RateLimitError) as raised:
        ask(client)
    assert raised.value.response.headers["Retry-After"] == "0.25"
    assert raised.value.code == "rate_limit_exceeded"
    with pytest.raises(openai.RateLimitError) as raised:
        ask(client)
    assert "Retry-After" not in raised.value.response.headers
    assert [request.fault for request in llm.requests] == [
        "RateLimited(status=429, message='Rate limit reached for requests.', kind='requests',"
        f" code='rate_limit_exceeded', retry_after={seconds})"
        for seconds in (0.25, None)
    ]
    assert not llm.violations


def test_a_server_fails_in_openai_s_form_and_in_a_proxy_s(llm: LlmServer, client: openai.OpenAI) -> None:
    llm.fail(ServerError())
    llm.fail(HtmlError())
    llm.fail(Failure(403, "Country not supported.", code="unsupported_country"))
    llm.say(LIT)
    with pytest.raises(openai.InternalServerError, match="The server had an error"):
        ask(client)
    with pytest.raises(openai.InternalServerError) as raised:
        ask(client)
    assert raised.value.status_code == 502
    assert raised.value.response.headers["Content-Type"] == "text/html"
    assert raised.value.response.text.startswith("<html>")
    with pytest.raises(openai.PermissionDeniedError, match="Country not supported"):
        ask(client)
    assert ask(client).choices[0].message.content == LIT
    assert [request.status for request in llm.requests] == [500, 502, 403, 200]
    assert all(request.completed for request in llm.requests)


def test_a_fault_may_strike_more_than_once_and_a_client_retry(llm: LlmServer) -> None:
    llm.fail(ServerError(), times=2)
    llm.say(LIT)
    with openai.OpenAI(base_url=llm.url, api_key=llm.key, max_retries=2) as client:
        assert ask(client).choices[0].message.content == LIT
    assert [request.status for request in llm.requests] == [500, 500, 200]


@pytest.mark.parametrize("streams", [False, True])
def test_a_connection_may_be_refused(llm: LlmServer, client: openai.OpenAI, streams: bool) -> None:
    llm.fail(Refused())
    with pytest.raises(openai.APIConnectionError):
        stream(client) if streams else ask(client)
    [request] = llm.requests
    assert (request.outcome, request.status, request.fault) == ("cut", None, "Refused()")


def test_json_may_be_broken(llm: LlmServer, client: openai.OpenAI) -> None:
    llm.fail(BrokenJson(), times=3)
    with pytest.raises(json.JSONDecodeError):
        ask(client)
    with pytest.raises(json.JSONDecodeError):
        list(stream(client))
    assert post(llm, body()).headers["Content-Type"] == "application/json"


def test_choices_may_be_empty(llm: LlmServer, client: openai.OpenAI) -> None:
    llm.fail(EmptyChoices(), times=2)
    completion = ask(client)
    assert (completion.object, completion.choices) == ("chat.completion", [])
    [chunk] = stream(client)
    assert (chunk.object, chunk.choices) == ("chat.completion.chunk", [])


@pytest.mark.parametrize("given", [None, {"choices": [{"message": None}]}, [], "Yes."], ids=repr)
def test_json_may_be_of_a_wrong_shape(llm: LlmServer, given: Any) -> None:
    llm.fail(WrongShape() if given is None else WrongShape(given), times=2)
    expected = {"answer": "Forty-two."} if given is None else given
    assert post(llm, body()).json() == expected
    first, done, _ = post(llm, body(stream=True)).text.split("\n\n")
    assert (json.loads(first.removeprefix("data: ")), done) == (expected, "data: [DONE]")


@pytest.mark.parametrize("pieces", [0, 3, 7])
def test_a_stream_may_be_cut(llm: LlmServer, client: openai.OpenAI, pieces: int) -> None:
    llm.fail(CutStream(after=pieces))
    llm.say(LIT)
    found = []
    with pytest.raises(httpx.RemoteProtocolError):  # noqa: PT012
        for chunk in stream(client):
            assert chunk.choices[0].finish_reason is None
            found += said(iter([chunk]))
    assert found == LIT.replace(" ", "~ ").split("~")[:pieces]
    [request] = llm.requests
    assert (request.outcome, request.status) == ("cut", 200)


def test_a_stream_may_end_with_an_error(llm: LlmServer, client: openai.OpenAI) -> None:
    llm.fail(ErrorInStream(after=2), times=2)
    llm.say(LIT, times=2)
    found = []
    with pytest.raises(openai.APIError, match="The server had an error"):  # noqa: PT012
        for chunk in stream(client):
            found += said(iter([chunk]))
    assert found == ["The", " lamp"]
    *_, piece, error, done, nothing = post(llm, body(stream=True)).text.split("\n\n")
    assert (" lamp" in piece, '"type": "server_error"' in error, done, nothing) == (True, True, "data: [DONE]", "")
    assert llm.requests[1].completed


@pytest.mark.parametrize(("fault", "streams"), [(CutStream(after=8), True), (StallAfter(1), False)], ids=repr)
def test_a_fault_that_cannot_strike_is_the_test_s_mistake(fault: Fault, streams: bool) -> None:
    with pytest.raises(ValueError, match=r"met a reply of 7 pieces"):  # noqa: PT012, SIM117
        with LlmServer() as llm:
            llm.fail(fault)
            llm.say(LIT)
            assert post(llm, body(stream=streams)).status_code == 500


# What waits


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("headers", [False, True])
def test_a_stall_notices_that_the_client_goes(llm: LlmServer, streams: bool, headers: bool) -> None:
    stall = Stall(headers=headers)
    llm.fail(stall)
    llm.say(LIT)
    with httpx.Client(timeout=BRIEF_SECONDS) as client:
        key = {"Authorization": f"Bearer {llm.key}"}
        asking = client.stream("POST", f"{llm.url}/chat/completions", json=body(stream=streams), headers=key)
        with pytest.raises(httpx.ReadTimeout):  # noqa: PT012, SIM117
            with asking as response:
                assert headers
                assert (response.status_code, "event-stream" in response.headers["Content-Type"]) == (200, streams)
                response.read()
    stall.reached().wait()
    stall.closed().wait()
    [request] = llm.requests
    assert request.cancelled
    assert not request.completed
    assert (request.status, request.fault) == (200 if headers else None, f"Stall(headers={headers})")
    assert llm.unused == [repr(Reply(LIT))]


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("headers", [False, True])
async def test_a_stall_that_is_released_goes_on(
    llm: LlmServer, waiter: openai.AsyncOpenAI, streams: bool, headers: bool
) -> None:
    stall = Stall(headers=headers)
    llm.fail(stall)
    llm.say(LIT)

    async def answer() -> str | None:
        if not streams:
            completion = await waiter.chat.completions.create(model=llm.model, messages=PROMPT)
            return completion.choices[0].message.content
        chunks = await waiter.chat.completions.create(model=llm.model, messages=PROMPT, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in chunks])

    answering = asyncio.create_task(answer())
    await stall.reached()
    assert not answering.done()
    assert [request.outcome for request in llm.requests] == ["open"]
    stall.release()
    assert await answering == LIT
    assert llm.requests[0].completed
    with pytest.raises(AssertionError, match=r"no client that goes at Stall\(headers=.*\) within 0.2 s"):
        await stall.closed(timeout_seconds=BRIEF_SECONDS)


async def test_a_client_that_is_cancelled_closes(llm: LlmServer, waiter: openai.AsyncOpenAI) -> None:
    stall = Stall()
    llm.fail(stall)
    asking = asyncio.ensure_future(waiter.chat.completions.create(model=llm.model, messages=PROMPT))
    await stall.reached()
    asking.cancel()
    await stall.closed()
    assert (await llm.ended(llm.requests[0])).cancelled


@pytest.mark.parametrize("pieces", [0, 2, 7])
def test_a_stream_may_stall(llm: LlmServer, client: openai.OpenAI, pieces: int) -> None:
    stall = StallAfter(pieces)
    llm.fail(stall)
    llm.say(LIT)
    chunks = iter(stream(client))
    next(chunks)
    assert [said(iter([next(chunks)])) for _ in range(pieces)] == [[each] for each in Reply(LIT).streamed[:pieces]]
    stall.reached().wait()
    assert llm.requests[0].outcome == "open"
    stall.release()
    assert said(chunks) == list(Reply(LIT).streamed[pieces:])
    assert llm.requests[0].completed


def test_a_stalled_stream_that_is_closed_is_cancelled(llm: LlmServer, client: openai.OpenAI) -> None:
    stall = StallAfter(2)
    llm.fail(stall)
    llm.say(LIT)
    with stream(client) as chunks:
        next(chunks)
        stall.reached().wait()
    stall.closed().wait()
    assert llm.ended(llm.requests[0]).wait().cancelled


async def test_a_gate_lets_through_what_the_test_says(llm: LlmServer, waiter: openai.AsyncOpenAI) -> None:
    gate = Gate()
    llm.say(Reply(LIT, gate=gate))
    chunks = await waiter.chat.completions.create(model=llm.model, messages=PROMPT, stream=True)
    await anext(chunks)
    await gate.reached()
    with pytest.raises(AssertionError, match=r"no 1 pieces sent \(0 were\) within 0.2 s"):
        await gate.sent(1, timeout_seconds=BRIEF_SECONDS)
    found = []
    for _ in range(2):
        gate.send(2)
        found += [(await anext(chunks)).choices[0].delta.content for _ in range(2)]
    assert found == ["The", " lamp", " was", " lit"]
    await gate.sent(4)
    with pytest.raises(AssertionError, match="4 were"):
        await gate.sent(5, timeout_seconds=BRIEF_SECONDS)
    assert llm.requests[0].outcome == "open"
    gate.release()
    assert [chunk.choices[0].delta.content async for chunk in chunks] == [" in", " 1871.", " [1]", None]
    assert llm.requests[0].completed


def test_the_end_follows_the_last_piece(llm: LlmServer, client: openai.OpenAI) -> None:
    gate = Gate()
    gate.send(7)
    llm.say(Reply(LIT, gate=gate))
    assert "".join(said(stream(client))) == LIT


async def test_a_gate_keeps_a_reply_in_one_piece_back_until_all_of_it_may_go(
    llm: LlmServer, waiter: openai.AsyncOpenAI
) -> None:
    gate = Gate()
    llm.say(Reply("One two.", gate=gate))
    asking = asyncio.ensure_future(waiter.chat.completions.create(model=llm.model, messages=PROMPT))
    await gate.reached()
    gate.send()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(asking), BRIEF_SECONDS)
    gate.send()
    assert (await asking).choices[0].message.content == "One two."


async def test_a_gate_notices_that_the_client_goes(llm: LlmServer, waiter: openai.AsyncOpenAI) -> None:
    gate = Gate()
    llm.answer_by(lambda request: Reply(LIT, gate=gate))
    chunks = await waiter.chat.completions.create(model=llm.model, messages=PROMPT, stream=True)
    gate.send(3)
    await gate.sent(3)
    await chunks.close()
    await gate.closed()
    assert llm.requests[0].cancelled


def test_a_client_that_reads_to_the_end_has_not_gone(llm: LlmServer, client: openai.OpenAI) -> None:
    llm.say(LIT, times=40)
    for _ in range(20):
        with stream(client) as chunks:
            list(chunks)
        ask(client)
    assert {request.outcome for request in llm.requests} == {"completed"}


@pytest.mark.parametrize("streams", [False, True])
def test_a_client_that_reads_a_part_has_gone(llm: LlmServer, streams: bool) -> None:
    gate = Gate()
    gate.send()
    llm.say(Reply(LONG, gate=gate))
    key = {"Authorization": f"Bearer {llm.key}"}
    with httpx.stream("POST", f"{llm.url}/chat/completions", json=body(stream=streams), headers=key) as response:
        assert response.status_code == 200
    gate.closed().wait()
    assert llm.requests[0].cancelled


def test_healing_forgets_faults_and_lets_go(llm: LlmServer, client: openai.OpenAI) -> None:
    stall = Stall()
    llm.fail(stall)
    llm.fail(ServerError(), times=2)
    llm.say(LIT, times=2)
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(ask, client)
        stall.reached().wait()
        assert len(llm.unused) == 4
        llm.heal()
        assert asking.result().choices[0].message.content == LIT
    assert ask(client).choices[0].message.content == LIT
    assert llm.unused == []


# The record


def test_what_was_asked_is_on_record(llm: LlmServer, client: openai.OpenAI) -> None:
    llm.say(LIT, times=2)
    ask(client, temperature=0.5)
    list(stream(client))
    first, second = llm.requests
    assert first.messages == (
        Message("system", "Answer from the passages."),
        Message("user", "When was the lamp lit?"),
    )
    assert first.text == "Answer from the passages.\n\nWhen was the lamp lit?"
    assert (first.model, first.stream, second.stream) == ("scripted-1", False, True)
    assert json.loads(first.raw) == dict(first.body) == body(temperature=0.5)
    assert (first.outcome, first.status, first.fault) == ("completed", 200, None)


def test_a_content_in_parts_is_one_text(llm: LlmServer) -> None:
    llm.say(LIT)
    parts = [{"type": "text", "text": "The lamp"}, {"type": "text", "text": " is lit."}]
    post(llm, body(messages=[{"role": "user", "content": parts}]))
    assert llm.next_request().wait().messages == (Message("user", "The lamp is lit."),)


async def test_each_request_is_handed_out_once(llm: LlmServer, waiter: openai.AsyncOpenAI) -> None:
    llm.answer_by(lambda request: request.text)

    async def ask_for(text: str) -> None:
        await waiter.chat.completions.create(model=llm.model, messages=[{"role": "user", "content": text}])

    expected = asyncio.ensure_future(llm.next_request())
    await asyncio.gather(ask_for("one"), ask_for("two"), ask_for("three"))
    taken = [await expected, await llm.next_request(), llm.next_request().wait()]
    assert sorted(request.text for request in taken) == ["one", "three", "two"]
    with pytest.raises(AssertionError, match=r"(?s)no next request; the server was asked:.*'two' -> 200 completed"):
        await llm.next_request(timeout_seconds=BRIEF_SECONDS)
    with pytest.raises(AssertionError, match=r"within 0.2 s"):
        llm.next_request(timeout_seconds=BRIEF_SECONDS).wait()
    await ask_for("four")
    await ask_for("five")
    # in their order, and those who gave up took nothing
    assert [(await llm.next_request()).text, llm.next_request().wait().text] == ["four", "five"]


async def test_a_request_is_on_record_before_its_answer(llm: LlmServer, waiter: openai.AsyncOpenAI) -> None:
    stall = Stall()
    llm.fail(stall)
    llm.say(LIT)
    asking = asyncio.ensure_future(waiter.chat.completions.create(model=llm.model, messages=PROMPT))
    request = await llm.next_request()
    assert request.outcome == "open"
    ending = asyncio.ensure_future(llm.ended(request))
    await stall.reached()
    assert not ending.done()
    stall.release()
    await asking
    assert (await ending).completed


# Its life


async def test_a_client_may_block_the_test_s_event_loop() -> None:
    async with LlmServer() as llm:
        llm.say(LIT)
        with openai.OpenAI(base_url=llm.url, api_key=llm.key, max_retries=0) as client:
            assert ask(client).choices[0].message.content == LIT


def test_the_end_lets_go_of_what_waits_and_ends_the_thread() -> None:
    stall, first, second = Stall(), Gate(), Gate()
    with ThreadPoolExecutor() as pool:
        with LlmServer() as llm:
            client = openai.OpenAI(base_url=llm.url, api_key=llm.key, max_retries=0)
            llm.fail(stall)
            stalled = pool.submit(ask, client)
            stall.reached().wait()
            llm.say(Reply("One.", gate=first))
            gated = pool.submit(ask, client)
            first.reached().wait()
            llm.say(Reply("Two.", gate=second))  # for the one that is stalled as yet
        answers = [each.result().choices[0].message.content for each in (gated, stalled)]
    assert answers == ["One.", "Two."]
    assert not [thread for thread in threading.enumerate() if thread.name == "llm-server"]
    with pytest.raises(httpx.ConnectError):
        post(llm, body())


async def test_the_end_waits_for_a_client_in_the_test_s_loop() -> None:
    stall = Stall()
    async with LlmServer() as llm:
        client = openai.AsyncOpenAI(base_url=llm.url, api_key=llm.key, max_retries=0)
        llm.fail(stall)
        llm.say(LONG)
        asking = asyncio.ensure_future(client.chat.completions.create(model=llm.model, messages=PROMPT))
        await stall.reached()
    assert (await asking).choices[0].message.content == LONG
    await client.close()


def test_many_are_answered_at_once(llm: LlmServer, client: openai.OpenAI) -> None:
    barrier = threading.Barrier(8, timeout=20)
    gates = [Gate() for _ in range(8)]
    free = iter(gates)
    llm.answer_by(lambda request: Reply(LIT, gate=next(free)))

    def read() -> str:
        chunks = stream(client)
        next(chunks)
        barrier.wait()
        return "".join(said(chunks))

    with ThreadPoolExecutor(8) as pool:
        reading = [pool.submit(read) for _ in range(8)]
        for gate in gates:
            gate.reached().wait()
            gate.release()
        assert {each.result() for each in reading} == {LIT}
