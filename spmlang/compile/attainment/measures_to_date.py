"""Compute every measure per slice and to date, rolled up along the managers of each day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from spmlang.compile.credits.credit_shares import overlay_column, share_count_column, units_column
from spmlang.compile.credits.credit_sums import CreditSumStage
from spmlang.compile.periods.payee_slices import payee_slices, with_payee_slices
from spmlang.compile.periods.slices import Slices, slice_within
from spmlang.compile.stages.attainment import ROLLED_UP, SOLD, SOLD_DIRECTLY, STANDING
from spmlang.compile.stages.payees import LINE_ABOVE, MANAGERS_OF, ON_PLAN
from spmlang.program.measures import DateRange, Measure, Rollup
from spmlang.program.program import Component, Program
from spmlang.relations import nodes
from spmlang.relations.nodes import (
    MANAGER_PAIR,
    AddColumns,
    Aggregate,
    AggregateColumn,
    Binary,
    Check,
    Compare,
    Const,
    Filter,
    IsNull,
    Join,
    Logic,
    ManagerChain,
    Not,
    Project,
    Ref,
    Relation,
    Scalar,
    Source,
    Stage,
    Union,
    Window,
    WindowColumn,
)
from spmlang.values.calendar import Grain
from spmlang.values.own_names import own_name


@dataclass(frozen=True)
class AccumulationWindow:
    """The time over which a component accumulates: the intervals of a grain, or one window."""

    grain: Grain | None
    window: DateRange | None

    @property
    def name(self) -> str:
        """The word for this time in names of columns and stages."""
        if self.window is not None:
            return f"{self.window.start}_{self.window.through}"
        return str(self.grain)

    @property
    def partition(self) -> tuple[str, ...]:
        """The columns that partition running sums to date."""
        return ("payee",) if self.grain is None else ("payee", self.grain.value)


def scope_of(component: Component) -> AccumulationWindow:
    """Return the time over which a component accumulates."""
    if component.window is not None:
        return AccumulationWindow(None, component.window)
    return AccumulationWindow(component.accumulates, None)


def measures_stage(scope: AccumulationWindow) -> str:
    """Return the stage that holds measures to date over a scope."""
    return STANDING.name() if scope.window is None else STANDING.name(scope.name)


def to_date_column(measure: str, scope: AccumulationWindow) -> str:
    """Return the column of a measure's units to date, at the end of a slice."""
    return own_name("to_date", f"{measure}@{scope.name}")


def reporting_line_stages(program: Program, measures: Iterable[Measure], slices: Slices) -> list[nodes.Step | Check]:
    """Build the stages of reporting lines, and the check for circles in them.

    No payee may be their own manager at any level.

    They are `MANAGERS_OF` and `LINE_ABOVE`. Without rollups there are none.
    """
    if all(measure.rollup is None for measure in measures):
        return []
    direct = Project(MANAGERS_OF.rows(), tuple((name, Ref(name)) for name in MANAGER_PAIR))
    return [
        nodes.Step(MANAGERS_OF.name(), _managers_of(str(program.managers), slices), ""),
        nodes.Step(LINE_ABOVE.name(), ManagerChain(direct), ""),
        Check("run-reporting-circle", _circles(), None, (("_column", "manager"),)),
    ]


def _managers_of(managers: str, slices: Slices) -> Relation:
    """Return each payee's manager by the table `managers`, as of the first day of each slice."""
    columns = (
        ("payee", "payee"),
        ("manager", "manager"),
        ("_file", "_file"),
        ("_row", "_row"),
        ("manager_from", "_from"),
        ("manager_through", "_through"),
    )
    days, own = _days_of_slices(slices)
    tests = (
        *own,
        Compare(">=", Ref("first_day"), Ref("manager_from")),
        Compare("<=", Ref("first_day"), Ref("manager_through")),
        Not(IsNull(Ref("manager"))),
    )
    pairs = Join(Source(managers, columns), days, on=Logic("and", tests))
    named = tuple((name, Ref(name)) for name in (*MANAGER_PAIR, "_file", "_row"))
    return Project(pairs, (*named, ("day", Ref("first_day"))))


