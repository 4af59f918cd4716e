"""Gaps: what was asked and not answered, or answered in a way that was voted down; the same question in other words
counts as one."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from bot.conversations import answers
from bot.database import Database
from bot.feedback import EXPECTED, given, votes
from index.lexical import Analyzer

SAME = 0.75
"""The share of words, of all that two questions hold, from which they are taken for one: of four words, three. By this
"What does the ferry cost?" and "What does a bicycle cost on the ferry?" are two."""

COMMON_ENGLISH = """
a an the is are was were be been do does did can could will would shall should may might must have has had i we you he
she it they me us him them my our your his her its their this that these those there to of in on at by for from with
about into and or if so what which please tell know"""
COMMON_RUSSIAN = """
а в во и из к ко на о об от по при с со у за для до же ли бы не ни то это эта этот эти есть быть был была было были я
мы вы он она оно они мне нам вам его её их мой наш ваш свой что какой какая какое какие пожалуйста скажите можно"""
COMMON = {"en": frozenset(COMMON_ENGLISH.split()), "ru": frozenset(COMMON_RUSSIAN.split())}
"""Words that tell no question from another, by language. Who, when, where, why and how do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is a gap. `answer` is the id of what was answered, `person` who asked."""

    answer: str
    words: str
    person: int


@dataclass(frozen=True, slots=True)
class Gap:
    """The same question, as often as it was asked; the latest first."""

    asked: tuple[Asked, ...]

    @property
    def question(self) -> str:
        """In the words that were used most; of several the latest."""
        return Counter(" ".join(each.words.split()) for each in self.asked).most_common(1)[0][0]

    @property
    def people(self) -> int:
        return len({each.person for each in self.asked})


class Gaps:
    """Every method may raise ConversationsError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def since(self, day: datetime) -> tuple[Asked, ...]:
        """What was asked from then on and is a gap, the latest first."""
        down = (votes.c.answer == answers.c.id) & (votes.c.question == answers.c.words) & votes.c.good.is_(False)
        is_gap = or_(given.c.answered.is_(False), select(votes.c.answer).where(down).exists())
        found = (
            select(answers.c.id, answers.c.words, answers.c.asker)
            .join(given, given.c.answer == answers.c.id)
            .where(and_(answers.c.created >= day, answers.c.words.is_not(None), answers.c.words != "", is_gap))
            .order_by(answers.c.created.desc())
        )
        async with self._database.writing() as connection:
            rows = (await connection.execute(found)).all()
        return tuple(Asked(row.id, row.words, row.asker or 0) for row in rows)


def grouped(asked: Sequence[Asked], *, languages: Collection[str], analyzer: Analyzer) -> tuple[Gap, ...]:
    """The gaps, those asked most often first. Stemmed for each of the languages; where two questions are the same in
    one of them, they are."""
    known = sorted({"en", *languages})
    groups: list[tuple[Words, list[Asked]]] = []
    for each in asked:
        words = tuple(telling_words(each.words, language, analyzer) for language in known)
        found = next((members for other, members in groups if are_same(words, other)), None)
        if found is None:
            groups.append((words, [each]))
        else:
            found.append(each)
    return tuple(sorted((Gap(tuple(members)) for _, members in groups), key=lambda gap: -len(gap.asked)))


Words = tuple[frozenset[str], ...]
"""Of a question, in each language."""


def telling_words(text: str, language: str, analyzer: Analyzer) -> frozenset[str]:
    """The stems of its words, common ones left out where any other is there."""
    common = {stem for word in COMMON.get(language, ()) for stem in analyzer.terms(word, language)}
    stems = frozenset(analyzer.terms(text, language))
    return stems - common or stems


def are_same(one: Words, other: Words) -> bool:
    return any(overlap(mine, yours) >= SAME for mine, yours in zip(one, other, strict=True))


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Of all the words, the share that both have."""
    return len(one & other) / len(one | other) if one and other else float(one == other)


def question_file(gaps: Iterable[Gap]) -> bytes:
    """JSON lines for `citegram eval` (docs/eval.md): what is right is for the owner to write."""
    lines = (
        {
            "id": gap.asked[0].answer,
            "question": gap.question,
            "answers": [EXPECTED],
            "evidence": [],
            "doc_ids": [],
            "answerable": True,
            "asked": len(gap.asked),
        }
        for gap in gaps
    )
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode()
