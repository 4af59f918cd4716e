"""An answer, a citation or the list of documents as a Page, for the console and for Telegram alike."""

from collections.abc import Iterable, Sequence
from datetime import date
from email.utils import parseaddr
from itertools import islice
from pathlib import PurePosixPath

from bot import texts
from bot.folding import fold, fold_line, folded, named_line, shortened, shortened_before
from bot.languages import ENGLISH, Say
from bot.pages import (
    CLOSE_ACTION,
    MESSAGE_UNITS,
    Button,
    Page,
    beginning,
    joined,
    split,
    styled,
    utf16_length,
)
from index.types import (
    MARKER,
    Answer,
    Citation,
    Disagreement,
    Fallback,
    NewerCited,
    NewerUncited,
    Note,
    Quote,
    Said,
    Source,
)

BUTTONS_IN_ROW = 8
"""Telegram's most."""

BEGINNING = 90
"""Characters of a quote in the list of sources: about two lines on a phone."""

CLOSEST_BEGINNING = 300
"""Characters of a quote that stands for an answer where there is none."""

SHORT_SHARE = 0.6
"""Of a quote: a short answer that is longer saves no reading."""

SHORT_SOURCES_UNITS = 1800
"""Room for the sources of an answer that is too long for a few messages: the quotes have as much."""

SOURCES_SHOWN = 60
"""Documents in the list of sources, at most: two messages rather than a flood."""


WHY_QUOTED = {
    Fallback.UNREACHABLE: texts.MODEL_UNREACHABLE,
    Fallback.SLOW: texts.MODEL_SLOW,
    Fallback.LIMITED: texts.MODEL_LIMITED,
    Fallback.REFUSED: texts.MODEL_REFUSED,
    Fallback.NONSENSE: texts.MODEL_NONSENSE,
    Fallback.SPENT: texts.MODEL_SPENT,
}


def answer_page(answer: Answer, say: Say = ENGLISH) -> Page:
    """The answer with its sources in an expandable quote and a button for each; or, where the documents don't say,
    that and the closest quotes."""
    return answered_page(answer, say) if answer.answered else abstained_page(answer, say)


def understood_page(question: str, say: Say = ENGLISH) -> Page:
    """Above the answer to a question that was completed."""
    return styled(say(texts.UNDERSTOOD, question=question), "italic") + Page("\n\n")


def answered_page(answer: Answer, say: Say) -> Page:
    sources = sources_quote((source_line(citation, say) for citation in answer.citations), say)
    numbers = [Button(str(citation.number), str(citation.number)) for citation in answer.citations]
    quotes = answered_head(answer, say) + Page(fold(answer.text)) + quoted_instead(answer, say)
    return quotes + Page("\n\n") + sources + Page("", buttons=rows(numbers))


def quoted_instead(answer: Answer, say: Say) -> Page:
    """Why quotations stand where the language model should have written, or why it ends early."""
    writing = answer.writing
    if writing is None or not (writing.fallback or writing.stopped):
        return Page("")
    sentence = WHY_QUOTED[writing.fallback] if writing.fallback else texts.MODEL_STOPPED
    return Page("\n\n") + styled(say(sentence), "italic")


def answered_head(answer: Answer, say: Say) -> Page:
    """What stands above the quotes: what has to be told about them, a doubt where there is one, and the few words that
    answer."""
    told = joined("", (note_page(note, say) + Page("\n\n") for note in answer.notes))
    doubt = Page(f"{say(texts.UNCERTAIN)}\n\n") if answer.uncertain else Page("")
    return told + doubt + short_answer(answer)


def note_page(note: Note, say: Say) -> Page:
    """The name of a file as code, lest a chat take it for an address."""
    line = note_line(note, say)
    name = shortened(note.source.document, TITLE_LENGTH) if isinstance(note, NewerUncited) else ""
    before, found, after = line.rpartition(name) if name else (line, "", "")
    return Page(before) + styled(found, "code") + Page(after)


def note_line(note: Note, say: Say) -> str:
    match note:
        case Disagreement(sides, None):
            return say(texts.DISAGREEMENT, sides=sides_line(sides))
        case Disagreement(sides, newest):
            return say(texts.DISAGREEMENT_DATED, sides=sides_line(sides), newest=f"[{newest}]")
        case NewerCited(newer, older, ()):
            return say(texts.NEWER, newer=f"[{newer}]", older=markers(older))
        case NewerCited(newer, older, sides):
            return say(texts.NEWER_DIFFERS, newer=f"[{newer}]", older=markers(older), sides=sides_line(sides))
        case NewerUncited(older, source, stated):
            named = (named_line(source.title), source.document, day_of(stated, say))
            document = ", ".join(shortened(each, TITLE_LENGTH) for each in dict.fromkeys(named) if each)
            return say(texts.NEWER_UNCITED, older=markers(older), document=document)


