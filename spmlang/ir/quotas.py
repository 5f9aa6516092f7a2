"""Quotas of payees for whole intervals of the components that ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import cast

from spmlang.model.program import Days, PlanVersion, Program, Quota
from spmlang.values.calendar import Grain
from spmlang.values.rounding import Mode

from . import nodes
from .nodes import (
    Absent,
    Aggregate,
    Binary,
    Call,
    Case,
    Check,
    Const,
    Extend,
    Filter,
    Input,
    Join,
    Logic,
    Measured,
    Null,
    Over,
    Project,
    Ref,
    Relation,
    Scalar,
    Source,
    Stage,
    Test,
    Union,
    Units,
    Window,
)
from .numbers import Number, at_scale, constant, multiply_whole, round_column
from .parts import missing_row_words
from .scalars import Names, Target, number, scalar
from .slices import Slices, asked_columns, columns_of
from .walking import absent, can_be_missing, column_name, names_of, roster_columns, walk_rows


@dataclass(frozen=True)
class Asked:
    """A quota asked for over the intervals of a grain: `stage` has payee, the grain's index, amount and stated attainment."""

    quota: Quota
    grain: Grain
    stage: str

    @property
    def amount(self) -> str:
        """The column of the amount."""
        return f"quota.{self.quota.name}@{self.grain}"

    @property
    def stated(self) -> str:
        """The column of the attainment that the plan states."""
        return f"stated.{self.quota.name}@{self.grain}"

    def target(self) -> Target:
        """The columns as an expression sees them."""
        answers = [answer for answer in (self.quota.zero, self.quota.missing) if answer is not None]
        amount = Number(Ref(self.amount), self.quota.type.scale)
        if not answers:
            return Target(amount, None)
        return Target(amount, Number(Ref(self.stated), _scale(answers)))


def asked_quotas(uses: Iterable[tuple[PlanVersion, Iterable[tuple[str, Grain]]]]) -> dict[tuple[Quota, Grain], Asked]:
    """Every quota with every grain it is asked for over."""
    found: dict[tuple[Quota, Grain], Asked] = {}
    for version, wanted in uses:
        for name, grain in wanted:
            at = (version.quotas[name], grain)
            if at not in found:
                found[at] = Asked(*at, f"quota_{len(found) + 1}_{name}")
    return found


def quota_stages(
    program: Program, slices: Slices, asked: Asked, askers: Iterable[Relation]
) -> list[nodes.Step | Check | Input]:
    """The stage of one quota. `askers` are relations with payee and the grain's index, one for each component that asks."""
    quota, grain, name = asked.quota, asked.grain.value, asked.stage
    who = ("payee", grain)
    wanted = Aggregate(
        Union(tuple(Project(item, tuple((column, Ref(column)) for column in who)) for item in askers)), who, ()
    )
    parts = f"{name}_parts"
    intervals = Input(
        f"{name}_intervals",
        (
            (grain, "index"),
            ("label", "text"),
            ("part", "index"),
            ("part_label", "text"),
            ("part_start", "date"),
            ("part_end", "date"),
            ("given_start", "date"),
            ("given_end", "date"),
            ("share", "whole"),
            ("part_days", "whole"),
        ),
        _intervals(slices, asked),
    )
    stages: list[nodes.Step | Check | Input] = [intervals, *_ramp_stages(program, slices, asked)]
    expected = Join(wanted, Stage(intervals.name), (grain,))
    found = (
        _from_table(program, expected, quota, grain)
        if quota.table is not None
        else _in_plan(program, expected, quota, grain)
    )
    found = _counted(program, found, asked, intervals.name)
    stages.append(nodes.Step(parts, found, quota.span.place))
    stages += _row_checks(program, expected, quota, grain)
    stages += _part_checks(quota, parts)
    total = Aggregate(
        Stage(parts),
        who,
        (
            Measured("label", "min", Ref("label")),
            Measured("parts", "count", Const(1)),
            Measured("found", "count", Ref("target")),
            Measured("total", "sum", Ref("target")),
        ),
    )
    whole = Test("==", Ref("parts"), Ref("found"))
    amount = Case(((whole, Ref("total")),), Null("whole"))
    named = tuple((column, Ref(column)) for column in (*who, "label"))
    amounts = Project(total, (*named, (asked.amount, amount)))
    stages.append(nodes.Step(name, Extend(amounts, ((asked.stated, _stated(asked)),)), quota.span.place))
    stages += _answer_checks(asked)
    return stages


