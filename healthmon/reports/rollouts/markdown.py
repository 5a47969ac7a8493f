"""What came of a rollout, for pages: what stands above the report of its services, in GitHub-flavoured Markdown."""

from collections.abc import Iterator

from healthmon.reports.markup import cell, code, plain
from healthmon.reports.rollouts.upshot import Upshot
from healthmon.reports.style import MARKS


def lines(upshot: Upshot) -> Iterator[str]:
    """The outcome, the phases, and what the commands that failed said last."""
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
    for row in upshot.rows:
        for action, said in row.words:
            yield from ("", f"### ✗ The {action} command of {plain(row.title)}", "")
            yield from (f"- {code(line)}" for line in said or ("nothing",) if line.strip())
