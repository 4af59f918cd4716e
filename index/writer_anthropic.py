"""A language model of Anthropic's, through llama-index's class for it.

The package is an extra (`pip install 'citegram[anthropic]'`) and loaded only where such a model is.
"""

import importlib
from typing import Any

from index.errors import ModelError
from index.writer import Ending, Piece
from index.writer_server import MOST_TOKENS, ServerWriter, counted

ADDRESS = "https://api.anthropic.com"

CONTEXT_TOKENS = 200_000
"""What is told to the class of a model that it does not know; ten passages take about 3,000."""

MISSING = (
    "LLM_PROVIDER=anthropic needs a package that is not installed. Install it with: pip install 'citegram[anthropic]'"
)


def anthropic_writer(address: str | None, *, model: str, key: str, timeout_seconds: float) -> ServerWriter:
    """Without an address, Anthropic's own; it is always given, since the library would ask the environment for one.

    Raises ModelError where the package is not installed.
    """
    try:
        library = importlib.import_module("llama_index.llms.anthropic")
        sdk = importlib.import_module("anthropic")
    except ImportError as error:
        raise ModelError(MISSING) from error
    known = make_known(model)
    made = library.Anthropic(
        model=model,
        base_url=address or ADDRESS,
        api_key=key,
        max_tokens=MOST_TOKENS,
        temperature=0.0,
        timeout=timeout_seconds,
        max_retries=0,
        additional_kwargs={} if known else {"temperature": sdk.NOT_GIVEN},
    )
    return ServerWriter(made, sdk=sdk, timeout_seconds=timeout_seconds, reading=Reading)


def make_known(model: str) -> bool:
    """Whether the class knew the model before. It refuses names that are younger than itself, and knows of its own
    which models take no temperature; younger ones are likely to take none."""
    windows: dict[str, int] = importlib.import_module("llama_index.llms.anthropic.utils").CLAUDE_MODELS
    known = model in windows
    windows.setdefault(model, CONTEXT_TOKENS)
    return known


ENDINGS = {"max_tokens": Ending.CUT, "refusal": Ending.REFUSED}


class Reading:
    """Pieces of one reply. The tokens that were read are told when it begins, those written at its end, both perhaps
    again as sums so far."""

    def __init__(self) -> None:
        self._asked = self._written = 0

    def __call__(self, reply: Any) -> Piece:
        usage = reply.message.additional_kwargs.get("usage") or {}
        asked = max(self._asked, counted(usage.get("input_tokens")))
        at_end = reply.raw.get("type") == "message_delta"
        written = max(self._written, counted(usage.get("output_tokens"))) if at_end else self._written
        ending = ENDINGS.get(str(getattr(reply.raw.get("delta"), "stop_reason", None)))
        piece = Piece(reply.delta or "", ending, asked - self._asked, written - self._written)
        self._asked, self._written = asked, written
        return piece
