"""News for those who watch a question: when another generation of the index is published, each is answered again.

A watch is changed in the database before its news goes out, so that nothing is told twice; where the process dies on
the way, the next one cannot know whether the message arrived, and offers it with a button.
"""

import asyncio
import logging
import secrets

from telegram.error import BadRequest, TelegramError

from bot import texts
from bot.changes import Change, Kind, change
from bot.conversations import KeptAnswer
from bot.folding import fold_line, shortened
from bot.groups import Mode
from bot.languages import Say, say_in
from bot.pages import Page, styled
from bot.pauses import growing_pauses
from bot.telegram.asking import Asking, Reply
from bot.telegram.connecting import until
from bot.telegram.delivery import UnreachableError
from bot.telegram.desk import Desk
from bot.telegram.failing import frames_and_types
from bot.telegram.places import Place, Target
from bot.watches import Watch
from index.errors import IndexingError
from index.types import Answer

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""How often the published generation is looked at, which takes one small file read. Another process may have made it,
so that nobody here could say so."""

QUESTION_LENGTH = 300
"""Characters of the question above its news."""

SENDING_SECONDS = 90.0
"""What another process has been sending for so long it died over; so it did where that is still unsent at the second
look after a start."""

GIVE_WAY_SECONDS = 10.0
"""A person's question goes before a watched one, for so long at most."""


