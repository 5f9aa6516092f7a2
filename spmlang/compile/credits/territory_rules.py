"""Turn conditions into rows of a table, so that a join finds the territory of a row.

This works for conditions that are alternatives of plain tests of columns. Such conditions need not be tried one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import inf

from spmlang.compile.sources.references import column_alias
from spmlang.program.expressions import AllOf, AnyOf, Column, Comparison, Expr, Literal, Membership
from spmlang.program.types import Kind
from spmlang.program.value_sets import Texts, Units, ValueSet, satisfying
from spmlang.relations import nodes
from spmlang.relations.nodes import Compare, Const, Input, Logic, Ref, Scalar
from spmlang.values.own_names import own_name

#: The most alternatives of a condition. A condition with more is evaluated as it is written.
_MOST = 1_000

#: The largest number that a source can hold.
_ALL_DIGITS = 10**38 - 1

_MIRRORED = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class ConditionRow:
    """One alternative of a condition: texts that columns must equal, and ranges that columns must lie in.

    A range includes both ends. They are in units of the column's scale, or for days their ordinals.
    """

    texts: tuple[tuple[Column, str], ...]
    ranges: tuple[tuple[Column, float, float], ...]

    @property
    def shape(self) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
        """The columns that the alternative tests: those of texts and those of ranges."""
        return tuple(column for column, _ in self.texts), tuple(column for column, _, _ in self.ranges)


def alternatives(test: Expr) -> list[ConditionRow] | None:
    """Return the alternatives of a condition, or None if it is not made of plain tests.

    A row satisfies the condition if and only if it satisfies one of the alternatives. A row in which a tested column is
    absent satisfies none, as it satisfies no comparison.
    """
    boxes = _boxes(test)
    if boxes is None:
        return None
    found: list[ConditionRow] = []
    for box in boxes:
        inner = sorted(box.items(), key=lambda item: column_alias(item[0]))
        texts = [[(column, name) for name in sorted(held.names)] for column, held in inner if isinstance(held, Texts)]
        ranges = [[(column, *run) for run in held.runs] for column, held in inner if isinstance(held, Units)]
        for chosen in product(product(*texts), product(*ranges)):
            if len(found) == _MOST:
                return None
            found.append(ConditionRow(*chosen))
    return found


def lookup(name: str, entries: Sequence[tuple[int, ConditionRow]], names: dict[Column, str]) -> tuple[Input, Scalar]:
    """Return alternatives of one shape as an input, and the condition that joins rows with it.

    The input has the column `number` and the columns of the tests. `entries` are (number, alternative) pairs; `names`
    are the names of the columns in the rows.
    """
    texts, ranges = entries[0][1].shape
    columns = [("number", "index")]
    tests: list[Scalar] = []
    for at, column in enumerate(texts):
        columns.append((own_name("text", at), "text"))
        tests.append(Compare("==", Ref(names[column]), Ref(own_name("text", at))))
    for at, column in enumerate(ranges):
        kind = "date" if column.type.kind is Kind.DATE else "whole"
        columns += [(own_name("low", at), kind), (own_name("high", at), kind)]
        value: Scalar = Ref(names[column])
        if kind == "whole":
            value = nodes.ToUnits(value, column.type.scale)
        tests += [Compare(">=", value, Ref(own_name("low", at))), Compare("<=", value, Ref(own_name("high", at)))]
    rows = tuple(
        (
            number,
            *(text for _, text in entry.texts),
            *(end for column, low, high in entry.ranges for end in _ends(column, low, high)),
        )
        for number, entry in entries
    )
    return Input(name, tuple(columns), rows), Logic("and", tuple(tests)) if tests else Const(True)


def _boxes(test: Expr) -> list[dict[Column, ValueSet]] | None:
    """Return the alternatives as sets of allowed values per column, or None for another kind of condition."""
    match test:
        case AnyOf():
            parts = [_boxes(operand) for operand in test.operands]
            return None if None in parts else [box for part in parts for box in part or []]
        case AllOf():
            return _all(test.operands)
        case Membership(value=Column() as column, negated=False):
            sets = [_inside(column, "==", option) for option in test.options]
            return None if None in sets else [{column: _united([one for one in sets if one is not None])}]
        case Comparison(left=Column() as column, right=Literal() as constant):
            return _single(column, test.operator, constant)
        case Comparison(left=Literal() as constant, right=Column() as column) if test.operator in _MIRRORED:
            return _single(column, _MIRRORED[test.operator], constant)
    return None


def _all(tests: Iterable[Expr]) -> list[dict[Column, ValueSet]] | None:
    """Return the alternatives of a conjunction of tests.

    None if there are more than `_MOST`, or one test is not plain.
    """
    found: list[dict[Column, ValueSet]] = [{}]
    for test in tests:
        more = _boxes(test)
        if more is None or len(found) * len(more) > _MOST:
            return None
        found = [_meet(one, other) for one in found for other in more]
    return found


def _meet(one: dict[Column, ValueSet], other: dict[Column, ValueSet]) -> dict[Column, ValueSet]:
    """Return the sets of values that both alternatives allow."""
    both = dict(one)
    for column, inside in other.items():
        both[column] = both[column] & inside if column in both else inside
    return both


def _single(column: Column, sign: str, constant: Literal) -> list[dict[Column, ValueSet]] | None:
    """Return the one alternative of a comparison of a column with a constant."""
    inside = _inside(column, sign, constant)
    return None if inside is None else [{column: inside}]


def _inside(column: Column, sign: str, constant: Literal) -> ValueSet | None:
    """Return the values of a column that satisfy a comparison; None unless it is a plain test."""
    if sign == "!=" or column.type.kind in (Kind.UNKNOWN, Kind.FLAG):
        return None
    return satisfying(column, sign, constant.value)


def _united(sets: Sequence[ValueSet]) -> ValueSet:
    """Return the values that are in any of the sets."""
    return type(sets[0]).united(sets)


def _ends(column: Column, low: float, high: float) -> tuple[int | date, int | date]:
    """Return the ends of a range as days or units, within the days and numbers that exist."""
    if column.type.kind is Kind.DATE:
        first, last = date.min.toordinal(), date.max.toordinal()
        return date.fromordinal(int(max(low, first))), date.fromordinal(int(min(high, last)))
    return -_ALL_DIGITS if low == -inf else int(low), _ALL_DIGITS if high == inf else int(high)