def _days_of_slices(slices: Slices) -> tuple[Relation, tuple[Scalar, ...]]:
    """Return base, first_slice, slice and first_day of the run's slices, and the tests by which rows of payees join them.

    If payees have slices of their own, a slice also has `own_payee`, and rows join the slices of their payee. If all
    payees share all slices, each slice is a base of its own.
    """
    every, _ = payee_slices(slices)
    looked_at = Filter(every, Compare("<=", Ref("first_day"), Const(slices.last.end)))
    days = (("slice", Ref("slice")), ("first_day", Ref("first_day")))
    if slices.shared:
        return Project(looked_at, (("base", Ref("slice")), ("first_slice", Ref("slice")), *days)), ()
    bases = (("base", Ref("base")), ("first_slice", Ref("first_slice")))
    own = Project(looked_at, (*bases, *days, ("own_payee", Ref("payee"))))
    return own, (Compare("==", Ref("payee"), Ref("own_payee")),)


def _circles() -> Relation:
    """Return the payees who are above themselves, each with the first day, and the table's file and row."""
    pairs = Project(MANAGERS_OF.rows(), tuple((name, Ref(name)) for name in ("payee", "slice", "day", "_file", "_row")))
    circles = Filter(LINE_ABOVE.rows(), Compare("==", Ref("payee"), Ref("manager")))
    first = tuple(AggregateColumn(name, "min", Ref(name)) for name in ("day", "_file", "_row"))
    return Aggregate(Join(pairs, circles, ("payee", "slice")), ("payee",), first)


def measure_stages(
    measures: Mapping[str, Measure],
    sums: list[CreditSumStage],
    slices: Slices,
    *,
    read: Collection[tuple[str, AccumulationWindow]],
    scopes: Iterable[AccumulationWindow],
) -> list[nodes.Step]:
    """Build the stages of each measure per slice and to date.

    Args:
        measures: The measures that the run needs, each rollup after its base.
        sums: The stages of credit sums.
        slices: The slices of the run.
        read: The (measure, scope) pairs that components read.
        scopes: The scopes of all components.

    Returns:
        `SOLD_DIRECTLY` if there are sums; `ROLLED_UP` for each rollup; `SOLD`; and `STANDING`, for all grains and for each
        window.
    """
    return [
        *_sold_directly(sums),
        *_rolled_up_stages(measures, slices),
        _sold(measures, directly=bool(sums)),
        *_to_date_stages(read, scopes, slices),
    ]


def _sold_directly(sums: list[CreditSumStage]) -> list[nodes.Step]:
    """Build `SOLD_DIRECTLY`, the total of all sums with all their columns; none if there are no sums."""
    if not sums:
        return []
    stored = list(dict.fromkeys(name for item in sums for name in item.stored))
    summed = [_wide(Stage(item.stage.name), {name: Ref(name) for name in item.stored}, stored) for item in sums]
    return [nodes.Step(SOLD_DIRECTLY.name(), _total(summed, stored), "")]


def _rolled_up_stages(measures: Mapping[str, Measure], slices: Slices) -> list[nodes.Step]:
    """Build a stage for each rollup, with the units of its base that pass to managers."""
    found = []
    for name, measure in measures.items():
        rollup = measure.rollup
        if rollup is None:
            continue
        base = measures[rollup.measure]
        passed = _unit_columns(base) if rollup.overlays else [units_column(base.name)]
        units, count = units_column(name), share_count_column(units_column(name))
        sums = ((units, _sum_of(passed)), (count, _sum_of([share_count_column(item) for item in passed])))
        stage = SOLD_DIRECTLY.rows() if base.rollup is None else ROLLED_UP.rows(base.name)
        rows = Project(stage, (("payee", Ref("payee")), ("slice", Ref("slice")), *sums))
        credited = Filter(rows, Compare("!=", Ref(count), Const(0)))
        passed_up = _passed_to_managers(credited, rollup, (units, count), slices)
        found.append(nodes.Step(ROLLED_UP.name(name), passed_up, measure.span.place))
    return found


def _passed_to_managers(base: Relation, rollup: Rollup, columns: tuple[str, ...], slices: Slices) -> Relation:
    """Pass the sums of a measure to the managers of each payee: payee (the manager), slice, `columns`."""
    line = Project(
        (LINE_ABOVE if rollup.all_levels else MANAGERS_OF).rows(),
        (("payee", Ref("payee")), ("slice", Ref("slice")), ("manager", Ref("manager"))),
    )
    joined = Join(base, line, ("payee", "slice"))
    kept = tuple((name, cast(Scalar, Ref(name))) for name in columns)
    passed = Project(joined, (("payee", Ref("manager")), ("slice", Ref("slice")), *kept))
    own = with_payee_slices(passed, ("payee", *columns), slices)
    return Aggregate(own, ("payee", "slice"), tuple(AggregateColumn(name, "sum", Ref(name)) for name in columns))


