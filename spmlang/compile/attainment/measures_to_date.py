"""Compute every measure per slice and to date, rolled up along the managers of each day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from spmlang.compile.credits.credit_shares import overlay_column, share_count_column, units_column
from spmlang.compile.credits.credit_sums import CreditSumStage
from spmlang.compile.periods.payee_slices import payee_slices, with_payee_slices
from spmlang.compile.periods.slices import Slices, slice_within
from spmlang.program.measures import DateRange, Measure, Rollup
from spmlang.program.program import Component, Program
from spmlang.relations import nodes
from spmlang.relations.nodes import (
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
    return "standing" if scope.window is None else f"standing_{scope.name}"


#: The stage of units credited to payees directly, not by rollup, with all columns of the sums.
#: It exists only if there are sums.
SOLD_DIRECTLY = "sold_directly"


def rolled_stage(measure: str) -> str:
    """Return the stage of a rollup's units passed to managers: payee, slice, units, and number of shares."""
    return own_name("rolled_up", measure)


def to_date_column(measure: str, scope: AccumulationWindow) -> str:
    """Return the column of a measure's units to date, at the end of a slice."""
    return own_name("to_date", f"{measure}@{scope.name}")


def reporting_line_stages(program: Program, measures: Iterable[Measure], slices: Slices) -> list[nodes.Step | Check]:
    """Build the stages of reporting lines, and the check for circles in them.

    No payee may be their own manager at any level.

    `managers_of` has each payee's manager per slice: payee, manager, base, first_slice, slice, the first day and the
    table's file and row. `line_above` has the managers at all levels: payee, manager, base, first_slice, slice. Without
    rollups there are none.
    """
    rollups = [measure.rollup for measure in measures if measure.rollup is not None]
    if not rollups:
        return []
    managers = str(program.managers)
    rows = Source(
        managers,
        (
            ("payee", "payee"),
            ("manager", "manager"),
            ("_file", "_file"),
            ("_row", "_row"),
            ("manager_from", "_from"),
            ("manager_through", "_through"),
        ),
    )
    own_slices, by = payee_slices(slices)
    looked_at = Filter(own_slices, Compare("<=", Ref("first_day"), Const(slices.last.end)))
    places = ("base", "first_slice") if "payee" in by else ("slice", "slice")
    days = Project(
        looked_at,
        (
            *((name, Ref(place)) for name, place in zip(("base", "first_slice"), places, strict=True)),
            *((name, Ref(name)) for name in ("slice", "first_day")),
            *((("own_payee", cast(Scalar, Ref("payee"))),) if "payee" in by else ()),
        ),
    )
    tests: tuple[Scalar, ...] = (
        *((Compare("==", Ref("payee"), Ref("own_payee")),) if "payee" in by else ()),
        Compare(">=", Ref("first_day"), Ref("manager_from")),
        Compare("<=", Ref("first_day"), Ref("manager_through")),
        Not(IsNull(Ref("manager"))),
    )
    direct = Join(rows, days, on=Logic("and", tests))
    named = [(name, cast(Scalar, Ref(name))) for name in ("payee", "manager", "base", "first_slice", "slice")]
    pairs = Project(direct, (*named, ("_file", Ref("_file")), ("_row", Ref("_row")), ("day", Ref("first_day"))))
    circle_rows = Join(
        Project(Stage("managers_of"), tuple((name, Ref(name)) for name in ("payee", "slice", "day", "_file", "_row"))),
        Filter(Stage("line_above"), Compare("==", Ref("payee"), Ref("manager"))),
        ("payee", "slice"),
    )
    first = tuple(AggregateColumn(name, "min", Ref(name)) for name in ("day", "_file", "_row"))
    circle = Aggregate(circle_rows, ("payee",), first)
    return [
        nodes.Step("managers_of", pairs, ""),
        nodes.Step("line_above", ManagerChain(Project(Stage("managers_of"), tuple(named))), ""),
        Check("run-reporting-circle", circle, None, (("_column", "manager"),)),
    ]


def rolled_up(base: Relation, rollup: Rollup, columns: tuple[str, ...], slices: Slices) -> Relation:
    """Pass the sums of a measure to the managers of each payee: payee (the manager), slice, `columns`."""
    line = Project(
        Stage("line_above" if rollup.all_levels else "managers_of"),
        (("payee", Ref("payee")), ("slice", Ref("slice")), ("manager", Ref("manager"))),
    )
    joined = Join(base, line, ("payee", "slice"))
    kept = tuple((name, cast(Scalar, Ref(name))) for name in columns)
    passed = Project(joined, (("payee", Ref("manager")), ("slice", Ref("slice")), *kept))
    own = with_payee_slices(passed, ("payee", *columns), slices)
    return Aggregate(own, ("payee", "slice"), tuple(AggregateColumn(name, "sum", Ref(name)) for name in columns))


