"""What a request may hold, and the words in which OpenAI refuses any other."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from .errors import ApiError

Check = Callable[[Any, str], None]

_ROLES = ("system", "developer", "user", "assistant", "tool")


def check(raw: bytes, *, model: str) -> None:
    """Raise ApiError unless this is a request for a completion by this model."""
    try:
        body = json.loads(raw)
    except ValueError:
        raise ApiError("We could not parse the JSON body of your request.") from None
    _object(body, "body")
    for name in body:
        if name not in _PARAMETERS:
            raise _unknown(name)
    if "model" not in body:
        raise ApiError("you must provide a model parameter")
    if "messages" not in body:
        raise _missing("messages")
    for name, value in body.items():
        if value is not None or name not in _NULLABLE:
            _PARAMETERS[name](value, name)
    if body["model"] != model:
        message = f"The model `{body['model']}` does not exist or you do not have access to it."
        raise ApiError(message, status=404, code="model_not_found")
    _check_together(body)


def _check_together(body: Mapping[str, Any]) -> None:
    """What depends on more than one parameter."""
    if body.get("stream_options") is not None and not body.get("stream"):
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise ApiError(message, param="stream_options")
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        raise ApiError(message, param="max_tokens", code="invalid_parameter_combination")
    tools = {tool["function"]["name"] for tool in body.get("tools", [])}
    for name in ("tool_choice", "parallel_tool_calls"):
        if name in body and not tools:
            raise ApiError(
                f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified.", param=name
            )
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and choice["function"]["name"] not in tools:
        raise ApiError(
            f"Tool choice '{choice['function']['name']}' not found in 'tools' parameter.", param="tool_choice"
        )
    kind = body.get("response_format", {}).get("type")
    if kind == "json_object" and "json" not in json.dumps(body["messages"], ensure_ascii=False).lower():
        message = (
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
        )
        raise ApiError(message, param="messages")


# Values


def _string(value: Any, path: str) -> None:
    if not isinstance(value, str):
        raise _mistyped(value, path, "a string")


def _boolean(value: Any, path: str) -> None:
    if not isinstance(value, bool):
        raise _mistyped(value, path, "a boolean")


def _integer(value: Any, path: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _mistyped(value, path, "an integer")


def _object(value: Any, path: str) -> None:
    if not isinstance(value, dict):
        raise _mistyped(value, path, "an object")


def _array(value: Any, path: str) -> None:
    if not isinstance(value, list):
        raise _mistyped(value, path, "an array")
    if not value:
        message = (
            f"Invalid '{path}': empty array. Expected an array with minimum length 1, but got an empty array instead."
        )
        raise ApiError(message, param=path, code="empty_array")


def _count(value: Any, path: str) -> None:
    _integer(value, path)
    _bounded(value, path, least=1)


def _one(value: Any, path: str) -> None:
    _integer(value, path)
    _bounded(value, path, least=1, most=1)


def _decimal(least: float, most: float) -> Check:
    def checked(value: Any, path: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _mistyped(value, path, "a decimal")
        _bounded(value, path, least=least, most=most)

    return checked


def _bounded(value: float, path: str, *, least: float, most: float | None = None) -> None:
    if value < least:
        message = (
            f"Invalid '{path}': value below minimum value. Expected a value >= {least:g}, but got {value:g} instead."
        )
        raise ApiError(message, param=path, code="below_min_value")
    if most is not None and value > most:
        message = (
            f"Invalid '{path}': value above maximum value. Expected a value <= {most:g}, but got {value:g} instead."
        )
        raise ApiError(message, param=path, code="above_max_value")


def _one_of(*allowed: str) -> Check:
    def checked(value: Any, path: str) -> None:
        _string(value, path)
        if value not in allowed:
            supported = ", ".join(f"'{each}'" for each in allowed)
            message = f"Invalid value: '{value}'. Supported values are: {supported}."
            raise ApiError(message, param=path, code="invalid_value")

    return checked


def _fields(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others."""
    known = {**required, **(optional or {})}

    def checked(value: Any, path: str) -> None:
        _object(value, path)
        for name in value:
            if name not in known:
                raise _unknown(f"{path}.{name}")
        for name in required:
            if name not in value:
                raise _missing(f"{path}.{name}")
        for name, each in value.items():
            known[name](each, f"{path}.{name}")

    return checked


def _each(checked_each: Check) -> Check:
    def checked(value: Any, path: str) -> None:
        _array(value, path)
        for place, each in enumerate(value):
            checked_each(each, f"{path}[{place}]")

    return checked


