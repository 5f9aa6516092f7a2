"""Typed expressions. Every node has its type and its place in the text; places do not take part in equality.

Values: numbers (money, rate, number, count) are exact `Fraction`s, text is `str`, dates are `date`, flags are `bool`.
The place of an expression decides which leaves are allowed:
- row expressions (a measure's `sum` and `where`, a territory's `covers`) have `Column`s rooted at one source;
- payee expressions (`for`, `target`, `cap`) have `Column`s rooted at the roster, `target` also `MeasureBefore`;
- pay expressions (`pays`, `when`, `gate`, tier values) may have roster `Column`s, `MeasureValue`, `Attainment` and
  `QuotaValue`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from spmlang.diagnostics.text import Span
from spmlang.values.calendar import Grain
from spmlang.values.rounding import Mode

from .types import Type

Value = Fraction | str | date | bool


@dataclass(frozen=True)
class AsOf:
    """The first or the last (`end`) day of an interval: the interval of `grain` that holds the day of evaluation."""

    end: bool
    grain: Grain


@dataclass(frozen=True)
class Step:
    """One reference followed by a dot: `column` of a row names a row of source `target`.

    In a dated `target` it is the row in force on the measure's date (row expressions) or on the day of evaluation
    (payee expressions). `as_of` chooses another day.
    """

    column: str
    target: str
    as_of: AsOf | None = None


@dataclass(frozen=True)
class Node:
    """The base of all expressions."""

    type: Type
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Key:
    """The condition of a table's row on one value: low <= x < high, or equality with `text`.

    A bound of None is open. If all three are None, every value fits.
    """

    low: Fraction | None
    high: Fraction | None
    text: str | None


@dataclass(frozen=True)
class Row:
    """One row of a table: a key for each dimension, and the value."""

    keys: tuple[Key, ...]
    value: Fraction
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of values by one or more dimensions.

    The first row that fits a combination of values decides, because rows with fewer `else` keys come first.

    Attributes:
        interpolated: There is one dimension, and the `low` bounds of its keys are ascending points. Between two points
            the value is interpolated in a straight line; outside it equals the value at the nearest point.
        listed: For each dimension of texts without "everything else", the texts that have a row; no other text may be
            looked up. None for other dimensions.
    """

    name: str
    interpolated: bool
    dimensions: tuple[Type, ...]
    rows: tuple[Row, ...]
    type: Type
    listed: tuple[frozenset[str] | None, ...]
    span: Span = field(compare=False, repr=False)


#: The end of the key of a quota that is summed over the intervals that have begun.
SO_FAR = " so far"


def longer_key(name: str, over: Grain | None) -> str:
    """Return the key of a measure or quota, over the component's interval or a longer one."""
    return name if over is None else f"{name}@{over}"


@dataclass(frozen=True)
class Literal(Node):
    """A constant."""

    value: Value


@dataclass(frozen=True, kw_only=True)
class Column(Node):
    """A column of the row reached by `steps` from a row of source `root`: `root.step.step.name`."""

    root: str
    steps: tuple[Step, ...]
    name: str
    optional: bool


@dataclass(frozen=True)
class MeasureValue(Node):
    """The payee's measure from the start of the interval to the day of evaluation.

    The interval is the component's own, or the longer one `over`.
    """

    measure: str
    over: Grain | None = None

    @property
    def key(self) -> str:
        """The key of its value among the values of a component's measures."""
        return longer_key(self.measure, self.over)


@dataclass(frozen=True)
class MeasureBefore(Node):
    """The payee's measure in the whole interval that lies `back` before the interval of the target."""

    measure: str
    back: Grain

    @property
    def key(self) -> str:
        """The key of its value among the values of measures."""
        return f"{self.measure}<{self.back}"


