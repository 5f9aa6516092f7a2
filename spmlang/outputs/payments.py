"""The payments of a run: tables of lines and balances, and the texts that payroll reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.payments.paid_at_once import paid_at_once
from spmlang.payments.payee_ledger import pay
from spmlang.payments.records import DuePayout, Payment
from spmlang.results import WHOLE, OptionalText, Text, Whole, schema_of, table_of
from spmlang.run.labels import component_keys
from spmlang.run.run import Run
from spmlang.run.unit_columns import texts, values_of_keys
from spmlang.values.calendar import Interval
from spmlang.values.money import minor_places


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentLineRow:
    """A line of a payment.

    Attributes:
        line: "earning", or a payment term with its name.
        component: The component of an earning, which also has an earning code.
    """

    period: Text
    payee: Text
    plan: Text
    currency: Text
    line: Text
    component: OptionalText
    code: OptionalText
    amount: Whole


@dataclass(frozen=True, kw_only=True, slots=True)
class BalanceRow:
    """The amount paid for a plan in a period (the sum of its lines), and the balances after the payment."""

    period: Text
    payee: Text
    plan: Text
    currency: Text
    paid: Whole
    held: Whole
    owed: Whole
    drawn: Whole


LINES = schema_of(PaymentLineRow)
BALANCES = schema_of(BalanceRow)

_KEY = ("period", "payee", "plan", "currency")
_BALANCES = ("paid", "held", "owed", "drawn")


@dataclass(frozen=True, kw_only=True)
class Payments:
    """The payments of a run, in minor units.

    The tables are in the order of period, payee, plan and currency.

    Attributes:
        lines: The payment lines of the requested periods, with the schema LINES.
        balances: The balances of the requested periods, with the schema BALANCES.
        earlier: The balances of pay periods before the requested ones, with the schema BALANCES.
        waiting: The last payments of payees with amounts still to be released.
        notes: Findings for the user's attention.
    """

    lines: pa.Table
    balances: pa.Table
    earlier: pa.Table
    waiting: tuple[Payment, ...]
    notes: tuple[Diagnostic, ...]


def payments(run: Run) -> Payments:
    """Compute the payments of the requested periods, from the payouts of these and all earlier periods.

    Raises:
        Problems: If a payment term gives an amount below zero.
    """
    every = earned(run)
    plain = paid_at_once(run.program, every)
    walked = pay(run.program, run.tables, dues(run, every.filter(pc.invert(plain))), run.request.last)
    return as_tables(run, walked, every.filter(plain))


def as_tables(run: Run, walked: list[Payment], at_once: pa.Table) -> Payments:
    """Return the payments of the requested periods as tables.

    Args:
        run: The run.
        walked: The payments from a ledger, period by period.
        at_once: The payouts (rows of `earned`) that are paid in full when they fall due.
    """
    lines, balances = _summed(at_once)
    calendar, request = run.program.calendar, run.request
    intervals = calendar.intervals(calendar.pay, request.first.start, request.last.end)
    labels = [interval.label for interval in intervals]
    balances = pa.concat_tables([balances.select(BALANCES.names).cast(BALANCES), _balances_of(walked)])
    return Payments(
        lines=_ordered([lines, _lines_of(walked)], LINES, labels),
        balances=_ordered([balances], BALANCES, labels),
        earlier=_ordered([balances], BALANCES, _labels_before(run)),
        waiting=tuple(payment for payment in walked if payment.waiting),
        notes=tuple(note for item in walked if item.period.label in labels for note in item.notes),
    )


def _labels_before(run: Run) -> list[str]:
    """Return the labels of pay periods before the requested ones, from the first plan version on."""
    calendar, first = run.program.calendar, run.request.first
    start = min((plan.effective.start for plan in run.program.plans), default=first.start)
    return [item.label for item in calendar.intervals(calendar.pay, start, first.start) if item.index < first.index]


def earned(run: Run) -> pa.Table:
    """Return all payouts up to the last period, with the columns `currency` and `code` (the earning code)."""
    found = run.history
    keys, components = component_keys(found), run.names.components
    currency = values_of_keys(keys, {key: version.currency for key, (version, _) in components.items()})
    code = values_of_keys(keys, {key: component.code for key, (_, component) in components.items()})
    return found.append_column("currency", currency).append_column("code", code)


def dues(run: Run, found: pa.Table) -> Iterator[DuePayout]:
    """Yield the payouts `found` as DuePayout, with the lines of components that pay line by line."""
    calendar = run.program.calendar
    periods: dict[str, Interval] = {}
    released: dict[tuple[object, ...], list[tuple[str | None, str | None, int]]] = {}
    for row in run.result.released.to_pylist():
        at = tuple(row[name] for name in ("period", "payee", "plan", "version", "component"))
        released.setdefault(at, []).append((row["source"], row["key"], int(row["amount_minor"])))
    names = ["period", "payee", "plan", "version", "component", "amount_minor"]
    for key, row in zip(component_keys(found).to_pylist(), found.select(names).to_pylist(), strict=True):
        label = row["period"]
        if label not in periods:
            periods[label] = cast(Interval, calendar.find(label))
        version, component = run.names.components[key]
        named = (label, row["payee"], version.name, version.version, component.name)
        lines = tuple(released.get(named, ()))
        yield DuePayout(
            period=periods[label].index,
            payee=row["payee"],
            version=version,
            component=component,
            amount=int(row["amount_minor"]),
            lines=lines,
        )


def payment_texts(run: Run, found: Payments) -> pa.Table:
    """Return the columns of payments.csv, one row for each payment line.

    The lines of a period, payee, plan and currency sum to the amount paid.
    """
    lines = found.lines
    columns = {
        **_people(run, lines),
        "plan": lines["plan"],
        "line": lines["line"],
        "component": lines["component"],
        "earning_code": lines["code"],
        "currency": lines["currency"],
        "amount": texts(lines["amount"], lines["currency"], _places(run)),
    }
    return pa.table(columns)


def balance_texts(run: Run, found: Payments) -> pa.Table:
    """Return the columns of balances.csv: the amount paid, and the balances after the payment."""
    rows = found.balances
    amounts = {name: texts(rows[name], rows["currency"], _places(run)) for name in _BALANCES}
    return pa.table({**_people(run, rows), "plan": rows["plan"], "currency": rows["currency"], **amounts})


def payment_table(run: Run, found: Payments) -> pa.Table:
    """Return the columns of payments.csv with the amount as a decimal, at the largest scale of the program's currencies."""
    return _typed(run, payment_texts(run, found), ("amount",))


