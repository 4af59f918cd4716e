"""Answers that may cost something: whoever asks pays for what the language model reads and writes."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bot.answers import Answers
from bot.completing import Completing
from bot.followups import Turn
from bot.outages import OUTAGE_SECONDS, outlasted
from bot.spending import Spending
from index.errors import StoppedError
from index.stop import Stop
from index.types import Answer, Fallback, Writing
from index.writer import Hear


class PaidAnswers:
    def __init__(self, answers: Answers, spending: Spending, *, patience_seconds: float = OUTAGE_SECONDS) -> None:
        self._answers = answers
        self._spending = spending
        self._patience_seconds = patience_seconds

    async def answer(
        self, question: str, *, payer: int | None, hear: Hear | None = None, stop: Stop | None = None
    ) -> Answer:
        """As of Answers. Without a payer the language model is not asked; where a budget is used up, the answer is the
        one that the model wrote before, which costs nothing, or by quotation and says so. While the server that holds
        the index is away, it is waited for. Raises ConversationsError, too."""
        model = self._answers.writer_name
        if payer is None or not model:
            return await self._answer(question, stop=stop, write=False)
        if not await self._spending.may_write(payer):
            if known := await outlasted(
                partial(self._answers.known, question), stop=stop, seconds=self._patience_seconds
            ):
                await self._spending.note(payer, known.writing)
                return known
            quoted = await self._answer(question, stop=stop, write=False)
            return replace(quoted, writing=Writing(model, Fallback.SPENT))
        try:
            answer = await self._answer(question, stop=stop, hear=hear)
        except StoppedError as error:
            await self._spending.note(payer, error.writing)
            raise
        await self._spending.note(payer, answer.writing)
        return answer

    async def complete(
        self, question: str, turns: Sequence[Turn], *, payer: int, completing: Completing, stop: Stop
    ) -> str:
        """The question so that it stands by itself; where a budget is used up, by the rules. Raises StoppedError."""
        write = await self._spending.may_write(payer)
        try:
            completed = await asyncio.to_thread(completing.complete, question, turns, write=write, stop=stop)
        except StoppedError as error:
            await self._spending.note(payer, error.writing, answers=0)
            raise
        await self._spending.note(payer, completed.writing, answers=0)
        return completed.question

    async def _answer(
        self, question: str, *, stop: Stop | None, write: bool = True, hear: Hear | None = None
    ) -> Answer:
        work = partial(self._answers.answer, question, write=write, hear=hear, stop=stop)
        return await outlasted(work, stop=stop, seconds=self._patience_seconds)
