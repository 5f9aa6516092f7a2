"""Quotas of payees for whole intervals of the components that ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from spmlang.model.program import Component, PlanVersion, Program, Quota
from spmlang.values.calendar import Grain

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
from .numbers import Number, at_scale, constant, multiply_whole
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
        return f"quota.{self.quota.name}"

    @property
    def stated(self) -> str:
        """The column of the attainment that the plan states."""
        return f"stated.{self.quota.name}"

    def target(self) -> Target:
        """The columns as an expression sees them."""
        answers = [answer for answer in (self.quota.zero, self.quota.missing) if answer is not None]
        amount = Number(Ref(self.amount), self.quota.type.scale)
        if not answers:
            return Target(amount, None)
        return Target(amount, Number(Ref(self.stated), _scale(answers)))


def asked_quotas(uses: Iterable[tuple[PlanVersion, Component, Iterable[str]]]) -> dict[tuple[Quota, Grain], Asked]:
    """Every quota with every grain it is asked for over."""
    found: dict[tuple[Quota, Grain], Asked] = {}
    for version, component, measures in uses:
        for measure in measures:
            at = (version.quotas[measure], component.accumulates)
            if at not in found:
                found[at] = Asked(*at, f"quota_{len(found) + 1}_{measure}")
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
    if quota.ramp:
        found = _ramped(found, asked)
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
    calendar = slices.calendar
    rows: list[tuple[int | str | date | bool | None, ...]] = []
    for whole in calendar.intervals(asked.grain, slices.starts[0], slices.end):
        for part in calendar.intervals(asked.quota.grain, whole.start, whole.end):
            rows.append((whole.index, whole.label, part.index, part.label, part.start, part.end))
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


def _ramped(found: Relation, asked: Asked) -> Relation:
    """Targets times what of them counts; their scale grows by the ramp's places."""
    places = asked.quota.ramp_places
    later = Binary("-", Ref("part"), Ref("first_part"))
    shares = tuple(
        (Test("==", later, Const(number)), multiply_whole(Ref("whole"), int(share * 10**places)))
        for number, share in enumerate(asked.quota.ramp)
    )
    target = Case(shares, multiply_whole(Ref("whole"), 10**places))
    columns = [*_part_columns(asked.grain.value), "rows", *(["_file", "_row"] if asked.quota.table else [])]
    renamed = Project(found, (*((name, Ref(name)) for name in columns), ("whole", Ref("target"))))
    joined = Join(renamed, Stage(f"{asked.stage}_ramp"), ("payee",))
    return Project(joined, (*((name, Ref(name)) for name in columns), ("target", target)))


def _overlapping(program: Program, expected: Relation, columns: Iterable[str]) -> Relation:
    """The roster rows of each payee that hold on a day of each interval."""
    roster = program.roster
    own = sorted({"payee", "_from", "_through", *columns})
    rows = Source(roster, tuple((column_name(roster, (), column), column) for column in own))
    tests = (
        Test("==", Ref("payee"), Ref(column_name(roster, (), "payee"))),
        Test("<=", Ref(column_name(roster, (), "_from")), Ref("part_end")),
        Test(">=", Ref(column_name(roster, (), "_through")), Ref("part_start")),
    )
    return Join(expected, rows, on=Logic("and", tests))


def _from_table(program: Program, expected: Relation, quota: Quota, grain: str) -> Relation:
    """payee, grain index, part, target (absent where no row gives one), rows."""
    table = str(quota.table)
    rows = _table_rows(program, quota)
    if quota.where is not None:
        rows = Filter(rows, scalar(quota.where, Names(names_of(columns_of(quota.where)))))
    joined = _used_rows(program, expected, quota, grain, rows, optional=True)
    target = Units(Ref(column_name(table, (), "target")), quota.type.scale - quota.ramp_places)
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
    columns_kept = (*_part_columns(grain), "part_start", "part_end")
    on_roster = Aggregate(_overlapping(program, expected, ()), columns_kept, ())
    tests = (
        Test("==", Ref("payee"), Ref(column_name(table, (), "payee"))),
        Test(">=", period, Ref("part_start")),
        Test("<=", period, Ref("part_end")),
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
            ("target", at_scale(target, quota.type.scale - quota.ramp_places)),
        ),
    )


def _latest_rows(program: Program, expected: Relation, quota: Quota, grain: str) -> Relation:
    """The payee's latest roster row in each interval, and what the target reads of it on its last day there."""
    columns = columns_of(quota.target)
    roster = program.roster
    joined = _overlapping(program, expected, roster_columns(program, columns) | {"_file", "_row"})
    latest = Window(
        joined,
        (Over("place", "row_number", None, ("payee", grain, "part"), ((column_name(roster, (), "_from"), True),)),),
    )
    last = Call("least", (Ref(column_name(roster, (), "_through")), Ref("part_end")))
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
    if quota.table is None:
        return [Check("run-quota-negative", Project(negative, words), quota.span, said)]
    twice = Filter(Stage(stage), Test(">", Ref("rows"), Const(1)))
    place = (("_file", Ref("_file")), ("_row", Ref("_row")))
    return [
        Check(
            "run-quota-twice",
            Project(twice, (*words, *place, ("count", Ref("rows")))),
            None,
            (*said, ("_column", "period")),
        ),
        Check("run-quota-negative", Project(negative, (*words, *place)), None, (*said, ("_column", "target"))),
    ]


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
