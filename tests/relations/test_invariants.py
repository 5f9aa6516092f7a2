"""What no pipeline may do is found, wherever it is done; what holds is left alone."""

import pytest

from spmlang.relations.invariants import BrokenInvariants, check_invariants, examine
from spmlang.relations.nodes import (
    AddColumns,
    Aggregate,
    AggregateColumn,
    Check,
    Compare,
    Const,
    EveryDay,
    Filter,
    Input,
    Join,
    ManagerChain,
    Output,
    PerFileStage,
    Pipeline,
    Project,
    Ref,
    Relation,
    SharedScan,
    Source,
    Stage,
    Step,
    Union,
    WeightStage,
    Window,
    WindowColumn,
)

INPUTS = (
    Input("payees", (("payee", "text"), ("joined", "date"), ("left", "date")), ()),
    Input("amounts", (("payee", "text"), ("amount", "whole")), ()),
)
PAYEES, AMOUNTS = Stage("payees"), Stage("amounts")
ONE = Const(1)

GOOD: list[Relation] = [
    Source("deals", (("deals.amount", "amount"), ("payee", "payee"))),
    Filter(AMOUNTS, Compare(">", Ref("amount"), ONE)),
    Project(AMOUNTS, (("amount", Ref("payee")), ("payee", Ref("amount")))),
    AddColumns(AMOUNTS, (("twice", Ref("amount")),)),
    Join(PAYEES, AMOUNTS, ("payee",)),
    Join(PAYEES, Project(AMOUNTS, (("paid", Ref("payee")),)), on=Compare("==", Ref("payee"), Ref("paid"))),
    Aggregate(AMOUNTS, ("payee",), (AggregateColumn("amount", "sum", Ref("amount")),)),
    Window(AMOUNTS, (WindowColumn("place", "row_number", None, partition=("payee",), order=(("amount", True),)),)),
    Union((AMOUNTS, Project(AMOUNTS, (("payee", Ref("payee")), ("amount", ONE))))),
    SharedScan(AMOUNTS, (("payee", Ref("payee")),), "scan", (Stage("scan"), Stage("scan"))),
    EveryDay(PAYEES, "joined", "left", "day"),
    ManagerChain(
        Source("managers", tuple((name, name) for name in ("payee", "manager", "base", "first_slice", "slice")))
    ),
]

BROKEN: list[tuple[Relation, str]] = [
    (Stage("later"), "reads later, which is not made before it"),
    (Join(AMOUNTS, Stage("itself"), on=Const(True)), "reads itself, which is not made before it"),
    (Source("deals", (("a", "amount"), ("a", "payee"))), "column a is there 2 times"),
    (Source("deals", (("a b", "amount"),)), "column 'a b' has a blank"),
    (Filter(AMOUNTS, Compare(">", Ref("units"), ONE)), "a filter reads units, which is no column"),
    (Project(AMOUNTS, (("a", Ref("units")),)), "Project reads units, which is no column"),
    (Project(AMOUNTS, (("a", ONE), ("a", ONE))), "column a is there 2 times"),
    (Project(Project(AMOUNTS, (("a", ONE),)), (("payee", Ref("payee")),)), "Project reads payee, which is no column"),
    (AddColumns(AMOUNTS, (("a", ONE), ("b", Ref("a")))), "AddColumns reads a, which is no column"),
    (AddColumns(AMOUNTS, (("amount", ONE),)), "column amount is there 2 times"),
    (Join(PAYEES, AMOUNTS, ("payee", "joined")), "the right of a join reads joined"),
    (Join(AMOUNTS, PAYEES, ("payee", "joined")), "the left of a join reads joined"),
    (Join(AMOUNTS, AMOUNTS, ("payee",)), "both sides of a join have amount"),
    (Join(PAYEES, AMOUNTS, on=Const(True)), "both sides of a join have payee"),
    (Join(PAYEES, Project(AMOUNTS, (("paid", ONE),)), on=Ref("unknown")), "the condition of a join reads unknown"),
    (Aggregate(AMOUNTS, ("month",), ()), "an aggregate reads month"),
    (Aggregate(AMOUNTS, (), (AggregateColumn("sum", "sum", Ref("units")),)), "an aggregate reads units"),
    (Aggregate(AMOUNTS, (), (AggregateColumn("sum", "sum", ONE, where=Ref("on")),)), "an aggregate reads on"),
    (Aggregate(AMOUNTS, (), (AggregateColumn("sum", "last", ONE, order=Ref("at")),)), "an aggregate reads at"),
    (Aggregate(AMOUNTS, ("payee",), (AggregateColumn("payee", "min", ONE),)), "column payee is there 2 times"),
    (Window(AMOUNTS, (WindowColumn("sum", "sum", Ref("units"), partition=()),)), "a window reads units"),
    (Window(AMOUNTS, (WindowColumn("sum", "rank", None, partition=("month",)),)), "a window reads month"),
    (
        Window(AMOUNTS, (WindowColumn("sum", "rank", None, partition=(), order=(("day", False),)),)),
        "a window reads day",
    ),
    (Window(AMOUNTS, (WindowColumn("amount", "rank", None, partition=()),)), "column amount is there 2 times"),
    (Union((AMOUNTS, PAYEES)), "a union has (payee, amount) and (payee, joined, left)"),
    (
        Union((AMOUNTS, Project(AMOUNTS, (("amount", Ref("amount")), ("payee", Ref("payee")))))),
        "a union has (payee, amount) and (amount, payee)",
    ),
    (SharedScan(AMOUNTS, (("a", Ref("units")),), "scan", (Stage("scan"),)), "a shared scan reads units"),
    (SharedScan(AMOUNTS, (("a", ONE),), "scan", (Stage("scan"), AMOUNTS)), "a union has (a) and (payee, amount)"),
    (SharedScan(AMOUNTS, (("a", ONE),), "payees", (Stage("payees"),)), "a shared scan has the name of stage payees"),
    (
        Join(SharedScan(AMOUNTS, (("a", ONE),), "scan", (Stage("scan"),)), Stage("scan"), on=Const(True)),
        "reads scan, which is not made before it",
    ),
    (EveryDay(PAYEES, "joined", "until", "day"), "days reads until"),
    (EveryDay(PAYEES, "joined", "left", "left"), "column left is there 2 times"),
    (ManagerChain(AMOUNTS), "a chain of managers is not made of payee, manager"),
]


