"""Watches services without pause: when each is checked, what is believed of it, and who is told.

One task looks at the clock; each check under way is a task of its own, a service that waits for its turn is none. All
that is counted is counted on a steady clock, so that a step of the wall clock changes no schedule and no state.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import ip_address
from math import inf
from random import random as unseeded

from msgspec import Struct, structs

from healthmon.core.dependencies import attribute
from healthmon.core.identity import checks_alike
from healthmon.core.maintenance import Calendar, Window
from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.core.schedule import Schedule, Turn, spread
from healthmon.core.state import Flapping, State, Watched, advance, alarms
from healthmon.core.uplink import Uplink, observe
from healthmon.engine.check import Clock
from healthmon.engine.contract import Check, Sink, Skip
from healthmon.engine.notices import ONLINE, first_round, internal_fault, maintenance_notice, offline_notice
from healthmon.engine.post import Post

_LONGEST_NAP = 1.0
"""Seconds after which the scheduler looks around even if nothing is due: its pulse for the watchdog."""

_MAY_BE_OFFLINE = frozenset({Cause.DNS, Cause.UNREACHABLE, Cause.CONNECT_TIMEOUT})


class Plan(Struct, frozen=True, kw_only=True):
    """What the daemon is to do; a reload brings another one.

    Attributes:
        services: The services to watch, in config order.
        windows: The maintenance windows.
        flapping: When a service counts as flapping.
        max_concurrency: The most checks under way at a time.
    """

    services: Sequence[Service]
    windows: Sequence[Window] = ()
    flapping: Flapping = Flapping()
    max_concurrency: int = 100


class Change(Struct, frozen=True, kw_only=True):
    """What a reload has changed, by service ids.

    Attributes:
        added: Services that were not there.
        changed: Services that are checked differently and begin anew.
        reworded: Services that are checked as before, and of which something else is said: a name, a dependency.
        removed: Services that are gone.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class Daemon:
    """Watches services. Serves one event loop.

    Args:
        plan: What to watch.
        check: Checks one service; never raises.
        sink: Is told of everything.
        states: What was believed before a restart, by service id.
        has_way: Whether this machine has a way to where a failed result's service is.
        clock: Where the time comes from.
        random: Spreads checks; like `random.random`.
        pulse: Called whenever the scheduler advances, at least about once a second.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        check: Check,
        sink: Sink,
        states: Mapping[str, State] = {},
        has_way: Callable[[Result], bool] = lambda _: True,
        clock: Clock = Clock(),  # noqa: B008 - frozen
        random: Callable[[], float] = unseeded,
        pulse: Callable[[], None] = lambda: None,
    ) -> None:
        self._check = check
        self._sink = sink
        self._has_way = has_way
        self._clock = clock
        self._pulse = pulse
        self._epoch = clock.wall() - clock.monotonic()
        self._schedule = Schedule(random)
        self._posts: dict[str, Post] = {}
        self._waiting: deque[Post] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        # Those of them that check: they hold one of the places that there are.
        self._checking: set[asyncio.Task[None]] = set()
        self._unchecked: set[str] = set()
        self._ready = False
        self._uplink = Uplink()
        self._version = 0
        self._awake = asyncio.Event()
        self._stopping = False
        self._advanced: float | None = None
        self._plan = plan
        self._calendar = Calendar(plan.windows)
        # Between these moments (wall) no window opens or closes.
        self._looked_at, self._changes_at = inf, -inf
        self._adopt(plan, states)

    @property
    def version(self) -> int:
        """Raised whenever what is believed of a service changes, or which services there are."""
        return self._version

    @property
    def ready(self) -> bool:
        """Whether every service has had its first check. Once it is, it stays so."""
        return self._ready or (self._advanced is not None and not self._posts)

    @property
    def remaining(self) -> int:
        """How many services wait for their first check."""
        return len(self._unchecked)

    @property
    def alive(self) -> bool:
        """Whether the scheduler advances."""
        stuck = self._waiting and not self._checking
        return not stuck and self._advanced is not None and self._steady() - self._advanced < 10 * _LONGEST_NAP

    def watched(self) -> list[Watched]:
        """All services, in config order, as they stand now."""
        return [post.watched() for post in self._posts.values()]

    def find(self, service_id: str) -> Watched | None:
        """One service as it stands now; None if there is none of that id."""
        post = self._posts.get(service_id)
        return None if post is None else post.watched()

    def states(self) -> dict[str, State]:
        """What is believed of each service, by id."""
        return {id_: post.state for id_, post in self._posts.items()}

    async def run(self, grace: float = 2.0) -> None:
        """Watch until `stop` is called. Checks under way then have the grace time, in seconds, to end."""
        loop = asyncio.get_running_loop()
        while not self._stopping:
            self._awake.clear()
            now = self._advance()
            due = self._schedule.next_due()
            nap = _LONGEST_NAP if due is None else min(_LONGEST_NAP, max(0.0, due - now))
            alarm = loop.call_later(nap, self._awake.set)
            await self._awake.wait()
            alarm.cancel()
        await self._end(grace)

    def stop(self) -> None:
        """Begin no more checks, and let `run` return."""
        self._stopping = True
        self._awake.set()

    def adopt(self, plan: Plan) -> Change:
        """Watch what another plan says.

        A service that is checked as before keeps its state, its counters and its place in the schedule, whatever was
        said about it in words. One that is checked differently begins anew.
        """
        self._plan = plan
        self._calendar = Calendar(plan.windows)
        self._changes_at = -inf
        change = self._adopt(plan, {})
        if not self._posts.keys() >= {self._uplink.witness, self._uplink.refuted_by} - {None}:
            # Whose checks told of an outage is watched no more.
            self._uplink = Uplink()
        self._awake.set()
        return change

    # The schedule.

    def _steady(self) -> float:
        return self._epoch + self._clock.monotonic()

    def _advance(self) -> float:
        """Begin, queue or skip all that is due."""
        now = self._advanced = self._steady()
        self._pulse()
        self._look_at_calendar()
        while turn := self._schedule.take(now):
            self._turn(turn)
        return now

    def _turn(self, turn: Turn) -> None:
        post = self._posts[turn.key]
        if turn.missed:
            self._sink.skipped(post.service, Skip.MISSED, turn.missed)
        if post.idle:
            self._ask(post, turn.due)
        else:
            self._sink.skipped(post.service, Skip.QUEUED if post.task is None else Skip.RUNNING, 1)

    def _ask(self, post: Post, due: float, *, urgent: bool = False) -> None:
        """Have a service checked, now or when its turn comes."""
        if self._stopping:
            return
        if len(self._checking) < self._plan.max_concurrency:
            self._begin(post, due)
            return
        post.due = due
        if urgent:
            self._waiting.appendleft(post)
        else:
            self._waiting.append(post)

    def _begin(self, post: Post, due: float) -> None:
        post.task = task = asyncio.get_running_loop().create_task(self._watch(post))
        self._tasks.add(task)
        self._checking.add(task)
        # One that is cancelled before its first step runs nothing of its own.
        task.add_done_callback(lambda _: self._ended(post, task))
        self._sink.started(post.service, max(0.0, self._steady() - due), len(self._checking))

    def _ended(self, post: Post, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if post.task is task:
            post.task = None
        self._give_place(task)
        post.tell()

    def _give_place(self, task: "asyncio.Task[None]") -> None:
        """Let another check begin in the place of one that has ended."""
        self._checking.discard(task)
        while self._waiting and len(self._checking) < self._plan.max_concurrency and not self._stopping:
            post = self._waiting.popleft()
            due, post.due = post.due, None
            if due is not None and self._posts.get(post.service.id) is post:
                self._begin(post, due)

    # One check, from its beginning to what is believed after it.

    async def _watch(self, post: Post) -> None:
        began = self._steady()
        try:
            result = await self._check(post.service)
            ended = self._steady()
            if post.task is not None:
                self._give_place(post.task)
            # Meanwhile a reload may have said other words of it, or that it needs something else.
            result = self._unless_offline(structs.replace(result, service=post.service), began)
            post.take(result, began=began, ended=ended)
            explained = await self._explained(post, result, ended)
            # The post that a reload has taken away is told of no more.
            if explained is not None and self._posts.get(post.service.id) is post:
                self._conclude(post, explained)
        except Exception as error:  # a fault in one check touches no other
            self._sink.noticed(internal_fault(error))

    def _unless_offline(self, result: Result, began: float) -> Result:
        """The result; unknown, cause `offline`, where it only shows that this machine has no network."""
        failed = result.verdict is Verdict.DOWN
        was_offline = self._uplink.offline
        self._uplink, offline = observe(
            self._uplink,
            service_id=result.service.id,
            failed=failed,
            healthy=result.verdict.healthy and not _is_at_home(result),
            began=began,
            now=self._steady(),
            has_route=not failed or result.cause not in _MAY_BE_OFFLINE or self._has_way(result),
        )
        if self._uplink.offline is not was_offline:
            self._sink.noticed(ONLINE if was_offline else offline_notice(result.service))
        if not offline:
            return result
        message = f"this machine has no way to the network ({result.message})"
        return structs.replace(result, verdict=Verdict.UNKNOWN, cause=Cause.OFFLINE, message=message)

    async def _explained(self, post: Post, result: Result, ended: float) -> Result | None:
        """The result with its root, if a dependency explains it. Before an alarm, the dependencies are asked.

        None where the daemon stops before they have answered: whether there is an alarm is for the next start to say.
        """
        if result.verdict is not Verdict.DOWN or not post.service.depends_on:
            return result
        needed = self._needed(post)
        if self._wants_to_know(post, result):
            for other in needed:
                if other.idle and not self._tells(other, ended, post):
                    self._ask(other, self._steady(), urgent=True)
            for other in needed:
                await self._hear(other, ended, post)
            if self._stopping:
                return None
        known = [seen for other in needed if (seen := other.seen) is not None]
        return next(one for one in attribute([*known, result]) if one.service.id == post.service.id)

    def _wants_to_know(self, post: Post, result: Result) -> bool:
        """Whether the dependencies are to be asked: before an alarm, and until the root is believed to be down.

        So a root that is checked rarely raises its alarm as soon as those that it takes down would have raised theirs.
        """
        root = self._posts.get(post.state.blocked_by or "")
        undecided = root is not None and not root.counts_as_down
        covered = post.state.in_maintenance
        return undecided or alarms(post.state, result, now=self._steady(), in_maintenance=covered)

    def _tells(self, other: Post, ended: float, post: Post) -> bool:
        """Whether a dependency's last result tells how it was when a check of `post` had ended.

        Many who need what is believed to be down do not all ask it again at each check of theirs.
        """
        return other.tells_of(ended, post.service.interval if other.counts_as_down else 0.0)

    async def _hear(self, other: Post, ended: float, post: Post) -> None:
        """Wait until a dependency's result tells of that moment, or there is no way to get one."""
        while not self._tells(other, ended, post):
            if self._stopping or self._posts.get(other.service.id) is not other:
                return
            if other.idle:
                self._ask(other, self._steady(), urgent=True)
            await other.news()

    def _needed(self, post: Post) -> list[Post]:
        """The services that a service needs, directly or not, in config order."""
        found: dict[str, Post] = {}
        ids = list(post.service.depends_on)
        while ids:
            id_ = ids.pop()
            other = self._posts.get(id_)
            if other is not None and id_ not in found:
                found[id_] = other
                ids += other.service.depends_on
        return sorted(found.values(), key=lambda other: other.order)

    def _conclude(self, post: Post, result: Result) -> None:
        """Believe what the result says, and tell it."""
        self._look_at_calendar()
        post.result = result
        before = post.state
        root = self._posts.get(result.blocked_by or "")
        post.state, transition = advance(
            before,
            result,
            now=self._steady(),
            at=self._clock.wall(),
            in_maintenance=before.in_maintenance,
            flapping=self._plan.flapping,
            root_is_down=root is None or root.counts_as_down,
        )
        self._sink.checked(result, before, post.state, len(self._checking))
        if transition is not None:
            self._version += 1
            self._sink.changed(transition)
        self._unchecked.discard(post.service.id)
        if not self._unchecked and not self._ready:
            self._ready = True
            self._sink.noticed(first_round([post.result for post in self._posts.values() if post.result]))

    # Maintenance.

    def _look_at_calendar(self) -> None:
        """When windows open or close, mark what they cover. What still fails when one closes turns down then."""
        wall = self._clock.wall()
        if self._looked_at <= wall < self._changes_at:
            return
        self._looked_at, self._changes_at = wall, self._calendar.next_change(wall) or inf
        covers = self._calendar.covers
        turned = [post for post in self._posts.values() if covers(post.service.id, wall) != post.state.in_maintenance]
        for post in turned:
            before = post.state
            post.state = structs.replace(before, in_maintenance=not before.in_maintenance)
            self._sink.marked(post.service, before, post.state)
            if before.in_maintenance and post.idle:
                self._ask(post, self._steady())
        for began in (True, False):
            ids = [post.service.id for post in turned if post.state.in_maintenance is began]
            if ids:
                self._sink.noticed(maintenance_notice(ids, began=began))

    # Which services there are.

    def _adopt(self, plan: Plan, states: Mapping[str, State]) -> Change:
        old, self._posts = self._posts, {}
        fresh: list[Post] = []
        reworded: list[str] = []
        for order, service in enumerate(plan.services):
            post = old.get(service.id)
            if post is None or not (post.service == service or checks_alike(post.service, service)):
                post = Post(service, order, states.get(service.id, State()))
                fresh.append(post)
            elif post.service != service:
                post.reword(service)
                reworded.append(service.id)
            post.order = order
            self._posts[service.id] = post
        gone = {id_: post for id_, post in old.items() if self._posts.get(id_) is not post}
        self._dismiss(gone.values())
        self._appoint(fresh)
        self._version += 1
        self._sink.watching(self.watched())
        return Change(
            added=tuple(post.service.id for post in fresh if post.service.id not in gone),
            changed=tuple(id_ for id_ in gone if id_ in self._posts),
            reworded=tuple(reworded),
            removed=tuple(id_ for id_ in gone if id_ not in self._posts),
        )

    def _dismiss(self, posts: Iterable[Post]) -> None:
        for post in posts:
            self._schedule.remove(post.service.id)
            self._unchecked.discard(post.service.id)
            post.due = None
            if post.task is not None:
                post.task.cancel()
            post.tell()

    def _appoint(self, posts: Sequence[Post]) -> None:
        now = self._steady()
        for index, post in enumerate(posts):
            interval = post.service.interval
            self._schedule.add(post.service.id, interval, now + spread(len(posts), interval, index))
            if not self._ready:
                self._unchecked.add(post.service.id)

    # The end.

    async def _end(self, grace: float) -> None:
        for post in self._waiting:
            post.due = None
        self._waiting.clear()
        for post in self._posts.values():
            post.tell()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        left = set(self._tasks)
        for task in left:
            task.cancel()
        if left:
            # One that does not let itself be cancelled is left behind with the process.
            await asyncio.wait(left, timeout=1.0)


def _is_at_home(result: Result) -> bool:
    """Whether it was this very machine that was asked, which takes no network and tells nothing of one."""
    ip = result.fact("ip")
    return isinstance(ip, str) and ip_address(ip).is_loopback
