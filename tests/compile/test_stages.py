"""The declarations of stages: each has a name of its own, each is made, and every pipeline is compared with them."""

from datetime import date
from pathlib import Path

import pytest

from spmlang.compile.periods.change_dates import changing_sources
from spmlang.compile.periods.slices import DatedTableFacts
from spmlang.compile.pipeline import build_crediting, build_pipeline
from spmlang.compile.stages.periods import PERIODS
from spmlang.engines import pipelines
from spmlang.relations.inline_stages import inline_single_use
from spmlang.relations.invariants import BrokenInvariants, check_invariants, examine
from spmlang.relations.nodes import Filter, Input, Pipeline, Ref, Step
from spmlang.relations.split_by_file import split_by_file
from spmlang.relations.stage_spec import family_of
from spmlang.run.open import open_project
from spmlang.values.own_names import JOINT, MARK
from tests.engines.test_cases import CASES, FOLDER
from tests.pipelines import COMPILERS, DECLARED, PASSES, check_compiled
from tests.projects import case_project

TESTS = Path(__file__).parents[1]
#: A project whose owners of territories are in a table.
TERRITORIES = TESTS / "benchmarks" / "plans" / "territories"
CUTS = [date(2024, 2, 10), date(2024, 5, 1), date(2025, 1, 17)]


def compiled(folder: Path) -> tuple[list[Pipeline], list[Pipeline]]:
    """The pipelines of a project as they are compiled, and as passes make them of these.

    Cuts of time are for single payees, too. Dated tables are read by their rows and by day.
    """
    program = open_project(folder).program
    changes = dict.fromkeys(changing_sources(program), CUTS)
    first, last = (program.calendar.pay_period(day) for day in (CUTS[0], CUTS[-1]))
    tables = [name for name, contract in program.contracts.items() if contract.dated and name != program.roster]
    by_day = DatedTableFacts(frozenset(tables))
    single = build_pipeline(program, first, last=last, changes=changes, dated=by_day, lines=False, at_once=False)
    whole = [build_pipeline(program, first, last=last, changes=changes, dated=DatedTableFacts(), lines=True), single]
    whole.append(build_crediting(program, last, changes, DatedTableFacts()))
    parted = split_by_file(single, dict.fromkeys(program.contracts, ""), list(program.contracts))
    return whole, [parted, *map(inline_single_use, (*whole, parted))]


@pytest.mark.cases
def test_every_stage_is_declared_with_its_columns_and_every_declared_stage_is_made(tmp_path: Path) -> None:
    made: set[str] = set()
    cases = (case_project(FOLDER / case).write(tmp_path / case) for case in CASES)
    for folder in (*cases, TERRITORIES):
        whole, passed = compiled(folder)
        for pipeline in whole:
            check_compiled(pipeline)
            made |= {family_of(name) or name for name in examine(pipeline).stages}
        for pipeline in passed:
            check_invariants(pipeline)
    assert made == {spec.word for spec in DECLARED}


def test_a_declared_stage_and_its_columns_have_no_name_of_a_person() -> None:
    assert len({spec.word for spec in DECLARED}) == len(DECLARED)
    for spec in DECLARED:
        for name in (spec.word, *spec.columns, *spec.optional):
            assert not {MARK, JOINT, " "} & set(name)


BROKEN = Pipeline(
    (Input("periods", (("period", "index"),), ()),), (Step("a", Filter(PERIODS.rows(), Ref("b")), ""),), ()
)


@pytest.mark.parametrize("name", [*COMPILERS, *PASSES])
def test_engines_have_every_pipeline_checked(name: str) -> None:
    assert hasattr(getattr(pipelines, name), "__wrapped__")


def test_a_pass_over_a_broken_pipeline_is_refused() -> None:
    with pytest.raises(BrokenInvariants, match="a filter reads b"):
        vars(pipelines)["inline_single_use"](BROKEN)


def test_a_broken_pipeline_of_the_compiler_is_refused() -> None:
    with pytest.raises(BrokenInvariants, match="a filter reads b"):
        check_compiled(BROKEN)
    with pytest.raises(BrokenInvariants, match="days_of_week: is not declared"):
        check_compiled(Pipeline((Input("days_of_week", (("day", "date"),), ()),), (), ()))
