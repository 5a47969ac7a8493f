"""The ten services as local servers, with faults to order."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Literal

from healthmon.demo.services import SERVICES, DemoService, select_phase

__all__ = ["SERVICES", "DemoService", "running", "select_phase"]


@asynccontextmanager
async def running(
    *,
    faults: Mapping[str, str] | None = None,
    phase: int | None = None,
    host: str = "127.0.0.1",
    ports: Literal["real", "free"] = "real",
) -> AsyncIterator[dict[str, int]]:
    """Run the services as long as the block lasts.

    Args:
        faults: Service id to fault, such as ``{"brain": "503"}``. See `healthmon.demo.faults.Fault`.
        phase: Start only the services of this phase and the earlier ones.
        host: The address to listen on.
        ports: The real ports, 8000 to 8009, or any that are free.

    Yields:
        The port of each service by its id. All of them listen; one with the fault `closed` keeps its port and
        refuses connections.

    Raises:
        PortInUse: A port is taken. Nothing was started.
        UsageError: A fault or its service is not known, or the service is not of these phases.
    """
    from healthmon.demo.faults import Fault, check_faults
    from healthmon.demo.ports import bind_all
    from healthmon.demo.server import DemoServer

    services = select_phase(phase)
    ordered = check_faults(faults or {}, services)
    wanted = {service.id: service.port if ports == "real" else 0 for service in services}
    closed = {service_id for service_id, fault in ordered.items() if fault is Fault.CLOSED}
    listeners = bind_all(host, wanted, closed=closed)
    async with AsyncExitStack() as stack:
        servers = [DemoServer(service, listeners[service.id], ordered.get(service.id)) for service in services]
        for server in servers:
            stack.push_async_callback(server.stop)
        for server in servers:
            await server.start()
        yield {service_id: listener.getsockname()[1] for service_id, listener in listeners.items()}
