"""The table of all metric families: what each is called, what it means, and which labels it has.

The names follow Prometheus' conventions: base units, and the unit in the name.
"""

from collections.abc import Mapping

from msgspec import Struct

from healthmon.probes import PROBES
from healthmon.probes.contract import Gauge

CHECK_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The upper bounds of the histogram of how long checks take, in seconds; the last bucket has none."""

LAG_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""The upper bounds of the histogram of how late checks begin, in seconds; the last bucket has none."""


class Family(Struct, frozen=True):
    """A metric family.

    Attributes:
        name: What its samples are called, with `_total` or `_info`; those of a histogram add `_bucket`, `_sum` and
            `_count`.
        type: `gauge`, `counter`, `histogram` or `info`.
        help: What it means.
        labels: Its labels in the order in which they are written, `le` of a histogram left out.
        unit: Its unit as OpenMetrics declares it; empty where it has none.
    """

    name: str
    type: str
    help: str
    labels: tuple[str, ...] = ()
    unit: str = ""

    @property
    def stem(self) -> str:
        """The name without `_total` or `_info`, as OpenMetrics declares it."""
        return self.name.removesuffix("_total" if self.type == "counter" else "_info" if self.type == "info" else "")

    def header(self, *, openmetrics: bool) -> bytes:
        """The lines that precede the samples."""
        if openmetrics:
            unit = f"# UNIT {self.stem} {self.unit}\n" if self.unit else ""
            return f"# HELP {self.stem} {self.help}\n# TYPE {self.stem} {self.type}\n{unit}".encode()
        type_ = "gauge" if self.type == "info" else self.type
        return f"# HELP {self.name} {self.help}\n# TYPE {self.name} {type_}\n".encode()


_OWNER = ("service", "group")

SERVICE_UP = Family(
    "healthmon_service_up", "gauge", "Whether the service is believed to be healthy: 1 up or degraded, 0 down.", _OWNER
)
SERVICE_STATE = Family(
    "healthmon_service_state", "gauge", "1 for the state that the service is believed to be in.", (*_OWNER, "state")
)
SERVICE_INFO = Family(
    "healthmon_service_info", "info", "What the config says of the service.", (*_OWNER, "name", "url", "phase", "probe")
)
SERVICE_INTERVAL = Family(
    "healthmon_service_interval_seconds", "gauge", "How often the service is to be checked.", _OWNER, "seconds"
)
SERVICE_IN_MAINTENANCE = Family(
    "healthmon_service_in_maintenance", "gauge", "1 while a maintenance window covers the service.", _OWNER
)
SERVICE_FLAPPING = Family("healthmon_service_flapping", "gauge", "1 while the state changes too often.", _OWNER)
SERVICE_LAST_TRANSITION = Family(
    "healthmon_service_last_transition_timestamp_seconds",
    "gauge",
    "When the service came into its state.",
    _OWNER,
    "seconds",
)
SERVICE_BLOCKED = Family(
    "healthmon_service_blocked",
    "gauge",
    "1 while the service is down and a dependency, the root, explains it.",
    (*_OWNER, "root"),
)
CHECK_SUCCESS = Family(
    "healthmon_check_success", "gauge", "Whether the last check found the service healthy: 1 yes, 0 no.", _OWNER
)
CHECK_DURATION = Family(
    "healthmon_check_duration_seconds",
    "histogram",
    "How long checks took, all attempts together.",
    _OWNER,
    "seconds",
)
CHECK_STAGE_DURATION = Family(
    "healthmon_check_stage_duration_seconds",
    "gauge",
    "How long each stage of the last check's last attempt took.",
    (*_OWNER, "stage"),
    "seconds",
)
CHECK_LAST_TIMESTAMP = Family(
    "healthmon_check_last_timestamp_seconds", "gauge", "When the last check began.", _OWNER, "seconds"
)
CHECKS = Family("healthmon_checks_total", "counter", "Checks by their verdict.", (*_OWNER, "verdict"))
CHECK_FAILURES = Family(
    "healthmon_check_failures_total",
    "counter",
    "Checks that were down, degraded or unknown, by the first thing that went wrong.",
    (*_OWNER, "cause"),
)
CHECK_HTTP_STATUS_CODE = Family(
    "healthmon_check_http_status_code", "gauge", "The status code of the last check's answer.", _OWNER
)
CHECK_CERTIFICATE_EXPIRY = Family(
    "healthmon_check_certificate_expiry_timestamp_seconds",
    "gauge",
    "When the certificate that the last check met ends, the earliest of its chain where that is known.",
    _OWNER,
    "seconds",
)


