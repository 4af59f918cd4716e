"""Updates of every type, made up at random from the shapes of the Bot API's documentation.

A field whose name ends in "?" is there or not. Texts are odd, ids large, and entities may reach beyond their text.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate
from random import Random
from typing import Any

from .updates import KNOWN
from .values import Json

Spec = str | list[Any] | tuple[Any, ...] | Callable[["Grammar"], Any]
"""How a value is made: a shape's name, a list of such values, a choice of constants, or a function."""

DEPTH = 6  # optional fields of deeper objects are left out

TEXTS = [
    "How many steps?",
    "How many steps has the tower, and who climbs them?",
    "lantern",
    "vague",
    "unknown",
    "",
    " ",
    "\u200b",
    "?",
    "/start",
    "/start docs_7-a",
    "/help",
    "/sources",
    "/language",
    "/ask",
    "/ask How many steps?",
    "/ask@citegram_test_bot How many steps?",
    "/ask@other_bot x",
    "/nonsense",
    "/",
    "@citegram_test_bot",
    "@citegram_test_bot How many steps?",
    "@Citegram_Test_Bot, lantern",
    "Сколько ступеней?",
    "كم عدد الدرجات؟",
    "👨‍👩‍👧 e\u0301 🚀" * 5,
    "\x00\x07\u202e{braces} %s \\ <b>&amp;</b> [1] 'quoted'",
    "a" * 4096,
    "🚀" * 2048,
    "\n\n\n-- \n" * 40,
    "'; DROP TABLE answers; --",
]
NAMES = ["Alice", "", "Оля", "🚀", "a" * 64, "{asker}", "%s"]
ENTITIES = [
    "mention",
    "hashtag",
    "bot_command",
    "url",
    "bold",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
    "text_mention",
    "custom_emoji",
    "of_tomorrow",
]


class Grammar:
    """The same seed makes the same updates. `chats` are those the bot may know, `callbacks` what its buttons in a chat
    hold."""

    def __init__(
        self, seed: int, *, chats: Iterable[Json], users: Iterable[Json], callbacks: Callable[[int], list[str]]
    ) -> None:
        self.chance = Random(seed)
        self.chats = [*chats]
        self.users = [*users]
        self.callbacks = callbacks
        self._update_id = 700_000_000
        self._depth = 0

    def update(self, kind: str | None = None) -> Json:
        """One update of this kind, or of any."""
        self._update_id += 1
        kind = kind or self.chance.choice(KINDS)
        return {"update_id": self._update_id, kind: self.make(UPDATES[kind])}

    def make(self, spec: Spec) -> Any:
        if isinstance(spec, str):
            return self._object(SHAPES[spec])
        if isinstance(spec, list):
            return [self.make(spec[0]) for _ in range(self.chance.choice([0, 1, 1, 2, 5]))]
        if isinstance(spec, tuple):
            return self.chance.choice(spec)
        return spec(self)

    def _object(self, shape: Mapping[str, Spec]) -> Json:
        self._depth += 1
        share = 0.3 if self._depth < DEPTH else 0.0
        made = {
            name.removesuffix("?"): self.make(spec)
            for name, spec in shape.items()
            if not name.endswith("?") or self.chance.random() < share
        }
        if self.chance.random() < 0.02:
            made["field_of_tomorrow"] = {"a": [1, None]}
        self._depth -= 1
        return made


def integer(g: Grammar) -> int:
    return g.chance.choice([0, 1, 7, 100, 2_147_483_648, 4_503_599_627_370_496])


def yes_or_no(g: Grammar) -> bool:
    return g.chance.random() < 0.5


def date(g: Grammar) -> int:
    return g.chance.choice([1, 1_700_000_000, 2_147_483_647])


def message_id(g: Grammar) -> int:
    return g.chance.randrange(2, 400) if g.chance.random() < 0.99 else 2_147_483_647


def text(g: Grammar) -> str:
    return g.chance.choice(TEXTS)


def query_id(g: Grammar) -> str:
    return str(g.chance.randrange(1, 1 << 60))


def name(g: Grammar) -> str:
    return g.chance.choice(NAMES)


