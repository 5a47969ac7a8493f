"""The options for runs that nobody watches, as from cron."""

import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec import Struct

from healthmon.cli.jobs.ending import JobEnd
from healthmon.cli.jobs.lock import LockOption
from healthmon.cli.options import DurationType
from healthmon.cli.output.reporting import Reporting
from healthmon.core.run import Run
from healthmon.errors import UsageError

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from healthmon.cli.jobs.on_change import OnChange

F = TypeVar("F", bound=Callable[..., Any])


class Unattended(Struct, frozen=True):
    """What the command line says of such a run.

    Attributes:
        lock: The lock to hold, `healthmon.cli.jobs.lock.AUTO` for the job's own, or None.
        on_change: How only what is new is told, or None to tell all.
        ping: Who is told of the run, or None.
    """

    lock: str | None = None
    on_change: "OnChange | None" = None
    ping: "SplitResult | None" = None

    def refuse_contradictions(self, reporting: Reporting) -> None:
        """Refuse what cannot be wanted together.

        Raises:
            UsageError: It is.
        """
        if self.on_change is not None and reporting.format == "nagios":
            raise UsageError("--on-change: a Nagios plugin has something to say at every run; leave --on-change out.")
        if self.on_change is not None and reporting.quiet:
            raise UsageError(
                "--on-change, --quiet: leave one out. --on-change is quiet while nothing changes; "
                "with --quiet it could not tell that all is well again."
            )

    def state(self, job: Callable[[], str], environ: Mapping[str, str], config_files: Iterable[str]) -> Path | None:
        """The state file, where there is to be one.

        Raises:
            UsageError: There can be none, or the file is somebody else's.
        """
        return None if self.on_change is None else self.on_change.path(job(), environ, config_files)

    def tell(self, work: Callable[[Callable[[], None]], JobEnd]) -> int:
        """Run something, and tell of it where there is somebody to tell.

        Args:
            work: Gets what says that the run begins.

        Returns:
            The exit code.
        """
        if self.ping is None:
            return work(lambda: None).code
        from healthmon.cli.jobs import ping

        return ping.told(self.ping, work)

    def write(self, run: Run, reporting: Reporting, code: int, state: Path | None) -> int:
        """Write the report on stdout where there is something to tell, and return the exit code.

        Raises:
            HealthmonError: It could not be written.
        """
        if self.on_change is not None and state is not None:
            return self.on_change.tell(run, reporting, state, code)
        if not (reporting.quiet and code == 0):
            reporting.write(run)
        return code


def _on_change(state: str | None, repeat: float | None) -> "OnChange":
    from healthmon.cli.jobs.on_change import OnChange

    return OnChange(state, repeat)


def _ping(url: str) -> "SplitResult":
    from healthmon.cli.jobs import ping

    return ping.parse(url)


def unattended_options(command: F) -> F:
    """Add ``--lock``, ``--on-change``, ``--state``, ``--repeat`` and ``--ping``, as `unattended`."""

    @functools.wraps(command)
    def packed(
        *,
        lock_path: str | None,
        on_change: bool,
        state: str | None,
        repeat: float | None,
        ping_url: str | None,
        **others: Any,
    ) -> Any:
        for option, value in (("--state", state), ("--repeat", repeat)):
            if value is not None and not on_change:
                raise UsageError(f"{option} does nothing without --on-change; add that, or leave it out.")
        unattended = Unattended(
            lock=lock_path,
            on_change=_on_change(state, repeat) if on_change else None,
            ping=None if ping_url is None else _ping(ping_url),
        )
        return command(unattended=unattended, **others)

    options = (
        click.option(
            "--lock",
            "lock_path",
            cls=LockOption,
            metavar="[PATH]",
            help="End with 75 if another run holds this lock. By default one for this config, HOST and selection; "
            "a PATH has a slash in it, or is written --lock=PATH.",
        ),
        click.option("--on-change", is_flag=True, help="Print a report only when something is new since the last run."),
        click.option(
            "--state",
            metavar="PATH",
            help="With --on-change: the file, or folder, that remembers what was told. Default: in $STATE_DIRECTORY, "
            "$XDG_STATE_HOME/healthmon or ~/.local/state/healthmon.",
        ),
        click.option(
            "--repeat", type=DurationType(), help="With --on-change: tell again what is not healthy for so long."
        ),
        click.option(
            "--ping",
            "ping_url",
            metavar="URL",
            help="Tell healthchecks.io, or another that works so, when the run starts and how it ends.",
        ),
    )
    decorated: Any = packed
    for option in reversed(options):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]
