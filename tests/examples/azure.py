"""The FastAPI service on Azure Container Apps."""

from tests.campaign.certificates import expired, good, knowing_only_other_names, other_name, showing, soon_expiring
from tests.examples.answers import late, page, raw, says
from tests.examples.deployment import Deployment, Fault, Site, everything

ORIGIN = "https://www.example.com"


def _health(version: str) -> object:
    return {"status": "healthy", "version": version, "timestamp": "2026-01-31T12:00:00Z"}


_PREFLIGHT = (
    f"Access-Control-Allow-Origin: {ORIGIN}",
    "Access-Control-Allow-Methods: DELETE, GET, OPTIONS, POST, PUT",
    "Access-Control-Allow-Headers: authorization,content-type",
    "Vary: Origin",
)
_HEALTHY = says(_health("1.4.2"))
BACKEND = Site(
    8443,
    {
        "GET /health": _HEALTHY,
        "OPTIONS /api/v1/items": raw("200 OK", "OK", "text/plain; charset=utf-8", *_PREFLIGHT),
        "GET /api/v1/me": says({"detail": "Not authenticated"}, "401 Unauthorized", "WWW-Authenticate: Bearer"),
    },
    showing(good),
)
PLAIN = Site(8080, {"GET /health": raw("301 Moved Permanently", "", "text/plain", f"Location: {ORIGIN}/health")})
HEALTHY = Deployment(
    config="config/examples/azure-container-apps.toml",
    sites={"APP_URL": BACKEND, "APP_PLAIN_URL": PLAIN},
    programs={"az": "echo Succeeded"},
    environ={"APP_VERSION": "1.4.2"},
)

_STOPPED = page(
    "404 Not Found",
    server="Microsoft-Azure-Container-Apps",
    body="<!DOCTYPE html><html><head><title>Azure Container App - Unavailable</title></head><body><h1>Error 404 - This "
    "Container App is stopped or does not exist.</h1></body></html>",
)
_NOT_READY = raw(
    "503 Service Unavailable",
    "upstream connect error or disconnect/reset before headers. reset reason: connection timeout",
    "text/plain",
    "Server: envoy",
)

FAULTS = {
    "healthy": Fault(),
    "old-version": Fault(routes={"APP_URL": {"GET /health": says(_health("1.4.1"))}}),
    "new-revision-not-ready": Fault(routes={"APP_URL": everything(_NOT_READY, BACKEND)}),
    "stopped": Fault(routes={"APP_URL": everything(_STOPPED, BACKEND)}, programs={"az": "echo Canceled"}),
    "cors-header-missing": Fault(
        routes={"APP_URL": {"OPTIONS /api/v1/items": raw("400 Bad Request", "Disallowed CORS origin", "text/plain")}}
    ),
    "cors-for-another-origin": Fault(
        routes={
            "APP_URL": {
                "OPTIONS /api/v1/items": raw(
                    "200 OK",
                    "OK",
                    "text/plain",
                    "Access-Control-Allow-Origin: https://old.example.com",
                    *_PREFLIGHT[1:],
                )
            }
        }
    ),
    "open-to-everybody": Fault(routes={"APP_URL": {"GET /api/v1/me": says({"username": "anonymous"})}}),
    "plain-http-is-served": Fault(routes={"APP_PLAIN_URL": {"GET /health": _HEALTHY}}),
    "certificate-expired": Fault(tls={"APP_URL": showing(expired)}),
    "certificate-expires-soon": Fault(tls={"APP_URL": showing(soon_expiring)}),
    "certificate-of-another-name": Fault(tls={"APP_URL": showing(other_name)}),
    "no-such-name": Fault(tls={"APP_URL": knowing_only_other_names}),
    "slower-than-two-seconds": Fault(routes={"APP_URL": {"GET /health": late(_HEALTHY, 2.1)}}),
    "html-instead-of-json": Fault(
        routes={"APP_URL": {"GET /health": raw("200 OK", "<html>Single-page app</html>", "text/html")}}
    ),
    "provisioning-failed": Fault(programs={"az": "echo Failed"}),
    "az-not-logged-in": Fault(programs={"az": "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1"}),
    "az-missing": Fault(programs={"az": None}),
}