def user(g: Grammar) -> Json:
    if g.chance.random() < 0.7:
        return g.chance.choice(g.users)
    made: Json = g.make("User")
    return made


def chat(g: Grammar) -> Json:
    if g.chance.random() < 0.7:
        return g.chance.choice(g.chats)
    made: Json = g.make("Chat")
    return made


def callback_data(g: Grammar) -> str:
    odd = ["", "x", "c:", "c::1", "c:abc:1", "c:abc:good", "c:language:ru", "c:language:", "c:language:xx", "я" * 32]
    return g.chance.choice(odd)


def tapped_button(g: Grammar) -> Json:
    """A tap below a message of a chat, mostly on a button that the bot has shown in it."""
    made: Json = g.make("CallbackQuery")
    made["message"] = maybe_inaccessible(g)
    shown = g.callbacks(made["message"]["chat"]["id"])
    made["data"] = g.chance.choice(shown) if shown and g.chance.random() < 0.8 else callback_data(g)
    return made


def entities(g: Grammar, of: str) -> list[Json]:
    """Between characters of the text, or beyond its end; the first may be what a command's would be."""
    offsets = [0, *accumulate(1 + (character > "\uffff") for character in of)]
    made = []
    for _ in range(g.chance.choice([0, 1, 1, 3, 120])):
        start = g.chance.choice([0, 0, *offsets[:5], *offsets[-3:], offsets[-1] + 10])
        stop = g.chance.choice([each for each in (*offsets[1:30], offsets[-1], offsets[-1] + 99) if each > start])
        entity = {"type": g.chance.choice(ENTITIES), "offset": start, "length": stop - start}
        made.append(entity | g.make("EntityExtras"))
    command = re.match("/\\w+(@\\w+)?", of)
    return [{"type": "bot_command", "offset": 0, "length": command.end()}, *made] if command else made


def message(g: Grammar) -> Json:
    """One kind of content, none, or, as no real message has, two."""
    made: Json = g.make("Message")
    for content in g.chance.sample([*CONTENTS], k=g.chance.choice([0, 1, 1, 1, 1, 1, 1, 1, 2])):
        made[content] = g.make(CONTENTS[content])
    if g.chance.random() < 0.5:
        made["text"] = text(g)
    for words, formatting in (("text", "entities"), ("caption", "caption_entities")):
        if words in made and yes_or_no(g):
            made[formatting] = entities(g, made[words])
    return made


def maybe_inaccessible(g: Grammar) -> Json:
    if g.chance.random() < 0.3:
        return {"chat": chat(g), "message_id": message_id(g), "date": 0}
    return message(g)


def plain_message(g: Grammar) -> Json:
    """One that another nests, and that nests none."""
    return {"message_id": message_id(g), "date": date(g), "chat": chat(g), "from": user(g), "text": text(g)}


def member(g: Grammar) -> Json:
    status = g.chance.choice(["creator", "administrator", "member", "restricted", "left", "kicked"])
    return {"status": status, "user": user(g), **g.make(MEMBERS[status])}


def reaction(g: Grammar) -> Json:
    kinds: list[Json] = [{"type": "emoji", "emoji": "👍"}, {"type": "custom_emoji", "custom_emoji_id": "5"}]
    return g.chance.choice([*kinds, {"type": "paid"}])


def origin(g: Grammar) -> Json:
    kind = g.chance.choice(["user", "hidden_user", "chat", "channel"])
    return {"type": kind, "date": date(g), **g.make(ORIGINS[kind])}


def poll_option(g: Grammar) -> Json:
    return {"text": name(g) or "x", "voter_count": integer(g), "persistent_id": "1"}


def boost_source(g: Grammar) -> Json:
    return {"source": "premium", "user": user(g)}


def paid_media(g: Grammar) -> Json:
    return g.chance.choice([{"type": "preview"}, {"type": "photo", "photo": [g.make("PhotoSize")]}, {"type": "new"}])


