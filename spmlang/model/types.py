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
    UNKNOWN = (
        "unknown"  # of an expression already reported; agrees with everything, so that one mistake gives one message
    )


@dataclass(frozen=True)
class Type:
    """A kind, the currency of money, and how many decimal places an exact value of the type can need."""

    kind: Kind
    currency: str | None = None
    scale: int = 0

    def __str__(self) -> str:
        return f"money in {self.currency}" if self.currency else str(self.kind)

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
