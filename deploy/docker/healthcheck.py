"""Asks the daemon in this container whether it is alive: exit code 0 if it is, 1 if not.

It asks `/-/healthy` on this machine's own port $PORT, by HTTP, and by HTTPS where the daemon speaks only that. The
certificate bears the name that clients use, not 127.0.0.1, and is not verified.
"""

import http.client
import os
import ssl
import sys

PORT = int(os.environ.get("PORT") or 9877)
TIMEOUT = 2.0


def status(connection: http.client.HTTPConnection) -> int:
    """The status of the answer."""
    try:
        connection.request("GET", "/-/healthy")
        return connection.getresponse().status
    finally:
        connection.close()


def alive() -> bool:
    """Whether the daemon says that it is."""
    try:
        return status(http.client.HTTPConnection("127.0.0.1", PORT, timeout=TIMEOUT)) == 200
    except (http.client.HTTPException, ConnectionResetError):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return status(http.client.HTTPSConnection("127.0.0.1", PORT, timeout=TIMEOUT, context=context)) == 200


try:
    sys.exit(0 if alive() else 1)
except OSError as error:
    sys.exit(f"no answer on port {PORT}: {error}")
