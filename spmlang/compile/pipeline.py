"""Build the pipeline of a program: its stages in order, and its outputs.

Each stage is a table that can be opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from spmlang.compile.stages.columns import DELTA_COLUMNS
from spmlang.compile.stages.earnings import DUE, EARNED, FIRST_ON, LAST_ON, MOVES, MOVES_OF, SLICES_OF
from spmlang.program.measures import Measure
from spmlang.program.program import PlanVersion, Program
from spmlang.program.reads import pay_expressions, used_measures
from spmlang.relations import nodes
from spmlang.relations.nodes import Check, Const, Filter, Input, Output, Pipeline, Project, Ref, Relation
from spmlang.values.calendar import Interval

from . import result_tables
from .attainment.measures_to_date import measure_stages, reporting_line_stages
from .attainment.quotas import QuotaRequest, quota_requests, quota_stages
from .credits.credit_rows import share_checks
from .credits.credit_shares import missing_row_checks
from .credits.credit_sums import CreditSumStage, credited_sums
from .credits.ordered_credits import credit_stages
from .credits.territories import territory_stages
from .earnings.component import CompiledComponent, quotas_needed
from .earnings.due_periods import due_rows
from .earnings.earnings import earnings_by_period, first_slices, slice_rows, with_earned
from .earnings.line_deltas import line_deltas
from .earnings.payout_rows import PayoutKeys, row_keys, union_steps
from .earnings.proration import last_slices, prorated_deltas, prorated_rows
from .limits.budgets import line_stages
from .limits.caps import limit_stages, periods_input
from .payees.plan_members import member_stages, on_roster_in, payee_checks
from .periods.days import day_stages
from .periods.payee_slices import payee_slice_stages
from .periods.slices import DatedTableFacts, Slices, build_slices
from .reconciliation.classes_of_shares import class_stages, not_on_roster, reconciliation
from .reconciliation.measures_read import measures_read

_Stage = nodes.Step | Check | Input | nodes.WeightStage


@dataclass(frozen=True, kw_only=True)
class _Run:
    """A run to compile: the program, and the facts about it that several phases read.

    Attributes:
        components: The components of all plan versions.
        used: The measures that the run needs, by name, each rollup after its base.
        lines: True if the line of every credit is computed.
    """

    program: Program
    slices: Slices
    keys: PayoutKeys
    components: list[CompiledComponent]
    used: dict[str, Measure]
    lines: bool = False

    def has_lines(self, compiled: CompiledComponent) -> bool:
        """Return True if the line deltas of a component are computed."""
        return self.lines or compiled.credit_by_credit

    @property
    def in_order(self) -> set[str]:
        """The measures whose single credits are put in order."""
        if self.lines:
            return set(self.used)
        return {
            name for compiled in self.components if compiled.credit_by_credit for name in compiled.component.measures
        }

    @cached_property
    def read_together(self) -> set[str]:
        """The measures that some component reads together with others."""
        return {
            name
            for compiled in self.components
            for name in compiled.component.measures
            if len(compiled.component.measures) > 1
        }

    @property
    def paid_by_line(self) -> list[CompiledComponent]:
        """The components of which each line is paid by itself."""
        return [compiled for compiled in self.components if compiled.component.paid_by_line]


def build_pipeline(
    program: Program,
    first: Interval,
    *,
    last: Interval,
    changes: Mapping[str, Iterable[date]],
    dated: DatedTableFacts,
    lines: bool,
    at_once: bool = True,
) -> Pipeline:
    """Build the pipeline that computes the pay periods `first` to `last`.

    Args:
        program: The checked program.
        first: The first pay period of the run. It limits lines and reconciliation, not the credits that are counted.
        last: The last pay period of the run.
        changes: For each source that `changing_sources` names, the days on which it changes. More days change no
            result.
        dated: Facts about the data of dated sources. They make a run quicker and change no result.
        lines: True to compute the line of every credit.
        at_once: True to sum a source for several payee columns in one scan.

    Returns:
        A pipeline with the outputs `payouts`, `uncredited` and `reconciliation`. It also has `not_on_roster` if any
        measure has a source, `pots` if there are pools, `released` if a component is paid by line, and `credits` and
        `lines` if `lines` is true.
    """
    run = _run(program, build_slices(program, last, changes, dated), lines=lines)
    sums = credited_sums(program, run.used.values(), run.slices, at_once=at_once)
    read = measures_read(run.components, first)
    limits, limited = limit_stages(program, run.components, run.keys, run.slices)
    phases: tuple[Sequence[_Stage], ...] = (
        [run.slices.input()],
        _tables(run),
        share_checks(program, run.used.values(), run.slices),
        _payees(run),
        [item.stage for item in sums],
        _measures(run, sums),
        class_stages(program, run.used, found=read, sums=sums, slices=run.slices, first=first),
        _first_slices(run),
        _last_slices(run),
        _quotas(run),
        _credits_in_order(run),
        _earnings(run),
        limits,
        _lines(run, limited),
    )
    outputs = [
        result_tables.payouts(limited),
        result_tables.uncredited(program, run.used, run.slices),
        reconciliation(program, run.used, found=read, sums=sums, slices=run.slices),
    ]
    if sums:
        outputs.append(not_on_roster(program, run.used, run.slices))
    pots = result_tables.pots(program)
    if pots is not None:
        outputs.append(pots)
    if run.paid_by_line:
        outputs.append(result_tables.released(run.keys, run.paid_by_line))
    if lines:
        outputs += [result_tables.all_credits(), result_tables.lines(first)]
    return _pipeline(phases, outputs)


def build_crediting(
    program: Program, last: Interval, changes: Mapping[str, Iterable[date]], dated: DatedTableFacts
) -> Pipeline:
    """Build the pipeline that computes who is credited, without any earnings.

    The parameters are those of `build_pipeline`. The outputs are `uncredited` and `credits`.
    """
    run = _run(program, build_slices(program, last, changes, dated))
    phases: tuple[Sequence[_Stage], ...] = (
        [run.slices.input(), periods_input(run.slices)],
        _tables(run),
        _payees(run),
        credit_stages(program, run.used, in_order=set(run.used), together=set(), slices=run.slices),
    )
    return _pipeline(phases, [result_tables.uncredited(program, run.used, run.slices), result_tables.all_credits()])


def _run(program: Program, slices: Slices, *, lines: bool = False) -> _Run:
    """Return the facts of a run on a program with these slices."""
    keys = row_keys(program)
    components = _compiled_components(program, keys)
    return _Run(
        program=program,
        slices=slices,
        keys=keys,
        components=components,
        used=_used_measures(program),
        lines=lines,
    )


def _pipeline(phases: Iterable[Sequence[_Stage]], outputs: Sequence[Output]) -> Pipeline:
    """Put the stages of all phases together, their inputs first."""
    stages = [stage for phase in phases for stage in phase]
    names = [stage.name for stage in stages if not isinstance(stage, Check)]
    assert len(names) == len(set(names)), "a stage has a name of its own"
    return Pipeline(
        tuple(stage for stage in stages if isinstance(stage, Input)),
        tuple(stage for stage in stages if not isinstance(stage, Input)),
        tuple(outputs),
    )


def _used_measures(program: Program) -> dict[str, Measure]:
    """Return the measures that a run needs, each rollup after its base."""
    used = used_measures(program)
    return {name: measure for name, measure in program.measures.items() if name in used}


def _compiled_components(program: Program, keys: PayoutKeys) -> list[CompiledComponent]:
    """Return every component of every plan version, compiled, with the quotas that it needs."""
    pairs = [(version, component) for version in program.plans for component in version.components]
    asked = quota_requests((version, quotas_needed(component).values()) for version, component in pairs)
    components = []
    for version, component in pairs:
        wanted = quotas_needed(component).items()
        own = {key: asked[version.quotas[name], grain, since] for key, (name, grain, since) in wanted}
        components.append(
            CompiledComponent(program=program, version=version, component=component, quotas=own, keys=keys)
        )
    return components


def _tables(run: _Run) -> list[_Stage]:
    """Build the stages of days, dated tables and territories, and the checks of rows that tables lack."""
    measures = run.used.values()
    return [
        *day_stages(run.program, measures, run.slices),
        *territory_stages(run.program, measures),
        *missing_row_checks(run.program, measures, run.slices),
    ]


def _payees(run: _Run) -> list[_Stage]:
    """Build the stages of each payee's slices, plan versions and managers."""
    return [
        *payee_slice_stages(run.program, run.used.values(), run.slices),
        *member_stages(run.program, run.slices),
        *reporting_line_stages(run.program, run.used.values(), run.slices),
    ]


