"""Answers and lists that are too long for a few messages: a short one, and the whole as a file."""

from dataclasses import replace

import pytest

from bot import texts
from bot.pages import MOST_PARTS
from bot.render import SOURCES_SHOWN
from index.types import Answer, Chunk, Citation, Outcome, Passage, Quote, Source, Span
from tests import botapi
from tests.botapi import BotApi, Chat, Message
from tests.telegram_world import VOTES, GatedAnswers, button_texts, texts_of

pytestmark = pytest.mark.timeout(60)

SENTENCE = "The {n}th keeper of the 😀 lamp writes down the weather, the hour and every passing sail."
QUOTES = [" ".join([SENTENCE.format(n=n)] * 30) for n in range(1, 6)]
PARAGRAPHS = "\n\n".join(QUOTES)
BOOK = Source("log/book.md", "The log book", page=7, url="https://example.org/book")


class LongAnswers(GatedAnswers):
    """With "all", five long quotes; with "two", two of them, which is not too long; "endless" is one long quote."""

    many = SOURCES_SHOWN + 40

    def answer(self, question: str, **_: object) -> Answer:
        if "all" in question or "two" in question:
            self.asked.append(question)
            return quoted(question, *(quote_of(each) for each in (QUOTES[:2] if "two" in question else QUOTES)))
        if "endless" in question:
            return quoted(question, quote_of(PARAGRAPHS))
        if "silent" in question:
            return Answer(question, "Nothing.", Outcome.ABSTAINED, 0.1, closest=(closest(),) * 10)
        return super().answer(question)

    def sources(self) -> tuple[Source, ...]:
        return tuple(
            replace(BOOK, document=f"{'log/' * 30}{n}.md", title=f"{n} {'Log ' * 40}") for n in range(self.many)
        )


def quoted(question: str, *quotes: Quote) -> Answer:
    text = " ".join(f"{each.text} [{number}]" for number, each in enumerate(quotes, 1))
    citations = tuple(Citation(number, each) for number, each in enumerate(quotes, 1))
    return Answer(question, text, Outcome.ANSWERED, 0.9, citations=citations)


def quote_of(text: str) -> Quote:
    start = PARAGRAPHS.index(text)
    chunk = Chunk("en-1", Span(PARAGRAPHS, 0, len(PARAGRAPHS)), BOOK, ("The log book", "Keepers"))
    return Quote(Span(text, start, start + len(text)), Passage(chunk, 1.0), chunk.span)


def closest() -> Quote:
    """One whose title and text fill as much of a message as they may."""
    text = "😀" * 3000
    chunk = Chunk("en-2", Span(text, 0, len(text)), replace(BOOK, title="🚀" * 300, page=None), ("🗼" * 300,))
    return Quote(chunk.span, Passage(chunk, 1.0), chunk.span)


@pytest.fixture
def answers() -> LongAnswers:
    return LongAnswers()


def files_of(chat: Chat) -> list[Message]:
    return [message for message in chat.messages_of_bot if message.kind == "document"]


def is_whole(text: str) -> bool:
    """Whether it ends with a sentence, and after that sentence's number where it has one."""
    return text.endswith((".", ". [1]", ". [2]"))


async def test_an_answer_beyond_three_messages_is_a_short_one_and_a_file_in_its_topic(api: BotApi) -> None:
    alice = api.user("Alice")
    forum = api.forum("Harbour", members=[alice])
    topic = await forum.topic("Talk", by=alice)
    question = await forum.say(alice, "/ask all of it?", topic=topic)
    short = await forum.reply(to=question)
    file = await forum.next_file()
    beginning, rest = short.text.split(f"\n\n{texts.ANSWER_IN_FILE}\n\n")
    assert beginning.startswith(f"{QUOTES[0]} [1] The 2th")
    assert beginning.endswith("… [2]")
    assert is_whole(beginning.removesuffix("… [2]"))
    assert short.formatted("expandable_blockquote") == (rest,)
    assert rest.splitlines()[5].startswith("5  The log book, p. 7: “The 5th keeper")
    assert button_texts(short) == ["1", "2", "3", "4", "5", *VOTES]
    assert (file.thread_id, file.reply_to) == (topic.id, question.id)
    assert file.attachment["document"]["file_name"] == "answer.txt"
    content = api.content(file).decode()
    assert content.startswith("all of it?\n\n")
    assert all(f"{text} [{number}]" in content for number, text in enumerate(QUOTES, 1))
    assert "[5] The log book\nlog/book.md › Keepers › p. 7\nhttps://example.org/book\n" in content
    assert [call.method for call in api.calls if call.method in ("sendMessage", "sendDocument")] == [
        "sendMessage",
        "sendDocument",
    ]
    await forum.tap(alice, short, button="5")
    assert "\n\n[5] The log book\n" in (await forum.reply(to=short)).text


