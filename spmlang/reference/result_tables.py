"""The tables of a result, from credits, earnings and classes."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from operator import attrgetter

import pyarrow as pa

from spmlang.diagnostics.diagnostic import Problems, diagnose
from spmlang.program.program import Program
from spmlang.results import (
    CreditRow,
    LineRow,
    PayoutRow,
    PotRow,
    ReconciliationRow,
    ReleasedRow,
    Row,
    UncreditedRow,
    field_names,
    table_of,
)

from .credits.credit_rows import Credit, Credits, Uncredited
from .earnings.earnings import Earning, shared_lines
from .earnings.earnings_by_slice import LineDelta
from .reconciliation import Class, Total


def payout_table(program: Program, earnings: Iterable[Earning]) -> pa.Table:
    """Return earnings as the payouts of a result."""
    return _sorted_table(PayoutRow, [_payout(program, item) for item in earnings])


def credit_table(program: Program, credits: Credits) -> pa.Table:
    """Return credits as the credits of a result."""
    return _sorted_table(CreditRow, [_credit(program, item) for own in credits.by_measure.values() for item in own])


def uncredited_table(program: Program, uncredited: Iterable[Uncredited]) -> pa.Table:
    """Return uncredited shares as a table of a result."""
    return _sorted_table(UncreditedRow, [_uncredited(program, item) for item in uncredited])


def reconciliation_table(program: Program, totals: dict[Class, Total]) -> pa.Table:
    """Return the totals of all classes as the reconciliation of a result."""
    return _sorted_table(ReconciliationRow, [_total(program, *item) for item in totals.items()])


def released_table(earnings: Iterable[Earning]) -> pa.Table:
    """Return the amounts by source row of the earnings whose components pay each line by itself."""
    return _sorted_table(
        ReleasedRow, [row for item in earnings if item.component.paid_by_line for row in _released(item)]
    )


def pot_table(earnings: Iterable[Earning]) -> pa.Table:
    """Return the amount of each pot that was shared."""
    shared: dict[tuple[str, str, int, str], int] = {}
    for item in earnings:
        if item.shared is not None:
            at = (item.period.label, item.version.name, item.version.version, item.component.name)
            shared[at] = shared.get(at, 0) + item.shared
    rows = [
        PotRow(period=period, plan=plan, version=version, component=component, shared_minor=amount)
        for (period, plan, version, component), amount in shared.items()
    ]
    return _sorted_table(PotRow, rows)


def line_table(program: Program, earnings: Iterable[Earning]) -> pa.Table:
    """Return the lines of earnings that have an amount."""
    lines = ((item, delta, amount) for item in earnings for delta, amount in shared_lines(item) if amount)
    return _sorted_table(LineRow, [_line(program, *line) for line in lines])


#: Numbers in tables have at most 38 digits, in every engine.
_TOO_LARGE = 10**38


def _sorted_table(row: type[Row], rows: list[Row]) -> pa.Table:
    """Return rows as a table that is sorted by all columns, absent values first.

    Raises:
        Problems: if a number has more than 38 digits.
    """
    values = attrgetter(*field_names(row))
    ordered = sorted(rows, key=lambda item: tuple((value is not None, value) for value in values(item)))
    if any(isinstance(value, int) and abs(value) >= _TOO_LARGE for item in ordered for value in values(item)):
        raise Problems([diagnose("run-too-large", None, stage="the results")])
    return table_of(row, ordered)


def _units(value: Fraction | None, scale: int) -> int | None:
    """Return a value as a whole number of units of 10^-scale; None for None."""
    return None if value is None else _whole_units(value, scale)


def _whole_units(value: Fraction, scale: int) -> int:
    """Return a value as a whole number of units of 10^-scale."""
    units = value * 10**scale
    assert units.denominator == 1, "the check has given every value enough decimal places"
    return int(units)


def _payout(program: Program, item: Earning) -> PayoutRow:
    """Return the payout of an earning."""
    version, component = item.version, item.component
    measure_scale = _scale(program, component.main)
    target = item.targets.get(component.quota) if component.main is not None and component.quota is not None else None
    return PayoutRow(
        period=item.period.label,
        payee=item.payee,
        plan=version.name,
        version=version.version,
        component=component.name,
        measure_units=_units(item.measure, measure_scale),
        quota_units=_units(target.amount, version.quotas[str(component.quota)].type.scale) if target else None,
        credited_units=_units(item.credited, measure_scale),
        revenue_units=_units(item.revenue, _scale(program, version.revenue_of(component, program.measures))),
        lowest_minor=item.lowest,
        earned_minor=item.earned,
        amount_minor=item.amount,
    )


def _scale(program: Program, measure: str | None) -> int:
    """Return the decimal places of a measure; 0 without one."""
    return 0 if measure is None else program.measures[measure].type.scale


def _credit(program: Program, item: Credit) -> CreditRow:
    """Return a credit, with its amount in units."""
    return CreditRow(
        measure=item.measure,
        payee=item.payee,
        day=item.day,
        source=item.source,
        key=item.key,
        rule=item.rule,
        via=item.via,
        territory=item.territory,
        file=item.file,
        row=item.row,
        units=_whole_units(item.amount, program.measures[item.measure].type.scale),
    )


def _uncredited(program: Program, item: Uncredited) -> UncreditedRow:
    """Return an uncredited share, with its amount in units."""
    return UncreditedRow(
        measure=item.measure,
        day=item.day,
        source=item.source,
        key=item.key,
        rule=item.rule,
        reason=item.reason,
        territory=item.territory,
        payee=item.payee,
        file=item.file,
        row=item.row,
        units=_whole_units(item.amount, program.measures[item.measure].type.scale),
    )


def _total(program: Program, at: Class, total: Total) -> ReconciliationRow:
    """Return the total of a class, with its amount in units."""
    units = _units(total.amount, program.measures[at.measure].type.scale)
    return ReconciliationRow(
        measure=at.measure,
        via=at.via,
        class_=at.name,
        reason=at.reason,
        payee=at.payee,
        first_period=total.first,
        last_period=total.last,
        rows=total.rows,
        untold=total.untold,
        units=None if units is None else str(units),
    )


def _released(item: Earning) -> list[ReleasedRow]:
    """Return the amounts of an earning by source row."""
    amounts: dict[tuple[str | None, str | None], int] = {}
    for delta, amount in shared_lines(item):
        at = (delta.credit.source, delta.credit.key) if delta.credit is not None else (None, None)
        amounts[at] = amounts.get(at, 0) + amount
    return [
        ReleasedRow(
            period=item.period.label,
            payee=item.payee,
            plan=item.version.name,
            version=item.version.version,
            component=item.component.name,
            source=source,
            key=key,
            amount_minor=amount,
        )
        for (source, key), amount in amounts.items()
        if amount
    ]


def _line(program: Program, item: Earning, delta: LineDelta, amount: int) -> LineRow:
    """Return a line of an earning. `amount` is in minor units."""
    credit = delta.credit
    units = None if credit is None else _whole_units(credit.amount, program.measures[credit.measure].type.scale)
    return LineRow(
        period=item.period.label,
        payee=item.payee,
        plan=item.version.name,
        version=item.version.version,
        component=item.component.name,
        day=credit.day if credit else delta.day,
        measure=credit.measure if credit else None,
        source=credit.source if credit else None,
        key=credit.key if credit else None,
        rule=credit.rule if credit else None,
        via=credit.via if credit else None,
        file=credit.file if credit else None,
        row=credit.row if credit else None,
        credited_units=units,
        amount_minor=amount,
    )
