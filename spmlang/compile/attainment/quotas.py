"""Compute the quotas of payees for whole intervals of the components that read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import cast

from spmlang.compile.payees.active_days import active_rows, constant_days, day_count
from spmlang.compile.payees.plan_members import checks_after_run
from spmlang.compile.periods.slices import Slices
from spmlang.compile.sources.expressions import Target
from spmlang.compile.stages.attainment import QUOTA, QUOTA_INTERVALS, QUOTA_PARTS, QUOTA_RAMP, QUOTA_STARTS
from spmlang.program.program import PlanVersion, Program
from spmlang.program.quotas import Quota
from spmlang.relations import nodes
from spmlang.relations.exact_arithmetic import Division, Number, at_scale, constant, multiply_whole, round_columns
from spmlang.relations.nodes import (
    AddColumns,
    Aggregate,
    AggregateColumn,
    Binary,
    Call,
    Case,
    Check,
    Compare,
    Const,
    Filter,
    Input,
    IsNull,
    Join,
    Logic,
    Null,
    Project,
    Ref,
    Relation,
    Scalar,
    Source,
    ToUnits,
    Union,
)
from spmlang.values.calendar import Grain
from spmlang.values.own_names import own_name
from spmlang.values.rounding import Mode

from .targets import before_columns, given_targets, part_columns, target_checks


@dataclass(frozen=True)
class QuotaRequest:
    """A quota over the intervals of a grain.

    With `since` the quota is summed from the start of that longer interval on. Its stage has payee, the grain's index,
    label, the amount and the stated attainment.
    """

    quota: Quota
    grain: Grain
    since: Grain | None
    number: int

    @property
    def key(self) -> tuple[int, str]:
        """The names of the request's stages.

        They have the request's number, because the same quota may be requested over other intervals.
        """
        return (self.number, self.quota.name)

    @property
    def amount(self) -> str:
        """The column of the amount."""
        return own_name("quota", f"{self.quota.name}@{self._over}")

    @property
    def stated(self) -> str:
        """The column of the attainment that the plan states."""
        return own_name("stated", f"{self.quota.name}@{self._over}")

    @property
    def _over(self) -> str:
        return str(self.grain) if self.since is None else f"{self.grain}-since-{self.since}"

    def target(self) -> Target:
        """Return the quota's columns as expressions read them."""
        answers = [answer for answer in (self.quota.zero, self.quota.missing) if answer is not None]
        amount = Number(Ref(self.amount), self.quota.type.scale)
        if not answers:
            return Target(amount, None)
        return Target(amount, Number(Ref(self.stated), _scale(answers)))


#: A quota's name, the grain of its intervals, and the longer interval since whose start it is summed (or None).
QuotaKey = tuple[str, Grain, Grain | None]


def quota_requests(
    uses: Iterable[tuple[PlanVersion, Iterable[QuotaKey]]],
) -> dict[tuple[Quota, Grain, Grain | None], QuotaRequest]:
    """Return a numbered request for each quota and each interval over which a component reads it."""
    found: dict[tuple[Quota, Grain, Grain | None], QuotaRequest] = {}
    for version, wanted in uses:
        for name, grain, since in wanted:
            at = (version.quotas[name], grain, since)
            if at not in found:
                found[at] = QuotaRequest(*at, len(found) + 1)
    return found


def quota_stages(
    program: Program, slices: Slices, asked: QuotaRequest, askers: Iterable[Relation]
) -> list[nodes.Step | Check | Input]:
    """Build the stages and checks of one quota request.

    `askers` has a relation for each component that reads the quota, with payee and the grain's index.
    """
    quota, grain = asked.quota, asked.grain.value
    who = ("payee", grain)
    wanted = Aggregate(
        Union(tuple(Project(item, tuple((column, Ref(column)) for column in who)) for item in askers)), who, ()
    )
    intervals = Input(
        QUOTA_INTERVALS.name(*asked.key),
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
            *((name, "date") for name in before_columns(quota)),
        ),
        _intervals(slices, asked),
    )
    stages: list[nodes.Step | Check | Input] = [intervals, *_ramp_stages(program, slices, asked)]
    expected = Join(wanted, QUOTA_INTERVALS.rows(*asked.key), (grain,))
    if quota.on_plan:
        stages += checks_after_run(program, str(quota.plan), expected, slices)
    given = given_targets(program, expected, quota, grain)
    found = _counted(program, given, expected, asked)
    stages.append(nodes.Step(QUOTA_PARTS.name(*asked.key), found, quota.span.place))
    stages += target_checks(program, expected, quota, grain)
    stages += _part_checks(asked)
    total = Aggregate(
        QUOTA_PARTS.rows(*asked.key),
        who,
        (
            AggregateColumn("label", "min", Ref("label")),
            AggregateColumn("parts", "count", Const(1)),
            AggregateColumn("found", "count", Ref("target")),
            AggregateColumn("total", "sum", Ref("target")),
        ),
    )
    whole = Compare("==", Ref("parts"), Ref("found"))
    amount = Case(((whole, Ref("total")),), Null("whole"))
    named = tuple((column, Ref(column)) for column in (*who, "label"))
    amounts = Project(total, (*named, (asked.amount, amount)))
    whole_quota = AddColumns(amounts, ((asked.stated, _stated(asked)),))
    stages.append(nodes.Step(QUOTA.name(*asked.key), whole_quota, quota.span.place))
    stages += _answer_checks(asked)
    return stages


