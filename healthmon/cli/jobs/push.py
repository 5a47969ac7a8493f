"""``--push-gateway URL``: the results of a run as metrics, pushed to a Prometheus Pushgateway."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import SplitResult, unquote

from msgspec import Struct

from healthmon.cli.jobs.sending import Sending, attempt, parse_url
from healthmon.core.run import Run
from healthmon.core.safe_text import clean
from healthmon.errors import HealthmonError, UsageError

TIMEOUT = 10.0
"""Seconds that a push may take, whatever the gateway does."""

_EXAMPLE = "write a URL such as http://127.0.0.1:9091"
_GROUP = re.compile(r"(?P<prefix>.*?)/metrics/job/(?P<job>[^/]+)(?P<labels>(?:/[^/]+/[^/]+)*)/?")


class Gateway(Struct, frozen=True, kw_only=True):
    """Where a run's metrics go.

    Attributes:
        url: The Pushgateway's own URL, without name and password.
        job: The label `job` of the group that is replaced.
        labels: The group's other labels.
        username: The name for the Basic scheme (RFC 7617); None to send none.
        password: Its password.
    """

    url: str
    job: str
    labels: dict[str, str]
    username: str | None = None
    password: str = ""

    def __repr__(self) -> str:
        """Without secrets."""
        return f"<Gateway {self.url}>"


def parse(text: str, *, hostname: str) -> Gateway:
    """Read the value of ``--push-gateway`` before anything runs.

    Args:
        text: The URL. Its path may name the group, ``/metrics/job/JOB/LABEL/VALUE``, as the Pushgateway's own URLs do.
        hostname: This machine's name, the label `instance` where the URL names no group.

    Raises:
        UsageError: It is not such a URL. The message does not repeat it: it may hold a password.
    """
    parts = _split(text)
    host = parts.netloc.rpartition("@")[2]
    prefix, job, labels = parts.path.rstrip("/"), "healthmon", {"instance": hostname}
    if "/metrics/job" in parts.path:
        prefix, job, labels = _group(parts.path)
    return Gateway(
        url=f"{parts.scheme}://{host}{prefix}",
        job=job,
        labels=labels,
        username=None if parts.username is None else unquote(parts.username),
        password=unquote(parts.password or ""),
    )


def _split(text: str) -> SplitResult:
    parts = parse_url(text)
    if parts is None:
        raise UsageError(f"--push-gateway: this is no URL with http:// or https:// and a host; {_EXAMPLE}.")
    if parts.query or parts.fragment:
        raise UsageError(f"--push-gateway: a Pushgateway's URL has no ? and no #; {_EXAMPLE}.")
    return parts


def _group(path: str) -> tuple[str, str, dict[str, str]]:
    from healthmon.metrics.families import RUN_FAMILIES

    match = _GROUP.fullmatch(path)
    if match is None:
        raise UsageError("--push-gateway: a group is written /metrics/job/JOB/LABEL/VALUE, as many labels as you like.")
    parts = [unquote(part) for part in match["labels"].split("/")[1:]]
    labels = dict(zip(parts[::2], parts[1::2], strict=True))
    taken = {label for family in RUN_FAMILIES for label in family.labels} | {"job"}
    for label in labels:
        if not re.fullmatch("[a-zA-Z_][a-zA-Z0-9_]*", label) or label.startswith("__"):
            raise UsageError(f'--push-gateway: "{clean(label)}" cannot be the name of a label; use letters, digits, _.')
        if label in taken:
            raise UsageError(f'--push-gateway: the label "{label}" is one of the metrics\' own; choose another name.')
    return match["prefix"], unquote(match["job"]), labels


def push(gateway: Gateway, run: Run, *, timeout: float = TIMEOUT) -> None:
    """Replace what the gateway holds for the group by the metrics of a run.

    Args:
        gateway: Where to.
        run: The run.
        timeout: Seconds that it may take in all.

    Raises:
        HealthmonError: It could not be done.
    """
    problem = Sending(lambda: attempt(lambda: _send(gateway, run, timeout))[0]).problem(timeout)
    if problem is not None:
        problem = clean(problem, {gateway.password} - {""}).rstrip(".")
        raise HealthmonError(f"The results could not be pushed to {gateway.url}: {problem}.")


def _send(gateway: Gateway, run: Run, timeout: float) -> None:
    import platform

    from prometheus_client.exposition import push_to_gateway

    from healthmon import __version__
    from healthmon.metrics.run import registry_of_run

    registry = registry_of_run(run, version=__version__, python=platform.python_version())
    push_to_gateway(gateway.url, gateway.job, registry, gateway.labels, timeout, _handler(gateway))


def _handler(gateway: Gateway) -> Callable[..., Callable[[], None]]:
    from prometheus_client.exposition import basic_auth_handler, default_handler

    def handle(**request: Any) -> Callable[[], None]:
        if gateway.username is None:
            return default_handler(**request)
        return basic_auth_handler(**request, username=gateway.username, password=gateway.password)

    return handle
