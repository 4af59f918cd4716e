"""What is to come: faults first, then replies in their order, then the test's own function."""

from collections import deque
from collections.abc import Callable

from .asking import Request
from .errors import ApiError
from .faults import Fault
from .holds import Hold
from .replies import Reply

Answerer = Callable[[Request], Reply | str]


class Script:
    """Filled by the test, taken from by the server; each from a thread of its own."""

    def __init__(self) -> None:
        self.answer_by: Answerer | None = None
        self._faults: deque[Fault] = deque()
        self._replies: deque[Reply] = deque()
        self._holds: list[Hold] = []
        self._is_closed = False

    def add_fault(self, fault: Fault, *, times: int) -> None:
        self._keep(fault)
        self._faults.extend([fault] * times)

    def add_reply(self, reply: Reply | str, *, times: int) -> None:
        self._replies.extend([as_reply(reply)] * times)

    def take_fault(self) -> Fault:
        """The next one; one that does nothing where none waits."""
        return self._faults.popleft() if self._faults else Fault()

    def take_reply(self, request: Request) -> Reply:
        if self._replies:
            reply = self._replies.popleft()
        elif self.answer_by:
            reply = as_reply(self.answer_by(request))
        else:
            raise ApiError("The test has no reply for this request.", code="not_scripted")
        self._keep(reply.gate)
        return reply

    def unused(self) -> list[str]:
        return [repr(each) for each in [*self._faults, *self._replies]]

    def heal(self) -> None:
        """Forget the faults, and let go of what waits."""
        self._faults.clear()
        for hold in self._holds:
            hold.release()

    def close(self) -> None:
        """Let go of what waits, now and from now on."""
        self._is_closed = True
        self.heal()

    def _keep(self, item: object) -> None:
        if isinstance(item, Hold):
            self._holds.append(item)
            if self._is_closed:
                item.release()


def as_reply(reply: Reply | str) -> Reply:
    return Reply(reply) if isinstance(reply, str) else reply
