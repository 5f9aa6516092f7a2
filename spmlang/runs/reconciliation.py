"""Where all went that the rows of each measure hold: read by a plan, credited and paid to nobody, or not counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from spmlang.engines.holding import Held, held
from spmlang.engines.reference.engine import used_measures
from spmlang.model.measured import Measure
from spmlang.model.plain import is_plain
from spmlang.model.share_classes import COUNTED, IN_FILES

from .columns import integers
from .running import Run

#: The order of lines: first what the files hold and what of it counts, then where rows and shares went that somebody reads.
_FIRST = {name: place for place, name in enumerate((IN_FILES, COUNTED, "read"))}


@dataclass(frozen=True)
class Line:
    """What of a measure went one way: rows of the files, or with a `via` shares of rows that count.

    `count` is how many, `untold` of how many of these it cannot be told what they come to, and `units` what the others do (None
    without any).
    """

    measure: str
    via: str
    name: str
    reason: str
    count: int
    units: int | None
    untold: int = 0

    def and_also(self, other: Line) -> Line:
        """Both in one line."""
        known = [item.units for item in (self, other) if item.units is not None]
        units = sum(known) if known else None
        return replace(self, count=self.count + other.count, units=units, untold=self.untold + other.untold)


@dataclass(frozen=True)
class Unpaid:
    """What somebody was credited with, and nobody is paid for: see `Line`; the first and the last pay period of the credits."""

    payee: str
    line: Line
    first: str
    last: str


def reconciliation(run: Run) -> list[Line]:
    """Everything, by measure, in a stated order; what the files hold comes first."""
    found: dict[tuple[str, str, str, str], Line] = {}
    for line in [*_by_class(run), *_uncredited(run)]:
        at = (line.measure, line.via, line.name, line.reason)
        found[at] = found[at].and_also(line) if at in found else line
    lines = list(found.values())
    lines += _of_sources(run, lines)
    return sorted(
        lines,
        key=lambda item: (item.measure, item.via, _FIRST.get(item.name, len(_FIRST)), item.name, item.reason),
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
    payees, starts, ends = (table[name].to_pylist() for name in ("payee", "first_period", "last_period"))
    found = [
        Unpaid(payee, line, labels[start], labels[end])
        for payee, start, end, line in zip(payees, starts, ends, _by_class(run), strict=True)
        if payee is not None
    ]
    return sorted(found, key=lambda item: (item.payee, *list(vars(item.line).values())[:4]))


def _by_class(run: Run) -> Iterator[Line]:
    """The lines of the engine: rows by whether they count, and what is credited."""
    table = run.result.reconciliation
    names = ("measure", "via", "class", "reason", "rows")
    columns = [table[name].to_pylist() for name in names]
    columns += [integers(table["units"]), table["untold"].to_pylist()]
    for measure, via, name, reason, count, units, untold in zip(*columns, strict=True):
        yield Line(measure, via, name, reason, count, units, untold)


def _uncredited(run: Run) -> Iterator[Line]:
    """What has nobody to go to; who is not on the roster has been told apart."""
    table = run.result.uncredited
    columns = (table[name].to_pylist() for name in ("measure", "day", "rule", "reason", "payee"))
    for measure, day, rule, reason, payee, units in zip(*columns, integers(table["units"]), strict=True):
        if payee is None:
            via = "overlay" if run.program.measures[measure].credits[rule].overlay else "direct"
            name, why = ("uncredited", reason) if day >= run.since else ("outside", "before-the-run")
            yield Line(measure, via, name, why, 1, units)


def _of_sources(run: Run, lines: list[Line]) -> Iterator[Line]:
    """What the files hold, what was set aside of it, and what nobody asks for."""
    aside = Counter(source for source, _, _ in {(item.source, item.file, item.row) for item in run.tables.rejects})
    used = used_measures(run.program, run.program.plans)
    rows: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if not line.via:
            rows[line.measure].append(line)
    for measure in run.program.measures.values():
        if measure.source is None:
            continue
        whole = _held(run, measure, rows[measure.name])
        refused = aside[measure.source]
        yield Line(measure.name, "", IN_FILES, "", whole.rows + refused, whole.units, whole.untold + refused)
        if refused:
            yield Line(measure.name, "", "set-aside", "", refused, None, refused)
        if measure.name not in used and whole.rows:
            yield Line(measure.name, "", "unread", "", whole.rows, whole.units, whole.untold)


def _held(run: Run, measure: Measure, rows: list[Line]) -> Held:
    """What the files hold without what was set aside: a value that depends on the row's day is known of what counts alone."""
    if is_plain(run.program, measure.value):
        return held(run.program, run.tables, measure)
    number = run.tables.count(str(measure.source))
    known = [line.units for line in rows if line.units is not None]
    told = sum(line.count - line.untold for line in rows)
    return Held(number, number - told, sum(known) if known else None)
