"""What the engine looks up in the data makes a run quicker, and changes no cent."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from sqlglot import exp

from spmlang.data.tables import Reject
from spmlang.engines.data_statistics import dated_facts
from spmlang.engines.int64 import Int64Sums, TooWide
from spmlang.engines.pipelines import pipeline_of
from spmlang.relations.nodes import Binary, Call, Case, Check, Compare, Const, Ref, Scalar, ToUnits
from spmlang.run.open import open_data, open_project
from spmlang.run.run import make_request
from tests.engines.agreement import assert_agree, compare, outcome
from tests.engines.random_projects import few
from tests.projects import Project, case_project
from tests.strategies.projects import ProjectText, projects

A, B = ToUnits(Ref("a"), 2), ToUnits(Ref("b"), 0)
SIZES = {"a": 2**31, "b": 2**32 - 1}


@pytest.mark.properties
@few
@given(projects(), st.booleans())
def test_dated_tables_by_day_give_the_same(project: ProjectText, lines: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("spmlang.engines.data_statistics._LEAST_ROWS", 0)
        patch.setattr("spmlang.engines.data_statistics._LEAST_RATIO", 0)
        compare("duckdb", project, lines)


CASE = Path(__file__).parent / "cases" / "rates_of_the_months_end"

ALWAYS = "code,day,until,usd\nEUR,2024-12-30,2025-01-20,1.00\nEUR,2025-01-21,,1.50\n"


@pytest.mark.parametrize(
    ("currencies", "in_force"),
    [
        (ALWAYS, ("2024-12-30", "9999-12-31")),
        (ALWAYS.replace("-21,,", "-21,2025-12-31,"), ("2024-12-30", "2025-12-31")),  # the year's last day is in force
        (ALWAYS + "GBP,2025-01-01,,1.20\n", ("2025-01-01", "9999-12-31")),  # and the first one
        (ALWAYS + "GBP,2025-01-02,,1.20\n", ("2025-01-02", "9999-12-31")),  # too late for GBP, if there were any
        (ALWAYS.replace("-21,,", "-21,2025-12-30,"), ("2024-12-30", "2025-12-30")),
        (ALWAYS.replace("2025-01-21", "2025-01-22"), None),  # a gap of a day
    ],
)
def test_rows_are_not_asked_for_what_is_always_in_force(
    currencies: str, in_force: tuple[str, str] | None, tmp_path: Path
) -> None:
    files = case_project(CASE).files
    settings = yaml.safe_load(files["spm.yaml"])
    contract = settings["sources"]["currencies"]
    contract["dated"]["through"] = "until"
    contract["columns"]["until"] = {"type": "date", "optional": True}
    changed = {**files, "spm.yaml": yaml.safe_dump(settings), "data/currencies.csv": currencies}
    opened = open_project(Project(changed).write(tmp_path))
    tables, problems = open_data(opened, None)
    assert not problems
    found = dated_facts(opened.program, tables).in_force
    assert {source: tuple(map(str, days)) for source, days in found.items()} == (
        {"currencies": in_force} if in_force else {}
    )
    request = make_request(opened.program, tables)
    asked = [item for item in pipeline_of(opened.program, tables, request).stages if isinstance(item, Check)]
    whole_year = in_force is not None and in_force[0] <= "2025-01-01" and in_force[1] >= "2025-12-31"
    assert ("run-no-row-in-force" not in {check.slug for check in asked}) == whole_year
    same = [outcome(engine, opened.program, tables, request) for engine in ("reference", "duckdb")]
    assert_agree(*same)


def test_nothing_is_known_of_what_refers_to_rows_that_were_set_aside(tmp_path: Path) -> None:
    opened = open_project(case_project(CASE).write(tmp_path))
    tables, _ = open_data(opened, None)
    assert dated_facts(opened.program, tables).in_force
    less = replace(
        tables,
        rejects=(
            Reject(source="currencies", file="currencies.csv", row=2, column="usd", value="x", code="SPM531", cause=""),
        ),
    )
    assert not dated_facts(opened.program, less).in_force


def narrow(value: Scalar, sizes: dict[str, int] | None = None) -> str:
    """The SQL of a value in 64 bits."""
    wide = lambda scalar: exp.column(scalar.name) if isinstance(scalar, Ref) else exp.true()  # noqa: E731
    return Int64Sums(SIZES if sizes is None else sizes, wide).value(value).sql(dialect="duckdb")


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (A, 2**31),
        (Const(-7), 7),
        (Binary("*", A, B), 2**31 * (2**32 - 1)),
        (Binary("-", A, B), 2**31 + 2**32 - 1),
        (Binary("%", A, Const(100)), 2**31),
        (Binary("/", A, Const(100)), 2**31),
        (Case(((Compare(">", A, Const(0)), A),), B), 2**32 - 1),
        (Call("greatest", (A, Const(0))), 2**31),
    ],
)
def test_the_size_of_a_calculation(value: Scalar, size: int) -> None:
    assert Int64Sums(SIZES, lambda _: exp.true()).greatest_value(value) == size
    assert "BIGINT" in narrow(value)


@pytest.mark.parametrize(
    "value",
    [
        Binary("*", A, Binary("+", B, Const(1))),  # just 2^63
        Binary("-", Binary("*", A, Binary("+", B, Const(1))), A),  # what comes after it may be small again
        ToUnits(Ref("nobody_knows"), 2),
        Ref("a"),
        Binary("*", A, ToUnits(Ref("nobody_knows"), 2)),
    ],
)
def test_what_may_not_fit_is_not_written_in_64_bits(value: Scalar) -> None:
    with pytest.raises(TooWide):
        narrow(value)


def test_a_test_that_does_not_fit_is_asked_in_128_bits() -> None:
    far = Binary("*", A, Binary("*", B, B))
    assert narrow(Case(((Compare(">", far, Const(0)), A),), B)).startswith("CASE WHEN TRUE THEN")


@example(4, -(10**16), 150)  # the units of 64 bits are made of a decimal with four more digits
@given(st.integers(0, 4), st.integers(-(10**18) + 1, 10**18 - 1), st.integers(-(10**6), 10**6))
def test_what_is_written_in_64_bits_is_exact(scale: int, units: int, factor: int) -> None:
    value = Binary("*", ToUnits(Ref("a"), scale), ToUnits(Ref("b"), 0))
    sizes = {"a": abs(units), "b": abs(factor)}
    try:
        text = narrow(value, sizes)
    except TooWide:
        return
    row = f"select {Decimal(units).scaleb(-scale):f}::decimal(18, {scale}) as a, {factor}::bigint as b"
    assert duckdb.execute(f"select {text} from ({row})").fetchall() == [(units * factor,)]
