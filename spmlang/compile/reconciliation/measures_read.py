"""Find the measures that components read of each payee.

They may read credits on their day, or to date later on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from spmlang.compile.attainment.measures_to_date import AccumulationWindow
from spmlang.compile.earnings.component import CompiledComponent
from spmlang.compile.periods.slices import Slices, slice_within
from spmlang.compile.stages.payees import MEMBERS
from spmlang.compile.stages.periods import SLICES
from spmlang.compile.stages.reconciliation import READ_IN_SLICE, READ_OVER, READERS
from spmlang.program.program import PlanVersion, Program
from spmlang.relations import nodes
from spmlang.relations.nodes import (
    Aggregate,
    AggregateColumn,
    Compare,
    Const,
    Filter,
    Join,
    Logic,
    Project,
    Ref,
    Relation,
    Scalar,
    Union,
)
from spmlang.values.calendar import Interval
from spmlang.values.own_names import own_name

#: The scope of targets made of earlier results, for which all credits count.
_EVER = AccumulationWindow(None, None)


_Numbers = dict[tuple[str, int], int]


@dataclass(frozen=True, kw_only=True)
class MeasureRead:
    """A measure that a plan version reads over a scope.

    With `to_date` credits from earlier in the interval are paid, too, as in a prorated component. Intervals that fell
    due before the run read nothing in it, so `since` is the first day of the intervals that fall due in the run or
    later.
    """

    measure: str
    version: PlanVersion
    scope: AccumulationWindow
    to_date: bool
    since: date

    @property
    def window(self) -> Scalar | None:
        """The condition that a slice lies in the window; None without a window."""
        return slice_within(self.scope.window) if self.scope.window is not None else None


def measures_read(components: Iterable[CompiledComponent], first: Interval) -> list[MeasureRead]:
    """Return the measures that plan versions read, each once.

    They are those of components, those that are their revenue, and those whose earlier results make a target. `first`
    is the first pay period of the run.
    """
    found: dict[tuple[object, ...], MeasureRead] = {}
    for compiled in components:
        since = compiled.program.first_due_day(compiled.version, compiled.component, first)
        scopes = [(name, scope) for _, name, scope in compiled.read] + [
            (name, compiled.scope) for name in compiled.measures
        ]
        scopes += [(node.measure, _EVER) for asked in compiled.quotas.values() for node in asked.quota.earlier]
        for name, scope in scopes:
            prorated = compiled.component.prorated is not None and scope == compiled.scope
            reading = MeasureRead(measure=name, version=compiled.version, scope=scope, to_date=prorated, since=since)
            found[name, compiled.version.name, compiled.version.version, scope, prorated, since] = reading
    return list(found.values())


def on_day(measure: str) -> str:
    """Return the column that is 1 where a component reads the measure in the slice."""
    return own_name("read", measure)


def until(measure: str, scope: AccumulationWindow, *, to_date: bool) -> str:
    """Return the column of the last slice up to which the measure counts to date.

    With `to_date` it is the last slice up to which its credits are paid.
    """
    return own_name("paid" if to_date else "counted", f"{measure}@{_word(scope)}")


def read_stages(program: Program, found: list[MeasureRead], slices: Slices) -> list[nodes.Step]:
    """Build the stages `READERS` and `READ_IN_SLICE`, and a stage of `READ_OVER` for each scope."""
    numbers = _numbers(program)
    columns = ("first_day", "last_day", *(grain.value for grain in slices.grains))
    days = Project(SLICES.rows(), tuple((name, Ref(name)) for name in ("slice", *columns)))
    parts = tuple(
        Project(
            MEMBERS.rows(version.name, version.version),
            (("payee", Ref("payee")), ("slice", Ref("slice")), ("reader", Const(numbers[_key(version)]))),
        )
        for version in program.plans
    )
    known = Filter(Join(Union(parts), days, ("slice",)), Compare("<=", Ref("first_day"), Const(slices.last.end)))
    marks = tuple(
        AggregateColumn(on_day(name), "max", Const(1), where=_any_of(own, numbers))
        for name, own in _by_measure(found).items()
    )
    stages = [
        nodes.Step(READERS.name(), known, ""),
        nodes.Step(READ_IN_SLICE.name(), Aggregate(READERS.rows(), ("payee", "slice"), marks), ""),
    ]
    for scope in scopes_of(found):
        own = [item for item in found if item.scope == scope]
        lasts = tuple(
            AggregateColumn(until(name, scope, to_date=to_date), "max", Ref("slice"), where=_any_of(some, numbers))
            for name, every in _by_measure(own).items()
            for to_date in (False, True)
            if (some := [item for item in every if item.to_date or not to_date])
        )
        stages.append(nodes.Step(READ_OVER.name(_word(scope)), Aggregate(READERS.rows(), scope.partition, lasts), ""))
    return stages


def _word(scope: AccumulationWindow) -> str:
    return "all_time" if scope == _EVER else scope.name


def scopes_of(found: Iterable[MeasureRead]) -> list[AccumulationWindow]:
    """Return the scopes of the measures read, each once."""
    return list(dict.fromkeys(item.scope for item in found))


def is_read(measure: str, found: list[MeasureRead]) -> Scalar:
    """Return the condition that a plan of the payee reads the measure in the slice.

    The rows must have the columns of `READ_IN_SLICE`.
    """
    reads = any(item.measure == measure for item in found)
    return Compare("==", _or_before(on_day(measure)), Const(1)) if reads else Const(False)


def with_scopes(rows: Relation, found: list[MeasureRead]) -> Relation:
    """Join the columns that `pays_later` and `counts_later` need.

    `rows` have payee, slice and the grains of the slice.
    """
    for scope in scopes_of(found):
        rows = Join(rows, READ_OVER.rows(_word(scope)), scope.partition, optional=True)
    return rows


def pays_later(measure: str, found: list[MeasureRead]) -> Scalar:
    """Return the condition that a component later in the interval pays for credits of the slice, too.

    It must be a component of a plan that the payee is on at that later time.
    """
    return _any([_reached(item, to_date=True) for item in found if item.measure == measure and item.to_date])


def counts_later(measure: str, found: list[MeasureRead]) -> Scalar:
    """Return the condition that a component later in the interval counts credits of the slice to date.

    It must be a component of a plan that the payee is on at that later time.
    """
    return _any([_reached(item, to_date=False) for item in found if item.measure == measure])


def _by_measure(found: Iterable[MeasureRead]) -> dict[str, list[MeasureRead]]:
    own: dict[str, list[MeasureRead]] = {}
    for item in found:
        own.setdefault(item.measure, []).append(item)
    return own


def _key(version: PlanVersion) -> tuple[str, int]:
    return (version.name, version.version)


def _numbers(program: Program) -> _Numbers:
    """Return a number for each version."""
    return {_key(version): number for number, version in enumerate(program.plans)}


def _reached(item: MeasureRead, *, to_date: bool) -> Scalar:
    """Return the condition that the measure counts, or with `to_date` is paid, up to the slice or later."""
    reached = Compare(">=", _or_before(until(item.measure, item.scope, to_date=to_date)), Ref("slice"))
    return reached if item.window is None else Logic("and", (reached, item.window))


def _or_before(column: str) -> Scalar:
    """Return the column, or −1 where it is absent. Slices are numbered from 0."""
    return nodes.Call("coalesce", (Ref(column), Const(-1)))


def _any(tests: list[Scalar]) -> Scalar:
    distinct = tuple(dict.fromkeys(tests))
    return Logic("or", distinct) if distinct else Const(False)


def _any_of(items: list[MeasureRead], numbers: _Numbers) -> Scalar:
    """Return the condition that a row of `READERS` is of a version that reads the measure.

    The slice must be in an interval that falls due in the run or later, and in the window if there is one.
    """
    tests: list[Scalar] = []
    for item in items:
        own: list[Scalar] = [
            Compare("==", Ref("reader"), Const(numbers[_key(item.version)])),
            Compare(">=", Ref("first_day"), Const(item.since)),
        ]
        tests.append(Logic("and", tuple(own if item.window is None else [*own, item.window])))
    return _any(tests)
