"""All kinds of statements: the grammar of each, the parts that make its node, and the blocks it belongs to.

A row here adds a statement to the language. From the rows follow the lists of statements in the grammar, the keywords
(`grammar.py`), the abstract tree (`lower.py`), and what a version of a plan may replace and remove (`check/versions.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

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


@dataclass(frozen=True)
class StatementKind:
    """A kind of statement.

    Attributes:
        grammar: The rule of the grammar. Its first word is the statement's keyword.
        node: The class of its node.
        parts: The functions that read the fields of the node, in their order.
        once: The blocks that may have one of it.
        several: The blocks that may have several of it.
        removable: Whether a version of a plan may remove it.
        replaces: The nodes that a new one replaces in a component; without any, those of its own class.
        has_default: Whether it holds without being written, so that a version can replace it all the same.
        inherited: Whether a version has it from the version that it changes.
        aligned: Whether the formatter puts what follows the keyword into a column.
    """

    grammar: str
    node: type[ast.Statement]
    parts: tuple[Part, ...]
    _: KW_ONLY
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
        """Whether it is a property of a plan, which a version may replace."""
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
        "year_starts: YEAR STARTS (WEEKDAY NEAREST)? MONTH INT?",
        ast.YearStarts,
        (part.month, part.day_of_month, part.weekday),
        once=(CALENDAR,),
        aligned=False,
    ),
    StatementKind(
        "pay_frequency: PAY FREQUENCY", ast.PayFrequency, (part.second_word,), once=(CALENDAR,), aligned=False
    ),
    StatementKind("weeks: WEEKS PATTERN", ast.Weeks, (part.week_pattern,), once=(CALENDAR,), aligned=False),
    # measure
    StatementKind(
        "label: LABEL STRING",
        ast.Label,
        (part.text,),
        once=(MEASURE, TERRITORY, QUOTA, PLAN, COMPONENT),
        removable=True,
        has_default=True,
    ),
    StatementKind("sum: SUM _expr", ast.Sum, (part.expression,), once=(MEASURE,)),
    StatementKind("count: COUNT NAME", ast.Count, (part.name,), once=(MEASURE,)),
    StatementKind(
        "count_distinct: COUNT DISTINCT path EACH grain", ast.CountDistinct, (part.path, part.grain), once=(MEASURE,)
    ),
    StatementKind(
        "rollup: ROLLUP NAME (WITH OVERLAYS)? TO (MANAGERS | MANAGER) OF PAYEE",
        ast.Rollup,
        (part.name, part.has("OVERLAYS"), part.has("MANAGERS")),
        once=(MEASURE,),
    ),
    StatementKind("where: WHERE _expr", ast.Where, (part.expression,), once=(MEASURE, QUOTA)),
    StatementKind("on_date: ON path", ast.OnDate, (part.path,), once=(MEASURE,)),
    StatementKind(
        "credit: CREDIT credit_share (COMMA credit_share)*", ast.Credit, (part.credit_shares,), once=(MEASURE,)
    ),
    StatementKind("counts: COUNTS _date_range", ast.Counts, (part.dates,), once=(MEASURE,)),
    # territory
    StatementKind("covers: COVERS _expr", ast.Covers, (part.expression,), once=(TERRITORY,)),
    StatementKind("except: EXCEPT NAME (COMMA NAME)*", ast.Except, (part.names,), once=(TERRITORY,)),
    StatementKind("owner: OWNER STRING _date_range", ast.Owner, (part.text, part.dates), several=(TERRITORY,)),
    StatementKind("owners: OWNERS FROM NAME", ast.Owners, (part.name,), once=(TERRITORY,)),
    StatementKind("code: CODE STRING", ast.Code, (part.text,), once=(TERRITORY, COMPONENT), removable=True),
    # table
    StatementKind(
        "table_row: table_key (COMMA table_key)* COLON _literal",
        ast.TableRow,
        (part.table_keys, part.last_literal),
        several=(TABLE,),
    ),
    # quota
    StatementKind("quota_from: FROM NAME COMMA EACH grain", ast.QuotaFrom, (part.name, part.grain), once=(QUOTA,)),
    StatementKind("target: TARGET _expr EACH grain", ast.Target, (part.expression, part.grain), once=(QUOTA,)),
    StatementKind("ramp: RAMP PERCENT (COMMA PERCENT)*", ast.Ramp, (part.percents,), once=(QUOTA,)),
    StatementKind("spread: SPREAD PERCENT (COMMA PERCENT)+", ast.Spread, (part.percents,), once=(QUOTA,)),
    StatementKind(
        "prorate: PRORATE BY (CALENDAR | WORKING) DAYS (ON PLAN)?",
        ast.Prorate,
        (part.has("WORKING"), part.has("PLAN")),
        once=(QUOTA,),
    ),
    StatementKind("adjust: ADJUST FROM NAME", ast.Adjust, (part.name,), once=(QUOTA,)),
    StatementKind("zero: WHEN ZERO ATTAINMENT IS PERCENT", ast.Zero, (part.percent,), once=(QUOTA,)),
    StatementKind("missing: WHEN MISSING ATTAINMENT IS PERCENT", ast.Missing, (part.percent,), once=(QUOTA,)),
    # plan and template
    StatementKind("effective: EFFECTIVE _date_range", ast.Effective, (part.dates,), once=(PLAN,), inherited=False),
    StatementKind("reason: REASON STRING", ast.Reason, (part.text,), once=(PLAN,), inherited=False),
    StatementKind("gap: GAP STRING", ast.Gap, (part.text,), once=(PLAN,), inherited=False),
    StatementKind("members: FOR _expr | FOR assigned", ast.Members, (part.members_test,), once=(PLAN,)),
    StatementKind("currency: CURRENCY_WORD CURRENCY", ast.Currency, (part.second_word,), once=(PLAN,)),
    StatementKind("threshold: THRESHOLD PERCENT", ast.Threshold, (part.percent,), once=(PLAN,), removable=True),
    StatementKind("revenue: REVENUE NAME", ast.Revenue, (part.name,), once=(PLAN,), removable=True),
    StatementKind(
        "negative: NEGATIVE (CARRIED FORWARD (AT_MOST money)? (COMMA RECOVER AT_MOST PERCENT)? | FORGIVEN | CHARGED)",
        ast.Negative,
        (part.negative_rule, part.optional_money, part.optional_percent),
        once=(TEMPLATE, PLAN),
        removable=True,
    ),
    StatementKind(
        "guarantee: GUARANTEE _expr first_periods?",
        ast.Guarantee,
        (part.expression, part.first_periods),
        once=(TEMPLATE, PLAN),
        removable=True,
    ),
    StatementKind(
        "draw: DRAW NAME _expr first_periods? (COMMA recovery)?",
        ast.Draw,
        (part.name, part.expression, part.first_periods, part.recovered_from, part.most_recovered),
        several=(TEMPLATE, PLAN),
        removable=True,
    ),
    StatementKind(
        "cap: CAP _expr (EACH grain)?",
        ast.Cap,
        (part.expression, part.optional_grain),
        once=(TEMPLATE, PLAN),
        several=(COMPONENT,),
        removable=True,
    ),
    StatementKind(
        "watch: WATCH NAME WHEN figure COMPARE _literal",
        ast.Watch,
        (part.name, part.watched_figure, part.comparison_sign, part.last_literal),
        several=(TEMPLATE, PLAN),
        removable=True,
    ),
    StatementKind(
        "apply: APPLY NAME LPAR argument (COMMA argument)* RPAR",
        ast.Apply,
        (part.name, part.arguments),
        several=(PLAN,),
    ),
    StatementKind(
        "quota: QUOTA NAME (OF NAME)? _block{_quota_statement}",
        ast.Quota,
        (part.name, part.statements, part.not_damaged, part.quota_measure),
        several=(PLAN,),
        removable=True,
    ),
    StatementKind(
        "component: _kind NAME _block{_component_statement}",
        ast.Component,
        (component.kind, part.name, part.statements),
        several=(TEMPLATE, PLAN),
        removable=True,
    ),
    # changes of a plan
    StatementKind(
        "replace: REPLACE (apply | component | component_part | draw | _plan_property)",
        ast.Replace,
        (part.inner_statement,),
        several=(PLAN,),
    ),
    StatementKind(
        "add: ADD (apply | component | component_part | watch | quota | draw)",
        ast.Add,
        (part.inner_statement,),
        several=(PLAN,),
    ),
    StatementKind(
        "remove: REMOVE (_kind NAME (DOT part_word)? | WATCH NAME | QUOTA NAME | DRAW NAME | property_word)",
        ast.Remove,
        (part.removed_kind, part.removed_name, part.removed_part),
        several=(PLAN,),
    ),
    StatementKind(
        "component_part: _kind NAME DOT _component_statement",
        ast.ComponentStatement,
        (component.kind, part.name, part.inner_statement),
    ),
    # component
    StatementKind(
        "on_measure: ON NAME (COMMA grain TO DATE_WORD)?",
        ast.OnMeasure,
        (part.name, part.optional_grain),
        once=(COMPONENT,),
    ),
    StatementKind("each: EACH grain", ast.Each, (part.grain,), once=(COMPONENT,), replaces=_INTERVAL, has_default=True),
    StatementKind(
        "window: WINDOW FROM (DATE | NAME) (THROUGH (DATE | NAME))?",
        ast.Window,
        (component.window_dates,),
        once=(COMPONENT,),
        replaces=_INTERVAL,
    ),
    StatementKind(
        "prorated: PRORATE BY (CALENDAR | WORKING) DAYS",
        ast.Prorate,
        (part.has("WORKING"), part.has("PLAN")),
        once=(COMPONENT,),
        removable=True,
    ),
    StatementKind("when: WHEN _expr", ast.When, (part.expression,), several=(COMPONENT,), removable=True),
    StatementKind("gate: GATE WHEN _expr", ast.Gate, (part.expression,), several=(COMPONENT,), removable=True),
    StatementKind("pays: PAYS _expr", ast.Pays, (part.expression,), once=(COMPONENT,), replaces=_PAY),
    StatementKind(
        "tiers: TIERS (BY (ATTAINMENT (OF NAME)? | AMOUNT) COMMA (MARGINAL | RETROACTIVE))? _block{tier}",
        ast.Tiers,
        (component.tiers_basis, component.tiers_mode, component.tiers_quota, component.tiers_rows),
        once=(COMPONENT,),
        replaces=_PAY,
    ),
    StatementKind(
        "ranks: RANKS _expr COMMA TIES (SHARE | HIGHER | LOWER) _block{place}",
        ast.Ranks,
        (part.expression, component.ties, component.contest_places),
        once=(COMPONENT,),
        replaces=_PAY,
    ),
    StatementKind(
        "pool: POOL (money | NAME | FROM NAME)",
        ast.Pool,
        (component.pool_amount, component.pool_component),
        once=(COMPONENT,),
        removable=True,
    ),
    StatementKind(
        "rounding: ROUND PER (LINE | PAYEE AND PERIOD_WORD) (TO number)? (COMMA mode)?",
        ast.Rounding,
        (component.rounded_per, component.rounding_step, component.rounding_mode),
        once=(COMPONENT,),
        removable=True,
        has_default=True,
    ),
    StatementKind(
        "budget: BUDGET (money | NAME) (COMMA (PRO RATA | FIRST COME))?",
        ast.Budget,
        (part.money_or_parameter, part.has("FIRST")),
        once=(COMPONENT,),
        removable=True,
    ),
    StatementKind(
        "hold: HOLD PERCENT (UNTIL END OF grain | UNTIL DATE | UNTIL path | WHILE _expr)",
        ast.Hold,
        (part.percent, component.held_until, component.held_while),
        once=(COMPONENT,),
        removable=True,
        replaces=_RELEASE,
    ),
    StatementKind(
        "release: RELEASE PERCENT (COMMA PERCENT)* (EACH grain)?",
        ast.Release,
        (part.percents, part.optional_grain),
        once=(COMPONENT,),
        removable=True,
        replaces=_RELEASE,
    ),
    StatementKind(
        "release_with: RELEASE WITH path OF path ON path",
        ast.ReleaseWith,
        (part.path, part.second_path, part.third_path),
        once=(COMPONENT,),
        removable=True,
        replaces=_RELEASE,
    ),
    # example
    StatementKind(
        "example_plan: PLAN NAME ON (DATE | PERIOD)",
        ast.ExamplePlan,
        (part.name, example.day_or_period),
        once=(EXAMPLE,),
    ),
    StatementKind("given: GIVEN given_fact (COMMA given_fact)*", ast.Given, (example.facts,), several=(EXAMPLE,)),
    StatementKind("expect: EXPECT NAME EQUALS money", ast.Expect, (part.name, part.money), several=(EXAMPLE,)),
)

_BY_RULE = {kind.rule: kind for kind in STATEMENTS}
_BY_BLOCK = {(block, kind.node): kind for kind in STATEMENTS for block in (*kind.once, *kind.several)}


def lower_statement(context: Lowering, node: Node) -> ast.Statement:
    """Make the node of a statement from the lossless tree."""
    kind = _BY_RULE[node.kind]
    make: Callable[..., ast.Statement] = kind.node
    return make(context.span(node), *(read(context, node) for read in kind.parts))


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
