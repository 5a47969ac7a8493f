"""The run that docs/reports.md shows in every format."""

from healthmon.core.expectations import Expectations
from healthmon.core.model import Address, Fact, Level, Reason, Result, Service, Timings, Verdict
from healthmon.core.run import Run
from tests.make import OK, result, service

_PORTS = {"saleor": 8000, "brain": 8001, "agents": 8008}
_NAMES = {"saleor": "Saleor E-commerce API", "brain": "Brain AI Gateway", "agents": "AI Agents"}


def _service(id_: str, group: str) -> Service:
    port = _PORTS[id_]
    url = f"http://203.0.113.10:{port}/health"
    return service(
        id_,
        name=_NAMES[id_],
        group=group,
        url=url,
        shown_url=url,
        address=Address("http", "203.0.113.10", port, explicit=True),
        by_hand=f"curl -v -m 10 {url}",
        expect=OK,
        warn=Expectations(latency=2.0),
        hint=f"docker logs {id_} --tail 50",
    )


def _failed(id_: str, status: int, wait: float, blocked_by: str | None = None) -> Result:
    return result(
        service=_service(id_, "core"),
        verdict=Verdict.DOWN,
        message=f"HTTP {status}, expected 200 or 302",
        facts=(Fact("status", status),),
        reasons=(Reason("status", "200, 302", str(status), Level.EXPECT),),
        timings=Timings(connect=0.0003, wait=wait),
        duration=wait + 0.001,
        blocked_by=blocked_by,
    )


def example() -> Run:
    """One service that is well, one that is not, and one that is not because of it."""
    well = result(service=_service("saleor", "commerce"), timings=Timings(connect=0.0003, wait=0.0127), duration=0.014)
    results = (well, _failed("brain", 503, 0.0247), _failed("agents", 500, 0.0577, "brain"))
    return Run(started=1_769_860_800.0, duration=0.06, host="203.0.113.10", results=results)
