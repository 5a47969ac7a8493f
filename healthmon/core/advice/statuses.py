"""What a status that was not expected means."""

from collections.abc import Mapping

from healthmon.core.advice.entry import OLD, Entry

_REDIRECT = Entry(
    "The service answers by leading elsewhere, which is not followed: to https, to a login, or to the same path with a "
    "slash at its end.",
    "See where it leads with {curl_i}; then correct the URL of {id}, or let it follow: `follow_redirects = true`.",
)

STATUSES: Mapping[int, Entry] = {
    200: Entry(
        "The service answers that all is well where {id} expects something else: what should be refused, or should "
        "lead elsewhere, is served.",
        "See what everybody gets with {curl_i}, and compare with `expect.status` of {id}.",
        typed="Compare it with what {curl_i} shows" + OLD,
    ),
    301: _REDIRECT,
    302: _REDIRECT,
    307: _REDIRECT,
    308: _REDIRECT,
    400: Entry(
        "The service, or a proxy in front of it, finds fault with the request: a host name or an origin that it does "
        "not allow, a parameter or a body that it does not understand, or plain HTTP on a port that wants HTTPS.",
        "Read why with {curl_i}{container_logs}.",
    ),
    401: Entry(
        "The service wants credentials, and was sent none that it knows.",
        "Compare the user, password, key or token that {id} sends (`auth`, `headers`, `form`, `json`) with those of "
        "the service on {address}; where it sends none, give it an `auth`, or a health path that needs none.",
    ),
    403: Entry(
        "The service understood the request and refuses it.",
        "See whether {url} is open to this machine, and whether `auth` of {id} has the right.",
    ),
    404: Entry(
        "Something answers on port {port}, but not on this path: the health path is wrong, or another program has the "
        "port.",
        "Compare the path with the service's routes, a slash at its end included: {curl_i}{container_logs}.",
    ),
    405: Entry(
        "The service knows this path, but not with this method.",
        "Compare `method` of {id} with the service's routes: {curl_i}.",
    ),
    429: Entry(
        "The service turns requests away because there are too many.",
        "Check {id} less often (`interval`), or exempt its health path from the limit.",
    ),
    500: Entry(
        "An error inside of the service: its code failed at this request.",
        "Read the error in the service's log, at the time of the check, and see what it says with {curl_i}"
        "{container_logs}.",
    ),
    502: Entry(
        "A proxy answers on port {port}, but the service behind it refuses the connection or breaks it off.",
        "On {host}, see whether the service behind the proxy runs and on which address it listens; 127.0.0.1 inside a "
        "container cannot be reached from outside{container_logs}.",
    ),
    503: Entry(
        "The service, or a proxy in front of it, says that it cannot serve now: it is starting, overloaded, or lacks "
        "something that it needs.",
        "See what it says with {curl_i}{container_logs}.",
    ),
    504: Entry(
        "A proxy answers on port {port}, but the service behind it did not answer in the proxy's time.",
        "On {host}, ask the service behind the proxy directly; it hangs, or is slower than the proxy's time-out"
        "{container_logs}.",
    ),
}
"""What a status that was not expected means, where more can be said than of statuses in general."""
