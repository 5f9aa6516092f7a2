"""Overlaps of territories are those that some row proves; many territories take few comparisons."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import combinations, product
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmlang.check.check_project import build_program
from spmlang.check.proofs import overlaps
from spmlang.data.tables import Cell, Row
from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.diagnostics.text import SourceText, Span
from spmlang.program import value_sets
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
    Step,
    Value,
    walk,
)
from spmlang.program.measures import Territory
from spmlang.program.types import COUNT, DATE, FLAG, TEXT, Type, rate
from spmlang.program.value_sets import Box
from spmlang.project.contract import BadRows, ColumnKind, Contract, Folder
from spmlang.project.contract import Column as Declared
from spmlang.project.file import load_project
from spmlang.reference.sources.expressions import EvaluationContext, evaluate_condition
from spmlang.reference.sources.rows import SourceRows
from spmlang.syntax.grammar import reserved_words

HERE = Span(SourceText("nowhere.spm", ""), 0, 0)
BASE = Path(__file__).parent / "base"


def contract(name: str, key: str, *columns: Declared) -> Contract:
    return Contract(
        name=name,
        files=(),
        folder=Folder.DATA,
        format="csv",
        delimiter=",",
        key=(key,),
        dated=None,
        columns=columns,
        bad_rows=BadRows.STOP,
        span=HERE,
    )


CONTRACTS = {
    "shops": contract(
        "shops",
        "shop",
        Declared(name="shop", header="", kind=ColumnKind.TEXT, span=HERE),
        Declared(name="segment", header="", kind=ColumnKind.TEXT, span=HERE, optional=True, values=("x", "y")),
        Declared(name="size", header="", kind=ColumnKind.COUNT, span=HERE, minimum="0"),
        Declared(name="margin", header="", kind=ColumnKind.RATE, span=HERE, scale=1, optional=True),
        Declared(name="opened", header="", kind=ColumnKind.DATE, span=HERE),
        Declared(name="active", header="", kind=ColumnKind.FLAG, span=HERE),
        Declared(name="region", header="", kind=ColumnKind.TEXT, span=HERE, optional=True, references="regions"),
    ),
    "regions": contract(
        "regions",
        "region",
        Declared(name="region", header="", kind=ColumnKind.TEXT, span=HERE),
        Declared(name="zone", header="", kind=ColumnKind.TEXT, span=HERE),
    ),
}


def column(kind: Type, path: str, *, optional: bool = False) -> Column:
    *steps, name = path.split(".")
    return Column(
        type=kind,
        span=HERE,
        root="shops",
        steps=tuple(Step(step, "regions") for step in steps),
        name=name,
        optional=optional,
    )


#: Every column: values that conditions name, and those that rows have.
DOMAIN: dict[Column, tuple[tuple[Value, ...], tuple[Cell, ...]]] = {
    column(TEXT, "shop"): (("a", "b"), ("a", "b", "c")),
    column(TEXT, "segment", optional=True): (("x", "y", "z"), (None, "x", "y")),
    column(COUNT, "size"): (tuple(map(Fraction, ("-1", "0", "1", "1.5", "2"))), tuple(map(Fraction, range(4)))),
    column(rate(1), "margin", optional=True): (
        tuple(map(Fraction, ("0", "0.05", "0.1"))),
        (None, Fraction(-1, 10), Fraction(0), Fraction(1, 10), Fraction(2, 10)),
    ),
    column(DATE, "opened"): ((date(2025, 1, 2),), tuple(date(2025, 1, day) for day in (1, 2, 3))),
    column(FLAG, "active"): ((True, False), (True, False)),
    column(TEXT, "region", optional=True): (("n",), (None, "n", "s")),
    column(TEXT, "region.region", optional=True): (("n",), ()),
    column(TEXT, "region.zone", optional=True): (("p", "a"), ("p", "a", "q")),
}
OPAQUE = Comparison(
    type=FLAG, span=HERE, operator="==", left=column(TEXT, "shop"), right=column(TEXT, "region.zone", optional=True)
)
SIGNS = {TEXT: ("==", "!="), FLAG: ("==", "!=")}
#: A condition's columns are few, so that conditions have to do with each other.
COLUMNS = st.lists(st.sampled_from(list(DOMAIN)), min_size=2, max_size=4, unique=True)


@st.composite
def atoms(draw: st.DrawFn, columns: list[Column]) -> Expr:
    asked = draw(st.sampled_from(columns))
    named = st.sampled_from(DOMAIN[asked][0]).map(lambda value: Literal(asked.type, HERE, value))
    if asked.optional and draw(st.booleans()):
        return Presence(FLAG, HERE, asked)
    value: Expr = Fallback(asked.type, HERE, asked, draw(named)) if asked.optional else asked
    if asked.type == FLAG and draw(st.booleans()):
        return value
    if draw(st.booleans()):
        return Membership(
            type=FLAG,
            span=HERE,
            value=value,
            options=tuple(draw(st.lists(named, min_size=1, max_size=2))),
            negated=draw(st.booleans()),
        )
    sign = draw(st.sampled_from(SIGNS.get(asked.type, ("==", "!=", "<", "<=", ">", ">="))))
    left, right = value, draw(named)
    if not draw(st.booleans()):
        left, right = right, left
    return Comparison(type=FLAG, span=HERE, operator=sign, left=left, right=right)


def conditions(base: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    def larger(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(
            several.map(lambda operands: AllOf(FLAG, HERE, operands)),
            several.map(lambda operands: AnyOf(FLAG, HERE, operands)),
            inner.map(lambda operand: Negation(FLAG, HERE, operand)),
        )

    return st.recursive(base, larger, max_leaves=6)


def three(base: Callable[[list[Column]], st.SearchStrategy[Expr]]) -> st.SearchStrategy[list[Expr]]:
    return COLUMNS.flatmap(lambda columns: st.lists(conditions(base(columns)), min_size=3, max_size=3))


class Looking:
    """Reads the values of a row that is already joined with what it refers to."""

    def read(self, row: Row, asked: Column, day: date) -> Cell:
        if asked.steps and row["region"] is None:
            return None
        return row[asked.name]

    require = read


def rows() -> list[Row]:
    names = [asked.name for asked, (_, cells) in DOMAIN.items() if cells]
    return [
        dict(zip(names, cells, strict=True)) for cells in product(*(cells for _, cells in DOMAIN.values() if cells))
    ]


ROWS = rows()


def territory(name: str, covers: Expr) -> Territory:
    return Territory(
        name=name, label=name, source="shops", covers=covers, owners=(), owners_table=None, code=name, span=HERE
    )


def reported(tests: list[Expr]) -> set[tuple[str, str]]:
    territories = [territory(str(number), test) for number, test in enumerate(tests)]
    return {(item.first.name, item.later.name) for item in overlaps.find_overlaps(territories, CONTRACTS)}


def together(tests: list[Expr]) -> list[tuple[int, int]]:
    """Who shares a row with whom, of all rows there are: by who comes later, and then who comes first."""
    asked = {node.name for test in tests for node in walk(test) if isinstance(node, Column)} | {"region"}
    seen = {tuple(row[name] for name in sorted(asked)): row for row in ROWS}
    facts = cast(SourceRows, Looking())
    pairs = set[tuple[int, int]]()
    for row in seen.values():
        scene = EvaluationContext(sources=facts, row=row, day=date.min)
        pairs |= set(combinations([number for number, test in enumerate(tests) if evaluate_condition(test, scene)], 2))
    return sorted(pairs, key=lambda pair: (pair[1], pair[0]))


def firsts(pairs: list[tuple[int, int]]) -> set[tuple[str, str]]:
    """Each with the first of those that it meets."""
    return {(str(first), str(later)) for later, first in {later: first for first, later in reversed(pairs)}.items()}


calm = settings(max_examples=80)


@pytest.mark.properties
@calm
@given(three(atoms))
def test_an_overlap_is_reported_where_a_row_proves_it(tests: list[Expr]) -> None:
    assert reported(tests) == firsts(together(tests))


@pytest.mark.properties
@calm
@given(three(lambda columns: atoms(columns) | st.just(OPAQUE)))
def test_where_not_all_is_known_no_overlap_is_reported_that_is_none(tests: list[Expr]) -> None:
    assert reported(tests) <= {(str(first), str(later)) for first, later in together(tests)}


# ---- many territories -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_boxes_that_are_divided_meet_where_pairs_do(seed: int) -> None:
    chance = random.Random(seed)
    tests = [_piece(chance) for _ in range(40)]
    pairs = [(first, later) for later in range(40) for first in range(later) if reported([tests[first], tests[later]])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlaps, "_FEW_PAIRS", 1)
        found = reported(tests)
    assert found == firsts(pairs)


def _piece(chance: random.Random) -> Expr:
    """A condition on some of four columns, each of them narrow, so that many do not overlap."""
    shop, segment, zone = [column for column in DOMAIN if column.name in ("shop", "segment", "zone")]
    tests: list[Expr] = []
    for asked in (shop, zone):
        if chance.random() < 0.6:
            options = tuple(Literal(TEXT, HERE, f"v{chance.randrange(6)}") for _ in range(chance.randint(1, 2)))
            value = Fallback(TEXT, HERE, asked, Literal(TEXT, HERE, "v0")) if asked.optional else asked
            tests.append(Membership(type=FLAG, span=HERE, value=value, options=options, negated=chance.random() < 0.2))
    if chance.random() < 0.5:
        low = chance.randrange(20)
        tests += [_size(">=", low), _size("<", low + chance.randint(1, 6))]
    if chance.random() < 0.3:
        tests.append(Negation(FLAG, HERE, Presence(FLAG, HERE, segment)))
    return _all(*tests, Literal(FLAG, HERE, True))


def _compared(monkeypatch: pytest.MonkeyPatch, covers: list[Expr]) -> tuple[int, int]:
    """How many overlaps are found, by how many comparisons of boxes."""
    calls = 0
    meet = value_sets.meet

    def counting(one: Box, other: Box) -> Box | None:
        nonlocal calls
        calls += 1
        return meet(one, other)

    monkeypatch.setattr(overlaps, "meet", counting)
    return len(reported(covers)), calls


def _text(name: str, *values: str) -> Expr:
    options = tuple(Literal(TEXT, HERE, value) for value in values)
    return Membership(type=FLAG, span=HERE, value=column(TEXT, name), options=options, negated=False)


def _size(sign: str, value: int) -> Expr:
    return Comparison(
        type=FLAG, span=HERE, operator=sign, left=column(COUNT, "size"), right=Literal(COUNT, HERE, Fraction(value))
    )


def _all(*tests: Expr) -> Expr:
    return AllOf(FLAG, HERE, tests)


MANY = 2_000
BANDS = [
    _all(_text("shop", f"s{number % 20}", f"t{number % 20}"), _size(">=", low), _size("<", low + 10))
    for number in range(MANY)
    for low in [number // 20 * 10]
]
NAMED = [_text("shop", *(f"{number}-{part}" for part in range(5))) for number in range(MANY)]


@pytest.mark.parametrize(
    ("covers", "found"),
    [
        pytest.param(BANDS, 0, id="states and sizes"),
        pytest.param(NAMED, 0, id="names"),
        pytest.param([*NAMED, _all(*(Negation(FLAG, HERE, test) for test in NAMED))], 0, id="names and all others"),
        pytest.param([*BANDS, _size(">=", 0)], 1, id="one over all"),
        pytest.param([_text("shop", "a")] * MANY, MANY - 1, id="all of them the same"),
        pytest.param([_size(">=", low) for low in range(MANY)], MANY - 1, id="each within the one before"),
    ],
)
def test_many_territories_take_few_comparisons(covers: list[Expr], found: int, monkeypatch: pytest.MonkeyPatch) -> None:
    overlapping, calls = _compared(monkeypatch, covers)
    assert overlapping == found
    assert calls < 10 * MANY


def test_a_condition_of_too_many_boxes_is_left_to_the_run() -> None:
    wide = AnyOf(FLAG, HERE, tuple(_all(_text("shop", str(low)), _size("==", low)) for low in range(300)))
    assert reported([wide, _size("<", 10)]) == set()
    assert reported([_text("shop", "1", "2"), _text("shop", "2")]) == {("0", "1")}


# ---- as plan text -----------------------------------------------------------------------------


def checked(folder: Path, *covers: str) -> list[Diagnostic]:
    """What is said of territories of orders: each by its `covers`, and what it excepts."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    blocks = [
        f'territory t{number} of orders {{\n  covers {text}\n  owner "ada" from 2024-01-01\n}}\n'
        for number, text in enumerate(covers)
    ]
    (folder / "extra.spm").write_text("\n".join(blocks), encoding="utf-8")
    project, _ = load_project(folder, reserved_words())
    assert project is not None
    return build_program(project)[1]


