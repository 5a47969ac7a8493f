"""The keys that config files may hold, as types. What belongs to a probe is in the probe's own options."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from healthmon.config.grammar import Demand, Patterns, Status, Texts
from healthmon.config.texts import Shaped, Text
from healthmon.core.allow import check_allowed
from healthmon.core.units import Duration, PositiveDuration

Count = Annotated[int, Meta(ge=0, description="a whole number, 0 or more")]
Threshold = Annotated[int, Meta(ge=1, description="a whole number, 1 or more")]


# What moves the cursor or ends a line, and what turns the direction of writing (UAX #9): it makes a line of a report
# look like another.
_UNSEEN = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"


class Line(Shaped):
    """Text on one line, not empty."""

    __slots__ = ()
    description = "text on one line, not empty"
    pattern = rf"^[^{_UNSEEN}]+$"


class Remark(Shaped):
    """Text on one line, perhaps empty."""

    __slots__ = ()
    description = "text on one line"
    pattern = rf"^[^{_UNSEEN}]*$"


class Identifier(Shaped):
    """A name for machines."""

    __slots__ = ()
    description = 'an id of letters, digits, "-", "_" and "."'
    pattern = r"^[\w.-]+$"


class Allowed(Text):
    """An entry of a module's allow list."""

    __slots__ = ()
    description = 'a glob of URLs such as "https://*.example.com/*", a network such as "10.0.0.0/8", or an IP address'

    @classmethod
    def checked(cls, text: str) -> str:
        """The entry itself.

        Raises:
            ValueError: It is none.
        """
        check_allowed(text)
        return text


class BodyKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is demanded of a body's text.

    Attributes:
        contains: The text, or all the texts, that it holds.
        matches: The pattern, or all the patterns (RE2's syntax), that it matches somewhere.
        not_contains: The text, or the texts, that it does not hold.
        not_matches: The pattern, or the patterns, that it matches nowhere.
    """

    contains: Texts | None = None
    matches: Patterns | None = None
    not_contains: Texts | None = None
    not_matches: Patterns | None = None


class LogKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is demanded of the lines of a log.

    Attributes:
        contains: The text, or all the texts, that a line holds.
        matches: The pattern, or all the patterns (RE2's syntax), that a line matches somewhere.
        not_contains: The text, or the texts, that no line holds.
        not_matches: The pattern, or the patterns, that no line matches anywhere.
    """

    contains: Texts | None = None
    matches: Patterns | None = None
    not_contains: Texts | None = None
    not_matches: Patterns | None = None


class ExpectKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is demanded of an answer.

    Attributes:
        status: Accepted HTTP status codes.
        latency: The longest acceptable latency.
        certificate: The least time that the certificate must still be valid.
        header: Demands on headers, by name.
        body: Demands on the body's text.
        json: Demands on the body as JSON, by JMESPath.
        log: Demands on the lines of the service's log.
    """

    status: Status | None = None
    latency: PositiveDuration | None = None
    certificate: Duration | None = None
    header: dict[str, Demand] = {}
    body: BodyKeys = BodyKeys()
    json: dict[str, Demand] = {}
    log: LogKeys = LogKeys()


class ServiceKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys that every service has, whatever its probe.

    Attributes:
        id: The service's identifier, unique in the config; made from the name where it is missing.
        name: The service's name, for people.
        url: Where it is; the scheme chooses the probe.
        enabled: Whether it is checked. One that is not takes part where its group is asked for by `--with`.
        group: The group that it belongs to.
        phase: The deployment step in which it appears.
        tags: Words to select it by.
        labels: Names and values for other programs.
        depends_on: The ids of the services that it needs.
        interval: The time between checks.
        timeout: The time that one attempt may take, from resolving the name to the end of the body.
        retries: Extra attempts in one check.
        failure_threshold: How many failures in a row make it down.
        success_threshold: How many successes in a row make it up again.
        start_period: The time after the first check in which failures do not count.
        expect: What makes it down where it is not met.
        warn: What makes it degraded where it is not met.
        hint: What to do when it fails: a command or a sentence.
        runbook: A link to instructions.
    """

    id: Identifier | None = None
    name: Line
    url: Line
    enabled: bool = True
    group: Line | None = None
    phase: Count | None = None
    tags: list[Line] = []
    labels: dict[str, Remark] = {}
    depends_on: list[Identifier] = []
    interval: PositiveDuration = PositiveDuration(30)
    timeout: PositiveDuration = PositiveDuration(10)
    retries: Count = 0
    failure_threshold: Threshold = 3
    success_threshold: Threshold = 1
    start_period: Duration = Duration(0)
    expect: ExpectKeys = ExpectKeys()
    warn: ExpectKeys = ExpectKeys()
    hint: Remark | None = None
    runbook: Remark | None = None


class ModuleKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys that every module has, beside those that it shares with services.

    Attributes:
        probe: The scheme of targets that come without one.
        allow: What it may be asked to probe: globs of URLs, networks, addresses. Empty: nothing.
    """

    probe: str = "http"
    allow: list[Allowed] = []


class FileKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys at the top of a config file.

    Attributes:
        host: What `{host}` in a URL stands for: a name, an IPv4 or an IPv6 address.
        include: More files with services, as patterns relative to this file's folder.
        defaults: Values for all services whose scheme knows the key.
        services: The services.
        daemon: What is for the daemon only.
        maintenance: The times in which services may be down without an alarm.
        modules: Ways to probe targets that are named in a request to the daemon.
    """

    host: str | None = None
    include: list[str] = []
    defaults: dict[str, Any] = {}
    services: Any = []
    daemon: dict[str, Any] = {}
    maintenance: Any = []
    modules: dict[str, dict[str, Any]] = {}
