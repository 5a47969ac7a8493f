"""The assistant on Choreo, its vector database and its language model."""

from tests.examples.answers import crash, hang, page, refusing, says
from tests.examples.deployment import Deployment, Fault, Site, everything

ASSISTANT = Site(
    8443,
    {
        "GET /api/health": says({"status": "healthy", "version": "1.2.0"}),
        "GET /": says({"message": "Welcome to the assistant", "status": "ok"}),
        "POST /api/ask": says({"answer": "Choreo is a platform to build and run services.", "sources": ["intro"]}),
    },
)
MILVUS = Site(
    19530,
    refusing(
        {"POST /v2/vectordb/collections/list": says({"code": 0, "data": ["documents"]})},
        header="Authorization",
        value="Bearer root:right",
        refusal=says({"code": 1800, "message": "user hasn't authenticate"}),
    ),
)
DENIED = {
    "error": {
        "code": "401",
        "message": "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid "
        "key for an active subscription and use a correct regional API endpoint for your resource.",
    }
}
OPENAI = Site(
    9443,
    refusing(
        {"GET /openai/models": says({"data": [{"id": "gpt-4o", "object": "model"}], "object": "list"})},
        header="api-key",
        value="right-key",
        refusal=says(DENIED, "401 PermissionDenied"),
    ),
)
HEALTHY = Deployment(
    config="config/examples/choreo.toml",
    sites={"ASSISTANT_URL": ASSISTANT, "MILVUS_URI": MILVUS, "AZURE_OPENAI_ENDPOINT": OPENAI},
    environ={"MILVUS_TOKEN": "root:right", "AZURE_OPENAI_API_KEY": "right-key"},
)

_GATEWAY = says(
    {"error_message": "Upstream connection timeout", "error_code": "102504", "error_description": ""},
    "504 Gateway Timeout",
    "Server: envoy",
)
_BUSY = says(
    {"error": {"code": "429", "message": "Requests have exceeded the call rate limit. Retry after 12 seconds."}},
    "429 Too Many Requests",
    "Retry-After: 12",
)

FAULTS = {
    "healthy": Fault(),
    "wrong-port": Fault(routes={"ASSISTANT_URL": everything(_GATEWAY, ASSISTANT)}),
    "still-starting": Fault(
        routes={"ASSISTANT_URL": {"GET /api/health": says({"status": "starting", "progress": "loading documents"})}}
    ),
    "accepts-and-is-silent": Fault(routes={"ASSISTANT_URL": everything(hang, ASSISTANT)}, timeout=1.0),
    "stopped": Fault(closed=frozenset({"ASSISTANT_URL"})),
    "crashes-on-questions": Fault(routes={"ASSISTANT_URL": {"POST /api/ask": crash}}),
    "empty-answer": Fault(routes={"ASSISTANT_URL": {"POST /api/ask": says({"answer": "", "sources": []})}}),
    "milvus-token": Fault(
        environ={"MILVUS_TOKEN": "root:wrong"},
        routes={
            "ASSISTANT_URL": {"POST /api/ask": says({"detail": "Internal Server Error"}, "500 Internal Server Error")}
        },
    ),
    "milvus-empty": Fault(routes={"MILVUS_URI": {"POST /v2/vectordb/collections/list": says({"code": 0, "data": []})}}),
    "milvus-gone": Fault(closed=frozenset({"MILVUS_URI"})),
    "openai-key": Fault(
        environ={"AZURE_OPENAI_API_KEY": "wrong-key"},
        routes={
            "ASSISTANT_URL": {"POST /api/ask": says({"detail": "Internal Server Error"}, "500 Internal Server Error")}
        },
    ),
    "openai-busy": Fault(routes={"AZURE_OPENAI_ENDPOINT": {"GET /openai/models": _BUSY}}),
    "other-login-page": Fault(
        routes={
            "ASSISTANT_URL": {
                "GET /api/health": page(
                    "200 OK", server="gateway", body="<html><form action=/login>Guest Wi-Fi: please sign in</form>"
                )
            }
        }
    ),
}
