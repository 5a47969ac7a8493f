"""The errors that healthmon raises for its users, each with the exit code it ends with.

::

    HealthmonError                70
    ├── UsageError                 2
    ├── PortInUse                 75   (EX_TEMPFAIL of sysexits.h)
    ├── LockHeld                  75
    └── ConfigError               78   (EX_CONFIG of sysexits.h)
    Interrupted             130, 143   (a BaseException)
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from signal import Signals


INTERNAL = 70
"""The exit code where healthmon itself failed, and no service was found wanting (EX_SOFTWARE of sysexits.h)."""
INTERRUPTED = 130
"""The exit code at Ctrl-C where no handler is set yet: as `signalled` has it for SIGINT."""


def signalled(number: int) -> int:
    """The exit code at a signal, as shells have it."""
    return 128 + number


class HealthmonError(Exception):
    """Raised when healthmon itself cannot go on. Its text is one or more lines for the user."""

    exit_code = INTERNAL


class UsageError(HealthmonError):
    """Raised when the command line asks for what cannot be done."""

    exit_code = 2


class PortInUse(HealthmonError):
    """Raised when a local server cannot have its port."""

    exit_code = 75


class LockHeld(HealthmonError):
    """Raised when another run holds the lock."""

    exit_code = 75


class Fault(NamedTuple):
    """One thing wrong in a config file.

    Attributes:
        file: The file as the user named it.
        line: The line, counted from 1, or None where the fault has no line.
        message: What is wrong and how to mend it, without file and line.
    """

    file: str
    line: int | None
    message: str

    def __str__(self) -> str:
        """The fault as ``file:line: message``, which editors and terminals can jump to."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.message}"


class ConfigError(HealthmonError):
    """Raised when the configuration cannot be used. Lists every fault found, not only the first."""

    exit_code = 78

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class Interrupted(BaseException):
    """Raised at a signal where nothing is known yet that could be reported. No error: nobody may catch it as one.

    Attributes:
        received: The signal.
        exit_code: What it ends with.
    """

    def __init__(self, received: "Signals") -> None:
        super().__init__(f"Interrupted by {received.name}.")
        self.received = received
        self.exit_code = signalled(received)
