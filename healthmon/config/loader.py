"""Turns the files into services, and notes every fault on the way."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from msgspec import structs

from healthmon.config import graph
from healthmon.config.added import Added
from healthmon.config.aim import Aim
from healthmon.config.draft import Draft, Surroundings
from healthmon.config.early import early_id
from healthmon.config.explain import explain, unknown_key
from healthmon.config.faults import Faults
from healthmon.config.files import Source
from healthmon.config.hosts import check_host
from healthmon.config.include import absolute, included
from healthmon.config.keys import FileKeys
from healthmon.config.kinds import TEXT, Path, child, key_names, kind_of
from healthmon.config.modules import ModuleReader
from healthmon.config.resolve import Resolver, ignore
from healthmon.config.secrets import from_outside
from healthmon.config.sections import positions, read_sections
from healthmon.config.shape import Shapes
from healthmon.config.shared import Shared
from healthmon.config.tables import Placed, place, written
from healthmon.config.toml import dump
from healthmon.probes import PROBES


class Loader:
    """Reads one config.

    Attributes:
        host: What `{host}` stands for, or None.
        files: The names of the files, the main one first.
        includes: The patterns of `include`, absolute.
        drafts: The services, in the order of the files.
        sections: What is for the daemon.
        expected: What is expected beside what the files say, and the ids of the services that have taken it.
    """

    def __init__(
        self,
        main: Source,
        *,
        environ: Mapping[str, str],
        host: str | None,
        with_groups: Collection[str],
        with_ids: Collection[str] = (),
        expect: Sequence[Added] = (),
    ) -> None:
        """Read all that the main file says and includes.

        Raises:
            ConfigError: Something is wrong. Lists all of it.
        """
        self._main = main
        self._faults = Faults()
        self._refuse_rollout()
        self._environ = environ
        self._table: dict[str, Any] = place(main.table, main.folder)
        self.host = self._host() if host is None else host
        around = Surroundings(
            main=main,
            defaults=self._section("defaults", {}),
            faults=self._faults,
            environ=environ,
            host=self.host,
            with_groups=with_groups,
            with_ids=with_ids,
            shapes=Shapes(PROBES),
            shared=Shared(),
        )
        self._check_top()
        self._check_defaults(around)
        patterns = self._patterns()
        self.includes = tuple(absolute(main, pattern) for pattern in patterns)
        sources = [main, *included(main, patterns, self._faults)]
        self.files = tuple(source.name for source in sources)
        aim = self._aim(expect, sources, around.defaults) if expect else None
        around = structs.replace(around, aim=aim)
        self.drafts = [
            Draft(source, index, around) for source in sources for index in positions(source, "services", self._faults)
        ]
        nodes = [draft.node() for draft in self.drafts]
        graph.check(nodes)
        self.expected = self._taken(expect, aim) if aim else {}
        self.sections = read_sections(
            main,
            self._table,
            ids={node.id: None for node in nodes},
            modules=ModuleReader(main, around.defaults, around.shapes, self._faults, environ),
            faults=self._faults,
            environ=environ,
        )
        if not (self.drafts or self._faults or self._table.get("modules")):
            self._report((), "there are no services; write at least one [[services]] with a name and a url")
        self._faults.raise_any()

    def _refuse_rollout(self) -> None:
        """Say of a rollout's file what it is, and not of each of its keys that it is unknown."""
        phases = self._main.table.get("phase")
        if isinstance(phases, list) and "services" not in self._main.table:
            message = f"this is the file of a rollout; check it with `healthmon rollout {self._main.name} --dry-run`"
            self._faults.add(self._main, ("phase", 0), message, ())
            self._faults.raise_any()

    def _aim(self, expect: Iterable[Added], sources: Iterable[Source], defaults: Mapping[str, Any]) -> Aim:
        """Find the services of which the command line expects something."""
        ids = [
            early_id({**defaults, **place(source.table["services"][index], source.folder)}, self._environ)
            for source in sources
            for index in positions(source, "services", self._faults)
        ]
        aim = Aim(expect, ids)
        for text, message in aim.faults:
            self._faults.add_typed(text, message)
        return aim

    def _taken(self, expect: Iterable[Added], aim: Aim) -> dict[str, tuple[str, ...]]:
        """The ids of the services that have taken each expectation; one that none has taken is a fault."""
        taken: dict[str, list[str]] = {one.text: [] for one in expect}
        for draft in self.drafts:
            for text in draft.taken:
                taken[text].append(draft.node().id)
        for text in [text for text in taken if not taken[text] and text not in dict(aim.faults)]:
            self._faults.add_typed(text, "no service that it matches knows this key of expect")
        return {text: tuple(ids) for text, ids in taken.items()}

    def _report(self, path: Path, message: str, named: bool = True) -> None:  # noqa: FBT001, FBT002 - a `Report`
        self._faults.add(self._main, path, message, path if named else ())

    def _section(self, key: str, default: Any) -> Any:
        """What stands at a top key; the default where it is missing or of another type, which is reported elsewhere."""
        value = self._table.get(key)
        return value if isinstance(value, type(default)) else default

    def _host(self) -> str | None:
        given = self._table.get("host")
        if not isinstance(given, Placed):
            return None
        resolver = Resolver(self._environ, self._report)
        host = resolver.resolve(given, ("host",), TEXT)
        try:
            return check_host(host)
        except ValueError as error:
            if not resolver.unresolved:
                # The error may quote the value.
                message = "expected a host's name or address" if from_outside(given.text) else str(error)
                self._report(("host",), f"{message}; got {dump(given.text)}")
            # Something must stand for {host}, so that the services' own faults are found.
            return "localhost"

    def _check_top(self) -> None:
        for finding in explain(self._main.table, self._main.table, kind_of(FileKeys), ()):
            self._report(*finding)

    def _check_defaults(self, around: Surroundings) -> None:
        """Report the faults of the defaults, also of those that reach no service."""
        kind = around.shapes[""].kind
        names = key_names(kind)
        resolver = Resolver(self._environ, ignore, strict=False)
        for key, value in around.defaults.items():
            path = ("defaults", key)
            if key not in names:
                self._report(path, f"defaults: {unknown_key((key,), names)}", False)
                continue
            expected = child(kind, key)
            for finding in explain(resolver.resolve(value, (key,), expected), written(value), expected, (key,)):
                if finding.path not in resolver.unresolved:
                    self._faults.add(
                        self._main, ("defaults", *finding.path), finding.message, finding.path if finding.named else ()
                    )

    def _patterns(self) -> list[str]:
        """The patterns of the files that the main one includes."""
        resolver = Resolver(self._environ, self._report)
        patterns: list[str] = []
        for index, item in enumerate(self._section("include", [])):
            path = ("include", index)
            if from_outside(written(item)):
                # The names of files are in many messages.
                self._report(path, "what names a file is no secret; write it, or take it from the environment")
            elif isinstance(item, Placed):
                patterns.append(resolver.resolve(item, path, TEXT))
        return patterns
