"""A query, and whether what comes back answers it (RFC 1035; RFC 5452 on forged answers)."""

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdatatype

from healthmon.core.model import Cause
from healthmon.net.dns.question import Question
from healthmon.net.trace import ProbeFailed

_PAYLOAD = 1232  # bytes of a UDP answer that arrive in one piece everywhere (DNS flag day 2020)
_HEADER = 12  # bytes
_TRUNCATED = 0x02  # of the third byte


class Strange(Exception):
    """Raised when what was received answers another query, or none."""


class Query:
    """A query with an id that cannot be guessed.

    Attributes:
        wire: Its bytes.

    Raises:
        ProbeFailed: The name cannot be asked for.
    """

    def __init__(self, question: Question, *, recursion: bool) -> None:
        try:
            name = dns.name.from_text(question.name)
        except (dns.exception.DNSException, UnicodeError) as error:
            raise ProbeFailed(Cause.LOCAL, f"not a domain name: {question.name}") from error
        type_ = dns.rdatatype.from_text(question.type)
        flags = dns.flags.RD if recursion else dns.flags.Flag(0)
        self._message = dns.message.make_query(name, type_, use_edns=0, payload=_PAYLOAD, flags=flags)
        self.wire = self._message.to_wire()

    def read(self, wire: bytes) -> dns.message.Message | None:
        """The answer, or None if it says that it did not fit.

        Raises:
            Strange: It is not an answer to this query.
            ProbeFailed: It is, and cannot be read (`protocol`).
        """
        if len(wire) < _HEADER or wire[:2] != self.wire[:2] or not wire[2] & 0x80:
            raise Strange
        truncated = bool(wire[2] & _TRUNCATED)
        try:
            answer = dns.message.from_wire(wire, one_rr_per_rrset=True, ignore_trailing=True)
        except (dns.exception.DNSException, ValueError) as error:
            if truncated:
                return None  # Some servers cut in the middle of a record.
            raise ProbeFailed(Cause.PROTOCOL, f"not a valid DNS answer: {_why(error)}") from error
        if not self._message.is_response(answer):
            raise Strange
        return None if truncated else answer


def _why(error: Exception) -> str:
    return str(error).rstrip(".").lower() or type(error).__name__