def found(*stages: Step | Check | PerFileStage | WeightStage, outputs: tuple[Output, ...] = ()) -> list[str]:
    return list(examine(Pipeline(INPUTS, stages, outputs)).violations)


@pytest.mark.parametrize("relation", GOOD, ids=lambda relation: type(relation).__name__)
def test_what_holds_is_left_alone(relation: Relation) -> None:
    assert not found(Step("itself", relation, ""))


@pytest.mark.parametrize(("relation", "message"), BROKEN, ids=[message for _, message in BROKEN])
def test_a_violation_is_found_in_stages_checks_and_outputs(relation: Relation, message: str) -> None:
    inside = Filter(relation, Const(True))
    for violations in (
        found(Step("itself", inside, "")),
        found(PerFileStage("itself", inside, "", source="deals", depends="")),
        found(Check("run-shares", inside)),
        found(outputs=(Output("payouts", inside, ()),)),
    ):
        assert len(violations) == 1
        assert message in violations[0]


def test_the_sides_of_a_join_keep_their_columns() -> None:
    assert examine(Pipeline(INPUTS, (Step("both", Join(PAYEES, AMOUNTS, ("payee",)), ""),), ())).stages["both"] == (
        "payee",
        "joined",
        "left",
        "amount",
    )


def test_a_stage_is_made_once_and_before_it_is_read() -> None:
    assert not found(Step("a", AMOUNTS, ""), Step("b", Stage("a"), ""))
    assert found(Step("b", Stage("a"), ""), Step("a", AMOUNTS, "")) == ["b: reads a, which is not made before it"]
    assert found(Step("payees", AMOUNTS, "")) == ["payees: made twice"]


def test_an_input_has_plain_columns() -> None:
    table = Input("days", (("first day", "date"), ("last", "date"), ("last", "date")), ())
    assert examine(Pipeline((table,), (), ())).violations == (
        "days: column last is there 2 times",
        "days: column 'first day' has a blank",
    )


def test_an_output_can_be_read() -> None:
    assert not found(outputs=(Output("payouts", AMOUNTS, ("payee",), given="payees"),))
    assert found(outputs=(Output("payouts", AMOUNTS, ("period",)),)) == [
        "output payouts: the order reads period, which is no column of its relation"
    ]
    assert found(outputs=(Output("payouts", AMOUNTS, (), given="gone"),)) == [
        "output payouts: reads gone, which is not made before it"
    ]
    twice = Output("payouts", AMOUNTS, ())
    assert found(outputs=(twice, twice)) == ["output payouts: made twice"]


def weights(names: list[str]) -> WeightStage:
    top, bottom, by, group, total = names
    return WeightStage(
        "shares", AMOUNTS, "", top=Ref(top), bottom=Ref(bottom), by=(by,), group=(group,), total=total, equally=False
    )


def test_weights_read_columns_of_their_relation() -> None:
    good = ["amount", "amount", "payee", "payee", "amount"]
    assert not found(weights(good), Step("read", Filter(Stage("shares"), Ref("found")), ""))
    for place in range(len(good)):
        names = [*good[:place], "unknown", *good[place + 1 :]]
        assert found(weights(names)) == ["shares: a weight reads unknown, which is no column of its relation"]


def test_broken_invariants_are_raised() -> None:
    check_invariants(Pipeline(INPUTS, (), ()))
    with pytest.raises(BrokenInvariants, match="itself: a filter reads units"):
        check_invariants(Pipeline(INPUTS, (Step("itself", Filter(AMOUNTS, Ref("units")), ""),), ()))
