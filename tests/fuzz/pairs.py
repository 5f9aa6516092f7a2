"""Compare an engine with the reference on the data sets of one plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import process_time

from spmlang.compile.periods.change_dates import changing_sources
from spmlang.compile.periods.slices import DatedTableFacts
from spmlang.compile.pipeline import build_pipeline
from spmlang.data.tables import FOREVER
from spmlang.diagnostics.diagnostic import Problems
from spmlang.engines.pipelines import changes, pipeline_of
from spmlang.reference.engine import ReferenceEngine
from spmlang.relations.inline_stages import inline_single_use
from spmlang.relations.invariants import check_invariants
from spmlang.results import Result
from tests.engines.agreement import assert_agree

from .engines import DuckDBPlain, DuckDBPrepared, Planned, Repeating, Spark
from .plans import Data, Plan, is_extreme
from .tables import InMemoryTables, Store

Made = Callable[[Store, Planned], Repeating]

#: The engine that also runs the first data set of a plan, and the engine that runs all of them.
ENGINES: dict[str, tuple[Made | None, Made]] = {"duckdb": (DuckDBPlain, DuckDBPrepared), "spark": (None, Spark)}

TOO_LARGE = {"run-too-large"}


class Crash(Exception):
    """An engine raised an error that no engine may raise."""


@dataclass(frozen=True)
class Difference:
    """A pair of plan and data set on which the engines differ."""

    plan: int
    data: int
    said: str


@dataclass(kw_only=True)
class Counts:
    """The outcomes of pairs, and their CPU seconds."""

    plans: int = 0
    pairs: int = 0
    refused: int = 0
    empty: int = 0  # without any payout
    too_large: int = 0  # more digits than the SQL engine has
    planning: float = 0.0
    reference: float = 0.0
    engine: float = 0.0
    differences: list[Difference] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        """Add the counts of another object."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def compare_plan(
    plan: Plan, numbers: Iterable[int], engine: str, found: Callable[[Plan, Data, Difference], None]
) -> Counts:
    """Run the reference and the engine on each of the data sets.

    Args:
        plan: The plan.
        numbers: The numbers of the data sets.
        engine: A key of ENGINES.
        found: Called for each difference at once.
    """
    counts = Counts(plans=1)
    ready: _Ready | None = None
    with closing(Store(plan.opened.project.contracts)) as store:
        for number in numbers:
            data = plan.data(number)
            tables = store.tables(data)
            said: str | None
            try:
                at = process_time()
                expected = _outcome(ReferenceEngine().run, plan.opened.program, tables, plan.request)
                counts.reference += process_time() - at
                at = process_time()
                outcomes: list[Result | Problems] = []
                if ready is None:
                    ready, outcomes = _first(plan, store, tables, engine)
                    counts.planning += process_time() - at
                    at = process_time()
                assert change_dates(plan, tables) == ready.cuts, "other data must not change what was planned"
                outcomes.append(_outcome(ready.engine.run, tables))
                counts.engine += process_time() - at
                said = _count(counts, expected, outcomes, extreme=is_extreme(data))
            except Crash as crash:
                counts.pairs += 1
                said = str(crash)
            if said is not None:
                counts.differences.append(Difference(plan.number, number, said))
                found(plan, data, counts.differences[-1])
            if ready is None:
                break  # it failed before it was prepared
    return counts


@dataclass(frozen=True)
class _Ready:
    """An engine that is prepared for a plan, and the change dates that it was planned for."""

    engine: Repeating
    cuts: dict[str, list[date]]


def _first(plan: Plan, store: Store, tables: InMemoryTables, engine: str) -> tuple[_Ready, list[Result | Problems]]:
    """Plan the pipeline for all data sets, and return the engine's outcomes on the first one."""
    program, cuts = plan.opened.program, change_dates(plan, tables)
    store.prepare()
    store.fill(tables)
    for source, days in changes(program, tables).items():
        assert set(days) <= set(cuts[source])
    own = pipeline_of(program, tables, plan.request)
    first, last, lines = plan.request.first, plan.request.last, plan.request.lines
    every = inline_single_use(
        build_pipeline(program, first, last=last, changes=cuts, dated=DatedTableFacts(), lines=lines)
    )
    for pipeline in (own, every):
        check_invariants(pipeline)
    store.empty()
    once, always = ENGINES[engine]
    outcomes = [] if once is None else [_outcome(once(store, Planned(own)).run, tables)]
    return _Ready(always(store, Planned(every)), cuts), outcomes


def change_dates(plan: Plan, tables: InMemoryTables) -> dict[str, list[date]]:
    """Return the change dates of each dated source: the days on which its rows begin or end.

    Only these decide which pipeline is planned for a data set. A run skips the dates on which no column that plans read
    changes. Such dates differ between data sets, but a pipeline that is planned with too many dates is still right.
    """
    found = {}
    for source in changing_sources(plan.opened.program):
        columns = tables.values[source]
        ends = [day + timedelta(days=1) for day in columns["_through"] if isinstance(day, date) and day != FOREVER]
        found[source] = sorted({day for day in columns["_from"] if isinstance(day, date)} | set(ends))
    return found


def _outcome(run: Callable[..., Result], *arguments: object) -> Result | Problems:
    """Return the result or the Problems. Raises Crash for all other errors."""
    try:
        return run(*arguments)
    except Problems as problems:
        return problems
    except Exception as problem:
        raise Crash(f"{type(problem).__name__}: {problem}") from problem


def _count(
    counts: Counts, expected: Result | Problems, outcomes: list[Result | Problems], *, extreme: bool
) -> str | None:
    """Count the outcome of a pair, and return the difference or None."""
    counts.pairs += 1
    if isinstance(expected, Problems):
        counts.refused += 1
    elif not expected.payouts.num_rows:
        counts.empty += 1
    for outcome in outcomes:
        if extreme and isinstance(outcome, Problems) and {item.slug for item in outcome.diagnostics} == TOO_LARGE:
            counts.too_large += 1
            continue
        try:
            assert_agree(expected, outcome)
        except AssertionError as problem:
            return str(problem)
    return None
