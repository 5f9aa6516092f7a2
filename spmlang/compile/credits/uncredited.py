"""Find counted rows that credit no payee.

Territories cover and owners own almost all rows, and there are many rows. So counted rows are joined with the few keys
that no territory covers and the few days without an owner, and not every row with its owner.
"""

from __future__ import annotations

from spmlang.compile.periods.slices import Slices
from spmlang.compile.sources.references import column_alias, column_name
from spmlang.compile.stages.credits import OWNERS, TERRITORIES, TERRITORY_OF
from spmlang.program.measures import DirectCredit, Measure, TerritoryCredit
from spmlang.program.program import Program
from spmlang.relations.nodes import (
    Aggregate,
    AggregateColumn,
    Binary,
    Call,
    Compare,
    Const,
    Filter,
    IsNull,
    Join,
    Logic,
    Null,
    Project,
    Ref,
    Relation,
    Scalar,
    Source,
    Union,
)

from .credit_rows import counted_rows, credit_rows, credits_of
from .credit_shares import CreditShare, shares_of

#: The columns of an uncredited row.
UNCREDITED = (
    "measure",
    "day",
    "source",
    "key",
    "rule",
    "reason",
    "territory",
    "payee",
    "file",
    "row",
    "units",
)


def can_be_refused(share: CreditShare) -> bool:
    """Return True if rows can lack a payee for the share."""
    return not isinstance(share.clause, DirectCredit) or share.clause.payee.optional


def refused_rows(program: Program, measure: Measure, slices: Slices) -> list[Relation]:
    """Return the uncredited rows of each share that can have any, in the columns of `credit_rows`."""
    found: list[Relation] = []
    for share in filter(can_be_refused, shares_of([measure])):
        if isinstance(share.clause, TerritoryCredit) and _always_has_territory_row(program, share, share.clause):
            found += [_uncovered(program, share, share.clause, slices), _unowned(program, share, share.clause, slices)]
        else:
            found.append(Filter(credit_rows(program, measure, slices, share.rule), IsNull(Ref("payee"))))
    return found


def _always_has_territory_row(program: Program, share: CreditShare, clause: TerritoryCredit) -> bool:
    """Return True if each row leads to a row that a territory may cover.

    That is the row itself or the row of one required reference, neither of a dated table.
    """
    if any(program.contracts[step.target].dated is not None for step in clause.steps) or len(clause.steps) > 1:
        return False
    source = program.contracts[str(share.measure.source)]
    columns = [source.column(step.column) for step in clause.steps]
    return source.dated is None and not any(column is None or column.optional for column in columns)


def _uncovered(program: Program, share: CreditShare, clause: TerritoryCredit, slices: Slices) -> Relation:
    """Return the counted rows that lead to a row which no territory covers."""
    territories = Project(
        TERRITORY_OF.rows(clause.source),
        (("covered", Ref("territory")), ("territory_key", Ref("territory_key"))),
    )
    reached = Source(clause.source, (("outside", "_key"),))
    joined = Join(reached, territories, on=Compare("==", Ref("outside"), Ref("territory_key")), optional=True)
    outside = Project(Filter(joined, IsNull(Ref("covered"))), (("outside", Ref("outside")),))
    key = Ref(column_name(str(share.measure.source), clause.steps, "_key"))
    met = Join(counted_rows(program, share, slices), outside, on=Compare("==", key, Ref("outside")))
    return credits_of(
        program, share, found=met, who=Null("text"), territory=Ref("territory"), reason=Const("no-territory")
    )


def _unowned(program: Program, share: CreditShare, clause: TerritoryCredit, slices: Slices) -> Relation:
    """Return the counted rows dated on days on which their territory has no owner."""
    assert share.measure.on is not None
    day = _number(Ref(column_alias(share.measure.on)))
    held = (
        Compare("==", Ref("territory"), Ref("unowned")),
        Compare(">=", day, Ref("gap")),
        Compare("<", day, Call("coalesce", (Ref("until"), _number(Const(slices.last.end), 1)))),
    )
    met = Join(counted_rows(program, share, slices), _gaps(clause.source, slices), on=Logic("and", held))
    return credits_of(program, share, found=met, who=Null("text"), territory=Ref("territory"), reason=Const("no-owner"))


def _gaps(source: str, slices: Slices) -> Relation:
    """Return the days without an owner of each territory: unowned, gap, until.

    `gap` is the number of the first day without an owner. `until` is the number of the next owner's first day, absent
    if there is none. A gap begins on the first day of the slices or on the day after an owner's last day, unless
    another owner has that day.
    """
    first, last = _number(Const(slices.starts[0])), _number(Const(slices.last.end))
    firsts = Project(TERRITORIES.rows(source), (("unowned", Ref("territory")), ("gap", first)))
    afters = Project(OWNERS.rows(), (("unowned", Ref("territory")), ("gap", _number(Ref("owner_through"), 1))))
    within = Logic("and", (Compare(">", Ref("gap"), first), Compare("<=", Ref("gap"), last)))
    starts = Aggregate(Union((firsts, Filter(afters, within))), ("unowned", "gap"), ())
    owned = Project(
        OWNERS.rows(),
        (
            ("owned", Ref("territory")),
            ("owned_from", _number(Ref("owner_from"))),
            ("owned_through", _number(Ref("owner_through"))),
        ),
    )
    held = (
        Compare("==", Ref("unowned"), Ref("owned")),
        Compare(">=", Ref("gap"), Ref("owned_from")),
        Compare("<=", Ref("gap"), Ref("owned_through")),
    )
    free = Filter(Join(starts, owned, on=Logic("and", held), optional=True), IsNull(Ref("owned")))
    begun = Project(free, (("unowned", Ref("unowned")), ("gap", Ref("gap"))))
    later = Project(OWNERS.rows(), (("later_owned", Ref("territory")), ("later", _number(Ref("owner_from")))))
    follows = Logic("and", (Compare("==", Ref("unowned"), Ref("later_owned")), Compare(">", Ref("later"), Ref("gap"))))
    joined = Join(begun, later, on=follows, optional=True)
    return Aggregate(joined, ("unowned", "gap"), (AggregateColumn("until", "min", Ref("later")),))


def _number(day: Scalar, more: int = 0) -> Scalar:
    """Return the number of a day, plus `more`."""
    number = Call("day_number", (day,))
    return Binary("+", number, Const(more)) if more else number
