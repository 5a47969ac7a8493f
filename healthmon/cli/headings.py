"""Under which heading each option stands in the help of its command, and on its man page."""

from collections.abc import Mapping

import click

GENERAL = "General"

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "Which services": ("--config", "--only", "--skip", "--group", "--tag", "--phase", "--with"),
    "How to check": (
        *("--expect", "--fail-on", "--stable", "--invert", "--give-up"),
        *("--timeout", "--deadline", "--watch", "--interval", "--max-interval", "--concurrency"),
    ),
    "What to do": (
        *("--from", "--resume", "--dry-run", "--journal", "--on-failure"),
        *("--fail", "--host", "--show", "--force", "--output", "--check"),
    ),
    "Report": ("--format", "--report", "--quiet", "--verbose", "--color", "--timestamps"),
    "Unattended runs": (
        *("--lock", "--on-change", "--state", "--repeat", "--ping", "--push-gateway"),
        *("--listen", "--log-format", "--log-checks", "--watch-config"),
    ),
    GENERAL: ("--help",),
}
"""Heading → the options beneath it, of all commands, in the order in which they are shown.

An option of the same name stands beneath the same heading in each command.
"""


def records_of(command: click.Command, ctx: click.Context) -> dict[str, list[tuple[str, str]]]:
    """What the help says of a command's options: heading → flags and text of each, without headings that stay empty."""
    records = {
        flag(option): record
        for option in command.get_params(ctx)
        if isinstance(option, click.Option) and (record := option.get_help_record(ctx))
    }
    known = {flag for flags in HEADINGS.values() for flag in flags}
    beneath = {heading: [flag for flag in flags if flag in records] for heading, flags in HEADINGS.items()}
    # Nothing is hidden for not being in the table.
    beneath[GENERAL][:0] = [flag for flag in records if flag not in known]
    return {heading: [records[flag] for flag in flags] for heading, flags in beneath.items() if flags}


def flag(option: click.Option) -> str:
    """The flag that users know an option by: its longest."""
    return max(option.opts, key=len)