@dataclass(frozen=True, kw_only=True)
class Attainment(Node):
    """The measure to date divided by the quota of the component's whole interval.

    It is an exact ratio, which is never rounded before the component's rounding. `quota` names the quota: the measure's
    own, or one with a name of its own. With `over` both are those of this longer interval. With `so_far` the quota is
    the sum over its own intervals within `over` that have begun when the component falls due.
    """

    measure: str
    quota: str
    over: Grain | None = None
    so_far: bool = False

    @property
    def key(self) -> str:
        """The key of its measure's value."""
        return longer_key(self.measure, self.over)

    @property
    def quota_key(self) -> str:
        """The key of its quota."""
        return longer_key(self.quota, self.over) + (SO_FAR if self.so_far else "")


@dataclass(frozen=True)
class QuotaValue(Node):
    """The payee's quota for the component's whole interval."""

    quota: str


@dataclass(frozen=True)
class EarningValue(Node):
    """The entitlement of another component of the plan, on the same day and over the same interval.

    It is exact, before rounding and caps.
    """

    component: str


@dataclass(frozen=True)
class EarnedSoFar(Node):
    """The earnings to date of a component with a shorter interval, within the current interval.

    They are rounded by that component's own rule, before caps and budgets. All versions of the plan count.
    """

    component: str


@dataclass(frozen=True)
class OnPlanAtEnd(Node):
    """A condition: the payee is on a version of the plan on the last day of the interval (or window) that falls due."""


@dataclass(frozen=True, kw_only=True)
class Ratio(Node):
    """An exact ratio `top` / `bottom`; `otherwise` if `bottom` is zero."""

    top: Expr
    bottom: Expr
    otherwise: Literal


@dataclass(frozen=True)
class Lookup(Node):
    """The value of the table's row that fits the keys."""

    table: Table
    keys: tuple[Expr, ...]


@dataclass(frozen=True, kw_only=True)
class Rounded(Node):
    """The multiple of `step` that `value` rounds to by `mode`."""

    value: Expr
    step: Fraction
    mode: Mode


@dataclass(frozen=True, kw_only=True)
class Arithmetic(Node):
    """A calculation: `operator` is +, -, *, `at most` (the smaller of two) or `at least` (the larger of two)."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, kw_only=True)
class Comparison(Node):
    """A comparison: `operator` is one of == != < <= > >=."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, kw_only=True)
class Membership(Node):
    """A test `value in (…)`; `not in` if `negated`."""

    value: Expr
    options: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True)
class AllOf(Node):
    """A condition with `and`."""

    operands: tuple[Expr, ...]


@dataclass(frozen=True)
class AnyOf(Node):
    """A condition with `or`."""

    operands: tuple[Expr, ...]


@dataclass(frozen=True)
class Negation(Node):
    """A condition with `not`."""

    operand: Expr


@dataclass(frozen=True)
class Fallback(Node):
    """`column or else literal`: the literal if the optional column, or a reference on the way to it, is empty."""

    column: Column
    otherwise: Literal


@dataclass(frozen=True)
class Presence(Node):
    """`column is present`: true if the optional column is not empty."""

    column: Column


Expr = (
    Literal
    | Column
    | MeasureValue
    | MeasureBefore
    | Attainment
    | QuotaValue
    | EarningValue
    | EarnedSoFar
    | OnPlanAtEnd
    | Ratio
    | Lookup
    | Rounded
    | Arithmetic
    | Comparison
    | Membership
    | AllOf
    | AnyOf
    | Negation
    | Fallback
    | Presence
)


def children(node: Expr) -> tuple[Expr, ...]:
    """Return the direct sub-expressions of a node."""
    match node:
        case Arithmetic() | Comparison():
            return (node.left, node.right)
        case Ratio():
            return (node.top, node.bottom, node.otherwise)
        case Lookup():
            return node.keys
        case Rounded():
            return (node.value,)
        case Membership():
            return (node.value, *node.options)
        case AllOf() | AnyOf():
            return node.operands
        case Negation():
            return (node.operand,)
        case Fallback():
            return (node.column, node.otherwise)
        case Presence():
            return (node.column,)
    return ()


def walk(node: Expr) -> tuple[Expr, ...]:
    """Return the node and all its sub-expressions, parents first."""
    return (node, *(inner for child in children(node) for inner in walk(child)))
