"""All kinds of statements: the grammar of each, the parts that make its node, and the blocks it belongs to.

A row here adds a statement to the language. From the rows follow the lists of statements in the grammar, the keywords
(`grammar.py`), the abstract tree (`lower.py`), and what a version of a plan may replace and remove
(`check/versions.py`). The table is one module of more than 400 lines, so that every statement is in one place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from . import ast
from . import component_parts as component
from . import example_parts as example
from . import statement_parts as part
from .lower_expressions import Lowering
from .tree import Node

#: Reads one field of a statement's node.
Part = Callable[[Lowering, Node], object]

#: The blocks of the language.
CALENDAR, MEASURE, TERRITORY, TABLE, QUOTA = "calendar", "measure", "territory", "table", "quota"
TEMPLATE, PLAN, COMPONENT, EXAMPLE = "template", "plan", "component", "example"
BLOCKS = (CALENDAR, MEASURE, TERRITORY, TABLE, QUOTA, TEMPLATE, PLAN, COMPONENT, EXAMPLE)


@dataclass(frozen=True, kw_only=True)
class StatementKind:
    """A kind of statement.

    Attributes:
        grammar: The rule of the grammar. Its first word is the statement's keyword.
        node: The class of its node.
        parts: The functions that read the fields of the node, in their order.
        once: The blocks that may have one of it.
        several: The blocks that may have several of it.
        removable: True if a version of a plan may remove it.
        replaces: The nodes that a new one replaces in a component; without any, those of its own class.
        has_default: True if it holds without being written, so that a version can replace it all the same.
        inherited: True if a version takes it from the version that it changes.
        aligned: True if the formatter aligns the words after the keyword in a column.
    """

    grammar: str
    node: type[ast.Statement]
    parts: tuple[Part, ...]
    once: tuple[str, ...] = ()
    several: tuple[str, ...] = ()
    removable: bool = False
    replaces: tuple[type[ast.Statement], ...] = ()
    has_default: bool = False
    inherited: bool = True
    aligned: bool = True

    @property
    def rule(self) -> str:
        """The name of the grammar's rule, which is the kind of its node in the lossless tree."""
        return self.grammar.partition(":")[0]

    @property
    def keyword(self) -> str:
        """The terminal of the first word."""
        return self.grammar.split()[1]

    @property
    def is_property(self) -> bool:
        """True if it is a property of a plan, which a version may replace."""
        return PLAN in self.once and self.inherited

    def is_in(self, block: str) -> bool:
        """Return True if the block may have it."""
        return block in self.once or block in self.several


_PAY = (ast.Pays, ast.Tiers, ast.Ranks)
_INTERVAL = (ast.Each, ast.Window)
_RELEASE = (ast.Hold, ast.Release, ast.ReleaseWith)