def _intervals(slices: Slices, asked: Asked) -> tuple[tuple[int | str | date | bool | None, ...], ...]:
    calendar, quota = slices.calendar, asked.quota
    places = quota.spread_places
    rows: list[tuple[int | str | date | bool | None, ...]] = []
    for whole in calendar.intervals(asked.grain, slices.starts[0], slices.end):
        for part in calendar.intervals(quota.grain, whole.start, whole.end):
            given = calendar.interval(part.start, quota.given)
            place = part.index - calendar.interval(given.start, quota.grain).index
            share = int(quota.spread[place] * 10**places) if quota.spread else 1
            days = _days_of(quota, part.start, part.end)
            rows.append(
                (
                    whole.index,
                    whole.label,
                    part.index,
                    part.label,
                    part.start,
                    part.end,
                    given.start,
                    given.end,
                    share,
                    days,
                )
            )
    return tuple(rows)


def _ramp_stages(program: Program, slices: Slices, asked: Asked) -> list[nodes.Step | Check | Input]:
    """In which interval of the quota each payee came: payee, first_part."""
    if not asked.quota.ramp:
        return []
    spans = slices.calendar.intervals(asked.quota.grain, min(slices.first_roster_day, slices.end), slices.end)
    name = f"{asked.stage}_starts"
    rows = tuple((span.index, span.start, span.end) for span in spans)
    starts = Input(name, (("first_part", "index"), ("first_start", "date"), ("first_end", "date")), rows)
    came = Aggregate(
        Source(program.roster, (("payee", "payee"), ("came", "_from"))),
        ("payee",),
        (Measured("came", "min", Ref("came")),),
    )
    held = Logic("and", (Test(">=", Ref("came"), Ref("first_start")), Test("<=", Ref("came"), Ref("first_end"))))
    first = Project(Join(came, Stage(name), on=held), (("payee", Ref("payee")), ("first_part", Ref("first_part"))))
    return [starts, nodes.Step(f"{asked.stage}_ramp", first, asked.quota.span.place)]


def _counted(program: Program, found: Relation, asked: Asked, intervals: str) -> Relation:
    """Targets as they count: spread, ramped, prorated, adjusted; in units of the quota's type."""
    quota, grain = asked.quota, asked.grain.value
    scale, value = quota.places, cast(Scalar, Ref("given_target"))
    kept = [*_part_columns(grain), "rows", *(["_file", "_row"] if quota.table else [])]
    rows: Relation = Project(found, (*((name, Ref(name)) for name in kept), ("given_target", Ref("target"))))
    about = ("part_start", "part_end", "share", "part_days")
    columns = tuple((name, Ref(name)) for name in (grain, "part", *about))
    rows = Join(rows, Project(Stage(intervals), columns), (grain, "part"))
    if quota.spread:
        value, scale = Binary("*", value, Ref("share")), scale + quota.spread_places
    if quota.ramp:
        rows = Join(rows, Stage(f"{asked.stage}_ramp"), ("payee",))
        value, scale = Binary("*", value, _ramp_share(quota)), scale + quota.ramp_places
    if quota.prorated is not None:
        rows = Join(rows, _days_here(program, rows, quota), ("payee", "part"))
        exact = Extend(rows, (("exact", Binary("*", value, Ref("days_here"))),))
        divisor = Binary("*", Ref("part_days"), Const(10 ** (scale - quota.places)))
        rows = round_column(exact, "prorated", "exact", divisor, 1, Mode.HALF_UP)
        value, scale = Ref("prorated"), quota.places
    value = at_scale(Number(value, scale), quota.type.scale)
    if quota.adjustments is not None:
        rows = Join(rows, _adjustments(program, rows, quota), ("payee", "part"), optional=True)
        value = Binary("+", value, Call("coalesce", (Ref("adjustment"), Const(0))))
    return Project(rows, (*((name, Ref(name)) for name in kept), ("target", value)))


def _ramp_share(quota: Quota) -> Scalar:
    later = Binary("-", Ref("part"), Ref("first_part"))
    places = quota.ramp_places
    shares = tuple(
        (cast(Scalar, Test("==", later, Const(number))), cast(Scalar, Const(int(share * 10**places))))
        for number, share in enumerate(quota.ramp)
    )
    return Case(shares, Const(10**places))


def _days_here(program: Program, rows: Relation, quota: Quota) -> Relation:
    """The days of each part on which the payee is on the roster: payee, part, days_here."""
    roster = program.roster
    wanted = Aggregate(rows, ("payee", "part", "part_start", "part_end"), ())
    stints = _overlapping(program, wanted, ())
    first = Call("greatest", (Ref(column_name(roster, (), "_from")), Ref("part_start")))
    last = Call("least", (Ref(column_name(roster, (), "_through")), Ref("part_end")))
    days = Extend(stints, (("own_days", _day_count(quota, first, last)),))
    return Aggregate(days, ("payee", "part"), (Measured("days_here", "sum", Ref("own_days")),))


