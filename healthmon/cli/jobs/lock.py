"""``--lock [PATH]``: only one run at a time, so that slow runs from cron do not pile up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from healthmon.cli.grouped import GroupedCommand
from healthmon.errors import LockHeld, UsageError

AUTO = "auto"
"""Stands for a lock of the job's own, where no path is given."""


class LockOption(click.Option):
    """``--lock``. Its variable takes the words for yes and no, too: a flag's does, and a file `true` helps nobody."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """A path, `AUTO`, or None to hold nothing."""
        text = super().resolve_envvar_value(ctx)
        match click.BOOL.str_to_bool(text or ""):
            case None:
                return text
            case wanted:
                return AUTO if wanted else None


class LockingCommand(GroupedCommand):
    """A command whose ``--lock`` may stand without a path.

    A word without a slash that follows is not taken for one: after ``--lock 203.0.113.10`` another host would be
    checked than the one that was typed.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write the option as one word, and parse."""
        return super().parse_args(ctx, list(_joined(args)))


def _joined(args: list[str]) -> Iterator[str]:
    rest = iter(args)
    for word in rest:
        if word == "--":
            yield word
            break
        if word != "--lock":
            yield word
            continue
        following = next(rest, None)
        if following is not None and "/" in following and not following.startswith("-"):
            yield f"--lock={following}"
        else:
            yield f"--lock={AUTO}"
            yield from _joined([] if following is None else [following, *rest])
    yield from rest


@contextmanager
def held(text: str | None, default: Callable[[], Path]) -> Iterator[None]:
    """Hold a lock, in a file that is made if need be.

    Args:
        text: The file, `AUTO` for the default, or None to hold nothing.
        default: Where the job's own lock is.

    Raises:
        LockHeld: Another process holds it.
        UsageError: The file cannot be opened.
    """
    if text is None:
        yield
        return
    from healthmon.engine.lock import Taken, release, take

    path = default() if text == AUTO else Path(text)
    try:
        lock = take(path, shared_folder=text == AUTO)
    except Taken as taken:
        raise LockHeld(f"Another run holds the lock {path} ({taken.holder}); this one checks nothing.") from taken
    except OSError as error:
        raise UsageError(
            f"--lock {path}: {error.strerror}. Name a file in a folder that you may write to: --lock=PATH."
        ) from error
    try:
        yield
    finally:
        release(lock)