STATEMENTS: tuple[StatementKind, ...] = (
    # calendar
    StatementKind(
        grammar="year_starts: YEAR STARTS (WEEKDAY NEAREST)? MONTH INT?",
        node=ast.YearStarts,
        parts=(part.month, part.day_of_month, part.weekday),
        once=(CALENDAR,),
        aligned=False,
    ),
    StatementKind(
        grammar="pay_frequency: PAY FREQUENCY",
        node=ast.PayFrequency,
        parts=(part.second_word,),
        once=(CALENDAR,),
        aligned=False,
    ),
    StatementKind(
        grammar="weeks: WEEKS PATTERN", node=ast.Weeks, parts=(part.week_pattern,), once=(CALENDAR,), aligned=False
    ),
    # measure
    StatementKind(
        grammar="label: LABEL STRING",
        node=ast.Label,
        parts=(part.text,),
        once=(MEASURE, TERRITORY, QUOTA, PLAN, COMPONENT),
        removable=True,
        has_default=True,
    ),
    StatementKind(grammar="sum: SUM _expr", node=ast.Sum, parts=(part.expression,), once=(MEASURE,)),
    StatementKind(grammar="count: COUNT NAME", node=ast.Count, parts=(part.name,), once=(MEASURE,)),
    StatementKind(
        grammar="count_distinct: COUNT DISTINCT path EACH grain",
        node=ast.CountDistinct,
        parts=(part.path, part.grain),
        once=(MEASURE,),
    ),
    StatementKind(
        grammar="rollup: ROLLUP NAME (WITH OVERLAYS)? TO (MANAGERS | MANAGER) OF PAYEE",
        node=ast.Rollup,
        parts=(part.name, part.has("OVERLAYS"), part.has("MANAGERS")),
        once=(MEASURE,),
    ),
    StatementKind(grammar="where: WHERE _expr", node=ast.Where, parts=(part.expression,), once=(MEASURE, QUOTA)),
    StatementKind(grammar="on_date: ON path", node=ast.OnDate, parts=(part.path,), once=(MEASURE,)),
    StatementKind(
        grammar="credit: CREDIT credit_share (COMMA credit_share)*",
        node=ast.Credit,
        parts=(part.credit_shares,),
        once=(MEASURE,),
    ),
    StatementKind(grammar="counts: COUNTS _date_range", node=ast.Counts, parts=(part.dates,), once=(MEASURE,)),
    # territory
    StatementKind(grammar="covers: COVERS _expr", node=ast.Covers, parts=(part.expression,), once=(TERRITORY,)),
    StatementKind(grammar="except: EXCEPT NAME (COMMA NAME)*", node=ast.Except, parts=(part.names,), once=(TERRITORY,)),
    StatementKind(
        grammar="owner: OWNER STRING _date_range", node=ast.Owner, parts=(part.text, part.dates), several=(TERRITORY,)
    ),
    StatementKind(grammar="owners: OWNERS FROM NAME", node=ast.Owners, parts=(part.name,), once=(TERRITORY,)),
    StatementKind(
        grammar="code: CODE STRING", node=ast.Code, parts=(part.text,), once=(TERRITORY, COMPONENT), removable=True
    ),
    # table
    StatementKind(
        grammar="table_row: table_key (COMMA table_key)* COLON _literal",
        node=ast.TableRow,
        parts=(part.table_keys, part.last_literal),
        several=(TABLE,),
    ),
    # quota
    StatementKind(
        grammar="quota_from: FROM NAME COMMA EACH grain",
        node=ast.QuotaFrom,
        parts=(part.name, part.grain),
        once=(QUOTA,),
    ),
    StatementKind(
        grammar="target: TARGET _expr EACH grain", node=ast.Target, parts=(part.expression, part.grain), once=(QUOTA,)
    ),
    StatementKind(grammar="ramp: RAMP PERCENT (COMMA PERCENT)*", node=ast.Ramp, parts=(part.percents,), once=(QUOTA,)),
    StatementKind(
        grammar="spread: SPREAD PERCENT (COMMA PERCENT)+", node=ast.Spread, parts=(part.percents,), once=(QUOTA,)
    ),
    StatementKind(
        grammar="prorate: PRORATE BY (CALENDAR | WORKING) DAYS (ON PLAN)?",
        node=ast.Prorate,
        parts=(part.has("WORKING"), part.has("PLAN")),
        once=(QUOTA,),
    ),
    StatementKind(grammar="adjust: ADJUST FROM NAME", node=ast.Adjust, parts=(part.name,), once=(QUOTA,)),
    StatementKind(grammar="zero: WHEN ZERO ATTAINMENT IS PERCENT", node=ast.Zero, parts=(part.percent,), once=(QUOTA,)),
    StatementKind(
        grammar="missing: WHEN MISSING ATTAINMENT IS PERCENT", node=ast.Missing, parts=(part.percent,), once=(QUOTA,)
    ),
    # plan and template
    StatementKind(
        grammar="effective: EFFECTIVE _date_range",
        node=ast.Effective,
        parts=(part.dates,),
        once=(PLAN,),
        inherited=False,
    ),
    StatementKind(grammar="reason: REASON STRING", node=ast.Reason, parts=(part.text,), once=(PLAN,), inherited=False),
    StatementKind(grammar="gap: GAP STRING", node=ast.Gap, parts=(part.text,), once=(PLAN,), inherited=False),
    StatementKind(
        grammar="members: FOR _expr | FOR assigned", node=ast.Members, parts=(part.members_test,), once=(PLAN,)
    ),
    StatementKind(
        grammar="currency: CURRENCY_WORD CURRENCY", node=ast.Currency, parts=(part.second_word,), once=(PLAN,)
    ),
    StatementKind(
        grammar="threshold: THRESHOLD PERCENT", node=ast.Threshold, parts=(part.percent,), once=(PLAN,), removable=True
    ),
    StatementKind(grammar="revenue: REVENUE NAME", node=ast.Revenue, parts=(part.name,), once=(PLAN,), removable=True),
    StatementKind(
        grammar="negative: NEGATIVE (CARRIED FORWARD (AT_MOST money)? (COMMA RECOVER AT_MOST PERCENT)? | FORGIVEN | CHARGED)",
        node=ast.Negative,
        parts=(part.negative_rule, part.optional_money, part.optional_percent),
        once=(TEMPLATE, PLAN),
        removable=True,
    ),
    StatementKind(
        grammar="guarantee: GUARANTEE _expr first_periods?",
        node=ast.Guarantee,
        parts=(part.expression, part.first_periods),
        once=(TEMPLATE, PLAN),
        removable=True,
    ),
    StatementKind(
        grammar="draw: DRAW NAME _expr first_periods? (COMMA recovery)?",
        node=ast.Draw,
        parts=(part.name, part.expression, part.first_periods, part.recovered_from, part.most_recovered),
        several=(TEMPLATE, PLAN),
        removable=True,
    ),
    StatementKind(
        grammar="cap: CAP _expr (EACH grain)?",
        node=ast.Cap,
        parts=(part.expression, part.optional_grain),
        once=(TEMPLATE, PLAN),
        several=(COMPONENT,),
        removable=True,
    ),
    StatementKind(
        grammar="watch: WATCH NAME WHEN figure COMPARE _literal",
        node=ast.Watch,
        parts=(part.name, part.watched_figure, part.comparison_sign, part.last_literal),
        several=(TEMPLATE, PLAN),
        removable=True,
    ),
    StatementKind(
        grammar="apply: APPLY NAME LPAR argument (COMMA argument)* RPAR",
        node=ast.Apply,
        parts=(part.name, part.arguments),
        several=(PLAN,),
    ),
    StatementKind(
        grammar="quota: QUOTA NAME (OF NAME)? _block{_quota_statement}",
        node=ast.Quota,
        parts=(part.name, part.statements, part.not_damaged, part.quota_measure),
        several=(PLAN,),
        removable=True,
    ),
    StatementKind(
        grammar="component: _kind NAME _block{_component_statement}",
        node=ast.Component,
        parts=(component.kind, part.name, part.statements),
        several=(TEMPLATE, PLAN),
        removable=True,
    ),
    # changes of a plan
    StatementKind(
        grammar="replace: REPLACE (apply | component | component_part | draw | _plan_property)",
        node=ast.Replace,
        parts=(part.inner_statement,),
        several=(PLAN,),
    ),
    StatementKind(
        grammar="add: ADD (apply | component | component_part | watch | quota | draw)",
        node=ast.Add,
        parts=(part.inner_statement,),
        several=(PLAN,),
    ),
    StatementKind(
        grammar="remove: REMOVE (_kind NAME (DOT part_word)? | WATCH NAME | QUOTA NAME | DRAW NAME | property_word)",
        node=ast.Remove,
        parts=(part.removed_kind, part.removed_name, part.removed_part),
        several=(PLAN,),
    ),
    StatementKind(
        grammar="component_part: _kind NAME DOT _component_statement",
        node=ast.ComponentStatement,
        parts=(component.kind, part.name, part.inner_statement),
    ),
    # component
    StatementKind(
        grammar="on_measure: ON NAME (COMMA grain TO DATE_WORD)?",
        node=ast.OnMeasure,
        parts=(part.name, part.optional_grain),
        once=(COMPONENT,),
    ),
    StatementKind(
        grammar="each: EACH grain",
        node=ast.Each,
        parts=(part.grain,),
        once=(COMPONENT,),
        replaces=_INTERVAL,
        has_default=True,
    ),
    StatementKind(
        grammar="window: WINDOW FROM (DATE | NAME) (THROUGH (DATE | NAME))?",
        node=ast.Window,
        parts=(component.window_dates,),
        once=(COMPONENT,),
        replaces=_INTERVAL,
    ),
    StatementKind(
        grammar="prorated: PRORATE BY (CALENDAR | WORKING) DAYS",
        node=ast.Prorate,
        parts=(part.has("WORKING"), part.has("PLAN")),
        once=(COMPONENT,),
        removable=True,
    ),
    StatementKind(
        grammar="when: WHEN _expr", node=ast.When, parts=(part.expression,), several=(COMPONENT,), removable=True
    ),
    StatementKind(
        grammar="gate: GATE WHEN _expr", node=ast.Gate, parts=(part.expression,), several=(COMPONENT,), removable=True
    ),
    StatementKind(
        grammar="pays: PAYS _expr", node=ast.Pays, parts=(part.expression,), once=(COMPONENT,), replaces=_PAY
    ),
    StatementKind(
        grammar="tiers: TIERS (BY (ATTAINMENT (OF NAME)? | AMOUNT) COMMA (MARGINAL | RETROACTIVE))? _block{tier}",
        node=ast.Tiers,
        parts=(component.tiers_basis, component.tiers_mode, component.tiers_quota, component.tiers_rows),
        once=(COMPONENT,),
        replaces=_PAY,
    ),
    StatementKind(
        grammar="ranks: RANKS _expr COMMA TIES (SHARE | HIGHER | LOWER) _block{place}",
        node=ast.Ranks,
        parts=(part.expression, component.ties, component.contest_places),
        once=(COMPONENT,),
        replaces=_PAY,
    ),
    StatementKind(
        grammar="pool: POOL (money | NAME | FROM NAME)",
        node=ast.Pool,
        parts=(component.pool_amount, component.pool_component),
        once=(COMPONENT,),
        removable=True,
    ),
    StatementKind(
        grammar="rounding: ROUND PER (LINE | PAYEE AND PERIOD_WORD) (TO number)? (COMMA mode)?",
        node=ast.Rounding,
        parts=(component.rounded_per, component.rounding_step, component.rounding_mode),
        once=(COMPONENT,),
        removable=True,
        has_default=True,
    ),
    StatementKind(
        grammar="budget: BUDGET (money | NAME) (COMMA (PRO RATA | FIRST COME))?",
        node=ast.Budget,
        parts=(part.money_or_parameter, part.has("FIRST")),
        once=(COMPONENT,),
        removable=True,
    ),
    StatementKind(
        grammar="hold: HOLD PERCENT (UNTIL END OF grain | UNTIL DATE | UNTIL path | WHILE _expr)",
        node=ast.Hold,
        parts=(part.percent, component.held_until, component.held_while),
        once=(COMPONENT,),
        removable=True,
        replaces=_RELEASE,
    ),
    StatementKind(
        grammar="release: RELEASE PERCENT (COMMA PERCENT)* (EACH grain)?",
        node=ast.Release,
        parts=(part.percents, part.optional_grain),
        once=(COMPONENT,),
        removable=True,
        replaces=_RELEASE,
    ),
    StatementKind(
        grammar="release_with: RELEASE WITH path OF path ON path",
        node=ast.ReleaseWith,
        parts=(part.path, part.second_path, part.third_path),
        once=(COMPONENT,),
        removable=True,
        replaces=_RELEASE,
    ),
    # example
    StatementKind(
        grammar="example_plan: PLAN NAME ON (DATE | PERIOD)",
        node=ast.ExamplePlan,
        parts=(part.name, example.day_or_period),
        once=(EXAMPLE,),
    ),
    StatementKind(
        grammar="given: GIVEN given_fact (COMMA given_fact)*",
        node=ast.Given,
        parts=(example.facts,),
        several=(EXAMPLE,),
    ),
    StatementKind(
        grammar="expect: EXPECT NAME EQUALS money", node=ast.Expect, parts=(part.name, part.money), several=(EXAMPLE,)
    ),
)