FILE: dict[str, Spec] = {"file_id": name, "file_unique_id": name, "file_size?": integer}
RIGHTS: dict[str, Spec] = dict.fromkeys(
    [
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
    ],
    yes_or_no,
)
MAY: dict[str, Spec] = dict.fromkeys(
    [
        "is_member",
        "can_send_messages",
        "can_send_audios",
        "can_send_documents",
        "can_send_photos",
        "can_send_videos",
        "can_send_video_notes",
        "can_send_voice_notes",
        "can_send_polls",
        "can_send_other_messages",
        "can_add_web_page_previews",
        "can_change_info",
        "can_invite_users",
        "can_pin_messages",
        "can_manage_topics",
        "can_edit_tag",
    ],
    yes_or_no,
)

SHAPES: dict[str, dict[str, Spec]] = {
    "User": {
        "id": (1, 5_000_000_001, (1 << 52) - 1, 777000, 1087968824, 136817688),
        "is_bot": yes_or_no,
        "first_name": name,
        "last_name?": name,
        "username?": ("alice_a", "citegram_test_bot", ""),
        "language_code?": ("en", "ru", "pt-BR", "", "xx", "zh-hans-cn"),
        "is_premium?": yes_or_no,
    },
    "Chat": {
        "id": (0, 1, -1, -4_999, -(1 << 31), -1_009_999_999_999, (1 << 52) - 1, -((1 << 52) - 1)),
        "type": ("private", "group", "supergroup", "channel", "of_tomorrow"),
        "title?": name,
        "username?": name,
        "first_name?": name,
        "is_forum?": yes_or_no,
        "is_direct_messages?": yes_or_no,
    },
    "EntityExtras": {"url?": text, "user?": user, "language?": name, "custom_emoji_id?": name},
    "PhotoSize": {**FILE, "width": integer, "height": integer},
    "Location": {"latitude": (0.0, 91.5, -0.1), "longitude": (0.0, 181.0), "live_period?": integer},
    "Message": {
        "message_id": message_id,
        "date": date,
        "chat": chat,
        "from?": user,
        "sender_chat?": chat,
        "sender_boost_count?": integer,
        "message_thread_id?": (1, 2, 3, 7, 100),
        "is_topic_message?": yes_or_no,
        "is_automatic_forward?": yes_or_no,
        "forward_origin?": origin,
        "reply_to_message?": plain_message,
        "external_reply?": "ExternalReply",
        "quote?": "Quote",
        "reply_to_story?": "Story",
        "via_bot?": user,
        "edit_date?": date,
        "has_protected_content?": yes_or_no,
        "media_group_id?": ("1", "2", "3"),
        "author_signature?": name,
        "caption?": text,
        "link_preview_options?": "LinkPreview",
        "effect_id?": name,
        "reply_markup?": "Keyboard",
        "business_connection_id?": name,
        "show_caption_above_media?": yes_or_no,
    },
    "ExternalReply": {"origin": origin, "chat?": chat, "message_id?": message_id, "story?": "Story"},
    "Quote": {"text": text, "position": integer},
    "Story": {"chat": chat, "id": integer},
    "LinkPreview": {"is_disabled?": yes_or_no, "url?": text},
    "Keyboard": {"inline_keyboard": [["InlineButton"]]},
    "InlineButton": {"text": name, "callback_data?": callback_data, "url?": text},
    "Audio": {**FILE, "duration": integer, "performer?": name, "title?": name},
    "Video": {**FILE, "width": integer, "height": integer, "duration": integer, "thumbnail?": "PhotoSize"},
    "Document": {**FILE, "file_name?": name, "mime_type?": ("application/pdf", "", "text/plain")},
    "Sticker": {
        **FILE,
        "type": ("regular", "mask", "custom_emoji"),
        "width": integer,
        "height": integer,
        "is_animated": yes_or_no,
        "is_video": yes_or_no,
    },
    "VideoNote": {**FILE, "length": integer, "duration": integer},
    "Contact": {"phone_number": name, "first_name": name, "user_id?": integer},
    "Dice": {"value": integer, "emoji": ("🎲",)},
    "Game": {"title": name, "description": text, "photo": ["PhotoSize"]},
    "Poll": {
        "id": name,
        "question": text,
        "options": [poll_option],
        "total_voter_count": integer,
        "is_closed": yes_or_no,
        "is_anonymous": yes_or_no,
        "type": ("regular", "quiz"),
        "allows_multiple_answers": yes_or_no,
        "allows_revoting": yes_or_no,
        "members_only": yes_or_no,
        "explanation?": text,
    },
    "Venue": {"location": "Location", "title": name, "address": text},
    "Invoice": {
        "title": name,
        "description": text,
        "start_parameter": name,
        "currency": ("XTR",),
        "total_amount": integer,
    },
    "PaidMediaInfo": {"star_count": integer, "paid_media": [paid_media]},
    "Giveaway": {"chats": [chat], "winners_selection_date": date, "winner_count": integer, "prize_description?": text},
    "GiveawayCompleted": {"winner_count": integer, "giveaway_message?": plain_message},
    "GiveawayWinners": {
        "chat": chat,
        "giveaway_message_id": message_id,
        "winners_selection_date": date,
        "winner_count": integer,
        "winners": [user],
    },
    "ForumTopicCreated": {"name": name, "icon_color": integer},
    "ForumTopicEdited": {"name?": name},
    "Empty": {},
    "TimerChanged": {"message_auto_delete_time": integer},
    "Ended": {"duration": integer},
    "WebAppData": {"data": text, "button_text": name},
    "UsersShared": {"request_id": integer, "users": ["SharedUser"]},
    "SharedUser": {"user_id": integer, "first_name?": name},
    "ChatShared": {"request_id": integer, "chat_id": integer},
    "BoostAdded": {"boost_count": integer},
    "Payment": {
        "currency": ("XTR",),
        "total_amount": integer,
        "invoice_payload": name,
        "telegram_payment_charge_id": name,
        "provider_payment_charge_id": name,
    },
    "Proximity": {"traveler": user, "watcher": user, "distance": integer},
    "BusinessConnection": {
        "id": name,
        "user": user,
        "user_chat_id": integer,
        "date": date,
        "is_enabled": yes_or_no,
    },
    "BusinessDeleted": {"business_connection_id": name, "chat": chat, "message_ids": [message_id]},
    "Reaction": {
        "chat": chat,
        "message_id": message_id,
        "date": date,
        "old_reaction": [reaction],
        "new_reaction": [reaction],
        "user?": user,
        "actor_chat?": chat,
    },
    "ReactionCount": {"chat": chat, "message_id": message_id, "date": date, "reactions": ["Count"]},
    "Count": {"type": reaction, "total_count": integer},
    "InlineQuery": {
        "id": query_id,
        "from": user,
        "query": text,
        "offset": ("", "10", "x"),
        "chat_type?": ("sender", "private", "group", "supergroup", "channel"),
        "location?": "Location",
    },
    "ChosenInlineResult": {"result_id": name, "from": user, "query": text, "inline_message_id?": name},
    "CallbackQuery": {
        "id": query_id,
        "from": user,
        "chat_instance": name,
        "message?": maybe_inaccessible,
        "inline_message_id?": name,
        "data?": callback_data,
        "game_short_name?": name,
    },
    "ShippingQuery": {"id": query_id, "from": user, "invoice_payload": name, "shipping_address": "Address"},
    "Address": {
        "country_code": name,
        "state": name,
        "city": name,
        "street_line1": name,
        "street_line2": name,
        "post_code": name,
    },
    "PreCheckoutQuery": {
        "id": query_id,
        "from": user,
        "currency": ("XTR",),
        "total_amount": integer,
        "invoice_payload": name,
    },
    "PaidMediaPurchased": {"from": user, "paid_media_payload": name},
    "PollAnswer": {
        "poll_id": name,
        "option_ids": [integer],
        "option_persistent_ids": [name],
        "user?": user,
        "voter_chat?": chat,
    },
    "ChatMemberUpdated": {
        "chat": chat,
        "from": user,
        "date": date,
        "old_chat_member": member,
        "new_chat_member": member,
        "via_join_request?": yes_or_no,
    },
    "ChatJoinRequest": {"chat": chat, "from": user, "user_chat_id": integer, "date": date, "bio?": text},
    "ChatBoostUpdated": {"chat": chat, "boost": "Boost"},
    "Boost": {"boost_id": name, "add_date": date, "expiration_date": date, "source": boost_source},
    "ChatBoostRemoved": {"chat": chat, "boost_id": name, "remove_date": date, "source": boost_source},
    "ManagedBot": {"user": user, "bot": user},
    "Restricted": MAY | {"until_date": date},
    "Administrator": RIGHTS,
    "Owner": {"is_anonymous": yes_or_no},
    "Banned": {"until_date": date},
    "ByUser": {"sender_user": user},
    "ByHiddenUser": {"sender_user_name": name},
    "ByChat": {"sender_chat": chat},
    "ByChannel": {"chat": chat, "message_id": message_id},
}
MEMBERS = {
    "creator": "Owner",
    "administrator": "Administrator",
    "member": "Empty",
    "restricted": "Restricted",
    "left": "Empty",
    "kicked": "Banned",
}
ORIGINS = {"user": "ByUser", "hidden_user": "ByHiddenUser", "chat": "ByChat", "channel": "ByChannel"}