def sides_line(sides: Iterable[Said]) -> str:
    return ", ".join(f"[{side.number}] {fold_line(side.value)}" for side in sides)


def markers(numbers: Iterable[int]) -> str:
    return ", ".join(f"[{number}]" for number in numbers)


def sources_quote(lines: Iterable[Page], say: Say) -> Page:
    return styled(joined("\n", (styled(say(texts.SOURCES), "bold"), *lines)), "expandable_quote")


def beginning_of_answer(answer: Answer, say: Say = ENGLISH) -> Page:
    """One message in place of an answer that is too long: its first quotes with their numbers, a sentence that a file
    holds the whole, all its sources and buttons."""
    sentence = say(texts.ANSWER_IN_FILE)
    if not answer.answered:
        return beginning(abstained_page(answer, say), sentence)
    whole = answered_page(answer, say)
    room = SHORT_SOURCES_UNITS // len(answer.citations)
    lines = (Page(shortened(source_line(each, say).text, units=room)) for each in answer.citations)
    end = (
        quoted_instead(answer, say)
        + Page(f"\n\n{sentence}\n\n")
        + sources_quote(lines, say)
        + Page("", buttons=whole.buttons)
    )
    return beginning_of_quotes(answer, say, limit=MESSAGE_UNITS - utf16_length(end.text)) + end


def beginning_of_quotes(answer: Answer, say: Say, *, limit: int) -> Page:
    """The last quote has its number also where only its beginning fits."""
    page = answered_head(answer, say) + Page(fold(answer.text))
    room = limit - len("… [10]")
    kept = split(page, limit=room)[0]
    cut = MARKER.search(page.text, len(kept.text))
    return kept if cut is None or kept.text.endswith("]") else kept + Page(f"… {cut[0]}")


def whole_answer(answer: Answer, say: Say = ENGLISH) -> str:
    """All of a long answer, to be read outside of the chat: the question, every quote, where each stands."""
    if answer.answered:
        quotes = (answered_head(answer, say) + Page(fold(answer.text)) + quoted_instead(answer, say)).text
        heads = (citation_head(each, say).text + address_of(each.quote.source) for each in answer.citations)
        return "\n\n".join((answer.question, quotes, say(texts.SOURCES), *heads)) + "\n"
    closest = (f"{place(quote, say)}{address_of(quote.source)}\n“{fold(quote.text)}”" for quote in answer.closest)
    silent = say(texts.DOCUMENTS_SILENT) + quoted_instead(answer, say).text
    return "\n\n".join((answer.question, silent, say(texts.CLOSEST), *closest)) + "\n"


def address_of(source: Source) -> str:
    return f"\n{source.url}" if source.url else ""


def short_answer(answer: Answer) -> Page:
    """The few words of the first quote that answer, in bold above it; nothing where they are most of it anyway, or
    documents state several things, which are told."""
    quote = answer.citations[0].quote
    disputed = any(note.sides for note in answer.notes)
    if quote.answer is None or disputed or len(quote.answer.text) > SHORT_SHARE * len(quote.text):
        return Page("")
    return styled(fold_line(quote.answer.text), "bold") + Page("\n\n")


def source_line(citation: Citation, say: Say) -> Page:
    quote = citation.quote
    beginning = shortened(fold_line(quote.text), BEGINNING)
    return Page(f"{citation.number}  {place(quote, say)}: “{beginning}”")


def abstained_page(answer: Answer, say: Say) -> Page:
    closest = [closest_quote(quote, say) for quote in answer.closest]
    introduction = [Page(say(texts.CLOSEST))] if closest else []
    silent = Page(say(texts.DOCUMENTS_SILENT)) + quoted_instead(answer, say)
    return joined("\n\n", (silent, *introduction, *closest))


def closest_quote(quote: Quote, say: Say) -> Page:
    beginning = shortened(fold_line(quote.text), CLOSEST_BEGINNING)
    return Page(f"{place(quote, say)}\n") + styled(f"“{beginning}”", "quote")


def citation_page(
    citation: Citation, say: Say = ENGLISH, *, numbers: Sequence[int] = (), limit: int = MESSAGE_UNITS
) -> Page:
    """The quote in bold within the text around it, below where it stands; always a single message.

    `numbers` are all the citations of the answer; each gets a button, and the open one's button closes it.
    """
    head = citation_head(citation, say)
    body = quote_in_context(citation.quote, limit - utf16_length(head.text) - len("\n\n"))
    return head + Page("\n\n") + body + Page("", buttons=rows(opened_buttons(citation.number, numbers, say)))


