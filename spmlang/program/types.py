"""The types of the plan language. Nothing converts by itself, but a whole number may stand where a number may."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a value is."""

    MONEY = "money"
    RATE = "rate"
    NUMBER = "number"
    COUNT = "count"
    DATE = "date"
    TEXT = "text"
    FLAG = "flag"
    #: Of an expression already reported; agrees with everything, so that one mistake gives one message.
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
    """A kind, the currency of money, and how many decimal places an exact value of the type can need."""

    kind: Kind
    currency: str | None = None
    scale: int = 0

    def __str__(self) -> str:
        """In words, to follow "this is"."""
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
    """Money in a currency, with that many decimal places."""
    return Type(Kind.MONEY, currency, scale)


def rate(scale: int) -> Type:
    """A dimensionless rate; 6.5% is 0.065 and needs three places."""
    return Type(Kind.RATE, None, scale)
