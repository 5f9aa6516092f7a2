"""The DuckDB engine: the default. Every stage becomes a temporary table of a connection of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

import duckdb
import pyarrow as pa
from sqlglot import exp

from spmlang.data.tables import Tables
from spmlang.ir import nodes
from spmlang.ir.nodes import Check, Input, Pipeline, Relation
from spmlang.ir.pipeline import build_pipeline
from spmlang.ir.slices import changing_sources
from spmlang.model.program import Program
from spmlang.source.diagnostics import Cell, Diagnostic, Problems, diagnose

from .result import CREDITS, LINES, PAYOUTS, UNCREDITED, Request, Result
from .sql import Renderer

_SCHEMAS = {"payouts": PAYOUTS, "uncredited": UNCREDITED, "credits": CREDITS, "lines": LINES}


class DuckDBRenderer(Renderer):
    """What DuckDB does its own way: whole numbers are HUGEINT, whose overflow is an error."""

    dialect = "duckdb"
    types = {"index": "INTEGER", "whole": "HUGEINT", "text": "VARCHAR", "date": "DATE", "flag": "BOOLEAN"}  # noqa: RUF012

    def day_number(self, day: exp.Expr) -> exp.Expr:
        """The difference of two dates is a whole number of days."""
        monday = self.typed(exp.Literal.string("0001-01-01"), "date")
        return exp.Paren(this=exp.Sub(this=exp.Paren(this=day), expression=monday))

    def every_day(self, first: exp.Expr, last: exp.Expr) -> exp.Expr:
        """The series is of timestamps."""
        step = exp.Interval(this=exp.Literal.string("1"), unit=exp.Var(this="day"))
        series = exp.Anonymous(this="generate_series", expressions=[first, last, step])
        return self.typed(exp.Anonymous(this="unnest", expressions=[series]), "date")


@dataclass(frozen=True)
class Statement:
    """The SQL of a stage, as a person may read it."""

    name: str
    place: str
    sql: str


class DuckDBEngine:
    """Runs the pipeline in an in-memory DuckDB beside the loaded tables."""

    name = "duckdb"

    def run(self, program: Program, tables: Tables, request: Request) -> Result:
        """Compute. Raises Problems where the data cannot answer."""
        cursor = tables.connection.cursor()
        try:
            pipeline = build_pipeline(
                program, request.first, request.last, _changes(program, tables), lines=request.lines
            )
            made = _Run(cursor, tables, program).all(pipeline)
        except duckdb.OutOfRangeException as problem:
            raise Problems([diagnose("run-too-large", None)]) from problem
        finally:
            cursor.close()
        return Result(made["payouts"], made["uncredited"], made.get("credits"), made.get("lines"))


def statements(program: Program, tables: Tables, request: Request) -> list[Statement]:
    """The SQL that `run` executes, stage by stage."""
    pipeline = build_pipeline(program, request.first, request.last, _changes(program, tables), lines=request.lines)
    renderer = _renderer(tables)
    found = [
        Statement(item.name, item.place, _sql(renderer.query(item.relation), pretty=True))
        for item in pipeline.stages
        if isinstance(item, nodes.Step)
    ]
    return found + [
        Statement(name, "", _sql(renderer.query(relation), pretty=True)) for name, relation in pipeline.outputs
    ]


class _Run:
    """One run: stages are made in order, and dropped at the end."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, tables: Tables, program: Program) -> None:
        self.cursor = cursor
        self.program = program
        self.renderer = _renderer(tables)
        self.made: list[str] = []

    def all(self, pipeline: Pipeline) -> dict[str, pa.Table]:
        """The outputs. Raises Problems for rows that must not exist."""
        try:
            for table in pipeline.inputs:
                self.input(table)
            problems: list[Diagnostic] = []
            for item in pipeline.stages:
                if isinstance(item, Check):
                    problems += self.violations(item)
                elif problems:
                    break
                else:
                    self.create(item.name, item.relation)
            if problems:
                raise Problems(dict.fromkeys(problems))
            return {name: self.output(name, relation) for name, relation in pipeline.outputs}
        finally:
            for name in reversed(self.made):
                self.cursor.execute(f'DROP TABLE IF EXISTS temp."{name}"')

    def input(self, table: Input) -> None:
        """A small constant table."""
        self.made.append(table.name)
        self.cursor.execute(f'CREATE TEMP TABLE "{table.name}" AS {self.renderer.constants(table)}')

    def create(self, name: str, relation: Relation) -> None:
        """A stage."""
        self.made.append(name)
        self.cursor.execute(f'CREATE TEMP TABLE "{name}" AS {_sql(self.renderer.query(relation))}')

    def violations(self, check: Check) -> Iterator[Diagnostic]:
        """Rows that must not exist, as diagnostics in a stated order."""
        self.cursor.execute(_sql(self.renderer.query(check.relation)) + " ORDER BY ALL LIMIT 100")
        names = [column[0] for column in self.cursor.description]
        said = dict(check.words)
        column = said.pop("_column", None)
        for values in self.cursor.fetchall():
            words = dict(zip(names, values, strict=True))
            where = check.span or _cell(words, cast("str | None", column))
            yield diagnose(check.slug, where, (), **{**words, **said})

    def output(self, name: str, relation: Relation) -> pa.Table:
        """A result table: the schema's columns, types and order of rows."""
        schema = _SCHEMAS[name]
        query = self.renderer.query(relation)
        own = [item.alias_or_name for item in _first_select(query).expressions]
        wanted = [
            f'CAST("{column}" AS {_SQL_TYPES[field.type]}) AS "{field.name}"'
            for column, field in zip(_aligned(name, own), schema, strict=True)
        ]
        order = ", ".join(f'"{field.name}" ASC NULLS FIRST' for field in schema)
        sql = f"SELECT {', '.join(wanted)} FROM ({_sql(query)}) ORDER BY {order}"
        found: pa.Table = self.cursor.sql(sql).to_arrow_table()
        return found if found.schema.equals(schema) else found.cast(schema)