@pytest.mark.parametrize(
    "covers",
    [
        pytest.param(("quantity < 10", "quantity >= 10"), id="touching"),
        pytest.param(("subtotal <= 9.99 USD", "subtotal >= 10.00 USD"), id="no amount between"),
        pytest.param(("quantity > 1 and quantity < 2", "quantity >= 0"), id="no whole number between"),
        pytest.param(('status != "cancelled"', 'status != "shipped"'), id="allowed texts"),
        pytest.param(('agent == "web"', 'not (agent == "web" or quantity > 5)'), id="negation"),
        pytest.param(("shipped is present", "not shipped is present"), id="presence"),
        pytest.param(("agent == customer.state", "not agent == customer.state"), id="compared columns"),
        pytest.param(('agent == "WA" and customer.state == "WA"', "agent != customer.state"), id="compared and equal"),
        pytest.param(('agent == "WA" and customer.state == "WA"', "not agent == customer.state"), id="not compared"),
        pytest.param(("quantity * 2 > 5", "quantity > 5"), id="calculation"),
        pytest.param(
            (
                'agent == "web"',
                "quantity > 5\n  except t0",
                "quantity > 7\n  except t1, t0",
                "quantity <= 5\n  except t0",
            ),
            id="precedence",
        ),
    ],
)
def test_these_do_not_overlap(covers: tuple[str, ...], tmp_path: Path) -> None:
    assert checked(tmp_path, *covers) == []


def test_each_territory_is_reported_once_with_the_first_it_meets(tmp_path: Path) -> None:
    found = checked(tmp_path, "quantity > 1", "quantity > 2", "quantity > 3", 'agent == ""', "quantity < 1")
    assert [(problem.code, problem.message.split(" cover ")[0]) for problem in found] == [
        ("SPM801", "`t0` and `t1` both"),
        ("SPM801", "`t0` and `t2` both"),
    ]


def test_what_is_wrong_with_an_exception_is_said_alone(tmp_path: Path) -> None:
    found = checked(tmp_path, "quantity > 1", "quantity > 2\n  except t9")
    assert [problem.slug for problem in found] == ["unknown-name"]


def test_a_list_of_precedence_stays_short(tmp_path: Path) -> None:
    """Each goes before all that follow: 40 would be 2 ** 40 conditions, were those of the others put in again and again."""
    lines = [f"quantity > {at}\n  except {', '.join(f't{other}' for other in range(at))}" for at in range(1, 40)]
    assert checked(tmp_path, "quantity > 0", *lines) == []