def _day_count(quota: Quota, first: Scalar, last: Scalar) -> Scalar:
    """How many days from `first` through `last` count."""
    beyond = Binary("+", Call("day_number", (last,)), Const(1))
    return Binary("-", _days_before(quota, beyond), _days_before(quota, Call("day_number", (first,))))


def _days_before(quota: Quota, number: Scalar) -> Scalar:
    """How many days count of those with smaller numbers; day 0 is a Monday."""
    if quota.prorated is Days.CALENDAR:
        return number
    rest = Binary("%", number, Const(7))
    weeks = Binary("/", Binary("-", number, rest), Const(7))
    return Binary("+", multiply_whole(weeks, 5), Call("least", (rest, Const(5))))


def _days_of(quota: Quota, start: date, end: date) -> int:
    """The same of constant days; 1 where nothing is prorated."""
    if quota.prorated is None:
        return 1
    whole = range((end - start).days + 1)
    return len(whole) if quota.prorated is Days.CALENDAR else sum((start.weekday() + day) % 7 < 5 for day in whole)


def _adjustments(program: Program, rows: Relation, quota: Quota) -> Relation:
    """What is added to each part: payee, part, adjustment."""
    table = str(quota.adjustments)
    column = program.contracts[table].column("amount")
    assert column is not None
    given = Source(table, (("adjusted", "payee"), ("adjusted_on", "period"), ("added", "amount")))
    wanted = Aggregate(rows, ("payee", "part", "part_start", "part_end"), ())
    tests = (
        Test("==", Ref("payee"), Ref("adjusted")),
        Test(">=", Ref("adjusted_on"), Ref("part_start")),
        Test("<=", Ref("adjusted_on"), Ref("part_end")),
    )
    units = at_scale(Number(Units(Ref("added"), column.scale), column.scale), quota.type.scale)
    joined = Extend(Join(wanted, given, on=Logic("and", tests)), (("added_units", units),))
    return Aggregate(joined, ("payee", "part"), (Measured("adjustment", "sum", Ref("added_units")),))


def _overlapping(
    program: Program, expected: Relation, columns: Iterable[str], start: str = "part_start", end: str = "part_end"
) -> Relation:
    """The roster rows of each payee that hold on a day of each interval."""
    roster = program.roster
    own = sorted({"payee", "_from", "_through", *columns})
    rows = Source(roster, tuple((column_name(roster, (), column), column) for column in own))
    tests = (
        Test("==", Ref("payee"), Ref(column_name(roster, (), "payee"))),
        Test("<=", Ref(column_name(roster, (), "_from")), Ref(end)),
        Test(">=", Ref(column_name(roster, (), "_through")), Ref(start)),
    )
    return Join(expected, rows, on=Logic("and", tests))


def _from_table(program: Program, expected: Relation, quota: Quota, grain: str) -> Relation:
    """payee, grain index, part, target (absent where no row gives one), rows."""
    table = str(quota.table)
    rows = _table_rows(program, quota)
    if quota.where is not None:
        rows = Filter(rows, scalar(quota.where, Names(names_of(columns_of(quota.where)))))
    joined = _used_rows(program, expected, quota, grain, rows, optional=True)
    target = Units(Ref(column_name(table, (), "target")), quota.places)
    return Aggregate(
        Extend(joined, (("units", target),)),
        _part_columns(grain),
        (
            Measured("rows", "count", Ref("units")),
            Measured("target", "min", Ref("units")),
            Measured("_file", "max", Ref(column_name(table, (), "_file"))),
            Measured("_row", "max", Ref(column_name(table, (), "_row"))),
        ),
    )


def _table_rows(program: Program, quota: Quota) -> Relation:
    """The rows of a quota's table, whatever its `where` says."""
    table = str(quota.table)
    own: list[tuple[tuple[()], str]] = [((), name) for name in ("payee", "period", "target", "_key", "_file", "_row")]
    return walk_rows(program, table, columns_of(quota.where), own, Ref(column_name(table, (), "period")))


def _used_rows(
    program: Program, expected: Relation, quota: Quota, grain: str, rows: Relation, *, optional: bool
) -> Relation:
    """Rows of the table in the intervals asked for, as far as the payee is on the roster in them."""
    table = str(quota.table)
    period = Ref(column_name(table, (), "period"))
    columns_kept = (*_part_columns(grain), "given_start", "given_end")
    on_roster = Aggregate(_overlapping(program, expected, ()), columns_kept, ())
    tests = (
        Test("==", Ref("payee"), Ref(column_name(table, (), "payee"))),
        Test(">=", period, Ref("given_start")),
        Test("<=", period, Ref("given_end")),
    )
    return Join(on_roster, rows, on=Logic("and", tests), optional=optional)