CONTENTS: dict[str, Spec] = {
    "animation": "Video",
    "audio": "Audio",
    "boost_added": "BoostAdded",
    "channel_chat_created": (True,),
    "chat_shared": "ChatShared",
    "connected_website": name,
    "contact": "Contact",
    "delete_chat_photo": (True,),
    "dice": "Dice",
    "document": "Document",
    "forum_topic_closed": "Empty",
    "forum_topic_created": "ForumTopicCreated",
    "forum_topic_edited": "ForumTopicEdited",
    "forum_topic_reopened": "Empty",
    "game": "Game",
    "general_forum_topic_hidden": "Empty",
    "general_forum_topic_unhidden": "Empty",
    "giveaway": "Giveaway",
    "giveaway_completed": "GiveawayCompleted",
    "giveaway_created": "Empty",
    "giveaway_winners": "GiveawayWinners",
    "group_chat_created": (True,),
    "invoice": "Invoice",
    "left_chat_member": user,
    "location": "Location",
    "message_auto_delete_timer_changed": "TimerChanged",
    "migrate_from_chat_id": (-4_000_000_001, -1_009_999_999_999),
    "migrate_to_chat_id": (-1_009_999_999_998, (1 << 52) - 1),
    "new_chat_members": [user],
    "new_chat_photo": ["PhotoSize"],
    "new_chat_title": name,
    "paid_media": "PaidMediaInfo",
    "photo": ["PhotoSize"],
    "pinned_message": maybe_inaccessible,
    "poll": "Poll",
    "proximity_alert_triggered": "Proximity",
    "refunded_payment": "Payment",
    "sticker": "Sticker",
    "story": "Story",
    "successful_payment": "Payment",
    "supergroup_chat_created": (True,),
    "text": text,
    "users_shared": "UsersShared",
    "venue": "Venue",
    "video": "Video",
    "video_chat_ended": "Ended",
    "video_chat_started": "Empty",
    "video_note": "VideoNote",
    "voice": "Audio",
    "web_app_data": "WebAppData",
    "write_access_allowed": "Empty",
}

