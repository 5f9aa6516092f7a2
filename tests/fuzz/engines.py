"""Engines that run one pipeline on many data sets, with the texts that a run of the engine itself would execute.

DuckDB takes most of a small run to read and plan SQL. Here every text is read and planned once; its optimizer is off, as it
plans anew whenever rows change. So the first data set of every plan goes through the engine itself, too.
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
from spmlang.engines.spark.engine import SparkRunner, told
from spmlang.engines.spark.session import failures, spark_session
from spmlang.engines.sql_runner import Rows, SqlRunner, too_large
from spmlang.engines.wide_numbers import weighed
from spmlang.relations.nodes import Check, Input, Output, PerFileStage, Pipeline, Step, WeightStage
from spmlang.results import Result

from .tables import Direct, Store


@dataclass(frozen=True)
class Planned:
    """A pipeline, and the texts of its queries as far as they have been made."""

    pipeline: Pipeline
    texts: dict[Hashable, str] = field(default_factory=dict)


class Repeating(Protocol):
    """An engine that is ready for one pipeline."""

    def run(self, tables: Direct) -> Result:
        """Compute. Raises Problems where the data cannot answer."""
        ...


class _Kept(SqlRunner):
    """Stages whose texts are made once."""

    planned: Planned

    def step_text(self, step: Step) -> str:
        return self._kept(step, "all", lambda: super(_Kept, self).step_text(step))

    def check_text(self, check: Check) -> str:
        return self._kept(check, "all", lambda: super(_Kept, self).check_text(check))

    def output_text(self, output: Output) -> str:
        return self._kept(output, "all", lambda: super(_Kept, self).output_text(output))

    def any_text(self, asked: Check | Output) -> str:
        return self._kept(asked, "any", lambda: super(_Kept, self).any_text(asked))

    def _kept(self, item: Step | Check | Output, asked: str, make: Callable[[], str]) -> str:
        """Only items of the pipeline itself: one that is made anew for more digits has a text of its own."""
        at = (id(item), asked)
        if not any(item is own for own in (*self.planned.pipeline.stages, *self.planned.pipeline.outputs)):
            return make()
        if at not in self.planned.texts:
            self.planned.texts[at] = make()
        return self.planned.texts[at]


# ---- DuckDB -----------------------------------------------------------------------------------


class _Once(_Kept, DuckDBRunner):
    """A run as the engine does it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, tables: Direct, planned: Planned) -> None:
        super().__init__(cursor, tables)
        self.planned = planned


class _Again(_Once):
    """A run in tables that are there already, by statements that are planned already."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, tables: Direct, planned: Planned) -> None:
        super().__init__(cursor, tables, planned)
        self._names: dict[str, str] = {}
        self._prepared = False

    def prepare(self) -> None:
        """Make the tables of all stages, all but the constant ones empty."""
        for table in self.planned.pipeline.inputs:
            super().input(table)
        for item in self.planned.pipeline.stages:
            if isinstance(item, Step):
                self.cursor.execute(f'create temp table "{item.name}" as {self.step_text(item)} with no data')
            elif isinstance(item, WeightStage):
                query = self.sql(self.renderer.query(item.relation))
                self.bring(item.name, weighed(item, super().arrow(query)))
        self._prepared = True

    def input(self, table: Input) -> None:
        """It is there, and the same for all data."""

    def create(self, step: Step | PerFileStage) -> None:
        assert isinstance(step, Step), "nothing is remembered by file here"
        if step.name not in self._names:
            self._prepare(step.name, f'insert into "{step.name}" {self.step_text(step)}')
        self.cursor.execute(f"execute {self._names[step.name]}")

    def bring(self, name: str, table: pa.Table) -> None:
        """Rows into the table that is there already."""
        if not self._prepared:
            super().bring(name, table)
            return
        self.cursor.register("brought", table)
        self.cursor.execute(f'insert into "{name}" by name select * from brought')
        self.cursor.unregister("brought")

    def overflowed(self, problem: Exception) -> bool:
        """Nothing is tried with more digits here: an error ends the transaction, and so the run."""
        return False

    def rows(self, query: str) -> Rows:
        self._execute(query)
        return [column[0] for column in self.cursor.description], self.cursor.fetchall()

    def arrow(self, query: str) -> pa.Table:
        self._execute(query)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a copy of the rows; there are a few
            return self.cursor.to_arrow_table()

    def drop(self) -> None:
        """The transaction is rolled back."""

    def _execute(self, query: str) -> None:
        if query not in self._names:
            self._prepare(query, query)
        self.cursor.execute(f"execute {self._names[query]}")

    def _prepare(self, at: str, statement: str) -> None:
        name = f"statement_{len(self._names)}"
        self.cursor.execute(f"prepare {name} as {statement}")
        self._names[at] = name


class DuckDBOnce:
    """The engine itself."""

    def __init__(self, store: Store, planned: Planned) -> None:
        self.store, self.planned = store, planned

    def run(self, tables: Direct) -> Result:
        """As a run does it, with all that DuckDB's optimizer may change."""
        self.store.fill(tables)
        try:
            return _Once(self.store.cursor, tables, self.planned).run(self.planned.pipeline)
        except duckdb.OutOfRangeException as problem:
            raise _too_large(problem) from problem
        finally:
            self.store.empty()


class DuckDBAgain:
    """The engine's statements, planned once."""

    def __init__(self, store: Store, planned: Planned) -> None:
        self.store = store
        store.cursor.execute("pragma disable_optimizer")
        self.stages = _Again(store.cursor, Direct(store.connection, store.contracts), planned)
        self.stages.prepare()

    def run(self, tables: Direct) -> Result:
        """Fill the sources and go through the stages; in the end all are empty again."""
        self.store.cursor.execute("begin")
        try:
            self.store.fill(tables)
            return self.stages.run(self.stages.planned.pipeline)
        except (duckdb.OutOfRangeException, duckdb.ConversionException, duckdb.TransactionException):
            pass
        finally:
            self.store.cursor.execute("rollback")
        return self._with_more_digits(tables)

    def _with_more_digits(self, tables: Direct) -> Result:
        """The engine itself, in a connection whose stages are not there yet."""
        planned = self.stages.planned
        self.store.fill(tables)
        try:
            return _Once(
                self.store.connection.cursor(), Direct(self.store.connection, self.store.contracts), planned
            ).run(planned.pipeline)
        except duckdb.OutOfRangeException as problem:
            raise _too_large(problem) from problem
        finally:
            self.store.empty()


def _too_large(problem: duckdb.OutOfRangeException) -> Exception:
    """More than 38 digits; what does not fit in a smaller type is a mistake of the engine."""
    wide = any(word in str(problem) for word in ("INT128", "HUGEINT", "DECIMAL(38"))
    return Problems([too_large(None)]) if wide else AssertionError(f"too small a type: {problem}")


# ---- Spark ------------------------------------------------------------------------------------


class _Spark(_Kept, SparkRunner):
    """A run as the engine does it, but for the tables: those of Python go straight to Spark."""

    def __init__(self, tables: Direct, planned: Planned) -> None:
        super().__init__(spark_session(), tables)
        self.planned = planned


class Spark:
    """The engine itself, with texts that are made once."""

    def __init__(self, store: Store, planned: Planned) -> None:
        self.store, self.planned = store, planned

    def run(self, tables: Direct) -> Result:
        stages = _Spark(tables, self.planned)
        try:
            return stages.run(self.planned.pipeline)
        except failures() as problem:
            raise Problems([told(problem, stages.at)]) from problem
