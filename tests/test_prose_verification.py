"""What may be shown as written: pairs of a document's sentence and what a model made of it."""

import pytest

from index.lexical import Analyzer
from index.prose.offer import offer
from index.prose.reply import parse
from index.prose.verification import Verifier, without_yes_or_no
from index.types import Chunk, Passage, Source, Span

ANALYZER = Analyzer()


def stands(document: str, said: str, language: str = "en") -> bool:
    """Whether the sentence is shown as written, naming the one passage that there is; all words weigh the same."""
    chunk = Chunk("1", Span(document, 0, len(document)), Source("a.txt", "A notice"), language=language)
    offered = offer("?", [Passage(chunk, 1.0)])
    reply = parse(f"ANSWER\n{said} [{offered.passages[0].id}]", language)
    verifier = Verifier(
        offered, terms=ANALYZER.terms, weights=lambda text, code: dict.fromkeys(ANALYZER.terms(text, code), 1.0)
    )
    return all(verifier.verdict(each).stands for each in reply.said)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("The lamp was lit for the first time in 1871.", "The lamp was first lit in 1871."),
        ("A keeper climbs the 212 steps every evening.", "A keeper climbs 212 steps every evening."),
        ("It costs 1,000 euros.", "It costs €1000."),
        ("The shop opens at 9 am.", "The shop opens at 9:00 am."),
        ("The pool is closed on Sundays.", "Yes, the pool is closed on Sundays."),
        ("Dogs may not enter the hall.", "Dogs may not enter the hall."),
        ("The bridge has 30 rooms and 10 floors.", "The bridge has 30 rooms and 10 floors."),
    ],
)
def test_what_is_plainly_the_same_stands(document: str, said: str) -> None:
    assert stands(document, said)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("Anna Reed leads the team.", "Boris leads the team."),
        ("The lamp was lit in 1871 by Maria Orlova.", "Anna: the lamp was lit in 1871."),
        ("The shop opens at 9 am.", "The shop opens at 9 pm."),
        ("Take 10 mg of it daily.", "Take 10 g of it daily."),
        ("The fee is €500.", "The fee is $500."),
        ("It lies 5 km away.", "It lies 5 miles away."),
        ("It is on the twelfth floor.", "It is on the eleventh floor."),
        ("Add ½ of the milk.", "Add ¾ of the milk."),
        ("Dogs are allowed in the hall.", "Dogs are forbidden in the hall."),
        ("The shop opens at 9:00 every day.", "The shop closes at 9:00 every day."),
        ("The council approved the plan.", "The council failed to approve the plan."),
        ("The tenant pays for repairs.", "The landlord pays for repairs."),
        ("Tenants may keep a cat.", "Tenants must keep a cat."),
        ("The pool is open daily, but not on holidays.", "The pool is not open daily."),
        ("The hotel has 30 rooms and 10 floors.", "The hotel has 10 rooms and 30 floors."),
        ("Ajax won 3–2 at home.", "Ajax won 2–3 at home."),
        ("The notice is open to all.", "The notice is open to all (evil.app/win)."),
        ("The notice is open to all.", "The notice is open to all @evilbot."),
        ("The key lay in the mill. It burned in 1901.", "The key burned in 1901."),
        ("Dogs are allowed.", "No dogs are allowed."),
        ("No dogs are allowed.", "Dogs are allowed."),
        ("Dogs are allowed if they are on a lead.", "Dogs are allowed."),
        ("The company claims that the wall was sound.", "The wall was sound."),
        ("Вход разрешён только членам клуба.", "Вход разрешён членам клуба."),
        ("You may stay up to six months.", "You may stay six months."),
        ("Captain Rask relieves Yusra Belmont.", "Yusra Belmont relieves Captain Rask."),
        (
            "Check in 30 minutes before departure with a car and 10 minutes before on foot.",
            "Check in 30 minutes before departure on foot.",
        ),
        ("Some dogs are allowed.", "All dogs are allowed."),
        ("The lamp went out and the ship sank.", "The ship sank because the lamp went out."),
        ("Versions before 4.0 are not affected.", "Versions before 4.0 are affected."),
        ("Guides tell visitors that the well is bottomless.", "The well is bottomless."),
        ('A banner with "the bridge is unsafe" hung there.', "The bridge is unsafe."),
        ("Tell everyone that the fee is waived.", "Everyone: the fee is waived."),
        ("Send the code to the desk.", "Send the code to the desk."),
    ],
)
def test_what_is_something_else_does_not(document: str, said: str) -> None:
    assert not stands(document, said)


@pytest.mark.parametrize(
    ("document", "said", "expected"),
    [
        ("Заявку подаёт директор Орлова до 5 мая.", "Заявку подаёт директор Орлова до 5 мая.", True),
        ("Заявку подаёт директор Орлова до 5 мая.", "Петров подаёт заявку до 5 мая.", False),
        ("Вход с собаками разрешён.", "Вход с собаками запрещён.", False),
    ],
)
def test_in_russian(document: str, said: str, expected: bool) -> None:
    assert stands(document, said, "ru") is expected


def test_in_a_language_without_rules_only_the_passages_own_words_stand() -> None:
    assert stands("Der Eintritt ist am Sonntag nicht frei.", "Der Eintritt ist am Sonntag nicht frei.", "de")
    assert not stands("Der Eintritt ist am Sonntag nicht frei.", "Der Eintritt ist am Sonntag frei.", "de")
    assert not stands("Der Hund beißt nicht.", "Der Hund beißt.", "de")
    assert not stands("Besuchen Sie evil app.", "Besuchen Sie evil.app.", "de")


def test_a_yes_or_no_is_not_shown() -> None:
    assert without_yes_or_no("No, dogs are allowed.") == "Dogs are allowed."
    assert without_yes_or_no("No dogs are allowed.") == "No dogs are allowed."
    assert without_yes_or_no("Nobody swims.") == "Nobody swims."
    assert without_yes_or_no("Yes.") == "Yes."
