"""The report for node_exporter's textfile collector: the run as metrics, in Prometheus' text format 0.0.4.

The collector refuses samples with a time of their own, so there are none: when the run was is a metric,
``healthmon_run_timestamp_seconds``.
"""

from healthmon import __version__
from healthmon.core.run import Run
from healthmon.reports.contract import Appearance


def render(run: Run, appearance: Appearance) -> str:
    """Render a run as metrics."""
    # Takes 50 ms, and other reports need none of it.
    import platform

    from prometheus_client import generate_latest

    from healthmon.metrics.run import registry_of_run

    upshot = appearance.rollout
    rollout = None if upshot is None else (upshot.exit_code == 0, upshot.ended)
    registry = registry_of_run(run, version=__version__, python=platform.python_version(), rollout=rollout)
    return generate_latest(registry).decode()
