"""Engines that run one pipeline on many data sets, with the statements of the engine itself.

DuckDB spends most of a small run on parsing and planning SQL, so each statement is planned once here. Its optimizer is
off, because it plans again whenever rows change. Therefore the first data set of each plan is also run by the engine
itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Protocol

import duckdb
import pyarrow as pa

from spmlang.diagnostics.diagnostic import Problems
from spmlang.engines.duckdb import DuckDBRunner
from spmlang.engines.spark.engine import SparkRunner, failure_diagnostic
from spmlang.engines.spark.session import spark_errors, spark_session
from spmlang.engines.sql_runner import Rows, SqlRunner, too_large
from spmlang.engines.wide_numbers import compute_weights
from spmlang.relations.nodes import Check, Input, Output, PerFileStage, Pipeline, Step, WeightStage
from spmlang.results import Result

from .tables import InMemoryTables, Store


@dataclass(frozen=True)
class Planned:
    """A pipeline, and the texts of its queries that are already rendered."""

    pipeline: Pipeline
    texts: dict[Hashable, str] = field(default_factory=dict)


class Repeating(Protocol):
    """An engine that is prepared for one pipeline."""

    def run(self, tables: InMemoryTables) -> Result:
        """Compute the result. Raises Problems if the data is not sufficient."""
        ...


class _CachedTextRunner(SqlRunner):
    """A runner that renders the text of each stage once."""

    planned: Planned

    def step_text(self, step: Step) -> str:
        return self._kept(step, "all", lambda: super(_CachedTextRunner, self).step_text(step))

    def check_text(self, check: Check) -> str:
        return self._kept(check, "all", lambda: super(_CachedTextRunner, self).check_text(check))

    def output_text(self, output: Output) -> str:
        return self._kept(output, "all", lambda: super(_CachedTextRunner, self).output_text(output))

    def existence_text(self, asked: Check | Output) -> str:
        return self._kept(asked, "any", lambda: super(_CachedTextRunner, self).existence_text(asked))

    def _kept(self, item: Step | Check | Output, asked: str, make: Callable[[], str]) -> str:
        """Return the text of an item, rendered at its first use.

        Only items of the pipeline are kept, because an item that is rebuilt for more digits has another text.
        """
        at = (id(item), asked)
        if not any(item is own for own in (*self.planned.pipeline.stages, *self.planned.pipeline.outputs)):
            return make()
        if at not in self.planned.texts:
            self.planned.texts[at] = make()
        return self.planned.texts[at]


# ---- DuckDB -----------------------------------------------------------------------------------


class _PlainRunner(_CachedTextRunner, DuckDBRunner):
    """A runner that works as the engine itself does."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, tables: InMemoryTables, planned: Planned) -> None:
        super().__init__(cursor, tables)
        self.planned = planned


