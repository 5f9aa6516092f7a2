"""The DuckDB engine: the default. Every stage becomes a temporary table of a connection of its own."""

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
from .incremental import by_file
from .int64 import Int64Sums, TooWide
from .sql_renderer import Renderer, bare, cast_to
from .sql_runner import Rows, SqlRunner, input_table, pipeline_of, too_large


class DuckDBRenderer(Renderer):
    """What DuckDB does its own way: whole numbers are HUGEINT, whose overflow is an error."""

    dialect = "duckdb"
    types = {"index": "INTEGER", "whole": "HUGEINT", "text": "VARCHAR", "date": "DATE", "flag": "BOOLEAN"}  # noqa: RUF012

    def __init__(self, sources: dict[str, str], greatest_values: Mapping[str, int] = MappingProxyType({})) -> None:
        super().__init__(sources)
        self._narrow = Int64Sums(greatest_values, self.scalar)

    def summand(self, value: Scalar) -> exp.Expr:
        """Sums of 64 bits have 128; what is summed need not."""
        if not isinstance(value, nodes.Ref):
            with suppress(TooWide):
                return self._narrow.value(value)
        return self.scalar(value)

    def constant(self, value: int | str | date | bool) -> exp.Expr:
        """DuckDB takes a number past 128 bits for a float; cast, it is the error that it must be."""
        found = super().constant(value)
        return self.typed(found, "whole") if isinstance(value, int) and abs(value) >= _WIDE else found

    def units(self, value: exp.Expr, scale: int) -> exp.Expr:
        """DuckDB takes 40 times as long to make a whole number of 38 digits as of 18, which hold nearly every amount."""
        bound = 10 ** (_DIGITS - 2 * scale) - 1
        wide = super().units(value, scale)
        if bound <= 0:
            return wide
        few = cast_to(value.copy(), f"DECIMAL({_DIGITS}, {scale})", self.dialect)
        whole = exp.Mul(this=few, expression=exp.Literal.number(10**scale)) if scale else few
        held = exp.Between(this=value.copy(), low=exp.Literal.number(-bound), high=exp.Literal.number(bound))
        short = self.typed(cast_to(whole, "BIGINT", self.dialect), "whole")
        return exp.Case(ifs=[exp.If(this=held, true=short)], default=wide)

    def remainder(self, dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
        """In 64 bits where both have room there."""
        return _short_or_wide(exp.Mod, dividend, divisor)

    def quotient(self, dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
        """In 64 bits where both have room there."""
        return _short_or_wide(exp.IntDiv, dividend, divisor)

    def day_number(self, day: exp.Expr) -> exp.Expr:
        """The difference of two dates is a whole number of days."""
        monday = self.typed(exp.Literal.string("0001-01-01"), "date")
        return exp.Paren(this=exp.Sub(this=exp.Paren(this=day), expression=monday))

    def every_day(self, first: exp.Expr, last: exp.Expr) -> exp.Expr:
        """The series is of timestamps."""
        step = exp.Interval(this=exp.Literal.string("1"), unit=exp.Var(this="day"))
        series = exp.Anonymous(this="generate_series", expressions=[first, last, step])
        return self.typed(exp.Anonymous(this="unnest", expressions=[series]), "date")


#: From here on a whole number has no room in 128 bits.
_WIDE = 2**127

#: A decimal of so many digits is held in 64 bits.
_DIGITS = 18


def _short_or_wide(kind: type[exp.Binary], dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
    """A division. DuckDB divides whole numbers of 128 bits bit by bit, which takes 20 times as long as in 64.

    Both cut off towards zero.
    """
    short, by = (bare(side).copy() for side in (dividend, divisor))
    short = exp.TryCast(this=short, to=exp.DataType(this=exp.DType.BIGINT))
    if not isinstance(by, exp.Literal):
        by = exp.TryCast(this=by, to=exp.DataType(this=exp.DType.BIGINT))
    return exp.Coalesce(this=kind(this=short, expression=by), expressions=[kind(this=dividend, expression=divisor)])


#: What a constant table is called on its way into the database.
_INPUT = "rows_of_an_input"

_ROWS_OF_A_PART = 131_072

#: What a number was too great for, in DuckDB's words: a whole number, or the results, which have a little less room.
_WIDEST = ("INT128", "DECIMAL(38,0)")


class DuckDBEngine:
    """Runs the pipeline in an in-memory DuckDB beside the loaded tables."""

    name = "duckdb"

    def run(self, program: Program, tables: Tables, request: Request) -> Result:
        """Compute. Raises Problems where the data cannot answer."""
        cursor = tables.connection.cursor()
        try:
            run = DuckDBRunner(cursor, tables, greatest_values(program, tables))
            pipeline = pipeline_of(program, tables, request)
            return run.run(pipeline, profile=request.profile, sink=request.sink)
        except (duckdb.OutOfRangeException, duckdb.ConversionException) as problem:
            if not run.overflowed(problem):
                raise
            raise Problems([too_large(run.at)]) from problem
        except (duckdb.OutOfMemoryException, duckdb.IOException) as problem:
            if not is_out_of_space(problem):
                raise
            raise out_of_space(run.told(), problem) from problem
        finally:
            cursor.close()


class DuckDBRunner(SqlRunner):
    """One run: every stage is a temporary table."""

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        tables: Tables,
        greatest_values: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.cursor = cursor
        self.tables = tables
        self.sizes = greatest_values
        super().__init__(self._own_renderer({}))
        self.made: list[str] = []
        self.at: Step | PerFileStage | None = None

    def told(self) -> str:
        """The stage at hand, with the plan line that it comes from."""
        place = f" ({self.at.place})" if self.at is not None and self.at.place else ""
        return "the inputs" if self.at is None else f"the stage `{self.at.name}`{place}"

    def input(self, table: Input) -> None:
        """A small constant table."""
        self.bring(table.name, input_table(table))

    def bring(self, name: str, table: pa.Table) -> None:
        """Whole numbers in the type that is calculated with."""
        whole = self.renderer.types["whole"]
        cast = {field.name: f'CAST("{field.name}" AS {whole})' for field in table.schema if field.type == WHOLE}
        columns = ", ".join(f"{cast.get(column, quoted(column))} AS {quoted(column)}" for column in table.column_names)
        self.cursor.register(_INPUT, table)
        self._create(name, f"SELECT {columns} FROM {_INPUT}")
        self.cursor.unregister(_INPUT)

    def overflowed(self, problem: Exception) -> bool:
        """By the kind of the error; a conversion tells the type that a number has no room in."""
        if isinstance(problem, duckdb.ConversionException):
            return any(word in str(problem) for word in _WIDEST)
        return isinstance(problem, duckdb.OutOfRangeException)

    def create(self, step: Step | PerFileStage) -> None:
        """A stage."""
        self.at = step
        if isinstance(step, PerFileStage):
            self._create(step.name, by_file(self.cursor, self.tables, step, self._text))
        else:
            self._create(step.name, self.step_text(step))

    def _text(self, relation: Relation, instead: Mapping[str, str]) -> str:
        """The query of a relation, with other relations in the place of some sources."""
        return self.sql(self._own_renderer(instead).query(relation))

    def _own_renderer(self, instead: Mapping[str, str]) -> DuckDBRenderer:
        named = {name: self.tables.relation(name) for name in self.tables.contracts}
        return DuckDBRenderer({**named, **instead}, self.sizes)

    def _create(self, name: str, query: str) -> None:
        self.made.append(name)
        self.cursor.execute(f'CREATE TEMP TABLE "{name}" AS {query}')

    def rows(self, query: str) -> Rows:
        """Rows as Python values."""
        self.cursor.execute(query)
        return [column[0] for column in self.cursor.description], self.cursor.fetchall()

    def arrow(self, query: str) -> pa.Table:
        """Rows as Arrow."""
        return self.cursor.sql(query).to_arrow_table()

    def parts(self, query: str) -> Generator[pa.Table]:
        """As they come. What goes wrong on the way comes out of the reader as an error of Arrow."""
        reader: pa.RecordBatchReader | None = None
        try:
            while True:
                try:
                    reader = reader or self.cursor.sql(query).to_arrow_reader(_ROWS_OF_A_PART)
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
        """Drop the temporary tables."""
        for name in reversed(self.made):
            self.cursor.execute(f'DROP TABLE IF EXISTS temp."{name}"')


def _as_duckdb(problem: OSError) -> duckdb.Error:
    """DuckDB's own error, of the kind that the text begins with."""
    kinds = {
        "Out of Memory": duckdb.OutOfMemoryException,
        "Out of Range": duckdb.OutOfRangeException,
        "Conversion": duckdb.ConversionException,
        "IO": duckdb.IOException,
    }
    kind = next((kind for word, kind in kinds.items() if f"{word} Error" in str(problem)), duckdb.Error)
    return kind(str(problem))