def _intervals(slices: Slices, asked: QuotaRequest) -> tuple[tuple[int | str | date | bool | None, ...], ...]:
    """Return the rows of the input of intervals: each interval, divided into the quota's own intervals (parts)."""
    calendar, quota = slices.calendar, asked.quota
    places = quota.spread_places
    rows: list[tuple[int | str | date | bool | None, ...]] = []
    for whole in calendar.intervals(asked.grain, slices.starts[0], slices.end):
        start = whole.start if asked.since is None else calendar.interval(whole.end, asked.since).start
        for part in calendar.intervals(quota.grain, start, whole.end):
            given = calendar.interval(part.start, quota.given)
            place = part.index - calendar.interval(given.start, quota.grain).index
            share = int(quota.spread[place] * 10**places) if quota.spread else 1
            days = constant_days(quota.prorated, part.start, part.end) if quota.prorated is not None else 1
            before = [calendar.earlier(given, node.back) for node in quota.earlier]
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
                    *(day for interval in before for day in (interval.start, interval.end)),
                )
            )
    return tuple(rows)


def _ramp_stages(program: Program, slices: Slices, asked: QuotaRequest) -> list[nodes.Step | Check | Input]:
    """Build the stage of the quota's interval in which each payee joined the roster: payee, first_part."""
    if not asked.quota.ramp:
        return []
    spans = slices.calendar.intervals(asked.quota.grain, min(slices.first_roster_day, slices.end), slices.end)
    rows = tuple((span.index, span.start, span.end) for span in spans)
    starts = Input(
        QUOTA_STARTS.name(*asked.key), (("first_part", "index"), ("first_start", "date"), ("first_end", "date")), rows
    )
    came = Aggregate(
        Source(program.roster, (("payee", "payee"), ("came", "_from"))),
        ("payee",),
        (AggregateColumn("came", "min", Ref("came")),),
    )
    held = Logic("and", (Compare(">=", Ref("came"), Ref("first_start")), Compare("<=", Ref("came"), Ref("first_end"))))
    first = Project(
        Join(came, QUOTA_STARTS.rows(*asked.key), on=held), (("payee", Ref("payee")), ("first_part", Ref("first_part")))
    )
    return [starts, nodes.Step(QUOTA_RAMP.name(*asked.key), first, asked.quota.span.place)]


def _counted(program: Program, found: Relation, expected: Relation, asked: QuotaRequest) -> Relation:
    """Return the targets as they count: spread, ramped, prorated and adjusted, in units of the quota's type.

    A prorated target is rounded half up to the quota's own places. Adjustments are added after that, unchanged.

    Args:
        program: The checked program.
        found: The targets as given (see `targets.given_targets`).
        expected: The payees and the intervals for which the quota is requested.
        asked: The request.
    """
    quota, grain = asked.quota, asked.grain.value
    scale, value = quota.places, cast(Scalar, Ref("given_target"))
    kept = [*part_columns(grain), "rows", *(["_file", "_row"] if quota.table else [])]
    rows: Relation = Project(found, (*((name, Ref(name)) for name in kept), ("given_target", Ref("target"))))
    about = ("part_start", "part_end", "share", "part_days")
    columns = tuple((name, Ref(name)) for name in (grain, "part", *about))
    rows = Join(rows, Project(QUOTA_INTERVALS.rows(*asked.key), columns), (grain, "part"))
    if quota.spread:
        value, scale = Binary("*", value, Ref("share")), scale + quota.spread_places
    if quota.ramp:
        rows = Join(rows, QUOTA_RAMP.rows(*asked.key), ("payee",))
        value, scale = Binary("*", value, _ramp_share(quota)), scale + quota.ramp_places
    if quota.prorated is not None:
        if quota.table is not None:
            rows = Join(rows, _days_here(program, expected, quota), ("payee", "part"))
            value = Binary("*", value, Ref("days_here"))
        exact = AddColumns(rows, (("exact", value),), passing=True)
        divisor = multiply_whole(Ref("part_days"), 10 ** (scale - quota.places))
        rows = round_columns(exact, {"prorated": Division("exact", divisor)}, Mode.HALF_UP)
        value, scale = Ref("prorated"), quota.places
    value = at_scale(Number(value, scale), quota.type.scale)
    if quota.adjustments is not None:
        rows = Join(rows, _adjustments(program, rows, quota), ("payee", "part"), optional=True)
        value = Binary("+", value, Call("coalesce", (Ref("adjustment"), Const(0))))
    return Project(rows, (*((name, Ref(name)) for name in kept), ("target", value)))


