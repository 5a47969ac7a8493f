"""What each cause means."""

from collections.abc import Mapping

from healthmon.core.advice.entry import OLD, Entry
from healthmon.core.model import Cause

CAUSES: Mapping[Cause, Entry] = {
    Cause.DNS: Entry(
        "The name {host} could not be turned into an address.",
        "Look the name up with `getent ahosts {host}`; check its spelling in the config, and this machine's "
        "/etc/resolv.conf.",
        hint=False,
    ),
    Cause.UNREACHABLE: Entry(
        "There is no way through the network to {host}: no route, or the host is down.",
        "See where the way ends with `ip route get {host}` and `ping {host}`; check that the host runs.",
        hint=False,
    ),
    Cause.REFUSED: Entry(
        "The host answers, but nothing listens on {address}: the process has not started, has exited, or listens on "
        "another port or address.",
        "On {host}, see what listens with `ss -ltnp 'sport = :{port}'`{container_ps}.",
    ),
    Cause.CONNECT_TIMEOUT: Entry(
        "Packets to {address} are lost on the way: a firewall drops them, or the host is down or overloaded.",
        "Check the firewall of {host} and of its provider for TCP port {port}; from {host} itself try {by_hand}.",
    ),
    Cause.TLS: Entry(
        "The connection to {address} opened, but there was no TLS on it that both sides accept.",
        "See whether port {port} speaks TLS, which versions, and whether it wants a client certificate (`tls.cert`, "
        "`tls.key`), with `openssl s_client -connect {address} -servername {host}`.",
    ),
    Cause.CERTIFICATE: Entry(
        "The certificate of {address} is not good for as long as it should be: it was not renewed in time, or the "
        "server still shows the old one.",
        "Read its dates with `openssl s_client -connect {address} -servername {host} </dev/null | openssl x509 -noout "
        "-dates -subject -issuer`; see why it was not renewed by itself, renew it, and reload the server.",
    ),
    Cause.NO_RESPONSE: Entry(
        "Port {port} accepts connections, but no answer came: the process hangs, is overloaded or still starting, or a "
        "proxy in front of it has lost it.",
        "On {host}, ask the service directly with {by_hand}{container_logs}.",
    ),
    Cause.TIMEOUT: Entry(
        "An answer began but was not finished within {timeout}: the service is too slow, or stopped in the middle.",
        "See how far it comes with {by_hand}{container_logs}.",
    ),
    Cause.RESET: Entry(
        "The connection was closed before the answer was complete: a worker crashed or was killed, a proxy gave up, or "
        "the port speaks another protocol (https instead of http).",
        "On {host}, look for crashes and for kills by lack of memory with `dmesg | grep -i oom`, and see what the port "
        "says with {by_hand}{container_logs}.",
    ),
    Cause.PROTOCOL: Entry(
        "What came back is not valid {scheme}: another program may be listening on port {port}.",
        "On {host}, see which program has the port with `ss -ltnp 'sport = :{port}'`, and what it says with {by_hand}.",
    ),
    Cause.TOO_LARGE: Entry(
        "The body of the answer is larger than the limit up to which it is read.",
        "Check that {url} is the health path; if such a body is right, raise `body_limit`.",
    ),
    Cause.REDIRECT: Entry(
        "The redirects from {url} lead nowhere: they go in a circle, are too many, or have no usable target.",
        "Follow them with `curl -sIL {url} | grep -i -E '^(HTTP|location)'`; often the proxy and the service "
        "disagree on http or https.",
    ),
    Cause.STATUS: Entry(
        "The service answers, but with a status that says it is not well.",
        "See what it says with {curl_i}{container_logs}.",
    ),
    Cause.HEADER: Entry(
        "The service answers, but a header is not what is expected.",
        "Compare the headers that {curl_head} shows with `expect.header`.",
        typed="Compare it with the headers that {curl_head} shows" + OLD,
    ),
    Cause.BODY: Entry(
        "The service answers, but its body does not say what is expected.",
        "Compare the body that {curl_s} shows with `expect.body`.",
        typed="Compare it with the body that {curl_s} shows" + OLD,
    ),
    Cause.JSON: Entry(
        "The service answers, but its JSON does not say what is expected, or is none.",
        "Compare the body that {curl_s} shows with `expect.json`.",
        typed="Compare it with the body that {curl_s} shows" + OLD,
    ),
    Cause.VALUE: Entry(
        "The service answers, but with a value that is not expected.",
        "Compare the facts that `healthmon check --only {id} --verbose` shows with the service's `expect`.",
        typed="Compare it with the facts that `healthmon check --only {id} --verbose` shows" + OLD,
    ),
    Cause.LATENCY: Entry(
        "The service answers rightly, but too slowly.",
        "See which stage takes the time with `healthmon check --only {id} --verbose`; on {host} look at the load with "
        "`uptime`{container_stats}.",
    ),
    Cause.AUTH: Entry(
        "The credentials that were sent were rejected: they are wrong, expired or revoked.",
        "Check what {id} sends (`auth`, `headers`, or what a step has saved), and that the variable or file from which "
        "it comes holds the credentials of {address}.",
    ),
    Cause.UNHEALTHY: Entry(
        "The service itself says that it is not healthy.",
        "Ask it for the reason: look at the log of the process behind port {port} on {host}{container_logs}.",
    ),
    Cause.PROCESS: Entry(
        "The command that checks the service failed.",
        "Run the command of {id} by hand, as the same user, and read what it prints: {by_hand}.",
    ),
    Cause.DEADLINE: Entry(
        "The deadline of the whole run came before this check had ended, so nothing is known.",
        "Give the run more time with `--deadline`, or the check less with `--timeout`.",
        hint=False,
    ),
    Cause.INTERRUPTED: Entry(
        "The run was interrupted, or gave up, before this check had ended, so nothing is known.",
        "Run the check again; `healthmon check --only {id}` checks this service alone.",
        hint=False,
    ),
    Cause.OFFLINE: Entry(
        "This machine's own network is down, so nothing is known of the service.",
        "Check this machine's network with `ip address` and `ip route`.",
        hint=False,
    ),
    Cause.LOCAL: Entry(
        "This machine lacks what the check of {address} needs: open files, ports, memory, a library, a file or a "
        "permission.",
        "Mend what was met: a file that {id} names in the config, a library, a limit of this machine (`ulimit -n`, "
        "memory, ports), or a rule of its firewall.",
        hint=False,
    ),
    Cause.INTERNAL: Entry(
        "A fault in healthmon itself ended the check, so nothing is known of the service.",
        "Please report it with what was met, the output of `healthmon check --only {id} --verbose`, and that of "
        "`healthmon --version`.",
        hint=False,
    ),
}
"""What each cause means."""

