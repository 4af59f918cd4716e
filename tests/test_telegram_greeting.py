"""What users of good bots expect of the running bot: a question to begin with, follow-ups, and help where they slip."""

from dataclasses import replace

import pytest

from bot import texts
from bot.languages import say_in
from index.types import Answer, Fate, Use
from tests.botapi import BotApi
from tests.scripted import FIRST_LIT, LANTERN, abstained, answered, quote
from tests.telegram_world import VOTES, GatedAnswers, World, button_texts, texts_of

pytestmark = pytest.mark.timeout(60)

EXAMPLE = "Where does the lighthouse stand?"
STANDS = "The lighthouse stands on the northern cape."


class EnglishAnswers(GatedAnswers):
    """Questions can be drafted from its documents; those about where something stands are answered. To one with
    "hundred" a hundred passages are found."""

    def __init__(self, *, answers_examples: bool = True) -> None:
        super().__init__()
        self._answers_examples = answers_examples

    def languages(self) -> dict[str, str]:
        return {"keeping-the-light.txt": "en", "rules/harbour.md": "en"}

    def answer(self, question: str, **_: object) -> Answer:
        if "hundred" in question:
            found = quote("keeping-the-light.txt", FIRST_LIT)
            passages, fates = (found.passage,) * 100, (Fate(Use.QUOTED, (1,)), *[Fate(Use.BEHIND)] * 99)
            return replace(answered(question, found), passages=passages, fates=fates)
        if "stand" not in question:
            return super().answer(question)
        self.asked.append(question)
        stands = quote("keeping-the-light.txt", STANDS)
        return answered(question, stands) if self._answers_examples else abstained(question, stands)


@pytest.fixture
def answers() -> EnglishAnswers:
    return EnglishAnswers()


# An example to begin with


@pytest.mark.two_workers
async def test_the_greeting_has_an_example_that_is_answered_on_a_tap_once(world: World) -> None:
    chat = world.api.private(world.api.user("Alice"))
    async with world.bot():
        greeting = await chat.reply(to=await chat.start())
        assert greeting.text == f"{texts.START}\n\nFor example: {EXAMPLE}"
        assert button_texts(greeting) == [texts.ASK_EXAMPLE]
        assert world.answers.asked == [EXAMPLE] * world.workers  # each looks for one
    async with world.bot():
        for _ in range(2):
            assert (await chat.tap(chat.person, greeting, button=texts.ASK_EXAMPLE)).text == ""
        answer = await chat.reply(to=greeting)
        assert answer.text.startswith(f"{EXAMPLE}\n\n{STANDS} [1]")
        assert button_texts(answer) == ["1", *VOTES]
        await chat.tap(chat.person, answer, button="1")
        assert (await chat.edited(answer)).formatted("bold")[-1] == STANDS
    assert len(texts_of(chat)) == 2


async def test_the_example_counts_for_the_day_and_is_no_answer_until_it_is_asked(world: World) -> None:
    chat = world.api.private(world.api.user("Alice"))
    async with world.bot(daily_questions=1):
        greeting = await chat.reply(to=await chat.start())
        assert (await chat.reply(to=await chat.say(chat.person, "/export"))).text == texts.NOTHING_TO_EXPORT
        await chat.reply(to=await chat.say(chat.person, "How many steps?"))
        assert (await chat.tap(chat.person, greeting, button=texts.ASK_EXAMPLE)).text == texts.OFFERING_NO_MORE
        await chat.say(chat.person, "/export")
        assert world.api.content(await chat.next_file()).decode().startswith("# How many steps?")
    assert world.answers.asked == [*[EXAMPLE] * world.workers, "How many steps?"]


async def test_an_example_of_another_chat_cannot_be_asked(api: BotApi) -> None:
    alice, eve = api.private(api.user("Alice")), api.private(api.user("Eve"))
    hers = await alice.reply(to=await alice.start())
    eves = await eve.reply(to=await eve.start())
    tapped = await eve.tap(eve.person, eves, data=hers.buttons[0].callback_data)
    assert tapped.text == texts.ASK_AGAIN


@pytest.mark.parametrize("answers", [EnglishAnswers(answers_examples=False), GatedAnswers()], ids=["silent", "none"])
async def test_without_a_question_that_the_bot_answers_the_greeting_has_none(
    world: World, answers: GatedAnswers
) -> None:
    world.answers = answers
    chat = world.api.private(world.api.user("Alice", language_code="ru"))
    async with world.bot():
        greeting = await chat.reply(to=await chat.start())
        assert (greeting.text, greeting.buttons) == (say_in("ru")(texts.START), ())


# Follow-ups


async def test_what_leans_on_the_answer_before_is_completed_and_told(world: World) -> None:
    chat = world.api.private(world.api.user("Alice"))
    async with world.bot():
        first = await chat.reply(to=await chat.say(chat.person, "How many steps in 2020?"))
        follow_up = await chat.say(chat.person, "And in 2021?")
        second = await chat.reply(to=follow_up)
        assert second.text.startswith(f"Understood as: How many steps in 2021?\n\n{FIRST_LIT}")
        await chat.edit(follow_up, "And in 2022?")
        assert (await chat.edited(second)).text.startswith("Understood as: How many steps in 2022?")
        other = await chat.reply(to=await chat.say(chat.person, "What about a lantern?"))
        assert other.text.startswith(LANTERN)
        again = await chat.reply(to=await chat.say(chat.person, "and in 1999?", reply_to=first))
        assert again.text.startswith("Understood as: How many steps in 1999?")
        third = await chat.reply(to=await chat.say(chat.person, "Why?", reply_to=second))
        assert third.text.startswith("Understood as: Why? (how many steps in 2022?)")


