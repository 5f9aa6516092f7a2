"""Weights for pools and contests: the exact amounts of payout rows before any rounding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spmlang.compile.earnings.component import CompiledComponent
from spmlang.compile.earnings.earnings import entitlements
from spmlang.compile.earnings.proration import prorated_entitlements
from spmlang.compile.stages.earnings import SLICES_OF
from spmlang.relations.exact_arithmetic import Number, add, choose
from spmlang.relations.nodes import (
    AddColumns,
    Aggregate,
    AggregateColumn,
    Const,
    Filter,
    Join,
    Project,
    Ref,
    Relation,
    Scalar,
)
from spmlang.relations.traversal import names_read, with_values
from spmlang.values.own_names import own_name

_ROW = ("payee", "period")
_NOTHING = Number(Const(0), 0)


@dataclass(frozen=True)
class Weight:
    """The exact amounts of a component's slices, one or more for each payee and period.

    The sum of these amounts is the weight of the payout row.
    """

    slices: Relation
    number: Number

    @property
    def whole(self) -> bool:
        """True if all amounts are whole numbers over one constant divisor.

        Only then can an engine sum and compare them.
        """
        return self.number.divisor is None or isinstance(self.number.divisor, Const)

    def summed(self, rows: Relation) -> Relation:
        """Join the sum of the amounts to payout rows as column `exact`. The amounts must be `whole`."""
        own = AddColumns(self.slices, (("units", self.number.value),))
        sums = Aggregate(own, _ROW, (AggregateColumn("exact", "sum", Ref("units")),))
        return Join(rows, sums, _ROW)

    def fractions(self, rows: Relation) -> tuple[Relation, Scalar, Scalar]:
        """Join the payout rows with their slices, and return the numerator and denominator of each amount."""
        top, bottom = self.number.value, self.number.divisor or Const(1)
        renamed = {name: own_name("of_slice", name) for name in (*names_read(top), *names_read(bottom))}
        read = tuple((new, Ref(name)) for name, new in renamed.items())
        own = Project(self.slices, (*((name, Ref(name)) for name in _ROW), *read))
        values: Mapping[str, Scalar] = {name: Ref(new) for name, new in renamed.items()}
        return Join(rows, own, _ROW), with_values(top, values), with_values(bottom, values)


def weight(compiled: CompiledComponent) -> Weight:
    """Return the weights of a component's payout rows."""
    rows: Relation = SLICES_OF.rows(*compiled.key)
    if compiled.component.prorated is None:
        after, start = entitlements(compiled)
        exact = add(after, choose([(Ref("fresh"), _NOTHING)], start), "-")
    else:
        rows = Filter(rows, Ref("fresh"))
        exact, _ = prorated_entitlements(compiled)
    return Weight(AddColumns(rows, (("period", Ref("due")),)), exact)