async def test_up_to_three_messages_need_no_file_and_end_with_sentences(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    await chat.reply(to=await chat.say(chat.person, "two?"))
    last = await chat.next_message()
    parts = texts_of(chat)
    assert 1 < len(parts) <= MOST_PARTS
    assert all(is_whole(part) for part in parts[:-1])
    assert last.formatted("expandable_blockquote")[0].startswith(texts.SOURCES)
    assert (button_texts(chat.messages_of_bot[0]), button_texts(last)) == ([], ["1", "2", *VOTES])
    assert not files_of(chat)


async def test_of_one_endless_quote_the_beginning_has_its_number(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    short = await chat.reply(to=await chat.say(chat.person, "endless?"))
    assert ".… [1]\n\n" in short.text
    assert button_texts(short) == ["1", *VOTES]
    assert PARAGRAPHS in api.content(await chat.next_file()).decode()


async def test_long_closest_quotes_are_a_short_message_and_a_file(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    short = await chat.reply(to=await chat.say(chat.person, "silent?"))
    assert short.text.startswith(texts.DOCUMENTS_SILENT)
    assert short.text.endswith(texts.ANSWER_IN_FILE)
    assert button_texts(short) == VOTES
    assert api.content(await chat.next_file()).decode().count("😀" * 3000) == 10


async def test_a_long_list_of_documents_is_a_short_one_and_a_file_with_all(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    short = await chat.reply(to=await chat.say(chat.person, "/sources"))
    assert short.text.startswith(f"I answer from {LongAnswers.many} documents:\n• 0 Log")
    assert short.text.endswith(texts.LIST_IN_FILE)
    listed = api.content(await chat.next_file()).decode().splitlines()
    assert len(listed) == 1 + LongAnswers.many
    assert listed[-1].startswith(f"• {LongAnswers.many - 1} Log")


async def test_a_question_edited_meanwhile_takes_its_file_along(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    question = await chat.say(chat.person, "all of it?")
    short, first = await chat.reply(to=question), await chat.next_file()
    await chat.edit(question, "all of it, please?")
    second = await chat.next_file()
    assert files_of(chat) == [second]
    await chat.edit(question, "lantern?")
    await chat.edited(short)
    await chat.deleted(second)
    assert first.id != second.id
    assert len(texts_of(chat)) == 1


@pytest.mark.parametrize(("fault", "files"), [(botapi.DropAfter(), 1), (botapi.DropBefore(), 0)])
async def test_a_file_that_may_be_lost_is_not_sent_again_but_told_of(
    api: BotApi, fault: botapi.Fault, files: int
) -> None:
    chat = api.private(api.user("Alice"))
    api.fail("sendDocument", fault)
    question = await chat.say(chat.person, "all of it?")
    await chat.reply(to=question)
    notice = await chat.reply(to=question)
    assert notice.text == texts.CONNECTION_BROKE_LONG
    assert len(files_of(chat)) == files
    assert len(api.calls_of("sendDocument")) == 1


async def test_a_file_is_tried_again_where_it_surely_did_not_arrive(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    api.fail("sendDocument", botapi.BadGateway(html=True))
    api.fail("sendDocument", botapi.RetryAfter(1))
    await chat.say(chat.person, "all of it?")
    await chat.next_file()
    assert len(files_of(chat)) == 1
