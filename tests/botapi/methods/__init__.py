"""The methods of the Bot API, one function each: its signature is its specification.

`send_message(world, *, chat_id: int | str, text: str, ...)` answers `sendMessage`. A new method is a new public
function in one of these modules; one that is not here answers 404, as Telegram does with unknown methods.
"""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from . import chats, drafts, files, messages, polling, profile, queries, webhooks

Method = Callable[..., Any]


def _public_name(function_name: str) -> str:
    first, *rest = function_name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _methods_of(module: ModuleType) -> dict[str, Method]:
    return {
        _public_name(name): function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


METHODS: dict[str, Method] = {
    name: method
    for module in (chats, drafts, files, messages, polling, profile, queries, webhooks)
    for name, method in _methods_of(module).items()
}
BY_LOWER_NAME = {name.lower(): name for name in METHODS}  # Telegram does not mind the case of a method's name
