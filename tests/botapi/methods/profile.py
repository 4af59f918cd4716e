"""The bot's own profile: who it is, its commands, its descriptions."""

import re

from ..errors import malformed
from ..shapes import CommandShape, ScopeShape
from ..state import World
from ..values import Json

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_COMMAND_LIMIT = 100
_DESCRIPTION_LIMIT = 256
_LIMITS = {"name": 64, "description": 512, "short_description": 120}
_SCOPES: dict[str, frozenset[str]] = {  # the fields that each kind of scope needs
    "default": frozenset(),
    "all_private_chats": frozenset(),
    "all_group_chats": frozenset(),
    "all_chat_administrators": frozenset(),
    "chat": frozenset({"chat_id"}),
    "chat_administrators": frozenset({"chat_id"}),
    "chat_member": frozenset({"chat_id", "user_id"}),
}


def get_me(world: World) -> Json:
    abilities = {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy,
        "supports_inline_queries": world.inline,
    }
    return world.bot.to_json() | abilities


def set_my_commands(
    world: World, *, commands: list[CommandShape], scope: ScopeShape | None = None, language_code: str = ""
) -> bool:
    if len(commands) > _COMMAND_LIMIT:
        raise malformed("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command["command"]):
            raise malformed("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"].strip()) <= _DESCRIPTION_LIMIT:
            raise malformed("BOT_COMMAND_DESCRIPTION_INVALID")
    key = _scope_key(world, scope), _language(language_code)
    world.commands[key] = [{"command": item["command"], "description": item["description"]} for item in commands]
    return True


def get_my_commands(world: World, *, scope: ScopeShape | None = None, language_code: str = "") -> list[dict[str, str]]:
    return world.commands.get((_scope_key(world, scope), _language(language_code)), [])


def delete_my_commands(world: World, *, scope: ScopeShape | None = None, language_code: str = "") -> bool:
    world.commands.pop((_scope_key(world, scope), _language(language_code)), None)
    return True


def set_my_name(world: World, *, name: str = "", language_code: str = "") -> bool:
    return _set_text(world, "name", name, language_code)


def get_my_name(world: World, *, language_code: str = "") -> Json:
    return {"name": _text(world, "name", language_code) or world.bot.first_name}


def set_my_description(world: World, *, description: str = "", language_code: str = "") -> bool:
    return _set_text(world, "description", description, language_code)


def get_my_description(world: World, *, language_code: str = "") -> Json:
    return {"description": _text(world, "description", language_code)}


def set_my_short_description(world: World, *, short_description: str = "", language_code: str = "") -> bool:
    return _set_text(world, "short_description", short_description, language_code)


def get_my_short_description(world: World, *, language_code: str = "") -> Json:
    return {"short_description": _text(world, "short_description", language_code)}


def _set_text(world: World, kind: str, text: str, language_code: str) -> bool:
    if len(text) > _LIMITS[kind]:
        raise malformed(f"{kind} is too long")
    world.texts[kind, _language(language_code)] = text
    return True


def _text(world: World, kind: str, language_code: str) -> str:
    """The text for a language, else the one for all."""
    return world.texts.get((kind, _language(language_code))) or world.texts.get((kind, ""), "")


def _language(code: str) -> str:
    """A two-letter code, or nothing for everyone (source: setMyCommands, `language_code`)."""
    if code and not re.fullmatch("[a-z]{2}", code):
        raise malformed("invalid language code specified")
    return code


def _scope_key(world: World, scope: ScopeShape | None) -> str:
    """A scope as text: its kind, and its chat and member where it has them."""
    if scope is None:
        return "default"
    kind = scope["type"]
    if kind not in _SCOPES:
        raise malformed(f'can\'t parse BotCommandScope: unsupported type "{kind}"')
    if _SCOPES[kind] != set(scope) - {"type"}:
        raise malformed(f"can't parse BotCommandScope: {kind} takes {sorted(_SCOPES[kind])}")
    if "chat_id" in scope:
        world.chat(scope["chat_id"])
    return ":".join([kind, *(str(scope[name]) for name in ("chat_id", "user_id") if name in scope)])