#: Columns of an output, in the schema's order, where the pipeline calls them otherwise.
_COLUMNS = {
    "payouts": {"period": "period_label", "amount_minor": "amount"},
    "lines": {"period": "period_label", "credited_units": "units"},
}


def _aligned(name: str, own: list[str]) -> list[str]:
    renamed = _COLUMNS.get(name, {})
    columns = [renamed.get(field.name, field.name) for field in _SCHEMAS[name]]
    assert set(columns) <= set(own), f"{name} gives {own}"
    return columns


def _first_select(query: exp.Query) -> exp.Select:
    while not isinstance(query, exp.Select):
        query = query.this
    return query


_SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.date32(): "DATE",
    pa.decimal128(38, 0): "DECIMAL(38, 0)",
}


def _renderer(tables: Tables) -> DuckDBRenderer:
    return DuckDBRenderer({name: tables.relation(name) for name in tables.contracts})


def _sql(query: exp.Expr, *, pretty: bool = False) -> str:
    return query.sql(dialect="duckdb", pretty=pretty, copy=False)


def _cell(words: dict[str, object], column: str | None) -> Cell | None:
    file, row = words.pop("_file", None), words.pop("_row", None)
    return Cell(str(file), int(str(row)), column) if file is not None and row is not None else None


def _changes(program: Program, tables: Tables) -> dict[str, list[date]]:
    """The days on which rows of dated sources begin to hold, or hold no more."""
    found = {}
    for source in changing_sources(program):
        query = f"SELECT _from, _through FROM {tables.relation(source)} GROUP BY ALL"
        days: set[date] = set()
        for start, through in tables.connection.cursor().execute(query).fetchall():
            days |= {start} if through == date.max else {start, through + timedelta(days=1)}
        found[source] = sorted(days)
    return found
