"""``--on-change``: a report only when something is new since the last run, which a state file remembers."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, structs

from healthmon.cli.jobs.job import state_folder
from healthmon.cli.output.reporting import Reporting
from healthmon.cli.streams import complain
from healthmon.core.run import Run
from healthmon.errors import INTERNAL, UsageError


class OnChange(Struct, frozen=True):
    """What the command line says of it.

    Attributes:
        state: The state file, or a folder for it; None for the default.
        repeat: Seconds after which what has not changed is told again, or None.
    """

    state: str | None = None
    repeat: float | None = None

    def path(self, job: str, environ: Mapping[str, str], config_files: Iterable[str]) -> Path:
        """The state file of a job.

        Raises:
            UsageError: There can be none, or the file is somebody else's.
        """
        from healthmon.engine.foreign import refuse_foreign
        from healthmon.engine.whole_file import leads_to

        try:
            path = self._path(job, environ)
            with suppress(PermissionError):  # Said after the run, whose verdict it does not cost.
                leads_to(path)
        except OSError as error:
            named = self.state or error.filename
            raise UsageError(f"--state {named}: {error.strerror}. Name a file, or a folder to keep one in.") from error
        refuse_foreign("--state", path, config_files)
        return path

    def _path(self, job: str, environ: Mapping[str, str]) -> Path:
        if self.state is None:
            folder = state_folder(environ)
        elif self.state.endswith("/") or Path(self.state).is_dir():
            folder = Path(self.state)
        else:
            path = Path(self.state)
            if path.exists() and not path.is_file():
                raise UsageError(f"--state {path}: not a file. Name a file, or a folder to keep one in.")
            return path
        return folder / f"{job}.json"

    def tell(self, run: Run, reporting: Reporting, path: Path, code: int) -> int:
        """Write a report if something is new, and remember what it told.

        Nothing that is wrong with the state file keeps the verdict from whoever waits for it: then what is not healthy
        is told again.

        Args:
            run: The run.
            reporting: How reports look.
            path: The state file.
            code: The exit code, as far as it depends on the services.

        Returns:
            The exit code: 70 in the place of 0 where the state file could not be written.

        Raises:
            HealthmonError: The report could not be written; nothing is remembered of it.
        """
        from healthmon.core.changes import compare
        from healthmon.engine import told_file

        remembered = told_file.read(path)
        if remembered.problem is not None:
            complain(remembered.problem)
        changes, told = compare(
            run.results, remembered.told or {}, now=run.started, repeat=self.repeat, strict=reporting.strict
        )
        if changes and not reporting.write(structs.replace(run, changes=changes)):
            return code  # Nobody read it to its end.
        if told == remembered.told:
            return code
        try:
            if self.state is None or self.state.endswith("/"):
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            told_file.write(path, told)
        except OSError as error:
            complain(
                f"The state file {path} could not be written: {error.strerror}. So the next run tells the same again; "
                "name a file that you may write with --state."
            )
            return code or INTERNAL
        return code