def _ramp_share(quota: Quota) -> Scalar:
    """Return the ramp's share of the target, times 10 to the power of `ramp_places`.

    After the ramp the share is 1.
    """
    later = Binary("-", Ref("part"), Ref("first_part"))
    places = quota.ramp_places
    shares = tuple(
        (cast(Scalar, Compare("==", later, Const(number))), cast(Scalar, Const(int(share * 10**places))))
        for number, share in enumerate(quota.ramp)
    )
    return Case(shares, Const(10**places))


def _days_here(program: Program, expected: Relation, quota: Quota) -> Relation:
    """Return the days of each part that count: payee, part, days_here."""
    assert quota.prorated is not None
    days = day_count(quota.prorated, Ref("stint_first"), Ref("stint_last"))
    # A part lies in several intervals if these are all counted since the start of a longer one.
    each = Aggregate(expected, ("payee", "part", "part_start", "part_end"), ())
    counted = AddColumns(active_rows(program, each, quota=quota), (("own_days", days),))
    return Aggregate(counted, ("payee", "part"), (AggregateColumn("days_here", "sum", Ref("own_days")),))


def _adjustments(program: Program, rows: Relation, quota: Quota) -> Relation:
    """Return the amount that adjustments add to each part: payee, part, adjustment (units of the quota's type)."""
    table = str(quota.adjustments)
    column = program.contracts[table].column("amount")
    assert column is not None
    given = Source(table, (("adjusted", "payee"), ("adjusted_on", "period"), ("added", "amount")))
    wanted = Aggregate(rows, ("payee", "part", "part_start", "part_end"), ())
    tests = (
        Compare("==", Ref("payee"), Ref("adjusted")),
        Compare(">=", Ref("adjusted_on"), Ref("part_start")),
        Compare("<=", Ref("adjusted_on"), Ref("part_end")),
    )
    units = at_scale(Number(ToUnits(Ref("added"), column.scale), column.scale), quota.type.scale)
    joined = AddColumns(Join(wanted, given, on=Logic("and", tests)), (("added_units", units),))
    return Aggregate(joined, ("payee", "part"), (AggregateColumn("adjustment", "sum", Ref("added_units")),))


def _part_checks(asked: QuotaRequest) -> list[Check]:
    """Build checks that no target is negative, and that no table gives two targets for one part."""
    quota, parts = asked.quota, QUOTA_PARTS.rows(*asked.key)
    words = (("payee", Ref("payee")), ("period", Ref("part_label")))
    said = (("measure", quota.name),)
    negative = Filter(parts, Compare("<", Ref("target"), Const(0)))
    checks = [Check("run-quota-negative", Project(negative, words), quota.span, said)]
    if quota.table is not None:
        twice = Filter(parts, Compare(">", Ref("rows"), Const(1)))
        more = (("_file", Ref("_file")), ("_row", Ref("_row")), ("count", Ref("rows")))
        checks.append(Check("run-quota-twice", Project(twice, (*words, *more)), None, (*said, ("_column", "period"))))
    return checks


def _stated(asked: QuotaRequest) -> Scalar:
    """Return the attainment that the plan states for a missing or zero quota; else absent."""
    quota = asked.quota
    answers = [answer for answer in (quota.zero, quota.missing) if answer is not None]
    if not answers:
        return Null("whole")
    scale = _scale(answers)

    def answer(stated: Fraction | None) -> Scalar:
        return Null("whole") if stated is None else constant(stated, scale).value

    amount = Ref(asked.amount)
    zero = Compare("==", amount, Const(0))
    return Case(((IsNull(amount), answer(quota.missing)), (zero, answer(quota.zero))), Null("whole"))


def _scale(answers: list[Fraction]) -> int:
    """Return the decimal places that all stated attainments need."""
    return max(constant(answer).scale for answer in answers)


def _answer_checks(asked: QuotaRequest) -> list[Check]:
    """Build checks that no quota is missing or zero, unless the plan states an attainment for it."""
    quota = asked.quota
    checks = []
    words = (("payee", Ref("payee")), ("period", Ref("label")))
    said = (("measure", quota.name),)
    if quota.missing is None:
        missing = Filter(QUOTA.rows(*asked.key), IsNull(Ref(asked.amount)))
        checks.append(Check("run-quota-missing", Project(missing, words), quota.span, said))
    if quota.zero is None:
        zero = Filter(QUOTA.rows(*asked.key), Compare("==", Ref(asked.amount), Const(0)))
        checks.append(Check("run-quota-zero", Project(zero, words), quota.span, said))
    return checks
