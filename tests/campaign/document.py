"""Writes the campaign's table into its page: ``python -m tests.campaign.document``."""

from pathlib import Path

from tests.campaign.row import Row
from tests.campaign.table import TABLE

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
BEGIN = "<!-- The rows below are written by `python -m tests.campaign.document`. -->\n"
END = "<!-- End of the rows. -->\n"


def rows_part() -> str:
    """The part of the page between its markers."""
    return "".join(_section(heading, rows) for heading, rows in TABLE.items())


def with_rows(page: str) -> str:
    """The page with its part between the markers made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + rows_part() + END + after


def _section(heading: str, rows: tuple[Row, ...]) -> str:
    lines = (f"| {_cell(row.fault)} | {row.verdict} | {_cause(row)} | {_cell(row.why)} |\n" for row in rows)
    return f"\n## {heading}\n\n| Fault | Verdict | Cause | Why |\n|---|---|---|---|\n{''.join(lines)}\n"


def _cause(row: Row) -> str:
    return f"`{row.cause}`" if row.cause else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(with_rows(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
