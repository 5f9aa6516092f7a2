"""Calculations with more digits than the 38 of an engine, row by row, in whole numbers of any length.

This is the fallback for a stage in which an engine overflows. The engine returns the rows that a chain of calculated
columns and conditions starts from, and the chain is computed here. Its results must have at most 38 digits; columns
that only the chain itself reads (`passing`) are left out.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import pyarrow as pa

from spmlang.relations import nodes
from spmlang.relations.nodes import AddColumns, Filter, Project, Relation, Scalar, Stage
from spmlang.relations.traversal import operands_of, parts_of, with_parts
from spmlang.results import WHOLE
from spmlang.values.rounding import apportion, in_proportion

#: A context with more digits than any column has, because Python's usual one would round to 28.
EXACT = Context(prec=100, Emax=MAX_EMAX, Emin=MIN_EMIN)

#: The smallest positive number that does not fit in a column.
_TOO_LARGE = 10**38

_Row = Sequence[Any]
_Value = Callable[[_Row], Any]


class TooLarge(Exception):
    """Raised if a value that is kept has more than 38 digits."""


def with_chains_as_stages(relation: Relation, make_stage: Callable[[Relation, Relation], Stage]) -> Relation:
    """Return the relation with a stage in place of every chain that calculates.

    Args:
        relation: the relation. A `SharedScan` is returned unchanged.
        make_stage: makes the stage, from the chain and the relation that the chain starts from.
    """
    if isinstance(relation, nodes.SharedScan):
        return relation
    base = _base(relation)
    if base is relation:
        return with_parts(relation, tuple(with_chains_as_stages(part, make_stage) for part in parts_of(relation)))
    chain = _with_base(relation, base, with_chains_as_stages(base, make_stage))
    return make_stage(chain, _base(chain)) if any(map(_calculates, _scalars(chain))) else chain


def compute_chain(chain: Relation, base: pa.Table) -> pa.Table:
    """Compute the rows of a chain from the rows of its base. Raises TooLarge."""
    names, types, passing = list(base.column_names), list(base.schema.types), set[str]()
    rows: Iterable[_Row] = [list(row) for row in zip(*map(values_of, base.columns), strict=True)]
    for link in _links(chain):
        positions = {name: position for position, name in enumerate(names)}
        match link:
            case Filter():
                test = compiled(link.test, positions)
                rows = [row for row in rows if test(row) is True]
                continue
            case Project():
                kept = _functions(link.columns, positions)
                rows = [[value(row) for value in kept] for row in rows]
                types = [_type(value, positions, types) for _, value in link.columns]
                names = [name for name, _ in link.columns]
                passing = set()
            case AddColumns():
                more = _functions(link.columns, positions)
                rows = [[*row, *[value(row) for value in more]] for row in rows]
                types = [*types, *(_type(value, positions, types) for _, value in link.columns)]
                names = [*names, *(name for name, _ in link.columns)]
                passing |= {name for name, _ in link.columns} if link.passing else set()
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    wanted = [position for position, name in enumerate(names) if name not in passing]
    arrays = [_array(columns[position], types[position]) for position in wanted]
    return pa.table(arrays, names=[names[position] for position in wanted])


def compute_weights(stage: nodes.WeightStage, rows: pa.Table) -> pa.Table:
    """Compute the rows of a `WeightStage` from the rows of its relation, with the new column `found`."""
    positions = {name: position for position, name in enumerate(rows.column_names)}
    top, bottom = compiled(stage.top, positions), compiled(stage.bottom, positions)
    key_of, group_of = (operator.itemgetter(*(positions[name] for name in names)) for names in (stage.by, stage.group))
    weights: dict[Any, Fraction] = defaultdict(Fraction)
    first_rows: dict[Any, _Row] = {}
    for row in zip(*map(values_of, rows.columns), strict=True):
        weights[key_of(row)] += Fraction(top(row) or 0, bottom(row) or 1)
        first_rows.setdefault(key_of(row), row)
    groups: dict[Any, list[Any]] = defaultdict(list)
    for key in sorted(first_rows):
        groups[group_of(first_rows[key])].append(key)
    found: dict[Any, int] = {}
    for keys in groups.values():
        total = None if stage.total is None else first_rows[keys[0]][positions[stage.total]]
        shares = _ranks_or_shares([weights[key] for key in keys], total, equally=stage.equally)
        found |= zip(keys, shares, strict=True)
    fields = [*rows.schema, pa.field("found", WHOLE)]
    columns = list(zip(*([*row, found[key]] for key, row in first_rows.items()), strict=True)) or [()] * len(fields)
    arrays = [_array(values, field.type) for values, field in zip(columns, fields, strict=True)]
    return pa.table(arrays, names=[field.name for field in fields])


def _ranks_or_shares(weights: Sequence[Fraction], total: int | None, *, equally: bool) -> list[int]:
    """Return the share of each weight in a total, or without a total its rank. Weights below zero count as zero.

    If all weights are zero and `equally` is set, all count the same.
    """
    positive = [max(weight, Fraction(0)) for weight in weights]
    if equally and not any(positive):
        positive = [Fraction(1)] * len(positive)
    return _scores(positive) if total is None else apportion(total, in_proportion(positive))


def _scores(weights: Sequence[Fraction]) -> list[int]:
    """Return the rank of each weight among the different weights and zero, in ascending order."""
    order = {weight: score for score, weight in enumerate(sorted({Fraction(0), *weights}))}
    return [order[weight] for weight in weights]


def values_of(column: pa.ChunkedArray) -> list[Any]:
    """Return the values of a column as Python values, whole numbers as int."""
    values: list[Any] = column.to_pylist()
    if pa.types.is_decimal(column.type) and column.type.scale == 0:
        return [None if value is None else int(value) for value in values]
    return values


def _array(values: Sequence[Any], type_: pa.DataType) -> pa.Array:
    """Return values as an Arrow array. Raises TooLarge for a whole number of more than 38 digits."""
    if type_ == WHOLE and any(value is not None and abs(value) >= _TOO_LARGE for value in values):
        raise TooLarge
    return pa.array(values, type_)


# ---- chains ----


def _base(relation: Relation) -> Relation:
    """Return the relation that the topmost chain of calculated columns and tests starts from."""
    while isinstance(relation, AddColumns | Filter | Project):
        relation = relation.relation
    return relation


def _with_base(chain: Relation, base: Relation, other: Relation) -> Relation:
    """Return the chain with another base."""
    return (
        other if chain is base else with_parts(chain, tuple(_with_base(part, base, other) for part in parts_of(chain)))
    )


def _links(chain: Relation) -> list[AddColumns | Filter | Project]:
    """Return the steps of a chain, the first one first."""
    found = []
    while isinstance(chain, AddColumns | Filter | Project):
        found.append(chain)
        chain = chain.relation
    return found[::-1]


def _scalars(chain: Relation) -> list[Scalar]:
    found: list[Scalar] = []
    for link in _links(chain):
        found += [link.test] if isinstance(link, Filter) else [value for _, value in link.columns]
    return found


def _calculates(value: Scalar) -> bool:
    """Return True if a scalar contains arithmetic."""
    return isinstance(value, nodes.Binary) or any(map(_calculates, operands_of(value)))


def _type(value: Scalar, positions: Mapping[str, int], types: Sequence[pa.DataType]) -> pa.DataType:
    """Return the type of a calculated column.

    Args:
        value: the scalar.
        positions: the positions of the columns that the scalar reads.
        types: the types of these columns, by position.
    """
    words = {"index": pa.int32(), "text": pa.string(), "date": pa.date32(), "flag": pa.bool_(), "whole": WHOLE}
    match value:
        case nodes.Ref(name=name):
            found: pa.DataType = types[positions[name]]
            return found
        case nodes.Const(value=bool()) | nodes.Compare() | nodes.Logic() | nodes.Not() | nodes.IsNull() | nodes.IsIn():
            return pa.bool_()
        case nodes.Const(value=str()) | nodes.Call(name="dated_key"):
            return pa.string()
        case nodes.Const(value=date()):
            return pa.date32()
        case nodes.Null(type=word):
            return words[word]
        case nodes.Case():
            return _one_type((*(found for _, found in value.branches), value.otherwise), positions, types)
        case nodes.Call(name="coalesce" | "least" | "greatest"):
            return _one_type(value.arguments, positions, types)
    return WHOLE


def _one_type(values: Iterable[Scalar], positions: Mapping[str, int], types: Sequence[pa.DataType]) -> pa.DataType:
    found = list(dict.fromkeys(_type(value, positions, types) for value in values if not isinstance(value, nodes.Null)))
    return found[0] if len(found) == 1 else WHOLE


# ---- values; an absent one is None ----


def _functions(columns: Iterable[tuple[str, Scalar]], positions: Mapping[str, int]) -> list[_Value]:
    return [compiled(value, positions) for _, value in columns]


def compiled(value: Scalar, positions: Mapping[str, int]) -> _Value:
    """Return a scalar as a Python function of a row; `positions` are the positions of the columns."""
    parts = [compiled(part, positions) for part in operands_of(value)]
    match value:
        case nodes.Ref(name=name):
            return operator.itemgetter(positions[name])
        case nodes.Const(value=constant):
            return lambda row: constant
        case nodes.Null():
            return lambda row: None
        case nodes.ToUnits(scale=scale):
            return _of_present(lambda decimal: int(Decimal(decimal).scaleb(scale, EXACT)), parts)
        case nodes.Binary(operator=sign) | nodes.Compare(operator=sign):
            return _of_present(_OPERATORS[sign], parts)
        case nodes.Logic(operator=word):
            return partial(_logic, word == "or", parts)
        case nodes.Not():
            return _of_present(operator.not_, parts)
        case nodes.IsNull():
            return lambda row: parts[0](row) is None
        case nodes.IsIn(options=options):
            named = {option.value for option in options}
            return _of_present(lambda found: found in named, parts)
        case nodes.Case():
            return partial(_case, list(zip(parts[:-1:2], parts[1::2], strict=True)), parts[-1])
        case nodes.Call(name="coalesce"):
            return partial(_first, parts)
        case nodes.Call(name="least"):
            return partial(_least_or_greatest, min, parts)
        case nodes.Call(name="greatest"):
            return partial(_least_or_greatest, max, parts)
        case nodes.Call(name=name):
            return _of_present(_FUNCTIONS[name], parts)
    raise AssertionError(value)


def _of_present(function: Callable[..., Any], parts: list[_Value]) -> _Value:
    """Return a function of a row whose result is None if one of its operands is."""

    def found(row: _Row) -> Any:
        values = [part(row) for part in parts]
        return None if any(value is None for value in values) else function(*values)

    return found


def _logic(decides: bool, parts: list[_Value], row: _Row) -> bool | None:
    """Join values by `or` (`decides` is True) or by `and` (`decides` is False).

    The result is None if no value decides and one is absent.
    """
    values = [part(row) for part in parts]
    if any(value is decides for value in values):
        return decides
    return None if any(value is None for value in values) else not decides


def _case(branches: list[tuple[_Value, _Value]], otherwise: _Value, row: _Row) -> Any:
    """Return the value of the first branch whose test holds, else `otherwise`."""
    for test, found in branches:
        if test(row):
            return found(row)
    return otherwise(row)


def _first(parts: list[_Value], row: _Row) -> Any:
    """Return the first value that is present, else None."""
    for part in parts:
        found = part(row)
        if found is not None:
            return found
    return None


def _least_or_greatest(choose: Callable[..., Any], parts: list[_Value], row: _Row) -> Any:
    """Return the least or greatest of the values that are present, else None."""
    return choose((value for part in parts if (value := part(row)) is not None), default=None)


def _quotient(dividend: int, divisor: int) -> int | None:
    """Return the quotient, cut off towards zero; None if the divisor is 0."""
    if divisor == 0:
        return None
    found = abs(dividend) // abs(divisor)
    return found if (dividend < 0) == (divisor < 0) else -found


def _remainder(dividend: int, divisor: int) -> int | None:
    """Return the remainder, with the sign of the dividend; None if the divisor is 0."""
    found = _quotient(dividend, divisor)
    return None if found is None else dividend - found * divisor


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _quotient,
    "%": _remainder,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "dated_key": lambda key, day: f"{key}|{day}",
    "day_number": lambda day: day.toordinal() - date.min.toordinal(),
}
