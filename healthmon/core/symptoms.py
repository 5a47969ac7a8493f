"""Which symptom an answer shows: what tells more than its cause.

A symptom's name is the protocol's and its own, such as ``postgres.password``. Probes name the symptoms of their
protocols when they fail; those that the judge finds are found here. What they mean is in `healthmon.core.advice`.
"""

from healthmon.core.http_symptoms import http_symptom
from healthmon.core.model import Outcome

_OF_RCODES = {"NXDOMAIN": "dns.no_name", "SERVFAIL": "dns.server_failure", "REFUSED": "dns.refused"}


def symptom_of(outcome: Outcome, host: str = "") -> str | None:
    """The symptom that an answer shows in which a fault was found, or None.

    Args:
        outcome: What was seen.
        host: The host of the service.
    """
    return _OF_RCODES.get(str(outcome.fact("rcode"))) or http_symptom(outcome, host)
