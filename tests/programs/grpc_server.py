"""A real gRPC server with the health service, as a program: prints its port, and serves until it is killed.

``grpc_server.py health|bare [CERT KEY]``: with the health service or with none, over TLS or without.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2

_STATUSES = {"": 1, "a.Serving": 1, "a.NotServing": 2, "a.Unknown": 0, "a.Strange": 7, "a.Private": 1}
_TEMPORAL = "temporal.api.workflowservice.v1.WorkflowService"
_ERRORS = {
    "a.Unavailable": grpc.StatusCode.UNAVAILABLE,
    "a.Denied": grpc.StatusCode.PERMISSION_DENIED,
    "a.Late": grpc.StatusCode.DEADLINE_EXCEEDED,
    "a.Broken": grpc.StatusCode.INTERNAL,
}


def _check(request: Any, context: Any) -> Any:
    if request.service == "a.Slow":
        time.sleep(60)
    if request.service == "a.Private" and ("authorization", "Bearer right") not in context.invocation_metadata():
        context.abort(grpc.StatusCode.UNAUTHENTICATED, "no such token")
    if request.service in _ERRORS:
        context.abort(_ERRORS[request.service], "100 % so")
    if request.service == _TEMPORAL:
        return health_pb2.HealthCheckResponse(status=1)
    if request.service not in _STATUSES:
        context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
    return health_pb2.HealthCheckResponse(status=_STATUSES[request.service])


def _main(kind: str, *files: str) -> None:
    server = grpc.server(ThreadPoolExecutor(4))
    if kind == "health":
        check = grpc.unary_unary_rpc_method_handler(
            _check, health_pb2.HealthCheckRequest.FromString, health_pb2.HealthCheckResponse.SerializeToString
        )
        handlers = grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": check})
        server.add_generic_rpc_handlers((handlers,))
    if files:
        cert, key = (Path(file).read_bytes() for file in files)
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, cert)]))
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"port {port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


_main(*sys.argv[1:])