def _string_or(otherwise: Check) -> Check:
    def checked(value: Any, path: str) -> None:
        if not isinstance(value, str):
            otherwise(value, path)

    return checked


# Messages


def _messages(value: Any, path: str) -> None:
    _array(value, path)
    called: set[str] = set()
    for place, message in enumerate(value):
        _message(message, f"{path}[{place}]")
        if message["role"] == "tool" and message["tool_call_id"] not in called:
            problem = "messages with role 'tool' must be a response to a preceding message with 'tool_calls'"
            raise ApiError(f"Invalid parameter: {problem}.", param=f"{path}[{place}].role")
        called |= {call["id"] for call in message.get("tool_calls", [])}


def _message(value: Any, path: str) -> None:
    _object(value, path)
    if "role" not in value:
        raise _missing(f"{path}.role")
    role = value["role"]
    _one_of(*_ROLES)(role, f"{path}.role")
    required: dict[str, Check] = {"role": _string, "content": _content}
    optional: dict[str, Check] = {"name": _string}
    if role == "tool":
        required["tool_call_id"] = _string
    if role == "assistant":
        optional |= {"tool_calls": _each(_TOOL_CALL), "refusal": _string_or(_null)}
        if value.get("tool_calls") or value.get("refusal"):
            optional["content"] = _null_or_content
            del required["content"]
    _fields(required, optional)(value, path)


def _content(value: Any, path: str) -> None:
    if not isinstance(value, str | list):
        raise _mistyped(value, path, "one of a string or array of objects")
    if isinstance(value, list):
        _each(_fields({"type": _one_of("text"), "text": _string}))(value, path)


def _null(value: Any, path: str) -> None:
    if value is not None:
        raise _mistyped(value, path, "one of a string or null")


def _null_or_content(value: Any, path: str) -> None:
    if value is not None:
        _content(value, path)


_FUNCTION = _one_of("function")
_TOOL_CALL = _fields({"id": _string, "type": _FUNCTION, "function": _fields({"name": _string, "arguments": _string})})


# Parameters


def _response_format(value: Any, path: str) -> None:
    _object(value, path)
    optional: dict[str, Check] = {}
    if value.get("type") == "json_schema":
        optional["json_schema"] = _fields(
            {"name": _string, "schema": _object}, {"strict": _boolean, "description": _string}
        )
        if "json_schema" not in value:
            raise _missing(f"{path}.json_schema")
    _fields({"type": _one_of("text", "json_object", "json_schema")}, optional)(value, path)


def _stop(value: Any, path: str) -> None:
    _string_or(_each(_string))(value, path)


def _tool_choice(value: Any, path: str) -> None:
    if isinstance(value, str):
        _one_of("none", "auto", "required")(value, path)
    else:
        _fields({"type": _FUNCTION, "function": _fields({"name": _string})})(value, path)


_TOOL = _fields(
    {
        "type": _FUNCTION,
        "function": _fields({"name": _string}, {"description": _string, "parameters": _object, "strict": _boolean}),
    }
)

_PARAMETERS: Mapping[str, Check] = {
    "model": _string,
    "messages": _messages,
    "stream": _boolean,
    "stream_options": _fields({}, {"include_usage": _boolean}),
    "response_format": _response_format,
    "temperature": _decimal(0, 2),
    "top_p": _decimal(0, 1),
    "presence_penalty": _decimal(-2, 2),
    "frequency_penalty": _decimal(-2, 2),
    "max_tokens": _count,
    "max_completion_tokens": _count,
    "n": _one,
    "seed": _integer,
    "stop": _stop,
    "tools": _each(_TOOL),
    "tool_choice": _tool_choice,
    "parallel_tool_calls": _boolean,
    "reasoning_effort": _one_of("none", "minimal", "low", "medium", "high", "xhigh"),
    "user": _string,
}
_NULLABLE = _PARAMETERS.keys() - {
    "model",
    "messages",
    "response_format",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "user",
}


# Refusals


def _unknown(path: str) -> ApiError:
    return ApiError(f"Unknown parameter: '{path}'.", param=path, code="unknown_parameter")


def _missing(path: str) -> ApiError:
    return ApiError(f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter")


def _mistyped(value: Any, path: str, expected: str) -> ApiError:
    message = f"Invalid type for '{path}': expected {expected}, but got {_kind(value)} instead."
    return ApiError(message, param=path, code="invalid_type")


def _kind(value: Any) -> str:
    kinds: dict[type, str] = {bool: "a boolean", int: "an integer", float: "a decimal", str: "a string"}
    kinds |= {list: "an array", dict: "an object"}
    return kinds.get(type(value), "null")