def opened_buttons(opened: int, numbers: Sequence[int], say: Say) -> list[Button]:
    numbered = [
        Button(f"· {number} ·", CLOSE_ACTION) if number == opened else Button(str(number), str(number))
        for number in numbers
    ]
    return [*numbered, Button(say(texts.CLOSE), CLOSE_ACTION)] if numbered else []


def citation_head(citation: Citation, say: Say) -> Page:
    """The title, with its link if the document has an address, and the way to the quote: file › heading › page ›
    author › date."""
    source = citation.quote.source
    title = styled(shortened(named_line(source.title or source.document), TITLE_LENGTH), "bold")
    linked = styled(title, "link", url=source.url) if source.url else title
    way = (heading_path(citation.quote), page_of(source, say), author_of(source), day_of(source.modified, say))
    steps = [styled(shortened(source.document, TITLE_LENGTH), "code"), *(Page(step) for step in way if step)]
    return Page(f"[{citation.number}] ") + linked + Page("\n") + joined(" › ", steps)


TITLE_LENGTH = 200
AUTHOR_LENGTH = 80

SIGNED = frozenset({".eml", ".mbox", ".md", ".markdown"})
"""Formats in which an author is a mail's sender, or stands in the front matter."""


def quote_in_context(quote: Quote, room: int) -> Page:
    """The stretch of the document around the quote, the quote in bold; of a long one, what is nearest the quote."""
    context, (start, end) = folded(
        quote.context.text, marks=(quote.span.start - quote.context.start, quote.span.end - quote.context.start)
    )
    highlighted = shortened(context[start:end], units=room)
    spare = room - utf16_length(highlighted)
    before, after = context[:start].lstrip(), context[end:].rstrip()
    before = shortened_before(before, max(spare // 2, spare - utf16_length(after)))
    after = shortened(after, units=spare - utf16_length(before))
    return styled(Page(before) + styled(highlighted, "bold") + Page(after), "quote")


def sources_page(sources: Sequence[Source], say: Say = ENGLISH, *, shown: int = SOURCES_SHOWN) -> Page:
    """The documents, by title with path and date; the first `shown` of them."""
    if not sources:
        return Page(say(texts.NO_SOURCES))
    counted = say.counted(texts.ONE_DOCUMENT, texts.DOCUMENTS, len(sources))
    lines = [styled(counted, "bold"), *(document_line(source, say) for source in sources[:shown])]
    if len(sources) > shown:
        lines.append(Page(say(texts.AND_MORE, count=len(sources) - shown)))
    return joined("\n", lines)


def document_line(source: Source, say: Say) -> Page:
    title = shortened(named_line(source.title), TITLE_LENGTH)
    named = [Page(title)] if title and title != source.document else []
    dated = [Page(day_of(source.modified, say))] if source.modified else []
    return Page("• ") + joined(" · ", [*named, styled(shortened(source.document, TITLE_LENGTH), "code"), *dated])


def place(quote: Quote, say: Say) -> str:
    """Where a quote stands, in one line: title, page or heading, date."""
    source = quote.source
    title = shortened(named_line(source.title or source.document), TITLE_LENGTH)
    steps = (title, page_of(source, say) or heading_path(quote), author_of(source), day_of(source.modified, say))
    return ", ".join(step for step in steps if step)


def heading_path(quote: Quote) -> str:
    """The headings above the quote, without one that only repeats the title."""
    headings = [named_line(heading) for heading in quote.heading]
    told = headings[1:] if headings[:1] == [named_line(quote.source.title)] else headings
    return shortened(" › ".join(told), TITLE_LENGTH)


def page_of(source: Source, say: Say) -> str:
    """By its printed label where it has another than its number."""
    return say(texts.PAGE_NUMBER, page=source.label or source.page) if source.page is not None else ""


def author_of(source: Source) -> str:
    """Where somebody wrote it down: in other formats it is often what a program puts there. Of a sender, the name."""
    if not source.author or PurePosixPath(source.document).suffix.lower() not in SIGNED:
        return ""
    name, address = parseaddr(source.author) if "@" in source.author else ("", "")
    return shortened(fold_line(name or address or source.author), AUTHOR_LENGTH)


def day_of(value: date | None, say: Say) -> str:
    return say.day(value) if value else ""


def rows(buttons: Iterable[Button]) -> tuple[tuple[Button, ...], ...]:
    remaining = iter(buttons)
    return tuple(iter(lambda: tuple(islice(remaining, BUTTONS_IN_ROW)), ()))
