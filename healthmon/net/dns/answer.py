"""What a DNS answer says, as facts."""

from collections.abc import Iterator

import dns.flags
import dns.rcode
import dns.rdatatype
from dns.message import Message
from dns.rdata import Rdata
from dns.rrset import RRset

from healthmon.net.trace import Trace

_MOST = 200  # records that are kept


def record_answer(answer: Message, type_: str, trace: Trace) -> None:
    """Record an answer's facts.

    They are `rcode`; `records`, those of the type that was asked for, if there are any, without repetitions and in
    the order of their texts; `ttl`, the least of the answer section; how many records each section has (`answers`,
    `authority`, `additional`); `authoritative`; and, of a SOA record that was asked for, `serial`.

    Args:
        answer: The answer, each record in a set of its own.
        type_: The type of the records that were asked for.
        trace: Receives the facts.
    """
    rcode = dns.rcode.to_text(answer.rcode())
    found = list(_asked_for(answer.answer, type_))
    trace.fact("rcode", rcode)
    if found:
        texts = sorted({_text(record) for record in found})
        trace.fact("records", tuple(texts[:_MOST]))
    if answer.answer:
        trace.fact("ttl", min(rrset.ttl for rrset in answer.answer))
    trace.fact("answers", len(answer.answer))
    trace.fact("authority", len(answer.authority))
    trace.fact("additional", len(answer.additional))
    trace.fact("authoritative", bool(answer.flags & dns.flags.AA))
    if type_ == "SOA" and found:
        trace.fact("serial", getattr(found[0], "serial", None))
    trace.seen = rcode if rcode != "NOERROR" else f"NOERROR, {len(found)} record{'' if len(found) == 1 else 's'}"


def _asked_for(section: list[RRset], type_: str) -> Iterator[Rdata]:
    wanted = dns.rdatatype.from_text(type_)
    for rrset in section:
        if wanted in (rrset.rdtype, dns.rdatatype.ANY):
            yield from rrset


def _text(record: Rdata) -> str:
    """A record as `dig +short` writes it; the strings of a TXT record joined, and without quotes (RFC 7208, 3.3)."""
    if record.rdtype == dns.rdatatype.TXT:
        return b"".join(getattr(record, "strings", ())).decode("utf-8", "backslashreplace")
    return record.to_text()
