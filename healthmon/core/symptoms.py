"""What an answer itself tells of its cause, where that is more than the cause: a table, and how it is read from HTTP.

A symptom's name is the protocol's and its own, such as ``postgres.password``. Probes name the symptoms of their
protocols when they fail; those of an HTTP answer are found here.
"""

from collections.abc import Mapping

from healthmon.core.database_symptoms import POSTGRES_SYMPTOMS, REDIS_SYMPTOMS
from healthmon.core.entry import Entry
from healthmon.core.http_symptoms import HTTP_SYMPTOMS, OAUTH2_SYMPTOMS, PROXY_SYMPTOMS, http_symptom
from healthmon.core.model import Outcome

SYMPTOMS: Mapping[str, Entry] = {
    **HTTP_SYMPTOMS,
    **OAUTH2_SYMPTOMS,
    **PROXY_SYMPTOMS,
    "tls.expired": Entry(
        "The certificate of {address} has expired, or is not valid yet: it was not renewed, or the server still shows "
        "the old one.",
        "Read its dates with `openssl s_client -connect {address} -servername {host} </dev/null | openssl x509 -noout "
        "-dates`; renew it and reload the server. If the dates are right, this machine's clock is not: `date -u`.",
    ),
    "tls.other_name": Entry(
        "The certificate of {address} is for other names: the server does not know {host} and shows its usual "
        "certificate, or the URL is not the right one.",
        "See for which names it is with `openssl s_client -connect {address} -servername {host} </dev/null | openssl "
        "x509 -noout -subject -ext subjectAltName`; bind a certificate for {host} there, or ask {id} for a name that "
        "it has (`tls.server_name`).",
    ),
    "tls.untrusted": Entry(
        "Nobody whom this machine trusts vouches for the certificate of {address}: it is self-signed, from an "
        "authority of its own, or the server does not send the certificates between.",
        "See who signed it and what is sent with `openssl s_client -showcerts -connect {address} -servername {host} "
        "</dev/null`; let the server send the whole chain, or name the authority in `tls.ca` of {id}.",
    ),
    "unix.no_file": Entry(
        "There is no such socket file: the process that makes it has not started or has exited, or listens elsewhere.",
        "See which sockets are listened on with `ss -lx`, and whether this program sees the same files: a container or "
        "a unit with a file system of its own does not.",
    ),
    "unix.refused": Entry(
        "The socket file is there, but nothing listens on it: the process that made it has exited.",
        "See which sockets are listened on with `ss -lx`, and start the process of {id} again.",
    ),
    "unix.permission": Entry(
        "This program may not use the socket file, so nothing is known of what listens on it.",
        "Let the user that runs healthmon into the group of the file, or of the folders above it that keep it out: "
        "`namei -l` shows them.",
        hint=False,
    ),
    "docker.no_engine": Entry(
        "The container engine cannot be reached, so none of its containers can be asked for.",
        "See whether it runs, `systemctl status docker` (for Podman `systemctl status podman.socket`), and on which "
        "socket it listens: `engine` of {id} or $DOCKER_HOST says where healthmon looks.",
        hint=False,
    ),
    "docker.permission": Entry(
        "This program may not use the socket of the container engine, so nothing is known of the container.",
        "Let the user that runs healthmon into the socket's group: `usermod -aG docker USER`, or "
        "`SupplementaryGroups=docker` in the unit. Whoever is in that group has the rights of root.",
        hint=False,
    ),
    "docker.silent": Entry(
        "The container engine accepts connections but does not answer: it hangs, or this machine is overloaded.",
        "See whether {by_hand} answers, and read the engine's log with `journalctl -u docker -n 50`.",
    ),
    "docker.engine": Entry(
        "The container engine answers, but not what was asked for: something else may be listening there, or the "
        "engine itself is in trouble.",
        "See what {by_hand} says, and read the engine's log with `journalctl -u docker -n 50`.",
    ),
    "docker.no_container": Entry(
        "The engine has no such container: it was never created, because its image was not built or pulled or the "
        "deployment stopped before, or it was removed, or has another name.",
        "See which there are with `{docker} ps -a`; where it is missing, read the log of the build or of "
        "`docker compose up -d`.",
    ),
    "docker.exited": Entry(
        "The container is not running: its process has ended.",
        "Read its last words with `{docker} logs {container} --tail 50`, then start it again with "
        "`{docker} start {container}`.",
    ),
    "docker.out_of_memory": Entry(
        "The kernel killed the container's process because it needed more memory than it may have.",
        "Compare `{docker} stats --no-stream {container}` with its limit, "
        "`{docker} inspect -f '{{{{.HostConfig.Memory}}}}' {container}`; raise the limit, or find what takes the "
        "memory.",
    ),
    "docker.killed": Entry(
        "The container's process was killed from outside: by somebody, by a stop for which it took too long, or by the "
        "kernel for lack of memory of which the engine did not hear.",
        "Look for the kernel's doing with `dmesg | grep -i oom`, and read the container's last words with "
        "`{docker} logs {container} --tail 50`; then start it again with `{docker} start {container}`.",
    ),
    "docker.restart_loop": Entry(
        "The container's process ends soon after each start and is started again and again.",
        "Read why it ends with `{docker} logs {container} --tail 50`; often a setting, a secret or a database is "
        "missing.",
    ),
    "docker.not_started": Entry(
        "The container was created but has never run: its start failed, or nobody has started it.",
        "Start it by hand and read the error: `{docker} start {container}`; often its port is in use or a file that it "
        "mounts is missing.",
    ),
    "docker.paused": Entry(
        "The container is paused: its processes are stopped until somebody lets them go on.",
        "Let it go on with `{docker} unpause {container}`.",
    ),
    "docker.unhealthy": Entry(
        "The container runs, but its own health check fails.",
        "Read what the health check says with `{docker} inspect -f '{{{{json .State.Health}}}}' {container}`, and "
        "`{docker} logs {container} --tail 50`.",
    ),
    "docker.starting": Entry(
        "The container runs, but its own health check has not passed yet.",
        "Wait, and check again; if it stays so, read `{docker} logs {container} --tail 50`. A `start_period` of "
        "{id} as long as that of the container keeps the daemon quiet meanwhile.",
    ),
    "exec.cannot_run": Entry(
        "The command could not be run, so nothing is known of the service.",
        "Check `command` and `cwd` of {id}: they must be there for, and may be used by, the user that runs healthmon. "
        "Only the folders of `env.PATH`, or else the usual ones, are searched.",
        hint=False,
    ),
    "exec.timeout": Entry(
        "The command did not end within {timeout}, and was ended with all that it had started.",
        "Run it by hand and see where it waits: {by_hand}. If it needs so long, raise `timeout`.",
    ),
    "exec.signal": Entry(
        "The command was ended by a signal: it crashed, or something killed it.",
        "Look for crashes and for kills by lack of memory with `dmesg | tail`, and run it by hand: {by_hand}.",
    ),
    "exec.missing": Entry(
        "The command ran, but what it started could not be run: a program that it names is missing or may not be used.",
        "Run it by hand, as the same user and with no other environment: {by_hand}.",
    ),
    "exec.output": Entry(
        "The command said more than is kept of its output, so what is expected of it cannot be evaluated.",
        "Let it say less, or raise `output_limit` of {id}.",
        hint=False,
    ),
    "exec.plugin_warning": Entry(
        "The Nagios plugin warns: what it measured is beyond its threshold for a warning.",
        "Look at what it measured with `healthmon check --only {id} --verbose`, or run it by hand: {by_hand}.",
    ),
    "exec.plugin_critical": Entry(
        "The Nagios plugin says that the service is in a critical state.",
        "Look at what it measured with `healthmon check --only {id} --verbose`, or run it by hand: {by_hand}.",
    ),
    "exec.plugin_unknown": Entry(
        "The Nagios plugin says that it could not find out, often because of its arguments or of a program that it "
        "needs.",
        "Run it by hand, as the same user and with no other environment, and read what it prints: {by_hand}.",
        hint=False,
    ),
    "name.not_found": Entry(
        "There is no such name, says the resolver: it is misspelled, not in its zone (yet), or its domain has expired.",
        "Look it up with `getent ahosts {host}`, and compare its spelling in the config with what its zone has; a name "
        "that was asked for before it was there may be denied until the zone's negative TTL is over.",
        hint=False,
    ),
    "name.no_address": Entry(
        "There is such a name, but no address for it of the kind that is wanted.",
        "See what it has with `getent ahosts {host}`; add an address to its zone, or let {id} take any kind "
        '(`ip = "any"`).',
        hint=False,
    ),
    "name.no_answer": Entry(
        "The resolver that this machine asks does not answer, or fails, so nobody knows whether there is such a name.",
        "See which servers are asked (/etc/resolv.conf, `resolvectl status`), and whether they answer: `getent ahosts "
        "{host}`, also with another name.",
        hint=False,
    ),
    "dns.silent": Entry(
        "The DNS server does not answer by UDP: it is down, a firewall drops the packets, or it waits for a server of "
        "its own that does not answer.",
        "Ask it with {by_hand}, and the same with `+tcp`; check the firewalls for UDP port {port}, and on {host} "
        "whether the server runs: `ss -lunp 'sport = :{port}'`.",
    ),
    "dns.refused_port": Entry(
        "The host answers, but no DNS server listens on {address} by UDP: it has not started, has exited, or listens "
        "on another address.",
        "On {host}, see what listens with `ss -lunp 'sport = :{port}'`.",
    ),
    "dns.no_tcp": Entry(
        "The answer is too large for UDP, and the server gives none by TCP, which it has to (RFC 7766).",
        "Ask with {by_hand} and `+tcp`; open TCP port {port} in the server's settings and in the firewalls.",
    ),
    "dns.no_name": Entry(
        "The DNS server answers, but says that the name does not exist: it is misspelled, was removed from its zone, "
        "or its domain has expired.",
        "Ask it with {by_hand}, and compare with a server of the zone itself; look for the name in the zone.",
    ),
    "dns.server_failure": Entry(
        "The DNS server answers, but could not find out: the zone is broken, a server that it asks does not answer, or "
        "its signatures (DNSSEC) are not valid.",
        "Ask it with {by_hand}, and once more with `+cd`, which leaves signatures alone; read the log of the server on "
        "{host}.",
    ),
    "dns.refused": Entry(
        "The DNS server refuses the query: it does not serve this zone, or does not resolve for this machine.",
        "On {host}, see which networks the server answers (`allow-query`, `allow-recursion`) and which zones it has.",
    ),
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
    **POSTGRES_SYMPTOMS,
    **REDIS_SYMPTOMS,
    "icmp.silent": Entry(
        "No ping was answered: the host is down, or a firewall between here and there drops pings.",
        "See how far the way leads with `tracepath {host}`. Where the host answers on other ports, it is told not to "
        "answer pings: check one of those ports with `tcp://` instead.",
        hint=False,
    ),
    "icmp.not_permitted": Entry(
        "This machine does not let this program's user ping, so nothing is known of the host.",
        "Let everybody ping with `sysctl -w net.ipv4.ping_group_range='0 2147483647'` (and in /etc/sysctl.d for the "
        "next start), or give the daemon the right in its unit: `AmbientCapabilities=CAP_NET_RAW` and "
        "`CapabilityBoundingSet=CAP_NET_RAW`; a container needs `--cap-add NET_RAW` or that sysctl.",
        hint=False,
    ),
    "smtp.refused": Entry(
        "The mail server answers, but refuses to serve this machine: it is set up so, or knows this machine as a "
        "source of unwanted mail.",
        "Read the server's log on {host} (`journalctl -u postfix -n 50`), and see whether it wants a `hello` that it "
        "knows or has this machine's address in a block list.",
    ),
    "smtp.not_now": Entry(
        "The mail server answers, but does not serve now: it is overloaded, out of disk space, or puts off clients "
        "that it does not know yet.",
        "Read the server's log on {host} (`journalctl -u postfix -n 50`); where it puts off strangers, exempt this "
        "machine.",
    ),
    "smtp.no_starttls": Entry(
        "The mail server does not go over to TLS: its certificate or key cannot be read, or something on the way has "
        "taken the offer out.",
        "Compare what {by_hand} shows with what the server itself says on {host}: its log tells of certificates that "
        "it cannot read. Where there is to be no TLS, write `starttls = false`.",
    ),
    "smtp.no_auth": Entry(
        "The mail server lets nobody log in by AUTH PLAIN here.",
        "Use the port for clients, 587 (or 465 with `smtps://`), and see what EHLO shows over TLS with {by_hand}.",
    ),
    "ws.closed": Entry(
        "The server opened the WebSocket and closed it again before it said anything: it did not accept the "
        "credentials, the subprotocol or what was sent, or a proxy in front of it gave up.",
        "See what {by_hand} shows, and read the log of the process behind port {port} on {host}{container_logs}.",
    ),
    "udp.refused": Entry(
        "The host answers that nothing listens on UDP port {port}: the process has not started, has exited, or listens "
        "on another port or address.",
        "On {host}, see what listens with `ss -lunp 'sport = :{port}'`.",
    ),
    "udp.silent": Entry(
        "No datagram came back. UDP does not tell why: the process hangs or does not know what was sent, a firewall "
        "drops it, or it was lost on the way.",
        "On {host}, see whether something listens with `ss -lunp 'sport = :{port}'`, and whether the datagrams arrive "
        "with `tcpdump -ni any udp port {port}`. `retries` of {id} helps where some are lost.",
    ),
}
"""The symptoms by name."""

_OF_RCODES = {"NXDOMAIN": "dns.no_name", "SERVFAIL": "dns.server_failure", "REFUSED": "dns.refused"}


def symptom_of(outcome: Outcome, host: str = "") -> str | None:
    """The symptom that an answer shows in which a fault was found, or None.

    Args:
        outcome: What was seen.
        host: The host of the service.
    """
    return _OF_RCODES.get(str(outcome.fact("rcode"))) or http_symptom(outcome, host)
