"""The ten services of the demo: one table."""

from collections.abc import Mapping

from msgspec import Struct

from healthmon.demo.answers import DJANGO, FASTAPI, Answer, Framework, json_answer, page, redirect


class DemoService(Struct, frozen=True):
    """One of the ten services, as it behaves when all is well.

    Attributes:
        id: Its id in ``config/services.toml``.
        name: For people.
        port: Its port.
        phase: The deployment step in which it appears.
        path: Its health path.
        answer: What it answers there.
        delay: How long it takes to answer, in seconds.
        framework: What it is built with.
        pages: Its other paths.
    """

    id: str
    name: str
    port: int
    phase: int
    path: str
    answer: Answer
    delay: float
    framework: Framework
    pages: Mapping[str, Answer] = {}


def _healthy(service: str, version: str, *checks: str) -> Answer:
    """The answer of a health path that looks at what the service stands on."""
    document = {
        "status": "healthy",
        "service": service,
        "version": version,
        "checks": [{"name": name, "state": "ok"} for name in checks],
    }
    return json_answer(document)


SERVICES: tuple[DemoService, ...] = (
    DemoService(
        id="saleor",
        name="Saleor E-commerce API",
        port=8000,
        phase=1,
        path="/health/",
        # Saleor answers this path before Django sees it: no body, only that the process serves.
        answer=Answer(200, b"", "text/plain"),
        delay=0.012,
        framework=DJANGO,
    ),
    DemoService(
        id="brain",
        name="Brain AI Gateway",
        port=8001,
        phase=2,
        path="/health",
        answer=_healthy("brain-gateway", "2.1.0", "postgres", "redis"),
        delay=0.024,
        framework=FASTAPI,
    ),
    DemoService(
        id="wagtail",
        name="Wagtail CMS",
        port=8002,
        phase=2,
        path="/health/",
        answer=_healthy("wagtail-cms", "6.3.1", "postgres", "redis", "storage"),
        delay=0.036,
        framework=DJANGO,
        pages={"/": redirect("/en/"), "/en/": page("BizOSaaS", "Welcome."), "/admin/": redirect("/admin/login/")},
    ),
    DemoService(
        id="auth",
        name="Auth Service",
        port=8006,
        phase=2,
        path="/health",
        answer=_healthy("auth-service", "1.8.2", "postgres", "redis"),
        delay=0.008,
        framework=FASTAPI,
    ),
    DemoService(
        id="crm",
        name="Django CRM",
        port=8003,
        phase=3,
        path="/health/",
        # All of its paths want a login first, the health path too: a redirect that tells that Django serves.
        answer=redirect("/accounts/login/?next=/health/"),
        delay=0.031,
        framework=DJANGO,
        pages={"/": redirect("/accounts/login/?next=/"), "/accounts/login/": page("Log in", "Django CRM")},
    ),
    DemoService(
        id="directory",
        name="Business Directory",
        port=8004,
        phase=3,
        path="/health",
        answer=_healthy("business-directory", "1.2.0", "postgres", "redis"),
        delay=0.018,
        framework=FASTAPI,
    ),
    DemoService(
        id="temporal",
        name="Temporal Integration",
        port=8007,
        phase=3,
        path="/health",
        answer=_healthy("temporal-integration", "1.4.0", "temporal", "postgres", "redis"),
        delay=0.042,
        framework=FASTAPI,
    ),
    DemoService(
        id="agents",
        name="AI Agents",
        port=8008,
        phase=4,
        path="/health",
        answer=_healthy("ai-agents", "3.0.1", "brain", "postgres", "redis"),
        delay=0.058,
        framework=FASTAPI,
    ),
    DemoService(
        id="sourcing",
        name="Amazon Sourcing",
        port=8009,
        phase=4,
        path="/health",
        answer=_healthy("amazon-sourcing", "1.1.3", "saleor", "postgres", "redis"),
        delay=0.027,
        framework=FASTAPI,
    ),
    DemoService(
        id="coreldove",
        name="CorelDove Backend",
        port=8005,
        phase=4,
        path="/health",
        answer=_healthy("coreldove-backend", "1.0.4", "saleor", "postgres", "redis"),
        delay=0.021,
        framework=FASTAPI,
    ),
)
"""In the order in which they are deployed."""


def select_phase(phase: int | None) -> tuple[DemoService, ...]:
    """The services of this phase and the earlier ones; all of them for None."""
    return tuple(service for service in SERVICES if phase is None or service.phase <= phase)