def _of_gauge(gauge: Gauge) -> Family:
    unit = next((unit for unit in ("seconds", "bytes", "ratio") if gauge.metric.endswith(f"_{unit}")), "")
    return Family(f"healthmon_check_{gauge.metric}", "gauge", gauge.help, _OWNER, unit)


FACT_FAMILIES: Mapping[str, Family] = {
    "status": CHECK_HTTP_STATUS_CODE,
    "certificate_expires": CHECK_CERTIFICATE_EXPIRY,
    **{fact: _of_gauge(gauge) for probe in PROBES.values() for fact, gauge in probe.gauges.items()},
}
"""The facts that are worth a metric, those of the probes included, by name."""

STATE_FAMILIES = (
    SERVICE_UP,
    SERVICE_STATE,
    SERVICE_INFO,
    SERVICE_INTERVAL,
    SERVICE_IN_MAINTENANCE,
    SERVICE_FLAPPING,
    SERVICE_LAST_TRANSITION,
    SERVICE_BLOCKED,
)
"""What the config says of a service and what is believed of it, in the order in which they are exposed."""

CHECK_FAMILIES = (
    CHECK_SUCCESS,
    CHECK_DURATION,
    CHECK_STAGE_DURATION,
    CHECK_LAST_TIMESTAMP,
    CHECKS,
    CHECK_FAILURES,
    *FACT_FAMILIES.values(),
)
"""What the checks of a service have shown, in the order in which they are exposed."""

SCHEDULER_LAG = Family(
    "healthmon_scheduler_lag_seconds", "histogram", "How long after they were due checks began.", (), "seconds"
)
CHECKS_IN_FLIGHT = Family("healthmon_checks_in_flight", "gauge", "How many checks are under way.")
CHECKS_SKIPPED = Family(
    "healthmon_checks_skipped_total", "counter", "Checks that were due and did not take place.", ("reason",)
)
SINK_DROPPED = Family(
    "healthmon_sink_dropped_total", "counter", "What was lost because a consumer was too slow to take it.", ("sink",)
)
RELOAD_SUCCESSFUL = Family(
    "healthmon_config_last_reload_successful", "gauge", "Whether the last attempt to read the config succeeded."
)
RELOAD_TIMESTAMP = Family(
    "healthmon_config_last_reload_success_timestamp_seconds",
    "gauge",
    "When the config in effect was read.",
    (),
    "seconds",
)
SERVICES = Family("healthmon_services", "gauge", "How many services are watched.", ("group",))
BUILD_INFO = Family("healthmon_build_info", "info", "What runs.", ("version", "python"))

DAEMON_FAMILIES = (
    SCHEDULER_LAG,
    CHECKS_IN_FLIGHT,
    CHECKS_SKIPPED,
    SINK_DROPPED,
    RELOAD_SUCCESSFUL,
    RELOAD_TIMESTAMP,
    SERVICES,
    BUILD_INFO,
)
"""What the daemon says of itself."""

CHECK_LAST_DURATION = Family(
    "healthmon_check_last_duration_seconds",
    "gauge",
    "How long the check took, all attempts together.",
    _OWNER,
    "seconds",
)
RUN_TIMESTAMP = Family("healthmon_run_timestamp_seconds", "gauge", "When the run began.", (), "seconds")
RUN_DURATION = Family("healthmon_run_duration_seconds", "gauge", "How long the run took.", (), "seconds")
RUN_SERVICES = Family("healthmon_run_services", "gauge", "How many services the run checked, by verdict.", ("verdict",))
ROLLOUT_SUCCESS = Family(
    "healthmon_rollout_success", "gauge", "Whether all phases of the rollout are deployed and healthy: 1 yes, 0 no."
)
ROLLOUT_TIMESTAMP = Family("healthmon_rollout_timestamp_seconds", "gauge", "When the rollout ended.", (), "seconds")

ROLLOUT_FAMILIES = (ROLLOUT_SUCCESS, ROLLOUT_TIMESTAMP)
"""What `healthmon rollout` says of itself."""

RUN_FAMILIES = (
    SERVICE_UP,
    SERVICE_STATE,
    SERVICE_INFO,
    SERVICE_BLOCKED,
    CHECK_SUCCESS,
    CHECK_LAST_DURATION,
    CHECK_STAGE_DURATION,
    CHECK_LAST_TIMESTAMP,
    *FACT_FAMILIES.values(),
    RUN_TIMESTAMP,
    RUN_DURATION,
    RUN_SERVICES,
    *ROLLOUT_FAMILIES,
    BUILD_INFO,
)
"""What one run of `healthmon check` pushes, and what `healthmon rollout` writes."""