UPDATES: dict[str, Spec] = {
    "message": message,
    "edited_message": message,
    "channel_post": message,
    "edited_channel_post": message,
    "business_connection": "BusinessConnection",
    "business_message": message,
    "edited_business_message": message,
    "deleted_business_messages": "BusinessDeleted",
    "message_reaction": "Reaction",
    "message_reaction_count": "ReactionCount",
    "inline_query": "InlineQuery",
    "chosen_inline_result": "ChosenInlineResult",
    "callback_query": lambda g: tapped_button(g) if g.chance.random() < 0.8 else g.make("CallbackQuery"),
    "shipping_query": "ShippingQuery",
    "pre_checkout_query": "PreCheckoutQuery",
    "purchased_paid_media": "PaidMediaPurchased",
    "poll": "Poll",
    "poll_answer": "PollAnswer",
    "my_chat_member": "ChatMemberUpdated",
    "chat_member": "ChatMemberUpdated",
    "chat_join_request": "ChatJoinRequest",
    "chat_boost": "ChatBoostUpdated",
    "removed_chat_boost": "ChatBoostRemoved",
    "managed_bot": "ManagedBot",
    "guest_message": message,
}
KINDS = sorted(KNOWN) + ["message", "edited_message", "callback_query"] * 8
"""Every kind, and those that the bot answers more often."""
