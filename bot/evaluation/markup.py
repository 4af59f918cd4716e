"""HTML made of values: whatever is not marked as Html is escaped on its way in."""

from collections.abc import Iterable, Sequence
from html import escape


class Html(str):
    """Markup that stands as it is."""

    __slots__ = ()


NOTHING = Html("")


def element(name: str, *children: str, **attributes: str) -> Html:
    """`class_` is the attribute `class`."""
    told = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{told}>{joined(children)}</{name}>")


def joined(children: Iterable[str]) -> Html:
    return Html("".join(each if isinstance(each, Html) else escape(each) for each in children))


def section(title: str, *children: str) -> Html:
    return element("section", element("h2", title), *children)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, class_: str = "") -> Html:
    """The first column names the row. On a narrow screen it is scrolled sideways by itself."""
    first = element("thead", element("tr", *(element("th", each, scope="col") for each in head)))
    body = element("tbody", *(row(cells) for cells in rows))
    return element("div", element("table", first, body, class_=class_), class_="scroll", tabindex="0")


def row(cells: Sequence[str]) -> Html:
    name, *values = cells
    return element("tr", element("th", name, scope="row"), *(element("td", each) for each in values))


def page(title: str, style: str, *children: str) -> str:
    """A whole page that loads nothing."""
    head = element(
        "head",
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="color-scheme" content="light dark">'),
        element("title", title),
        element("style", Html(style)),
    )
    return f"<!doctype html>\n{element('html', head, element('body', element('main', *children)), lang='en')}\n"
