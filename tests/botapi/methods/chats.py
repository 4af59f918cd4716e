"""Chats and their members, as far as a bot asks about them."""

from ..errors import bad_request
from ..state import World
from ..values import Json, User
from ..wire import chat_json

_RIGHTS = [
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
]
_RESTRICTIONS = [
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_send_messages",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_manage_topics",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_edit_tag",
    "can_react_to_messages",
]
_GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def get_chat(world: World, *, chat_id: int | str) -> Json:
    chat = world.chat(chat_id)
    if chat.type != "private":
        chat.require_access()
    gifts = dict.fromkeys(_GIFTS, False)
    return chat_json(chat) | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


def get_chat_member(world: World, *, chat_id: int | str, user_id: int) -> Json:
    chat = world.chat(chat_id)
    chat.require_access()
    if user_id == world.bot.id:
        return member_json(world.bot, chat.bot_status)
    if user_id not in world.users:
        raise bad_request("user not found")
    status = "administrator" if user_id in chat.administrators else "member"
    return member_json(world.users[user_id], status if user_id in chat.members else "left")


def get_chat_administrators(world: World, *, chat_id: int | str) -> list[Json]:
    """Without bots, itself included."""
    chat = world.chat(chat_id)
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    chat.require_access()
    return [member_json(chat.members[person], "administrator") for person in sorted(chat.administrators)]


def leave_chat(world: World, *, chat_id: int | str) -> bool:
    chat = world.chat(chat_id)
    if chat.type == "private":
        raise bad_request("chat member status can't be changed in private chats")
    chat.require_access()
    chat.bot_status = "left"
    return True


def member_json(user: User, status: str) -> Json:
    fields: Json = {"user": user.to_json(), "status": status}
    if status == "administrator":
        fields |= dict.fromkeys(_RIGHTS, False)
    if status == "restricted":
        fields |= {"is_member": True, "tag": None} | dict.fromkeys(_RESTRICTIONS, False)
    return fields | ({"until_date": 0} if status in ("kicked", "restricted") else {})
