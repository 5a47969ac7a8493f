"""Rollouts on a loop whose time jumps: a world that commands change, cut short at every entry of the journal."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from msgspec import Struct

from healthmon.core.journal import (
    Action,
    Began,
    Checked,
    CommandEnded,
    Ended,
    Interrupted,
    JournalEntry,
    Lack,
    Output,
    Prerequisites,
    Started,
)
from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.core.recall import ahead, recall
from healthmon.core.rollout import Command, Conclusion, Phase, Position, Step, beginning, outcome
from healthmon.core.waiting import Pace
from healthmon.engine.check import Clock
from healthmon.engine.rollout import roll_out
from healthmon.engine.surroundings import Finished, Surroundings
from healthmon.testing import run_jumping
from tests.make import result, service

SERVICES = [
    service("db", group="infrastructure", phase=0),
    service("shop", phase=1),
    service("core", phase=2),
    service("crm", phase=3),
]
AT = "1970-01-01T00:00:00.000Z"
STARTED = Started(at=AT, digest="d", host=None, phases=("one", "two", "three"), pid=1)


def command(text: str) -> Command:
    """A command of the world."""
    return Command((text,), text)


def phases(**keys: Any) -> tuple[Phase, ...]:
    """Three phases, each with its way back."""
    return tuple(
        Phase(
            **{
                "name": name,
                "number": number,
                "deploy": command(f"up {id_}"),
                "rollback": command(f"down {id_}"),
                "timeout": 60.0,
                **keys,
            }
        )
        for name, number, id_ in (("one", 1, "shop"), ("two", 2, "core"), ("three", 3, "crm"))
    )


class Killed(Exception):
    """Raised in the place of SIGKILL."""


class Does(Struct):
    """What a command of the world does.

    Attributes:
        seconds: How long it takes.
        fault: Why it fails, or None.
        effect: What it changes beside what it says, when it ends.
    """

    seconds: float = 10.0
    fault: str | None = None
    effect: Callable[["World"], None] = lambda _: None


class World:
    """Services that commands start and stop, and what is done to them meanwhile.

    Attributes:
        up: The ids of the services that are well, with the moment from which on they are.
        ran: The commands that were begun.
        cancelled: Those that were ended.
        journal: What was recorded.
    """

    def __init__(self, **does: Does) -> None:
        self.up: dict[str, float] = {"db": 0.0}
        self.never: set[str] = set()
        self.slow: dict[str, float] = {}
        self.hanging: set[str] = set()
        self.ran: list[str] = []
        self.cancelled: list[str] = []
        self.journal: list[JournalEntry] = [STARTED]
        self._does = {name.replace("_", " "): what for name, what in does.items()}

    def runner(self, told: Command, step: Step) -> Coroutine[Any, Any, str | None]:
        """Carry out a command."""
        del step
        return self._carry_out(told.shown)

    async def _carry_out(self, text: str) -> str | None:
        self.ran.append(text)
        does = self._does.get(text, Does())
        try:
            await asyncio.sleep(does.seconds)
        except asyncio.CancelledError:
            self.cancelled.append(text)
            raise
        what, id_ = text.split()
        if does.fault is None and what == "up":
            self.up[id_] = asyncio.get_running_loop().time() + self.slow.get(id_, 0.0)
        elif does.fault is None:
            self.up.pop(id_, None)
        does.effect(self)
        return does.fault

    async def check(self, one: Service) -> Result:
        """See whether a service is well."""
        now = asyncio.get_running_loop().time()
        started = 1000.0 + now
        if one.id in self.hanging and now > 35:
            await asyncio.sleep(1000)
        await asyncio.sleep(0.1)
        if one.id in self.up and self.up[one.id] <= now and one.id not in self.never:
            return result(one.id, service=one, started=started, duration=0.1)
        return result(one.id, Verdict.DOWN, service=one, cause=Cause.REFUSED, started=started, message="refused")

    def go_on(
        self,
        three: tuple[Phase, ...],
        *,
        killed_at: int | None = None,
        interrupt_after: float | None = None,
        degraded: bool = True,
    ) -> Finished:
        """Go on from where the journal says.

        Args:
            three: The phases.
            killed_at: After so many entries it is killed.
            interrupt_after: After so many seconds it is interrupted.
            degraded: Whether a degraded service counts as healthy.
        """
        left = killed_at

        def record(entry: JournalEntry) -> None:
            nonlocal left
            if left == 0:
                raise Killed
            left = None if left is None else left - 1
            self.journal.append(entry)

        async def main() -> Finished:
            loop, interrupted = asyncio.get_running_loop(), asyncio.Event()
            if interrupt_after is not None:
                loop.call_later(interrupt_after, interrupted.set)
            around = Surroundings(
                prerequisites=SERVICES[:1],
                services=SERVICES,
                check=self.check,
                runner=self.runner,
                record=record,
                interrupted=interrupted,
                pace=Pace(interval=1.0, longest=1.0, jitter=0.0),
                degraded=degraded,
                clock=Clock(wall=lambda: 1000.0 + loop.time(), monotonic=loop.time, boot=loop.time),
            )
            try:
                return await roll_out(three, recall(three, self.journal), around)
            finally:  # The clock of the next loop begins at zero again.
                self.up = {id_: since - loop.time() for id_, since in self.up.items()}

        finished = run_jumping(main)
        assert isinstance(finished, Finished)
        return finished

    def said(self, kind: type[JournalEntry]) -> list[Any]:
        """The entries of one kind."""
        return [entry for entry in self.journal if isinstance(entry, kind)]


def ready(finished: Finished) -> bool:
    """Whether all was healthy that must stand before a deployment, where that was checked."""
    return finished.prerequisites is None or finished.prerequisites.healthy


def how(finished: Finished, three: tuple[Phase, ...]) -> Conclusion | None:
    """How a rollout ended."""
    return outcome(three, finished.position)


def test_all_is_well() -> None:
    """Each phase is deployed once all before it are healthy, and each waits for all of them."""
    world, three = World(), phases()
    world.slow["core"] = 20.0
    finished = world.go_on(three)

    assert how(finished, three) is Conclusion.DEPLOYED
    assert world.ran == ["up shop", "up core", "up crm"]
    assert [(one.total, one.healthy) for one in world.said(Checked)] == [(2, True), (3, True), (4, True)]
    assert [round(one.seconds) for one in world.said(CommandEnded)] == [10, 10, 10]
    assert 20 <= world.said(Checked)[1].seconds < 23
    assert world.journal[-1] == Ended(at=world.journal[-1].at, outcome="deployed")
    assert (finished.failed, finished.last and len(finished.last.results)) == (None, 4)


def test_times_are_written_to_the_microsecond() -> None:
    """As in reports, and not with what a float has beyond that."""
    world, three = World(up_shop=Does(seconds=1 / 3)), phases()
    world.slow["shop"] = 2 / 3
    world.go_on(three)
    commands = world.said(CommandEnded)
    assert commands[0].seconds == 0.333333
    for entry in (*world.said(Prerequisites), *commands, *world.said(Checked)):
        assert entry.seconds == round(entry.seconds, 6)


def test_prerequisites_come_first() -> None:
    """Unless they are healthy nothing is deployed; it can be gone on with later."""
    world, three = World(), phases()
    del world.up["db"]
    finished = world.go_on(three)
    assert (ready(finished), world.ran, how(finished, three)) == (False, [], None)
    (checked,) = world.said(Prerequisites)
    assert [(one.id, one.message) for one in checked.at_fault] == [("db", "refused")]
    assert finished.failed is finished.last

    world.up["db"] = 0.0
    assert how(world.go_on(three), three) is Conclusion.DEPLOYED


def test_a_phase_that_breaks_a_prerequisite_is_rolled_back_after_a_kill() -> None:
    """What was deployed is waited for, with what it stands on: only before a deployment that comes first."""

    def breaks() -> World:
        return World(up_shop=Does(effect=lambda world: world.never.add("db")))

    whole, three = breaks(), phases()
    assert how(whole.go_on(three), three) is Conclusion.BROKEN
    for cut in range(3, len(whole.journal) - 1):
        world = breaks()
        with pytest.raises(Killed):
            world.go_on(three, killed_at=cut)
        world.never.add("db")
        finished = world.go_on(three)
        assert (ready(finished), how(finished, three)) == (True, Conclusion.BROKEN)
        assert set(world.ran) == {"up shop", "down shop"}


def test_it_begins_with_a_phase() -> None:
    """If what is to be there before it is healthy, also when it goes on."""
    world, three = World(), phases()
    world.journal = [Started(at=AT, digest="d", host=None, phases=("one", "two", "three"), pid=1, first="two")]
    finished = world.go_on(three)
    assert (ready(finished), world.ran) == (False, [])
    assert [one.id for one in world.said(Prerequisites)[0].at_fault] == ["shop"]

    world.up["shop"] = 0.0
    assert how(world.go_on(three), three) is Conclusion.DEPLOYED
    assert world.said(Prerequisites)[1].total == 2
    assert world.ran == ["up core", "up crm"]


@pytest.mark.parametrize("before", ["deploy", "wait"])
def test_it_goes_on_only_where_all_before_the_next_deployment_is_healthy(before: str) -> None:
    """The services of earlier phases, too; what they are is written down. A waiting watches them by itself."""
    whole, three = World(), phases()
    whole.go_on(three)
    cut = next(
        number
        for number, one in enumerate(whole.journal)
        if isinstance(one, Began) and (one.action, one.phase) == (before, "two")
    )
    world = World()
    world.up["shop"] = 0.0
    world.journal = whole.journal[: cut + 1]
    world.never.add("shop")
    finished = world.go_on(three)
    asked = [(one.up_to, one.total, one.healthy) for one in world.said(Prerequisites)]
    assert asked == ([(None, 1, True), ("one", 2, False)] if before == "deploy" else [(None, 1, True)])
    assert ready(finished) is (before == "wait")
    assert world.ran == ([] if before == "deploy" else ["down core"])


def test_a_phase_that_does_not_come_is_rolled_back() -> None:
    """And what was there before it is checked; the phases after it are not begun."""
    world, three = World(), phases()
    world.never.add("core")
    finished = world.go_on(three)
    assert how(finished, three) is Conclusion.ROLLED_BACK
    assert world.ran == ["up shop", "up core", "down core"]
    wait, verify = world.said(Checked)[-2:]
    assert (wait.healthy, [one.id for one in wait.at_fault], round(wait.seconds)) == (False, ["core"], 60)
    assert (verify.action, verify.healthy, verify.total) == (Action.VERIFY, True, 2)
    assert finished.failed
    assert [one.service.id for one in finished.failed.results if one.verdict is Verdict.DOWN] == ["core"]
    assert finished.last
    assert finished.last.healthy == 2


def test_a_command_that_fails_is_not_waited_for() -> None:
    """It is rolled back at once; before the first phase stand the prerequisites."""
    world, three = World(up_shop=Does(fault="exit 1")), phases()
    finished = world.go_on(three)
    assert how(finished, three) is Conclusion.ROLLED_BACK
    assert world.ran == ["up shop", "down shop"]
    assert [(one.action, one.total) for one in world.said(Checked)] == [(Action.VERIFY, 1)]
    assert finished.failed is None


def test_an_earlier_phase_that_breaks_is_told() -> None:
    """As the one at fault; the rollback does not mend it."""
    world, three = World(up_crm=Does(effect=lambda world: world.never.add("shop"))), phases()
    finished = world.go_on(three)
    assert how(finished, three) is Conclusion.BROKEN
    assert [(one.id, one.phase) for one in world.said(Checked)[-2].at_fault] == [("shop", 1)]
    assert [(one.id, one.phase) for one in world.said(Checked)[-1].at_fault] == [("shop", 1)]


@pytest.mark.parametrize("back", [True, False])
def test_where_nothing_takes_it_back_it_looks_once(back: bool) -> None:
    """Because the rollback fails, or there is none."""
    world = World(down_core=Does(fault="exit 3"))
    three = phases() if back else phases(rollback=None)
    world.never.add("core")
    finished = world.go_on(three)
    assert how(finished, three) is Conclusion.BROKEN
    assert world.ran[2:] == (["down core"] if back else [])
    look = world.said(Checked)[-1]
    assert (look.action, look.healthy, look.total) == (Action.LOOK, True, 2)


def test_stable_is_demanded() -> None:
    """A service that is well now and then is told as what it is."""
    world, three = World(), phases(stable=3, timeout=2.5)
    finished = world.go_on(three)
    assert how(finished, three) is Conclusion.DEPLOYED
    world, three = World(), phases(stable=9, timeout=5.0, rollback=None)
    world.go_on(three)
    assert [(one.id, one.message, one.lacks) for one in world.said(Checked)[0].at_fault] == [
        ("db", "healthy, but not 9 times in a row within 5 s", Lack.STREAK),
        ("shop", "healthy, but not 9 times in a row within 5 s", Lack.STREAK),
    ]


def test_one_that_hangs_when_it_is_looked_at_again_does_not_count() -> None:
    """It was healthy; whether it is, nobody knows."""
    world, three = World(), phases(rollback=None)
    world.slow["core"] = 30.0
    world.hanging.add("shop")
    finished = world.go_on(three)
    assert how(finished, three) is Conclusion.BROKEN
    assert [(one.id, one.message, one.lacks) for one in world.said(Checked)[1].at_fault] == [
        ("shop", "was healthy, and could not be checked again in time", Lack.LOOK)
    ]
    assert finished.failed
    assert [one.symptom for one in finished.failed.results] == [None, "rollout.too_late", None]


def test_what_was_cut_off_is_told_in_the_words_of_a_rollout() -> None:
    """Whose time is in its file, and which goes on by itself: options of other commands help nobody."""
    world, three = World(up_shop=Does(seconds=40.0)), phases(rollback=None)
    world.hanging.add("shop")
    finished = world.go_on(three)
    assert finished.failed
    assert [one.symptom for one in finished.failed.results] == [None, "rollout.timeout"]
    world = World(up_shop=Does(seconds=40.0))
    world.hanging.add("shop")
    finished = world.go_on(three, interrupt_after=45.0)
    assert finished.last
    assert [one.symptom for one in finished.last.results] == [None, "rollout.interrupted"]


def test_degraded_counts_only_where_it_may() -> None:
    """As `--fail-on` says."""
    for degraded, expected in ((True, Conclusion.DEPLOYED), (False, None)):
        world, three = World(), phases()
        real = world.check

        async def check(one: Service, real: Any = real) -> Result:
            found: Result = await real(one)
            return result(one.id, Verdict.DEGRADED, service=one) if found.verdict is Verdict.UP else found

        world.check = check  # type: ignore[method-assign]
        finished = world.go_on(three, degraded=degraded)
        assert how(finished, three) is expected
        assert ready(finished) is degraded


@pytest.mark.parametrize(
    ("after", "action", "phase"),
    [(0.05, None, None), (5.0, Action.DEPLOY, "one"), (11.0, Action.WAIT, "one"), (26.0, Action.DEPLOY, "two")],
)
def test_an_interruption_ends_it_where_it_is(after: float, action: Action | None, phase: str | None) -> None:
    """A command is ended, nothing is rolled back, and it goes on from there."""
    world, three = World(), phases()
    world.slow["shop"] = 12.0
    finished = world.go_on(three, interrupt_after=after)
    assert (finished.interrupted, how(finished, three)) == (True, None)
    assert world.said(Interrupted)[0].signal == "SIGTERM"
    assert not [text for text in world.ran if text.startswith("down")]
    began = world.said(Began)
    assert ((began[-1].action, began[-1].phase) if began else (None, None)) == (action, phase)
    assert world.cancelled == ([world.ran[-1]] if action is Action.DEPLOY else [])

    assert how(world.go_on(three), three) is Conclusion.DEPLOYED


def test_an_interruption_is_noted_once_and_before_the_command_ends() -> None:
    """What it says while it is being ended comes after the note, so that nobody thinks that it goes on."""

    class Farewell(World):
        async def _carry_out(self, text: str) -> str | None:
            try:
                return await super()._carry_out(text)
            finally:
                self.journal.append(Output(at=AT, phase="one", line="ended"))

    world = Farewell()
    world.go_on(phases(), interrupt_after=5.0)
    assert [type(entry) for entry in world.journal[-3:]] == [Began, Interrupted, Output]
    assert len(world.said(Interrupted)) == 1


def test_an_interrupted_rollback_is_run_again() -> None:
    """And the rollout ends as the failure that it is."""
    world, three = World(), phases()
    world.never.add("shop")
    finished = world.go_on(three, interrupt_after=75.0)
    assert (finished.interrupted, world.cancelled) == (True, ["down shop"])
    assert how(world.go_on(three), three) is Conclusion.ROLLED_BACK
    assert world.ran == ["up shop", "down shop", "down shop"]


@pytest.mark.parametrize("never", [None, "core", "crm"])
def test_killed_at_any_entry_it_comes_to_the_same_end(never: str | None) -> None:
    """What ended is not done again, what did not is."""

    def world() -> World:
        made = World()
        made.never |= {never} if never else set()
        return made

    whole, three = world(), phases()
    expected = how(whole.go_on(three), three)
    for cut in range(len(whole.journal) - 1):
        killed = world()
        with pytest.raises(Killed):
            killed.go_on(three, killed_at=cut)
        ended = [one.phase for one in killed.said(CommandEnded)]
        finished = killed.go_on(three)
        assert how(finished, three) is expected
        assert sorted(set(killed.ran)) == sorted(whole.ran)
        assert len(killed.ran) - len(whole.ran) in (0, 1)
        assert [one.phase for one in killed.said(CommandEnded)][: len(ended)] == ended


@pytest.mark.parametrize("never", [None, "core", "crm"])
def test_no_line_that_is_lost_deploys_again_what_was_found_healthy(never: str | None) -> None:
    """Killed at any entry, and any one of those before it damaged: what was healthy shows by what came after it."""
    whole, three = World(), phases()
    whole.never |= {never} if never else set()
    whole.go_on(three)
    names = [one.name for one in three]
    for cut in range(2, len(whole.journal)):
        for lost in range(1, cut):
            world = World()
            world.never |= whole.never
            world.up |= dict.fromkeys(("shop", "core", "crm"), 0.0)
            world.journal = [entry for number, entry in enumerate(whole.journal[:cut]) if number != lost]
            reached = max(
                (names.index(one.phase) for one in world.journal if isinstance(one, Began | CommandEnded | Checked)),
                default=0,
            )
            world.go_on(three)
            assert not set(world.ran) & {"up shop", "up core", "up crm"}.difference(
                f"up {id_}" for id_ in ("shop", "core", "crm")[reached:]
            )


@pytest.mark.parametrize("never", [None, "core", "crm"])
def test_what_is_ahead_is_what_is_done(never: str | None) -> None:
    """Killed at any entry: the plan and the rollout that goes on are the same, where all goes well from there."""
    whole, three = World(), phases()
    whole.never |= {never} if never else set()
    whole.go_on(three)
    for cut in range(1, len(whole.journal)):
        world = World()
        world.up |= dict.fromkeys(("shop", "core", "crm"), 0.0)
        world.journal = whole.journal[:cut]
        steps, position = ahead(three, recall(three, world.journal))
        finished = world.go_on(three)
        done = world.journal[cut:]
        assert [(one.action, one.phase) for one in done if isinstance(one, Began)] == [
            (step.action, three[step.phase].name) for step in steps
        ]
        assert how(finished, three) is outcome(three, position)
        checked = any(isinstance(one, Prerequisites) for one in done)
        assert checked is (not steps or steps[0].action is Action.DEPLOY)


def test_nothing_is_left_to_do() -> None:
    """Of a rollout that had come to its end and was killed before it said so."""
    world, three = World(), phases()
    world.go_on(three)
    world.journal.pop()
    ran = list(world.ran)
    finished = world.go_on(three)
    assert (how(finished, three), world.ran) == (Conclusion.DEPLOYED, ran)
    assert finished.last is not None
    assert [one.service.id for one in finished.last.results] == ["db", "shop", "core", "crm"]
    looked = world.said(Prerequisites)[-1]
    assert (looked.up_to, looked.healthy, world.said(Ended)[-1].outcome) == ("three", True, "deployed")


def test_what_was_healthy_before_a_kill_is_not_taken_for_healthy() -> None:
    """Nobody knows how long ago that was; what is mended then is found healthy by the next one."""
    world, three = World(), phases()
    world.go_on(three)
    world.journal.pop()
    ran = list(world.ran)
    del world.up["core"]
    finished = world.go_on(three)
    assert (ready(finished), world.ran, world.said(Ended)) == (False, ran, [])
    assert [one.id for one in world.said(Prerequisites)[-1].at_fault] == ["core"]
    assert finished.failed is finished.last
    world.up["core"] = 0.0
    assert (how(world.go_on(three), three), world.ran) == (Conclusion.DEPLOYED, ran)


def test_the_last_look_is_interrupted() -> None:
    """Then nobody knows how things are, and nothing says that all is well."""
    world, three = World(), phases()
    world.go_on(three)
    world.journal.pop()
    finished = world.go_on(three, interrupt_after=0.05)
    assert (finished.interrupted, how(finished, three)) == (True, None)
    assert how(world.go_on(three), three) is Conclusion.DEPLOYED


def test_what_a_rollback_left_is_looked_at_once_more() -> None:
    """Where it was killed before it said how it ended."""
    world, three = World(), phases()
    world.never.add("core")
    assert how(world.go_on(three), three) is Conclusion.ROLLED_BACK
    world.journal.pop()
    del world.up["shop"]
    assert how(world.go_on(three), three) is Conclusion.BROKEN
    assert world.said(Checked)[-1].action is Action.LOOK
    assert world.said(Ended)[-1].outcome == "broken"


def test_without_prerequisites() -> None:
    """Before the first phase there is nothing that could be checked."""
    three = phases()
    position: Position = beginning(three)
    recorded: list[JournalEntry] = []

    async def main() -> Finished:
        async def runner(told: Command, step: Step) -> str | None:
            return "exit 1" if told.shown.startswith("up") else None

        return await roll_out(
            three,
            position,
            Surroundings(
                prerequisites=[],
                services=SERVICES[1:],
                check=World().check,
                runner=runner,
                record=recorded.append,
                interrupted=asyncio.Event(),
            ),
        )

    finished = run_jumping(main)
    assert how(finished, three) is Conclusion.ROLLED_BACK
    (verify,) = [entry for entry in recorded if isinstance(entry, Checked)]
    assert (verify.healthy, verify.total) == (True, 0)
