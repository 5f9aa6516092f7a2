"""Payout rows before output: their key, the stages that hold them, changes of their amount."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from spmlang.compile.stages.columns import PAYOUT_FIGURES, PAYOUT_KEY
from spmlang.compile.stages.limits import COMPONENTS
from spmlang.compile.stages.periods import PERIODS
from spmlang.program.program import PlanVersion, Program
from spmlang.relations.nodes import (
    Aggregate,
    AggregateColumn,
    Case,
    Compare,
    Const,
    Filter,
    Input,
    IsIn,
    IsNull,
    Join,
    Logic,
    Project,
    Ref,
    Relation,
    Scalar,
    Stage,
    Step,
    Union,
)
from spmlang.relations.stage_spec import StageSpec
from spmlang.values.calendar import Grain


def limit_column(grain: Grain) -> str:
    """Return the column of the limit of a component's cap, in minor units; absent in rows without a cap of the grain."""
    return f"limit_{grain}"


def plan_limit_column(grain: Grain) -> str:
    """Return the column of the limit of a plan's cap, in minor units; absent in rows without a cap of the grain."""
    return f"plan_limit_{grain}"


@dataclass(frozen=True)
class PayoutKeys:
    """The numbers that payout rows hold in place of plan and component names.

    Numbers are in the order of the names. Rows hold them because engines group numbers faster than texts. `components`
    are by plan and component name, without the version. `carried` are the columns of a row that caps and budgets read
    besides its amount, only those that any plan needs.
    """

    plans: Mapping[str, int]
    components: Mapping[tuple[str, str], int]
    carried: tuple[str, ...]

    def of(self, version: PlanVersion, component: str | None = None) -> dict[str, int]:
        """Return the columns and values that identify a version's rows.

        With `component` they identify the rows of this component of the version.
        """
        found = {"plan": self.plans[version.name], "version": version.version}
        return found if component is None else {**found, "component": self.components[version.name, component]}

    def input(self) -> Input:
        """Return the input `COMPONENTS`."""
        columns = (("component", "index"), ("plan_name", "text"), ("component_name", "text"))
        return Input(COMPONENTS.name(), columns, tuple((number, *names) for names, number in self.components.items()))

    def keep(self, rows: Relation, amount: Scalar) -> Relation:
        """Return the rows with another amount."""
        same = (*PAYOUT_KEY, *PAYOUT_FIGURES, *self.carried)
        return Project(rows, (*((name, Ref(name)) for name in same), ("amount", amount)))


@dataclass(frozen=True)
class RowLocations:
    """The stages that hold the latest payout rows of each component.

    A limit makes a new stage of the rows that it limits. The rows of all other components stay in their stages.

    `holds` has the numbers of the components in each stage, `by_now` the stage of each component.
    """

    holds: Mapping[str, frozenset[int]]
    by_now: Mapping[int, str]

    def rows(self, components: Collection[int] | None = None) -> Relation:
        """Return the rows of the components with these numbers, or of all."""
        wanted = frozenset(self.by_now if components is None else components)
        parts: list[Relation] = []
        for stage in dict.fromkeys(self.by_now.values()):
            own = frozenset(number for number in wanted if self.by_now[number] == stage)
            if own == self.holds[stage]:
                parts.append(Stage(stage))
            elif own:
                numbers = tuple(Const(number) for number in sorted(own))
                parts.append(Filter(Stage(stage), IsIn(Ref("component"), numbers)))
        return parts[0] if len(parts) == 1 else Union(tuple(parts))

    def after(self, stage: str, components: Collection[int]) -> RowLocations:
        """Return the locations once `stage` holds the rows of `components`."""
        own = frozenset(components)
        return RowLocations({**self.holds, stage: own}, {**self.by_now, **dict.fromkeys(own, stage)})


def row_locations(keys: PayoutKeys, stage: str) -> RowLocations:
    """Return the locations where one stage holds all rows."""
    return RowLocations({stage: frozenset(keys.components.values())}, dict.fromkeys(keys.components.values(), stage))


def row_keys(program: Program) -> PayoutKeys:
    """Return the keys of a program's payout rows."""
    names = sorted({(plan.name, component.name) for plan in program.plans for component in plan.components})
    plans = {name: number for number, name in enumerate(sorted({plan.name for plan in program.plans}))}
    components = [component for plan in program.plans for component in plan.components]
    grains = {cap.grain for component in components for cap in component.caps}
    plan_grains = {plan.cap.grain for plan in program.plans if plan.cap is not None}
    carried = (
        "last_slice",
        *(["budget"] if any(component.budget for component in components) else []),
        *(limit_column(grain) for grain in Grain if grain in grains),
        *(plan_limit_column(grain) for grain in Grain if grain in plan_grains),
    )
    return PayoutKeys(plans, {name: number for number, name in enumerate(names)}, carried)


def named(rows: Relation) -> Relation:
    """Add `plan_name` and `component_name`, and the columns of `PERIODS`."""
    return Join(Join(rows, PERIODS.rows(), ("period",)), COMPONENTS.rows(), ("component",))


def aggregate_unless_single(
    rows: Relation, by: tuple[str, ...], values: tuple[AggregateColumn, ...], *, single: bool
) -> Relation:
    """Aggregate the rows, or only project them if every group has exactly one row (`single`)."""
    if not single:
        return Aggregate(rows, by, values)
    return Project(rows, (*((name, Ref(name)) for name in by), *((value.name, _of_one(value)) for value in values)))


def _of_one(value: AggregateColumn) -> Scalar:
    """Return the aggregate of a group of one row."""
    if value.function == "count":
        return Case(((IsNull(value.value), Const(0)),), Const(1))
    return value.value


def any_of(choices: Iterable[Mapping[str, int]]) -> Scalar:
    """Return the condition that a row has one of the combinations of values."""
    return Logic(
        "or",
        tuple(
            Logic("and", tuple(Compare("==", Ref(name), Const(value)) for name, value in choice.items()))
            for choice in choices
        ),
    )


#: The most relations in one statement, because a thousand plans have thousands of components.
_MOST_TOGETHER = 100


def union_steps(stage: StageSpec, relations: Sequence[Relation]) -> list[Step]:
    """Build the stage of all rows of the relations.

    More than `_MOST_TOGETHER` relations are first put together in parts: numbered stages of the same family.
    """
    found: list[Step] = []
    while len(relations) > _MOST_TOGETHER:
        parts = [tuple(relations[at : at + _MOST_TOGETHER]) for at in range(0, len(relations), _MOST_TOGETHER)]
        steps = [Step(stage.name(len(found) + number), Union(part), "") for number, part in enumerate(parts, 1)]
        found += steps
        relations = [Stage(step.name) for step in steps]
    return [*found, Step(stage.name(), Union(tuple(relations)), "")]
