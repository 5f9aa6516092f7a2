"""Count the days of a target, on the roster or on the plan, by roster row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from spmlang.compile.sources.references import column_name
from spmlang.compile.stages.payees import ON_ROSTER
from spmlang.program.program import Program
from spmlang.program.quotas import Days, Quota
from spmlang.relations.exact_arithmetic import multiply_whole
from spmlang.relations.nodes import (
    AddColumns,
    Binary,
    Call,
    Compare,
    Const,
    Join,
    Logic,
    Project,
    Ref,
    Relation,
    Scalar,
    Source,
)

from .plan_members import members_of


def active_rows(
    program: Program,
    expected: Relation,
    *,
    quota: Quota,
    columns: Iterable[str] = (),
    start: str = "part_start",
    end: str = "part_end",
) -> Relation:
    """Return each payee's roster rows in force within each interval, with `stint_first` and `stint_last`.

    For a quota that counts days on the plan there is one row for each slice on the plan, because slices cross neither a
    roster row nor an interval.

    Args:
        program: The checked program.
        expected: Payees and intervals.
        quota: The quota whose days are counted.
        columns: Further roster columns.
        start: The column of the interval's first day.
        end: The column of the interval's last day.
    """
    roster = program.roster
    own = sorted({"payee", "_from", "_through", *columns})
    rows = Source(roster, tuple((column_name(roster, (), column), column) for column in own))
    held_from, held_through = Ref(column_name(roster, (), "_from")), Ref(column_name(roster, (), "_through"))
    tests = (
        Compare("==", Ref("payee"), Ref(column_name(roster, (), "payee"))),
        Compare("<=", held_from, Ref(end)),
        Compare(">=", held_through, Ref(start)),
    )
    joined = Join(expected, rows, on=Logic("and", tests))
    first: Scalar = Call("greatest", (held_from, Ref(start)))
    last: Scalar = Call("least", (held_through, Ref(end)))
    if not quota.on_plan:
        return AddColumns(joined, (("stint_first", first), ("stint_last", last)))
    within = (
        Compare("==", Ref("payee"), Ref("plan_payee")),
        Compare(">=", Ref("plan_first"), first),
        Compare("<=", Ref("plan_last"), last),
    )
    on_plan = Join(joined, _days_on_plan(program, str(quota.plan)), on=Logic("and", within))
    return AddColumns(on_plan, (("stint_first", Ref("plan_first")), ("stint_last", Ref("plan_last"))))


def _days_on_plan(program: Program, plan: str) -> Relation:
    """Return the slices of each payee on any version of the plan: plan_payee, plan_first, plan_last."""
    members = members_of(version for version in program.plans if version.name == plan)
    named = Project(members, (("plan_payee", Ref("payee")), ("slice", Ref("slice"))))
    days = (("plan_payee", Ref("payee")), ("slice", Ref("slice")))
    ends = (("plan_first", Ref("first_day")), ("plan_last", Ref("last_day")))
    return Join(named, Project(ON_ROSTER.rows(), (*days, *ends)), ("plan_payee", "slice"))


def day_count(days: Days, first: Scalar, last: Scalar) -> Scalar:
    """Return the number of days from `first` through `last` that count."""
    beyond = Binary("+", Call("day_number", (last,)), Const(1))
    return Binary("-", _days_before(days, beyond), _days_before(days, Call("day_number", (first,))))


def _days_before(days: Days, number: Scalar) -> Scalar:
    """Return the number of days that count before the day `number`; day 0 is a Monday."""
    if days is Days.CALENDAR:
        return number
    rest = Binary("%", number, Const(7))
    weeks = Binary("/", Binary("-", number, rest), Const(7))
    return Binary("+", multiply_whole(weeks, 5), Call("least", (rest, Const(5))))


def constant_days(days: Days, start: date, end: date) -> int:
    """Return the number of days from `start` through `end` that count, for days known when compiling."""
    whole = range((end - start).days + 1)
    return len(whole) if days is Days.CALENDAR else sum((start.weekday() + day) % 7 < 5 for day in whole)
