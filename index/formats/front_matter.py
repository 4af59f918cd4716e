"""The front matter of a Markdown file: a block of YAML at its very beginning, and what it says of the document.

Nothing in it is built, only looked at: tags that make objects, and references that multiply, do nothing.
"""

import re
from collections.abc import Iterator

import yaml

BLOCK = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)
LINE = re.compile(r"(\w+):\s*[\"']?(\S.*?)[\"']?")
MOST_CHARACTERS = 20_000
"""What is longer says nothing of the document; the parser takes a second for 100,000."""

MOST_IN_LIST = 20
NULL = "tag:yaml.org,2002:null"


def end_of(text: str) -> int:
    """Where the block between lines of `---` ends; 0 where there is none."""
    matched = BLOCK.match(text)
    return matched.end() if matched else 0


def front_matter_of(text: str) -> dict[str, str | None]:
    """What the front matter says, by name in lower case. Where it is no YAML, its lines are read one by one."""
    matched = BLOCK.match(text)
    if not matched or len(matched[1]) > MOST_CHARACTERS:
        return {}
    try:
        told = list(pairs_of(yaml.compose(matched[1], Loader=yaml.SafeLoader)))
    except Exception:  # whatever the parser stumbles over
        told = list(lines_of(matched[1]))
    return {name.lower(): value for name, value in told}


def pairs_of(node: yaml.Node | None) -> Iterator[tuple[str, str | None]]:
    for name, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if isinstance(name, yaml.ScalarNode):
            yield name.value, said(value)


def said(node: yaml.Node) -> str | None:
    """A list of names as one text; other structures say nothing, and may be endless."""
    if isinstance(node, yaml.SequenceNode):
        names = (said(each) for each in node.value[:MOST_IN_LIST] if isinstance(each, yaml.ScalarNode))
        return ", ".join(name for name in names if name)
    return node.value if isinstance(node, yaml.ScalarNode) and node.tag != NULL else None


def lines_of(block: str) -> Iterator[tuple[str, str]]:
    for line in block.splitlines():
        if matched := LINE.fullmatch(line.strip()):
            yield matched[1], matched[2]