WITHOUT_PORT: Mapping[Cause, Entry] = {
    Cause.REFUSED: Entry(
        "Nothing listens on {address}: its process has not started, or has exited.",
        "Ask it directly with {by_hand}{container_logs}.",
    ),
    Cause.CONNECT_TIMEOUT: Entry(
        "There was no connection to {address} in time: it is overloaded, and as many wait already as may.",
        "Look at the load with `uptime`, and ask it directly with {by_hand}{container_logs}.",
    ),
    Cause.NO_RESPONSE: Entry(
        "No answer came from {address}: it hangs, is overloaded or still starting.",
        "Ask it directly with {by_hand}{container_logs}.",
    ),
    Cause.RESET: Entry(
        "The connection was closed before the answer was complete: a worker crashed or was killed, or {address} speaks "
        "another protocol.",
        "Look for crashes and for kills by lack of memory with `dmesg | grep -i oom`, and see what it says with "
        "{by_hand}{container_logs}.",
    ),
    Cause.PROTOCOL: Entry(
        "What came back from {address} is not valid: another program may have taken its place.",
        "See what it says with {by_hand}.",
    ),
    Cause.STATUS: Entry(
        "What listens on {address} answers, but with a status that says it is not well.",
        "See what it says with {by_hand}{container_logs}.",
    ),
    Cause.HEADER: Entry(
        "What listens on {address} answers, but a header is not what is expected.",
        "Compare the headers that {by_hand} shows with `expect.header`.",
        typed="Compare it with the headers that {by_hand} shows" + OLD,
    ),
    Cause.BODY: Entry(
        "What listens on {address} answers, but what it says is not what is expected.",
        "Compare what {by_hand} shows with `expect.body`.",
        typed="Compare it with what {by_hand} shows" + OLD,
    ),
    Cause.JSON: Entry(
        "What listens on {address} answers, but its JSON does not say what is expected, or is none.",
        "Compare what {by_hand} shows with `expect.json`.",
        typed="Compare it with what {by_hand} shows" + OLD,
    ),
    Cause.LATENCY: Entry(
        "What listens on {address} answers rightly, but too slowly.",
        "See which stage takes the time with `healthmon check --only {id} --verbose`; look at the load with "
        "`uptime`{container_stats}.",
    ),
    Cause.UNHEALTHY: Entry(
        "The service itself says that it is not healthy.",
        "Ask it for the reason: look at the log of {address}{container_logs}.",
    ),
}
"""What a cause means for what has no port: a file, a container, a host that is pinged."""

