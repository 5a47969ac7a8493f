"""What came of each phase of a rollout: a table, for any width from 40 columns on.

Where a table does not fit, each phase gets lines of its own.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from healthmon.reports.cells import fit, longest, wrapped
from healthmon.reports.rollouts.upshot import Row
from healthmon.reports.style import Pen

_NARROW = 60  # columns, below which there is no table
_NAME = 22  # columns of a phase's name in the table


def table(rows: Sequence[Row], pen: Pen, width: int) -> Iterator[str]:
    """One row a phase: how long it took, and what came of it."""
    if width < _NARROW:
        for row in rows:
            sign = pen.sign(row.verdict) if row.verdict else "-"
            text = f"{row.name}: {row.result}"
            first, *rest = wrapped(text, width - 2)
            yield f"{sign} {first}"
            yield from (f"  {line}" for line in rest)
            if row.times:
                yield pen.dim("  " + " · ".join(row.times))
        return
    name = longest(["Phase", *(row.name for row in rows)], _NAME)
    yield pen.bold(f"{fit('Phase', name)}  {'Deploy':>7}  {'Healthy after':>13}  Result")
    for row in rows:
        sign = pen.sign(row.verdict) if row.verdict else "-"
        lines = zip_longest(wrapped(row.name, name), wrapped(row.result, width - name - 28), fillvalue="")
        (called, first), *more = lines
        yield f"{fit(called, name)}  {row.deploy or '-':>7}  {row.healthy or '-':>13}  {sign} {first}".rstrip()
        yield from (f"{fit(called, name + 28)}{line}".rstrip() for called, line in more)
