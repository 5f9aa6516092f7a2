"""Where all went that the rows of each measure hold: read by a plan, credited and paid to nobody, or not counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from spmlang.engines.reference.engine import used_measures
from spmlang.model.expressions import Column
from spmlang.model.measured import Measure

from .columns import integers
from .running import Run

#: The classes of what is credited and pays nobody.

#: The class of the line that holds what the files do: all others add up to it.
IN_FILES = "in-files"


@dataclass(frozen=True)
class Line:
    """Shares of rows of a measure that went one way; `units` are None where they cannot be told."""

    measure: str
    via: str
    name: str
    reason: str
    rows: int
    units: int | None


@dataclass(frozen=True)
class Unpaid:
    """What somebody was credited with, and nobody is paid for: see `Line`; the first and the last pay period of the credits."""

    payee: str
    line: Line
    first: str
    last: str


def reconciliation(run: Run) -> list[Line]:
    """Everything, by measure, in a stated order; what the files hold comes first."""
    rows: Counter[tuple[str, str, str, str]] = Counter()
    units: dict[tuple[str, str, str, str], int | None] = defaultdict(lambda: None)
    for measure, via, name, reason, count, brought in [*_credited(run), *_uncredited(run)]:
        at = (measure, via, name, reason)
        rows[at] += count
        if brought is not None:
            units[at] = brought + (units[at] or 0)
    found = [Line(*at, count, units[at]) for at, count in rows.items()]
    found += _of_sources(run)
    order = {name: place for place, name in enumerate((IN_FILES, "read"))}
    return sorted(
        found, key=lambda item: (item.measure, order.get(item.name, len(order)), item.via, item.name, item.reason)
    )


def unpaid(run: Run) -> list[Unpaid]:
    """What pays nobody, by payee."""
    table = run.result.reconciliation
    calendar = run.program.calendar
    first = run.program.first_day() or run.request.first.start
    labels = {
        period.index: period.label
        for period in calendar.intervals(calendar.pay, min(first, run.request.first.start), run.request.last.end)
    }
    columns = ("measure", "via", "class", "reason", "payee", "first_period", "last_period", "rows")
    values = zip(*(table[name].to_pylist() for name in columns), integers(table["units"]), strict=True)
    found = [
        Unpaid(payee, Line(measure, via, name, reason, count, brought), labels[start], labels[end])
        for measure, via, name, reason, payee, start, end, count, brought in values
        if payee is not None
    ]
    return sorted(found, key=lambda item: (item.payee, *list(vars(item.line).values())[:4]))


def _credited(run: Run) -> Iterator[tuple[str, str, str, str, int, int | None]]:
    table = run.result.reconciliation
    names = ("measure", "via", "class", "reason", "rows")
    yield from zip(*(table[name].to_pylist() for name in names), integers(table["units"]), strict=True)


def _uncredited(run: Run) -> Iterator[tuple[str, str, str, str, int, int | None]]:
    """What has nobody to go to; who is not on the roster has been told apart."""
    table = run.result.uncredited
    columns = (table[name].to_pylist() for name in ("measure", "rule", "reason", "payee"))
    for measure, rule, reason, payee, brought in zip(*columns, integers(table["units"]), strict=True):
        if payee is None:
            overlay = run.program.measures[measure].credits[rule].overlay
            yield measure, "overlay" if overlay else "direct", "uncredited", reason, 1, brought


def _of_sources(run: Run) -> Iterator[Line]:
    """What the files hold, what was set aside of it, and what nobody asks for."""
    aside = Counter(source for source, _, _ in {(item.source, item.file, item.row) for item in run.tables.rejects})
    used = used_measures(run.program, run.program.plans)
    by_source: dict[str, list[Measure]] = defaultdict(list)
    for measure in run.program.measures.values():
        if measure.source is not None:
            by_source[measure.source].append(measure)
    for source, measures in by_source.items():
        rows, sums = _held(run, source, measures)
        for measure in measures:
            units = rows * 10**measure.type.scale if measure.value is None else sums.get(measure.name)
            yield Line(measure.name, "", IN_FILES, "", rows + aside[source], units)
            if aside[source]:
                yield Line(measure.name, "", "set-aside", "", aside[source], None)
            if measure.name not in used and rows:
                yield Line(measure.name, "", "unread", "", rows, units)


def _held(run: Run, source: str, measures: list[Measure]) -> tuple[int, dict[str, int]]:
    """The rows of a source, and for measures that sum a column of theirs what they come to."""
    columns = {
        measure.name: (measure.value.name, measure.type.scale)
        for measure in measures
        if isinstance(measure.value, Column) and not measure.value.steps
    }
    rows, sums = run.tables.sums(source, [column for column, _ in columns.values()])
    units = {name: total * 10**scale for (name, (_, scale)), total in zip(columns.items(), sums, strict=True)}
    return rows, {name: int(total) for name, total in units.items()}
