"""What people name never meets a column or a stage of our own, whatever its name is."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmlang.compile.periods.change_dates import changing_sources
from spmlang.compile.periods.slices import DatedTableFacts
from spmlang.compile.pipeline import build_pipeline
from spmlang.relations import nodes
from spmlang.relations.nodes import Check, Pipeline, Relation
from spmlang.relations.traversal import relations_of
from spmlang.values.own_names import JOINT, MARK, own_name
from tests.engines.random_projects import examples
from tests.pipelines import check_compiled
from tests.strategies.choices import Drawn
from tests.strategies.names import other_names
from tests.strategies.projects import Maker, ProjectText, checked

pytestmark = pytest.mark.properties

CUTS = [date(2024, 2, 10), date(2024, 5, 1), date(2025, 1, 17)]


@st.composite
def named_twice(draw: st.DrawFn) -> tuple[ProjectText, ProjectText]:
    """A project with plain names, and with others."""
    maker = Maker(Drawn(draw), big=False, plain=True)
    plain = maker.project()
    names = other_names(maker, plain.files)
    return plain, ProjectText(names.plan_files(plain.files), plain.first, plain.last, names)


@examples()
@given(named_twice(), st.sampled_from([(), ("grades", "products", "accounts")]))
def test_identifiers_of_our_own_are_the_same_whatever_things_are_called(
    projects: tuple[ProjectText, ProjectText], by_day: tuple[str, ...]
) -> None:
    known, found = (identifiers(pipeline(project, by_day)) for project in projects)
    assert {name for name in found if is_own(name)} == {name for name in known if is_own(name)}
    assert len(found) == len(known)  # no two things have become one


def test_what_is_named_apart_is_spelled_apart() -> None:
    assert own_name("due", "a", 1, "b_2_c") != own_name("due", "a_1_b", 2, "c")
    assert own_name("quota", 1, "a_parts") != own_name("quota_parts", 1, "a")
    assert not is_own(own_name("sold", "earned"))


def is_own(name: str) -> bool:
    """Whether it has no name of a person in it."""
    return MARK not in name and JOINT not in name


def pipeline(project: ProjectText, by_day: tuple[str, ...]) -> Pipeline:
    """The pipeline of a project, without looking at data."""
    with TemporaryDirectory() as folder:
        project.write(Path(folder))
        program = checked(Path(folder)).program
    calendar = program.calendar
    changes = dict.fromkeys(changing_sources(program), CUTS)
    found = build_pipeline(
        program,
        calendar.pay_period(project.first),
        last=calendar.pay_period(project.last),
        changes=changes,
        dated=DatedTableFacts(frozenset(map(project.names.thing, by_day))),
        lines=True,
    )
    check_compiled(found)
    return found


def identifiers(found: Pipeline) -> set[str]:
    """The names of all relations and columns that it makes."""
    names = {table.name for table in found.inputs} | {name for table in found.inputs for name, _ in table.columns}
    names |= {item.name for item in found.stages if not isinstance(item, Check)}
    for top in (*found.stages, *found.outputs):
        for relation in relations_of(top.relation):
            names |= set(_made(relation))
    return names


def _made(relation: Relation) -> Iterator[str]:
    match relation:
        case nodes.Source() | nodes.Project() | nodes.AddColumns():
            yield from (name for name, _ in relation.columns)
        case nodes.Aggregate():
            yield from (*relation.by, *(value.name for value in relation.values))
        case nodes.Window():
            yield from (value.name for value in relation.values)
        case nodes.SharedScan():
            yield from (relation.name, *(name for name, _ in relation.columns))
        case nodes.EveryDay() | nodes.Stage():
            yield relation.name
