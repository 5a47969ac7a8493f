"""What mail servers tell."""

from collections.abc import Mapping

from healthmon.core.advice.entry import Entry

MAIL: Mapping[str, Entry] = {
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
}
