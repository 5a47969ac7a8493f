"""A command whose exit status tells, or a Nagios plugin."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct, field

from healthmon.core.masking import mask
from healthmon.core.model import Address, Body, Cause, Service, Stage
from healthmon.core.units import Size, format_duration
from healthmon.core.wording import signal_name
from healthmon.net.network import Network
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.probes.contract import Gauge, Probe

if TYPE_CHECKING:
    from healthmon.net.exec.process import Ended

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CANNOT_RUN = frozenset({126, 127})  # as shells and env(1) say that what they should start is missing or forbidden


class ExecOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a command.

    Attributes:
        command: The program and its arguments, one text each. No shell reads them.
        cwd: The folder to run it in, as an absolute path.
        env: Its environment. It has nothing else but the usual `PATH`.
        stdin: Text that it can read.
        nagios: Whether it is a Nagios plugin: 0 up, 1 degraded, 2 down, 3 unknown, and performance data.
        output_limit: The most bytes of its output that are kept.
    """

    command: list[str] = field(default_factory=list)
    cwd: str = "/"
    env: dict[str, str] = field(default_factory=dict)
    stdin: str = ""
    nagios: bool = False
    output_limit: Size = Size(64 * 2**10)

    def __post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise ValueError("\n".join(faults))

    def _faults(self) -> Iterator[str]:
        if not self.command or not self.command[0]:
            yield '`command` is missing; write command = ["program", "argument"]'
        if not self.cwd.startswith("/"):
            yield "`cwd` is the absolute path of a folder"
        if any(not name or "=" in name for name in self.env):
            yield '`env` names a variable with "=" in its name, or without a name'
        texts = (*self.command, self.cwd, *self.env, *self.env.values())
        if any("\0" in text for text in texts):
            yield "`command`, `cwd` and `env` cannot hold a NUL character"


def _locate(rest: str) -> Address:
    if rest.strip("/"):
        raise ValueError('write the URL as "exec:", and what to run as command = ["program", "argument"]')
    return Address("exec", "exec", 0, explicit=False)


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Run the command.

    Recorded are its standard output as the body, and the facts `exit_code` or `signal`, `body_bytes`; of a Nagios
    plugin also `nagios_state` and its performance data.
    """
    del network
    from healthmon.net.exec.cut import without_begun
    from healthmon.net.exec.process import Command, run

    options = service.options
    trace.enter(Stage.WAIT)
    within = format_duration(service.timeout)
    trace.failure = ProbeFailed(Cause.TIMEOUT, f"the command did not end within {within}", "exec.timeout")
    command = Command(options.command, options.cwd, {"PATH": _PATH, **options.env}, options.stdin.encode())
    spans = _Spans(trace)
    try:
        ended = await run(command, limit=options.output_limit, on_output=spans.answered)
    finally:
        spans.end()
    if not ended.complete:
        ended = ended._replace(stdout=without_begun(ended.stdout, service.secrets))
    _record(ended, trace)
    if ended.status < 0:
        signal = signal_name(-ended.status) or f"signal {-ended.status}"
        trace.fact("signal", signal)
        raise ProbeFailed(Cause.PROCESS, _told(f"ended by {signal}", _last_line(ended, service)), "exec.signal")
    trace.fact("exit_code", ended.status)
    if options.nagios:
        _judge_plugin(ended, service, trace)
    elif ended.status:
        missing = "exec.missing" if ended.status in _CANNOT_RUN else None
        raise ProbeFailed(Cause.PROCESS, _told(f"exit {ended.status}", _last_line(ended, service)), missing)
    else:
        trace.seen = "exit 0"
    if service.expect.need_body and not ended.complete:
        size = options.output_limit
        raise ProbeFailed(Cause.TOO_LARGE, f"the output is larger than {size} bytes", "exec.output")


class _Spans:
    """Measures until the first output, and from there to the end."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._began = time.monotonic()

    def answered(self) -> None:
        self.end()
        self._trace.enter(Stage.TRANSFER)

    def end(self) -> None:
        now = time.monotonic()
        self._trace.spent(self._trace.stage, now - self._began)
        self._began = now


def _record(ended: "Ended", trace: Trace) -> None:
    trace.body = Body(ended.stdout, ended.complete)
    trace.fact("body_bytes", len(ended.stdout))


def _judge_plugin(ended: "Ended", service: Service, trace: Trace) -> None:
    """Take a Nagios plugin at its word."""
    from healthmon.net.exec.nagios import STATES, facts, read

    output = ended.stdout.decode("utf-8", "replace")
    state = STATES[ended.status] if ended.status < len(STATES) else None
    if state is not None:
        trace.fact("nagios_state", state)
    for name, value in facts(read(output).perf):
        trace.fact(name, value)
    # Masked before the line ends at a "|": a secret may hold one.
    text = read(mask(output, service.secrets)).text or _last_line(ended, service)
    if state is None:
        missing = "exec.missing" if ended.status in _CANNOT_RUN else None
        raise ProbeFailed(Cause.PROCESS, _told(f"exit {ended.status}, which is no plugin's", text), missing)
    message = text if state in text.upper() else _told(state, text)
    match state:
        case "OK":
            trace.seen = message
        case "WARNING":
            trace.seen = message
            trace.warning = ProbeFailed(Cause.PROCESS, message, "exec.plugin_warning")
        case "CRITICAL":
            raise ProbeFailed(Cause.PROCESS, message, "exec.plugin_critical")
        case _:
            # What a plugin could not find out, nobody knows.
            raise ProbeFailed(Cause.LOCAL, message, "exec.plugin_unknown")


def _last_line(ended: "Ended", service: Service) -> str:
    """The last that a command said, to its standard error if it said something there. Secrets are masked."""
    for said in (ended.stderr, ended.stdout):
        lines = [line.strip() for line in mask(said.decode("utf-8", "replace"), service.secrets).splitlines()]
        last = next((line for line in reversed(lines) if line), "")
        if last:
            return last
    return ""


def _told(what: str, words: str) -> str:
    # Not cut here: who shows it masks once more, without what is invisible, and only then cuts.
    return f"{what}: {words}" if words else what


def _prepare() -> None:
    import healthmon.net.exec.cut
    import healthmon.net.exec.nagios
    import healthmon.net.exec.process  # noqa: F401


def _by_hand(service: Service) -> str:
    """The command in its folder and with its environment, as a shell takes it."""
    from shlex import join, quote

    options = service.options
    where = "" if options.cwd == "/" else f"cd {quote(options.cwd)} && "
    given = [f"{name}={value}" for name, value in {"PATH": _PATH, **options.env}.items()]
    return mask(where + join(["env", "-i", *given, *options.command]), service.secrets)


def _asks(service: Service) -> Iterator[str]:
    from shlex import join

    options = service.options
    yield mask(join(options.command), service.secrets)
    yield f"in {options.cwd}"
    if options.env:
        yield f"with {', '.join(options.env)} in its environment"
    if options.stdin:
        yield f"with {len(options.stdin.encode())} bytes to read"


EXEC = Probe(
    name="exec",
    default_port=None,
    options=ExecOptions,
    expectations=frozenset({"latency", "body", "json"}),
    run=_run,
    prepare=_prepare,
    locate=_locate,
    transport=None,
    by_hand=_by_hand,
    asks=_asks,
    gauges={
        "exit_code": Gauge("exit_code", "The exit code of the command, or of the container that has ended."),
    },
)
