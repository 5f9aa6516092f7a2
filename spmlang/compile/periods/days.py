"""Give each day its slice, the rows of dated tables that hold on it, and the intervals that it lies in."""

from __future__ import annotations

from collections.abc import Iterable

from spmlang.compile.sources.references import as_of_name, column_name
from spmlang.compile.stages.periods import DAYS, EACH_DAY, INTERVAL_DAYS, INTERVALS, SLICES
from spmlang.program.expressions import AsOf
from spmlang.program.measures import Measure
from spmlang.program.program import Program
from spmlang.program.reads import columns_of
from spmlang.relations.nodes import (
    AddColumns,
    Call,
    Compare,
    Const,
    EveryDay,
    Filter,
    Input,
    Project,
    Ref,
    Relation,
    Source,
    Step,
)

from .slices import Slices


def day_stages(program: Program, measures: Iterable[Measure], slices: Slices) -> list[Step | Input]:
    """Build the stage `DAYS`, those of intervals' days, and those of dated tables with one row for each day."""
    return [
        Step(DAYS.name(), _days(slices), ""),
        *_interval_days(measures, slices),
        *(_each_day(program, source, slices) for source in sorted(slices.dated.by_day)),
    ]


def _days(slices: Slices) -> Relation:
    """Return the slice of each day: `day`, `slice` and, unless payees share all slices, `base` and `last_of_base`."""
    spread = EveryDay(SLICES.rows(), "first_day", "last_day", "day")
    columns = ("day", "slice", *(() if slices.shared else ("base", "last_of_base")))
    return Project(spread, tuple((name, Ref(name)) for name in columns))


def _each_day(program: Program, source: str, slices: Slices) -> Step:
    """Build the stage of a dated source's rows, once for each day.

    Only days on which the source may be read are in it.
    """
    first, last = slices.days
    names = (
        *(column.name for column in program.contracts[source].columns),
        "_key",
        "_file",
        "_row",
        "_from",
        "_through",
    )
    held = (
        ("held_from", Call("greatest", (Ref(column_name(source, (), "_from")), Const(first)))),
        ("held_through", Call("least", (Ref(column_name(source, (), "_through")), Const(last)))),
    )
    rows = AddColumns(
        Source(source, tuple((column_name(source, (), name), name) for name in dict.fromkeys(names))), held
    )
    known = Filter(rows, Compare("<=", Ref("held_from"), Ref("held_through")))
    return Step(
        EACH_DAY.name(source), EveryDay(known, "held_from", "held_through", column_name(source, (), "_day")), ""
    )


def _interval_days(measures: Iterable[Measure], slices: Slices) -> list[Step | Input]:
    """Build the stages that give each day the first and last day of its interval.

    Only grains on whose first or last day the measures read a dated table have such a stage.
    """
    expressions = [item for measure in measures for item in (measure.value, measure.where)]
    steps = [step for column in columns_of(*expressions) for step in column.steps]
    found: list[Step | Input] = []
    for grain in dict.fromkeys(step.as_of.grain for step in steps if step.as_of is not None):
        intervals = slices.calendar.intervals(grain, slices.starts[0], slices.end)
        first, last = (as_of_name(AsOf(end, grain)) for end in (False, True))
        rows = tuple((interval.start, interval.end) for interval in intervals)
        found.append(Input(INTERVALS.name(grain), ((first, "date"), (last, "date")), rows))
        found.append(Step(INTERVAL_DAYS.name(grain), EveryDay(INTERVALS.rows(grain), first, last, "day_in"), ""))
    return found