def _in_plan(program: Program, expected: Relation, quota: Quota, grain: str) -> Relation:
    """The same from an expression over the payee's latest roster row in the interval."""
    assert quota.target is not None
    target = number(quota.target, Names(names_of(columns_of(quota.target))))
    return Project(
        _latest_rows(program, expected, quota, grain),
        (
            *((name, Ref(name)) for name in _part_columns(grain)),
            ("rows", Const(1)),
            ("target", at_scale(target, quota.places)),
        ),
    )


def _latest_rows(program: Program, expected: Relation, quota: Quota, grain: str) -> Relation:
    """The payee's latest roster row in each interval, and what the target reads of it on its last day there."""
    columns = columns_of(quota.target)
    roster = program.roster
    on_roster = Aggregate(_overlapping(program, expected, ()), (*_part_columns(grain), "given_start", "given_end"), ())
    wanted = roster_columns(program, columns) | {"_file", "_row"}
    joined = _overlapping(program, on_roster, wanted, "given_start", "given_end")
    latest = Window(
        joined,
        (Over("place", "row_number", None, ("payee", grain, "part"), ((column_name(roster, (), "_from"), True),)),),
    )
    last = Call("least", (Ref(column_name(roster, (), "_through")), Ref("given_end")))
    dated = Extend(Filter(latest, Test("==", Ref("place"), Const(1))), (("target_day", last),))
    return walk_rows(program, roster, columns, (), Ref("target_day"), dated)


def _row_checks(program: Program, expected: Relation, quota: Quota, grain: str) -> list[Check]:
    """Columns behind dated references that a quota asks for are there; a missing one is not a missing quota."""
    checks = []
    for column in asked_columns(quota.target, quota.where):
        if not can_be_missing(program, column):
            continue
        if quota.table is None:
            rows, root, day = _latest_rows(program, expected, quota, grain), program.roster, "target_day"
        else:
            root, day = quota.table, column_name(quota.table, (), "period")
            rows = _used_rows(program, expected, quota, grain, _table_rows(program, quota), optional=False)
        words = (
            ("_file", Ref(column_name(root, (), "_file"))),
            ("_row", Ref(column_name(root, (), "_row"))),
            ("value", Ref("payee")),
            ("day", Ref(day)),
        )
        checks.append(
            Check(
                "run-no-row-in-force",
                Project(Filter(rows, absent(column)), words),
                None,
                missing_row_words(program, column),
            )
        )
    return checks


def _part_columns(grain: str) -> tuple[str, ...]:
    return ("payee", grain, "label", "part", "part_label")


def _part_checks(quota: Quota, stage: str) -> list[Check]:
    words = (("payee", Ref("payee")), ("period", Ref("part_label")))
    said = (("measure", quota.name),)
    negative = Filter(Stage(stage), Test("<", Ref("target"), Const(0)))
    checks = [Check("run-quota-negative", Project(negative, words), quota.span, said)]
    if quota.table is not None:
        twice = Filter(Stage(stage), Test(">", Ref("rows"), Const(1)))
        more = (("_file", Ref("_file")), ("_row", Ref("_row")), ("count", Ref("rows")))
        checks.append(Check("run-quota-twice", Project(twice, (*words, *more)), None, (*said, ("_column", "period"))))
    return checks


def _stated(asked: Asked) -> Scalar:
    quota = asked.quota
    answers = [answer for answer in (quota.zero, quota.missing) if answer is not None]
    if not answers:
        return Null("whole")
    scale = _scale(answers)

    def answer(stated: Fraction | None) -> Scalar:
        return Null("whole") if stated is None else constant(stated, scale).value

    amount = Ref(asked.amount)
    zero = Test("==", amount, Const(0))
    return Case(((Absent(amount), answer(quota.missing)), (zero, answer(quota.zero))), Null("whole"))


def _scale(answers: list[Fraction]) -> int:
    return max(constant(answer).scale for answer in answers)


def _answer_checks(asked: Asked) -> list[Check]:
    quota = asked.quota
    checks = []
    words = (("payee", Ref("payee")), ("period", Ref("label")))
    said = (("measure", quota.name),)
    if quota.missing is None:
        missing = Filter(Stage(asked.stage), Absent(Ref(asked.amount)))
        checks.append(Check("run-quota-missing", Project(missing, words), quota.span, said))
    if quota.zero is None:
        zero = Filter(Stage(asked.stage), Test("==", Ref(asked.amount), Const(0)))
        checks.append(Check("run-quota-zero", Project(zero, words), quota.span, said))
    return checks
