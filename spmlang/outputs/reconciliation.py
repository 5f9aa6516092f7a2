"""The reconciliation of a run: the class of every row of each measure, and of every credit share.

A row or share is read by a plan, credited without pay, or not counted (decision 11).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from spmlang.engines.control_totals import RowTotals, row_totals
from spmlang.program.measures import GroupCredit, Measure
from spmlang.program.reads import used_measures
from spmlang.program.reconciliation_classes import COUNTED, IN_FILES
from spmlang.program.undated_values import reads_no_dated_table
from spmlang.run.run import Run
from spmlang.run.unit_columns import integers
from spmlang.values.money import units_text

#: The order of lines: first the rows in the files, the rows that count, and the rows and shares that a plan reads.
_FIRST = {name: place for place, name in enumerate((IN_FILES, COUNTED, "read"))}


@dataclass(frozen=True, kw_only=True)
class Line:
    """The rows or credit shares of one measure in one class.

    Attributes:
        measure: The measure.
        via: Empty for rows; "direct", "overlay" or "rollup" for credit shares of rows that count.
        name: The class.
        reason: The reason within the class; empty if the class has none.
        count: The number of rows or shares.
        units: The sum of those with a known amount, in units of the measure; None if there are none.
        untold: The number of those whose amount cannot be determined.
    """

    measure: str
    via: str
    name: str
    reason: str
    count: int
    units: int | None
    untold: int = 0

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The measure, via, class and reason, by which lines are added and sorted."""
        return self.measure, self.via, self.name, self.reason

    def and_also(self, other: Line) -> Line:
        """Return this line with the counts and units of another line added."""
        known = [item.units for item in (self, other) if item.units is not None]
        units = sum(known) if known else None
        return replace(self, count=self.count + other.count, units=units, untold=self.untold + other.untold)


@dataclass(frozen=True)
class Unpaid:
    """The credits of one payee in one class that pays no payee.

    `first` and `last` are the labels of the first and last pay period of these credits.
    """

    payee: str
    line: Line
    first: str
    last: str


def reconciliation(run: Run) -> list[Line]:
    """Return all lines, sorted by measure, via, class and reason.

    The lines of files, of counted rows and of credits that a plan reads are the first of their measure and via.
    """
    found: dict[tuple[str, str, str, str], Line] = {}
    for line in [*_by_class(run), *_uncredited(run)]:
        found[line.key] = found[line.key].and_also(line) if line.key in found else line
    lines = [line for line in found.values() if line.name != COUNTED]
    lines += _of_sources(run, list(found.values()))
    return sorted(
        lines,
        key=lambda item: (item.measure, item.via, _FIRST.get(item.name, len(_FIRST)), item.name, item.reason),
    )


def unpaid(run: Run) -> list[Unpaid]:
    """Return the credits that pay no payee, sorted by payee, measure, via, class and reason."""
    table = run.result.reconciliation
    calendar = run.program.calendar
    first = run.program.first_credited_day() or run.request.first.start
    labels = {
        period.index: period.label
        for period in calendar.intervals(calendar.pay, min(first, run.request.first.start), run.request.last.end)
    }
    payees, starts, ends = (table[name].to_pylist() for name in ("payee", "first_period", "last_period"))
    found = [
        Unpaid(payee, line, labels[start], labels[end])
        for payee, start, end, line in zip(payees, starts, ends, _by_class(run), strict=True)
        if payee is not None
    ]
    return sorted(found, key=lambda item: (item.payee, *item.line.key))


def _by_class(run: Run) -> Iterator[Line]:
    """Yield the engine's lines: rows by whether they count, and credit shares by class."""
    table = run.result.reconciliation
    names = ("measure", "via", "class", "reason", "rows")
    columns = [table[name].to_pylist() for name in names]
    columns += [integers(table["units"]), table["untold"].to_pylist()]
    for measure, via, name, reason, count, units, untold in zip(*columns, strict=True):
        yield Line(measure=measure, via=via, name=name, reason=reason, count=count, units=units, untold=untold)


def _uncredited(run: Run) -> Iterator[Line]:
    """Yield a line for each credit share without a payee.

    Shares of payees who are not on the roster are left out, because `_by_class` has them.
    """
    table = run.result.uncredited
    columns = (table[name].to_pylist() for name in ("measure", "day", "rule", "reason", "payee"))
    for measure, day, rule, reason, payee, units in zip(*columns, integers(table["units"]), strict=True):
        if payee is None:
            via = "overlay" if run.program.measures[measure].credits[rule].overlay else "direct"
            name, why = ("uncredited", reason) if day >= run.since else ("outside", "before-the-run")
            yield Line(measure=measure, via=via, name=name, reason=why, count=1, units=units)


