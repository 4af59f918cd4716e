"""An update that is being handled, as long as it is this worker's: one that slept while another took over is silent."""

import logging
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from bot.database import Clock, now
from bot.errors import ConversationsError
from bot.mailbox import LAPSE, Mailbox

logger = logging.getLogger(__name__)

SURE = LAPSE / 2
"""So long after a renewal the claim surely holds."""


class TakenOverError(Exception):
    """Another worker handles the update."""


@dataclass(slots=True, eq=False)
class Hold:
    """`renewed` is when the claim was known to hold; `ended` whether the update has been handled, so that what is done
    afterwards hangs on no claim. `tries` is as of Claimed."""

    number: int
    worker: str
    mailbox: Mailbox
    renewed: datetime
    clock: Clock = now
    ended: bool = False
    tries: int = 1

    async def check(self) -> None:
        """Where the claim may have lapsed, it is renewed. Raises TakenOverError."""
        at = self.clock()
        if self.ended or at - self.renewed < SURE:
            return
        try:
            is_mine = bool(await self.mailbox.renew(self.worker, [self.number]))
        except ConversationsError as error:  # nobody can take it over, either
            logger.debug("whether update %d was taken over is not known: %s", self.number, error)
            return
        if not is_mine:
            raise TakenOverError(f"update {self.number}")
        self.renewed = at


hold: ContextVar[Hold | None] = ContextVar("hold", default=None)


async def check_hold() -> None:
    """Before anything is kept or sent. Raises TakenOverError where the update that is being handled has become another
    worker's."""
    if (held := hold.get()) is not None:
        await held.check()