class News:
    def __init__(self, desk: Desk, asking: Asking) -> None:
        self._desk = desk
        self._asking = asking
        self._at_first: frozenset[str] | None = None
        """What was on its way at the first look."""
        self._seen: dict[str, float] = {}
        """What is on its way from any process, and since when that is known."""
        self._generation = ""
        """The one of which all news has been told."""

    async def follow(self, stop: asyncio.Event) -> None:
        """Until `stop`; news that is on its way then is sent first."""
        pauses = growing_pauses()
        while not stop.is_set():
            pause = LOOK_SECONDS
            try:
                if await self._look(stop):
                    pauses = growing_pauses()
                else:
                    pause = next(pauses)
            except IndexingError as error:
                logger.debug("nothing to watch: %s", error)
            except Exception as error:  # one bad moment must not end the watch for ever
                logger.error("news could not be told\n%s", frames_and_types(error))
                pause = next(pauses)
            await until(stop, asyncio.sleep(pause))

    async def _look(self, stop: asyncio.Event) -> bool:
        """Whether all news of the published generation is told."""
        generation = await self._published()
        self._desk.examples.refresh(generation)
        if generation != self._generation:
            await self._offer_unfinished()
            if not await self._tell_all(generation, stop=stop):
                return False
            self._generation = generation
        return True

    async def _tell_all(self, generation: str, *, stop: asyncio.Event) -> bool:
        """One watch after the other. What cannot be told now stays to be told."""
        watches, told_all = self._desk.watches, True
        documents = await asyncio.to_thread(self._desk.answers.fingerprints)
        earlier = await watches.documents()
        for watch in await watches.behind(generation):
            if not await self._desk.allows(asker=watch.person, chat=watch.chat) or await self._is_off(watch):
                continue
            await self._asking.quiet(at_most_seconds=GIVE_WAY_SECONDS)
            if stop.is_set():
                return False
            answer = await self._answered(watch)
            if await self._published() != generation:
                return False
            if answer is None:
                await watches.change(watch, generation=generation)
                continue
            found = change(watch.known, answer, documents=documents, earlier=earlier)
            told_all &= await self._tell(watch, answer, found, generation=generation)
        if not told_all or await watches.unfinished():  # what another worker fails to send has to be told by somebody
            return False
        await watches.note_documents(documents.values())
        return True

    async def _is_off(self, watch: Watch) -> bool:
        """What changes meanwhile is not told later, as with lost access."""
        return await self._desk.modes.mode(watch.chat, watch.thread) is Mode.OFF

    async def _answered(self, watch: Watch) -> Answer | None:
        """None where this question cannot be answered, which must not keep the others waiting."""
        try:
            answer = await self._asking.answered(watch.words)
        except IndexingError:
            raise
        except Exception as error:
            logger.error("a watched question could not be answered\n%s", frames_and_types(error))
            return None
        return answer if isinstance(answer, Answer) else None

    async def _tell(self, watch: Watch, answer: Answer, found: Change, *, generation: str) -> bool:
        """Whether the news has been told, or there was none."""
        if found.kind is Kind.NOTHING:
            await self._desk.watches.change(watch, known=found.known, generation=generation)
            return True
        reply = await self._reply(watch, answer, found)
        claimed = await self._desk.watches.change(
            watch, known=found.known, generation=generation, sending=reply.kept.id
        )
        if claimed is None:  # it has ended, or another worker tells it
            return True
        try:
            await self._asking.send(reply, strict=True)
        except UnreachableError:
            await self._desk.watches.end(watch.id)
            return True
        except BadRequest as error:  # it would be refused again
            logger.error("news for chat %s was refused: %s", watch.chat, error)
        except TelegramError as error:
            logger.warning("news for chat %s could not be sent: %s", watch.chat, error)
            await self._desk.watches.change(claimed, known=watch.known, generation=watch.generation, sending=None)
            return False
        await self._desk.watches.change(claimed, sending=None)
        return True

    async def _reply(self, watch: Watch, answer: Answer, found: Change) -> Reply:
        say = await self._say_to(watch)
        target = Target(Place(watch.chat, watch.thread), watch.message)
        head = news_page(watch.words, found, say)
        return await self._asking.keep(answer, words=watch.words, to=target, say=say, asker=watch.person, head=head)

    async def _offer_unfinished(self) -> None:
        """What a process died over: whether it was sent, only the person can see. Another worker that is sending it is
        given time; whichever begins to offer it, the others leave it alone."""
        at, found = asyncio.get_running_loop().time(), await self._desk.watches.unfinished()
        self._seen = {watch.sending or "": self._seen.get(watch.sending or "", at) for watch in found}
        if self._at_first is None:
            self._at_first = frozenset(self._seen)
        for watch in found:
            patience = LOOK_SECONDS if watch.sending in self._at_first else SENDING_SECONDS
            if at - self._seen[watch.sending or ""] >= patience and (mine := await self._taken(watch)):
                kept = await self._desk.conversations.answer(answer_sent(watch))
                if kept is not None and not kept.replies:
                    await self._offer(watch, kept)
                await self._desk.watches.change(mine, sending=None)

    async def _taken(self, watch: Watch) -> Watch | None:
        """The watch as this process has it in hand; None where another one has, or it has ended."""
        return await self._desk.watches.change(watch, sending=f"{answer_sent(watch)}:{secrets.token_urlsafe(6)}")

    async def _offer(self, watch: Watch, kept: KeptAnswer) -> None:
        target = Target(Place(watch.chat, watch.thread), watch.message)
        await self._asking.offer(kept, to=target, say=await self._say_to(watch))

    async def _say_to(self, watch: Watch) -> Say:
        return say_in(await self._desk.people.language(watch.person) or watch.language)

    async def _published(self) -> str:
        return (await asyncio.to_thread(self._desk.answers.status)).generation


def answer_sent(watch: Watch) -> str:
    """The id of the answer that is on its way."""
    return (watch.sending or "").partition(":")[0]


def news_page(words: str, found: Change, say: Say) -> Page:
    """What stands above the new answer: the question, and which of its quotes are new."""
    new = " ".join(f"[{number}]" for number in found.numbers)
    what = say(texts.NEW_QUOTES, numbers=new) if found.kind is Kind.NEW else say(texts.NO_LONGER)
    heading = (
        styled(say(texts.NEWS), "bold") + Page("\n") + styled(shortened(fold_line(words), QUESTION_LENGTH), "italic")
    )
    return heading + Page("\n\n") + styled(what, "bold") + Page("\n\n")
