"""reference == DuckDB on generated projects, and properties of what they give. SPM_EXAMPLES sets how many (default 40)."""

from __future__ import annotations

import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from spmlang.data.tables import Tables
from spmlang.engines.result import Request, Result
from spmlang.model.program import Program
from spmlang.runs.opening import open_data, open_project
from spmlang.runs.running import ENGINES, engine_named
from spmlang.source.diagnostics import Problems

from .projects import Generated, projects

EXAMPLES = int(os.environ.get("SPM_EXAMPLES", "40"))
quick = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
few = settings(quick, max_examples=max(EXAMPLES // 4, 5))


@contextmanager
def opened(project: Generated) -> Iterator[tuple[Program, Tables]]:
    with tempfile.TemporaryDirectory() as folder:
        found = open_project(project.write(Path(folder)))
        tables, _ = open_data(found, None)
        yield found.program, tables


def request(program: Program, *, lines: bool = True) -> Request:
    """Thirteen months from the start of 2024."""
    calendar = program.calendar
    first = calendar.pay_period(program.plans[0].effective.start)
    last = calendar.pay_period(program.plans[0].effective.start.replace(year=2025))
    return Request(first, last, lines)


def outcome(engine: str, program: Program, tables: Tables, lines: bool = True) -> Result | frozenset[str]:
    """The result, or the slugs of the problems."""
    try:
        return engine_named(engine).run(program, tables, request(program, lines=lines))
    except Problems as problems:
        return frozenset(problem.slug for problem in problems.diagnostics)


def same(one: pa.Table | None, other: pa.Table | None) -> None:
    assert one is not None
    assert other is not None
    if not one.equals(other):
        left, right = one.to_pylist(), other.to_pylist()
        differing = [pair for pair in zip(left, right, strict=False) if pair[0] != pair[1]]
        raise AssertionError(f"{len(left)} and {len(right)} rows; first difference: {differing[:1] or 'in length'}")


def agree(one: Result | frozenset[str], other: Result | frozenset[str]) -> None:
    if isinstance(one, frozenset) or isinstance(other, frozenset):
        assert one == other
        return
    same(one.payouts, other.payouts)
    same(one.uncredited, other.uncredited)
    if one.lines is not None:
        same(one.credits, other.credits)
        same(one.lines, other.lines)


@quick
@given(projects())
def test_the_engines_agree(project: Generated) -> None:
    note("\n".join(f"== {name}\n{text}" for name, text in {**project.plans, **project.data}.items()))
    with opened(project) as (program, tables):
        reference, duckdb = (outcome(engine, program, tables) for engine in ENGINES[::-1])
        agree(reference, duckdb)


@few
@given(projects(), st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_their_files_matter(project: Generated, random: Random) -> None:
    with opened(project) as (program, tables):
        before = outcome("duckdb", program, tables)
    with opened(shuffled(project, random)) as (program, tables):
        after = outcome("duckdb", program, tables)
    if isinstance(before, frozenset) or isinstance(after, frozenset):
        assert before == after
        return
    same(before.payouts, after.payouts)
    assert before.lines is not None
    assert after.lines is not None
    same(before.lines.drop_columns(["file", "row"]), after.lines.drop_columns(["file", "row"]))


def shuffled(project: Generated, random: Random) -> Generated:
    data = {}
    for name, text in project.data.items():
        header, *rows = text.splitlines()
        random.shuffle(rows)
        data[name] = "\n".join([header, *rows]) + "\n"
    header, *rows = data["orders.csv"].splitlines()
    half = len(rows) // 2
    data["orders.csv"], data["orders_2.csv"] = (
        "\n".join([header, *part]) + "\n" for part in (rows[:half], rows[half:])
    )
    return Generated(project.plans, data)


@few
@given(projects())
def test_what_is_paid_has_its_properties(project: Generated) -> None:
    with opened(project) as (program, tables):
        result = outcome("duckdb", program, tables)
        if isinstance(result, frozenset):
            return
        again = outcome("duckdb", program, tables)
        agree(result, again)
        without_lines = outcome("duckdb", program, tables, lines=False)
        assert isinstance(without_lines, Result)
        same(result.payouts, without_lines.payouts)
        payouts, lines = result.payouts.to_pylist(), result.lines.to_pylist() if result.lines is not None else []
        lines_sum_to_payouts(payouts, lines)
        caps_hold(program, payouts)
        budgets_hold(program, payouts)
        nothing_is_lost(program, tables, result)


KEY = ("period", "payee", "plan", "version", "component")


def lines_sum_to_payouts(payouts: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    sums: Counter[tuple[object, ...]] = Counter()
    for line in lines:
        sums[tuple(line[name] for name in KEY)] += int(line["amount_minor"])
    paid = {tuple(row[name] for name in KEY): int(row["amount_minor"]) for row in payouts}
    assert {at: sum_ for at, sum_ in sums.items() if sum_} == {at: amount for at, amount in paid.items() if amount}


def caps_hold(program: Program, payouts: list[dict[str, Any]]) -> None:
    """A constant cap that all versions of a component share is never exceeded in any interval."""
    calendar = program.calendar
    for plan in {plan.name for plan in program.plans}:
        versions = [version for version in program.plans if version.name == plan]
        for name in {component.name for version in versions for component in version.components}:
            found = [component.caps for version in versions if (component := version.component(name))]
            for cap in found[0]:
                limit = getattr(cap.limit, "value", None)
                if limit is None or any(cap not in caps for caps in found) or any(len(caps) > 1 for caps in found):
                    continue
                totals: dict[object, Fraction] = defaultdict(Fraction)
                for row in payouts:
                    if (row["plan"], row["component"]) == (plan, name):
                        period = calendar.find(row["period"])
                        assert period is not None
                        at = (row["payee"], calendar.interval(period.end, cap.grain).index)
                        totals[at] += Fraction(int(row["amount_minor"]), 100)
                if all(version.cap is None for version in versions):
                    assert all(total <= limit for total in totals.values())


def budgets_hold(program: Program, payouts: list[dict[str, Any]]) -> None:
    for version in program.plans:
        for component in version.components:
            if component.budget is None or version.cap is not None:
                continue
            others = [other for other in program.plans if other.name == version.name]
            if any(other.component(component.name) not in (None, component) for other in others):
                continue
            paid = sum(
                int(row["amount_minor"])
                for row in payouts
                if (row["plan"], row["component"]) == (version.name, component.name)
            )
            assert Fraction(paid, 100) <= component.budget.limit


def nothing_is_lost(program: Program, tables: Tables, result: Result) -> None:
    """Credited and uncredited of `region` are all amounts, each once."""
    assert result.credits is not None
    given_out = {row["measure"] for row in result.credits.to_pylist()} | {
        row["measure"] for row in result.uncredited.to_pylist()
    }
    if "region" not in given_out:
        return
    scale = 10 ** program.measures["region"].type.scale
    rows = [*result.credits.to_pylist(), *result.uncredited.to_pylist()]
    given_units = sum(int(row["units"]) for row in rows if row["measure"] == "region")
    last = request(program).last.end
    first = program.first_day()
    assert first is not None
    amounts = [
        row["amount"]
        for row in tables.rows("orders")
        if isinstance(row["day"], type(first)) and first <= row["day"] <= last
    ]
    assert Fraction(given_units, scale) == sum(amounts)  # type: ignore[arg-type]
