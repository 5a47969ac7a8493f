"""What came of a rollout, for pages: what stands above the report of its services, in GitHub-flavoured Markdown."""

from collections.abc import Iterator

from healthmon.reports.markup import cell, plain
from healthmon.reports.style import MARKS
from healthmon.reports.upshot import Upshot


def lines(upshot: Upshot) -> Iterator[str]:
    """The outcome and the phases."""
    yield f"## {'❌' if upshot.exit_code else '✅'} {plain(upshot.headline)}"
    yield ""
    yield from ("| Phase | Deploy | Healthy after | Result |", "| --- | --- | --- | --- |")
    for row in upshot.rows:
        sign = f"{MARKS[row.verdict].sign} " if row.verdict else ""
        cells = [plain(row.name), row.deploy or "-", row.healthy or "-", sign + plain(row.result)]
        yield f"| {' | '.join(map(cell, cells))} |"
    if upshot.told:
        yield ""
    for label, text in upshot.told:
        yield f"- **{label.title()}:** {plain(text)}"
