"""Mail, single (EML) or a box of it (MBOX): who wrote when about what, and the text."""

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import date
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime
from itertools import zip_longest

from index.formats import markup
from index.formats.encodings import try_decode
from index.formats.extract import Extract, UnreadableError, Writer, in_one_line

FROM_LINE = re.compile(rb"(?:\A|(?:(?<=\n\n)|(?<=\n\r\n))(?=From [^\r\n]*\d\d:\d\d))From [^\r\n]*\r?\n")
"""What begins a message: after a blank line and with a time of day. Any other line that begins so belongs to a text."""

SHOWN = ("From", "To", "Cc", "Date", "Subject")
DEEPEST = 5
"""Of mails forwarded in each other."""

NO_SUBJECT = "(no subject)"


def read_message(raw: bytes) -> Extract:
    writer, message = Writer(), parsed(raw)
    if not any(message.get(name) for name in SHOWN):
        raise UnreadableError("is not a mail that can be read (it has no sender, date or subject)")
    write(writer, message)
    return writer.extract(title=told(message, "Subject"), dated=day_of(message), author=told(message, "From"))


def read_box(raw: bytes) -> Extract:
    """A part for each message, under its subject, with its sender and date."""
    lines = list(FROM_LINE.finditer(raw))
    if not lines or lines[0].start():
        raise UnreadableError("is not a mail box that can be read (it does not begin with a line 'From ')")
    writer = Writer()
    for line, following in zip_longest(lines, lines[1:]):
        body = raw[line.end() : following.start() if following else len(raw)]
        message = parsed(re.sub(rb"^>(>*From )", rb"\1", body, flags=re.MULTILINE))
        subject = told(message, "Subject") or NO_SUBJECT
        writer.part([subject], author=told(message, "From"), dated=day_of(message))
        write(writer, message)
    return writer.extract()


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def write(writer: Writer, message: EmailMessage, depth: int = 0) -> None:
    """With the mails that are forwarded in it."""
    head = [f"{name}: {value}" for name in SHOWN if (value := told(message, name))]
    files = [name for part in parts_in(message) if (name := in_one_line(attached(part)))]
    writer.write("\n".join([*head, *([f"Attached: {', '.join(files)}"] if files else [])]))
    for block in body_of(message):
        writer.write(block)
    for inner in forwarded(message) if depth < DEEPEST else ():
        write(writer, inner, depth + 1)


def told(message: EmailMessage, name: str) -> str | None:
    """A header that breaks the rules makes the parser stumble when it is looked at."""
    try:
        return in_one_line(message.get(name))
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):
        return None


def content_of(part: MIMEPart) -> str | None:
    """Of an encoding that nobody knows: as a text file is read."""
    try:
        content = part.get_content()
    except (LookupError, ValueError, AttributeError, TypeError):
        raw = part.get_payload(decode=True)
        content = try_decode(raw) if isinstance(raw, bytes) else None
    return content if isinstance(content, str) else None


def attached(part: EmailMessage) -> str | None:
    try:
        return part.get_filename()
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):
        return None


def parts_in(message: EmailMessage) -> Iterator[EmailMessage]:
    """All but those of a forwarded mail, which is one."""
    for part in message.iter_parts():
        if isinstance(part, EmailMessage):
            yield part
            if part.get_content_maintype() == "multipart":
                yield from parts_in(part)


def forwarded(message: EmailMessage) -> Iterator[EmailMessage]:
    for part in parts_in(message):
        if part.get_content_type() == "message/rfc822":
            yield from (inner for inner in part.iter_parts() if isinstance(inner, EmailMessage))


def day_of(message: EmailMessage) -> date | None:
    try:
        return parsedate_to_datetime(told(message, "Date") or "").date()
    except (ValueError, TypeError, OverflowError):
        return None


def body_of(message: EmailMessage) -> Iterator[str]:
    """The plain text where there is one, else what the HTML shows."""
    try:
        part = message.get_body(preferencelist=("plain", "html"))
    except (LookupError, ValueError, AttributeError, TypeError):
        return
    if part is None or not (content := content_of(part)):
        return
    if part.get_content_type() == "text/html":
        if content.strip():
            root = markup.parse(content)
            for element in list(root.iter("head", "script", "style")):
                element.drop_tree()
            yield from (block.text for block in markup.blocks(root))
    else:
        yield content
