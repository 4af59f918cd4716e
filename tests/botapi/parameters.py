"""Parameters: from an HTTP request to the typed arguments of a method.

A method's signature is its specification: names, types and defaults are read from it. Query strings and forms carry
only text, and values of nested types are JSON inside it; a JSON body carries values as they are (source: "Making
requests" of the Bot API's documentation).
"""

import inspect
import json
import types
from collections.abc import Callable, Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from aiohttp import web

from .errors import malformed
from .values import File, Json

_EMPTY = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
}  # Telegram's words for the two common ones


async def read_request(request: web.Request) -> Json:
    """The raw parameters: of the query string and of a JSON, form or multipart body."""
    raw: Json = dict(request.query)
    if request.content_type == "application/json" and request.can_read_body:
        try:
            body = json.loads(await request.text())
        except ValueError as error:
            raise malformed("can't parse JSON body") from error
        if not isinstance(body, dict):
            raise malformed("object expected as JSON body")
        return raw | body
    return raw | {name: _part(value) for name, value in (await request.post()).items()}


def _part(value: Any) -> Any:
    """A part of a form: text, or an uploaded file."""
    if not isinstance(value, web.FileField):
        return value
    content = value.file.read()
    return File(name=value.filename, content=content, size=len(content))


def typed_arguments(method: Callable[..., Any], raw: Mapping[str, Any]) -> Json:
    """The arguments of a method, checked; every parameter after its first (the world) is one of the API's."""
    declared = list(inspect.signature(method).parameters.values())[1:]
    hints = get_type_hints(method)
    names = {parameter.name for parameter in declared}
    if unknown := sorted(set(raw) - names):
        raise malformed(f"unknown parameter {', '.join(unknown)}")
    for parameter in declared:
        if parameter.default is parameter.empty and raw.get(parameter.name) in (None, ""):
            raise malformed(_EMPTY.get(parameter.name, f'missing required parameter "{parameter.name}"'))
    return {name: _value(value, hints[name], name) for name, value in raw.items() if value is not None}


def _value(value: Any, hint: Any, name: str) -> Any:
    """A top-level value, which may be the text of a form field."""
    hint = _without_none(hint)
    if not isinstance(value, str) or hint in (str, File):
        return _checked(value, hint, name)
    if hint == int | str:
        return int(value) if _is_integer(value) else _checked(value, hint, name)
    if hint is int:
        if not _is_integer(value):
            raise malformed(f'parameter "{name}" must be an integer, not {value!r}')
        return int(value)
    if hint is bool and value not in ("true", "false"):
        raise malformed(f'parameter "{name}" must be true or false, not {value!r}')
    try:
        return _checked(json.loads(value), hint, name)
    except ValueError as error:
        raise malformed(f'can\'t parse parameter "{name}" as JSON') from error


def _checked(value: Any, hint: Any, name: str) -> Any:
    """A value of JSON, whose type must be the declared one; nested objects go the same way."""
    hint = _without_none(hint)
    if is_typeddict(hint):
        return _object(value, hint, name)
    if get_origin(hint) is list:
        if not isinstance(value, list):
            raise malformed(f'"{name}" must be an array')
        (inner,) = get_args(hint)
        return [_checked(item, inner, f"{name}[{index}]") for index, item in enumerate(value)]
    allowed = get_args(hint) or (hint,)
    if type(value) not in allowed:  # not isinstance: true is no integer
        raise malformed(f'"{name}" must be {" or ".join(kind.__name__ for kind in allowed)}, not {value!r}')
    if isinstance(value, str):
        _refuse_lone_surrogates(value)
    return value


def _object(value: Any, shape: Any, name: str) -> Json:
    if not isinstance(value, dict):
        raise malformed(f'"{name}" must be an object')
    hints = get_type_hints(shape)
    if unknown := sorted(set(value) - set(hints)):
        raise malformed(f'unknown field {", ".join(unknown)} in "{name}"')
    if missing := sorted(shape.__required_keys__ - set(value)):
        raise malformed(f'missing field {", ".join(missing)} in "{name}"')
    return {key: _checked(item, hints[key], f"{name}.{key}") for key, item in value.items()}


def _refuse_lone_surrogates(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise malformed("strings must be encoded in UTF-8") from error


def _without_none(hint: Any) -> Any:
    if get_origin(hint) not in (Union, types.UnionType):
        return hint
    left = [kind for kind in get_args(hint) if kind is not type(None)]
    return left[0] if len(left) == 1 else Union[tuple(left)]  # noqa: UP007 (built at run time)


def _is_integer(text: str) -> bool:
    return text.isascii() and text.removeprefix("-").isdigit()
