"""The DuckDB engine, which is the default. Every stage becomes a temporary table."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import suppress
from datetime import date
from types import MappingProxyType

import duckdb
import pyarrow as pa
from sqlglot import exp

from spmlang.data.connection import is_out_of_space, out_of_space
from spmlang.data.sql_text import quoted
from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Problems
from spmlang.program.program import Program
from spmlang.relations import nodes
from spmlang.relations.nodes import Input, PerFileStage, Relation, Scalar, Step
from spmlang.results import WHOLE, Request, Result

from .data_statistics import greatest_values
from .incremental import results_by_file
from .int64 import Int64Sums, TooWide
from .pipelines import pipeline_of
from .sql_nodes import bare, cast_to
from .sql_renderer import Renderer
from .sql_runner import Rows, SqlRunner, input_table, too_large


class DuckDBRenderer(Renderer):
    """The renderer of relations as DuckDB queries.

    Whole numbers are HUGEINT, which raises an error on overflow. `greatest_values` are the greatest absolute values of
    columns, in units, by their names in the relational form.
    """

    dialect = "duckdb"
    types = {"index": "INTEGER", "whole": "HUGEINT", "text": "VARCHAR", "date": "DATE", "flag": "BOOLEAN"}  # noqa: RUF012

    def __init__(self, sources: dict[str, str], greatest_values: Mapping[str, int] = MappingProxyType({})) -> None:
        super().__init__(sources)
        self._int64 = Int64Sums(greatest_values, self.scalar)

    def sum_operand(self, value: Scalar) -> exp.Expr:
        """Render the value under a sum, in 64 bits if it fits, because DuckDB sums these in 128 bits."""
        if not isinstance(value, nodes.Ref):
            with suppress(TooWide):
                return self._int64.value(value)
        return self.scalar(value)

    def constant(self, value: int | str | date | bool) -> exp.Expr:
        """Render a constant; cast a number of more than 128 bits, so that it raises an error.

        Without the cast DuckDB takes such a number for a float.
        """
        found = super().constant(value)
        return self.typed(found, "whole") if isinstance(value, int) and abs(value) >= _WIDE else found

    def units(self, value: exp.Expr, scale: int) -> exp.Expr:
        """Render a decimal as whole units, by a shorter way for a value that fits in 18 digits.

        DuckDB takes 40 times as long to make a whole number of 38 digits as of 18, and nearly every amount fits in 18.
        """
        bound = 10 ** (_DIGITS - 2 * scale) - 1
        wide = super().units(value, scale)
        if bound <= 0:
            return wide
        narrow = cast_to(value.copy(), f"DECIMAL({_DIGITS}, {scale})", self.dialect)
        whole = exp.Mul(this=narrow, expression=exp.Literal.number(10**scale)) if scale else narrow
        fits = exp.Between(this=value.copy(), low=exp.Literal.number(-bound), high=exp.Literal.number(bound))
        short = self.typed(cast_to(whole, "BIGINT", self.dialect), "whole")
        return exp.Case(ifs=[exp.If(this=fits, true=short)], default=wide)

    def remainder(self, dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
        """Render a remainder, calculated in 64 bits if both numbers fit."""
        return _short_or_wide(exp.Mod, dividend, divisor)

    def quotient(self, dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
        """Render a quotient, calculated in 64 bits if both numbers fit."""
        return _short_or_wide(exp.IntDiv, dividend, divisor)

    def day_number(self, day: exp.Expr) -> exp.Expr:
        """Render the number of a day; in DuckDB the difference of two dates is a whole number of days."""
        monday = self.typed(exp.Literal.string("0001-01-01"), "date")
        return exp.Paren(this=exp.Sub(this=exp.Paren(this=day), expression=monday))

    def every_day(self, first: exp.Expr, last: exp.Expr) -> exp.Expr:
        """Render a row for each day; the series has timestamps, so each is cast to a date."""
        step = exp.Interval(this=exp.Literal.string("1"), unit=exp.Var(this="day"))
        series = exp.Anonymous(this="generate_series", expressions=[first, last, step])
        return self.typed(exp.Anonymous(this="unnest", expressions=[series]), "date")


#: The smallest positive whole number that does not fit in 128 bits.
_WIDE = 2**127

#: The most digits of a decimal that DuckDB stores in 64 bits.
_DIGITS = 18


def _short_or_wide(kind: type[exp.Binary], dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
    """Return a division or remainder in 64 bits if both numbers fit, else in 128. Both cut off towards zero.

    DuckDB divides numbers of 128 bits bit by bit, which takes 20 times as long as in 64 bits.
    """
    short, by = (bare(side).copy() for side in (dividend, divisor))
    short = exp.TryCast(this=short, to=exp.DataType(this=exp.DType.BIGINT))
    if not isinstance(by, exp.Literal):
        by = exp.TryCast(this=by, to=exp.DataType(this=exp.DType.BIGINT))
    return exp.Coalesce(this=kind(this=short, expression=by), expressions=[kind(this=dividend, expression=divisor)])


#: The name under which an Arrow table is registered while it is copied into the database.
_INPUT = "rows_of_an_input"

_BATCH_ROWS = 131_072

#: The types that DuckDB names when a number does not fit: that of whole numbers, and that of results, which is
#: narrower.
_WIDEST = ("INT128", "DECIMAL(38,0)")


class DuckDBEngine:
    """An engine that runs the pipeline in the DuckDB database of the loaded tables."""

    name = "duckdb"

    def run(self, program: Program, tables: Tables, request: Request) -> Result:
        """Compute a result.

        Raises:
            Problems: if the data cannot answer, a number has too many digits, or memory or disk is full.
        """
        cursor = tables.connection.cursor()
        try:
            run = DuckDBRunner(cursor, tables, greatest_values(program, tables))
            pipeline = pipeline_of(program, tables, request)
            return run.run(pipeline, profile=request.profile, sink=request.sink)
        except (duckdb.OutOfRangeException, duckdb.ConversionException) as problem:
            if not run.overflowed(problem):
                raise
            raise Problems([too_large(run.latest_step)]) from problem
        except (duckdb.OutOfMemoryException, duckdb.IOException) as problem:
            if not is_out_of_space(problem):
                raise
            raise out_of_space(run.latest_stage(), problem) from problem
        finally:
            cursor.close()


class DuckDBRunner(SqlRunner):
    """One run in DuckDB, where every stage is a temporary table.

    Args:
        cursor: the connection of this run.
        tables: the tables.
        greatest_values: the greatest absolute values of columns, in units.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        tables: Tables,
        greatest_values: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.cursor = cursor
        self.tables = tables
        self.greatest_values = greatest_values
        super().__init__(self._renderer_of({}))
        self.made: list[str] = []
        self.latest_step: Step | PerFileStage | None = None

    def latest_stage(self) -> str:
        """Return the name of the latest stage begun, with its plan lines, for a message."""
        step = self.latest_step
        if step is None:
            return "the inputs"
        return f"the stage `{step.name}` ({step.place})" if step.place else f"the stage `{step.name}`"

    def input(self, table: Input) -> None:
        """Make a small constant table."""
        self.load_table(table.name, input_table(table))

    def load_table(self, name: str, table: pa.Table) -> None:
        """Make a table from Arrow rows, with whole numbers cast to the type used in calculations."""
        whole = self.renderer.types["whole"]
        cast = {field.name: f'CAST("{field.name}" AS {whole})' for field in table.schema if field.type == WHOLE}
        columns = ", ".join(f"{cast.get(column, quoted(column))} AS {quoted(column)}" for column in table.column_names)
        self.cursor.register(_INPUT, table)
        self._create(name, f"SELECT {columns} FROM {_INPUT}")
        self.cursor.unregister(_INPUT)

    def overflowed(self, problem: Exception) -> bool:
        """Return True if a number did not fit, as the kind of error and the type that it names show."""
        if isinstance(problem, duckdb.ConversionException):
            return any(word in str(problem) for word in _WIDEST)
        return isinstance(problem, duckdb.OutOfRangeException)

    def create(self, step: Step | PerFileStage) -> None:
        """Make a stage."""
        self.latest_step = step
        if isinstance(step, PerFileStage):
            self._create(step.name, results_by_file(self.cursor, self.tables, step, self._query_text))
        else:
            self._create(step.name, self.step_text(step))

    def _query_text(self, relation: Relation, replaced: Mapping[str, str]) -> str:
        """Return the query of a relation. `replaced` names other tables for some sources."""
        return self.sql(self._renderer_of(replaced).query(relation))

    def _renderer_of(self, replaced: Mapping[str, str]) -> DuckDBRenderer:
        relations = {name: self.tables.relation(name) for name in self.tables.contracts}
        return DuckDBRenderer({**relations, **replaced}, self.greatest_values)

    def _create(self, name: str, query: str) -> None:
        self.made.append(name)
        self.cursor.execute(f'CREATE TEMP TABLE "{name}" AS {query}')

    def rows(self, query: str) -> Rows:
        """Return the column names and the rows of a query as Python values."""
        self.cursor.execute(query)
        return [column[0] for column in self.cursor.description], self.cursor.fetchall()

    def arrow(self, query: str) -> pa.Table:
        """Return the result of a query as Arrow."""
        return self.cursor.sql(query).to_arrow_table()

    def batches(self, query: str) -> Generator[pa.Table]:
        """Yield the result of a query in batches.

        DuckDB's reader raises errors of the query as errors of Arrow. They are raised as DuckDB's own here.
        """
        reader: pa.RecordBatchReader | None = None
        try:
            while True:
                try:
                    reader = reader or self.cursor.sql(query).to_arrow_reader(_BATCH_ROWS)
                    batch = next(reader, None)
                except OSError as problem:
                    raise _as_duckdb(problem) from problem
                if batch is None:
                    return
                yield pa.Table.from_batches([batch])
        finally:
            if reader is not None:
                reader.close()

    def drop(self) -> None:
        """Drop the temporary tables, the last one first."""
        for name in reversed(self.made):
            self.cursor.execute(f'DROP TABLE IF EXISTS temp."{name}"')


def _as_duckdb(problem: OSError) -> duckdb.Error:
    """Return an error of Arrow as DuckDB's own, of the kind that its text names."""
    kinds = {
        "Out of Memory": duckdb.OutOfMemoryException,
        "Out of Range": duckdb.OutOfRangeException,
        "Conversion": duckdb.ConversionException,
        "IO": duckdb.IOException,
    }
    kind = next((kind for word, kind in kinds.items() if f"{word} Error" in str(problem)), duckdb.Error)
    return kind(str(problem))
