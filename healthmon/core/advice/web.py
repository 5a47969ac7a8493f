"""What web servers tell, and what stands between them and this machine: proxies, token endpoints."""

from collections.abc import Mapping

from healthmon.core.advice.entry import Entry

HTTP: Mapping[str, Entry] = {
    "http.plain_on_tls": Entry(
        "Port {port} wants TLS, and was asked without.",
        "Write `https://` in the URL of {id}, or the port that {host} has for plain HTTP.",
        hint=False,
    ),
    "http.speaks_tls": Entry(
        "Port {port} speaks TLS, and was asked without.",
        "Write `https://` in the URL of {id}, or the port that {host} has for plain HTTP.",
        hint=False,
    ),
    "tls.plain": Entry(
        "There is no TLS on port {port}: what listens there speaks something else, such as plain HTTP.",
        "Write the URL of {id} without TLS, or with the port that {host} has for TLS; on {host}, see which program has "
        "the port with `ss -ltnp 'sport = :{port}'`.",
        hint=False,
    ),
    "http.disallowed_host": Entry(
        "Django does not know the host name under which it is asked, and refuses all requests to it.",
        'Add {host} to `ALLOWED_HOSTS` of the service on port {port}, or give {id} a `headers = {{ Host = "..." }}` '
        "that it allows{container_logs}.",
    ),
    "http.database_locked": Entry(
        "The service cannot write to its SQLite database, because another process or request holds the lock.",
        "On {host}, see which processes have the file open with `fuser -v`; let only one write, raise the time it "
        "waits (`busy_timeout`), or turn on write-ahead logging{container_logs}.",
    ),
    "http.qdrant_lock": Entry(
        "The service cannot open its Qdrant storage, because another process holds its lock.",
        "On {host}, see whether an old task or a second worker of the service on port {port} still runs: a local "
        "Qdrant folder takes one process; stop the old one first, or use a Qdrant server{container_logs}.",
    ),
    "http.too_many_connections": Entry(
        "The service gets no connection to its database, because all that the database allows are taken.",
        "Count them by program (PostgreSQL: `SELECT application_name, count(*) FROM pg_stat_activity GROUP BY 1`); "
        "make the pools of the service on port {port} smaller, or raise `max_connections`{container_logs}.",
    ),
    "http.migration_missing": Entry(
        "The service asks its database for a table or a column that is not there: migrations have not run, or it uses "
        "another database than is meant.",
        "Run the migrations of the service on port {port} of {host} (such as `manage.py migrate` or `alembic upgrade "
        "head`), and check which database it is given{container_logs}.",
    ),
    "http.disk_full": Entry(
        "The service, or its database, cannot write because a disk is full.",
        "On {host} and on the database's host, see which with `df -h` and `df -i`, then make room (`docker system df` "
        "shows what images and logs take){container_logs}.",
    ),
    "http.worker_timeout": Entry(
        "Gunicorn ended a worker because a request took longer than its `--timeout`.",
        "Find what the request waits for in the log of the service on port {port} of {host}, or raise `--timeout`"
        "{container_logs}.",
    ),
    "http.choreo_timeout": Entry(
        "Choreo's gateway got no answer from the service (102504): it does not listen on 0.0.0.0 and the port that "
        "$PORT names, or has not started yet.",
        "Let the process listen on `0.0.0.0:$PORT`, compare with the port of the endpoint in component.yaml, and read "
        "the log of the component behind {host}.",
    ),
    "http.bad_gateway_refused": Entry(
        "A proxy answers on port {port}, but nothing behind it takes its connection: the service is not running, or "
        "listens on another port, or only on 127.0.0.1 inside its container.",
        "On {host}, see whether the service behind the proxy runs and listens on 0.0.0.0 and the port that the proxy "
        "asks: `ss -ltnp` beside the proxy's log{container_logs}.",
    ),
    "http.cloudflare_5xx": Entry(
        "Cloudflare answers for {host}, but could not get an answer from the server behind it.",
        "Ask the server itself with {by_hand} and `--resolve {host}:{port}:ADDRESS`; see that it runs, that its "
        "firewall lets Cloudflare in, and that its certificate is good{container_logs}.",
    ),
    "http.captive_portal": Entry(
        "Not the service answered but a login page of a network, a proxy or a single sign-on in front of it.",
        "See who answers with {by_hand}; log this machine in to its network, or exempt the path of {id} from the "
        "login.",
        hint=False,
    ),
    "http.retry_after": Entry(
        "The service on port {port} says itself that it cannot serve now, and when it will.",
        "Ask again {later}, as it says; if it goes on, see what it says with {curl_i}{container_logs}.",
    ),
}

WEBSOCKET: Mapping[str, Entry] = {
    "ws.closed": Entry(
        "The server opened the WebSocket and closed it again before it said anything: it did not accept the "
        "credentials, the subprotocol or what was sent, or a proxy in front of it gave up.",
        "See what {by_hand} shows, and read the log of the process behind port {port} on {host}{container_logs}.",
    ),
}

PROXY: Mapping[str, Entry] = {
    "proxy.no_connection": Entry(
        "There is no connection to the proxy through which {id} is asked; the service itself was not reached.",
        "See whether the proxy that was met runs, and lets this machine in; `proxy` of {id} says which one it is.",
        hint=False,
    ),
    "proxy.credentials": Entry(
        "The proxy through which {id} is asked wants credentials, or others; the service itself was not reached.",
        "Write them in `proxy` of {id}, as in `http://USER:PASSWORD@PROXY:3128`, its password from the environment "
        "or a file; whoever runs the proxy has them.",
        hint=False,
    ),
    "proxy.no_way": Entry(
        "The proxy through which {id} is asked cannot reach {address}: the service is down, or the proxy cannot look "
        "up its name or has no way to it.",
        "Ask {address} from the proxy's own machine, and read the proxy's log; if that works, ask it without the "
        "proxy from here.",
    ),
    "proxy.no_tunnel": Entry(
        "The proxy through which {id} is asked opens no way to {address}: it does not allow this host or port, or is "
        "no HTTP proxy.",
        "Read the proxy's log and rules (Squid: `SSL_ports`), and check the port in `proxy` of {id}.",
        hint=False,
    ),
    "proxy.tls": Entry(
        "There is no good TLS to the proxy through which {id} is asked; the service itself was not reached.",
        "See which certificate the proxy shows and whether its port speaks TLS at all, with `openssl s_client "
        "-connect PROXY`; `tls.ca` of {id} holds for it too.",
        hint=False,
    ),
}
"""The way through a proxy."""

OAUTH2: Mapping[str, Entry] = {
    "oauth2.rejected": Entry(
        "The token endpoint does not give this client an access token: its name, its secret, the scope or the "
        "audience is wrong, or the secret has expired.",
        "Check `auth.oauth2` of {id} in the config, and that the variable or file it names holds the client's secret; "
        "the service on {address} itself was not asked.",
        hint=False,
    ),
    "oauth2.unreachable": Entry(
        "The token endpoint gives no access token: it cannot be reached, or does not answer as one does.",
        "Check `auth.oauth2.token_url` of {id}, and ask it with `curl -v`; the service on {address} itself was not "
        "asked.",
        hint=False,
    ),
}
"""The way to an access token."""