def _sold(measures: Mapping[str, Measure], *, directly: bool) -> nodes.Step:
    """Build `SOLD`, the units of every measure, credited directly or rolled up; 0 for members without credits.

    `directly` is true if the stage `SOLD_DIRECTLY` exists.
    """
    every = [units_column(name) for name in measures]
    parts: list[Relation] = []
    if directly:
        sourced = [measure for measure in measures.values() if measure.rollup is None]
        units = {units_column(measure.name): _sum_of(_unit_columns(measure)) for measure in sourced}
        parts.append(_wide(SOLD_DIRECTLY.rows(), units, every))
    for name, measure in measures.items():
        if measure.rollup is not None:
            parts.append(_wide(ROLLED_UP.rows(name), {units_column(name): Ref(units_column(name))}, every))
    members = Project(ON_PLAN.rows(), (("payee", Ref("payee")), ("slice", Ref("slice"))))
    nothing = tuple((name, Const(0)) for name in every)
    parts.append(Project(members, (("payee", Ref("payee")), ("slice", Ref("slice")), *nothing)))
    return nodes.Step(SOLD.name(), _total(parts, every), "")


def _to_date_stages(
    read: Collection[tuple[str, AccumulationWindow]], scopes: Iterable[AccumulationWindow], slices: Slices
) -> list[nodes.Step]:
    """Build `STANDING` with the measures to date over intervals, and a stage for each window among the scopes.

    `read` has the (measure, scope) pairs that components read.
    """
    days, _ = payee_slices(slices)
    by_grain = [(measure, scope) for measure, scope in read if scope.window is None]
    found = [nodes.Step(STANDING.name(), _to_date(days, slices, by_grain), "")]
    for scope in scopes:
        if scope.window is not None:
            inside = Filter(days, slice_within(scope.window))
            pairs = [(measure, own) for measure, own in read if own == scope]
            found.append(nodes.Step(measures_stage(scope), _to_date(inside, slices, pairs), ""))
    return found


def _unit_columns(measure: Measure) -> list[str]:
    """Return the columns in which a measure's units are summed.

    Overlays, if the measure has any, have a column of their own.
    """
    overlays = any(share.overlay for share in measure.credits)
    return [units_column(measure.name), *([overlay_column(measure.name)] if overlays else [])]


def _sum_of(columns: list[str]) -> Scalar:
    """Return the sum of the columns."""
    first, *more = (cast(Scalar, Ref(name)) for name in columns)
    for other in more:
        first = Binary("+", first, other)
    return first


def _wide(stage: Stage, columns: Mapping[str, Scalar], every: Iterable[str]) -> Relation:
    """Return the rows of a stage with all columns of `every`.

    A column is 0 unless `columns` has it.
    """
    units = tuple((name, columns.get(name, Const(0))) for name in every)
    return Project(stage, (("payee", Ref("payee")), ("slice", Ref("slice")), *units))


def _total(parts: list[Relation], every: Iterable[str]) -> Relation:
    """Sum relations with the same columns per payee and slice."""
    return Aggregate(
        Union(tuple(parts)), ("payee", "slice"), tuple(AggregateColumn(name, "sum", Ref(name)) for name in every)
    )


def _to_date(days: Relation, slices: Slices, scopes: Iterable[tuple[str, AccumulationWindow]]) -> Relation:
    """Return measures to date for members of plans, one row per payee and slice.

    The running sums also cover slices with credits in which the payee is on no plan. Only then are these slices
    dropped.
    """
    _, by = payee_slices(slices)
    summed: Relation = Join(SOLD.rows(), days, by)
    alone, running = [], []
    for measure, scope in scopes:
        name = to_date_column(measure, scope)
        # If each interval is one slice, the units to date are those of the slice.
        if scope.grain is not None and slices.one_for_each_due(scope.grain, None):
            alone.append((name, cast(Scalar, Ref(units_column(measure)))))
        else:
            running.append(
                WindowColumn(
                    name, "sum", Ref(units_column(measure)), partition=scope.partition, order=(("slice", False),)
                )
            )
    if alone:
        summed = AddColumns(summed, tuple(alone))
    if running:
        summed = Window(summed, tuple(running))
    return Join(summed, ON_PLAN.rows(), ("payee", "slice"))