def _measures(run: _Run, sums: list[CreditSumStage]) -> list[nodes.Step]:
    """Build the stages of measures to date for every scope that components read."""
    read = dict.fromkeys((name, compiled.scope) for compiled in run.components for name in compiled.measures)
    read |= dict.fromkeys((name, own) for compiled in run.components for _, name, own in compiled.read)
    scopes = dict.fromkeys(compiled.scope for compiled in run.components)
    return measure_stages(run.used, sums, run.slices, read=read, scopes=scopes)


def _first_slices(run: _Run) -> list[nodes.Step]:
    """Build the stages of each payee's first slice on a plan, for components that read no measure."""
    needed = {
        FIRST_ON.name(compiled.version.name, compiled.scope.name): (compiled.version.name, compiled.scope)
        for compiled in run.components
        if not compiled.component.measures
    }
    return [
        nodes.Step(name, first_slices(_versions(run.program, plan), scope, run.slices), "")
        for name, (plan, scope) in needed.items()
    ]


def _last_slices(run: _Run) -> list[nodes.Step]:
    """Build the stages of each payee's last slice on a plan, for prorated components."""
    needed = {
        LAST_ON.name(compiled.version.name, compiled.scope.name): (compiled.version.name, compiled.scope)
        for compiled in run.components
        if compiled.component.prorated is not None
    }
    return [
        nodes.Step(name, last_slices(_versions(run.program, plan), scope, run.slices), "")
        for name, (plan, scope) in needed.items()
    ]


