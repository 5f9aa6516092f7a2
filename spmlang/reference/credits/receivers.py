"""Who gets what part of a share: the payee a column names, the owner of a territory, the members of a group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import cast

from spmlang.data.tables import Row
from spmlang.diagnostics.diagnostic import diagnose
from spmlang.program.measures import DateRange, DirectCredit, GroupCredit, Ownership, Share, Territory, TerritoryCredit
from spmlang.reference.sources.expressions import EvaluationContext, evaluate_condition
from spmlang.reference.sources.rows import MissingValue, SourceRows, holds, no_row


@dataclass(frozen=True)
class Receiver:
    """Who gets what part of a share; `reason` says why nobody does, `by` which row or which line of a territory says so."""

    payee: str | None
    reason: str
    territory: str | None = None
    part: Fraction = Fraction(1)
    by: Row | Ownership | None = None


def receivers(facts: SourceRows, share: Share, row: Row, day: date) -> list[Receiver]:
    """Who gets a share of a row on a day. Raises Refused where that cannot be told."""
    match share:
        case DirectCredit():
            return [_direct(facts, share, row, day)]
        case TerritoryCredit():
            return [_owner(facts, share, row, day)]
        case GroupCredit():
            return _members(facts, share, row, day)


def _direct(facts: SourceRows, share: DirectCredit, row: Row, day: date) -> Receiver:
    payee = facts.read(row, share.payee, day)
    if payee is None and not share.payee.optional:
        raise MissingValue(no_row(facts.program, row, share.payee, day))
    return Receiver(cast("str | None", payee), "no-payee", by=facts.reach(row, share.payee.steps, day))


def _owner(facts: SourceRows, share: TerritoryCredit, row: Row, day: date) -> Receiver:
    reached = facts.reach(row, share.steps, day)
    covering = [] if reached is None else covering_territories(facts, share.source, reached)
    if not covering:
        return Receiver(None, "no-territory", by=reached)
    name = covering[0].name
    for payee, dates, by in owners(facts, covering[0]):
        if day in dates:
            return Receiver(payee, "", name, by=by)
    return Receiver(None, "no-owner", name, by=reached)


def _members(facts: SourceRows, share: GroupCredit, row: Row, day: date) -> list[Receiver]:
    """Everybody in the group on that day. Raises Refused where their shares do not add up."""
    group = facts.read(row, share.group, day)
    if group is None and not share.group.optional:
        raise MissingValue(no_row(facts.program, row, share.group, day))
    rows = [] if group is None else facts.having(share.table, share.key, group)
    dated = facts.program.contracts[share.table].dated is not None
    held = [member for member in rows if not dated or holds(member, day)]
    parts = [cast(Fraction, member[share.by.name]) if share.by else Fraction(1) for member in held]
    if held and share.by is not None and not share.overlay and sum(parts) != 1:
        words = {"group": group, "table": share.table, "day": day}
        raise MissingValue(diagnose("run-shares", share.span, (), **words))
    found = [Receiver(str(member["payee"]), "", None, part, member) for member, part in zip(held, parts, strict=True)]
    return found or [Receiver(None, "no-member")]


def covering_territories(facts: SourceRows, source: str, row: Row) -> list[Territory]:
    """The territories that cover a row. A territory's rule walks into no dated table, so any day will do."""
    scene = EvaluationContext(facts, row, date.min)
    return [
        item for item in facts.program.territories if item.source == source and evaluate_condition(item.covers, scene)
    ]


def owners(facts: SourceRows, territory: Territory) -> Iterator[tuple[str, DateRange, Row | Ownership]]:
    """Everybody who ever owns a territory, when, and the row or the line that says so."""
    if territory.owners_table is not None:
        for row in facts.having(territory.owners_table, "territory", territory.code):
            yield str(row["payee"]), held_dates(row), row
    for owner in territory.owners:
        yield owner.payee, owner.dates, owner


def held_dates(row: Row) -> DateRange:
    """The days on which a row of a dated source is in force."""
    through = cast(date, row["_through"])
    return DateRange(cast(date, row["_from"]), None if through == date.max else through)
