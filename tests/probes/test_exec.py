"""Commands, and real Nagios plugins."""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from healthmon.config.load import parse
from healthmon.core.advice.advise import explain
from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.engine.check import check
from healthmon.errors import ConfigError
from healthmon.net.network import Network
from healthmon.probes.exec import EXEC
from tests.net.exec.test_process import gone, leaving_nothing

PLUGINS = Path("/usr/lib/nagios/plugins")
plugin = pytest.mark.skipif(
    not (PLUGINS / "check_load").exists(), reason="the plugins of Debian's monitoring-plugins-basic are not installed"
)


def service(command: list[str] | str, environ: dict[str, str] | None = None, **keys: str) -> Service:
    """A service that runs a command, or a script of the shell; the keys are written as in the config."""
    words = json.dumps(command if isinstance(command, list) else ["sh", "-c", command])
    more = "".join(f"{key.replace('__', '.')} = {value}\n" for key, value in keys.items())
    text = f'[[services]]\nname = "Job"\nurl = "exec:"\ncommand = {words}\n{more}'
    (found,) = parse(text, environ=environ or {}).services
    return found


async def ran(network: Network, command: list[str] | str, **keys: Any) -> Result:
    async with leaving_nothing():
        return await check(service(command, **keys), probe=EXEC, network=network)


async def test_a_command_that_ends_well(network: Network) -> None:
    """Is up; it takes its time from start to end."""
    result = await ran(network, "echo ok; sleep 0.05")
    assert (result.verdict, result.message) == (Verdict.UP, "exit 0")
    assert {fact.name: fact.value for fact in result.facts} == {"body_bytes": 3, "exit_code": 0}
    assert result.timings.resolve is None
    assert result.timings.wait is not None
    assert result.timings.transfer is not None
    assert result.timings.transfer > 0.04


@pytest.mark.parametrize(
    ("script", "message", "symptom"),
    [
        ("exit 3", "exit 3", None),
        ("echo said; exit 1", "exit 1: said", None),
        ("echo said; echo first >&2; echo ' why ' >&2; echo >&2; exit 1", "exit 1: why", None),
        ("no-such-program; exit 127", "exit 127: sh: 1: no-such-program: not found", "exec.missing"),
        ("kill -SEGV $$", "ended by SIGSEGV", "exec.signal"),
        ("echo why >&2; kill -40 $$", "ended by signal 40: why", "exec.signal"),
    ],
)
async def test_one_that_does_not(network: Network, script: str, message: str, symptom: str | None) -> None:
    """Is down, and says why."""
    result = await ran(network, script)
    assert (result.verdict, result.cause, result.symptom) == (Verdict.DOWN, Cause.PROCESS, symptom)
    assert result.message == message


async def test_one_that_cannot_be_run(network: Network) -> None:
    """Tells nothing of the service."""
    result = await ran(network, ["no-such-program"])
    assert (result.verdict, result.cause, result.symptom) == (Verdict.UNKNOWN, Cause.LOCAL, "exec.cannot_run")
    result = await ran(network, ["true"], cwd='"/no/such/folder"')
    assert (result.verdict, result.message) == (Verdict.UNKNOWN, "there is no folder /no/such/folder")


async def test_one_that_takes_too_long_is_ended(network: Network, tmp_path: Path) -> None:
    """With all that it has started."""
    marker = tmp_path / "pids"
    result = await ran(network, f"sleep 1000 & echo $! $$ > {marker}; echo begun; wait", timeout='"300ms"')
    assert (result.verdict, result.cause, result.symptom) == (Verdict.DOWN, Cause.TIMEOUT, "exec.timeout")
    assert result.message == "the command did not end within 300 ms"
    pids = await asyncio.to_thread(marker.read_text, encoding="ascii")
    assert all(gone(int(pid)) for pid in pids.split())
    assert result.duration < 2


async def test_its_output_is_matched(network: Network) -> None:
    """As text and as JSON."""
    assert (await ran(network, "echo Succeeded", expect__body__contains='"Succeeded"')).verdict is Verdict.UP
    result = await ran(network, "echo Failed", expect__body__contains='"Succeeded"')
    assert (result.verdict, result.cause) == (Verdict.DOWN, Cause.BODY)
    json_ = '{ "length(items)" = 2 }'
    assert (await ran(network, """echo '{"items": [1, 2]}'""", expect__json=json_)).verdict is Verdict.UP
    assert (await ran(network, """echo '{"items": [1]}'""", expect__json=json_)).cause is Cause.JSON


