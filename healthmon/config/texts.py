"""Values that are texts of a certain kind, each a type of its own that reads itself."""

import re
from typing import ClassVar, Self


class Text(str):
    """Text that is checked.

    Attributes:
        description: What it is, for whoever wrote something else.
    """

    __slots__ = ()
    description: ClassVar[str]

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the text.

        Raises:
            ValueError: It is something else.
        """
        if not isinstance(value, str):
            raise ValueError(f"expected {cls.description}")  # noqa: TRY004 - one error for every fault of a value
        return cls(cls.checked(value))

    @classmethod
    def checked(cls, text: str) -> str:
        """The text as it is kept.

        Raises:
            ValueError: It is not what the description says.
        """
        raise NotImplementedError


class Shaped(Text):
    """Text of one shape, which a pattern gives.

    Attributes:
        pattern: The shape, in the syntax of JSON Schema.
    """

    __slots__ = ()
    pattern: ClassVar[str]

    @classmethod
    def checked(cls, text: str) -> str:
        """The text itself.

        Raises:
            ValueError: It has another shape.
        """
        if not re.fullmatch(cls.pattern, text):
            raise ValueError(f"expected {cls.description}")
        return text
