"""What is met before a protocol is spoken, and by those that are hardly more: names, certificates, pings, datagrams."""

from collections.abc import Mapping

from healthmon.core.advice.entry import Entry

NETWORK: Mapping[str, Entry] = {
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
    "network.no_route": Entry(
        "This machine, or a router on the way, knows no way to the network of {host}: this machine's own network is "
        "down, or has no addresses of that kind (IPv6). Nothing is known of the host.",
        "Check this machine's network with `ip address` and `ip route get {host}`; where only one kind of address has "
        'a way, let {id} keep to it (`ip = "4"` or `"6"`).',
        hint=False,
    ),
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
}