_FIELDS = {kind.node: [field.name for field in fields(kind.node)] for kind in STATEMENTS}
_BY_RULE = {kind.rule: kind for kind in STATEMENTS}
_BY_BLOCK = {(block, kind.node): kind for kind in STATEMENTS for block in (*kind.once, *kind.several)}


def lower_statement(context: Lowering, node: Node) -> ast.Statement:
    """Make the node of a statement from the lossless tree."""
    kind = _BY_RULE[node.kind]
    make: Callable[..., ast.Statement] = kind.node
    values = [context.span(node), *(read(context, node) for read in kind.parts)]
    return make(**dict(zip(_FIELDS[kind.node], values, strict=True)))


def kind_in(block: str, statement: ast.Statement) -> StatementKind:
    """Return the kind of a statement of a block."""
    return _BY_BLOCK[block, type(statement)]


def removed_by(block: str, word: str) -> tuple[type[ast.Statement], ...]:
    """Return the nodes that `remove` takes out of a plan or a component for a keyword."""
    kinds = [kind for kind in STATEMENTS if kind.is_in(block) and kind.removable]
    return tuple(kind.node for kind in kinds if keyword_of(kind.keyword) == word)


def keyword_of(terminal: str) -> str:
    """Return the word of a terminal whose name is that word, as `GATE` or, beside `CURRENCY`, `CURRENCY_WORD`."""
    return terminal.removesuffix("_WORD").lower()
