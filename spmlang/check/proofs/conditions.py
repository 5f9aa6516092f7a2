"""Conditions of territories as boxes of rows."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from math import ceil, floor, inf

from spmlang.check.type_rules import column_type
from spmlang.program.expressions import (
    AllOf,
    AnyOf,
    Column,
    Comparison,
    Expr,
    Fallback,
    Literal,
    Membership,
    Negation,
    Presence,
    Value,
)
from spmlang.program.types import FLAG, Kind
from spmlang.program.value_sets import Box, Dimension, Texts, Units, Values, ValueSet, meet, merged, satisfying, without
from spmlang.project.contract import Column as Declared
from spmlang.project.contract import Contract

#: The most boxes of a condition; a condition with more is not examined.
MOST_BOXES = 256

_HOLDS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class _TooMany(Exception):
    """A signal that a condition has too many boxes."""


class Covering:
    """A converter of conditions on rows of the declared sources into boxes.

    Some conditions cannot be boxes: a comparison of two columns, a calculation, a table. Their result counts as
    unknown. The boxes of a condition contain only rows that satisfy it whatever the unknown results are.
    """

    def __init__(self, contracts: Mapping[str, Contract]) -> None:
        self._contracts = contracts
        self._axes: dict[Column, Dimension] = {}
        self._own = cache(self._axis)
        self.everything = cache(self._possible_values)
        self.links = cache(self._optional_references)

    def boxes(self, test: Expr) -> list[Box]:
        """Return the rows that surely satisfy a condition; none if that takes too many boxes."""
        try:
            return self._boxes(test, sure=True)
        except _TooMany:
            return []

    def _boxes(self, test: Expr, *, sure: bool) -> list[Box]:
        """Return the rows that surely satisfy a condition, or all that possibly do (not `sure`).

        Raises _TooMany.
        """
        match test:
            case AnyOf():
                return _bounded(merged(box for operand in test.operands for box in self._boxes(operand, sure=sure)))
            case AllOf():
                return self._all(test.operands, sure=sure)
            case Negation():
                return self._all((test,), sure=sure)
        found = self._single(test)
        return found if found is not None else [] if sure else [{}]

    def _all(self, tests: Sequence[Expr], *, sure: bool) -> list[Box]:
        boxes: list[Box] = [{}]
        for test in tests:
            if not isinstance(test, Negation):
                more = self._boxes(test, sure=sure)
                boxes = _bounded([both for one in boxes for box in more if (both := meet(one, box)) is not None])
        negated = (test.operand for test in tests if isinstance(test, Negation))
        for box in merged(box for test in negated for box in self._boxes(test, sure=not sure)):
            boxes = _bounded([rest for one in boxes for rest in without(one, box, self.everything)])
        return boxes

    def _single(self, test: Expr) -> list[Box] | None:
        """Return the rows of a condition that tests one column against constants; None for any other condition."""
        match test:
            case Literal(value=bool(value)):
                return [{}] if value else []
            case Presence(column=column):
                everything = self.everything(self._own(column))
                return self._rows_with_value(column, everything.inside, when_absent=False)
            case Membership():
                return self._rows_in_list(test.value, test.options, negated=test.negated)
            case Comparison(left=Literal() as constant, right=value):
                return self._compared(value, _MIRRORED[test.operator], constant.value)
            case Comparison(left=value, right=Literal() as constant):
                return self._compared(value, test.operator, constant.value)
            case Column() | Fallback() if test.type == FLAG:
                return self._compared(test, "==", True)
        return None

    def _compared(self, value: Expr, sign: str, constant: Value) -> list[Box] | None:
        found = _column_of(value)
        if found is None:
            return None
        column, otherwise = found
        inside = satisfying(self._own(column).column, sign, constant)
        holds = otherwise is not None and _HOLDS[sign](otherwise, constant)
        return self._rows_with_value(column, inside, when_absent=holds)

    def _rows_in_list(self, value: Expr, options: Sequence[Literal], *, negated: bool) -> list[Box] | None:
        found = _column_of(value)
        if found is None:
            return None
        column, otherwise = found
        sets = [satisfying(self._own(column).column, "==", option.value) for option in options]
        inside = type(sets[0]).united(sets)
        listed = any(otherwise == option.value for option in options)
        holds = otherwise is not None and listed != negated
        return self._rows_with_value(column, ~inside if negated else inside, when_absent=holds)

    def _rows_with_value(self, column: Column, inside: ValueSet, *, when_absent: bool) -> list[Box]:
        """Return the rows whose column has one of the values.

        With `when_absent` also the rows in which the column, or a reference on the way to it, is empty.
        """
        own = self._own(column)
        everything = self.everything(own)
        values = everything & Values(inside, when_absent)
        way: Box = {}
        found = []
        for link in self.links(own):
            linked = self.everything(link)
            if when_absent:
                found.append({**way, link: Values(linked.inside & ~linked.inside, absent=True)})
            way[link] = Values(linked.inside)
        return [*found, {**way, own: values}] if values else found

    def _optional_references(self, axis: Dimension) -> list[Dimension]:
        """Return the optional references on the way to a column."""
        column = axis.column
        ways = (
            Column(
                type=column.type,
                span=column.span,
                root=column.root,
                steps=column.steps[:at],
                name=step.column,
                optional=False,
            )
            for at, step in enumerate(column.steps)
        )
        return [link for way in ways if (link := self._own(way)).column.optional]

    def _possible_values(self, axis: Dimension) -> Values:
        """Return all values that a column may have by its contract."""
        declared = self._declared(axis.column)
        match declared.kind:
            case Kind.TEXT:
                # The empty text means that the value is absent.
                texts = Texts(frozenset(declared.values)) if declared.values else Texts(frozenset({""}), others=True)
                return Values(texts, declared.optional)
            case Kind.FLAG:
                return Values(Units(((0, 1),)), declared.optional)
            case Kind.DATE:
                first, last = declared.minimum or str(date.min), declared.maximum or str(date.max)
                days = date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal()
                return Values(Units((days,)), declared.optional)
        units = 10**axis.column.type.scale
        least = -inf if declared.minimum is None else ceil(Fraction(declared.minimum) * units)
        most = inf if declared.maximum is None else floor(Fraction(declared.maximum) * units)
        return Values(Units(((least, most),)), declared.optional)

    def _axis(self, column: Column) -> Dimension:
        """Return the one dimension of a column that can be written in two ways.

        A reference and the key column it refers to are the same dimension. `optional` of the result is that of the
        column itself, without the references on the way.
        """
        steps, name = column.steps, column.name
        while steps and self._contracts[steps[-1].target].key == (name,):
            steps, name = steps[:-1], steps[-1].column
        contract = self._contracts[steps[-1].target if steps else column.root]
        declared = contract.column(name)
        assert declared is not None
        own = Column(
            type=column_type(contract, name),
            span=column.span,
            root=column.root,
            steps=steps,
            name=name,
            optional=declared.optional,
        )
        return self._axes.setdefault(own, Dimension(own))

    def _declared(self, column: Column) -> Declared:
        contract = self._contracts[column.steps[-1].target if column.steps else column.root]
        declared = contract.column(column.name)
        assert declared is not None
        return declared


def _bounded(boxes: list[Box]) -> list[Box]:
    if len(boxes) > MOST_BOXES:
        raise _TooMany
    return boxes


def _column_of(value: Expr) -> tuple[Column, Value | None] | None:
    """Return the column that a value reads, and the value used if the column is empty (or None).

    The result is None if the value is more than one column with a fallback.
    """
    match value:
        case Column() if value.type.kind is not Kind.UNKNOWN:
            return value, None
        case Fallback(column=column, otherwise=otherwise) if value.type.kind is not Kind.UNKNOWN:
            return column, otherwise.value
    return None
