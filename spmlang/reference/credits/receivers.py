"""The receivers of a credit share: the payee in a column, a territory's owner, or the members of a group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import cast

from spmlang.data.tables import Row
from spmlang.diagnostics.diagnostic import diagnose
from spmlang.program.measures import (
    CreditRule,
    DateRange,
    DirectCredit,
    GroupCredit,
    Ownership,
    Territory,
    TerritoryCredit,
)
from spmlang.reference.sources.expressions import EvaluationContext, evaluate_condition
from spmlang.reference.sources.rows import MissingValue, SourceRows, holds, no_row


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """A payee and the part of a share that is credited.

    `payee` is None if no payee is credited; `reason` then says why. `territory` is the covering territory. `by` is the
    row or the line of a territory that names the payee.
    """

    payee: str | None
    reason: str
    territory: str | None = None
    part: Fraction = Fraction(1)
    by: Row | Ownership | None = None


def receivers(sources: SourceRows, share: CreditRule, row: Row, day: date) -> list[Receiver]:
    """Return the receivers of a share of a row on a day.

    Raises:
        MissingValue: if a required column is absent, or the shares of a group do not add up to 1.
    """
    match share:
        case DirectCredit():
            return [_direct(sources, share, row, day)]
        case TerritoryCredit():
            return [_owner(sources, share, row, day)]
        case GroupCredit():
            return _members(sources, share, row, day)


def _direct(sources: SourceRows, share: DirectCredit, row: Row, day: date) -> Receiver:
    """Return the payee that the column names."""
    payee = sources.read(row, share.payee, day)
    if payee is None and not share.payee.optional:
        raise MissingValue(no_row(sources.program, row, share.payee, day))
    return Receiver(payee=cast("str | None", payee), reason="no-payee", by=sources.reach(row, share.payee.steps, day))


def _owner(sources: SourceRows, share: TerritoryCredit, row: Row, day: date) -> Receiver:
    """Return the owner, on the day, of the territory that covers the row reached."""
    reached = sources.reach(row, share.steps, day)
    covering = [] if reached is None else covering_territories(sources, share.source, reached)
    if not covering:
        return Receiver(payee=None, reason="no-territory", by=reached)
    name = covering[0].name
    for payee, dates, by in owners(sources, covering[0]):
        if day in dates:
            return Receiver(payee=payee, reason="", territory=name, by=by)
    return Receiver(payee=None, reason="no-owner", territory=name, by=reached)


def _members(sources: SourceRows, share: GroupCredit, row: Row, day: date) -> list[Receiver]:
    """Return the members of the group on the day.

    Raises:
        MissingValue: if the group column is required and absent, or the members' shares do not add up to 1.
    """
    group = sources.read(row, share.group, day)
    if group is None and not share.group.optional:
        raise MissingValue(no_row(sources.program, row, share.group, day))
    rows = [] if group is None else sources.having(share.table, share.key, group)
    dated = sources.program.contracts[share.table].dated is not None
    held = [member for member in rows if not dated or holds(member, day)]
    parts = [cast(Fraction, member[share.by.name]) if share.by else Fraction(1) for member in held]
    if held and share.by is not None and not share.overlay and sum(parts) != 1:
        words = {"group": group, "table": share.table, "day": day}
        raise MissingValue(diagnose("run-shares", share.span, (), **words))
    found = [
        Receiver(payee=str(member["payee"]), reason="", territory=None, part=part, by=member)
        for member, part in zip(held, parts, strict=True)
    ]
    return found or [Receiver(payee=None, reason="no-member")]


def covering_territories(sources: SourceRows, source: str, row: Row) -> list[Territory]:
    """Return the territories that cover a row of a source.

    The rule of a territory refers to no dated table, so its value is the same on every day.
    """
    context = EvaluationContext(sources=sources, row=row, day=date.min)
    return [
        item
        for item in sources.program.territories
        if item.source == source and evaluate_condition(item.covers, context)
    ]


def owners(sources: SourceRows, territory: Territory) -> Iterator[tuple[str, DateRange, Row | Ownership]]:
    """Yield every owner of a territory on any day, with the days, and the row or line that says so.

    It is a row of the owners table, or a line of plan text.
    """
    if territory.owners_table is not None:
        for row in sources.having(territory.owners_table, "territory", territory.code):
            yield str(row["payee"]), held_dates(row), row
    for owner in territory.owners:
        yield owner.payee, owner.dates, owner


def held_dates(row: Row) -> DateRange:
    """Return the days on which a row of a dated source is in force."""
    through = cast(date, row["_through"])
    return DateRange(cast(date, row["_from"]), None if through == date.max else through)