class _PreparedRunner(_PlainRunner):
    """A runner that uses existing tables and prepared statements."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, tables: InMemoryTables, planned: Planned) -> None:
        super().__init__(cursor, tables, planned)
        self._names: dict[str, str] = {}
        self._prepared = False

    def prepare(self) -> None:
        """Create the tables of all stages. All but the constant ones are empty."""
        for table in self.planned.pipeline.inputs:
            super().input(table)
        for item in self.planned.pipeline.stages:
            if isinstance(item, Step):
                self.cursor.execute(f'create temp table "{item.name}" as {self.step_text(item)} with no data')
            elif isinstance(item, WeightStage):
                query = self.sql(self.renderer.query(item.relation))
                self.load_table(item.name, compute_weights(item, super().arrow(query)))
        self._prepared = True

    def input(self, table: Input) -> None:
        """Do nothing, because the table exists and is the same for all data."""

    def create(self, step: Step | PerFileStage) -> None:
        assert isinstance(step, Step), "nothing is remembered by file here"
        if step.name not in self._names:
            self._prepare(step.name, f'insert into "{step.name}" {self.step_text(step)}')
        self.cursor.execute(f"execute {self._names[step.name]}")

    def load_table(self, name: str, table: pa.Table) -> None:
        """Insert rows into the existing table."""
        if not self._prepared:
            super().load_table(name, table)
            return
        self.cursor.register("brought", table)
        self.cursor.execute(f'insert into "{name}" by name select * from brought')
        self.cursor.unregister("brought")

    def overflowed(self, problem: Exception) -> bool:
        """Return False: no stage is tried with more digits, because an error ends the transaction."""
        return False

    def rows(self, query: str) -> Rows:
        self._execute(query)
        return [column[0] for column in self.cursor.description], self.cursor.fetchall()

    def arrow(self, query: str) -> pa.Table:
        self._execute(query)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a copy of the rows, which are few
            return self.cursor.to_arrow_table()

    def drop(self) -> None:
        """Do nothing, because the transaction is rolled back."""

    def _execute(self, query: str) -> None:
        if query not in self._names:
            self._prepare(query, query)
        self.cursor.execute(f"execute {self._names[query]}")

    def _prepare(self, at: str, statement: str) -> None:
        name = f"statement_{len(self._names)}"
        self.cursor.execute(f"prepare {name} as {statement}")
        self._names[at] = name


class DuckDBPlain:
    """The DuckDB engine itself."""

    def __init__(self, store: Store, planned: Planned) -> None:
        self.store, self.planned = store, planned

    def run(self, tables: InMemoryTables) -> Result:
        """Compute the result with DuckDB's optimizer, as a run does."""
        self.store.fill(tables)
        try:
            return _PlainRunner(self.store.cursor, tables, self.planned).run(self.planned.pipeline)
        except duckdb.OutOfRangeException as problem:
            raise _too_large(problem) from problem
        finally:
            self.store.empty()


class DuckDBPrepared:
    """The statements of the DuckDB engine, planned once."""

    def __init__(self, store: Store, planned: Planned) -> None:
        self.store = store
        store.cursor.execute("pragma disable_optimizer")
        self.stages = _PreparedRunner(
            store.cursor, InMemoryTables(connection=store.connection, contracts=store.contracts), planned
        )
        self.stages.prepare()

    def run(self, tables: InMemoryTables) -> Result:
        """Fill the sources and run the stages. Afterwards all tables are empty again."""
        self.store.cursor.execute("begin")
        try:
            self.store.fill(tables)
            return self.stages.run(self.stages.planned.pipeline)
        except (duckdb.OutOfRangeException, duckdb.ConversionException, duckdb.TransactionException):
            pass
        finally:
            self.store.cursor.execute("rollback")
        return self._with_more_digits(tables)

    def _with_more_digits(self, tables: InMemoryTables) -> Result:
        """Run the engine itself in a connection without prepared stages, which may use more digits."""
        planned = self.stages.planned
        self.store.fill(tables)
        try:
            return _PlainRunner(
                self.store.connection.cursor(),
                InMemoryTables(connection=self.store.connection, contracts=self.store.contracts),
                planned,
            ).run(planned.pipeline)
        except duckdb.OutOfRangeException as problem:
            raise _too_large(problem) from problem
        finally:
            self.store.empty()


def _too_large(problem: duckdb.OutOfRangeException) -> Exception:
    """Return the error for a number that is too large.

    More than 38 digits are a Problems; a value that does not fit a smaller type is a defect of the engine, and so an
    AssertionError.
    """
    wide = any(word in str(problem) for word in ("INT128", "HUGEINT", "DECIMAL(38"))
    return Problems([too_large(None)]) if wide else AssertionError(f"too small a type: {problem}")


# ---- Spark ------------------------------------------------------------------------------------


class _Spark(_CachedTextRunner, SparkRunner):
    """A runner like the engine itself, but tables of Python are given to Spark directly."""

    def __init__(self, tables: InMemoryTables, planned: Planned) -> None:
        super().__init__(spark_session(), tables)
        self.planned = planned


class Spark:
    """The Spark engine itself, with texts that are rendered once."""

    def __init__(self, store: Store, planned: Planned) -> None:
        self.store, self.planned = store, planned

    def run(self, tables: InMemoryTables) -> Result:
        stages = _Spark(tables, self.planned)
        try:
            return stages.run(self.planned.pipeline)
        except spark_errors() as problem:
            raise Problems([failure_diagnostic(problem, stages.latest_step)]) from problem
