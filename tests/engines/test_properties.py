"""What must hold for every project, whichever engine computes it."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmlang.data.tables import Tables
from spmlang.program.expressions import Literal
from spmlang.program.measures import GroupCredit, Measure
from spmlang.program.program import Cap, PlanVersion, Program
from spmlang.program.reads import used_measures
from spmlang.reference.sources.expressions import EvaluationContext, evaluate_condition, number
from spmlang.reference.sources.rows import SourceRows
from spmlang.results import Request
from spmlang.values.money import minor_places
from spmlang.values.rounding import Mode, div_round
from tests.projects import BOOKINGS, plan_text, small_project
from tests.strategies.projects import ProjectText, projects

from .random_projects import few, result, run_by

pytestmark = pytest.mark.properties

Row = dict[str, object]
ROW = ("period", "payee", "plan", "version", "component")


# ---- nothing is lost --------------------------------------------------------------------------


@few
@given(projects(), st.sampled_from(["duckdb", "reference"]))
def test_lines_sum_to_payouts(project: ProjectText, engine: str) -> None:
    found = result(project, engine)
    if found is None:
        return
    sums: Counter[tuple[object, ...]] = Counter()
    assert found.lines is not None
    for row in found.lines.to_pylist():
        sums[tuple(row[name] for name in ROW)] += int(row["amount_minor"])
    paid = {tuple(row[name] for name in ROW): int(row["amount_minor"]) for row in found.payouts.to_pylist()}
    assert {at: amount for at, amount in paid.items() if amount} == {at: sum_ for at, sum_ in sums.items() if sum_}


@few
@given(projects(), st.sampled_from(["duckdb", "reference"]))
def test_every_counted_row_is_credited_or_listed(project: ProjectText, engine: str) -> None:
    with project.opened() as (program, tables, request):
        found = run_by(engine, program, tables, request)
        if found is None:
            return
        assert found.credits is not None
        sums: dict[tuple[str, int], int] = defaultdict(int)
        for row in [*found.credits.to_pylist(), *found.uncredited.to_pylist()]:
            if row.get("via") is None and row.get("reason") != "not-on-roster":
                sums[row["measure"], row["rule"]] += int(row["units"])
        wanted = {}
        for name in used_measures(program):
            measure = program.measures[name]
            if measure.distinct or any(isinstance(share, GroupCredit) for share in measure.credits):
                sums = {at: total for at, total in sums.items() if at[0] != name}
                continue
            for rule, share in enumerate(measure.credits):
                total = _counted(program, tables, measure, request) * share.share * 10**measure.type.scale
                wanted[name, rule] = int(total)
                assert total.denominator == 1
    assert {at: total for at, total in wanted.items() if total} == {at: total for at, total in sums.items() if total}


def _counted(program: Program, tables: Tables, measure: Measure, request: Request) -> Fraction:
    """The sum over the rows that a measure counts."""
    sources = SourceRows(program, tables)
    first = min(program.first_credited_day() or request.last.start, request.last.start)
    total = Fraction(0)
    assert measure.on is not None
    for row in tables.rows(str(measure.source)):
        day = cast(date, sources.read(row, measure.on, date.min))
        context = EvaluationContext(sources=sources, row=row, day=day)
        if not first <= day <= request.last.end or (measure.counts is not None and day not in measure.counts):
            continue
        if measure.where is None or evaluate_condition(measure.where, context):
            total += 1 if measure.value is None else number(measure.value, context)
    return total


# ---- days on a plan ---------------------------------------------------------------------------


@few
@given(projects())
def test_days_on_the_plan_are_days_on_the_roster(project: ProjectText) -> None:
    """So a quota that counts the first is never larger; but where a target is read on another day, or may be below zero."""
    plans = {path: text for path, text in project.files.items() if path.endswith(".spm")}
    moving = [
        line for text in plans.values() for line in text.splitlines() if line.startswith(("  target", "    target"))
    ]
    if any("payee.grade" in line or (" before" in line and "at least" not in line) for line in moving):
        return
    wider = {path: text.replace(" days on plan", " days") for path, text in plans.items()}
    if wider == plans:
        return
    on_plan, on_roster = result(project), result(replace(project, files={**project.files, **wider}))
    if on_plan is None or on_roster is None:
        return
    quotas = {tuple(row[name] for name in ROW): row["quota_units"] for row in on_roster.payouts.to_pylist()}
    for row in on_plan.payouts.to_pylist():
        wide = quotas[tuple(row[name] for name in ROW)]
        assert row["quota_units"] is None or (wide is not None and row["quota_units"] <= wide)


# ---- limits hold ------------------------------------------------------------------------------


@few
@given(projects())
def test_limits_hold(project: ProjectText) -> None:
    with project.opened() as (program, tables, request):
        whole = replace(
            request, first=program.calendar.pay_period(program.first_credited_day() or date.min), lines=False
        )
        found = run_by("duckdb", program, tables, whole)
    if found is None:
        return
    rows = found.payouts.to_pylist()
    versions = Counter(plan.name for plan in program.plans)
    for plan in program.plans:
        if versions[plan.name] > 1:
            continue  # the limits of several versions mix
        own = [row for row in rows if row["plan"] == plan.name]
        if plan.cap is not None:
            _assert_capped(program, plan, plan.cap, own)
        for component in plan.components if plan.cap is None else ():
            of_component = [row for row in own if row["component"] == component.name]
            if component.budget is not None:
                total = sum(int(row["amount_minor"]) for row in of_component)
                limit = int(component.budget.limit * 10 ** minor_places(plan.currency))
                assert total <= limit
                if component.budget.first_come and not component.caps and component.shared is None:
                    assert total == min(sum(int(row["earned_minor"]) for row in of_component), limit)
                continue
            for cap in component.caps:
                _assert_capped(program, plan, cap, of_component)


def _assert_capped(program: Program, plan: PlanVersion, cap: Cap, rows: list[Row]) -> None:
    """In no interval of the cap's grain does a running sum exceed a limit that is the same for all."""
    if not isinstance(cap.limit, Literal):
        return
    units = cast(Fraction, cap.limit.value) * 10 ** minor_places(plan.currency)
    limit = div_round(units.numerator, units.denominator, Mode.HALF_UP)
    sums: dict[tuple[object, int], list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        period = program.calendar.find(str(row["period"]))
        assert period is not None
        interval = program.calendar.interval(period.end, cap.grain)
        sums[row["payee"], interval.index].append((period.index, int(cast(int, row["amount_minor"]))))
    for amounts in sums.values():
        running: Counter[int] = Counter()
        for period_index, amount in amounts:
            running[period_index] += amount
        total = 0
        for period_index in sorted(running):
            total += running[period_index]
            assert total <= limit


# ---- tiers ------------------------------------------------------------------------------------

_TIERED = """  commission base {
    on bookings, year to date
    tiers by amount, marginal {
ROWS
    }
  }
"""
cents = st.one_of(st.sampled_from([0, 10_000, -10_000, 25_000, 50_000]), st.integers(-100_000, 300_000))


@few
@given(
    st.lists(st.integers(1, 500_000), unique=True, max_size=4).map(sorted),
    st.lists(st.integers(0, 2_000), min_size=5, max_size=5),
    st.lists(st.tuples(st.integers(0, 364), cents), min_size=1, max_size=12),
    st.sampled_from(["duckdb", "reference"]),
)
def test_marginal_periods_sum_to_the_year(
    bounds: list[int], rates: list[int], deals: list[tuple[int, int]], engine: str
) -> None:
    """Bounds and amounts in cents, rates in hundredths of a percent."""
    lows = [0, *bounds]
    ends = [f"to {high / 100:.2f} USD" for high in bounds] + ["and above"]
    rows = [
        f"      {low / 100:.2f} USD {end} : {rate / 100:.2f}%"
        for low, end, rate in zip(lows, ends, rates, strict=False)
    ]
    lines = [
        f"{number},{date(2025, 1, 1) + timedelta(days=day)},ann,{amount / 100:.2f}"
        for number, (day, amount) in enumerate(deals)
    ]
    text = BOOKINGS + plan_text(_TIERED.replace("ROWS", "\n".join(rows)), through="2025-12-31")
    found = result(small_project(text, days=(date(2025, 1, 1), date(2025, 12, 31)), deals=lines), engine)
    assert found is not None
    sold = sum(amount for _, amount in deals)
    exact = Fraction(sold * rates[0], 10_000)
    if sold > 0:
        tops = [*bounds, sold]
        exact = sum(
            (
                Fraction(max(min(sold, top) - low, 0) * rate, 10_000)
                for low, top, rate in zip(lows, tops, rates, strict=False)
            ),
            Fraction(0),
        )
    paid = sum(int(row["amount_minor"]) for row in found.payouts.to_pylist())
    assert paid == div_round(exact.numerator, exact.denominator, Mode.HALF_UP)
