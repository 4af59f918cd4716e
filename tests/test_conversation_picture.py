"""The picture in the README."""

import re
import xml.etree.ElementTree as ElementTree
from html import unescape
from pathlib import Path

from bot.languages import ENGLISH
from bot.telegram.asking import composed
from tests.scripted import ScriptedAnswers
from tools.draw_conversation import WIDTH, broken, drawn

ROOT = Path(__file__).parent.parent
QUESTION = "How many steps < 300?"


def words_of(picture: str) -> list[str]:
    ElementTree.fromstring(picture)
    return [unescape(word) for word in re.findall(r"<text[^>]*>([^<]*)</text>", picture)]


def test_it_shows_the_question_the_answer_and_the_opened_citation_word_for_word() -> None:
    page, (citation, *_) = composed(ScriptedAnswers().answer(QUESTION), ENGLISH)
    buttons = [button.text for row in (*page.buttons, *citation.page.buttons) for button in row]
    shown = words_of(drawn(QUESTION, page, citation.page))
    assert [word for word in shown if word not in buttons] == [
        word for text in (QUESTION, page.text, citation.page.text) for word in text.split() if word not in buttons
    ]
    assert [word for word in shown if word in buttons and not word.isdigit()] == [b for b in buttons if not b.isdigit()]


def test_its_lines_fit_and_quotes_are_told_from_the_rest() -> None:
    page, _ = composed(ScriptedAnswers().answer(QUESTION), ENGLISH)
    lines = list(broken(page, WIDTH))
    assert all(run.x + run.length <= WIDTH for _, line in lines for run in line if run.text.strip())
    assert [quoted for quoted, line in lines if any(run.text == "Sources" for run in line)] == [True]
    assert not lines[0][0]


def test_the_one_in_the_readme_is_a_picture() -> None:
    assert "docs/conversation.svg" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "Geneva" in words_of((ROOT / "docs" / "conversation.svg").read_text(encoding="utf-8"))
