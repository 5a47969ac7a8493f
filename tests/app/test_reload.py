"""Reloads: one at a time, none lost, and a bad config changes nothing."""

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from healthmon.app.reload import Reloader
from healthmon.config.load import parse
from healthmon.config.schema import Chosen
from healthmon.core.notices import Notice, Severity
from healthmon.engine.plan import Change
from healthmon.errors import ConfigError, Fault, UsageError
from healthmon.web.contract import Reloaded

TEXT = '[[services]]\nname = "A"\nurl = "http://127.0.0.1:8000/"\n'


def loaded() -> Chosen:
    """A config with one service."""
    config = parse(TEXT, path="services.toml")
    return Chosen(config, config.services)


_CHANGE = Change(added=("b",), changed=("c", "d"))


class Parts:
    """What a reload touches."""

    def __init__(self, read: Callable[[], Chosen] = loaded, change: Change = _CHANGE, **keys: Any) -> None:
        self.adopted: list[Chosen] = []
        self.settled: list[bool] = []
        self.begun: list[bool] = []
        self.notices: list[Notice] = []
        self._change = change
        self.reloader = Reloader(
            read,
            begun=lambda: self.begun.append(threading.current_thread() is threading.main_thread()),
            adopt=self.adopt,
            settled=self.settled.append,
            notice=self.notices.append,
            latest=loaded(),
            **keys,
        )

    def adopt(self, new: Chosen) -> Change:
        """Take a config."""
        self.adopted.append(new)
        return self._change


def run(parts: Parts) -> Reloaded:
    """Reload once."""
    return asyncio.run(parts.reloader.reload())


def test_a_good_config_is_adopted() -> None:
    """And it is said what has changed."""
    parts = Parts()
    reloaded = run(parts)

    message = "The config services.toml is in effect: 1 added (b); 2 changed (c, d). 1 service."
    assert reloaded == Reloaded(ok=True, message=message)
    assert (len(parts.adopted), parts.begun, parts.settled) == (1, [True], [True])
    assert parts.notices == [
        Notice(
            Severity.INFO, "reloaded", message, {"added": "b", "changed": "c, d", "reworded": None, "removed": None}
        ),
    ]


def test_a_config_that_changes_nothing_says_so() -> None:
    """It was read, and is in effect."""
    assert "in effect: nothing has changed. 1 service." in run(Parts(change=Change())).message


def test_other_sections_that_have_changed_are_named() -> None:
    """Although no service is checked differently."""
    text = TEXT + "[daemon]\nmax_concurrency = 3\n[modules.tcp_connect]\nallow = ['127.0.0.1']\n"
    text += "[[maintenance]]\ncron = '0 3 * * *'\nduration = '1h'\n"

    def read() -> Chosen:
        config = parse(text, path="services.toml")
        return Chosen(config, config.services)

    message = run(Parts(read, change=Change(reworded=("a",)))).message
    assert ": 1 reworded (a); [[maintenance]] changed; [modules] changed; [daemon] changed. " in message


def test_a_fault_of_healthmon_changes_nothing_and_is_told() -> None:
    """The daemon goes on."""

    def read() -> Any:
        raise RecursionError("too deep")

    parts = Parts(read)
    assert run(parts).ok is False
    assert (parts.adopted, parts.settled) == ([], [False])
    assert "RecursionError: too deep" in parts.notices[0].message


def test_reloads_never_overlap() -> None:
    """Otherwise an older config could win."""
    under_way: list[int] = []
    most: list[int] = []

    def read() -> Chosen:
        under_way.append(1)
        most.append(len(under_way))
        under_way.pop()
        return loaded()

    async def main() -> None:
        parts = Parts(read)

        async def twice() -> None:
            await parts.reloader.reload()
            await parts.reloader.reload()

        await asyncio.gather(*(twice() for _ in range(10)), parts.reloader.reload())

    asyncio.run(main())
    assert set(most) == {1}


def test_a_bad_config_is_not_adopted_and_says_why() -> None:
    """In the reply all faults, in the log the first of them."""
    faults = [Fault("services.toml", number, f"fault {number}") for number in range(1, 8)]

    def read() -> Any:
        raise ConfigError(faults)

    parts = Parts(read)
    reloaded = run(parts)

    assert (reloaded.ok, tuple(reloaded.faults)) == (False, tuple(faults))
    assert (parts.adopted, parts.settled) == ([], [False])
    (notice,) = parts.notices
    assert (notice.severity, notice.event, notice.details) == (Severity.ERROR, "reload_failed", {"faults": 7})
    assert "services.toml:1: fault 1; " in notice.message
    assert notice.message.endswith("services.toml:5: fault 5; and 2 more")


def test_a_selection_that_matches_nothing_any_more_is_refused_too() -> None:
    """It is no fault of a file."""

    def read() -> Any:
        raise UsageError("--only web: it matches no service")

    parts = Parts(read)
    assert run(parts).ok is False
    assert parts.notices[0].message.endswith(": --only web: it matches no service")


def test_who_asks_meanwhile_gets_a_reload_that_begins_later_and_all_share_it() -> None:
    """However many signals come, and none is lost."""
    reads: list[int] = []
    proceed, begun = threading.Event(), threading.Event()

    def read() -> Chosen:
        reads.append(len(reads))
        begun.set()
        proceed.wait()
        return loaded()

    async def main() -> list[Reloaded]:
        parts = Parts(read)
        first = asyncio.create_task(parts.reloader.reload())
        await asyncio.to_thread(begun.wait)
        others = [asyncio.create_task(parts.reloader.reload()) for _ in range(200)]
        await asyncio.sleep(0)
        proceed.set()
        return await asyncio.gather(first, *others)

    answers = asyncio.run(main())
    assert len(answers) == 201
    assert all(answer.ok for answer in answers)
    assert len(reads) == 2


def test_who_gives_up_waiting_ends_no_reload() -> None:
    """A client that goes away."""
    proceed = threading.Event()

    def read() -> Chosen:
        proceed.wait()
        return loaded()

    async def main() -> Parts:
        parts = Parts(read)
        impatient = asyncio.create_task(parts.reloader.reload())
        await asyncio.sleep(0)
        impatient.cancel()
        second = asyncio.create_task(parts.reloader.reload())
        await asyncio.sleep(0)
        proceed.set()
        await second
        return parts

    assert asyncio.run(main()).settled == [True, True]


def test_a_config_that_is_never_read_holds_up_no_reload_after_it(tmp_path: Path) -> None:
    """Such as a pipe into which nobody writes: that is said, and the next reload is one as always."""
    pipe = tmp_path / "services.toml"
    os.mkfifo(pipe)
    reads: list[Callable[[], object]] = [pipe.read_bytes, loaded]

    def read() -> Chosen:
        reads.pop(0)()
        return loaded()

    parts = Parts(read, patience=1.0)

    async def reload_twice() -> tuple[Reloaded, Reloaded]:
        return await parts.reloader.reload(), await parts.reloader.reload()

    never, after = asyncio.run(reload_twice())
    pipe.write_bytes(b"")  # lets the thread go
    assert (never.ok, after.ok, parts.settled) == (False, True, [False, True])
    assert "could not be read within 1 s" in parts.notices[0].message
