"""What gRPC tells."""

from collections.abc import Mapping

from healthmon.core.advice.entry import Entry

GRPC: Mapping[str, Entry] = {
    "grpc.not_serving": Entry(
        "The gRPC server itself says that the service is not healthy.",
        "Read why in the log of the process behind port {port} on {host}; ask again with {by_hand}.",
    ),
    "grpc.unknown_service": Entry(
        "The gRPC server knows no service of this name: it is misspelled, or the server has not registered it yet.",
        "Compare the name in {id} with what the server registers for its health, which `grpcurl {address} list` may "
        "show; without a name the server as a whole is asked for.",
    ),
    "grpc.no_health_service": Entry(
        "The server speaks gRPC but has no health service (grpc.health.v1), or a proxy does not lead to it.",
        "Add the health service to the server behind {address}, or let {id} check the port alone with `tcp://`.",
    ),
    "grpc.rejected": Entry(
        "The gRPC server does not accept the credentials that were sent: they are wrong, expired, or lack the right.",
        "Check `metadata` (or `tls.cert`) of {id} in the config, and that the variable or file it names holds the "
        "credentials of {address}.",
        hint=False,
    ),
    "grpc.no_credentials": Entry(
        "The gRPC server wants credentials, and none were sent.",
        'Give {id} a `metadata = {{ authorization = "Bearer ..." }}`, or exempt the health service on {address}.',
    ),
    "grpc.deadline": Entry(
        "The gRPC server itself gave up because the call took longer than {timeout}.",
        "See what it waits for in the log of the process behind port {port} on {host}; ask with {by_hand}.",
    ),
    "grpc.unavailable": Entry(
        "A gRPC server or a proxy answers on port {port}, but cannot serve: it is starting, stopping or overloaded, or "
        "the server behind the proxy is gone.",
        "On {host}, see whether the server behind port {port} runs and listens; ask it without the proxy.",
    ),
    "grpc.status": Entry(
        "The gRPC server answers the health check with an error.",
        "See what it says with {by_hand}, and read the log of the process behind port {port} on {host}.",
    ),
    "grpc.http_status": Entry(
        "Something speaks HTTP/2 on port {port}, but answers as a web server or a proxy does, not as gRPC.",
        "See whether the proxy leads to the gRPC server and knows that it is one (nginx: `grpc_pass`): ask with "
        "{by_hand}.",
    ),
    "grpc.not_grpc": Entry(
        "Something speaks HTTP/2 on port {port}, but no gRPC.",
        "Check the port of {id}; on {host}, see which program has it with `ss -ltnp 'sport = :{port}'`.",
    ),
    "grpc.wants_tls": Entry(
        "The server speaks TLS on this port, and was asked without.",
        "Write `grpcs://` in the URL of {id}.",
        hint=False,
    ),
    "grpc.closed": Entry(
        "The server closed the connection as soon as it was asked: it wants TLS, or does not speak HTTP/2.",
        "Try `grpcs://` in the URL of {id}; on {host}, see which program has the port: `ss -ltnp 'sport = :{port}'`.",
    ),
    "grpc.other_protocol": Entry(
        "The port does not speak HTTP/2, which gRPC needs: it is the port of something else, often the web server "
        "beside the gRPC one.",
        "Check the port of {id}; on {host}, see which program has it with `ss -ltnp 'sport = :{port}'`.",
    ),
    "grpc.no_alpn": Entry(
        "The server speaks TLS but did not agree on HTTP/2 (ALPN), which gRPC needs: a proxy in front of it may be set "
        "up for HTTP/1 only.",
        "See what it offers with `openssl s_client -alpn h2 -connect {address} </dev/null | grep ALPN`, and let the "
        "proxy offer h2.",
    ),
    "grpc.reset": Entry(
        "The server or a proxy broke off the call.",
        "Read the log of the process behind port {port} on {host}; ask again with {by_hand}.",
    ),
    "grpc.goaway": Entry(
        "The server ended the connection before it had answered: it is stopping, or is being replaced.",
        "See whether the process behind port {port} on {host} has just been restarted, and whether it stays up.",
    ),
}
