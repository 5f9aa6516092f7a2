"""A stage that differs from its declaration is found."""

from spmlang.relations.nodes import Stage
from spmlang.relations.stage_spec import DOTTED, StageSpec, undeclared

MEMBERS = StageSpec(
    word="members",
    each="plan version",
    holds="the members of a version",
    columns=("payee", "slice"),
    optional=("file",),
    families=("sold", DOTTED),
)
PERIODS = StageSpec(word="periods", holds="the pay periods", columns=("period",))


def found(name: str, *columns: str) -> list[str]:
    return undeclared({name: columns}, (MEMBERS, PERIODS))


def test_names() -> None:
    assert (PERIODS.name(), PERIODS.rows()) == ("periods", Stage("periods"))
    assert (MEMBERS.name("rep", 1), MEMBERS.rows("rep", 1)) == ("members:rep.1", Stage("members:rep.1"))


def test_what_is_declared_is_no_difference() -> None:
    assert not found("periods", "period")
    assert not found("members:rep.1", "slice", "payee")
    assert not found("members:rep.1", "payee", "slice", "file", "sold:bookings", "sold:units+rows", "roster.quota")


def test_differences() -> None:
    assert found("periods") == ["periods: lacks period"]
    assert found("periods", "period", "label") == ["periods: has label, which is not declared"]
    assert found("periods", "period", "roster.x") == ["periods: has roster.x, which is not declared"]
    assert found("members:rep.1", "payee", "slice", "sold") == ["members:rep.1: has sold, which is not declared"]
    assert found("members:rep.1", "payee", "slice", "to_date:bookings") == [
        "members:rep.1: has to_date:bookings, which is not declared"
    ]


def test_a_stage_without_declaration() -> None:
    assert found("earned", "payee") == ["earned: is not declared"]
    assert found("earned:1", "payee") == ["earned:1: is not declared"]
    assert found("periods:1", "period") == ["periods:1: is not declared"]  # it is no family
