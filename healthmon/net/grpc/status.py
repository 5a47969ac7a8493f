"""What the status of a gRPC call means for a check ("gRPC status codes" of the gRPC project)."""

from urllib.parse import unquote

from healthmon.core.model import Cause
from healthmon.net.grpc.call import Answer
from healthmon.net.trace import ProbeFailed

OK = 0
NOT_FOUND = 5

_NAMES = (
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
)

_MEANINGS = {
    "NOT_FOUND": (Cause.UNHEALTHY, "grpc.unknown_service"),
    "UNIMPLEMENTED": (Cause.PROTOCOL, "grpc.no_health_service"),
    "UNAUTHENTICATED": (Cause.AUTH, "grpc.rejected"),
    "PERMISSION_DENIED": (Cause.AUTH, "grpc.rejected"),
    "DEADLINE_EXCEEDED": (Cause.NO_RESPONSE, "grpc.deadline"),
    "UNAVAILABLE": (Cause.STATUS, "grpc.unavailable"),
}


def status_of(answer: Answer) -> int:
    """The status of a call.

    Raises:
        ProbeFailed: The answer is none of gRPC: another HTTP status (`status`), or no gRPC status (`protocol`).
    """
    http = answer.headers.get(":status", "")
    text = answer.trailers.get("grpc-status", answer.headers.get("grpc-status", ""))
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        return int(text)
    if http != "200":
        raise ProbeFailed(Cause.STATUS, f"HTTP {http} in place of a gRPC answer", "grpc.http_status")
    kind = answer.headers.get("content-type", "")
    if not kind.startswith("application/grpc"):
        raise ProbeFailed(Cause.PROTOCOL, f"not a gRPC answer: {kind or 'no content type'}", "grpc.not_grpc")
    raise ProbeFailed(Cause.PROTOCOL, "an answer without a gRPC status")


def failed_call(status: int, answer: Answer, *, service: str, credentials: bool) -> ProbeFailed:
    """Why a call with this status tells of no health.

    Args:
        status: The status, not OK.
        answer: The answer that has it.
        service: The service that was asked for.
        credentials: Whether any were sent.
    """
    name = _NAMES[status] if status < len(_NAMES) else str(status)
    message = unquote(answer.trailers.get("grpc-message", answer.headers.get("grpc-message", "")))
    words = f"gRPC {name}" + (f": {message}" if message else "")
    if name in ("UNAUTHENTICATED", "PERMISSION_DENIED") and not credentials:
        return ProbeFailed(Cause.STATUS, words, "grpc.no_credentials")
    cause, symptom = _MEANINGS.get(name, (Cause.STATUS, "grpc.status"))
    if name == "NOT_FOUND":
        words = f"SERVICE_UNKNOWN: no service {service}"
    return ProbeFailed(cause, words, symptom)