def measure_stages(
    measures: Mapping[str, Measure],
    sums: list[CreditSumStage],
    scopes: Collection[tuple[str, AccumulationWindow]],
    stood_in: Iterable[AccumulationWindow],
    slices: Slices,
) -> list[nodes.Step]:
    """Build the stages of each measure per slice (`units_column`) and to date (`standing`).

    Args:
        measures: The measures that the run needs, each rollup after its base.
        sums: The stages of credit sums.
        scopes: The (measure, scope) pairs that components read.
        stood_in: The scopes of all components.
        slices: The slices of the run.

    Returns:
        `SOLD_DIRECTLY` if there are sums; a stage for each rollup; `units_column` with payee, slice and the units of every
        measure; `standing` with measures to date for members of plans; and for each window a stage of its own with the
        window's slices.
    """
    stages = []
    sourced = {name: _unit_columns(measure) for name, measure in measures.items() if measure.rollup is None}
    members = Project(Stage("on_plan"), (("payee", Ref("payee")), ("slice", Ref("slice"))))
    rolled: dict[str, str] = {}
    every = [units_column(name) for name in measures]
    parts: list[Relation] = []
    if sums:
        stored = list(dict.fromkeys(name for item in sums for name in item.stored))
        summed = [_wide(item.stage.name, {name: Ref(name) for name in item.stored}, stored) for item in sums]
        stages.append(nodes.Step(SOLD_DIRECTLY, _total(summed, stored), ""))
        parts.append(_wide(SOLD_DIRECTLY, {units_column(name): _sum_of(own) for name, own in sourced.items()}, every))
    for name, measure in measures.items():
        if measure.rollup is None:
            continue
        base = measure.rollup.measure
        own = sourced.get(base, [units_column(base)])
        passed = own if measure.rollup.overlays else own[:1]
        column = units_column(name)
        units = (
            (column, _sum_of(passed)),
            (share_count_column(column), _sum_of([share_count_column(item) for item in passed])),
        )
        stage = rolled.get(base, SOLD_DIRECTLY)
        named = Project(Stage(stage), (("payee", Ref("payee")), ("slice", Ref("slice")), *units))
        brought = Filter(named, Compare("!=", Ref(share_count_column(column)), Const(0)))
        rolled[name] = rolled_stage(name)
        passed_up = rolled_up(brought, measure.rollup, (column, share_count_column(column)), slices)
        stages.append(nodes.Step(rolled[name], passed_up, measure.span.place))
    parts += [_wide(stage, {units_column(name): Ref(units_column(name))}, every) for name, stage in rolled.items()]
    nothing = Project(
        members, (("payee", Ref("payee")), ("slice", Ref("slice")), *((name, Const(0)) for name in every))
    )
    stages.append(nodes.Step("sold", _total([*parts, nothing], every), ""))
    by_grain = [pair for pair in scopes if pair[1].window is None]
    windows: dict[AccumulationWindow, list[tuple[str, AccumulationWindow]]] = {
        scope: [] for scope in stood_in if scope.window is not None
    }
    for pair in scopes:
        if pair[1].window is not None:
            windows[pair[1]].append(pair)
    days, _ = payee_slices(slices)
    stages.append(nodes.Step("standing", _to_date(days, slices, by_grain), ""))
    for scope, pairs in windows.items():
        assert scope.window is not None
        stages.append(
            nodes.Step(measures_stage(scope), _to_date(Filter(days, slice_within(scope.window)), slices, pairs), "")
        )
    return stages


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


def _wide(stage: str, columns: Mapping[str, Scalar], every: Iterable[str]) -> Relation:
    """Return the rows of a stage with all columns of `every`.

    A column is 0 unless `columns` has it.
    """
    units = tuple((name, columns.get(name, Const(0))) for name in every)
    return Project(Stage(stage), (("payee", Ref("payee")), ("slice", Ref("slice")), *units))


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
    summed: Relation = Join(Stage("sold"), days, by)
    alone, running = [], []
    for measure, scope in scopes:
        name = to_date_column(measure, scope)
        # If each interval is one slice, the units to date are those of the slice.
        if scope.grain is not None and slices.one_for_each_due(scope.grain, None):
            alone.append((name, cast(Scalar, Ref(units_column(measure)))))
        else:
            running.append(WindowColumn(name, "sum", Ref(units_column(measure)), scope.partition, (("slice", False),)))
    if alone:
        summed = AddColumns(summed, tuple(alone))
    if running:
        summed = Window(summed, tuple(running))
    return Join(summed, Stage("on_plan"), ("payee", "slice"))
