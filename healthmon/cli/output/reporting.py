"""What comes out of a run: the report on stdout, reports in files, and the exit code; and the options for them."""

import functools
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TextIO, TypeVar

import click
from msgspec import Struct, structs

from healthmon.cli import streams
from healthmon.cli.options import LineType, color_option, fail_on_option, timestamps_option
from healthmon.cli.output import report_files
from healthmon.cli.output.report_files import ReportFile
from healthmon.cli.output.timestamps import meant, stamped
from healthmon.config.schema import Config
from healthmon.core.model import Place, Verdict
from healthmon.core.run import Run
from healthmon.errors import HealthmonError
from healthmon.reports import POINTING, REPORTS
from healthmon.reports.contract import Appearance

if TYPE_CHECKING:
    from healthmon.reports.rollouts.upshot import Upshot

F = TypeVar("F", bound=Callable[..., Any])


class Reporting(Struct, frozen=True, kw_only=True):
    """What the command line says of the reports.

    Attributes:
        format: The format on stdout.
        files: Other reports, and where to.
        color: Whether to colour: `auto`, `always` or `never`.
        verbose: Whether timings and facts are wanted.
        quiet: Whether nothing is to be said when all is well.
        strict: Whether a degraded service counts as not healthy.
        timestamps: Whether each line is to begin with the time.
        places: Where each service is written, by id, if a report tells that; see `placed`.
    """

    format: str = "text"
    files: tuple[ReportFile, ...] = ()
    color: str = "auto"
    verbose: bool = False
    quiet: bool = False
    strict: bool = False
    timestamps: bool = False
    places: Mapping[str, Place] = {}

    @property
    def shows_progress(self) -> bool:
        """Whether stderr may tell how far it has come. Icinga would take that for the status line of a plugin."""
        return not self.quiet and self.format != "nagios"

    def placed(self, config: Config) -> Self:
        """The same for the services of this config: with their places, if a report tells them.

        Raises:
            UsageError: A report would be written over one of the config's files.
        """
        report_files.refuse_config(self.files, config.files)
        if not POINTING.intersection({self.format, *(file.format for file in self.files)}):
            return self
        from healthmon.cli.output.pointing import places

        return structs.replace(self, places=places(config, environ=os.environ, cwd=Path.cwd()))

    def exit_code(self, run: Run) -> int:
        """0 when all are healthy, otherwise 1; with `nagios` what Nagios knows."""
        if self.format == "nagios":
            from healthmon.reports import nagios

            return nagios.exit_status(run, strict=self.strict)
        if self.strict and run.count(Verdict.DEGRADED):
            return 1
        return 0 if run.healthy == len(run.results) else 1

    def ended(self, run: Run, code: int) -> int:
        """The exit code of a run that was reported and ended with this one; with `nagios` that of the status line."""
        if self.format != "nagios":
            return code
        from healthmon.reports import nagios

        status = self.exit_code(run)
        return nagios.UNKNOWN if code and not status else status

    def write_files(self, run: Run, rollout: "Upshot | None" = None) -> None:
        """Write the reports that go to files.

        Args:
            run: The run.
            rollout: What came of the rollout whose services these are.

        Raises:
            HealthmonError: One could not be written; the others are written nevertheless.
        """
        appearance = Appearance(verbose=self.verbose, strict=self.strict, places=self.places, rollout=rollout)
        report_files.write(self.files, lambda name: REPORTS[name](run, appearance))

    def write(self, run: Run, stream: TextIO | None = None) -> bool:
        """Write the report on stdout, or on another stream. That for GitHub Actions has a page besides.

        Args:
            run: The run.
            stream: The other stream.

        Returns:
            Whether all of it was taken; a reader that has gone away is no error.

        Raises:
            HealthmonError: It could not be written.
        """
        stream = stream or sys.stdout
        appearance = streams.appearance(stream, self.color, verbose=self.verbose, strict=self.strict)
        appearance = structs.replace(appearance, places=self.places, stamped=self.timestamps)
        if self.format == "github":
            append_to_page(REPORTS["markdown"](run, appearance))
        # Programs read UTF-8, whatever the terminal is set to.
        encoding = None if self.format == "text" else "utf-8"
        text = REPORTS[self.format](run, appearance)
        return streams.write_report(stamped(text) if self.timestamps else text, encoding, stream)


def append_to_page(markdown: str) -> None:
    """Append to the page of a step of GitHub Actions, if there is one.

    That it could not be done is told on stderr and changes nothing of the verdict.
    """
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if not summary:
        return
    from healthmon.cli.output import job_summary

    try:
        job_summary.append(Path(summary), markdown)
    except HealthmonError as error:
        streams.complain(error)


def reporting_options(command: F) -> F:
    """Add the options for what comes out, from ``--fail-on`` to ``--timestamps``; the command gets a `reporting`."""

    @functools.wraps(command)
    def packed(
        *,
        fail_on: str,
        format_: str,
        reports: tuple[str, ...],
        quiet: bool,
        verbose: bool,
        color: str,
        timestamps: bool,
        **others: Any,
    ) -> Any:
        reporting = Reporting(
            format=format_,
            files=tuple(report_files.parse(reports, REPORTS)),
            color=color,
            verbose=verbose,
            # A plugin that prints nothing is a broken one.
            quiet=quiet and format_ != "nagios",
            strict=fail_on == "degraded",
            timestamps=meant(timestamps, format_=format_),
        )
        code = command(reporting=reporting, **others)
        if format_ != "nagios":
            return code
        from healthmon.reports import nagios

        # A report that is not the whole story, or what went wrong after it: an interruption, a push that failed.
        return code if code in nagios.STATUSES else nagios.UNKNOWN

    options = (
        fail_on_option,
        click.option(
            "--format",
            "format_",
            type=click.Choice(list(REPORTS)),
            default="text",
            show_default=True,
            help="What stdout gets.",
        ),
        click.option(
            "--report",
            "reports",
            multiple=True,
            type=LineType(),
            metavar="FORMAT=PATH",
            help="Write another report to a file. Repeatable.",
        ),
        click.option("-q", "--quiet", is_flag=True, help="Print nothing when the exit code is 0. Not with nagios."),
        click.option("-v", "--verbose", is_flag=True, help="Show timings and facts."),
        color_option,
        timestamps_option,
    )
    decorated: Any = packed
    for option in reversed(options):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]