async def test_output_beyond_the_limit(network: Network) -> None:
    """Matters only where it is to be matched."""
    assert (await ran(network, "yes | head -c 100000")).fact("body_bytes") == 65536
    wanted = {"output_limit": "5", "expect__body__contains": '"y"'}
    result = await ran(network, "echo yyyyyy", **wanted)
    assert (result.verdict, result.cause, result.symptom) == (Verdict.DOWN, Cause.TOO_LARGE, "exec.output")
    assert result.message == "the output is larger than 5 bytes"
    warned = await ran(network, "echo yyyyyy", output_limit="5", warn__body__contains='"y"')
    assert (warned.verdict, warned.cause) == (Verdict.DEGRADED, Cause.BODY)


async def test_it_has_what_the_config_gives_it_and_nothing_else(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not healthmon's own environment."""
    monkeypatch.setenv("HEALTHMON_TEST", "1")
    script = "env | sort > out; pwd >> out; cat >> out"
    await ran(network, script, cwd=json.dumps(str(tmp_path)), env__B='"2"', stdin='"read me"')
    out = await asyncio.to_thread((tmp_path / "out").read_text, encoding="ascii")
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    assert out.splitlines() == ["B=2", f"PATH={path}", f"PWD={tmp_path}", str(tmp_path), "read me"]


async def test_secrets_are_not_shown(network: Network) -> None:
    """Wherever they came from, even if the command says them."""
    keys = {"env__A": '"${SECRET}"', "env__PGPASSWORD": '"literally"', "stdin": '"${STDIN}"'}
    environ = {"SECRET": "swordfish", "STDIN": "opensesame", "ARGUMENT": "hunter22"}
    script = 'echo "$A $PGPASSWORD $(cat) ${ARGUMENT}" >&2; exit 1'
    one = service(script, environ, **keys)
    result = await check(one, probe=EXEC, network=network)
    assert result.message == "exit 1: *** *** *** ***"
    assert EXEC.asks
    shown = f"{one.by_hand} {list(EXEC.asks(one))} {explain(result)}"
    assert not [secret for secret in (*environ.values(), "literally") if secret in shown]


SECRET = "swordfish-0123456789"


def parts(shown: str) -> list[str]:
    """The parts of the secret that are shown."""
    return [part for at in range(len(SECRET) - 5) if (part := SECRET[at : at + 6]) in shown]


@pytest.mark.parametrize("nagios", ["true", "false"])
@pytest.mark.parametrize("stream", ["1", "2"])
async def test_no_part_of_a_secret_where_a_message_is_cut(network: Network, nagios: str, stream: str) -> None:
    """By whoever cuts it."""
    for size in range(136, 202, 3):
        script = f"printf '%0{size}d%s tail' 0 \"$S\" >&{stream}; exit 2"
        one = service(script, {"S": SECRET}, env__S='"${S}"', nagios=nagios)
        result = await check(one, probe=EXEC, network=network)
        assert result.cause is Cause.PROCESS
        assert "0" * 136 in result.message
        assert not parts(result.message), size


@pytest.mark.parametrize("nagios", ["true", "false"])
async def test_no_part_of_a_secret_where_output_is_cut(network: Network, nagios: str) -> None:
    """In the message, in what is said of the body, in the report."""
    for limit in range(9, 33):
        script = 'printf \'CRITICAL %s|tail%s\' "$S" "$S"; exit 2'
        keys = {"env__S": '"${S}"', "nagios": nagios, "output_limit": str(limit), "warn__body__contains": '"no"'}
        result = await check(service(script, {"S": SECRET}, **keys), probe=EXEC, network=network)
        assert result.cause is Cause.PROCESS
        assert "CRITICAL" in result.message
        assert not parts(f"{result} {explain(result)}".replace(repr(result.service), "")), limit
    keys = {"env__S": '"${S}"', "output_limit": "16", "warn__body__contains": '"no"'}
    result = await check(service('printf "said $S"', {"S": SECRET}, **keys), probe=EXEC, network=network)
    assert (result.verdict, result.fact("body_bytes")) == (Verdict.DEGRADED, 5)
    assert not parts(result.message)


@pytest.mark.parametrize(
    ("status", "output", "verdict", "cause", "message", "symptom"),
    [
        (0, "LOAD OK - fine", Verdict.UP, None, "LOAD OK - fine", None),
        (0, "fine", Verdict.UP, None, "OK: fine", None),
        (1, "LOAD WARNING - 7", Verdict.DEGRADED, Cause.PROCESS, "LOAD WARNING - 7", "exec.plugin_warning"),
        (2, "9 is too much", Verdict.DOWN, Cause.PROCESS, "CRITICAL: 9 is too much", "exec.plugin_critical"),
        (3, "no such option", Verdict.UNKNOWN, Cause.LOCAL, "UNKNOWN: no such option", "exec.plugin_unknown"),
        (3, "", Verdict.UNKNOWN, Cause.LOCAL, "UNKNOWN", "exec.plugin_unknown"),
        (4, "what", Verdict.DOWN, Cause.PROCESS, "exit 4, which is no plugin's: what", None),
        (127, "", Verdict.DOWN, Cause.PROCESS, "exit 127, which is no plugin's", "exec.missing"),
    ],
)
async def test_what_plugins_say(
    network: Network,
    status: int,
    output: str,
    verdict: Verdict,
    cause: Cause | None,
    message: str,
    symptom: str | None,
) -> None:
    """By their exit status."""
    result = await ran(network, f"echo '{output}'; exit {status}", nagios="true")
    assert (result.verdict, result.cause, result.message, result.symptom) == (verdict, cause, message, symptom)


async def test_a_warning_of_a_plugin_does_not_outweigh_what_is_expected(network: Network) -> None:
    """Which makes it down."""
    result = await ran(network, "echo WARNING; exit 1", nagios="true", expect__body__contains='"OK"')
    assert (result.verdict, result.cause) == (Verdict.DOWN, Cause.BODY)


@plugin
async def test_a_real_plugin_measures(network: Network) -> None:
    """With thresholds that cannot be reached, and ones that are."""
    load = [str(PLUGINS / "check_load"), "-w", "10000,10000,10000", "-c", "20000,20000,20000"]
    result = await ran(network, load, nagios="true")
    assert result.verdict is Verdict.UP
    assert result.message.startswith(("OK - ", "LOAD OK - "))
    assert isinstance(result.fact("perf_load1"), int | float)
    assert [result.fact(f"perf_load15_{what}") for what in ("warn", "crit", "min")] == [10000, 20000, 0]
    procs = [str(PLUGINS / "check_procs"), "-w", "100000:", "-c", "0:"]
    result = await ran(network, procs, nagios="true")
    assert (result.verdict, result.cause) == (Verdict.DEGRADED, Cause.PROCESS)
    assert result.fact("nagios_state") == "WARNING"
    assert result.fact("perf_procs_warn") == "100000:"


@plugin
async def test_a_real_plugin_asks_a_server(network: Network) -> None:
    """One that is there, and one that is not."""
    tcp = str(PLUGINS / "check_tcp")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        result = await ran(network, [tcp, "-H", "127.0.0.1", "-p", port], nagios="true")
        assert result.verdict is Verdict.UP
        assert result.fact("perf_time_unit") == "s"
    result = await ran(network, [tcp, "-H", "127.0.0.1", "-p", port], nagios="true")
    assert (result.verdict, result.cause, result.symptom) == (Verdict.DOWN, Cause.PROCESS, "exec.plugin_critical")
    assert "refused" in result.message.lower()


@plugin
async def test_a_real_plugin_that_is_asked_wrongly(network: Network) -> None:
    """Could not find out."""
    result = await ran(network, [str(PLUGINS / "check_tcp"), "--no-such-option"], nagios="true")
    assert (result.verdict, result.cause, result.symptom) == (Verdict.UNKNOWN, Cause.LOCAL, "exec.plugin_unknown")


@plugin
async def test_a_real_plugin_whose_server_is_silent(network: Network) -> None:
    """Is ended by the check's own time."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        command = [str(PLUGINS / "check_http"), "-H", "127.0.0.1", "-p", port, "-t", "100"]
        result = await ran(network, command, nagios="true", timeout='"300ms"')
    assert (result.cause, result.symptom) == (Cause.TIMEOUT, "exec.timeout")


def test_faults_of_the_keys() -> None:
    """All at once."""
    with pytest.raises(ConfigError) as raised:
        parse('[[services]]\nname = "Job"\nurl = "exec:"\ncwd = "here"\nenv = { "a=b" = "c" }\n', environ={})
    for fault in ("`command` is missing", "`cwd` is the absolute path", "`env` names a variable"):
        assert fault in str(raised.value)
    with pytest.raises(ConfigError, match="NUL"):
        service(["a\0b"])
    with pytest.raises(ConfigError, match='write the URL as "exec:"'):
        parse('[[services]]\nname = "Job"\nurl = "exec:///bin/true"\n', environ={})


def test_a_person_runs_the_same() -> None:
    """In the same folder, with the same environment."""
    one = service(["check it", "-w", "1"], cwd='"/srv/my app"', env__PATH='"/opt/bin"', env__A='"b c"', stdin='"é"')
    assert one.by_hand == "cd '/srv/my app' && env -i PATH=/opt/bin 'A=b c' 'check it' -w 1"
    assert EXEC.asks
    assert list(EXEC.asks(one)) == [
        "'check it' -w 1",
        "in /srv/my app",
        "with PATH, A in its environment",
        "with 2 bytes to read",
    ]
