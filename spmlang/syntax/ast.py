"""The abstract syntax tree of a plan file, before any check. Spans do not take part in equality.

Most docstrings show the plan text that a class represents. All classes are in one file, in the order of the language,
because they are small and easier to find in one list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from spmlang.diagnostics.text import Span


@dataclass(frozen=True, eq=False, repr=False)
class Ast:
    """A node of the tree, with the span of its text.

    Subclasses inherit all methods, because a hundred classes with generated methods take twice as long to import.
    """

    span: Span

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash((type(self), self._compared()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self._compared()}"

    def _compared(self) -> tuple[object, ...]:
        """Return the values of all fields that equality compares: all but `span` and `damaged`."""
        return tuple(getattr(self, name) for name in self.__match_args__ if name not in ("span", "damaged"))


@dataclass(frozen=True, eq=False, repr=False)
class Name(Ast):
    """A name as written."""

    text: str


# ---- expressions ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Text(Ast):
    """`"shipped"`."""

    value: str


@dataclass(frozen=True, eq=False, repr=False)
class Percent(Ast):
    """`6.5%`: value 0.065, places 3 (decimal places of the value)."""

    value: Fraction
    places: int


@dataclass(frozen=True, eq=False, repr=False)
class Money(Ast):
    """`5_000.00 USD`."""

    value: Fraction
    places: int
    currency: str


@dataclass(frozen=True, eq=False, repr=False)
class Number(Ast):
    """`12` or `1.5`."""

    value: Fraction
    places: int


@dataclass(frozen=True, eq=False, repr=False)
class Day(Ast):
    """`2014-01-31`."""

    value: date


@dataclass(frozen=True, eq=False, repr=False)
class Flag(Ast):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, eq=False, repr=False)
class Path(Ast):
    """`orders.customer.state`; the first name may be `payee`."""

    root: Name
    members: tuple[Name, ...]


@dataclass(frozen=True, eq=False, repr=False)
class AsOf(Ast):
    """`orders.currency.usd as of end of month`; `end` is false for `start of`."""

    path: Path
    end: bool
    grain: GrainWord


@dataclass(frozen=True, eq=False, repr=False)
class AttainmentOf(Ast):
    """`attainment of bookings [year to date]`.

    `quota` is the name of a measure, or of a quota with a name of its own. With `so_far` (`year so far`) the measure is
    divided by the targets of the intervals that have begun.
    """

    quota: Name
    over: GrainWord | None
    so_far: bool


@dataclass(frozen=True, eq=False, repr=False)
class MeasureToDate(Ast):
    """`bookings year to date`."""

    measure: Name
    over: GrainWord


@dataclass(frozen=True, eq=False, repr=False)
class MeasureBefore(Ast):
    """`bookings a year before`; `back` is the length of time before, here a year."""

    measure: Name
    back: GrainWord


@dataclass(frozen=True, eq=False, repr=False)
class QuotaOf(Ast):
    """`quota of bookings`."""

    quota: Name


@dataclass(frozen=True, eq=False, repr=False)
class EarningOf(Ast):
    """`earning of base`."""

    component: Name


@dataclass(frozen=True, eq=False, repr=False)
class RatioOf(Ast):
    """`ratio of margin to bookings else 0%`; `otherwise` is the value if the second is zero."""

    top: Expr
    bottom: Expr
    otherwise: Literal


@dataclass(frozen=True, eq=False, repr=False)
class Lookup(Ast):
    """`accelerator at attainment of bookings`, `grid at (a, b)`."""

    table: Name
    keys: tuple[Expr, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Rounded(Ast):
    """`x rounded down to 1%`; no mode means half up."""

    value: Expr
    mode: str | None
    step: Literal


@dataclass(frozen=True, eq=False, repr=False)
class Converted(Ast):
    """`x converted to USD at orders.currency.rate`."""

    value: Expr
    currency: str
    rate: Expr


@dataclass(frozen=True, eq=False, repr=False)
class Binary(Ast):
    """`operator` as written: + - * of per."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, eq=False, repr=False)