def _versions(program: Program, plan: str) -> list[PlanVersion]:
    """Return all versions of a plan."""
    return [version for version in program.plans if version.name == plan]


def _quotas(run: _Run) -> list[_Stage]:
    """Build the stages of every quota, each for all components that request it."""
    askers: dict[tuple[int, str], tuple[QuotaRequest, list[Relation]]] = {}
    for compiled in run.components:
        for asked in compiled.quotas.values():
            rows = due_rows(run.program, compiled.version, compiled.component, run.slices)
            askers.setdefault(asked.key, (asked, []))[1].append(rows)
    return [
        stage
        for asked, relations in askers.values()
        for stage in quota_stages(run.program, run.slices, asked, relations)
    ]


def _credits_in_order(run: _Run) -> list[nodes.Step]:
    """Build the stages of single credits, if any component is computed credit by credit."""
    if not run.lines and not any(compiled.credit_by_credit for compiled in run.components):
        return []
    return credit_stages(run.program, run.used, in_order=run.in_order, together=run.read_together, slices=run.slices)


def _earnings(run: _Run) -> list[_Stage]:
    """Build the stages of all components' earnings, and `EARNED` (all payout rows) and `MOVES` (all line deltas)."""
    found: list[_Stage] = []
    levels = list(_in_reading_order(run.components))
    for level in levels:
        for compiled in level:
            rows = (
                slice_rows(compiled, run.slices)
                if compiled.component.prorated is None
                else prorated_rows(compiled, run.slices)
            )
            found.append(nodes.Step(SLICES_OF.name(*compiled.key), rows, compiled.component.span.place))
        for compiled in level:
            judged: Relation = SLICES_OF.rows(*compiled.key)
            due = on_roster_in(judged if compiled.component.prorated is None else Filter(judged, Ref("fresh")))
            found += payee_checks(compiled.program, pay_expressions(compiled.component), due)
        for compiled in level:
            found += _component_earnings(run, compiled)
    ordered = [compiled for level in levels for compiled in level]
    found += union_steps(EARNED, [DUE.rows(*compiled.key) for compiled in ordered])
    moves = [_with_payout_key(compiled) for compiled in ordered if run.has_lines(compiled)]
    return [*found, *(union_steps(MOVES, moves) if moves else [])]


def _component_earnings(run: _Run, compiled: CompiledComponent) -> list[nodes.Step]:
    """Build the stages of a component's line deltas, if they are computed, and of its earnings per due period."""
    place = compiled.component.span.place
    found = []
    if run.has_lines(compiled):
        deltas = (
            line_deltas(compiled, run.read_together)
            if compiled.component.prorated is None
            else prorated_deltas(compiled)
        )
        found.append(nodes.Step(MOVES_OF.name(*compiled.key), deltas, place))
    own = with_earned(SLICES_OF.rows(*compiled.key), MOVES_OF.rows(*compiled.key) if compiled.per_line else None)
    return [*found, nodes.Step(DUE.name(*compiled.key), earnings_by_period(compiled, own, run.slices), place)]


def _lines(run: _Run, limited: Relation) -> list[nodes.Step]:
    """Build the stages of the amounts of lines after limits, if lines are computed or paid."""
    return line_stages(run.program, run.keys, limited) if run.lines or run.paid_by_line else []


def _in_reading_order(components: list[CompiledComponent]) -> Iterable[list[CompiledComponent]]:
    """Yield the components in groups, each group after the components whose earnings it reads.

    A checked program has no circle of such components. With a circle this would not end.
    """
    waiting = components
    while waiting:
        open_names = {(compiled.version.name, compiled.component.name) for compiled in waiting}
        ready = [
            compiled
            for compiled in waiting
            if not any((compiled.version.name, name) in open_names for name in compiled.component.earlier)
        ]
        yield ready
        made = {compiled.key for compiled in ready}
        waiting = [compiled for compiled in waiting if compiled.key not in made]


def _with_payout_key(compiled: CompiledComponent) -> Relation:
    """Return a component's line deltas with the numbers of its plan, version and component."""
    return Project(
        MOVES_OF.rows(*compiled.key),
        (
            ("period", Ref("due")),
            *((name, Const(key)) for name, key in compiled.keys.of(compiled.version, compiled.component.name).items()),
            *((column, Ref(column)) for column in ("payee", *DELTA_COLUMNS, "delta_minor")),
        ),
    )