_FIXED_LIMIT = Entry(
    "{address} sent more than healthmon reads of such an answer: another program may be listening on port {port}.",
    "Look at what it answers with {by_hand}; the limit is fixed.",
)
_LONG_QUERY = Entry(
    "{address} sent more than healthmon reads of such an answer: what the query of {id} selects is too much, or "
    "another program is listening on port {port}.",
    "Let `query` of {id} select less, such as `SELECT 1`, or one row (`LIMIT 1`); see what comes with {by_hand}. The "
    "limit is fixed.",
)

OF_SCHEMES: Mapping[str, Mapping[Cause, Entry]] = {
    "grpc": {Cause.TOO_LARGE: _FIXED_LIMIT},
    "grpcs": {Cause.TOO_LARGE: _FIXED_LIMIT},
    "postgres": {Cause.TOO_LARGE: _LONG_QUERY},
    "postgresql": {Cause.TOO_LARGE: _LONG_QUERY},
    "redis": {Cause.TOO_LARGE: _FIXED_LIMIT},
    "rediss": {Cause.TOO_LARGE: _FIXED_LIMIT},
    "exec": {
        Cause.BODY: Entry(
            "The command ran, but its output does not say what is expected.",
            "Compare what {by_hand} prints with `expect.body` of {id}.",
            typed="Compare it with what {by_hand} prints" + OLD,
        ),
        Cause.JSON: Entry(
            "The command ran, but the JSON that it prints does not say what is expected, or is none.",
            "Compare what {by_hand} prints with `expect.json` of {id}.",
            typed="Compare it with what {by_hand} prints" + OLD,
        ),
        Cause.LATENCY: Entry(
            "The command does what it should, but takes too long.",
            "See where it waits: {by_hand}. If it needs so long, raise `latency` in `expect` or `warn` of {id}.",
            typed="See where it waits: {by_hand}.",
        ),
    },
    "udp": {
        Cause.REFUSED: Entry(
            "The host answers that nothing listens on UDP port {port}: the process has not started, has exited, or "
            "listens on another port or address.",
            "On {host}, see what listens with `ss -lunp 'sport = :{port}'`{container_ps}.",
        ),
    },
    "docker": {
        Cause.VALUE: Entry(
            "The engine tells of {address} what should not be so: a line of a log, or a number.",
            "Read the log with `{docker} logs {container} --since 1h`, and what the engine tells with {by_hand}; "
            "`expect` of {id} says what is demanded.",
            typed="Read the log with `{docker} logs {container} --since 1h`, and what the engine tells with {by_hand}.",
        ),
    },
}
"""What a cause means for some schemes: where it is not a server that answers, or no key sets a limit."""