class Compare(Ast):
    """`operator` is one of == != < <= > >=."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, eq=False, repr=False)
class InList(Ast):
    """`x in (…)`."""

    value: Expr
    options: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True, eq=False, repr=False)
class IsPresent(Ast):
    """`x is present`."""

    value: Expr


@dataclass(frozen=True, eq=False, repr=False)
class OnPlanAtEnd(Ast):
    """`payee on plan at end`."""


@dataclass(frozen=True, eq=False, repr=False)
class AllOf(Ast):
    """`a and b`."""

    operands: tuple[Expr, ...]


@dataclass(frozen=True, eq=False, repr=False)
class AnyOf(Ast):
    """`a or b`."""

    operands: tuple[Expr, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Not(Ast):
    """`not a`."""

    operand: Expr


@dataclass(frozen=True, eq=False, repr=False)
class OrElse(Ast):
    """`x or else 0%`."""

    path: Path | AsOf
    otherwise: Literal


Literal = Text | Percent | Money | Number | Day | Flag
Expr = (
    Literal
    | Path
    | AsOf
    | AttainmentOf
    | MeasureToDate
    | MeasureBefore
    | QuotaOf
    | EarningOf
    | RatioOf
    | Lookup
    | Rounded
    | Converted
    | Binary
    | Compare
    | InList
    | IsPresent
    | OnPlanAtEnd
    | AllOf
    | AnyOf
    | Not
    | OrElse
)


@dataclass(frozen=True, eq=False, repr=False)
class Dates(Ast):
    """`from D [through D]`; in a template a day may be a parameter."""

    start: Expr
    through: Expr | None


@dataclass(frozen=True, eq=False, repr=False)
class GrainWord(Ast):
    """A grain: period, month, quarter, half or year."""

    word: str


# ---- statements -------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Statement(Ast):
    """A statement of a block. `statements.py` has a row for each class, with its grammar and its block."""


@dataclass(frozen=True, eq=False, repr=False)
class Label(Statement):
    """`label "…"`."""

    text: str


@dataclass(frozen=True, eq=False, repr=False)
class YearStarts(Statement):
    """`year starts [Sunday nearest] May [30]`; weekday counts from Monday = 0."""

    month: int
    day: int
    weekday: int | None


@dataclass(frozen=True, eq=False, repr=False)
class PayFrequency(Statement):
    """`pay monthly`."""

    word: str


@dataclass(frozen=True, eq=False, repr=False)
class Weeks(Statement):
    """`weeks 4-4-5`."""

    pattern: tuple[int, int, int]


@dataclass(frozen=True, eq=False, repr=False)
class Sum(Statement):
    """`sum` expression."""

    value: Expr


@dataclass(frozen=True, eq=False, repr=False)
class Count(Statement):
    """`count` source."""

    source: Name


@dataclass(frozen=True, eq=False, repr=False)
class CountDistinct(Statement):
    """`count distinct orders.customer each quarter`."""

    path: Path
    grain: GrainWord


@dataclass(frozen=True, eq=False, repr=False)
class Rollup(Statement):
    """`rollup bookings [with overlays] to managers of payee`."""

    measure: Name
    overlays: bool
    all_levels: bool


@dataclass(frozen=True, eq=False, repr=False)
class Where(Statement):
    """`where` condition."""

    test: Expr


@dataclass(frozen=True, eq=False, repr=False)
class OnDate(Statement):
    """`on orders.order_date`."""

    path: Path


@dataclass(frozen=True, eq=False, repr=False)
class OwnerOf(Ast):
    """`owner of territory of orders.customer`."""

    path: Path


@dataclass(frozen=True, eq=False, repr=False)
class MembersOf(Ast):
    """`members of orders.team in teams by teams.share`; without `by` each member is credited 100%."""

    path: Path
    table: Name
    by: Path | None


@dataclass(frozen=True, eq=False, repr=False)
class CreditShare(Ast):
    """A share of a credit clause. `share` None means 100%. An overlay is credited beyond the 100%."""

    to: Path | OwnerOf | MembersOf
    share: Percent | None
    overlay: bool


@dataclass(frozen=True, eq=False, repr=False)
class Credit(Statement):
    """`credit` shares."""

    shares: tuple[CreditShare, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Counts(Statement):
    """`counts from D`."""

    dates: Dates


@dataclass(frozen=True, eq=False, repr=False)
class Covers(Statement):
    """`covers` condition."""

    test: Expr


@dataclass(frozen=True, eq=False, repr=False)
class Except(Statement):
    """`except key_accounts, partners`: the rows that these territories cover are left out."""

    territories: tuple[Name, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Owner(Statement):
    """`owner "283" from D through D`."""

    payee: str
    dates: Dates


@dataclass(frozen=True, eq=False, repr=False)
class Owners(Statement):
    """`owners from` table."""

    table: Name


@dataclass(frozen=True, eq=False, repr=False)
class Code(Statement):
    """`code "1"`."""

    text: str


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class TableKey(Ast):
    """The values that a row of a table matches in one dimension.

    These are `low` up to `high`, `low` and above (no `high`), below `high` (no `low`), the point `low` of an
    interpolated table (`point`), a text, or all other values (all fields None).
    """

    low: Percent | Money | Number | None
    high: Percent | Money | Number | None
    text: str | None
    point: bool


@dataclass(frozen=True, eq=False, repr=False)
class TableRow(Statement):
    """`0% to 50%, "Bikes" : 2%`."""

    keys: tuple[TableKey, ...]
    value: Literal


@dataclass(frozen=True, eq=False, repr=False)
class QuotaFrom(Statement):
    """`from quota_history, each quarter`."""

    table: Name
    grain: GrainWord


@dataclass(frozen=True, eq=False, repr=False)
class Target(Statement):
    """`target 200_000.00 USD each quarter`."""

    value: Expr
    grain: GrainWord


@dataclass(frozen=True, eq=False, repr=False)
class Ramp(Statement):
    """`ramp 25%, 50%, 75%`."""

    shares: tuple[Percent, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Spread(Statement):
    """`spread 20%, 25%, 25%, 30%`."""

    shares: tuple[Percent, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Prorate(Statement):
    """`prorate by calendar days [on plan]` or `prorate by working days`; of a quota or of a component."""

    working: bool
    on_plan: bool


@dataclass(frozen=True, eq=False, repr=False)
class Adjust(Statement):
    """`adjust from quota_relief`."""

    table: Name


@dataclass(frozen=True, eq=False, repr=False)
class Zero(Statement):
    """`when zero attainment is 100%`."""

    attainment: Percent


@dataclass(frozen=True, eq=False, repr=False)
class Missing(Statement):
    """`when missing attainment is 0%`."""

    attainment: Percent


@dataclass(frozen=True, eq=False, repr=False)
class Effective(Statement):
    """`effective from D [through D]`."""

    dates: Dates


@dataclass(frozen=True, eq=False, repr=False)
class Assigned(Ast):
    """`payees assigned in` table."""

    table: Name


@dataclass(frozen=True, eq=False, repr=False)
class Members(Statement):
    """`for` condition, or `for payees assigned in` table."""

    test: Expr | Assigned


@dataclass(frozen=True, eq=False, repr=False)
class Currency(Statement):
    """`currency USD`."""

    code: str


@dataclass(frozen=True, eq=False, repr=False)
class Reason(Statement):
    """`reason "…"`."""

    text: str


@dataclass(frozen=True, eq=False, repr=False)
class Gap(Statement):
    """`gap "…"`: the reason why no version is in force for some days before this one."""

    text: str


@dataclass(frozen=True, eq=False, repr=False)
class Threshold(Statement):
    """`threshold 80%`."""

    attainment: Percent


@dataclass(frozen=True, eq=False, repr=False)
class Revenue(Statement):
    """`revenue` measure."""

    measure: Name


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Watch(Statement):
    """`watch base when cost of sales > 8%`; `figure` is its words joined by spaces."""

    component: Name
    figure: str
    operator: str
    limit: Literal


@dataclass(frozen=True, eq=False, repr=False)
class Cap(Statement):
    """`cap 20_000.00 USD each month`; `grain` None means the pay period."""

    limit: Expr
    grain: GrainWord | None


@dataclass(frozen=True, eq=False, repr=False)
class OnMeasure(Statement):
    """`on bookings, year to date`."""

    measure: Name
    to_date: GrainWord | None


@dataclass(frozen=True, eq=False, repr=False)
class Each(Statement):
    """`each quarter`."""

    grain: GrainWord


@dataclass(frozen=True, eq=False, repr=False)
class Window(Statement):
    """`window from D through D`."""

    dates: Dates


@dataclass(frozen=True, eq=False, repr=False)
class When(Statement):
    """`when` condition."""

    test: Expr


@dataclass(frozen=True, eq=False, repr=False)
class Gate(Statement):
    """`gate when` condition."""

    test: Expr


@dataclass(frozen=True, eq=False, repr=False)
class Pays(Statement):
    """`pays` expression."""

    value: Expr


@dataclass(frozen=True, eq=False, repr=False)
class Tier(Ast):
    """A row of a tier table; `high` None means "and above"."""

    low: Percent | Money | Number
    high: Percent | Money | Number | None
    value: Expr


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Tiers(Statement):
    """`tiers by attainment, marginal { … }`.

    `basis` and `mode` are None if a changed version leaves out `by …`. `quota` is the name in `by attainment of
    stretch`; None means the measure's own quota.
    """

    basis: str | None
    mode: str | None
    quota: Name | None
    rows: tuple[Tier, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Place(Ast):
    """A row of a contest, from place `low` to place `high`.

    `prize` is an amount, a percentage of the measure or, in a template, a parameter.
    """

    low: int
    high: int
    prize: Expr


@dataclass(frozen=True, eq=False, repr=False)
class Ranks(Statement):
    """`ranks bookings, ties share { … }`."""

    value: Expr
    ties: str
    rows: tuple[Place, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Pool(Statement):
    """`pool 10_000.00 USD` or `pool from paid_in`; in a template `amount` may be a parameter."""

    amount: Expr | None
    component: Name | None


@dataclass(frozen=True, eq=False, repr=False)
class Rounding(Statement):
    """`round per payee and period to 0.05, half up`; `per` is "line" or "payee and period"."""

    per: str
    step: Number | None
    mode: str | None


@dataclass(frozen=True, eq=False, repr=False)
class Budget(Statement):
    """`budget 100_000.00 USD, first come`.

    `first_come` is false for `, pro rata`, which is also the default. In a template `limit` may be a parameter.
    """

    limit: Expr
    first_come: bool


@dataclass(frozen=True, eq=False, repr=False)
class Argument(Ast):
    """`booked = bookings`."""

    name: Name
    value: Expr


@dataclass(frozen=True, eq=False, repr=False)
class Apply(Statement):
    """`apply accelerated(booked = bookings, rate = 5%)`."""

    template: Name
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Negative(Statement):
    """`negative carried forward [at most 500.00 USD][, recover at most 50%]`, `negative forgiven` or `negative charged`."""

    rule: str
    most: Money | None
    recover_most: Percent | None


@dataclass(frozen=True, eq=False, repr=False)
class Guarantee(Statement):
    """`guarantee 3_000.00 USD for first 3 periods`."""

    amount: Expr
    periods: int | None


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Draw(Statement):
    """`draw start 2_000.00 USD for first 6 periods, recover from D at most 50%`."""

    name: Name
    amount: Expr
    periods: int | None
    recover_from: Day | None
    recover_most: Percent | None


@dataclass(frozen=True, eq=False, repr=False)
class Hold(Statement):
    """`hold 20% until end of quarter`, `… until D`, `… until orders.paid_on`, or `hold 100% while not payee.certified`."""

    part: Percent
    until: GrainWord | Day | Path | None
    test: Expr | None


@dataclass(frozen=True, eq=False, repr=False)
class Release(Statement):
    """`release 50%, 30%, 20% each quarter`; `each` None means the pay period."""

    parts: tuple[Percent, ...]
    each: GrainWord | None


@dataclass(frozen=True, eq=False, repr=False)
class ReleaseWith(Statement):
    """`release with receipts.amount of receipts.order.amount on receipts.received`."""

    cash: Path
    of: Path
    on: Path


@dataclass(frozen=True, eq=False, repr=False)
class Component(Statement):
    """`commission base { … }`."""

    kind: str
    name: Name
    statements: tuple[Statement, ...]


@dataclass(frozen=True, eq=False, repr=False)
class ComponentStatement(Statement):
    """`commission base.tiers …`: one statement of a component."""

    kind: str
    name: Name
    statement: Statement


@dataclass(frozen=True, eq=False, repr=False)
class Replace(Statement):
    """`replace` an `apply`, a component, a statement of a component, a draw or a property of the plan."""

    new: Statement


@dataclass(frozen=True, eq=False, repr=False)
class Add(Statement):
    """`add` an `apply`, a component, a statement of a component, a watch, a quota or a draw."""

    new: Statement


@dataclass(frozen=True, eq=False, repr=False)
class Remove(Statement):
    """`remove` a component, one of its statements, a watch, a quota, a draw or a property of the plan.

    `kind` and `name` say which; `part` is the word of a component's statement. For a property of the plan, such as
    `cap`, `kind` and `name` are both its word.
    """

    kind: str
    name: Name
    part: str | None


@dataclass(frozen=True, eq=False, repr=False)
class ExamplePlan(Statement):
    """`plan account_executive on 2013-08`; `on` is a day or a period's label."""

    plan: Name
    on: date | str


