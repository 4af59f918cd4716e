"""Files on the stand-in for the Bot API: sent by people, fetched and sent by the bot."""

import io

import pytest
from PIL import Image
from telegram import Bot, MessageEntity, Update
from telegram.error import NetworkError

from tests.botapi import BotApi, PrivateChat
from tests.botapi.methods.messages import UPLOAD_LIMIT
from tests.test_botapi import api, bot, chat, refused

__all__ = ["api", "bot", "chat"]

TEXT = "Überall".encode()


async def sent_to(bot: Bot) -> list[Update]:
    return [update for update in await bot.get_updates() if update.message and update.message.document]


async def test_a_file_of_a_person_can_be_fetched(bot: Bot, chat: PrivateChat) -> None:
    await chat.document(chat.person, "Liste, neu.md", TEXT, caption="Look")
    (update,) = await sent_to(bot)
    assert update.message is not None
    document = update.message.document
    assert document is not None
    assert (document.file_name, document.file_size, update.message.caption) == ("Liste, neu.md", len(TEXT), "Look")
    assert await (await bot.get_file(document.file_id)).download_as_bytearray() == TEXT


async def test_an_album_is_messages_with_one_name_and_a_forwarded_file_says_so(bot: Bot, chat: PrivateChat) -> None:
    for name in ("a.md", "b.md"):
        await chat.document(chat.person, name, TEXT, album="7")
    await chat.document(chat.person, "c.md", TEXT, forwarded=True)
    messages = [update.message for update in await sent_to(bot)]
    assert [message.media_group_id for message in messages if message] == ["7", "7", None]
    assert [message.forward_origin is not None for message in messages if message] == [False, False, True]


async def test_a_file_over_20_mb_cannot_be_fetched(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    sent = await chat.document(chat.person, "large.pdf", b"x", size=20 * 1024 * 1024 + 1)
    with refused("file is too big"):
        await bot.get_file(sent.attachment["document"]["file_id"])
    with refused("wrong file_id"):
        await bot.get_file("document-0")
    assert [call.status for call in api.calls_of("getFile")] == [400, 400]


async def test_a_file_of_the_bot_is_kept_with_its_caption(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    bold = MessageEntity("bold", 0, 3)
    await bot.send_document(chat.id, TEXT, filename="Ü.md", caption="One two", caption_entities=[bold])
    file = await chat.next_file()
    assert (api.content(file), file.attachment["document"]["file_name"]) == (TEXT, "Ü.md")
    assert (file.text, file.formatted("bold")) == ("One two", ("One",))
    assert not api.violations


async def test_what_telegram_refuses_of_a_file(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    with refused("file must be non-empty"):
        await bot.send_document(chat.id, b"", filename="a.md")
    with refused("message caption is too long"):
        await bot.send_document(chat.id, TEXT, filename="a.md", caption="x" * 1025)
    with refused('"document" must be File'):
        await bot.send_document(chat.id, "document-0")
    with pytest.raises(NetworkError, match="Too Large"):
        await bot.send_document(chat.id, bytes(UPLOAD_LIMIT + 1), filename="a.md")
    assert len(api.violations) == 4


def a_picture(width: int, height: int) -> bytes:
    drawn = io.BytesIO()
    Image.new("1", (width, height)).save(drawn, "PNG")
    return drawn.getvalue()


async def test_a_picture_of_the_bot_is_kept_with_its_size(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    await bot.send_photo(chat.id, a_picture(30, 20), filename="p.png", caption="Page 2")
    photo = await chat.next_photo()
    assert (photo.text, api.content(photo)) == ("Page 2", a_picture(30, 20))
    assert [(size["width"], size["height"]) for size in photo.attachment["photo"]] == [(30, 20)]
    assert not api.violations


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (TEXT, "IMAGE_PROCESS_FAILED"),
        (a_picture(9000, 1001), "PHOTO_INVALID_DIMENSIONS"),
        (a_picture(210, 10), "PHOTO_INVALID_DIMENSIONS"),
    ],
    ids=["text", "too large", "too long"],
)
async def test_what_telegram_refuses_of_a_picture(
    api: BotApi, bot: Bot, chat: PrivateChat, content: bytes, complaint: str
) -> None:
    with refused(complaint):
        await bot.send_photo(chat.id, content, filename="p.png")
    assert not chat.messages_of_bot
    assert len(api.violations) == 1
