"""The types of the plan language. There are no implicit conversions, but a whole number is accepted as a number."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kind of a value."""

    MONEY = "money"
    RATE = "rate"
    NUMBER = "number"
    COUNT = "count"
    DATE = "date"
    TEXT = "text"
    FLAG = "flag"
    #: The kind of an expression already reported. It agrees with every kind, so that one mistake gives one message.
    UNKNOWN = "unknown"


_WORDS = {
    Kind.MONEY: "money",
    Kind.RATE: "a rate",
    Kind.NUMBER: "a number",
    Kind.COUNT: "a whole number",
    Kind.DATE: "a date",
    Kind.TEXT: "a text",
    Kind.FLAG: "true or false",
    Kind.UNKNOWN: "unknown",
}


@dataclass(frozen=True)
class Type:
    """A kind, the currency of money, and the most decimal places of an exact value."""

    kind: Kind
    currency: str | None = None
    scale: int = 0

    def __str__(self) -> str:
        """Describe the type in words that can follow "this is"."""
        return f"money in {self.currency}" if self.currency else _WORDS[self.kind]

    @property
    def numeric(self) -> bool:
        """True for money, rate, number and count."""
        return self.kind in (Kind.MONEY, Kind.RATE, Kind.NUMBER, Kind.COUNT)


UNKNOWN = Type(Kind.UNKNOWN)
FLAG = Type(Kind.FLAG)
TEXT = Type(Kind.TEXT)
DATE = Type(Kind.DATE)
COUNT = Type(Kind.COUNT)


def money(currency: str, scale: int) -> Type:
    """Return the type of money in a currency, with `scale` decimal places."""
    return Type(Kind.MONEY, currency, scale)


def rate(scale: int) -> Type:
    """Return the type of a dimensionless rate. 6.5% is 0.065 and needs a scale of three."""
    return Type(Kind.RATE, None, scale)