def balance_table(run: Run, found: Payments) -> pa.Table:
    """Return the columns of balances.csv with decimals, at the largest scale of the program's currencies."""
    return _typed(run, balance_texts(run, found), _BALANCES)


def _typed(run: Run, table: pa.Table, amounts: Sequence[str]) -> pa.Table:
    money = pa.decimal128(38, max(_places(run).values(), default=2))
    return table.cast(pa.schema([(item.name, money if item.name in amounts else item.type) for item in table.schema]))


def _people(run: Run, table: pa.Table) -> dict[str, pa.ChunkedArray]:
    names = run.names.payees(table["payee"], table["period"])
    return {"period": table["period"], "payee_id": table["payee"], "payee_name": names}


def _places(run: Run) -> dict[str, int]:
    return {plan.currency: minor_places(plan.currency) for plan in run.program.plans}


# ---- tables of payments -----------------------------------------------------------------------


def _summed(payouts: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return lines and balances of payouts that are paid at once. All balances are zero."""
    at = list(_KEY)
    amounts = [("amount_minor", "sum")]
    lines = (
        payouts.group_by([*at, "component", "code"]).aggregate(amounts).rename_columns({"amount_minor_sum": "amount"})
    )
    balances = payouts.group_by(at).aggregate(amounts).rename_columns({"amount_minor_sum": "paid"})
    lines = lines.append_column("line", _constant_column("earning", lines, pa.string())).append_column(
        "step", _constant_column(0, lines, pa.int64())
    )
    for name in ("held", "owed", "drawn"):
        balances = balances.append_column(name, _constant_column(0, balances, WHOLE))
    return lines, balances


def _lines_of(found: list[Payment]) -> pa.Table:
    """Return the lines of payments as a table LINES with a column `step`, the line's place in its payment."""
    rows = (
        PaymentLineRow(
            period=item.period.label,
            payee=item.payee,
            plan=item.plan.name,
            currency=item.plan.currency,
            line=f"{line.kind} {line.name}" if line.name else line.kind,
            component=line.component,
            code=line.code,
            amount=line.amount,
        )
        for item in found
        for line in item.lines
    )
    steps = [step for item in found for step, _ in enumerate(item.lines)]
    return table_of(PaymentLineRow, rows).append_column("step", pa.array(steps, pa.int64()))


def _balances_of(found: list[Payment]) -> pa.Table:
    """Return the balances of payments as a table BALANCES."""
    rows = (
        BalanceRow(
            period=item.period.label,
            payee=item.payee,
            plan=item.plan.name,
            currency=item.plan.currency,
            paid=item.paid,
            held=item.held,
            owed=item.owed,
            drawn=item.drawn,
        )
        for item in found
    )
    return table_of(BalanceRow, rows)


def _constant_column(value: object, table: pa.Table, kind: pa.DataType) -> pa.ChunkedArray:
    return pa.chunked_array([pa.repeat(pa.scalar(value, kind), table.num_rows)])


def _ordered(tables: list[pa.Table], schema: pa.Schema, labels: list[str]) -> pa.Table:
    """Return the rows of the periods `labels`, sorted by period, payee, plan, currency and step, as `schema`."""
    table = pa.concat_tables([table.select(tables[-1].schema.names) for table in tables])
    number = pc.index_in(table["period"], pa.array(labels, pa.string()))
    own = ["step", "component", "code"] if "step" in table.schema.names else []
    keys = [(name, "ascending") for name in ("number", *_KEY[1:], *own)]
    table = table.append_column("number", number).filter(pc.is_valid(number))
    return table.sort_by(keys).select(schema.names).cast(schema)
