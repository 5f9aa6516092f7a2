"""What the tests of plan projects share: both engines on real tables, and figures to compare with sums made by hand."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from spmlang.run.open import open_data, open_project
from spmlang.run.run import Run, make_request, run_program
from tests.engines.every import QUICK

PLANS = Path(__file__).parents[2] / "plans"


def run_both(
    project: str, data: Path, *, first: str | None = None, last: str | None = None, warned: int = 0
) -> dict[str, Run]:
    """The project on the data by each engine, with lines; `warned`: how many warnings the data must give."""
    return run_by(QUICK, project, data=data, first=first, last=last, warned=warned)


def run_by(
    engines: Iterable[str],
    project: str,
    *,
    data: Path,
    first: str | None = None,
    last: str | None = None,
    warned: int = 0,
) -> dict[str, Run]:
    opened = open_project(PLANS / project)
    tables, warnings = open_data(opened, data)
    assert len(warnings) == warned, [str(warning) for warning in warnings]
    request = make_request(opened.program, tables, first, last, lines=True)
    return {engine: run_program(opened.program, tables, request, engine) for engine in engines}


def assert_the_same(runs: dict[str, Run]) -> None:
    """Two runs gave the same tables."""
    one, other = (run.result for run in runs.values())
    assert one.payouts.num_rows
    assert one.payouts.equals(other.payouts)
    assert one.uncredited.equals(other.uncredited)
    assert one.credits is not None
    assert one.credits.equals(other.credits)
    assert one.lines is not None
    assert one.lines.equals(other.lines)


def credited(run: Run, measure: str) -> dict[str, Decimal]:
    """All credit of a measure in the run, exact, by payee."""
    scale = run.program.measures[measure].type.scale
    total: dict[str, Decimal] = defaultdict(Decimal)
    assert run.result.credits is not None
    for row in run.result.credits.to_pylist():
        if row["measure"] == measure:
            total[row["payee"]] += Decimal(row["units"]).scaleb(-scale)
    return dict(total)


def uncredited(run: Run, measure: str) -> list[dict[str, object]]:
    return [row for row in run.result.uncredited.to_pylist() if row["measure"] == measure]


def paid(run: Run, component: str) -> dict[tuple[str, str], Decimal]:
    """What a component paid, by payee and period, over all versions of its plan; nothing for a payout of zero."""
    total: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in run.result.payouts.to_pylist():
        if row["component"] == component:
            total[row["payee"], row["period"]] += Decimal(row["amount_minor"]).scaleb(-2)
    return {at: amount for at, amount in total.items() if amount}


def by_payee(amounts: dict[tuple[str, str], Decimal]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = defaultdict(Decimal)
    for (payee, _), amount in amounts.items():
        total[payee] += amount
    return dict(total)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def cents(amount: Decimal) -> Decimal:
    """To the cent, a half away from zero."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def marginal(amount: Decimal, tiers: Iterable[tuple[str, str]]) -> Decimal:
    """What an amount earns where each part of it earns the rate of its own tier; a tier is its lower bound and its rate."""
    steps = [(Decimal(low), Decimal(rate)) for low, rate in tiers]
    if amount < 0:
        return amount * steps[0][1]
    tops = [low for low, _ in steps[1:]] + [Decimal("Infinity")]
    return sum(
        (max(min(amount, top) - low, Decimal(0)) * rate for (low, rate), top in zip(steps, tops, strict=True)),
        Decimal(0),
    )
