"""The run of a pipeline in an SQL engine: stages in order, checks as diagnostics, outputs in the schema's form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import chain, count, islice
from time import perf_counter
from typing import TypeVar, cast

import pyarrow as pa
from sqlglot import exp

from spmlang.diagnostics.diagnostic import Cell, Diagnostic, Problems, Severity, catalogue, diagnose, errors
from spmlang.relations.nodes import Check, Input, Output, PerFileStage, Pipeline, Relation, Stage, Step, WeightStage
from spmlang.results import (
    PAYOUTS,
    POTS,
    RECONCILIATION,
    RELEASED,
    UNCREDITED,
    WHOLE,
    Cost,
    Result,
    Sink,
)

from .output_tables import SCHEMAS, sorted_union, table_of_rows, with_schema
from .sql_nodes import cast_to, identifier, quoted_column, subquery
from .sql_renderer import Renderer
from .wide_numbers import TooLarge, compute_chain, compute_weights, with_chains_as_stages
from .wide_sums import rows_of

#: The tables that may have many more rows than payouts, so that they go to a sink.
_LARGE = ("credits", "lines")

#: The tables that pay nothing and must not stop a run, so sums of any length are allowed in them.
_ANY_LENGTH = ("reconciliation",)

#: The tables that read all columns of all rows and are mostly empty, so an existence query comes first.
_RARE = ("uncredited",)

#: The SQL types of the columns of an output; sqlglot translates them for each engine.
_TYPES = {
    pa.string(): "TEXT",
    pa.int32(): "INT",
    pa.int64(): "BIGINT",
    pa.date32(): "DATE",
    pa.decimal128(38, 0): "DECIMAL(38, 0)",
}

#: The most rows of a check that are reported as errors.
_MOST_REPORTED = 100

_Item = TypeVar("_Item", Step, WeightStage, Check, Output)
_Answer = TypeVar("_Answer")

#: The column names of a query, and its rows.
Rows = tuple[Sequence[str], Sequence[Sequence[object]]]


class SqlRunner(ABC):
    """One run in an SQL engine: stages are made in order, and dropped at the end."""

    def __init__(self, renderer: Renderer) -> None:
        self.renderer = renderer
        self._chains = count(1)

    @abstractmethod
    def input(self, table: Input) -> None:
        """Make a small constant table."""

    @abstractmethod
    def create(self, step: Step | PerFileStage) -> None:
        """Make a stage: a table that later stages read by its name."""

    @abstractmethod
    def load_table(self, name: str, table: pa.Table) -> None:
        """Make a table from rows that this process computed."""

    @abstractmethod
    def overflowed(self, problem: Exception) -> bool:
        """Return True if the engine's error says that a number does not fit."""

    @abstractmethod
    def rows(self, query: str) -> Rows:
        """Return the column names of a query, and its rows as Python values (whole numbers as int)."""

    @abstractmethod
    def arrow(self, query: str) -> pa.Table:
        """Return the result of a query whose columns have the types of the result schemas."""

    @abstractmethod
    def drop(self) -> None:
        """Drop everything that was made."""

    def batches(self, query: str) -> Generator[pa.Table]:
        """Yield the result of a query in batches.

        Close the generator when stopping early, because an open query blocks all others.
        """
        yield self.arrow(query)

    def run(self, pipeline: Pipeline, *, profile: bool = False, sink: Sink | None = None) -> Result:
        """Run the pipeline and return its outputs, except for those that went to the sink.

        Raises:
            Problems: if a check finds rows that must not exist, or a number has more than 38 digits.
        """
        try:
            for table in pipeline.inputs:
                self.input(table)
            costs, notes = self._make_stages(pipeline.stages, profile=profile)
            tables = self._outputs(pipeline.outputs, sink)
        finally:
            self.drop()
        return _result(tables, costs, notes)

    def _make_stages(
        self, stages: Iterable[Step | PerFileStage | WeightStage | Check], *, profile: bool
    ) -> tuple[list[Cost], list[Diagnostic]]:
        """Make the stages, and return their costs if `profile` is set, and the notes of the checks.

        After an error the checks go on, so that all errors are reported at once, until a stage would be made.

        Raises:
            Problems: if a check finds rows that must not exist, or a number has more than 38 digits.
        """
        costs: list[Cost] = []
        notes: list[Diagnostic] = []
        for item in stages:
            if isinstance(item, Check):
                notes += self._retry_wide(item, self._violations)
            elif errors(notes):
                break
            elif profile:
                costs.append(self._timed(item))
            else:
                self.make(item)
        if errors(notes):
            raise Problems(dict.fromkeys(errors(notes)))
        return costs, notes

    def _outputs(self, outputs: Iterable[Output], sink: Sink | None) -> dict[str, pa.Table]:
        """Return the result tables by output, except for those that go to the sink."""
        tables = {}
        for output in outputs:
            if sink is not None and output.name in _LARGE:
                first, others = self._retry_wide(output, self._first_batch)
                with closing(others):
                    sink(output.name, map(partial(with_schema, output), chain(first, others)))
            elif self._is_empty(output):
                tables[output.name] = SCHEMAS[output.name].empty_table()
            elif output.name in _ANY_LENGTH:
                tables[output.name] = self._sums_of_any_length(output)
            else:
                tables[output.name] = with_schema(output, self._retry_wide(output, self._table))
        return tables

    def _is_empty(self, output: Output) -> bool:
        """Return True if a quick query shows that a table has no rows."""
        if output.given is not None:
            return not self._has_rows(Output(output.given, Stage(output.given), ()))
        return output.name in _RARE and not self._has_rows(output)

    def make(self, step: Step | PerFileStage | WeightStage) -> None:
        """Make a stage, with steps of any number of digits. Raises Problems if a result has more than 38."""
        match step:
            case WeightStage():
                self._retry_wide(step, self._weigh)
            case Step():
                self._retry_wide(step, self.create)
            case PerFileStage():
                try:
                    self.create(step)
                except Exception as problem:
                    if not self.overflowed(problem):
                        raise
                    # Calculations as stages would read all files, so the stage is made from all files at once.
                    self.make(Step(step.name, step.relation, step.place))

    def _weigh(self, stage: WeightStage) -> None:
        """Make a stage that shares or ranks by fractions. It is computed in this process."""
        self.load_table(stage.name, compute_weights(stage, self.relation(stage.relation)))

    def _retry_wide(self, item: _Item, compute: Callable[[_Item], _Answer]) -> _Answer:
        """Return `compute(item)`; if the engine overflows, compute it again with its calculations as stages.

        Stages in which the engine overflows again are computed in this process, in numbers of any length.

        Raises:
            Problems: if a value that is kept has more than 38 digits.
        """
        try:
            return compute(item)
        except Exception as problem:
            if not self.overflowed(problem):
                raise
        try:
            return compute(replace(item, relation=with_chains_as_stages(item.relation, self._stage_of_chain)))
        except Exception as problem:
            if not (isinstance(problem, TooLarge) or self.overflowed(problem)):
                raise
            raise Problems([too_large(item)]) from problem

    def _stage_of_chain(self, calculated: Relation, base: Relation) -> Stage:
        """Make a stage of a chain of calculations; only one with too many digits is computed outside the engine.

        Args:
            calculated: the chain.
            base: the relation that the chain starts from.
        """
        step = Step(f"chain-{next(self._chains)}", calculated, "")
        try:
            self.create(step)
        except Exception as problem:
            if not self.overflowed(problem):
                raise
            self.load_table(step.name, compute_chain(calculated, self.relation(base)))
        return Stage(step.name)

    def _timed(self, step: Step | PerFileStage | WeightStage) -> Cost:
        """Make a stage and return its cost."""
        start = perf_counter()
        self.make(step)
        seconds = perf_counter() - start
        counted = exp.Select(expressions=[exp.Count(this=exp.Star())]).from_(
            exp.Table(this=identifier(step.name)), copy=False
        )
        _, [[rows]] = self.rows(self.sql(counted))
        return Cost(step.name, step.place, int(str(rows)), seconds)

    def sql(self, query: exp.Expr, *, pretty: bool = False) -> str:
        """Return the text of a query in the engine's dialect."""
        return query.sql(dialect=self.renderer.dialect, pretty=pretty, copy=False)

    def step_text(self, step: Step) -> str:
        """Return the query of a stage."""
        return self.sql(self.renderer.query(step.relation))

    def check_text(self, check: Check) -> str:
        """Return the query of a check's rows, sorted by all columns.

        Rows of an error are limited to `_MOST_REPORTED`; those of a warning are not.
        """
        limit = f" LIMIT {_MOST_REPORTED}" if catalogue()[check.slug].severity is Severity.ERROR else ""
        return f"{self.sql(self.renderer.query(check.relation))} ORDER BY ALL NULLS LAST{limit}"

    def existence_text(self, item: Check | Output) -> str:
        """Return an existence query: it has a row if the relation has any.

        It reads only the columns that the relation's conditions need, and not all that a message or a table would show.
        """
        one = exp.Select(expressions=[exp.Literal.number(1)])
        found = subquery(self.renderer.query(item.relation), "found")
        return self.sql(one.from_(found, copy=False).limit(1, copy=False))

    def _has_rows(self, item: Check | Output) -> bool:
        return bool(self.rows(self.existence_text(item))[1])

    def _table(self, output: Output) -> pa.Table:
        return self.arrow(self.output_text(output))

    def _sums_of_any_length(self, output: Output) -> pa.Table:
        """Return a result table; if the engine overflows, its sums are computed in this process instead."""
        try:
            return with_schema(output, self._table(output))
        except Exception as problem:
            if not self.overflowed(problem):
                raise
        names, rows = rows_of(output.relation, self.relation)
        return table_of_rows(output.name, names, rows)

    def relation(self, relation: Relation) -> pa.Table:
        """Return the rows of a relation."""
        return self.arrow(self.sql(self.renderer.query(relation)))

    def _first_batch(self, output: Output) -> tuple[list[pa.Table], Generator[pa.Table]]:
        """Return the first batch of an output, if any, and a generator of the others.

        The batches are sorted, so everything is computed when the first one arrives.
        """
        batches = self.batches(self.output_text(output))
        return list(islice(batches, 1)), batches

    def _violations(self, check: Check) -> list[Diagnostic]:
        """Return the rows of a check as diagnostics, in a stated order."""
        if not self._has_rows(check):
            return []
        names, rows = self.rows(self.check_text(check))
        words = dict(check.words)
        column = words.pop("_column", None)
        found = []
        for values in rows:
            row = dict(zip(names, values, strict=True))
            where = check.span or _cell(row, cast("str | None", column))
            found.append(diagnose(check.slug, where, (), **{**row, **words}))
        return found

    def output_text(self, output: Output) -> str:
        """Return the query of a result table, with the schema's columns and types, sorted as the output says."""
        query = self.renderer.query(output.relation)
        schema = SCHEMAS[output.name]
        shaped: list[exp.Expr] = [
            exp.Alias(
                this=cast_to(quoted_column(field.name), _TYPES[field.type], self.renderer.dialect),
                alias=identifier(field.name),
            )
            for field in schema
        ]
        shaped += [quoted_column(name) for name in output.order if name not in schema.names]
        order = [exp.Ordered(this=quoted_column(name), desc=False, nulls_first=True) for name in output.order]
        inner = exp.Select(expressions=shaped).from_(subquery(query, "found"), copy=False)
        outer = exp.Select(expressions=[quoted_column(name) for name in schema.names])
        return self.sql(outer.from_(subquery(inner, "shaped"), copy=False).order_by(*order, copy=False))