def _of_sources(run: Run, lines: list[Line]) -> Iterator[Line]:
    """Yield the lines of files, of counted rows, of rows set aside, and of measures that no component reads."""
    aside = Counter(source for source, _, _ in {(item.source, item.file, item.row) for item in run.tables.rejects})
    used = used_measures(run.program)
    by_measure: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_measure[line.measure].append(line)
    for measure in run.program.measures.values():
        if measure.source is None:
            continue
        whole, counted = _held(run, measure, by_measure[measure.name])
        refused = aside[measure.source]
        yield Line(
            measure=measure.name,
            via="",
            name=IN_FILES,
            reason="",
            count=whole.rows + refused,
            units=whole.units,
            untold=whole.untold + refused,
        )
        if counted is not None:
            yield counted
        if refused:
            yield Line(
                measure=measure.name, via="", name="set-aside", reason="", count=refused, units=None, untold=refused
            )
        if measure.name not in used and whole.rows:
            yield Line(
                measure=measure.name,
                via="",
                name="unread",
                reason="",
                count=whole.rows,
                units=whole.units,
                untold=whole.untold,
            )


def _held(run: Run, measure: Measure, lines: list[Line]) -> tuple[RowTotals, Line | None]:
    """Return the totals of the files without rows set aside, and the line of counted rows, if any.

    The amount of counted rows is the amount in the files less the amount of the rows that do not count. If the
    measure's value depends on the day, the files alone do not give an amount. Then it is the amount credited directly,
    or unknown if the shares of a row do not add up to the row.
    """
    counted = next((line for line in lines if line.name == COUNTED), None)
    rest = [line for line in lines if not line.via and line.name != COUNTED]
    units: int | None
    if reads_no_dated_table(run.program, measure.value):
        whole = row_totals(run.program, run.tables, measure)
        units = (whole.units or 0) - sum(line.units or 0 for line in rest)
    else:
        number = run.tables.count(str(measure.source))
        units = sum(line.units or 0 for line in lines if line.via == "direct") if _shares_add_up(measure) else None
        known = 0 if counted is None or units is None else counted.count
        whole = RowTotals(number, number - known, units if known else None)
    if counted is None or units is None:
        return whole, counted
    return whole, replace(counted, units=units, untold=0)


def _shares_add_up(measure: Measure) -> bool:
    """Return True if the credit shares of a row, without overlays, add up to the row.

    They do not if each member of a group is credited in full.
    """
    return not any(
        isinstance(share, GroupCredit) and share.by is None and not share.overlay for share in measure.credits
    )


# ---- reconciliation.csv and unpaid.csv --------------------------------------------------------

#: The columns of reconciliation.csv.
RECONCILIATION_COLUMNS: dict[str, Callable[[Run, Line], object]] = {
    "measure": lambda _, line: line.measure,
    "via": lambda _, line: line.via,
    "class": lambda _, line: line.name,
    "reason": lambda _, line: line.reason,
    "rows": lambda _, line: None if line.via else line.count,
    "shares": lambda _, line: line.count if line.via else None,
    "amount": lambda run, line: _amount(run, line),
    "currency": lambda run, line: run.program.measures[line.measure].type.currency,
    "without_amount": lambda _, line: line.untold,
}

#: The columns of unpaid.csv.
UNPAID_COLUMNS: dict[str, Callable[[Run, Unpaid], object]] = {
    "payee_id": lambda _, item: item.payee,
    "payee_name": lambda run, item: run.names.last_name(item.payee),
    "measure": lambda _, item: item.line.measure,
    "via": lambda _, item: item.line.via,
    "class": lambda _, item: item.line.name,
    "reason": lambda _, item: item.line.reason,
    "first_period": lambda _, item: item.first,
    "last_period": lambda _, item: item.last,
    "shares": lambda _, item: item.line.count,
    "amount": lambda run, item: _amount(run, item.line),
    "currency": lambda run, item: run.program.measures[item.line.measure].type.currency,
}


def reconciliation_rows(run: Run, lines: Iterable[Line]) -> list[dict[str, object]]:
    """Return the rows of reconciliation.csv, by column."""
    return [{name: value(run, line) for name, value in RECONCILIATION_COLUMNS.items()} for line in lines]


def unpaid_rows(run: Run, found: Iterable[Unpaid]) -> list[dict[str, object]]:
    """Return the rows of unpaid.csv, by column."""
    return [{name: value(run, item) for name, value in UNPAID_COLUMNS.items()} for item in found]


def _amount(run: Run, line: Line) -> str | None:
    """Return a line's amount as exact decimal text; None without a known amount."""
    return None if line.units is None else units_text(line.units, run.program.measures[line.measure].type.scale)
