"""The relational form as SQL trees. A subclass overrides the methods in which its engine differs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlglot
from sqlglot import exp

from spmlang.relations import nodes
from spmlang.relations.nodes import Relation, Scalar
from spmlang.relations.traversal import names_read, operands_of, with_values

from .sql_nodes import aliased, bare, cast_to, identifier, paren, quoted_column, quoted_table, select

_ARITHMETIC: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}
#: SQL comparisons by operator.
TESTS: dict[str, type[exp.Binary]] = {
    "==": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
_AGGREGATES = {"sum": exp.Sum, "min": exp.Min, "max": exp.Max, "count": exp.Count}


@dataclass(frozen=True)
class _Open:
    """A SELECT whose list of columns is not written yet, and the columns to add to `*`."""

    select: exp.Select
    more: tuple[tuple[str, Scalar], ...]


class Renderer(ABC):
    """A renderer of relations as queries. `sources` maps the name of a source to its table in the engine."""

    dialect: str
    #: SQL types by the types of the relational form.
    types: dict[str, str]

    def __init__(self, sources: dict[str, str]) -> None:
        self._sources = sources
        self._aliases = 0

    def query(self, relation: Relation) -> exp.Query:
        """Return a query (SELECT or UNION ALL) for a relation."""
        match relation:
            case nodes.Source():
                columns = self._columns((name, nodes.Ref(column)) for name, column in relation.columns)
                return select(columns, exp.to_table(self._sources[relation.name], dialect=self.dialect))
            case nodes.Project():
                return self._project(relation)
            case nodes.Aggregate():
                return self._aggregate(relation)
            case nodes.Window():
                return self._window(relation)
            case nodes.Union():
                return self._union(relation.relations)
            case nodes.SharedScan():
                columns = [aliased(bare(self.sum_operand(value)), name) for name, value in relation.columns]
                made = select(columns, self.part(relation.relation))
                name = identifier(relation.name)
                return self._union(relation.readers).with_(name, as_=made, copy=False)
            case nodes.EveryDay():
                days = aliased(
                    self.every_day(quoted_column(relation.first), quoted_column(relation.last)), relation.name
                )
                return select([exp.Star(), days], self.part(relation.relation))
            case nodes.ManagerChain():
                return self._manager_chain(relation)
            case _:
                return self._closed(self._opened(relation))

    def _union(self, relations: Iterable[Relation]) -> exp.Query:
        """Return the UNION ALL of relations."""
        first, *more = [self.query(part) for part in relations]
        for part in more:
            first = exp.Union(this=first, expression=part, distinct=False)
        return first

    def part(self, relation: Relation) -> exp.Expr:
        """Return a relation as a table or subquery for a FROM clause."""
        return (
            quoted_table(relation.name) if isinstance(relation, nodes.Stage) else self._subquery(self.query(relation))
        )

    def _subquery(self, query: exp.Query) -> exp.Subquery:
        self._aliases += 1
        return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(f"r{self._aliases}")))

    # ---- relations ----

    def _columns(self, columns: Iterable[tuple[str, Scalar]]) -> list[exp.Expr]:
        return [
            quoted_column(name) if value == nodes.Ref(name) else aliased(bare(self.scalar(value)), name)
            for name, value in columns
        ]

    def _opened(self, relation: Relation) -> _Open:
        """Return a SELECT that more clauses can be added to, so that queries are nested as little as possible."""
        match relation:
            case nodes.Filter():
                inner = self._select_reading(relation.relation, names_read(relation.test))
                inner.select.where(bare(self.scalar(relation.test)), copy=False)
                return inner
            case nodes.AddColumns():
                read = (name for _, value in relation.columns for name in names_read(value))
                inner = self._select_reading(relation.relation, read)
                return _Open(inner.select, (*inner.more, *relation.columns))
            case nodes.Join():
                return self._join(relation)
        return _Open(exp.Select().from_(self.part(relation), copy=False), ())

    def _select_reading(self, relation: Relation, read: Iterable[str]) -> _Open:
        """Return an open SELECT of a relation, for clauses that read the columns `read`.

        A clause does not see a column that the same SELECT makes, so a SELECT that makes one of them becomes a
        subquery.
        """
        found = self._opened(relation)
        made = {name for name, _ in found.more}
        return self._wrapped(found) if made.intersection(read) else found

    def _wrapped(self, inner: _Open) -> _Open:
        """Return an open SELECT over a closed one as its subquery."""
        return _Open(exp.Select().from_(self._subquery(self._closed(inner)), copy=False), ())

    def _closed(self, inner: _Open) -> exp.Select:
        """Complete an open SELECT with its list of columns."""
        inner.select.set("expressions", [exp.Star(), *self._columns(inner.more)])
        return inner.select

    def _join(self, join: nodes.Join) -> _Open:
        """Return an open SELECT with a join."""
        left = self._opened(join.left)
        if left.more:
            left = self._wrapped(left)
        kind = {"side": "LEFT"} if join.optional else {"kind": "INNER"}
        joined = exp.Join(this=self.part(join.right), **kind)
        if join.using:
            joined.set("using", [identifier(name) for name in join.using])
        else:
            assert join.on is not None
            joined.set("on", bare(self.scalar(join.on)))
        left.select.append("joins", joined)
        return _Open(left.select, ())

    def _project(self, relation: nodes.Project) -> exp.Select:
        """Return a SELECT of new columns.

        A column made below is written in place of its name, unless it is calculated and would be written more than
        once.
        """
        inner = self._opened(relation.relation)
        made = dict(inner.more)
        read = Counter(name for _, value in relation.columns for name in names_read(value))
        if any(read[name] > 1 and operands_of(value) for name, value in made.items()):
            inner, made = self._wrapped(inner), {}
        columns = [(name, with_values(value, made) if made else value) for name, value in relation.columns]
        inner.select.set("expressions", self._columns(columns))
        return inner.select

    def _aggregate(self, relation: nodes.Aggregate) -> exp.Select:
        """Return a SELECT with GROUP BY."""
        values = [part for item in relation.values for part in (item.value, item.where, item.order) if part is not None]
        inner = self._select_reading(
            relation.relation, (*relation.by, *(name for value in values for name in names_read(value)))
        )
        found = [aliased(self._aggregate_column(value), value.name) for value in relation.values]
        inner.select.set("expressions", [*(quoted_column(name) for name in relation.by), *found])
        return inner.select.group_by(*[quoted_column(name) for name in relation.by], copy=False)

    def _window(self, relation: nodes.Window) -> exp.Select:
        """Return a SELECT with window columns."""
        values = [name for over in relation.values if over.value is not None for name in names_read(over.value)]
        keys = [name for over in relation.values for name in (*over.partition, *(name for name, _ in over.order))]
        inner = self._select_reading(relation.relation, (*values, *keys))
        select = self._closed(inner)
        for over in relation.values:
            select.append("expressions", aliased(self._window_column(over), over.name))
        return select

    def _aggregate_column(self, value: nodes.AggregateColumn) -> exp.Expr:
        """Render an aggregate column. A count is cast to the type of whole numbers."""
        inner = self.sum_operand(value.value) if value.function == "sum" else self.scalar(value.value)
        found: exp.Expr
        if value.function == "last":
            assert value.order is not None
            found = self.last(inner, self.scalar(value.order))
        else:
            found = _AGGREGATES[value.function](this=inner)
        if value.where is not None:
            found = exp.Filter(this=found, expression=exp.Where(this=self.scalar(value.where)))
        return self.typed(found, "whole") if value.function == "count" else found

    def _window_column(self, over: nodes.WindowColumn) -> exp.Expr:
        """Render a window column. With an order an aggregate covers the rows up to the current one."""
        value: exp.Expr = exp.Rank() if over.function == "rank" else exp.RowNumber()
        if over.value is not None:
            value = _AGGREGATES[over.function](this=self.scalar(over.value))
        order = [exp.Ordered(this=quoted_column(name), desc=down, nulls_first=True) for name, down in over.order]
        frame = None
        if order and over.value is not None:
            frame = exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW")
        return exp.Window(
            this=value,
            partition_by=[quoted_column(name) for name in over.partition],
            order=exp.Order(expressions=order) if order else None,
            spec=frame,
        )

    def _manager_chain(self, relation: nodes.ManagerChain) -> exp.Query:
        """Return a recursive query for all managers above each payee within a slice.

        It has UNION, not UNION ALL, so that a circle ends by itself; a check then reports it.
        """
        pairs = self.query(relation.relation)
        text = (
            "WITH RECURSIVE pairs AS (SELECT 1), up AS (SELECT payee, manager, base, first_slice, slice FROM pairs UNION "
            "SELECT up.payee, pairs.manager, up.base, up.first_slice, up.slice FROM up JOIN pairs "
            "ON pairs.payee = up.manager AND pairs.base = up.base AND up.slice BETWEEN pairs.first_slice AND pairs.slice) "
            "SELECT payee, manager, base, first_slice, slice FROM up"
        )
        tree = sqlglot.parse_one(text, dialect=self.dialect)
        assert isinstance(tree, exp.Query)
        next(cte for cte in tree.find_all(exp.CTE) if cte.alias == "pairs").set("this", pairs)
        return tree

    # ---- scalars ----

    def scalar(self, value: Scalar) -> exp.Expr:
        """Render a scalar, in parentheses if it is an operation."""
        match value:
            case nodes.Ref():
                return quoted_column(value.name)
            case nodes.Const():
                return self.constant(value.value)
            case nodes.Null():
                return self.typed(exp.null(), value.type)
            case nodes.ToUnits():
                return self.units(self.scalar(value.value), value.scale)
            case nodes.Binary():
                return self._arithmetic(value)
            case nodes.Compare():
                return paren(TESTS[value.operator](this=self.scalar(value.left), expression=self.scalar(value.right)))
            case nodes.Logic():
                kind = exp.And if value.operator == "and" else exp.Or
                first, *more = [self.scalar(operand) for operand in value.operands]
                for operand in more:
                    first = kind(this=first, expression=operand)
                return paren(first)
            case nodes.Not():
                return paren(exp.Not(this=self.scalar(value.operand)))
            case nodes.IsNull():
                return paren(exp.Is(this=self.scalar(value.value), expression=exp.null()))
            case nodes.IsIn():
                options = [self.scalar(option) for option in value.options]
                return paren(exp.In(this=self.scalar(value.value), expressions=options))
            case nodes.Call():
                return self._call(value)
            case nodes.Case():
                branches = [
                    exp.If(this=bare(self.scalar(test)), true=bare(self.scalar(found)))
                    for test, found in value.branches
                ]
                return exp.Case(ifs=branches, default=bare(self.scalar(value.otherwise)))

    def constant(self, value: int | str | date | bool) -> exp.Expr:
        """Render a constant."""
        if isinstance(value, bool):
            return exp.Boolean(this=value)
        if isinstance(value, int):
            literal = exp.Literal.number(abs(value))
            return paren(exp.Neg(this=literal)) if value < 0 else literal
        if isinstance(value, date):
            return self.typed(exp.Literal.string(value.isoformat()), "date")
        return exp.Literal.string(value)

    def typed(self, value: exp.Expr, word: str) -> exp.Expr:
        """Cast a value to a type of the relational form."""
        return cast_to(value, self.types[word], self.dialect)

    def _arithmetic(self, value: nodes.Binary) -> exp.Expr:
        """Render arithmetic in the wide type."""
        left, right = self.scalar(value.left), self.scalar(value.right)
        if not (_is_wide(value.left) or _is_wide(value.right)):
            left = self.typed(left, "whole")
        match value.operator:
            case "%":
                return self.remainder(left, right)
            case "/":
                return self.quotient(left, right)
        return paren(_ARITHMETIC[value.operator](this=left, expression=right))

    def _call(self, call: nodes.Call) -> exp.Expr:
        """Render a function."""
        first, *rest = [self.scalar(argument) for argument in call.arguments]
        match call.name:
            case "coalesce":
                return exp.Coalesce(this=first, expressions=rest)
            case "least":
                return exp.Least(this=first, expressions=rest, ignore_nulls=True)
            case "greatest":
                return exp.Greatest(this=first, expressions=rest, ignore_nulls=True)
            case "abs":
                return self.size(first)
            case "dated_key":
                return exp.func("concat", first, exp.Literal.string("|"), self.typed(rest[0], "text"))
            case "day_number":
                return self.typed(self.day_number(first), "whole")
        raise AssertionError(call.name)

    def size(self, value: exp.Expr) -> exp.Expr:
        """Render the absolute value of a whole number."""
        return exp.Abs(this=value)

    def sum_operand(self, value: Scalar) -> exp.Expr:
        """Render the value under a sum. The sum itself must have the type of whole numbers."""
        return self.scalar(value)

    def remainder(self, dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
        """Render the remainder of a division, with the sign of the dividend. The divisor is greater than zero."""
        return paren(exp.Mod(this=dividend, expression=divisor))

    def quotient(self, dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
        """Render the whole part of a quotient, cut off towards zero. The divisor is greater than zero."""
        return paren(exp.IntDiv(this=dividend, expression=divisor))

    @abstractmethod
    def day_number(self, day: exp.Expr) -> exp.Expr:
        """Render the number of a day; that of 0001-01-01, a Monday, is 0."""

    def units(self, value: exp.Expr, scale: int) -> exp.Expr:
        """Render a decimal as a whole number of units of 10^-scale."""
        wide: exp.Expr = cast_to(value, f"DECIMAL(38, {scale})", self.dialect)
        if scale:
            wide = paren(exp.Mul(this=wide, expression=exp.Literal.number(10**scale)))
        return self.typed(wide, "whole")

    @abstractmethod
    def every_day(self, first: exp.Expr, last: exp.Expr) -> exp.Expr:
        """Render an expression for a SELECT list that makes a row for each day."""

    def last(self, value: exp.Expr, order: exp.Expr) -> exp.Expr:
        """Render the value of the row with the greatest order."""
        return exp.ArgMax(this=value, expression=order)


def _is_wide(value: Scalar) -> bool:
    """Return True if a number is certain to have the wide type, so that calculations with it have it, too.

    A literal, or a column that holds one, may have a narrow type, in which a product may not fit.
    """
    match value:
        case nodes.ToUnits() | nodes.Binary():
            return True
        case nodes.Case():
            return _is_wide(value.otherwise) or any(_is_wide(found) for _, found in value.branches)
        case nodes.Call(name="coalesce" | "least" | "greatest" | "abs"):
            return any(map(_is_wide, value.arguments))
    return False
