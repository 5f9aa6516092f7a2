"""The Spark engine: runs the same stages as DuckDB on a cluster, or on the cores of this machine.

PySpark is only imported when the engine is used.
"""

from __future__ import annotations

from collections.abc import Generator
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp

from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Diagnostic, Problems, diagnose
from spmlang.engines.pipelines import pipeline_of
from spmlang.engines.sql_runner import Rows, SqlRunner, input_table, too_large
from spmlang.program.program import Program
from spmlang.relations import nodes
from spmlang.relations.nodes import Input, PerFileStage, Pipeline, Step
from spmlang.relations.traversal import relations_of
from spmlang.results import Request, Result, Sink
from spmlang.values.own_names import own_name

from .files import read_files
from .renderer import SparkRenderer
from .session import spark_errors, spark_session

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_BATCH_ROWS = 65_536

#: The conditions of Spark's errors that mean an overflow.
_TOO_LARGE = {
    "ARITHMETIC_OVERFLOW",
    "CAST_OVERFLOW",
    "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",  # raised for a literal
    "NUMERIC_VALUE_OUT_OF_RANGE",
}


class SparkEngine:
    """An engine that runs the pipeline in the Spark session of this process, on the proven tables."""

    name = "spark"

    def run(self, program: Program, tables: Tables, request: Request) -> Result:
        """Compute a result.

        Raises:
            Problems: if the data cannot answer, or Spark cannot be used or fails.
        """
        run = SparkRunner(spark_session(), tables)
        try:
            pipeline = pipeline_of(program, tables, request)
            return run.run(pipeline, profile=request.profile, sink=request.sink)
        except spark_errors() as problem:
            raise Problems([failure_diagnostic(problem, run.latest_step)]) from problem


class SparkRunner(SqlRunner):
    """One run in Spark, where every stage is a temporary view of rows that are computed once."""

    renderer: SparkRenderer

    def __init__(self, session: SparkSession, tables: Tables) -> None:
        super().__init__(SparkRenderer({name: f"`{_source(name)}`" for name in tables.contracts}))
        self.session = session
        self.tables = tables
        self.made: list[str] = []
        self.latest_step: Step | None = None

    def run(self, pipeline: Pipeline, *, profile: bool = False, sink: Sink | None = None) -> Result:
        """Make a view of every source that the pipeline reads, then run the pipeline."""
        try:
            for name, columns in _sources(pipeline).items():
                self.make_source(name, columns)
            return super().run(pipeline, profile=profile, sink=sink)
        finally:
            self.drop()

    def make_source(self, name: str, columns: list[str]) -> None:
        """Make a view of some columns of a source, from its own files or else through this process."""
        found = read_files(self.session, self.tables, name, columns)
        if found is None:
            self.load_table(_source(name), self.tables.arrow(name, columns))
        else:
            self._view(_source(name), found)

    def input(self, table: Input) -> None:
        """Make a small constant table."""
        self.load_table(table.name, input_table(table))

    def create(self, step: Step | PerFileStage) -> None:
        """Make a stage."""
        assert isinstance(step, Step), "Spark does not store results by file"
        self.latest_step = step
        if isinstance(step.relation, nodes.ManagerChain):
            self._manager_chain(step.name, self.renderer.pairs(step.relation))
        else:
            self._compute(step.name, self.step_text(step))

    def rows(self, query: str) -> Rows:
        """Return the column names and the rows of a query as Python values."""
        found = self.session.sql(query)
        return found.columns, [[_python_value(value) for value in row] for row in found.collect()]

    def arrow(self, query: str) -> pa.Table:
        """Return the result of a query as Arrow."""
        return self.session.sql(query).toArrow()

    def batches(self, query: str) -> Generator[pa.Table]:
        """Yield the result of a query in batches.

        Partitions are fetched one by one, so neither Spark's driver nor this process ever holds all rows.
        """
        from pyspark.sql.pandas.types import to_arrow_schema

        found = self.session.sql(query)
        schema = to_arrow_schema(found.schema)
        rows = found.toLocalIterator()
        while values := list(islice(rows, _BATCH_ROWS)):
            columns = zip(*values, strict=True)
            yield pa.table(
                [pa.array(own, field.type) for own, field in zip(columns, schema, strict=True)], schema=schema
            )

    def drop(self) -> None:
        """Drop the views."""
        while self.made:
            self.session.catalog.dropTempView(self.made.pop())

    def load_table(self, name: str, table: pa.Table) -> None:
        """Make a view of a table of this process."""
        self._view(name, self.session.createDataFrame(table))

    def overflowed(self, problem: Exception) -> bool:
        """Return True if the condition of Spark's error means an overflow."""
        return is_too_large(problem)

    def _compute(self, name: str, query: str) -> DataFrame:
        """Compute the rows of a query once, and make a view of them.

        Without this, the plan of a late stage would hold the plans of all stages before it, many times.
        """
        found = self.session.sql(query).localCheckpoint()
        self._view(name, found)
        return found

    def _view(self, name: str, rows: DataFrame) -> None:
        self.made.append(name)
        rows.createOrReplaceTempView(f"`{name}`")

    def _manager_chain(self, name: str, pairs: exp.Query) -> None:
        """Compute all pairs of a payee and a manager above, in rounds until a round adds no pair.

        A circle in the reporting line adds no pair after a while, so the rounds end. A check then reports it.
        """
        size, found = -1, self._compute(name, self.sql(pairs)).count()
        while found > size:
            size, found = found, self._compute(name, self.sql(self.renderer.next_round(name))).count()


def is_too_large(problem: Exception) -> bool:
    """Return True if Spark's error says that a number does not fit."""
    get_condition = getattr(problem, "getCondition", None)  # errors of the Java process have no condition
    condition = (get_condition() if get_condition else None) or ""
    return condition.split(".")[0] in _TOO_LARGE


def failure_diagnostic(problem: Exception, step: Step | None) -> Diagnostic:
    """Return the diagnostic of Spark's failure at a stage. An overflow has the same diagnostic in every engine."""
    if is_too_large(problem):
        return too_large(step)
    place = f" ({step.place})" if step is not None and step.place else ""
    stage = "the inputs" if step is None else f"the stage `{step.name}`{place}"
    return diagnose("run-spark-failed", None, stage=stage, problem=" ".join(str(problem).splitlines()[:2]))


def _source(name: str) -> str:
    """Return the name of a source's view."""
    return own_name("source", name)


def _sources(pipeline: Pipeline) -> dict[str, list[str]]:
    """Return the columns that the pipeline reads, by source."""
    columns_read: dict[str, set[str]] = {}
    for item in (*pipeline.stages, *pipeline.outputs):
        for relation in relations_of(item.relation):
            if isinstance(relation, nodes.Source):
                columns_read.setdefault(relation.name, set()).update(column for _, column in relation.columns)
    return {name: sorted(columns) for name, columns in sorted(columns_read.items())}


def _python_value(value: object) -> object:
    """Return a value of Spark as a Python value, a whole number as int."""
    return int(value) if isinstance(value, Decimal) else value
