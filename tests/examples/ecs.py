"""The FastAPI service with Qdrant on AWS ECS."""

from tests.examples.answers import crash, page, refusing, says
from tests.examples.deployment import Deployment, Fault, Site, everything

_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJoZWFsdGhtb24ifQ.c2lnbmF0dXJl"
_REFUSED = says({"detail": "Could not validate credentials"}, "401 Unauthorized", "WWW-Authenticate: Bearer")
_LOGGED_IN = says({"access_token": _TOKEN, "token_type": "bearer"})
API = Site(
    8443,
    {
        "GET /health": says({"status": "healthy"}),
        "POST /api/v1/auth/token": _LOGGED_IN,
        **refusing(
            {
                "GET /api/v1/users/me": says({"username": "healthmon"}),
                "POST /api/v1/query": says({"answer": "There are 30 days of holidays.", "sources": ["handbook.pdf"]}),
            },
            header="Authorization",
            value=f"Bearer {_TOKEN}",
            refusal=_REFUSED,
        ),
    },
)
QDRANT = Site(
    6333,
    {"GET /collections": says({"result": {"collections": [{"name": "documents"}]}, "status": "ok", "time": 0.00001})},
)
_DEPLOYED = '[{"status": "PRIMARY", "rolloutState": "COMPLETED", "runningCount": 1, "desiredCount": 1}]'
_ROLLING = (
    '[{"status": "PRIMARY", "rolloutState": "IN_PROGRESS", "runningCount": 0, "desiredCount": 1},'
    ' {"status": "ACTIVE", "rolloutState": "COMPLETED", "runningCount": 0, "desiredCount": 0}]'
)
_UNHEALTHY = '[{"State": "unhealthy", "Reason": "Target.ResponseCodeMismatch", "Description": "codes: [503]"}]'


def _aws(deployments: str, targets: str) -> str:
    return f"case $1 in ecs) echo '{deployments}' ;; *) echo '{targets}' ;; esac"


HEALTHY = Deployment(
    config="config/examples/ecs.toml",
    sites={"API_URL": API, "QDRANT_URL": QDRANT},
    programs={"aws": _aws(_DEPLOYED, '[{"State": "healthy"}]')},
    environ={"API_PASSWORD": "right-password"},
)

_ERROR = "500 Internal Server Error"
_NO_TARGETS = page("503 Service Temporarily Unavailable", server="awselb/2.0")
_BAD_GATEWAY = page("502 Bad Gateway", server="awselb/2.0")
_QDRANT_LOCK = (
    "Storage folder /data/qdrant is already accessed by another instance of Qdrant client. If you require concurrent "
    "access, use Qdrant server instead."
)
_WITH = ("aws",)

FAULTS = {
    "healthy": Fault(with_groups=_WITH),
    "planned-outage": Fault(
        routes={"API_URL": everything(_NO_TARGETS, API)},
        closed=frozenset({"QDRANT_URL"}),
        programs={"aws": _aws(_ROLLING, "[]")},
        with_groups=_WITH,
    ),
    "task-crashes": Fault(routes={"API_URL": everything(_BAD_GATEWAY, API)}),
    "targets-unhealthy": Fault(programs={"aws": _aws(_DEPLOYED, _UNHEALTHY)}, with_groups=_WITH),
    "login-refused": Fault(
        routes={
            "API_URL": {
                "POST /api/v1/auth/token": says(
                    {"detail": "Incorrect username or password"}, "401 Unauthorized", "WWW-Authenticate: Bearer"
                )
            }
        }
    ),
    "login-without-a-token": Fault(routes={"API_URL": {"POST /api/v1/auth/token": says({"detail": "ok"})}}),
    "token-not-accepted": Fault(
        routes={"API_URL": {"GET /api/v1/users/me": _REFUSED, "POST /api/v1/query": _REFUSED}},
    ),
    "database-is-locked": Fault(
        routes={
            "API_URL": {
                "POST /api/v1/auth/token": says({"detail": "(sqlite3.OperationalError) database is locked"}, _ERROR)
            }
        }
    ),
    "database-is-locked-behind-200": Fault(
        routes={"API_URL": {"GET /health": says({"status": "healthy", "last_error": "database is locked"})}}
    ),
    "qdrant-lock": Fault(routes={"API_URL": {"POST /api/v1/query": says({"detail": _QDRANT_LOCK}, _ERROR)}}),
    "qdrant-gone": Fault(
        closed=frozenset({"QDRANT_URL"}),
        routes={"API_URL": {"POST /api/v1/query": says({"detail": "[Errno 111] Connection refused"}, _ERROR)}},
    ),
    "qdrant-empty": Fault(
        routes={
            "QDRANT_URL": {"GET /collections": says({"result": {"collections": []}, "status": "ok", "time": 0.00001})},
            "API_URL": {"POST /api/v1/query": says({"answer": "I do not know.", "sources": []})},
        }
    ),
    "retrieval-crashes": Fault(routes={"API_URL": {"POST /api/v1/query": crash}}),
}
