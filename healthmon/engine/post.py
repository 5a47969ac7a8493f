"""One service under watch: what is believed of it, and what is under way."""

import asyncio

from msgspec import structs

from healthmon.core.model import Result, Service, Verdict
from healthmon.core.state import State, Watched


class Post:
    """A service under watch. Mutable, and the daemon's alone: others get a `Watched`.

    Attributes:
        service: The service.
        order: Its place in the config.
        state: What is believed of it.
        task: The check that is under way, until its result is judged; None between checks.
        due: When the check that waits for its turn was due, steady; None while none waits.
        result: Its last result; None before the first.
    """

    __slots__ = ("_began", "_ended", "_waiters", "due", "order", "result", "service", "state", "task")

    def __init__(self, service: Service, order: int, state: State) -> None:
        self.service = service
        self.order = order
        self.state = state
        self.task: asyncio.Task[None] | None = None
        self.due: float | None = None
        self.result: Result | None = None
        self._began = 0.0
        self._ended = 0.0
        self._waiters: list[asyncio.Future[None]] | None = None

    @property
    def idle(self) -> bool:
        """Whether a check may begin."""
        return self.task is None and self.due is None

    @property
    def counts_as_down(self) -> bool:
        """Whether it explains for good what needs it: it is believed to be down, or would be but for maintenance."""
        state = self.state
        return state.verdict is Verdict.DOWN or (state.in_maintenance and state.leaning is Verdict.DOWN)

    @property
    def seen(self) -> Result | None:
        """The last result; as down where it is unknown and the service is believed to be down."""
        result = self.result
        if result is None or result.verdict is not Verdict.UNKNOWN or self.state.verdict is not Verdict.DOWN:
            return result
        return structs.replace(result, verdict=Verdict.DOWN)

    def reword(self, service: Service) -> None:
        """Take what is said of the service in other words."""
        self.service = service
        if self.result is not None:
            self.result = structs.replace(self.result, service=service)

    def watched(self) -> Watched:
        """The service as it stands now."""
        return Watched(service=self.service, state=self.state, result=self.result)

    def take(self, result: Result, *, began: float, ended: float) -> None:
        """Take the result of a check that lasted from one steady moment to another, and wake who waits for it."""
        self.result, self._began, self._ended = result, began, ended
        self.tell()

    def tells_of(self, moment: float, patience: float) -> bool:
        """Whether the last result tells how the service was at a steady moment.

        A check that began later does, and so does a failure that was seen up to `patience` seconds before: many who
        need a service that is down do not all ask it again.
        """
        if self.result is None:
            return False
        return self._began >= moment or (self.result.verdict is Verdict.DOWN and self._ended >= moment - patience)

    async def news(self) -> None:
        """Wait until there is a result, or a check has ended without one."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._waiters is None:
            self._waiters = []
        self._waiters.append(waiter)
        await waiter

    def tell(self) -> None:
        """Wake those that wait for news."""
        waiters, self._waiters = self._waiters, None
        for waiter in waiters or ():
            if not waiter.done():
                waiter.set_result(None)
