"""The Flask API on Porter, behind its ingress."""

from tests.examples.answers import crash, hang, late, page, raw, says
from tests.examples.deployment import Deployment, Fault, Site, everything

_ROUTES = {
    "GET /health": says({"status": "healthy", "service": "hoptix-backend"}, "200 OK", "Server: gunicorn"),
    "GET /": raw("200 OK", "Hello, World!", "text/html; charset=utf-8", "Server: gunicorn"),
}
INGRESS, DIRECT = Site(8443, _ROUTES), Site(8080, _ROUTES)
HEALTHY = Deployment(config="config/examples/porter.toml", sites={"API_URL": INGRESS, "DIRECT_URL": DIRECT})

_BAD_GATEWAY = page("502 Bad Gateway", server="nginx")
_TIMEOUT = page("504 Gateway Time-out", server="nginx")
_UNAVAILABLE = page("503 Service Temporarily Unavailable", server="nginx")
_ERROR = page(
    "500 Internal Server Error",
    server="gunicorn",
    body="<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n",
)
_WITH = ("direct",)

FAULTS = {
    "healthy": Fault(with_groups=_WITH),
    "bound-to-loopback": Fault(routes={"API_URL": everything(_BAD_GATEWAY, INGRESS)}, with_groups=_WITH),
    "does-not-run": Fault(
        routes={"API_URL": everything(_BAD_GATEWAY, INGRESS)}, closed=frozenset({"DIRECT_URL"}), with_groups=_WITH
    ),
    "does-not-run-seen-from-outside": Fault(routes={"API_URL": everything(_BAD_GATEWAY, INGRESS)}),
    "no-pods": Fault(routes={"API_URL": everything(_UNAVAILABLE, INGRESS)}),
    "worker-crashes": Fault(
        routes={"API_URL": everything(_BAD_GATEWAY, INGRESS), "DIRECT_URL": everything(crash, DIRECT)},
        with_groups=_WITH,
    ),
    "slower-than-the-worker-timeout": Fault(
        routes={"API_URL": everything(_TIMEOUT, INGRESS), "DIRECT_URL": everything(hang, DIRECT)},
        timeout=1.0,
        with_groups=_WITH,
    ),
    "slow": Fault(routes={"API_URL": {"GET /health": late(_ROUTES["GET /health"], 1.1)}}),
    "application-error": Fault(routes={"API_URL": everything(_ERROR, INGRESS)}),
    "another-service": Fault(
        routes={
            "API_URL": {
                "GET /health": says({"status": "healthy", "service": "staging-backend"}),
                "GET /": raw("200 OK", "It works!", "text/html"),
            }
        }
    ),
    "no-health-path": Fault(
        routes={"API_URL": {"GET /health": page("404 Not Found", server="gunicorn")}},
    ),
}
