"""What `[daemon]` says."""

from pathlib import Path

import pytest

from healthmon.config.daemon import Listen
from healthmon.config.load import load, parse
from healthmon.config.schema import Access, DaemonSettings, ServerTls
from healthmon.core.state import Flapping
from tests.config.texts import faults

SERVICE = '[[services]]\nname = "Web"\nurl = "http://127.0.0.1:8000/"\n'


def _daemon(text: str, **environ: str) -> DaemonSettings:
    return parse(f"{SERVICE}[daemon]\n{text}", environ=environ).daemon


def test_what_holds_where_nothing_is_said() -> None:
    expected = DaemonSettings(
        listen=("127.0.0.1", 9877),
        tls=None,
        access=None,
        max_concurrency=None,
        flapping=Flapping(5, 600.0),
        secrets=frozenset(),
    )

    assert expected == parse(SERVICE).daemon == _daemon("")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"127.0.0.1:9877"', ("127.0.0.1", 9877)),
        ('"[::1]:9877"', ("::1", 9877)),
        ('"[::ffff:127.0.0.1]:80"', ("::ffff:127.0.0.1", 80)),
        ('":9877"', ("", 9877)),
        ('"9877"', ("", 9877)),
        ("9877", ("", 9877)),
        ('"monitor.example.com:0"', ("monitor.example.com", 0)),
        ('"${HOST}:${PORT:-9000}"', ("192.0.2.1", 9000)),
    ],
)
def test_where_to_listen(written: str, expected: tuple[str, int]) -> None:
    listen = _daemon(f"listen = {written}", HOST="192.0.2.1").listen

    assert expected == listen
    assert type(listen) is tuple


@pytest.mark.parametrize(
    "value", [True, None, 1.5, -1, "", ":", "a", "a b:1", "[]:1", "[a]:1", "1:2:3", "a:1x", "a:99999"]
)
def test_where_nobody_can_listen(value: object) -> None:
    with pytest.raises(ValueError, match=r"expected|missing|brackets|a port is"):
        Listen.parse(value)


def test_tls_files_are_relative_to_the_config(tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem", "ca.pem"):
        (tmp_path / name).touch()
    path = tmp_path / "services.toml"

    path.write_text(f'{SERVICE}[daemon]\ntls = {{ cert = "cert.pem", key = "${{KEY}}" }}\n')
    plain = load(path, environ={"KEY": "key.pem"}).daemon.tls
    path.write_text(f'{SERVICE}[daemon.tls]\ncert = "cert.pem"\nkey = "key.pem"\nclient_ca = "ca.pem"\n')
    mutual = load(path, environ={}).daemon.tls

    assert ServerTls(cert=str(tmp_path / "cert.pem"), key=str(tmp_path / "key.pem")) == plain
    assert mutual is not None
    assert str(tmp_path / "ca.pem") == mutual.client_ca


def test_both_ways_to_show_who_one_is(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("open sesame\n")
    (tmp_path / "token").write_text("t0ken")
    path = tmp_path / "services.toml"
    path.write_text(
        f'{SERVICE}[daemon]\nauth.basic = {{ username = "prometheus", password = "${{file:password}}" }}\n'
        'auth.bearer = "${credential:token}"\n'
    )

    daemon = load(path, environ={"CREDENTIALS_DIRECTORY": str(tmp_path)}).daemon

    assert Access(username="prometheus", password="open sesame", bearer="t0ken") == daemon.access
    # The last: what the Basic scheme makes of name and password.
    assert {"open sesame", "t0ken", "cHJvbWV0aGV1czpvcGVuIHNlc2FtZQ=="} == daemon.secrets
    assert "sesame" not in repr(daemon.access)


def test_a_token_alone() -> None:
    daemon = _daemon('auth.bearer = "${TOKEN}"', TOKEN="sesame")

    assert Access(bearer="sesame") == daemon.access
    assert frozenset({"sesame"}) == daemon.secrets


def test_a_password_alone() -> None:
    daemon = _daemon('auth.basic = { username = "", password = "sesame" }')

    assert Access(username="", password="sesame") == daemon.access


def test_limits() -> None:
    daemon = _daemon('max_concurrency = 20\nflapping = { transitions = 2, window = "1h" }')

    assert (20, Flapping(2, 3600.0)) == (daemon.max_concurrency, daemon.flapping)


def test_all_faults_are_told_beside_those_of_the_services() -> None:
    text = f'[daemon]\nlisten = "here"\nmax_concurrency = 0\nauth = {{}}\n{SERVICE}timeout = "x"\n'

    assert [int(fault.partition(":")[0]) for fault in faults(text)] == [2, 3, 4, 8]
