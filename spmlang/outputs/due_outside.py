"""Money and components that fall due outside the days of a run.

Each is reported with its pay period, so that the command line can name the option that pays it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from spmlang.payments.payee_ledger import promises
from spmlang.program.program import Component, PlanVersion
from spmlang.run.run import Run
from spmlang.run.unit_columns import integers
from spmlang.values.calendar import Interval

from .payments import Payments


@dataclass(frozen=True, kw_only=True)
class AmountOutside:
    """Money of one kind, period and currency that falls due outside the run.

    Attributes:
        kind: "before" (due before the run's first period), "held" (earned in the run and released later), "guarantee"
            or "draw" (the least that is paid in the pay period after the run).
        period: The pay period; None if a condition or cash that has not come decides the release.
        currency: The currency.
        amount: The amount in minor units.
        payees: The number of payees.
    """

    kind: str
    period: str | None
    currency: str
    amount: int
    payees: int


@dataclass(frozen=True)
class NotDue:
    """Components that fall due in one pay period after the run, each as `name of plan version`."""

    period: str
    components: tuple[str, ...]


@dataclass(frozen=True)
class DueOutside:
    """The money and components that fall due outside the days of a run, by period."""

    amounts: tuple[AmountOutside, ...]
    not_due: tuple[NotDue, ...]


def due_outside(run: Run, paid: Payments, *, first_named: bool, last_named: bool) -> DueOutside:
    """Find the money and components that fall due outside the days of the run.

    A user who names the first period knows that earlier periods exist, so amounts due before it are left out. A user
    who names the last period knows that another follows, so its guarantees, draws and fixed components are left out.
    Held amounts and intervals that have not ended are always reported.

    Args:
        run: The run.
        paid: Its payments.
        first_named: True if the user named the first period.
        last_named: True if the user named the last period.
    """
    amounts = [] if first_named else list(_before(paid))
    amounts += _held(run, paid)
    after = _next(run)
    if not last_named and after is not None:
        amounts += _promised(run, after)
    return DueOutside(tuple(amounts), tuple(_not_due(run, None if last_named else after)))


def _next(run: Run) -> Interval | None:
    """Return the pay period after the run; None at the end of the calendar."""
    last = run.request.last
    return None if last.end == date.max else run.program.calendar.next(last)


def _before(paid: Payments) -> Iterator[AmountOutside]:
    """Yield the payments of pay periods before the run.

    The run begins with the first measured row. Fixed amounts, guarantees and draws may be due earlier.
    """
    rows = paid.earlier
    columns = (rows["period"].to_pylist(), rows["payee"].to_pylist(), rows["currency"].to_pylist())
    found = (
        (period, currency, payee, amount)
        for period, payee, currency, amount in zip(*columns, integers(rows["paid"]), strict=True)
        if amount
    )
    yield from _summed("before", found)


def _held(run: Run, paid: Payments) -> Iterator[AmountOutside]:
    """Yield the held amounts of the run's last payments, by the period of their release."""
    last = run.request.last
    dated: list[tuple[int, str, str, int]] = []
    for payment in paid.waiting:
        for lot in payment.waiting:
            known = lot.release if lot.hold is None and last.index < lot.release < _FAR else _FAR
            dated.append((known, payment.plan.currency, payment.payee, lot.amount))
    calendar = run.program.calendar
    labels: dict[int, str] = {}
    interval = last
    for index in sorted({known for known, *_ in dated if known != _FAR}):
        while interval.index < index:
            interval = calendar.next(interval)
        labels[index] = interval.label
    ordered = sorted(dated, key=lambda item: (item[0], item[1]))
    yield from _summed("held", ((labels.get(known), *rest) for known, *rest in ordered))  # type: ignore[misc]


#: An index above that of every pay period of a calendar. It marks a release without a known day.
_FAR = 10**6


def _promised(run: Run, after: Interval) -> Iterator[AmountOutside]:
    """Yield the guarantees and draws of the pay period after the run."""
    found = list(promises(run.program, run.tables, after))
    for kind in ("guarantee", "draw"):
        own = (item for item in found if item.kind == kind)
        yield from _summed(kind, ((after.label, item.plan.currency, item.payee, item.amount) for item in own))


def _summed(kind: str, rows: Iterable[tuple[str | None, str, str, int]]) -> Iterator[AmountOutside]:
    """Sum rows of (period, currency, payee, minor units) by period and currency.

    The sums are in the order in which their first rows arrive.
    """
    sums: dict[tuple[str | None, str], int] = {}
    payees: dict[tuple[str | None, str], set[str]] = {}
    for period, currency, payee, amount in rows:
        at = (period, currency)
        sums[at] = sums.get(at, 0) + amount
        payees.setdefault(at, set()).add(payee)
    for (period, currency), amount in sums.items():
        yield AmountOutside(
            kind=kind, period=period, currency=currency, amount=amount, payees=len(payees[period, currency])
        )


# ---- components -------------------------------------------------------------------------------


def _not_due(run: Run, after: Interval | None) -> Iterator[NotDue]:
    """Yield the components whose interval or window has begun and ends after the run.

    They are grouped by the pay period of that end. With `after`, the next pay period, the components that need no data
    and fall due in it are included.
    """
    calendar, end = run.program.calendar, run.request.last.end
    found: dict[Interval, list[str]] = {}
    for version in run.program.plans:
        for component in version.components:
            due = _end_of_open_interval(run, version, component)
            if due is None and after is not None and not component.measures and component.window is None:
                due = _end_of_fixed_interval(run, version, component, after)
            if due is not None and due > end:
                found.setdefault(calendar.pay_period(due), []).append(
                    f"{component.name} of {version.name} {version.version}"
                )
    for period in sorted(found, key=lambda item: item.index):
        yield NotDue(period.label, tuple(found[period]))


def _end_of_open_interval(run: Run, version: PlanVersion, component: Component) -> date | None:
    """Return the end of the component's current interval or window, if it ends after the run.

    The result is None if the interval or window has not begun by the run's last day, or if the version is not in force
    in the interval.
    """
    end = run.request.last.end
    if component.window is not None:
        through = component.window.through
        return through if component.window.start <= end and through is not None and through > end else None
    interval = run.program.calendar.interval(end, component.due)
    own = version.effective
    begun = own.start <= end and (own.through is None or own.through >= interval.start)
    return interval.end if begun and interval.end > end else None


def _end_of_fixed_interval(run: Run, version: PlanVersion, component: Component, after: Interval) -> date | None:
    """Return the end of the component's interval in the pay period `after`.

    The result is None if the version is not in force then.
    """
    own = version.effective
    held = own.start <= after.end and (own.through is None or own.through >= after.start)
    return run.program.calendar.interval(after.end, component.due).end if held else None
