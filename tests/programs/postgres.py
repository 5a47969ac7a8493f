"""A real PostgreSQL, on loopback, as a user that it accepts: it refuses to run as root."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from tests.ports import free_port
from tests.programs.background import Background, running

_FOLDERS = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
_PATH = os.pathsep.join([*_FOLDERS, os.environ.get("PATH", "")])

needs_postgres = pytest.mark.skipif(
    not (shutil.which("postgres", path=_PATH) and shutil.which("initdb", path=_PATH)),
    reason="needs PostgreSQL (Debian's postgresql)",
)

PASSWORD = "right-2f9a"


def _user() -> str | None:
    """Whom to run it as; None for who runs the tests."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _program(name: str) -> str:
    found = shutil.which(name, path=_PATH)
    assert found, name
    return found


class Postgres:
    """A cluster with the database `app` and the role `monitor`, which may log in with `PASSWORD`.

    Attributes:
        folder: Where it keeps everything.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._user = _user()
        self._data = folder / "data"
        self._own(folder)
        command = [_program("initdb"), "-D", self._data, "-U", "postgres", "--auth-local=trust", "--no-sync"]
        command += ["--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C"]
        self._run(*map(str, command))
        with self.running() as (_, port):
            self.sql(port, f"CREATE ROLE monitor LOGIN PASSWORD '{PASSWORD}'", "CREATE DATABASE app")

    @contextmanager
    def running(self, **settings: str) -> Iterator[tuple[Background, int]]:
        """Run it with these settings on a free port, and yield it and the port."""
        port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "ssl": "off",
            **settings,
        }
        command = [_program("postgres"), "-D", str(self._data), "-p", str(port)]
        command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        ready = "ready to accept" if settings.get("hot_standby") != "off" else "entering standby mode"
        with running(command, ready, user=self._user, ends=signal.SIGQUIT) as program:
            yield program, port

    @contextmanager
    def standby(self) -> Iterator[None]:
        """What runs inside is a standby: it replays what it has, and waits for more."""
        mark = self._data / "standby.signal"
        mark.touch()
        self._own(mark)
        try:
            yield
        finally:
            mark.unlink()

    @contextmanager
    def admitting(self, *lines: str) -> Iterator[None]:
        """What runs inside admits whom these lines of pg_hba.conf admit."""
        path = self._data / "pg_hba.conf"
        before = path.read_text()
        path.write_text("\n".join(["local all all trust", *lines, ""]))
        try:
            yield
        finally:
            path.write_text(before)

    def certified(self, leaf: trustme.LeafCert) -> dict[str, str]:
        """Settings with which it shows a certificate."""
        chain, key = self.folder / "chain.pem", self.folder / "key.pem"
        chain.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
        key.write_bytes(leaf.private_key_pem.bytes())
        key.chmod(0o600)
        self._own(chain)
        self._own(key)
        return {"ssl": "on", "ssl_cert_file": str(chain), "ssl_key_file": str(key)}

    def sql(self, port: int, *statements: str) -> str:
        """Run statements as the superuser, and return what they give."""
        commands = [word for statement in statements for word in ("-c", statement)]
        words = ["-h", str(self.folder), "-p", str(port), "-U", "postgres", "-d", "postgres", "-X", "-A", "-t", "-q"]
        return self._run(_program("psql"), *words, *commands).strip()

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            cwd="/",
            user=self._user,
            group=self._user,
            extra_groups=[] if self._user else None,
        )
        return done.stdout

    def _own(self, path: Path) -> None:
        if self._user is not None:
            shutil.chown(path, self._user)


@contextmanager
def cluster() -> Iterator[Postgres]:
    """A cluster in a folder that its user may enter, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="hm-pg-", ignore_cleanup_errors=True) as folder:
        yield Postgres(Path(folder))