def _result(tables: Mapping[str, pa.Table], costs: Sequence[Cost], notes: Sequence[Diagnostic]) -> Result:
    """Return the result of a run from its tables, by output. A table that the pipeline does not have is empty."""
    not_on_roster = tables.get("not_on_roster", UNCREDITED.empty_table())
    return Result(
        payouts=tables.get("payouts", PAYOUTS.empty_table()),
        uncredited=sorted_union(tables["uncredited"], not_on_roster),
        reconciliation=tables.get("reconciliation", RECONCILIATION.empty_table()),
        released=tables.get("released", RELEASED.empty_table()),
        credits=tables.get("credits"),
        lines=tables.get("lines"),
        costs=tuple(costs),
        notes=tuple(dict.fromkeys(notes)),
        pots=tables.get("pots", POTS.empty_table()),
    )


def too_large(item: Step | PerFileStage | WeightStage | Check | Output | None) -> Diagnostic:
    """Return the diagnostic of a number with more than 38 digits, with the plan lines that the item comes from."""
    match item:
        case Step() | PerFileStage() | WeightStage():
            what = f"the stage `{item.name}`"
        case Output():
            what = f"the table `{item.name}`"
        case Check():
            what = "a check of the data"
        case None:
            what = "the inputs"
    place = "" if item is None or isinstance(item, Check) else item.place
    return diagnose("run-too-large", None, stage=f"{what} ({place})" if place else what)


#: Arrow types by the types of the relational form.
_ARROW_TYPES = {"index": pa.int32(), "whole": WHOLE, "text": pa.string(), "date": pa.date32(), "flag": pa.bool_()}


def input_table(table: Input) -> pa.Table:
    """Return a small constant table as Arrow, because a database takes thirty times as long to read it as text."""
    columns = zip(*table.rows, strict=True) if table.rows else [()] * len(table.columns)
    arrays = [pa.array(values, _ARROW_TYPES[type_]) for (_, type_), values in zip(table.columns, columns, strict=True)]
    return pa.table(arrays, names=[name for name, _ in table.columns])


def _cell(values: dict[str, object], column: str | None) -> Cell | None:
    """Return the cell that the columns `_file` and `_row` name, and remove them from the row's values."""
    file, row = values.pop("_file", None), values.pop("_row", None)
    return Cell(str(file), int(str(row)), column) if file is not None and row is not None else None