async def test_in_a_group_one_goes_on_from_ones_own_question_or_by_a_reply(api: BotApi) -> None:
    alice, boris = api.user("Alice"), api.user("Boris")
    group = api.supergroup("Harbour", members=[alice, boris])
    answer = await group.reply(to=await group.say(alice, "/ask How many steps in 2020?"))
    apart = await group.reply(to=await group.say(boris, "/ask And in 2021?"))
    assert apart.text.startswith(FIRST_LIT)
    own = await group.reply(to=await group.say(alice, "/ask And in 2019?"))
    assert own.text.startswith("Understood as: How many steps in 2019?")
    to_another = await group.say(boris, "Look here.")
    elsewhere = await group.reply(to=await group.say(alice, "/ask And in 2018?", reply_to=to_another))
    assert elsewhere.text.startswith(FIRST_LIT)
    reply = await group.reply(to=await group.say(boris, "And in 2021?", reply_to=answer))
    assert reply.text.startswith("Understood as: How many steps in 2021?")


async def test_each_topic_is_a_conversation_of_its_own(api: BotApi) -> None:
    alice = api.user("Alice")
    forum = api.forum("Harbour", members=[alice])
    first, second = await forum.topic("Steps", by=alice), await forum.topic("Talk", by=alice)
    await forum.reply(to=await forum.say(alice, "/ask How many steps in 2020?", topic=first))
    other = await forum.reply(to=await forum.say(alice, "/ask And in 2021?", topic=second))
    assert other.text.startswith(FIRST_LIT)
    same = await forum.reply(to=await forum.say(alice, "/ask And in 2021?", topic=first))
    assert same.text.startswith("Understood as: How many steps in 2021?")


@pytest.mark.two_workers
async def test_new_starts_over_and_a_restart_does_not(world: World) -> None:
    chat = world.api.private(world.api.user("Alice"))
    async with world.bot():
        await chat.reply(to=await chat.say(chat.person, "When was the Tower opened?"))
    async with world.bot():
        second = await chat.reply(to=await chat.say(chat.person, "How high is it?"))
        assert second.text.startswith("Understood as: How high is the Tower?")
        assert (await chat.reply(to=await chat.say(chat.person, "/new"))).text == texts.STARTED_OVER
        third = await chat.reply(to=await chat.say(chat.person, "How high is it?"))
        assert third.text.startswith(FIRST_LIT)
        replied = await chat.reply(to=await chat.say(chat.person, "How old is it?", reply_to=second))
        assert replied.text.startswith("Understood as: How old is the Tower?")


# Why


async def test_why_tells_the_question_and_what_became_of_each_passage(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    assert (await chat.reply(to=await chat.say(chat.person, "/why"))).text == texts.WHY_NO_ANSWER
    await chat.reply(to=await chat.say(chat.person, "When was the Tower opened?"))
    answer = await chat.reply(to=await chat.say(chat.person, "How high is it?"))
    why = await chat.reply(to=await chat.say(chat.person, "/why"))
    assert why.text == (
        f"{texts.WHY_QUESTION} How high is the Tower?\n\n{texts.WHY_PASSAGES}\n\n"
        "1. Keeping the light › keeping-the-light.txt › The lamp › Its keeper › p. 4\nquoted as [1] [2]\n\n"
        f"2. Harbour rules › rules/harbour.md\n{texts.WHY_NOT_READ}"
    )
    await chat.reply(to=await chat.say(chat.person, "Something unknown?"))
    silent = await chat.reply(to=await chat.say(chat.person, "/why"))
    assert silent.text.startswith(f"{texts.WHY_QUESTION} Something unknown?\n\n{texts.WHY_SILENT}")
    assert f"1. Harbour rules › rules/harbour.md\n{texts.WHY_CLOSEST}\n\n2. " in silent.text
    again = await chat.reply(to=await chat.say(chat.person, "/why", reply_to=answer))
    assert again.text == why.text


async def test_a_long_why_is_split_and_speaks_the_persons_language(api: BotApi) -> None:
    chat = api.private(api.user("Алиса", language_code="ru"))
    await chat.reply(to=await chat.say(chat.person, "Where are the hundred passages?"))
    parts = [await chat.reply(to=await chat.say(chat.person, "/why"))]
    while not parts[-1].text.endswith("100. Keeping the light › keeping-the-light.txt › The lamp › Its keeper › с. 4\n"
                                      f"{say_in('ru')(texts.WHY_BEHIND)}"):  # fmt: skip
        parts.append(await chat.next_message())
    assert parts[0].text.startswith("Я искал: Where are the hundred passages?\n\n")
    assert len(parts) > 1


async def test_the_follow_up_of_another_chat_is_not_taken(api: BotApi) -> None:
    alice, eve = api.private(api.user("Alice")), api.private(api.user("Eve"))
    await alice.reply(to=await alice.say(alice.person, "How many steps in 2020?"))
    reply = await eve.reply(to=await eve.say(eve.person, "And in 2021?"))
    assert reply.text.startswith(FIRST_LIT)


# Slips


async def test_voice_is_declined_kindly(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    assert (await chat.reply(to=await chat.voice(chat.person))).text == texts.VOICE_UNHEARD


@pytest.mark.parametrize(
    ("slip", "meant"), [("/sorces", "sources"), ("/HELPP", "help"), ("/wach it", "watch"), ("/stauts", "status")]
)
async def test_a_slip_in_a_command_is_recognised(api: BotApi, slip: str, meant: str) -> None:
    chat = api.private(api.user("Alice"))
    told = await chat.reply(to=await chat.say(chat.person, slip))
    assert told.text == texts.DID_YOU_MEAN.format(command=meant)
    assert (await chat.reply(to=await chat.say(chat.person, "/xyzzy"))).text == texts.UNKNOWN_COMMAND