@dataclass(frozen=True, eq=False, repr=False)
class GivenFact(Ast):
    """A fact of an example; `kind` is "measure", "quota", "earning" or "payee"."""

    kind: str
    name: Name
    value: Literal


@dataclass(frozen=True, eq=False, repr=False)
class Given(Statement):
    """`given bookings = 12_000.00 USD, quota bookings = 10_000.00 USD`."""

    facts: tuple[GivenFact, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Expect(Statement):
    """`expect base = 12_000.00 USD`."""

    component: Name
    amount: Money


# ---- declarations -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Use(Ast):
    """`use std.fiscal_july` or `use shared`."""

    path: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Declaration(Ast):
    """A named block. If `damaged`, a statement was cut out of it, so a missing statement is not reported."""

    name: Name
    statements: tuple[Statement, ...]
    damaged: bool


@dataclass(frozen=True, eq=False, repr=False)
class Calendar(Declaration):
    """`calendar fiscal { … }`."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Measure(Declaration):
    """`measure bookings in USD { … }`."""

    currency: str | None


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Territory(Declaration):
    """`territory northwest of customers { … }`."""

    source: Name


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Table(Declaration):
    """`table accelerator [interpolated] { … }`."""

    interpolated: bool


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Quota(Declaration, Statement):
    """`quota bookings { … }` or `quota stretch of bookings { … }`, for the whole project or inside a plan."""

    measure: Name


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Template(Declaration):
    """`template accelerated(booked, rate) { … }`.

    Its statements are those of a plan. The plan that applies it gives the values of the parameters.
    """

    parameters: tuple[Name, ...]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Plan(Declaration):
    """`plan account_executive version 4 changes version 3 { … }`."""

    version: int
    changes: int | None


@dataclass(frozen=True, eq=False, repr=False)
class Example(Declaration):
    """`example "…" { … }`; the name is the title."""


TopLevel = Use | Calendar | Measure | Territory | Table | Quota | Template | Plan | Example


@dataclass(frozen=True)
class File:
    """A plan file. `undeclared_after_error` are the names that unreadable items declare."""

    items: tuple[TopLevel, ...]
    undeclared_after_error: tuple[str, ...]
