"""Payments of a run as people and payroll read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from spmlang.payments.paying import Due, Payment, pay
from spmlang.values.calendar import Interval
from spmlang.values.money import minor_places

from .payouts import decimal
from .running import Run


@dataclass(frozen=True)
class PaymentLine:
    """One row of payments.csv. The lines of a period, payee, plan and currency sum to what is paid."""

    period: str
    payee_id: str
    payee_name: str
    plan: str
    line: str
    component: str | None
    earning_code: str | None
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class Balance:
    """One row of balances.csv: what is paid for a plan in a period, and what stays open after it."""

    period: str
    payee_id: str
    payee_name: str
    plan: str
    currency: str
    paid: Decimal
    held: Decimal
    owed: Decimal
    drawn: Decimal


def payments(run: Run) -> list[Payment]:
    """The payments of the periods asked for; earlier payouts are looked at, too. Raises Problems for a term below zero."""
    program, calendar = run.program, run.program.calendar
    periods: dict[str, Interval] = {}
    released: dict[tuple[object, ...], list[tuple[str | None, str | None, int]]] = {}
    for row in run.result.released.to_pylist():
        at = tuple(row[name] for name in ("period", "payee", "plan", "version", "component"))
        released.setdefault(at, []).append((row["source"], row["key"], int(row["amount_minor"])))
    dues = []
    for row in run.history.select(["period", "payee", "plan", "version", "component", "amount_minor"]).to_pylist():
        label = row["period"]
        if label not in periods:
            periods[label] = cast(Interval, calendar.find(label))
        version, component = run.names.component(row)
        named = (label, row["payee"], version.name, version.version, component.name)
        lines = tuple(released.get(named, ()))
        dues.append(Due(periods[label].index, row["payee"], version, component, int(row["amount_minor"]), lines))
    found = pay(program, run.tables, dues, run.request.last)
    return [payment for payment in found if payment.period.index >= run.request.first.index]


def payment_lines(run: Run, found: list[Payment]) -> Iterator[PaymentLine]:
    """Every line, in the order of period, payee and plan."""
    names = run.names
    for item in found:
        label, currency = item.period.label, item.plan.currency
        for line in item.lines:
            yield PaymentLine(
                label,
                item.payee,
                names.payee(item.payee, label),
                item.plan.name,
                f"{line.kind} {line.name}" if line.name else line.kind,
                line.component,
                line.code,
                currency,
                cast(Decimal, decimal(line.amount, minor_places(currency))),
            )


def balances(run: Run, found: list[Payment]) -> Iterator[Balance]:
    """One row for each payment, in the same order."""
    names = run.names
    for item in found:
        label, currency = item.period.label, item.plan.currency
        amounts = (item.paid, item.held, item.owed, item.drawn)
        paid, held, owed, drawn = (cast(Decimal, decimal(amount, minor_places(currency))) for amount in amounts)
        yield Balance(
            label, item.payee, names.payee(item.payee, label), item.plan.name, currency, paid, held, owed, drawn
        )
