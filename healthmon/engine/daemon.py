"""Watches services without pause: when each is checked, what is believed of it, and who is told.

One task looks at the clock; each check under way is a task of its own, a service that waits for its turn is none. All
that is counted is counted on a steady clock, so that a step of the wall clock changes no schedule and no state.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from random import random as unseeded

from msgspec import structs

from healthmon.core.identity import checks_alike
from healthmon.core.maintenance import Calendar
from healthmon.core.model import Result
from healthmon.core.schedule import Schedule, Turn, spread
from healthmon.core.state import State, Watched, advance
from healthmon.engine.check import Clock
from healthmon.engine.contract import Check, Sink, Skip
from healthmon.engine.notices import first_round, internal_fault, maintenance_notice
from healthmon.engine.outage import Outage
from healthmon.engine.places import Places
from healthmon.engine.plan import Change, Plan
from healthmon.engine.post import Post
from healthmon.engine.roots import Roots

_LONGEST_NAP = 1.0
"""Seconds after which the scheduler looks around even if nothing is due: its pulse for the watchdog."""


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
        self._clock = clock
        self._pulse = pulse
        self._epoch = clock.wall() - clock.monotonic()
        self._schedule = Schedule(random)
        self._posts: dict[str, Post] = {}
        self._places = Places(self._watch, began=self._began, wanted=self._is_watched)
        self._roots = Roots(lambda: self._posts, ask=self._ask_at_once, now=self._steady)
        self._outage = Outage(has_way, sink.noticed)
        self._unchecked: set[str] = set()
        self._ready = False
        self._version = 0
        self._awake = asyncio.Event()
        self._stopping = False
        self._advanced: float | None = None
        self._plan = plan
        self._places.limit = plan.max_concurrency
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
    def alive(self) -> bool:
        """Whether the scheduler advances."""
        if self._advanced is None or self._places.stuck:
            return False
        return self._steady() - self._advanced < 10 * _LONGEST_NAP

    def watched(self) -> list[Watched]:
        """All services, in config order, as they stand now."""
        return [post.watched() for post in self._posts.values()]

    def find(self, service_id: str) -> Watched | None:
        """One service as it stands now; None if there is none of that id."""
        post = self._posts.get(service_id)
        return None if post is None else post.watched()

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
        self._roots.stop()
        await self._places.close(grace)

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
        self._places.limit = plan.max_concurrency
        self._calendar = Calendar(plan.windows)
        self._changes_at = -inf
        change = self._adopt(plan, {})
        self._outage.keep_to(self._posts.keys())
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
            self._places.ask(post, turn.due)
        else:
            self._sink.skipped(post.service, Skip.QUEUED if post.task is None else Skip.RUNNING, 1)

    def _ask_at_once(self, post: Post) -> None:
        self._places.ask(post, self._steady(), urgent=True)

    def _began(self, post: Post, due: float, taken: int) -> None:
        self._sink.started(post.service, max(0.0, self._steady() - due), taken)

    def _is_watched(self, post: Post) -> bool:
        return self._posts.get(post.service.id) is post

    # One check, from its beginning to what is believed after it.

    async def _watch(self, post: Post) -> None:
        began = self._steady()
        try:
            result = await self._check(post.service)
            ended = self._steady()
            self._places.give(post)
            # Meanwhile a reload may have said other words of it, or that it needs something else.
            result = structs.replace(result, service=post.service)
            result = self._outage.unless_offline(result, began=began, now=ended)
            post.take(result, began=began, ended=ended)
            explained = await self._roots.explain(post, result, ended)
            # The post that a reload has taken away is told of no more.
            if explained is not None and self._is_watched(post):
                self._conclude(post, explained)
        except Exception as error:  # a fault in one check touches no other
            self._sink.noticed(internal_fault(error))

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
        self._sink.checked(result, before, post.state, self._places.taken)
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
                self._places.ask(post, self._steady())
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
