"""Typed expressions. Every node knows its type and where it was written; spans do not take part in equality.

Values: numbers (money, rate, number, count) are exact `Fraction`s, text is `str`, dates are `date`, flags are `bool`.
Where an expression stands decides what its leaves may be:
- row expressions (a measure's `sum` and `where`, a territory's `covers`) hold `Column`s rooted at one source;
- payee expressions (`for`, `target`, `cap`) hold `Column`s rooted at the roster, `target` also `MeasureBefore`;
- pay expressions (`pays`, `when`, `gate`, tier values) may hold roster `Column`s, `MeasureValue`, `Attainment`, `QuotaValue`.
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
    """The first or the last day of the interval that holds the day at hand."""

    end: bool
    grain: Grain


@dataclass(frozen=True)
class Step:
    """One reference walked with a dot: `column` of the row at hand names a row of source `target`.

    If `target` is dated, the row in force on the measure's date (row expressions) or on the day at hand (payee expressions); with
    `as_of` on another day.
    """

    column: str
    target: str
    as_of: AsOf | None = None


@dataclass(frozen=True)
class Node:
    """What every expression has."""

    type: Type
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Key:
    """What a row of a table asks of one value: low <= x < high (None: no bound), or a text; all None: anything."""

    low: Fraction | None
    high: Fraction | None
    text: str | None


@dataclass(frozen=True)
class Row:
    """One row of a table: a key for each dimension, and the value."""

    keys: tuple[Key, ...]
    value: Fraction
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Table:
    """Values by one or more dimensions. A combination's row is the first that it lies in: the rows that name more stand first.

    `listed`: for each dimension of texts without "everything else", the texts that have a row; nothing else may be asked for.
    `interpolated`: one dimension, the keys' `low` are ascending points; between two points the value runs in a straight line,
    outside it stays what it is at the nearest point.
    """

    name: str
    interpolated: bool
    dimensions: tuple[Type, ...]
    rows: tuple[Row, ...]
    type: Type
    listed: tuple[frozenset[str] | None, ...]
    span: Span = field(compare=False, repr=False)


#: What the key of a quota ends with that is summed over the intervals begun.
SO_FAR = " so far"


def longer_key(name: str, over: Grain | None) -> str:
    """A measure or quota over the component's own interval, or over a longer one."""
    return name if over is None else f"{name}@{over}"


@dataclass(frozen=True)
class Literal(Node):
    """A constant."""

    value: Value


@dataclass(frozen=True)
class Column(Node):
    """`root.step.step.name`: a column of the row reached from a row of source `root`."""

    root: str
    steps: tuple[Step, ...]
    name: str
    optional: bool


@dataclass(frozen=True)
class MeasureValue(Node):
    """The payee's measure from the start of the component's interval, or of the longer one `over`, to the day at hand."""

    measure: str
    over: Grain | None = None

    @property
    def key(self) -> str:
        """What its value is called among the values of a component's measures."""
        return longer_key(self.measure, self.over)


@dataclass(frozen=True)
class MeasureBefore(Node):
    """The payee's measure in the interval that lies `back` before the one whose target is asked for; all of that interval."""

    measure: str
    back: Grain

    @property
    def key(self) -> str:
        """What its value is called among the values of measures."""
        return f"{self.measure}<{self.back}"


@dataclass(frozen=True)
class Attainment(Node):
    """Measure to date divided by the quota of the component's whole interval: an exact ratio, never divided out before the
    component's rounding point. `quota` names the quota: the measure's own, or one of a name of its own. With `over`
    both are those of this longer interval; with `so_far` the quota is the sum over its own intervals in it that have begun when
    the component falls due.
    """

    measure: str
    quota: str
    over: Grain | None = None
    so_far: bool = False

    @property
    def key(self) -> str:
        """What its measure's value is called."""
        return longer_key(self.measure, self.over)

    @property
    def quota_key(self) -> str:
        """What its quota is called."""
        return longer_key(self.quota, self.over) + (SO_FAR if self.so_far else "")


@dataclass(frozen=True)
class QuotaValue(Node):
    """The payee's quota for the component's whole interval."""

    quota: str


@dataclass(frozen=True)
class EarningValue(Node):
    """What another component of the plan entitles to on the same day, over the same interval: exact, before rounding and caps."""

    component: str


@dataclass(frozen=True)
class EarnedSoFar(Node):
    """What a component with a shorter interval has earned in this one, in every version of the plan, by the day: rounded by its
    own rule, before caps and budgets.
    """

    component: str


@dataclass(frozen=True)
class OnPlanAtEnd(Node):
    """Whether the payee is on a version of the plan on the last day of the interval (or window) that falls due."""


@dataclass(frozen=True)
class Ratio(Node):
    """An exact ratio; `otherwise` where the second is zero."""

    top: Expr
    bottom: Expr
    otherwise: Literal


@dataclass(frozen=True)
class Lookup(Node):
    """The value of the table's row that the keys lie in."""

    table: Table
    keys: tuple[Expr, ...]


@dataclass(frozen=True)
class Rounded(Node):
    """The nearest multiple of `step`, by `mode`."""

    value: Expr
    step: Fraction
    mode: Mode


@dataclass(frozen=True)
class Arithmetic(Node):
    """`operator` is one of + - * and `at most`, `at least`: the smaller, the larger of two."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True)
class Comparison(Node):
    """`operator` is one of == != < <= > >=."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True)
class Membership(Node):
    """`value in (…)`; `negated` for `not in`."""

    value: Expr
    options: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True)
class AllOf(Node):
    """`and`."""

    operands: tuple[Expr, ...]


@dataclass(frozen=True)
class AnyOf(Node):
    """`or`."""

    operands: tuple[Expr, ...]


@dataclass(frozen=True)
class Negation(Node):
    """`not`."""

    operand: Expr


@dataclass(frozen=True)
class Fallback(Node):
    """`column or else literal`: the literal where the optional column (or a reference on the way to it) is empty."""

    column: Column
    otherwise: Literal


@dataclass(frozen=True)
class Presence(Node):
    """`column is present`: true where the optional column is not empty."""

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
    """The direct sub-expressions of a node."""
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
    """The node and everything below it, parents first."""
    return (node, *(inner for child in children(node) for inner in walk(child)))
