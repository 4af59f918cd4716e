"""A cited answer as a Markdown file."""

from dataclasses import replace
from datetime import date

import pytest

from bot.conversations import KeptAnswer, KeptCitation
from bot.exporting import file_name, markdown
from bot.languages import ENGLISH, say_in
from bot.pages import Page
from index.types import Source

LAMP = KeptCitation(
    Page(""), "It was *lit*\nin 1871.", "", Source("a/lamp.pdf", "The lamp", page=4, modified=date(2024, 5, 17))
)
MAIL = KeptCitation(
    Page(""), "It leaves at nine.", "", Source("box.mbox", "box", modified=date(2024, 5, 20), author="Tom <tom@x.org>")
)
WEB = KeptCitation(Page(""), "# 5 < 6 [sic]", "", Source("https://example.org/x", "5 < 6", url="https://example.org/x"))
KEPT = KeptAnswer("a", 1, None, 1, Page(""), citations=(LAMP, WEB), words="When was the\nlamp lit?")
WHOLE = r"""# When was the lamp lit?

It was \*lit\* in 1871. [1] 5 \< 6 \[sic\] [2]

## Sources

\[1\] **The lamp**, `a/lamp.pdf`, p. 4, 17 May 2024

> It was \*lit\*
> in 1871.

\[2\] [**5 \< 6**](<https://example.org/x>), `https://example.org/x`

> \# 5 \< 6 \[sic\]
"""


def test_it_holds_the_question_the_answer_and_each_source_with_its_quote() -> None:
    assert markdown(KEPT, "It was *lit* in 1871. [1] 5 < 6 [sic] [2]", ENGLISH) == WHOLE


def test_of_a_mail_the_sender_is_told() -> None:
    mail = replace(KEPT, citations=(MAIL,))
    assert "\\[1\\] **box**, `box.mbox`, Tom, 20 May 2024\n" in markdown(mail, "At nine. [1]", ENGLISH)


def test_what_was_told_about_the_sources_stands_above_the_answer() -> None:
    told = markdown(replace(KEPT, notes=("The documents disagree: [1] *1871*, [2] 5.",)), "It was lit. [1]", ENGLISH)
    assert told.startswith(
        "# When was the lamp lit?\n\nThe documents disagree: [1] \\*1871\\*, [2] 5.\n\nIt was lit. [1]\n"
    )


def test_where_nothing_was_cited_it_is_the_text_alone() -> None:
    kept = replace(KEPT, citations=(), words="")
    assert markdown(kept, "The documents don't say.", ENGLISH) == "The documents don't say.\n"


def test_it_is_in_the_persons_language() -> None:
    assert "## Источники\n\n\\[1\\] **The lamp**, `a/lamp.pdf`, с. 4, 17 мая 2024\n" in markdown(KEPT, "", say_in("ru"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("When was the lamp lit?", "when-was-the-lamp-lit.md"),
        ("../../etc", "etc.md"),
        ("Когда?", "когда.md"),
        ("???", "answer.md"),
        ("word " * 40, "word-" * 11 + "word.md"),
    ],
)
def test_the_file_is_named_by_the_question(words: str, expected: str) -> None:
    assert file_name(replace(KEPT, words=words)) == expected
